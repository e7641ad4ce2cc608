"""The last lines of a run: what was asked, what came, what is missing and why, what to type."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from harvester.cli.discovery import discovery_lines
from harvester.cli.events import EmitEvent, Event, Level
from harvester.cli.format import count
from harvester.cli.receipt import receipt_lines
from harvester.discover.discovery_summary import DiscoverySummary
from harvester.fetch.stop import SIGHUP, SIGINT, SIGTERM, UNTIL
from harvester.harvest.result import RunResult
from harvester.job.ending import Ending
from harvester.model.rules import failure_words, reason_words

_PAUSED = {
    UNTIL: "paused: the time of --until has come",
    "max_requests": "paused: the number of --max-requests is sent",
    SIGINT: "interrupted",
    SIGTERM: "told to stop",
    SIGHUP: "hung up",
}


def why_paused(why: str) -> str:
    """Why a call ended though nothing was wrong with the service, in words."""
    return _PAUSED.get(why, why)


def show(result: RunResult, spec: Path, tell: EmitEvent) -> None:
    """Tell it: facts to stderr, the folder (the result) to stdout."""
    level = {Ending.WITH_FAILURES: Level.WARNING, Ending.REFUSED: Level.ERROR}
    sentence = "\n".join(lines(result, spec))
    tell(Event("ended", sentence, _facts(result), level.get(result.ending, Level.INFO)))
    print(result.folder)


def _facts(result: RunResult) -> dict[str, Any]:
    """The summary for programs."""
    return {
        "run_id": result.run_id,
        "ending": result.ending.name.lower(),
        "exit_code": result.exit_code,
        "folder": str(result.folder),
        "planned": result.planned,
        "pending": result.pending,
        "states": dict(result.states),
        "not_needed": dict(result.not_needed),
        "failed": dict(result.failed),
        "notes": list(result.notes),
        "lost": _lost(result),
        "rows_waiting": result.rows_waiting,
        "receipts": [asdict(each) for each in result.receipts],
        "seconds": round(result.seconds, 3),
        "problem": str(result.problem) if result.problem else None,
        "why": result.why,
    }


def _lost(result: RunResult) -> dict[str, int]:
    """Items that listings lack, where these are too many, by kind."""
    listings = result.gathered.listings if result.gathered else ()
    return {each.kind.value: each.scan.loss.missing for each in listings if each.scan.loss}


def lines(result: RunResult, spec: Path) -> list[str]:
    """The summary, a line each."""
    said = [_head(result)]
    said += [f"  {line}" for line in discovery_lines(result.gathered or DiscoverySummary())]
    if result.planned or result.ending in {Ending.COMPLETE, Ending.WITH_FAILURES}:
        said.append(f"  asked     {_planned(result)}: {_states(result)}")
    for reason, number in result.not_needed.items():
        said.append(f"  not asked {number:,} stretches of days: {reason_words(reason)}")
    for reason, number in result.failed.items():
        said.append(f"  failed    {number:,}: {failure_words(reason)}")
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
            if _has_failed(result):
                return f"{run} is finished, but something failed"
            return f"{run} is finished, but a listing lacks much of what it had"
        case Ending.REFUSED:
            return f"{run} stopped early; everything that came is kept\n  {result.problem}"
        case _:
            return f"{run} is {why_paused(result.why or '')}"


def _has_failed(result: RunResult) -> bool:
    return bool(result.failed or (result.gathered and result.gathered.failed))


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
            in_python = f"harvester.open('{result.folder}').sql('show tables').show()"
            return f"harvester report {spec} makes a page to look at; in Python: {in_python}"
        case Ending.WITH_FAILURES:
            return f"harvester failures {spec}, then harvester failures {spec} --retry"
        case _:
            return f"harvester run {spec} goes on where this stopped"
