"""The coarser timelines of a family: derived from the finest, once that is shown to be right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from harvester.model.dates import Window
from harvester.model.limits import WINDOW_LIMITS
from harvester.model.outcomes import DerivedAnswer, PastOutcome
from harvester.model.question import Question, Wanted
from harvester.model.request import Request
from harvester.model.rules import Rule, RuleTrial
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Endpoint, Granularity
from harvester.planner.coverage import cell_edge, whole_where_asked, widened
from harvester.planner.date_trials import DateTrials
from harvester.planner.derive import derived, sums
from harvester.planner.families import Family, is_long
from harvester.planner.history import SeriesHistory
from harvester.planner.inputs import EvidenceSource, of_run
from harvester.planner.intervals import DayRange, range_of, range_window
from harvester.planner.planned import NotNeeded, Planned, planned
from harvester.planner.series import (
    MissingDays,
    SeriesReader,
    SeriesState,
    earlier_answers,
    has_rows,
)
from harvester.planner.series_evidence import SeriesEvidence
from harvester.planner.spared import covered_lines, quiet_lines
from harvester.planner.timeline_trials import TimelineTrials
from harvester.planner.windows import split_window, years_after


class CoarserTimelines:
    """Plans, tries and derives the coarser timelines of one family."""

    def __init__(self, inputs: PlanInputs, known: EvidenceSource, family: Family) -> None:
        self._inputs = inputs
        self._known = known
        self._family = family
        self._reader = SeriesReader(inputs, known, family, family)
        self._derivation = known.trials(Rule.DERIVED, family.kind, None)
        self._whole = known.trials(Rule.WHOLE_WINDOW, family.kind, family.counter)
        self._judge = TimelineTrials(inputs, known, family)
        self._dates = DateTrials(inputs, known, family, self._reader, family.fine_windows)
        self._waits = False

    def items(self) -> Iterator[Planned]:
        """Series that check the rules, at first; when those have been judged, all the others."""
        compared, doubtful = self._judge.compared_series(), self._judge.doubtful_series()
        family = self._family
        judged = self._known.trials(Rule.DERIVED, family.kind, family.counter).is_judged
        # A rule that was given up is not judged again: nothing is to be waited for.
        may_be_judged = self._derivation.held_before and not judged and bool(family.coarse)
        self._waits = bool(compared or doubtful) and may_be_judged
        for wanted in family.coarse:
            yield from self._coarse(wanted, compared, doubtful)
        for wanted in family.plain:
            yield from self._plain(wanted, doubtful)
        asked = {each.question for each in (*family.coarse, *family.plain)}
        if family.check and family.check not in asked:
            yield from self._checks(family.check, doubtful)

    def _coarse(self, wanted: Wanted, compared: set[int], doubtful: set[int]) -> Iterator[Planned]:
        question, window = wanted.question, _window(wanted)
        is_check = question == self._family.check
        if not self._may_compare(question, window):
            compared = set()
        missing = MissingDays(self._inputs, question, window)
        for view in self._reader(question):
            earlier = self._believed(view)
            left = self._left(missing, view, wanted, earlier)
            spared = covered_lines(self._known, question, view, window, left, earlier)
            requests: list[Request] = []
            if left and is_check and view.entity in doubtful:
                requests = list(self._asked(question, view.entity, left, in_pieces=True))
            elif left and view.entity in compared:
                requests = list(self._asked(question, view.entity, left))
            elif left and self._waits:
                continue
            elif left:
                series_evidence = self._reader.series_evidence(view)
                if self._can_derive(series_evidence, left):
                    spared += self._derived_lines(question, view, left, series_evidence)
                else:
                    requests = list(self._asked(question, view.entity, left))
            yield from planned(question, view.entity, requests, spared, self._mine(view, window))

    def _left(
        self,
        missing: MissingDays,
        view: SeriesState,
        wanted: Wanted,
        earlier: Sequence[PastOutcome],
    ) -> list[DayRange]:
        """The days whose rows are to be made: missing ones, and those whose sums have changed."""
        changed = self._reader.changed(view) if earlier else ()
        edge = cell_edge(wanted.question)
        return widened(missing.of(earlier), changed, _window(wanted), edge)

    def _believed(self, view: SeriesState) -> list[PastOutcome]:
        """Earlier answers, without those derived by a rule that was found not to hold."""
        earlier = earlier_answers(view.own, self._inputs.number)
        if self._derivation.holds:
            return earlier
        return [each for each in earlier if not each.state.is_derived]

    def _may_compare(self, question: Question, window: Window) -> bool:
        """Whether a row over the whole period can be asked; it could not be asked in pieces.

        Where breakdowns are cut it waits until long windows are shown to be answered whole. Only
        where there is nothing else to compare it is asked all the same.
        """
        if question.granularity is not Granularity.TOTAL:
            return True
        if len(self._family.coarse) == 1 and not self._judge.looks_at_windows:
            return True
        is_shown = self._whole.holds and (self._whole.is_judged or self._whole.before > 0)
        years = WINDOW_LIMITS[Endpoint.BREAKDOWN, Granularity.TOTAL].years or 1
        return is_shown or window.last < years_after(window.first, years)

    def _mine(self, view: SeriesState, window: Window) -> list[PastOutcome]:
        """This run's outcomes of a series in one of its question's windows."""
        first, last = range_of(window)
        mine = of_run(view.own, self._inputs.number)
        return [each for each in mine if first <= each.first <= last]

    def _can_derive(self, series_evidence: SeriesEvidence, left: Sequence[DayRange]) -> bool:
        """Whether the record knows all there is in these days, zeros included."""
        if not self._derivation.holds:
            return False
        history = series_evidence.history
        if series_evidence.total == 0:
            return True
        if history is None:
            return series_evidence.first_online is not None and not series_evidence.may_have_events(
                left
            )
        empty = SeriesHistory(history.edge, {}, history.known, [])
        blank = replace(series_evidence, total=None, history=empty)
        return not blank.may_have_events(left)

    def _derived_lines(
        self,
        question: Question,
        view: SeriesState,
        left: Sequence[DayRange],
        series_evidence: SeriesEvidence,
    ) -> list[NotNeeded]:
        history, entity = series_evidence.history, view.entity
        # Rows whose events were all taken back go by a sum, too: that of none.
        is_sum = history and (history.points or has_rows(view.own, self._inputs.number))
        if not is_sum:
            return quiet_lines(question, entity, left, series_evidence)
        said = f"computed from the timeline by {self._family.granularity}, of which each is a sum"
        return [
            NotNeeded(Request(question, entity, range_window(each)), Rule.DERIVED.value, said)
            for each in left
        ]

    def _asked(
        self, question: Question, entity: int, left: Sequence[DayRange], *, in_pieces: bool = False
    ) -> Iterator[Request]:
        granularity = _granularity(question)
        is_whole = self._whole.holds and not in_pieces
        for stretch in left:
            window = range_window(stretch)
            if is_whole or not is_long(granularity, window):
                yield Request(question, entity, window)
                continue
            for each in split_window(window, Endpoint.BREAKDOWN, granularity):
                yield Request(question, entity, each)

    def _checks(self, question: Question, doubtful: set[int]) -> Iterator[Planned]:
        """The last years, as many as are answered whole in any case, to compare alone."""
        for window in self._judge.last_years():
            for view in self._reader(question):
                mine = self._mine(view, window)
                is_asked = view.entity in doubtful
                requests = [Request(question, view.entity, window)] if is_asked else []
                yield from planned(question, view.entity, requests, [], mine)

    def _plain(self, wanted: Wanted, doubtful: set[int]) -> Iterator[Planned]:
        """A timeline that cannot be derived, but whose zeros are known."""
        question, window = wanted.question, _window(wanted)
        in_doubt = doubtful if question == self._family.check else set[int]()
        missing = MissingDays(self._inputs, question, window)
        for view in self._reader(question):
            earlier = earlier_answers(view.own, self._inputs.number)
            left = self._left(missing, view, wanted, earlier)
            spared = covered_lines(self._known, question, view, window, left, earlier)
            series_evidence = self._reader.series_evidence(view)
            mine = self._mine(view, window)
            requests: list[Request] = []
            is_busy = (
                has_rows(view.own, self._inputs.number)
                or series_evidence.may_have_events(left)
                or self._dates.take(view.entity, series_evidence, left)
            )
            if left and view.entity in in_doubt:
                requests = list(self._asked(question, view.entity, left, in_pieces=True))
            elif is_busy:
                if self._whole.holds or not is_long(_granularity(question), window):
                    left = whole_where_asked(left, window, mine)
                requests = list(self._asked(question, view.entity, left))
            else:
                spared += quiet_lines(question, view.entity, left, series_evidence)
            yield from planned(question, view.entity, requests, spared, mine)

    def conclude(self) -> list[RuleTrial]:
        """What the series that were asked in both granularities show, and dates before either."""
        for wanted in self._family.plain:
            for view in self._reader(wanted.question):
                self._dates.look(view)
        return [*self._judge.conclude(), *self._dates.made()]

    def work_out(self) -> Iterator[DerivedAnswer]:
        """Rows of the coarser timelines, series by series, those that are not kept yet."""
        if not self._derivation.holds:
            return
        compared, doubtful = self._judge.compared_series(), self._judge.doubtful_series()
        for wanted in self._family.coarse:
            is_check = wanted.question == self._family.check
            checks = compared | doubtful if is_check else compared
            if not self._may_compare(wanted.question, _window(wanted)):
                checks = set()
            missing = MissingDays(self._inputs, wanted.question, _window(wanted))
            for view in self._reader(wanted.question):
                earlier = earlier_answers(view.own, self._inputs.number)
                left = self._left(missing, view, wanted, earlier)
                if not left or view.entity in checks:
                    continue
                series_evidence = self._reader.series_evidence(view)
                if series_evidence.history and self._can_derive(series_evidence, left):
                    series = DerivedSeries(
                        wanted.question, view.entity, view.own, self._inputs.number
                    )
                    yield from derivations(series, series_evidence.history, left)


class DerivedSeries(NamedTuple):
    """A coarser timeline of one entity, about to be derived.

    Attributes:
        own: its outcomes in this run and earlier ones.
        number: of this run.
    """

    question: Question
    entity: int
    own: Sequence[PastOutcome]
    number: int


def derivations(
    series: DerivedSeries, history: SeriesHistory, left: Sequence[DayRange]
) -> Iterator[DerivedAnswer]:
    """The rows of these days as sums of the finest timeline, those that are not kept yet."""
    kept = {each.first for each in of_run(series.own, series.number)}
    for stretch in left:
        for part, at, counts in sums(history, _granularity(series.question), stretch):
            is_replaced = any(
                (each.rows or each.is_lost) and each.run < series.number
                and each.first <= part[1] and each.shown >= part[0]
                for each in series.own
            )  # fmt: skip
            if part[0] not in kept and (counts or is_replaced):
                yield derived(series.question, series.entity, part, at, counts)


def _window(wanted: Wanted) -> Window:
    if wanted.window is None:
        raise ValueError(f"{wanted.question.key} needs a window")
    return wanted.window


def _granularity(question: Question) -> Granularity:
    if question.granularity is None:
        raise ValueError(f"{question.key} has no granularity")
    return question.granularity
