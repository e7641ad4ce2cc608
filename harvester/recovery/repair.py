"""What verify finds wrong, mended as far as files tell: the ledger, then the parts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from harvester.clock import Clock
from harvester.durable import replace_durably
from harvester.errors import OutputError, UsageError
from harvester.job.ledger_age import younger_files
from harvester.job.settings import read_resolved_spec
from harvester.job.workspace import REPAIRING
from harvester.ledger.database import damage_of
from harvester.ledger.ledger import Ledger
from harvester.model.part_names import run_of, run_order
from harvester.model.rows import Dataset
from harvester.recovery.rebuild import Rebuilding, RebuildResult, opened_archive
from harvester.recovery.refill_ledger import LedgerRefill
from harvester.replay.archive import Archive
from harvester.spec.jobspec import JobSpec
from harvester.store.folder import JobFolder, output_errors_named
from harvester.verify.finding import Report

# Findings that say the ledger knows less than the files do.
_BEHIND = {
    "ledger-behind", "body-differs", "body-unknown", "reply-lost", "requests-unknown",
    "requests-gap", "requests-unproven", "not-worked-out", "requests-missing", "requests-differ",
    "unknown-file",
}  # fmt: skip
_SUFFIXES = ("", "-wal", "-shm")


@dataclass(slots=True)
class Repair:
    """What was mended.

    Attributes:
        done: sentences.
        rebuilt: what became of the parts.
    """

    done: list[str] = field(default_factory=list)
    rebuilt: RebuildResult = field(default_factory=RebuildResult)


def needs_a_ledger(folder: JobFolder) -> str | None:
    """Why the ledger has to be made anew; None: it has not."""
    if damage := damage_of(folder.ledger):
        return damage
    with Ledger(folder.ledger, create=False) as ledger:
        has_data = any((folder.root / each).is_dir() for each in Dataset)
        if has_data and ledger.runs.latest() is None:
            return "it knows of no run, and the datasets are here"
        if ledger.get_meta(REPAIRING):
            return "making it anew was interrupted"
        return _between(folder, ledger)


def _between(folder: JobFolder, ledger: Ledger) -> str | None:
    """Whether files tell of a run that lies between those that the ledger knows.

    Runs are numbered in their order, and what younger ones read replaces what older ones did.

    Raises:
        OutputError: it kept no responses, so nobody can tell which of its rows were replaced.
    """
    known = set(ledger.runs.ids().values())
    last = max(map(run_order, known), default=None)
    for name in younger_files(folder, ledger):
        run_id = run_of(name.rpartition("/")[2])
        if run_id and run_id not in known and last and run_order(run_id) < last:
            if not any((folder.root / Dataset.RESPONSES).glob(f"{run_id}-*.parquet")):
                raise OutputError(
                    f"the ledger does not know run {run_id}, but a younger one, and without "
                    "responses nothing tells which rows count",
                    where=str(folder.root),
                    fix=f"move the files whose names begin with {run_id} out of the folder; where "
                    "other files came with them, run JOB --refetch asks for what those were",
                )
            return f"it does not know run {run_id}, and knows a younger one"
    return None


def repaired(
    folder: JobFolder,
    report: Report | None,
    given: JobSpec | None,
    clock: Clock,
    say: Callable[[str], None],
) -> Repair:
    """Mend what a report found; None: the ledger was not fit to be looked at.

    Args:
        given: the job's spec, should the folder not have it any more.

    Raises:
        UsageError: neither the folder nor the caller has the spec of the job.
        OutputError: the folder is locked or cannot be written.
    """
    with folder.locked(clock.now()):
        return _Repairing(folder, given, clock, say).all(report)


class _Repairing:
    """One repair of a locked folder."""

    def __init__(
        self,
        folder: JobFolder,
        given: JobSpec | None,
        clock: Clock,
        say: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._given = given
        self._clock = clock
        self._say = say
        self._repair = Repair()

    def all(self, report: Report | None) -> Repair:
        with output_errors_named(self._folder.root):
            self._folder.staging.mkdir(mode=0o700, exist_ok=True)
            self._folder.root.chmod(0o700)
            checks = {each.check for each in report.findings} if report else set()
            everything = True
            if why := needs_a_ledger(self._folder):
                self._make_ledger(why)
            elif checks & _BEHIND:
                self._bring_up_to_date()
            else:
                everything = bool(checks & {"ledger-rows", "key-twice"})
            self._folder.ledger.chmod(0o600)
        wrong = {each.where for each in report.findings} if report else set()
        with opened_archive(self._folder) as archive:
            self._rebuild(archive, None if everything else wrong)
            archive.ledger.delete_meta(REPAIRING)
        return self._repair

    def _make_ledger(self, why: str) -> None:
        """A new ledger beside the old, put in its place when it is whole."""
        self._say("making the ledger anew from responses/ and requests/")
        fresh = self._folder.inner / "ledger.repaired"
        for suffix in _SUFFIXES:
            fresh.with_name(f"{fresh.name}{suffix}").unlink(missing_ok=True)
        with Ledger(fresh) as ledger:
            ledger.set_meta(REPAIRING, self._clock.now().isoformat())
            taken = self._fill(ledger)
        aside = self._set_aside()
        replace_durably(fresh, self._folder.ledger)
        kept = f"; the old one is {aside}" if aside else ""
        self._repair.done.append(
            f"the ledger was made anew ({why}): it knows {taken:,} outcomes from the files{kept}"
        )

    def _bring_up_to_date(self) -> None:
        with Ledger(self._folder.ledger) as ledger:
            taken = self._fill(ledger)
        self._repair.done.append(f"the ledger took in {taken:,} outcomes that only files told")

    def _fill(self, ledger: Ledger) -> int:
        """Take in what the files tell and the ledger does not; returns how many outcomes."""
        filling = LedgerRefill(self._folder, ledger, self._clock, self._say)
        taken = filling.from_files(self._job(), is_given=self._given is not None)
        self._repair.done += filling.complaints
        return taken

    def _job(self) -> JobSpec:
        """The spec as the last run understood it; one that is named holds its files of ids, too."""
        if self._given is not None:
            return self._given
        try:
            return read_resolved_spec(self._folder.resolved_spec.read_bytes())
        except (OSError, ValueError):
            raise UsageError(
                "_harvest/spec.json is gone or damaged, and the ledger cannot be made without it",
                where=str(self._folder.root),
                fix="name the job's spec in the place of its folder: "
                "harvester verify job.yaml --repair",
            ) from None

    def _set_aside(self) -> str | None:
        """Keep what is left of the old ledger under another name, its log with it."""
        old = self._folder.ledger
        number = 1
        while (aside := old.with_name(f"ledger.damaged-{number}.sqlite")).exists():
            number += 1
        there = old.is_file()
        # The log first: beside another file it would be taken for that one's own.
        for suffix in reversed(_SUFFIXES):
            path = old.with_name(f"{old.name}{suffix}")
            if path.is_file():
                path.replace(aside.with_name(f"{aside.name}{suffix}"))
        return f"_harvest/{aside.name}" if there else None

    def _rebuild(self, archive: Archive, paths: Collection[str] | None) -> None:
        """Make parts anew, as far as their responses are there; None: all."""
        rebuilt = Rebuilding(archive, self._clock, self._say).these(paths)
        self._repair.rebuilt = rebuilt
        if rebuilt.replaced:
            number = len(rebuilt.replaced)
            self._repair.done.append(f"{number:,} parts were made anew and put in place")
        for path in rebuilt.not_made:
            self._repair.done.append(f"{path} cannot be made anew: its raw responses are missing")
