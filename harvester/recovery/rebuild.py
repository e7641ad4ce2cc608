"""The statistics datasets, rebuilt from raw responses; nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from harvester.clock import Clock
from harvester.errors import OutputError, UsageError
from harvester.harvest.older_requests import complete_older_requests
from harvester.harvest.request_rows import request_rows
from harvester.job.log import Log
from harvester.ledger.runs import Run, RunState
from harvester.machine_limits import refuse_limit
from harvester.model.rows import Dataset
from harvester.model.spool import Part
from harvester.model.terms import Kind, State
from harvester.recovery.held_archive import held
from harvester.recovery.rebuild_parts import PartTarget, Rebuild, RebuildDecisions
from harvester.replay.archive import Archive, Unknown, bodies_in, is_body_part
from harvester.store.commit import commit
from harvester.store.entities_part import entities_path, write_entities
from harvester.store.folder import JobFolder, output_errors_named
from harvester.store.layout import SCHEMA_FILE, datasets_of, partition_path, write_manifest
from harvester.store.part_writer import Staging
from harvester.store.requests import requests_path, write_requests
from harvester.verify.finding import Report
from harvester.verify.part_check import checked_part, one_line
from harvester.verify.request_check import RequestCheck

_BACKUP = "put responses/ back from a backup; `harvester verify` names every file that is missing"


@dataclass(slots=True)
class RebuildResult:
    """What a rebuild did.

    Attributes:
        rows: of all statistics datasets.
        same: parts that came out as they stood.
        replaced: paths of parts that were put in place.
        answers: how many the ledger tells otherwise now, for their bodies do.
        not_made: paths of parts whose responses are missing or damaged; only where the rest was
            asked for all the same.
    """

    rows: int = 0
    same: int = 0
    replaced: list[str] = field(default_factory=list)
    answers: int = 0
    not_made: list[str] = field(default_factory=list)


def rebuilt(folder: JobFolder, clock: Clock, say: Callable[[str], None]) -> RebuildResult:
    """Rebuild all statistics datasets, or nothing at all.

    Raises:
        UsageError: raw responses are missing; nothing was changed.
        OutputError: the folder is locked, cannot be written, or its responses are damaged.
    """
    with held(folder, clock) as archive:
        return Rebuilding(archive, clock, say).all()


class Rebuilding:
    """One rebuild of a held folder."""

    def __init__(self, archive: Archive, clock: Clock, say: Callable[[str], None]) -> None:
        """Take the folder.

        Raises:
            OutputError: no run has ever written here.
        """
        self._archive = archive
        self._folder = archive.folder
        self._ledger = archive.ledger
        self._clock = clock
        self._say = say
        self._log = Log(archive.folder.log, clock)
        self._result = RebuildResult()
        latest = archive.ledger.runs.latest()
        if latest is None:
            raise UsageError(
                "no run has written here yet",
                where=str(archive.folder.root),
                fix="begin one with `harvester run`",
            )
        self._latest: Run = latest

    def all(self) -> RebuildResult:
        """Rebuild everything, or nothing at all.

        Raises:
            UsageError: raw responses are missing.
            OutputError: they are damaged.
        """
        self._index()
        self._refuse_missing()
        staged = self._staged(None, may_lack=False)
        if staged.lost:
            first = staged.lost[0]
            raise OutputError(
                f"{len(staged.lost):,} responses do not tell their rows, such as "
                f"{first.request_id}: {first.sentence}; nothing was changed",
                where=str(self._folder.root / Dataset.RESPONSES),
                fix=_BACKUP,
            )
        return self._carried_out(staged)

    def these(self, paths: Collection[str] | None) -> RebuildResult:
        """Rebuild some parts, as far as their responses are there; None: all."""
        self._index()
        return self._carried_out(self._staged(paths, may_lack=True))

    def _index(self) -> None:
        """Find every body that can be read."""
        self._say("reading responses/")
        audit = self._ledger.audit
        audit.begin()
        for part in self._ledger.publish_log.parts():
            path = self._folder.root / part.path
            # A part that was cut off or changed in a way that shows when it is read is left out.
            if is_body_part(part.path) and path.is_file() and path.stat().st_size == part.bytes:
                try:
                    audit.take_bodies(bodies_in(self._archive, [part.path], Unknown()))
                except (OSError, pa.ArrowException) as problem:
                    refuse_limit(problem)
                    audit.forget_bodies(self._archive.publish_of(part.path))
                    self._say(f"{part.path} cannot be read: {one_line(problem)}")
        self._archive.sort_answers()

    def _refuse_missing(self) -> None:
        names = self._ledger.publish_log.names()
        # One without rows stands where bodies were given up (`run --refetch`).
        known = {part.path for part in self._ledger.publish_log.parts() if part.rows}
        missing = self._ledger.audit.without_body()
        if not missing:
            return
        number = sum(count for _, count, _ in missing)
        paths = [f"{Dataset.RESPONSES}/{names[publish]}" for publish, _, _ in missing]
        unkept = [path for path in paths if path not in known]
        gone = [path for path in paths if path in known]
        told = [f"{path} is missing, damaged or incomplete" for path in gone[:3]]
        if len(gone) > 3:
            told.append(f"{len(gone) - 3} more files")
        if unkept:
            told.append(f"{len(unkept)} publishes have none (output.raw: false, or given up)")
        raise UsageError(
            f"the raw responses of {number:,} answers are not there: {', '.join(told)}; nothing "
            "was changed",
            where=str(self._folder.root),
            fix=_BACKUP,
        )

    def _staged(self, paths: Collection[str] | None, *, may_lack: bool) -> Rebuild:
        """Write every part of the chosen paths into staging; None: all."""
        publishes = self._ledger.publish_log
        known = {part.path: part for part in publishes.parts()}
        staging = Staging(self._folder.staging, publishes.next_number())
        staged = Rebuild(self._folder, staging, known)
        with output_errors_named(self._folder.root):
            for home in self.homes(known):
                mine = {home.path(dataset) for dataset in home.datasets}
                if paths is None or not mine.isdisjoint(paths):
                    self._say(f"rebuilding {min(mine, default=home.some.key)}")
                    try:
                        staged.stage(self._archive.replayer, home)
                    except pa.ArrowException as problem:
                        refuse_limit(problem)
                        if may_lack:
                            staged.not_made += sorted(mine)
                            continue
                        raise OutputError(
                            f"a response cannot be read: {one_line(problem)}",
                            where=str(self._folder.root / Dataset.RESPONSES),
                            fix=_BACKUP,
                        ) from problem
            self._stage_schemas(staged, paths)
        return staged

    def homes(self, known: Collection[str]) -> Iterator[PartTarget]:
        """Every part that answers have or had a home in, the schemas apart."""
        names = self._ledger.publish_log.names()
        numbers = {name: number for number, name in names.items()}
        published = self._ledger.answer_index
        for place, partition in enumerate(self._archive.partitions):
            some = partition.some
            homes = set(published.homes(place))
            for dataset in partition.datasets:
                folder = partition_path(dataset, some)
                files = (Path(path) for path in known if Path(path).parent == Path(folder))
                homes |= {numbers[file.name] for file in files if file.name in numbers}
            for number in sorted(homes):
                rewritten = published.is_rewritten(place, number)
                yield PartTarget(place, some, partition.datasets, number, names[number], rewritten)

    def _stage_schemas(self, staged: Rebuild, paths: Collection[str] | None) -> None:
        """The zero-row files that give each partition its columns."""
        wanted = {each.question for run in self._archive.runs.values() for each in run.wanted}
        files = {
            str(partition_path(dataset, question) / SCHEMA_FILE)
            for question in wanted
            for dataset in datasets_of(question)
        }
        files |= {path for path in staged.known if path.endswith(f"/{SCHEMA_FILE}")}
        for path in sorted(files if paths is None else files.intersection(paths)):
            with staged.staging.part(path, Dataset(path.partition("/")[0])) as writer:
                staged.keep(writer.finish())

    def _carried_out(self, staged: Rebuild) -> RebuildResult:
        if staged.parts or staged.changes:
            self._commit(staged.parts, RebuildDecisions(self._ledger.publish_log, staged.changes))
        done = self._result
        done.rows, done.same, done.answers = staged.rows, staged.same, staged.corrected
        done.not_made = staged.not_made
        done.replaced = [part.path for part in staged.parts]
        self._write_requests()
        self._write_entities()
        self._write_manifest()
        replaced = f"{len(done.replaced)} parts replaced"
        self._log.say(f"rebuilt from responses/: {replaced}, {done.same} as they were")
        return done

    def _write_requests(self) -> None:
        """Write the files of requests that are gone, damaged, or behind the ledger."""
        parts = {part.path: part for part in self._ledger.publish_log.parts()}
        paths = {requests_path(run.run_id): run for run in self._archive.runs.values()}
        root = self._folder.root
        wrong = {path for path in paths if path in parts and checked_part(root, parts[path])}
        report = Report()
        RequestCheck(self._archive, set(parts) - wrong, report).check()
        behind = {each.where for each in report.findings if each.exits_with_one}
        for path, run in paths.items():
            if path in wrong | behind:
                number = self._ledger.publish_log.next_number()
                staging = Staging(self._folder.staging, number)
                over = State.PENDING if run.state is RunState.UNFINISHED else State.ABANDONED
                lines = request_rows(self._ledger, run, pending=over)
                with output_errors_named(root):
                    part = write_requests(staging, self._archive.stamps[run.number], lines)
                self._commit([part], RebuildDecisions(self._ledger.publish_log, []))
                self._result.replaced.append(path)
        decisions = RebuildDecisions(self._ledger.publish_log, [])
        self._result.replaced += complete_older_requests(
            self._folder, self._ledger, decisions, self._latest.number
        )

    def _write_entities(self) -> None:
        """Write the parts of entities/ that are gone or damaged."""
        root, publishes = self._folder.root, self._ledger.publish_log
        for kind in Kind:
            known = publishes.part(entities_path(kind))
            if known and checked_part(root, known):
                staging = Staging(self._folder.staging, publishes.next_number())
                with output_errors_named(root):
                    part = write_entities(staging, kind, self._ledger.entities.lines(kind))
                self._commit([part], RebuildDecisions(publishes, []))
                self._result.replaced.append(part.path)

    def _write_manifest(self) -> None:
        if self._latest.state is not RunState.UNFINISHED:
            parts = self._ledger.publish_log.parts()
            write_manifest(self._folder, self._latest.run_id, parts)

    def _commit(self, parts: list[Part], decisions: RebuildDecisions) -> None:
        number = self._ledger.publish_log.next_number()
        with output_errors_named(self._folder.root):
            commit(self._folder, decisions, self._latest.number, number, parts)
