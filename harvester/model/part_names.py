"""The names of runs and parts, and the numbers that a rollback cannot give again.

A part is named by its run and by the publish that began it. After an old ledger or an old folder
was put back, a later publish would get a number that another one had had, and two parts of
different content one name. So a number is a sequence and, behind it, dice.
"""

from __future__ import annotations

import re

RUN_ID = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,6})", re.ASCII)
# The first folders had five digits, without dice.
PART_NAME = re.compile(r"(\d{4}-\d{2}-\d{2}\.\d{1,6})-(\d{5,18})\.parquet", re.ASCII)
# So many faces the dice have.
FACES = 100_000_000


def part_name(run_id: str, publish: int) -> str:
    """The file name of a part: its run and its publish, so that a redo writes the same name."""
    return f"{run_id}-{publish:05d}.parquet"


def next_publish(last: int, dice: int) -> int:
    """The number of the publish after one.

    Args:
        last: the greatest number so far; 0: none.
        dice: from 0 to FACES - 1, thrown anew each time.
    """
    return (last // FACES + 1) * FACES + dice


def sequence_of(publish: int) -> int:
    """How many publishes there have been when one got its number, at least."""
    return publish // FACES or publish


def next_run_number(run_ids: set[str]) -> int:
    """What stands behind the date of a run's id: one more than any of these of its date has."""
    matched = filter(None, map(RUN_ID.fullmatch, run_ids))
    return max((int(each[2]) for each in matched), default=0) + 1


def run_of(name: str) -> str | None:
    """The run that a file is named by: a part, or one of requests/; None: it is neither."""
    if part := PART_NAME.fullmatch(name):
        return part[1]
    stem = name.removesuffix(".parquet")
    return stem if RUN_ID.fullmatch(stem) else None


def run_order(run_id: str) -> tuple[str, int]:
    """Sorts the ids of runs as they began: no run has a date before that of the last."""
    date, _, number = run_id.partition(".")
    return date, int(number)
