"""Whether to go on with a run, begin one, or do nothing: decided from the ledger alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from harvester.errors import UsageError
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run, RunState
from harvester.model.dates import Window


class RunDecision(Enum):
    """What a call of `run` comes to: begin, resume, give up and begin, or nothing."""

    BEGIN = "begin"
    RESUME = "resume"
    GIVE_UP_AND_BEGIN = "give up and begin"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class RunCall:
    """What a call of `run` asks for, as far as it decides whether a run is resumed.

    Attributes:
        today: the date given by `--today`; None: the clock's.
        snapshot: the date a new run would have.
        changed: what of its spec differs from that of the latest run, a sentence each.
        refresh: settled days to read again; None: none.
        asks_anew: answers were lost with their parts, and another run is to ask them.
    """

    today: date | None
    snapshot: date
    changed: Sequence[str]
    new_run: bool
    refresh: Window | None = None
    asks_anew: bool = False


def decide(latest: Run | None, called: RunCall, *, where: str) -> RunDecision:
    """Decide what a call does.

    Raises:
        UsageError: an unfinished run does not fit the call.
    """
    if latest is None:
        return RunDecision.BEGIN
    if latest.state is RunState.ABANDONED:
        return _begun_after(latest, called, RunDecision.BEGIN)
    if latest.state is RunState.FINISHED:
        same_day = latest.snapshot == called.snapshot
        wants_more = (
            called.changed or called.asks_anew or called.refresh not in {None, latest.refresh}
        )
        if same_day and not wants_more:
            return RunDecision.NOTHING
        return _begun_after(latest, called, RunDecision.BEGIN)
    if called.new_run or called.asks_anew:
        return _begun_after(latest, called, RunDecision.GIVE_UP_AND_BEGIN)
    give_up = "put it back, or give up the unfinished run with `run --new-run`"
    if called.changed:
        changed = "; ".join(called.changed)
        what = f"run {latest.run_id} is not finished, and the spec has changed: {changed}"
        raise UsageError(what, where=where, fix=give_up)
    if called.today is not None and called.today != latest.snapshot:
        what = (
            f"run {latest.run_id} is not finished; it goes on with its own date {latest.snapshot}"
        )
        fix = "leave --today out, or give up the unfinished run with `run --new-run`"
        raise UsageError(what, where=where, fix=fix)
    if called.refresh not in {None, latest.refresh}:
        what = f"run {latest.run_id} is not finished, and does not refresh {called.refresh}"
        fix = "leave --refresh out, or give up the unfinished run with `run --new-run`"
        raise UsageError(what, where=where, fix=fix)
    return RunDecision.RESUME


def _begun_after(latest: Run, called: RunCall, decision: RunDecision) -> RunDecision:
    """The decision to begin a run, which no run of a later date may have gone before.

    Raises:
        UsageError: one has: older numbers would take the place of newer ones.
    """
    if called.snapshot >= latest.snapshot:
        return decision
    if called.today:
        where, fix = "--today", f"give {latest.snapshot} or a later date, or leave --today out"
    else:
        where = "this machine's clock"
        fix = (
            "set the clock right; if the last run had a date of its own (--today, on the "
            "simulator), give that date or a later one"
        )
    raise UsageError(
        f"the date {called.snapshot} lies before that of the last run, {latest.run_id}: older "
        "numbers would take the place of newer ones",
        where=where,
        fix=fix,
    )


def changed_since(latest: Run | None, settings: JobSettings, ledger: Ledger) -> list[str]:
    """What differs between a job's spec and that of its latest run."""
    return changes(ledger.runs.spec(latest), settings.planned_spec()) if latest else []


def changes(before: Any, now: Any, path: str = "") -> list[str]:
    """What differs between two specs, a short sentence each; long lists are only counted."""
    if before == now:
        return []
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            line
            for key in sorted({*before, *now})
            for line in changes(before.get(key), now.get(key), f"{path}.{key}" if path else key)
        ]
    if isinstance(before, list) and isinstance(now, list):
        return _list_changes(before, now, path)
    return [f"{path} was {_short(before)}, is {_short(now)}"]


def _list_changes(before: list[Any], now: list[Any], path: str) -> list[str]:
    if all(isinstance(each, int) for each in before + now):
        gone, new = set(before) - set(now), set(now) - set(before)
        return [f"{path}: {len(new)} ids more, {len(gone)} ids less"]
    if len(before) != len(now):
        return [f"{path} had {len(before)} entries, has {len(now)}"]
    return [
        line
        for index, (old, new_one) in enumerate(zip(before, now, strict=True))
        for line in changes(old, new_one, f"{path}[{index}]")
    ]


def _short(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(each, int) for each in value):
        return f"{len(value):,} ids"
    text = "absent" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
