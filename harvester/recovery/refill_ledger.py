"""A ledger filled from the files of its job: what they tell, and it does not know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pyarrow as pa

from harvester.clock import Clock
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.ledger.recovery import FoundInFiles
from harvester.ledger.runs import Run, RunState
from harvester.machine_limits import refuse_limit
from harvester.recovery.infer_outcomes import OutcomeInference
from harvester.recovery.infer_runs import RunInference
from harvester.recovery.number_parts import number_apart
from harvester.recovery.part_scan import (
    FoundPart,
    bare_in,
    counted_groups,
    entity_rows,
    housed_in,
    named_in,
    scan_parts,
)
from harvester.recovery.run_scan import RunTraces, scan_runs, with_ids_of
from harvester.replay.archive import Archive, Unknown, bodies_in, is_body_part
from harvester.replay.request_file import numbered, read_request_file
from harvester.spec.jobspec import JobSpec
from harvester.store.folder import JobFolder
from harvester.store.layout import read_manifest
from harvester.store.requests import requests_path
from harvester.version import __version__


class LedgerRefill:
    """One filling of a ledger; what it knows already is never overwritten.

    Attributes:
        complaints: sentences about files that could not be read.
    """

    def __init__(
        self, folder: JobFolder, ledger: Ledger, clock: Clock, say: Callable[[str], None]
    ) -> None:
        self._folder = folder
        self._root = folder.root
        self._ledger = ledger
        self._clock = clock
        self._say = say
        self._younger: Collection[str] = ()
        self.complaints: list[str] = []

    def from_files(self, job: JobSpec, *, is_given: bool) -> int:
        """Take in everything; returns how many outcomes were new.

        Args:
            job: as the last run understood it.
            is_given: the job holds its files of ids; else they are known by what was asked.
        """
        self.complaints += number_apart(self._root, self._ledger.publish_log)
        damaged: list[str] = []
        institution = job.source.institution
        traces = scan_runs(self._root, institution, damaged)
        self.complaints += [f"{each} could not be read, or not to its end" for each in damaged]
        found_parts = scan_parts(self._root)
        for run_id, question in named_in(self._root, found_parts, institution):
            if run_id in traces:
                traces[run_id].made.add(question)
        if not is_given:
            job = with_ids_of(job, next(reversed(traces.values()), RunTraces("")))
        settings = JobSettings.of(job)
        latest = self._ledger.runs.latest()
        self._name_source(settings)
        groups = counted_groups(self._root)
        new = self._enter_runs(RunInference(settings, groups), traces)
        runs = {run.run_id: run.number for run in self._ledger.runs.all()}
        self._name_things(traces, found_parts, runs)
        self._younger = self._written_since(found_parts, latest, new)
        taken = self._take(found_parts, runs, groups)
        self._restore(new)
        return taken

    def _name_source(self, settings: JobSettings) -> None:
        ledger = self._ledger
        if ledger.get_meta("source") is None:
            ledger.set_meta("source", settings.source_identity())
            ledger.set_meta("created_by", f"harvester {__version__}")
            if settings.listings:
                ledger.set_meta("institution_id", str(settings.institution_id))

    def _enter_runs(
        self, inference: RunInference, traces: Mapping[str, RunTraces]
    ) -> Collection[str]:
        """Enter the runs that only files know; returns their ids."""
        runs = self._ledger.runs
        known = {run.run_id for run in runs.all()}
        new = {run_id: each for run_id, each in traces.items() if run_id not in known}
        found = list(inference.runs(new, len(known) + 1))
        for run in found:
            runs.start(run, inference.job.planned_spec() if run is found[-1] else {})
            if run.state is not RunState.UNFINISHED:
                runs.end(run, run.state, run.ended_at or self._clock.now())
        return new.keys()

    def _name_things(
        self, traces: Mapping[str, RunTraces], found_parts: list[FoundPart], runs: dict[str, int]
    ) -> None:
        """Give questions and publishes the numbers that everything else refers to."""
        ledger = self._ledger
        for run in traces.values():
            for question in run.windows:
                ledger.answers.question_id(question)
        for told in ledger.runs.all():
            for each in (*told.wanted, *told.evidence):
                ledger.answers.question_id(each.question)
        for kind, rows in entity_rows(self._root):
            ledger.recovery.enter_entities(kind, rows)
        ledger.recovery.publishes(
            {
                found_part.publish: runs[found_part.run_id]
                for found_part in found_parts
                if found_part.publish is not None and found_part.run_id in runs
            }
        )

    def _take(
        self, found_parts: list[FoundPart], runs: dict[str, int], groups: Mapping[str, set[int]]
    ) -> int:
        """Take in requests, where their bodies and rows are, and parts."""
        archive = Archive(self._folder, self._ledger)
        institution = archive.source.institution
        audit, recovery = self._ledger.audit, self._ledger.recovery
        audit.begin()
        for found_part in found_parts:
            if is_body_part(found_part.part.path):
                try:
                    audit.take_bodies(bodies_in(archive, [found_part.part.path], Unknown()))
                except (OSError, pa.ArrowException) as problem:
                    refuse_limit(problem)
                    audit.forget_bodies(found_part.publish or 0)
        for run_id, number in runs.items():
            path = self._root / requests_path(run_id)
            if path.is_file():
                self._take_lines(archive, path, number)
        number_of = archive.numbers.get
        recovery.take_housed(housed_in(self._root, found_parts, runs, number_of, institution))
        self._ledger.derived_recovery.take_bare(
            bare_in(self._root, found_parts, runs, number_of, institution)
        )
        beside = self._ledger.publish_log.next_number()
        recovery.publishes({beside: max(runs.values(), default=1)})
        parts = [
            (found_part.part, found_part.publish or beside)
            for found_part in found_parts
            if found_part.run_id is None or found_part.run_id in runs
        ]
        counted = {runs[run_id]: found for run_id, found in groups.items() if run_id in runs}
        return recovery.take(FoundInFiles({}, parts, self._younger, counted))

    def _written_since(
        self, found_parts: list[FoundPart], latest: Run | None, new: Collection[str]
    ) -> Collection[str]:
        """Parts that a run wrote anew after the ledger heard of them, as its manifest proves.

        Args:
            latest: the youngest run that the ledger knew of itself.
            new: the ids of those that it did not.
        """
        manifest = read_manifest(self._folder.manifest)
        is_open = latest is not None and latest.state is RunState.UNFINISHED
        if not (
            manifest.run_id in new or (is_open and latest and manifest.run_id == latest.run_id)
        ):
            return ()
        known = {part.path: part.sha256 for part in self._ledger.publish_log.parts()}
        return {
            each.part.path
            for each in found_parts
            if known.get(each.part.path, each.part.sha256) != each.part.sha256
            and manifest.sha256s.get(each.part.path) == each.part.sha256
        }

    def _take_lines(self, archive: Archive, path: Path, run: int) -> None:
        numbers = dict(archive.numbers)

        def number_of(key: str) -> int:
            return numbers.setdefault(key, -1 - len(numbers))

        try:
            lines = read_request_file(path, archive.source.institution)
            told = (numbered(each, run, number_of) for each in lines)
            archive.ledger.audit.take_lines(line for line in told if line is not None)
        except (OSError, pa.ArrowException) as problem:
            refuse_limit(problem)
            # What was read of it so far is true all the same.
            self._say(f"{path.name} cannot be read to its end")

    def _restore(self, new: Collection[str]) -> None:
        """What follows from bodies and rows, and no file of requests says."""
        archive = Archive(self._folder, self._ledger)
        restoring = OutcomeInference(archive, self._say)
        restoring.values()
        for run in archive.runs.values():
            restoring.run(run, is_new=run.run_id in new)
