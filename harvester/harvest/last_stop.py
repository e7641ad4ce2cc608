"""Why the last call stopped before its run was over: what `status` repeats until one goes on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import orjson

from harvester.harvest.result import RunResult
from harvester.job.ending import Ending
from harvester.ledger.ledger import Ledger

# The name of the fact in the ledger.
LAST_STOP = "last_stop"
_OVER = {Ending.COMPLETE, Ending.WITH_FAILURES}


@dataclass(frozen=True, slots=True)
class LastStop:
    """The end of a call that left something to do.

    Attributes:
        why: the word that the stop was set with, such as `until` or `SIGINT`.
        what: why the service was left alone; None: it was not for the service's sake.
        fix: what to do about that.
    """

    at: datetime
    exit_code: int
    why: str
    what: str | None
    fix: str | None


def note_ending(ledger: Ledger, result: RunResult, at: datetime) -> None:
    """Keep how a call ended; one that came to the end of its run leaves no words."""
    if result.ending in _OVER:
        forget_stop(ledger)
        return
    problem = result.problem
    what, fix = (problem.what, problem.fix) if problem else (None, None)
    stop = LastStop(at, result.exit_code, result.why or "", what, fix)
    ledger.set_meta(LAST_STOP, orjson.dumps(asdict(stop)).decode())


def forget_stop(ledger: Ledger) -> None:
    """Something has succeeded since."""
    if ledger.get_meta(LAST_STOP) is not None:
        ledger.delete_meta(LAST_STOP)


def last_stop(ledger: Ledger) -> LastStop | None:
    """Why the last call stopped; None: it came to the end of its run, or went on well."""
    noted = ledger.get_meta(LAST_STOP)
    if noted is None:
        return None
    told = orjson.loads(noted)
    return LastStop(**{**told, "at": datetime.fromisoformat(told["at"])})
