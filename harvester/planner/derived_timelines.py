"""The coarser timelines of a family: worked out of the finest, once that is shown to be right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harvester.model.dates import Window
from harvester.model.limits import WINDOW_LIMITS
from harvester.model.outcomes import Told, WorkedOut
from harvester.model.question import Question, Wanted
from harvester.model.request import Request
from harvester.model.rules import Proof, Rule
from harvester.model.run_plan import Basis
from harvester.model.terms import Endpoint, Granularity
from harvester.planner.derive import derived, sums
from harvester.planner.families import Family, is_long
from harvester.planner.history import Record
from harvester.planner.inputs import Known, of_run
from harvester.planner.intervals import Stretch, stretch_of, window_of
from harvester.planner.planned import NotNeeded, Planned, planned
from harvester.planner.series import Missing, View, Views, earlier_answers, has_rows
from harvester.planner.series_evidence import Sight
from harvester.planner.timeline_trials import Checks
from harvester.planner.timelines import covered_lines, quiet_lines
from harvester.planner.windows import cut, years_after


class CoarserTimelines:
    """Plans, checks and works out the coarser timelines of one family."""

    def __init__(self, basis: Basis, known: Known, family: Family) -> None:
        self._basis = basis
        self._known = known
        self._family = family
        self._views = Views(basis, known, family, family)
        self._derivation = known.trials(Rule.DERIVED, family.kind, None)
        self._whole = known.trials(Rule.WHOLE_WINDOW, family.kind, family.counter)
        self._judge = Checks(basis, known, family)
        self._waits = False

    def items(self) -> Iterator[Planned]:
        """Series that check the rules, at first; when those have been judged, all the others."""
        compared, doubtful = self._judge.compared_series(), self._judge.doubtful_series()
        family = self._family
        judged = self._known.trials(Rule.DERIVED, family.kind, family.counter).is_judged
        self._waits = bool(compared or doubtful) and not judged and bool(family.coarse)
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
        missing = Missing(self._basis, question, window)
        for view in self._views(question):
            earlier = self._believed(view)
            left = missing.of(earlier)
            spared = covered_lines(self._known, question, view, window, left, earlier)
            requests: list[Request] = []
            if left and is_check and view.entity in doubtful:
                requests = list(self._asked(question, view.entity, left, in_pieces=True))
            elif left and view.entity in compared:
                requests = list(self._asked(question, view.entity, left))
            elif left and self._waits:
                continue
            elif left:
                sight = self._views.sight(view)
                if self._can_derive(sight, left):
                    spared += self._derived_lines(question, view.entity, left, sight)
                else:
                    requests = list(self._asked(question, view.entity, left))
            yield from planned(question, view.entity, requests, spared, self._mine(view, window))

    def _believed(self, view: View) -> list[Told]:
        """Earlier answers, without those worked out by a rule that was found not to hold."""
        earlier = earlier_answers(view.own, self._basis.number)
        if self._derivation.holds:
            return earlier
        return [each for each in earlier if not each.state.is_worked_out]

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

    def _mine(self, view: View, window: Window) -> list[Told]:
        """This run's outcomes of a series in one of its question's windows."""
        first, last = stretch_of(window)
        mine = of_run(view.own, self._basis.number)
        return [each for each in mine if first <= each.first <= last]

    def _can_derive(self, sight: Sight, left: Sequence[Stretch]) -> bool:
        """Whether the record knows all there is in these days, zeros included."""
        if not self._derivation.holds:
            return False
        record = sight.record
        if sight.total == 0:
            return True
        if record is None:
            return sight.first_online is not None and not sight.may_have_events(left)
        blank = Sight(None, Record(record.edge, {}, record.known, []), sight.first_online,
                      sight.is_complete)  # fmt: skip
        return not blank.may_have_events(left)

    def _derived_lines(
        self, question: Question, entity: int, left: Sequence[Stretch], sight: Sight
    ) -> list[NotNeeded]:
        if sight.record is None or not sight.record.points:
            return quiet_lines(question, entity, left, sight)
        said = f"computed from the timeline by {self._family.granularity}, of which each is a sum"
        return [
            NotNeeded(Request(question, entity, window_of(each)), Rule.DERIVED.value, said)
            for each in left
        ]

    def _asked(
        self, question: Question, entity: int, left: Sequence[Stretch], *, in_pieces: bool = False
    ) -> Iterator[Request]:
        granularity = _granularity(question)
        is_whole = self._whole.holds and not in_pieces
        for stretch in left:
            window = window_of(stretch)
            if is_whole or not is_long(granularity, window):
                yield Request(question, entity, window)
                continue
            for each in cut(window, Endpoint.BREAKDOWN, granularity):
                yield Request(question, entity, each)

    def _checks(self, question: Question, doubtful: set[int]) -> Iterator[Planned]:
        """The last years, as many as are answered whole in any case, to compare alone."""
        for window in self._judge.last_years():
            for view in self._views(question):
                mine = self._mine(view, window)
                is_asked = view.entity in doubtful
                requests = [Request(question, view.entity, window)] if is_asked else []
                yield from planned(question, view.entity, requests, [], mine)

    def _plain(self, wanted: Wanted, doubtful: set[int]) -> Iterator[Planned]:
        """A timeline that cannot be worked out, but whose zeros are known."""
        question, window = wanted.question, _window(wanted)
        in_doubt = doubtful if question == self._family.check else set[int]()
        missing = Missing(self._basis, question, window)
        for view in self._views(question):
            earlier = earlier_answers(view.own, self._basis.number)
            left = missing.of(earlier)
            spared = covered_lines(self._known, question, view, window, left, earlier)
            sight = self._views.sight(view)
            requests: list[Request] = []
            if left and view.entity in in_doubt:
                requests = list(self._asked(question, view.entity, left, in_pieces=True))
            elif has_rows(view.own, self._basis.number) or sight.may_have_events(left):
                requests = list(self._asked(question, view.entity, left))
            else:
                spared += quiet_lines(question, view.entity, left, sight)
            yield from planned(question, view.entity, requests, spared, self._mine(view, window))

    def conclude(self) -> list[Proof]:
        """What the series that were asked in both granularities show."""
        return self._judge.conclude()

    def work_out(self) -> Iterator[WorkedOut]:
        """Rows of the coarser timelines, series by series, those that are not kept yet."""
        if not self._derivation.holds:
            return
        compared, doubtful = self._judge.compared_series(), self._judge.doubtful_series()
        for wanted in self._family.coarse:
            is_check = wanted.question == self._family.check
            checks = compared | doubtful if is_check else compared
            if not self._may_compare(wanted.question, _window(wanted)):
                checks = set()
            missing = Missing(self._basis, wanted.question, _window(wanted))
            for view in self._views(wanted.question):
                left = missing.of(earlier_answers(view.own, self._basis.number))
                if not left or view.entity in checks:
                    continue
                sight = self._views.sight(view)
                if sight.record and self._can_derive(sight, left):
                    series = Series(wanted.question, view.entity, view.own, self._basis.number)
                    yield from derivations(series, sight.record, left)


class Series(NamedTuple):
    """A coarser timeline of one entity, about to be worked out.

    Attributes:
        own: its outcomes in this run and earlier ones.
        number: of this run.
    """

    question: Question
    entity: int
    own: Sequence[Told]
    number: int


def derivations(series: Series, record: Record, left: Sequence[Stretch]) -> Iterator[WorkedOut]:
    """The rows of these days as sums of the finest timeline, those that are not kept yet."""
    kept = {each.first for each in of_run(series.own, series.number)}
    for stretch in left:
        for part, at, counts in sums(record, _granularity(series.question), stretch):
            is_replaced = any(
                each.rows and each.run < series.number
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
