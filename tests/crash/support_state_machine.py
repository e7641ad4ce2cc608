"""A job as Hypothesis plays with it: run, crash, pause, corrupt, restate, resume, verify."""

from __future__ import annotations

import shutil
import signal
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from harvester.simulator.config import Restatement, SimulatorConfig
from harvester.simulator.truth import Truth
from harvester.store.folder import JobFolder
from harvester.verify.finding import Severity
from harvester.verify.verifier import verified
from tests.crash.support_crash import MAY, fresh, small_world
from tests.crash.support_disk import Disk, Nth
from tests.crash.support_judge import Case, no_key_twice, true, verify_is_clean
from tests.support.command_line import Figshare

STATISTICS = ("totals", "timeline", "countries", "cities", "top", "counts")
AT_REST = precondition(lambda self: self.days and not self.is_open)
# What was to be read again was read: a refresh that is forgotten never comes.
REFRESHED = precondition(lambda self: not self.refresh or self.today in self.days)
STEPS = st.sampled_from([("any", 900), ("fsync", 90), ("rename", 30), ("commit", 30)])


class Machine(RuleBasedStateMachine):
    """What happens to one job.

    Attributes:
        today: the date of the next run, or of the unfinished one.
        days: dates of finished runs.
        is_open: whether a run has begun and not ended.
    """

    def __init__(self, service: Figshare) -> None:
        super().__init__()
        self.service = service
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        self.job = fresh(self.folder, service)
        self.config: SimulatorConfig = small_world()
        self.today = MAY
        self.days: list[date] = []
        self.is_open = False
        self.refresh: list[str] = []
        self.kills = 0

    @property
    def words(self) -> list[str]:
        return ["run", "job.yaml", "--today", self.today.isoformat(), *self.refresh]

    @property
    def truth(self) -> Truth:
        return self.service.truth.under(self.config)

    def ended(self, code: int, *, early: int) -> None:
        """A run ended: complete, or early with the code that it should have."""
        assert code in {0, early}
        self.is_open = code != 0
        if code == 0 and self.today not in self.days:
            self.days.append(self.today)
        no_key_twice(self.job)

    @rule()
    def run(self) -> None:
        """Or resume: to the end, and true."""
        ended = self.job.call(*self.words)
        assert "Traceback" not in ended.stderr
        self.ended(ended.returncode, early=0)
        true(self.job, self.job.spec, self.truth, self.days)

    @rule(step=STEPS, share=st.floats(0, 1))
    def crash(self, step: tuple[str, int], share: float) -> None:
        """Killed in the place of some write, fsync, rename or commit."""
        kind, most = step
        disk = Disk(self.job.output, Nth(kind, 1 + int(share * most), None))
        self.ended(disk.call(self.job, *self.words).returncode, early=-signal.SIGKILL)
        self.kills += disk.was_killed

    @rule(requests=st.integers(1, 70))
    def pause(self, requests: int) -> None:
        ended = self.job.call(*self.words, "--max-requests", str(requests))
        self.ended(ended.returncode, early=5)

    @AT_REST
    @REFRESHED
    @rule()
    def month_goes_by(self) -> None:
        self.refresh = []
        self.today = (self.today.replace(day=1) + timedelta(days=35)).replace(day=5)
        self.service.change(today=self.today.isoformat())

    @AT_REST
    @REFRESHED
    @rule(day=st.dates(date(2025, 1, 1), date(2026, 3, 1)), place=st.integers(0, 7))
    def restate(self, day: date, place: int) -> None:
        """The service counts a settled day anew; the next run is told to read it again."""
        self.month_goes_by()
        one = self.job.spec["entities"]["article"]["ids"][place]
        told = Restatement("article", one, "views", day, 0, self.today, plus=17)
        self.config = replace(self.config, restatements=(*self.config.restatements, told))
        self.service.change(restatements=self.config.to_json()["restatements"])
        self.refresh = ["--refresh", f"{day:%Y-%m}..{day:%Y-%m}"]

    @AT_REST
    @rule(dataset=st.sampled_from(STATISTICS), how=st.sampled_from(["lost", "cut", "flipped"]))
    def corrupt(self, dataset: str, how: str) -> None:
        """Found by verify, mended by rebuild."""
        path = self._part(dataset)
        content = bytearray(path.read_bytes())
        if how == "lost":
            path.unlink()
        elif how == "cut":
            path.write_bytes(content[: len(content) // 2])
        else:
            content[len(content) // 2] ^= 1
            path.write_bytes(content)
        found = verified(JobFolder(self.job.output)).findings
        where = path.relative_to(self.job.output).as_posix()
        assert where in {each.where for each in found if each.severity is Severity.ERROR}
        assert self.job.call("rebuild", str(self.job.output)).returncode == 0
        verify_is_clean(self.job)
        true(self.job, self.job.spec, self.truth, self.days)

    @AT_REST
    @rule()
    def lose_the_ledger(self) -> None:
        """Made anew from what the other files hold."""
        (self.job.output / "_harvest" / "ledger.sqlite").unlink()
        assert self.job.call("verify", str(self.job.output), "--repair").returncode == 0

    @precondition(lambda self: self.days or self.is_open)
    @rule()
    def verify(self) -> None:
        """Also of a run that was killed: nothing is wrong with what is there."""
        if (self.job.output / "_harvest" / "ledger.sqlite").exists():
            found = verified(JobFolder(self.job.output)).findings
            assert not [each for each in found if each.severity is Severity.ERROR]

    def teardown(self) -> None:
        try:
            self.run()
            Case(
                self.job,
                self.service,
                self.days,
                disturbed=self.kills,
                truth=self.truth,
            ).judge()
        finally:
            shutil.rmtree(self.folder)

    def _part(self, dataset: str) -> Path:
        """Any part of a dataset that holds rows."""
        parts = sorted((self.job.output / dataset).rglob("*.parquet"))
        full = [each for each in parts if pq.read_metadata(each).num_rows]
        chosen: Path = full[len(self.days) % len(full)]
        return chosen
