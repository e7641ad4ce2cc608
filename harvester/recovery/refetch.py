"""`run --refetch`: parts that no file can bring back are emptied, so that the run asks anew.

What responses tell is made from them first. Of the rest the answers are taken back: they count as
failed, reason `lost`, and the next run finds their days missing. So exactly what lay in the parts
is asked again. An unfinished run is closed for it; on the date of a finished one another begins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pyarrow as pa

from harvester.clock import Clock
from harvester.harvest.result import RunResult
from harvester.job.ending import Ending
from harvester.job.options import RunOptions
from harvester.job.settings import JobSettings
from harvester.job.workspace import check_source
from harvester.ledger.lost_answers import DerivedFrom, LostAnswer
from harvester.model.published import PublishedAnswer
from harvester.model.rows import Dataset
from harvester.model.terms import Endpoint
from harvester.recovery.rebuild import Rebuilding, held
from harvester.recovery.rebuild_parts import PartTarget, RebuildDecisions
from harvester.replay.archive import Archive, Unknown, bodies_in, is_body_part
from harvester.store.commit import commit
from harvester.store.folder import JobFolder, output_errors_named
from harvester.store.part_state import damaged_parts
from harvester.store.part_writer import Staging

_SENTENCE = "the part that held its rows was gone or changed, and no response told them"


@dataclass(slots=True)
class Refetch:
    """What was made ready.

    Attributes:
        made: paths of parts that were made from what is here.
        asked: answers that are asked anew, as far as the spec still wants them.
        lost: counts of dates that are over: nobody can be asked for those.
        given_up: paths of parts whose content is gone for good, though no row of statistics is.
    """

    made: list[str] = field(default_factory=list)
    asked: int = 0
    lost: int = 0
    given_up: list[str] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        """All of it, for people."""
        said = []
        if self.made:
            said.append(f"{len(self.made):,} parts were made anew from what is here")
        if self.asked:
            said.append(
                f"{self.asked:,} answers lay in parts that are gone or changed, and are asked anew"
            )
        if self.lost:
            said.append(
                f"{self.lost:,} counts of earlier dates are gone for good: what was counted then "
                "cannot be asked now; a backup may have their parts"
            )
        if self.given_up:
            said.append(
                f"{len(self.given_up):,} parts of responses/ or revisions/ are gone for good, such "
                f"as {self.given_up[0]}; no row of statistics is lost with them"
            )
        return said or ["nothing is missing"]

    def ended(self, result: RunResult) -> RunResult:
        """The run that follows; it is not complete where something is gone for good."""
        if self.lost and result.ending is Ending.COMPLETE:
            lost = f"{self.lost:,} counts of earlier dates are gone for good"
            return replace(result, ending=Ending.WITH_FAILURES, notes=(*result.notes, lost))
        return result


def made_ready(settings: JobSettings, options: RunOptions, say: Callable[[str], None]) -> Refetch:
    """Bring back what files tell, and have the next run ask the rest.

    Raises:
        OutputError: the folder is locked, damaged or cannot be written.
        UsageError: it belongs to another source.
    """
    folder, now = JobFolder(settings.folder), options.clock.now()
    if not folder.ledger.is_file():
        # A run says what that means.
        return Refetch()
    with held(folder, options.clock, lost=lambda _: True) as archive:
        check_source(settings, folder, archive.ledger)
        if archive.ledger.runs.latest() is None:
            return Refetch()
        date = settings.run_date(options.today, now.date())
        return _Refetching(archive, options.clock, say, date).all()


class _Refetching:
    """One look at a held folder."""

    def __init__(
        self, archive: Archive, clock: Clock, say: Callable[[str], None], today: date
    ) -> None:
        """Begin.

        Args:
            today: the date of the run that follows.
        """
        self._archive = archive
        self._folder = archive.folder
        self._ledger = archive.ledger
        self._today = today
        self._rebuilding = Rebuilding(archive, clock, say)
        self._done = Refetch()

    def all(self) -> Refetch:
        parts = {part.path: part for part in self._ledger.publish_log.parts()}
        damaged = {
            each.path for each in damaged_parts(self._folder.root, parts.values(), parts.keys())
        }
        if not damaged:
            return self._done
        self._index(parts.keys() - damaged)
        homes = [
            home
            for home in self._rebuilding.homes(parts)
            if not damaged.isdisjoint(home.path(each) for each in home.datasets)
        ]
        # What was derived is told by what the ledger knows of the others.
        self._take_back(
            each
            for home in homes
            for each in self._answers(home)
            if each.place is None and not each.state.is_derived
        )
        gone = f"{Dataset.RESPONSES}/", f"{Dataset.REVISIONS}/"
        self._give_up(sorted(path for path in damaged if path.startswith(gone)))
        self._done.given_up += sorted(p for p in damaged if p.startswith(gone) and parts[p].rows)
        self._make(homes, damaged)
        return self._done

    def _index(self, sound: Collection[str]) -> None:
        audit = self._ledger.audit
        audit.begin()
        for path in sorted(filter(is_body_part, sound)):
            try:
                audit.take_bodies(bodies_in(self._archive, [path], Unknown()))
            except (OSError, pa.ArrowException):
                audit.forget_bodies(self._archive.publish_of(path))
        self._archive.sort_answers()

    def _answers(self, home: PartTarget) -> Iterator[PublishedAnswer]:
        """The answers that had rows in a part."""
        for each in self._ledger.answer_index.answers(home.partition, home.number):
            if each.rows:
                yield each._replace(points=None)

    def _take_back(self, untold: Iterable[PublishedAnswer]) -> None:
        lost: list[LostAnswer] = []
        for each in untold:
            endpoint = self._archive.questions[each.question].endpoint
            is_count = endpoint is Endpoint.COUNT
            lost.append(
                LostAnswer(each.question, each.entity, each.first, each.run, each.last, is_count)
            )
            if endpoint.is_snapshot and self._archive.runs[each.run].snapshot != self._today:
                self._done.lost += 1
            else:
                self._done.asked += 1
        if lost:
            self._ledger.lost_answers.take_back(lost, self._derived_from(lost), _SENTENCE)

    def _derived_from(self, lost: Sequence[LostAnswer]) -> Iterator[DerivedFrom]:
        """Timelines that may be sums of a lost one; once for each series."""
        families: dict[int, tuple[int, ...]] = {}
        first: dict[tuple[int, int], int] = {}
        for each in lost:
            key = (each.question, each.entity)
            first[key] = min(each.run, first.get(key, each.run))
        for (number, entity), run in first.items():
            if number not in families:
                families[number] = self._coarser(number)
            if families[number]:
                yield DerivedFrom(families[number], entity, run)

    def _coarser(self, number: int) -> tuple[int, ...]:
        questions = self._archive.questions
        fine = questions[number]
        if fine.endpoint is not Endpoint.TIMELINE:
            return ()
        return tuple(
            other
            for other, question in questions.items()
            if other != number and replace(question, granularity=fine.granularity) == fine
        )

    def _give_up(self, paths: Sequence[str]) -> None:
        """Put parts without rows in the place of those that nothing tells."""
        if not paths:
            return
        latest, publishes = max(self._archive.runs), self._ledger.publish_log
        number = publishes.next_number()
        staging = Staging(self._folder.staging, number)
        with output_errors_named(self._folder.root):
            empty = []
            for path in paths:
                with staging.part(path, Dataset(path.partition("/")[0])) as writer:
                    empty.append(writer.finish())
            commit(self._folder, RebuildDecisions(publishes, []), latest, number, empty)

    def _make(self, homes: Sequence[PartTarget], damaged: Collection[str]) -> None:
        """Make what is told by responses and ledger; what is not made then is taken back, too."""
        paths = {home.path(each) for home in homes for each in home.datasets} | set(damaged)
        made = self._rebuilding.these(paths)
        if made.not_made:
            untold = [
                home
                for home in homes
                if not set(made.not_made).isdisjoint(home.path(each) for each in home.datasets)
            ]
            self._take_back(each for home in untold for each in self._answers(home))
            made = self._rebuilding.these(paths)
        self._done.made += [path for path in made.replaced if path in damaged]
