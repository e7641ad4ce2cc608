"""The last lines of a run: what was asked, what came, what is missing and why, what to type."""

from __future__ import annotations

import sys
from pathlib import Path

from harvester.cli.gathering import gathered_lines
from harvester.cli.receipt import receipt_lines
from harvester.cli.words import count
from harvester.harvest.gathered import Gathered
from harvester.harvest.result import SIGINT, SIGTERM, UNTIL, Ending, RunResult

# Why a request was not needed, for people.
WORDS = {
    "total_is_zero": "the total is 0",
    "total_is_covered": "the total shows that nothing is new",
    "timeline_is_zero": "the timeline counts 0",
    "covered": "an earlier run has them",
    "derived": "computed from a finer granularity",
    "before_first_online": "before the item was online",
    "answered_by": "another request tells",
}
_PAUSED = {
    UNTIL: "paused: the time of --until has come",
    "max_requests": "paused: the number of --max-requests is sent",
    SIGINT: "interrupted",
    SIGTERM: "told to stop",
}


def show(result: RunResult, spec: Path) -> None:
    """Print it: facts to stderr, the folder (the result) to stdout."""
    for line in lines(result, spec):
        print(line, file=sys.stderr)
    print(result.folder)


def lines(result: RunResult, spec: Path) -> list[str]:
    """The summary, a line each."""
    said = [_head(result)]
    said += [f"  {line}" for line in gathered_lines(result.gathered or Gathered())]
    if result.planned or result.ending in {Ending.COMPLETE, Ending.WITH_FAILURES}:
        said.append(f"  asked     {_planned(result)}: {_states(result)}")
    for reason, number in result.not_needed.items():
        said.append(f"  not asked {number:,} stretches of days: {WORDS.get(reason, reason)}")
    for reason, number in result.failed.items():
        said.append(f"  failed    {number:,}: {reason}")
    said += [f"  note      {note}" for note in result.notes]
    said += [f"  sent      {each}" for each in receipt_lines(result.receipts)]
    if list(result.receipts_in_all) != list(result.receipts):
        said += [f"  in all    {each}" for each in receipt_lines(result.receipts_in_all)]
    if result.rows_waiting:
        said.append(
            f"  waiting   {count(result.rows_waiting, 'row')} are kept in the ledger's spool and "
            "reach the datasets with the next `run`"
        )
    said.append(f"  next      {_next(result, spec)}")
    return said


def _head(result: RunResult) -> str:
    run = f"run {result.run_id}"
    match result.ending:
        case Ending.COMPLETE:
            return f"{run} is complete" + (f" ({result.why})" if result.why else "")
        case Ending.WITH_FAILURES:
            return f"{run} is finished, but something failed"
        case Ending.REFUSED:
            return f"{run} stopped early; everything that came is kept\n  {result.problem}"
        case _:
            return f"{run} is {_PAUSED.get(result.why or '', result.why)}"


def _planned(result: RunResult) -> str:
    most = "at most " if result.skips and result.pending > 0 else ""
    return f"{most}{count(result.planned, 'request')}"


def _states(result: RunResult) -> str:
    words = {"done": "with numbers", "empty": "answered with nothing", "failed": "failed"}
    told = [f"{result.states.get(state, 0):,} {word}" for state, word in words.items()]
    return ", ".join([*told, f"{result.pending:,} pending"])


def _next(result: RunResult, spec: Path) -> str:
    match result.ending:
        case Ending.COMPLETE:
            return f"in Python: harvester.open('{result.folder}').sql('show tables').show()"
        case Ending.WITH_FAILURES:
            return f"harvester failures {spec}, then harvester failures {spec} --retry"
        case _:
            return f"harvester run {spec} goes on where this stopped"
