"""The series of a family one after the other, each with what is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harvester.model.dates import Window, day_of, epoch_day
from harvester.model.outcomes import PastOutcome, ReadWindow
from harvester.model.question import Question
from harvester.model.rules import Rule
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Endpoint, Granularity
from harvester.planner.coverage import cell_edge, gaps
from harvester.planner.families import Family, whole_reach
from harvester.planner.history import SeriesHistory, newest_total, series_history
from harvester.planner.inputs import EvidenceSource, by_entity, in_chunks
from harvester.planner.intervals import (
    DayRange,
    intersect,
    period_around,
    range_of,
    subtract_all,
    union,
)
from harvester.planner.series_evidence import SeriesEvidence, counted_before, is_complete

# Among so many of the youngest entities some are looked for: enough, and bounded.
_NEWEST = 2_000
# A date before all days of statistics: what was read then is not settled.
_NEVER = 0


class MissingDays:
    """The parts of one window that no earlier reading of a series settles.

    Series of one question mostly share their past, so each past is derived once.
    """

    def __init__(self, inputs: PlanInputs, question: Question, window: Window) -> None:
        self._inputs = inputs
        self._edge = cell_edge(question)
        self._window = window
        self._missing_by_past: dict[tuple[tuple[int, int, int], ...], list[DayRange]] = {}

    def of(self, earlier: Sequence[PastOutcome]) -> list[DayRange]:
        """Missing stretches, oldest first.

        Args:
            earlier: readings of earlier runs, oldest first; one that was lost settles nothing.
        """
        past = tuple(
            (each.first, each.shown, _NEVER if each.is_lost else each.snapshot) for each in earlier
        )
        if past not in self._missing_by_past:
            readings = [
                ReadWindow(day_of(first), day_of(shown), day_of(snapshot), "", None)
                for first, shown, snapshot in past
            ]
            found = gaps(
                self._window, readings, self._edge, self._inputs.today, self._inputs.refresh
            )
            self._missing_by_past[past] = [range_of(each) for each in found]
        return self._missing_by_past[past]


@dataclass(frozen=True, slots=True)
class SeriesState:
    """One series with its outcomes, and those that are evidence about it.

    Attributes:
        own: outcomes of the question that is planned.
        fine: outcomes of the family's finest timeline.
        totals: outcomes of its unfiltered total.
    """

    entity: int
    own: Sequence[PastOutcome]
    fine: Sequence[PastOutcome]
    totals: Sequence[PastOutcome]


class SeriesReader:
    """Reads the series of a family with their outcomes, a chunk of entities at a time."""

    def __init__(
        self, inputs: PlanInputs, known: EvidenceSource, family: Family, evidence: Family | None
    ) -> None:
        """Look at one family.

        Args:
            evidence: the family whose finest timeline tells where events are: the same one, or
                the unfiltered one that it cannot exceed; None: none.
        """
        self._inputs = inputs
        self._known = known
        self._family = family
        self._fine = evidence.fine if evidence else None
        self._from = epoch_day(evidence.fine_windows[0].first) if evidence and self._fine else 0
        # One date that was wrong, and none of the kind's is evidence.
        trusts_dates = known.trials(Rule.BEFORE_FIRST_ONLINE, family.kind, None).holds
        self._first_online = known.first_online(family.kind) if trusts_dates else {}
        self._doubted = known.contradicted(self._fine) if self._fine else set()
        kind, counter = family.kind, family.counter
        self._trusts_zero = known.trials(Rule.TOTAL_IS_ZERO, kind, counter).holds
        self._trusts_totals = known.trials(Rule.TOTAL_IS_COVERED, kind, counter).holds
        self._is_whole = known.trials(Rule.WHOLE_WINDOW, kind, counter).holds

    def __call__(self, question: Question) -> Iterator[SeriesState]:
        """Every series of one question of the family."""
        for chunk in in_chunks(self._inputs.entities.get(self._family.kind, ())):
            own = by_entity(self._known, question, chunk)
            same = question == self._fine
            fine = own if same else by_entity(self._known, self._fine, chunk)
            totals = by_entity(self._known, self._family.total, chunk)
            if not self._is_whole:
                own = {entity: as_answered(question, told) for entity, told in own.items()}
                fine = {entity: as_answered(self._fine, told) for entity, told in fine.items()}
            for entity in chunk:
                yield SeriesState(
                    entity, own.get(entity, ()), fine.get(entity, ()), totals.get(entity, ())
                )

    def newest_without_events(self, question: Question) -> Iterator[int]:
        """Some of those that have a total of 0 and never had a row, youngest first."""
        newest = self._inputs.entities.get(self._family.kind, ())[-_NEWEST:]
        own = by_entity(self._known, question, newest)
        totals = by_entity(self._known, self._family.total, newest)
        for entity in reversed(newest):
            view = SeriesState(entity, own.get(entity, ()), (), totals.get(entity, ()))
            if self.total(view) == 0 and not has_rows(view.own, self._inputs.number):
                yield entity

    def newest_dated_after(self, day: int) -> Iterator[int]:
        """Some of those whose dates lie after a day and whose total is not 0, youngest first."""
        newest = self._inputs.entities.get(self._family.kind, ())[-_NEWEST:]
        if not self._first_online:
            return
        totals = by_entity(self._known, self._family.total, newest)
        for entity in reversed(newest):
            date = self.dated(entity)
            view = SeriesState(entity, (), (), totals.get(entity, ()))
            if date is not None and date > day and self.total(view) != 0:
                yield entity

    def is_unseen(self, view: SeriesState) -> bool:
        """Whether nothing was known of a series before this run's timelines, so all may be."""
        if view.totals or view.entity in self._first_online:
            return False
        number = self._inputs.number
        return not any(each.run < number for each in (*view.own, *view.fine))

    def series_evidence(self, view: SeriesState, *, before: bool = False) -> SeriesEvidence:
        """What is known of a series.

        Args:
            before: leave out what this run's timelines say, as when they were planned.
        """
        number = self._inputs.number
        total = self.total(view)
        history = self.history(view, before=before)
        online = self._online(view.entity, history)
        complete = bool(
            history
            and self._trusts_totals
            and self._fine
            and self._fine.sub_item is None
            and is_complete(total, view.totals, history, self._from, online)
        )
        # A total of 0 beside rows of earlier runs is a restatement: those must be read anew.
        had_rows = has_rows(view.own, number) or has_rows(view.fine, number)
        is_zero = total == 0 and self._trusts_zero and not had_rows
        return SeriesEvidence(0 if is_zero else None, history, online, complete)

    def total(self, view: SeriesState) -> int | None:
        """The total read on this run's date."""
        return newest_total(view.totals, self._inputs.today, self._inputs.number)

    def history(self, view: SeriesState, *, before: bool = False) -> SeriesHistory | None:
        """What is known of a series' events; None: nothing, or what is told contradicts itself."""
        return None if view.entity in self._doubted else self._read(view, before=before)

    def _read(self, view: SeriesState, *, before: bool) -> SeriesHistory | None:
        """What the timeline has told, whether it is believed or not."""
        inputs, fine = self._inputs, self._fine
        if fine is None or fine.granularity is None:
            return None
        told = [each for each in view.fine if not before or each.run < inputs.number]
        return series_history(told, fine.granularity, inputs.today, inputs.number)

    def changed(self, view: SeriesState) -> list[DayRange]:
        """Days that this run's timeline counts otherwise than earlier runs did, whole periods.

        Days that no earlier run has read are new, and not changed. A timeline that contradicts
        others is no evidence, but where it has moved, whatever was read beside it is out of date.
        """
        number = self._inputs.number
        if not any(each.run == number and each.is_answer for each in view.fine):
            return []
        before, now = self._read(view, before=True), self._read(view, before=False)
        if before is None or now is None or before.edge is Granularity.TOTAL:
            return []
        frame = (self._from, epoch_day(self._inputs.today.snapshot))
        read = union((first, last) for first, last, _ in before.readings)
        days = {*before.points, *now.points}
        periods = [
            part
            for day in sorted(days)
            if before.points.get(day, 0) != now.points.get(day, 0)
            for part in intersect([period_around(before.edge, day)], frame)
        ]
        return union(each for each in periods if not subtract_all([each], read))

    def dated(self, entity: int) -> int | None:
        """The earliest of its dates, while the rule about them holds; None: not known."""
        day = self._first_online.get(entity)
        return epoch_day(day) if day else None

    def _online(self, entity: int, history: SeriesHistory | None) -> int | None:
        """The same, unless the service itself counted events before it."""
        date = self.dated(entity)
        if date is not None and history and counted_before(history, date):
            return None
        return date


