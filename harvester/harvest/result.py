"""How a run ended, for Python and for the last lines on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harvester.discover.discovery_summary import DiscoverySummary
from harvester.errors import HarvestError
from harvester.fetch.tally import Tally
from harvester.job.ending import Ending
from harvester.model.receipt import Receipt


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run asked, what came, and what is missing.

    Attributes:
        run_id: None when there was nothing to begin a run for.
        planned: requests of the whole run; of an unfinished one at most, where `skips`.
        skips: whether answers may still save some of them.
        states: requests of the run by state (done, empty, failed); the rest is pending.
        not_needed: stretches that needed no request, by reason.
        failed: failed requests by reason.
        notes: what the answers showed about themselves: rules that broke, totals that fell.
        rows_waiting: rows that only the spool holds; 0 unless the run was interrupted.
        tally: what this call sent to the host that it asked last.
        receipts: how politely this call asked, by host; empty: it sent nothing.
        receipts_in_all: the same for all calls of the run together.
        problem: why the service was left alone, when `ending` is REFUSED.
        why: why the run paused, in words.
        gathered: what was listed and asked for before the plan; None: nothing.
    """

    folder: Path
    ending: Ending
    run_id: str | None
    planned: int = 0
    skips: bool = False
    states: Mapping[str, int] = field(default_factory=dict)
    not_needed: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = ()
    rows_waiting: int = 0
    tally: Tally = field(default_factory=Tally)
    receipts: Sequence[Receipt] = ()
    receipts_in_all: Sequence[Receipt] = ()
    seconds: float = 0.0
    problem: HarvestError | None = None
    why: str | None = None
    gathered: DiscoverySummary | None = None

    @property
    def exit_code(self) -> int:
        """What the command line ends with."""
        return self.ending.value

    @property
    def answered(self) -> int:
        """Requests with an answer, with or without rows."""
        return self.states.get("done", 0) + self.states.get("empty", 0)

    @property
    def pending(self) -> int:
        """Requests without an outcome yet."""
        return self.planned - sum(self.states.values())
