"""A ledger filled from the files of its job: what they tell, and it does not know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pyarrow as pa

from harvester.clock import Clock
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.ledger.recovery import Found
from harvester.ledger.runs import RunState
from harvester.recovery.infer_outcomes import Restoring
from harvester.recovery.infer_runs import Story
from harvester.recovery.part_scan import (
    Relic,
    bare_in,
    counted_groups,
    entity_rows,
    housed_in,
    named_in,
    relics_in,
)
from harvester.recovery.run_scan import RunRemains, remains_in, with_ids_of
from harvester.replay.archive import Archive, Unknown, bodies_in, is_body_part
from harvester.replay.request_file import numbered, text_lines
from harvester.spec.jobspec import JobSpec
from harvester.store.folder import JobFolder
from harvester.store.requests import requests_path
from harvester.version import __version__


class Filling:
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
        self.complaints: list[str] = []

    def from_files(self, job: JobSpec, *, is_given: bool) -> int:
        """Take in everything; returns how many outcomes were new.

        Args:
            job: as the last run understood it.
            is_given: the job holds its files of ids; else they are known by what was asked.
        """
        damaged: list[str] = []
        institution = job.source.institution
        remains = remains_in(self._root, institution, damaged)
        self.complaints += [f"{each} could not be read, or not to its end" for each in damaged]
        relics = relics_in(self._root)
        for run_id, question in named_in(self._root, relics, institution):
            if run_id in remains:
                remains[run_id].made.add(question)
        if not is_given:
            job = with_ids_of(job, next(reversed(remains.values()), RunRemains("")))
        settings = JobSettings.of(job)
        self._name_source(settings)
        groups = counted_groups(self._root)
        new = self._enter_runs(Story(settings, groups), remains)
        runs = {run.run_id: run.number for run in self._ledger.runs.all()}
        self._name_things(remains, relics, runs)
        taken = self._take(relics, runs, groups)
        self._restore(new)
        return taken

    def _name_source(self, settings: JobSettings) -> None:
        ledger = self._ledger
        if ledger.note("source") is None:
            ledger.write_note("source", settings.source_identity())
            ledger.write_note("created_by", f"harvester {__version__}")
            if settings.listings:
                ledger.write_note("institution_id", str(settings.institution_id))

    def _enter_runs(self, story: Story, remains: Mapping[str, RunRemains]) -> Collection[str]:
        """Enter the runs that only files know; returns their ids."""
        runs = self._ledger.runs
        known = {run.run_id for run in runs.all()}
        new = {run_id: each for run_id, each in remains.items() if run_id not in known}
        found = list(story.runs(new, len(known) + 1))
        for run in found:
            runs.start(run, story.job.planned_spec() if run is found[-1] else {})
            if run.state is not RunState.UNFINISHED:
                runs.end(run, run.state, run.ended_at or self._clock.now())
        return new.keys()

    def _name_things(
        self, remains: Mapping[str, RunRemains], relics: list[Relic], runs: dict[str, int]
    ) -> None:
        """Give questions and publishes the numbers that everything else refers to."""
        ledger = self._ledger
        for run in remains.values():
            for question in run.windows:
                ledger.answers.question_id(question)
        for told in ledger.runs.all():
            for each in (*told.wanted, *told.evidence):
                ledger.answers.question_id(each.question)
        for kind, rows in entity_rows(self._root):
            ledger.adoption.enter_entities(kind, rows)
        ledger.adoption.publishes(
            {
                relic.publish: runs[relic.run_id]
                for relic in relics
                if relic.publish is not None and relic.run_id in runs
            }
        )

    def _take(
        self, relics: list[Relic], runs: dict[str, int], groups: Mapping[str, set[int]]
    ) -> int:
        """Take in requests, where their bodies and rows are, and parts."""
        archive = Archive(self._folder, self._ledger)
        institution = archive.source.institution
        audit, adoption = self._ledger.audit, self._ledger.adoption
        audit.begin()
        for relic in relics:
            if is_body_part(relic.part.path):
                try:
                    audit.take_bodies(bodies_in(archive, [relic.part.path], Unknown()))
                except (OSError, pa.ArrowException):
                    audit.forget_bodies(relic.publish or 0)
        for run_id, number in runs.items():
            path = self._root / requests_path(run_id)
            if path.is_file():
                self._take_lines(archive, path, number)
        number_of = archive.numbers.get
        adoption.take_housed(housed_in(self._root, relics, runs, number_of, institution))
        self._ledger.unasked.take_bare(bare_in(self._root, relics, runs, number_of, institution))
        beside = self._ledger.publishes.next_number()
        adoption.publishes({beside: max(runs.values(), default=1)})
        parts = [
            (relic.part, relic.publish or beside)
            for relic in relics
            if relic.run_id is None or relic.run_id in runs
        ]
        counted = {runs[run_id]: found for run_id, found in groups.items() if run_id in runs}
        return adoption.take(Found({}, parts, counted))

    def _take_lines(self, archive: Archive, path: Path, run: int) -> None:
        numbers = dict(archive.numbers)

        def number_of(key: str) -> int:
            return numbers.setdefault(key, -1 - len(numbers))

        try:
            lines = text_lines(path, archive.source.institution)
            told = (numbered(each, run, number_of) for each in lines)
            archive.ledger.audit.take_lines(line for line in told if line is not None)
        except (OSError, pa.ArrowException):
            # What was read of it so far is true all the same.
            self._say(f"{path.name} cannot be read to its end")

    def _restore(self, new: Collection[str]) -> None:
        """What follows from bodies and rows, and no file of requests says."""
        archive = Archive(self._folder, self._ledger)
        restoring = Restoring(archive, self._say)
        restoring.values()
        for run in archive.runs.values():
            restoring.run(run, is_new=run.run_id in new)