def as_answered(question: Question | None, told: Sequence[PastOutcome]) -> Sequence[PastOutcome]:
    """Outcomes as far as they reach, where the service cuts long windows without a word."""
    granularity = question.granularity if question else None
    is_timeline = question is not None and question.endpoint is Endpoint.TIMELINE
    if not is_timeline or granularity is None or granularity is Granularity.TOTAL:
        return told
    return [_cut_short(each, granularity) for each in told]


def _cut_short(told: PastOutcome, granularity: Granularity) -> PastOutcome:
    last = told.sent_last or told.last
    window = Window(day_of(told.first), day_of(max(told.first, last)))
    reach = epoch_day(whole_reach(granularity, window))
    if reach >= last:
        return told
    return told._replace(last=reach, shown=min(told.shown, reach), sent_last=last)


def has_rows(told: Sequence[PastOutcome], number: int) -> bool:
    """Whether runs before one left rows of a series."""
    return any(each.rows and each.run < number for each in told)


def earlier_answers(told: Sequence[PastOutcome], number: int) -> list[PastOutcome]:
    """The answers of runs before one that filled the dataset, oldest first.

    Those among them that were lost since are told.
    """
    return [
        each
        for each in told
        if each.run < number and (each.is_answer or each.is_lost) and each.fills
    ]
