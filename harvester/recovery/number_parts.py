"""Parts of two publishes that bear one number: those that the ledger does not know get another.

Older versions gave a number again after an old ledger had been put back. As a number names one
publish, the rows of the other would have no home, and leave their parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harvester.durable import replace_durably
from harvester.ledger.publish_log import PublishLog
from harvester.model.part_names import PART_NAME, next_publish, part_name, run_order
from harvester.model.rows import Dataset


def number_apart(root: Path, publishes: PublishLog) -> list[str]:
    """Rename parts until each number is of one run; a sentence if there were any.

    Interrupted, it goes on the next time: a part that has its new name stands alone.
    """
    names = publishes.names()
    found = sorted({(run_order(run_id), run_id, number) for _, run_id, number in _parts(root)})
    taken = {number: name.rpartition("-")[0] for number, name in names.items()}
    last = max([*taken, *(number for *_, number in found), publishes.next_number()])
    renamed: dict[tuple[str, int], int] = {}
    for _, run_id, number in found:
        if taken.setdefault(number, run_id) != run_id:
            last = next_publish(last, 0)
            renamed[run_id, number] = last
    parts = [each for each in _parts(root) if each[1:] in renamed]
    for path, run_id, number in parts:
        replace_durably(path, path.with_name(part_name(run_id, renamed[run_id, number])))
    return [f"{len(parts):,} parts had numbers of others, and got their own"] if parts else []


def _parts(root: Path) -> Iterator[tuple[Path, str, int]]:
    for dataset in Dataset:
        for path in (root / dataset).rglob("*.parquet"):
            if matched := PART_NAME.fullmatch(path.name):
                yield path, matched[1], int(matched[2])
