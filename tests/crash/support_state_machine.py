"""A job as Hypothesis plays with it: run, crash, pause, damage, put back, restate, verify."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
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
# What a run may be told to type, and the words of it.
REMEDIES = {
    "verify OUTPUT --repair": ("verify", "{output}", "--repair"),
    "rebuild OUTPUT": ("rebuild", "{output}"),
    "run JOB --refetch": ("run", "job.yaml", "--today", "{today}", "--refetch"),
}
STEPS = st.sampled_from([("any", 900), ("fsync", 90), ("rename", 30), ("commit", 30)])


@dataclass(frozen=True)
class Kept:
    """A copy of a whole folder, with what was true then.

    Attributes:
        restatements: how many the service had made by then.
    """

    folder: Path
    days: list[date]
    restatements: int


class Machine(RuleBasedStateMachine):
    """What happens to one job.

    Attributes:
        today: the date of the next run, or of the unfinished one.
        days: dates of finished runs.
        is_open: whether a run has begun and not ended.
        kept: the folder as it was once; None: nobody has kept it yet.
        was_mended: something was put back, lost or asked anew: history and plan differ since.
        has_bodies: every answer has its response.
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
        self.kept: Kept | None = None
        self.was_mended = False
        self.has_bodies = True

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
    @precondition(lambda self: self.has_bodies)
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
    @rule(
        dataset=st.sampled_from([*STATISTICS, "requests", "responses"]),
        how=st.sampled_from(["lost", "cut", "emptied", "edited"]),
    )
    def damage(self, dataset: str, how: str) -> None:
        """A run says so before it does anything, and what it says to type brings the truth."""
        if dataset == "responses" and not self.has_bodies:
            return
        path = self._part(dataset)
        content = path.read_bytes()
        if how == "lost":
            path.unlink()
        elif how == "edited":
            table = pq.read_table(path, partitioning=None)
            pq.write_table(table.slice(0, table.num_rows // 2), path)
        else:
            path.write_bytes(content[: len(content) // 2] if how == "cut" else b"")
        self.has_bodies = self.has_bodies and dataset != "responses"
        self.remedied(refused=True)

    @AT_REST
    @rule()
    def keep(self) -> None:
        """Somebody makes a backup."""
        where = self.folder / f"kept-{len(list(self.folder.iterdir()))}"
        shutil.copytree(self.job.output, where)
        self.kept = Kept(where, list(self.days), len(self.config.restatements))

    @AT_REST
    @precondition(lambda self: self.kept)
    @rule(what=st.sampled_from(["ledger", "_harvest", "datasets", "folder"]))
    def restore(self, what: str) -> None:
        """Somebody puts it back, or a part of it beside the rest."""
        assert self.kept
        if self.kept.restatements != len(self.config.restatements) and what != "ledger":
            # What was read again on purpose would be forgotten, and nobody asks for it twice.
            return
        _PUT_BACK[what](self.kept.folder, self.job.output)
        if what == "folder":
            self.days = list(self.kept.days)
        self.has_bodies = self.has_bodies and what != "datasets"
        self.remedied(refused=False)

    def remedied(self, *, refused: bool) -> None:
        """Do what a run says until it goes through; then all is true.

        Args:
            refused: the first run must end with 4, and have asked for nothing.
        """
        self.was_mended = True
        for attempt in range(6):
            seen = len(self.service.history())
            ended = self.job.call(*self.words)
            assert "Traceback" not in ended.stderr
            if ended.returncode == 0:
                assert not (refused and attempt == 0), "nothing was said of a damaged part"
                break
            assert ended.returncode == 4, ended.stderr
            assert len(self.service.history()) == seen, "it was refused, and asked all the same"
            remedy = next((each for each in REMEDIES if each in ended.stderr), None)
            assert remedy, ended.stderr
            places = {"output": str(self.job.output), "today": self.today.isoformat()}
            words = [each.format(**places) for each in REMEDIES[remedy]]
            told = self.job.call(*words)
            assert "Traceback" not in told.stderr, told.stderr
            assert told.returncode in {0, 1}, told.stderr
        else:
            raise AssertionError(f"no remedy helps: {ended.stderr}")
        self.ended(0, early=0)
        true(self.job, self.job.spec, self.truth, self.days)
        verify_is_clean(self.job)

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
            if self.was_mended:
                verify_is_clean(self.job)
                before = self.job.files()
                self.job.run("--today", self.days[-1].isoformat())
                assert self.job.files() == before, "a finished job changed a byte"
                return
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


def _put_back_ledger(kept: Path, output: Path) -> None:
    for old in (output / "_harvest").glob("ledger.sqlite*"):
        old.unlink()
    shutil.copy(kept / "_harvest" / "ledger.sqlite", output / "_harvest")


def _put_back_inner(kept: Path, output: Path) -> None:
    shutil.rmtree(output / "_harvest")
    shutil.copytree(kept / "_harvest", output / "_harvest")


def _put_back_datasets(kept: Path, output: Path) -> None:
    inner = kept.with_name("inner")
    shutil.copytree(output / "_harvest", inner)
    _put_back_folder(kept, output)
    shutil.rmtree(output / "_harvest")
    inner.rename(output / "_harvest")


def _put_back_folder(kept: Path, output: Path) -> None:
    shutil.rmtree(output)
    shutil.copytree(kept, output)


_PUT_BACK: dict[str, Callable[[Path, Path], None]] = {
    "ledger": _put_back_ledger,
    "_harvest": _put_back_inner,
    "datasets": _put_back_datasets,
    "folder": _put_back_folder,
}
