"""Breakdowns: asked for the periods in which events may lie, in the fewest windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harvester.model.dates import Window, epoch_day
from harvester.model.outcomes import Told
from harvester.model.question import Wanted
from harvester.model.request import Request
from harvester.model.rules import Doubt, Proof, Rule
from harvester.model.run_plan import Basis
from harvester.model.terms import Endpoint, Granularity
from harvester.planner.families import Family
from harvester.planner.inputs import Known, of_run
from harvester.planner.intervals import Stretch, stretch_of, united, window_of, within, without_all
from harvester.planner.planned import NotNeeded, Planned, planned
from harvester.planner.rule_trials import Quota, quota
from harvester.planner.series import Missing, View, Views, earlier_answers, has_rows
from harvester.planner.series_evidence import Sight
from harvester.planner.step import Conclusion
from harvester.planner.timelines import covered_lines, quiet_lines
from harvester.planner.windows import cut, lay


class Breakdown:
    """Plans one breakdown of a family and holds its answers against the timeline."""

    def __init__(
        self, basis: Basis, known: Known, family: Family, evidence: Family | None, wanted: Wanted
    ) -> None:
        """Plan for one breakdown.

        Args:
            evidence: the family whose timeline tells where events are; None: none does.
        """
        if wanted.window is None or wanted.question.granularity is None:
            raise ValueError(f"{wanted.question.key} needs a window and a granularity")
        self._basis = basis
        self._known = known
        self._family = family
        self._has_timeline = evidence is not None and evidence.fine is not None
        self._question = wanted.question
        self._window: Window = wanted.window
        self._granularity: Granularity = wanted.question.granularity
        self._views = Views(basis, known, family, evidence)
        self._doubted = known.doubted(wanted.question)

    def items(self) -> Iterator[Planned]:
        """Every series, with the windows that are asked and the stretches that are not."""
        missing = Missing(self._basis, self._question, self._window)
        zero = quota(
            self._known,
            Rule.TOTAL_IS_ZERO,
            self._family.kind,
            self._family.counter,
            self._basis.number,
        ).with_some_of(self._views.newest_without_events(self._question))
        for view in self._views(self._question):
            earlier = earlier_answers(view.own, self._basis.number)
            left = missing.of(earlier)
            mine = [
                each
                for each in of_run(view.own, self._basis.number)
                if epoch_day(self._window.first) <= each.first <= epoch_day(self._window.last)
            ]
            spared = covered_lines(self._known, self._question, view, self._window, left, earlier)
            windows: list[Window] = []
            if left:
                windows, quiet = self._windows(view, left, mine, zero)
                spared += quiet
            requests = [Request(self._question, view.entity, window) for window in windows]
            yield from planned(self._question, view.entity, requests, spared, mine)

    def _windows(
        self, view: View, left: Sequence[Stretch], mine: Sequence[Told], zero: Quota
    ) -> tuple[list[Window], list[NotNeeded]]:
        """The windows of one series, those that were asked already among them."""
        taken = united((each.first, each.last) for each in mine)
        asked = [window_of((each.first, each.last)) for each in mine]
        if not self._basis.skips or view.entity in self._doubted:
            rest = without_all(left, taken)
            return sorted([*asked, *self._whole(rest)]), []
        sight = self._views.sight(view)
        needed = self._needed(view, sight, left, zero)
        rest = without_all(needed, taken)
        windows = [*asked, *lay(rest, self._window, self._granularity, taken)]
        quiet = without_all(left, [stretch_of(each) for each in windows])
        return sorted(windows), quiet_lines(self._question, view.entity, quiet, sight)

    def _whole(self, left: Sequence[Stretch]) -> Iterator[Window]:
        for stretch in left:
            yield from cut(window_of(stretch), Endpoint.BREAKDOWN, self._granularity)

    def _needed(
        self, view: View, sight: Sight, left: Sequence[Stretch], zero: Quota
    ) -> list[Stretch]:
        if sight.total == 0:
            # Without a timeline to try the rule on, it is tried here.
            is_trial = not self._has_timeline and zero.takes(view.entity)
            return list(left) if is_trial else []
        needed = sight.may_have_events(left)
        # What an earlier run wrote for these days must be read anew, even if it is to go.
        for each in view.own:
            if each.rows and each.run < self._basis.number:
                needed += within([(each.first, each.last)], (left[0][0], left[-1][1]))
        return united(part for each in left for part in within(needed, each))

    def conclude(self) -> Conclusion:
        """A breakdown may count no more than the timeline, and nothing where the total is 0."""
        if not self._basis.skips:
            return Conclusion()
        doubts, tried, broken = list[Doubt](), 0, ""
        for view in self._views(self._question):
            mine = [each for each in of_run(view.own, self._basis.number) if each.is_answer]
            if not mine:
                continue
            if (
                self._views.total(view) == 0
                and not self._has_timeline
                and not has_rows(view.own, self._basis.number)
            ):
                tried += 1
                if any(each.value for each in mine):
                    broken = f"{self._question.key}/{view.entity}: total 0, yet events by country"
            if said := self._excess(view, mine):
                doubts.append(Doubt(self._question, view.entity, "breakdown_above_timeline", said))
        kind, counter = self._family.kind, self._family.counter
        sentence = broken or f"held for {tried} series that were asked all the same"
        proof = Proof(Rule.TOTAL_IS_ZERO, kind, counter, tried, not broken, sentence)
        return Conclusion([proof] if tried else [], doubts)

    def _excess(self, view: View, mine: Sequence[Told]) -> str | None:
        """The first settled window in which places have more events than the timeline."""
        record = self._views.record(view)
        settled = self._basis.today.last_day
        if record is None or record.edge.coarseness > self._granularity.coarseness:
            return None
        for each in mine:
            window = (each.first, each.last)
            if each.last > settled or without_all([window], record.known):
                continue
            events = sum(record.points[day] for day in record.days if window[0] <= day <= window[1])
            if (each.value or 0) > events:
                return (
                    f"{self._question.key}/{view.entity}: {window_of(window)} has {each.value}"
                    f" events by country, {events} in the timeline"
                )
        return None
