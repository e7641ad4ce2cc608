"""Which series check the rules about timelines, and what they show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from harvester.model.dates import Window, day_of, epoch_day, periods
from harvester.model.outcomes import PastOutcome
from harvester.model.packed_counts import unpack_counts
from harvester.model.question import Question, Wanted
from harvester.model.rules import Rule, RuleTrial
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Granularity, State
from harvester.planner.families import (
    Family,
    counts_beyond,
    families,
    is_long,
    last_years,
    whole_reach,
)
from harvester.planner.history import SeriesHistory
from harvester.planner.inputs import EvidenceSource, of_run
from harvester.planner.intervals import range_of, range_window, union
from harvester.planner.rule_trials import TRIALS
from harvester.planner.series import SeriesReader, SeriesState
from harvester.planner.series_evidence import reaches_back

# So many events of a year that is not over may be younger than the request for its days.
_OPEN_EVENTS = 3


class TimelineTrials:
    """Chooses the series of a family that are asked in two granularities, and compares them."""

    def __init__(self, inputs: PlanInputs, known: EvidenceSource, family: Family) -> None:
        self._inputs = inputs
        self._known = known
        self._family = family
        self._reader = SeriesReader(inputs, known, family, family)
        self._derivation = known.trials(Rule.DERIVED, family.kind, None)
        self._whole = known.trials(Rule.WHOLE_WINDOW, family.kind, family.counter)
        self._settled = inputs.today.last_day
        self._long = None if _has_unfiltered(inputs, family) else _long_window(family)

    @property
    def looks_at_windows(self) -> bool:
        """Whether these series show that long windows are answered whole."""
        return self._long is not None and self._family.check is not None

    def compared_series(self) -> set[int]:
        """The first series with events that were never compared: derivation is tried on them."""
        family = self._family
        chosen: set[int] = set()
        if not family.coarse or not self._derivation.held_before:
            return chosen
        trials = self._known.trials(Rule.DERIVED, family.kind, family.counter)
        left = TRIALS - trials.before
        # What holds for all events of a kind holds for those that a filter lets through.
        is_shown_by_others = family.is_filtered and (trials.is_judged or trials.before > 0)
        if left <= 0 or family.fine is None or is_shown_by_others:
            return chosen
        for view, compared in self._with_coarse(family.coarse[0].question):
            history = self._reader.history(view)
            was_compared = any(
                each.run < self._inputs.number and each.state is State.DONE for each in compared
            )
            if history and history.points and not was_compared:
                chosen.add(view.entity)
                if len(chosen) >= left:
                    break
        return chosen

    def _with_coarse(
        self, question: Question
    ) -> Iterator[tuple[SeriesState, Sequence[PastOutcome]]]:
        return ((view, view.own) for view in self._reader(question))

    def doubtful_series(self) -> set[int]:
        """Series whose long window might have been cut: their years are asked beside."""
        return self._looked_at()[0]

    def _looked_at(self) -> tuple[set[int], int]:
        """Series in doubt, and how many are shown to be whole by their total.

        Where the period reaches back to the first event, the total tells. Elsewhere the first
        series are asked, once for the job; those without events, too, where no series has any
        behind the place at which breakdowns are cut.
        """
        family = self._family
        with_events, without, whole = set[int](), set[int](), 0
        window = self._long
        if family.fine is None or family.check is None or window is None:
            return set(), 0
        if self._whole.before >= TRIALS or not self._whole.held_before:
            return set(), 0
        is_seen_beyond = False
        for view in self._reader(family.fine):
            history = self._reader.history(view) if self._is_asked_at_once(view) else None
            if history is None:
                continue
            is_seen_beyond = is_seen_beyond or counts_beyond(
                family.granularity, window, history.points
            )
            chosen = with_events if history.points else without
            if self._adds_up(view, history, window):
                whole += bool(history.points)
                if whole >= TRIALS and is_seen_beyond:
                    return set(), whole
            elif len(chosen) < TRIALS:
                chosen.add(view.entity)
            if len(with_events) == TRIALS and (is_seen_beyond or len(without) == TRIALS):
                break
        return (with_events if is_seen_beyond else with_events | without), whole

    def _is_asked_at_once(self, view: SeriesState) -> bool:
        """Whether this run, as the first, has asked a window that might have been cut."""
        runs = {
            each.run
            for each in view.own
            if each.is_answer
            and is_long(
                self._family.granularity, range_window((each.first, each.sent_last or each.last))
            )
        }
        return runs == {self._inputs.number}

    def last_years(self) -> Iterator[Window]:
        """The end of the long window, as far back as one request of the check surely reaches."""
        check = self._family.check
        if self._long and check and check.granularity:
            yield last_years(check.granularity, self._long)

    def _adds_up(self, view: SeriesState, history: SeriesHistory, window: Window) -> bool:
        """Whether the total shows that no events are missing."""
        total = self._reader.total(view)
        if total is not None and total <= history.events:
            return True
        online = self._reader.series_evidence(view).first_online
        if total is None or not reaches_back(epoch_day(window.first), online):
            return False
        if not counts_beyond(self._family.granularity, window, history.points):
            return False
        # It is not cut where breakdowns are; a few events more are those of today.
        return total - history.events <= max(3, total // 50)

    def conclude(self) -> list[RuleTrial]:
        """Compare the series that were asked in both granularities.

        Returns:
            One proof about this family's windows, where that was in doubt; and one that its
            coarser timelines are sums of the finest, to be joined with those of its kind. The
            second has to wait where the first fails: then the finest is asked anew.
        """
        family = self._family
        if family.fine is None:
            return []
        cut_short = self._cut_short()
        trials_made = [cut_short] if cut_short else []
        is_news = cut_short is not None and not cut_short.holds and self._whole.holds
        if family.coarse and self._derivation.held_before and not is_news:
            trials_made.append(self._compared(family))
        return trials_made

    def _cut_short(self) -> RuleTrial | None:
        """Whether years with events lie where the finest timeline, asked at once, has none."""
        family, (doubtful, whole) = self._family, self._looked_at()
        if not (doubtful or whole) or family.check is None or self._long is None:
            return None
        for view, told in self._with_coarse(family.check):
            history = self._reader.history(view)
            if view.entity not in doubtful or history is None:
                continue
            mine = of_run(told, self._inputs.number)
            if lost := self._lost_year(history, mine, self._long):
                said = (
                    f"{family.kind} {view.entity}, {family.counter}: the timeline by year has"
                    f" events in {lost} that are not in the timeline by {family.granularity}"
                )
                return RuleTrial(Rule.WHOLE_WINDOW, family.kind, family.counter, 1, False, said)
        tried = len(doubtful) + whole
        said = f"{tried} long timelines agree with their total, or with their years"
        return RuleTrial(
            Rule.WHOLE_WINDOW, family.kind, family.counter, tried, holds=True, sentence=said
        )

    def _lost_year(
        self, history: SeriesHistory, told: Sequence[PastOutcome], window: Window
    ) -> int | None:
        """A year with more events than a timeline that was cut; None: none."""
        reach = epoch_day(whole_reach(self._family.granularity, window))
        begin, last = epoch_day(window.first), epoch_day(window.last)
        runs_on = any(each.last > last for each in told)
        is_seen_beyond = counts_beyond(self._family.granularity, window, history.points)
        points = _points(told)
        for year in sorted({day_of(day).year for day in points}):
            first, end = range_of(Window(date(year, 1, 1), date(year, 12, 31)))
            days = [day for day in points if first <= day <= end]
            is_same = min(days) >= begin and (end <= last or not runs_on)
            if end <= reach or not is_same:
                continue
            # Days still open may have moved between the two requests.
            slack = _OPEN_EVENTS if min(end, last) > self._settled else 0
            events = sum(points[day] for day in days)
            here = history.between((max(first, begin), min(end, last)))
            # Where it goes on behind that place, only a whole year can be lost to another limit.
            if events - here > slack and not (is_seen_beyond and here):
                return year
        return None

    def _compared(self, family: Family) -> RuleTrial:
        checks = self.compared_series()
        for wanted in family.coarse:
            if not self._whole.holds and wanted.question.granularity is Granularity.TOTAL:
                # One row over the whole period cannot be asked in pieces.
                continue
            for view, told in self._with_coarse(wanted.question):
                if view.entity not in checks:
                    continue
                if difference := self._difference(wanted, view, of_run(told, self._inputs.number)):
                    return RuleTrial(Rule.DERIVED, family.kind, family.counter, len(checks),
                                 holds=False, sentence=difference)  # fmt: skip
        said = f"{len(checks)} series by {family.granularity} add up to what was asked besides"
        return RuleTrial(
            Rule.DERIVED, family.kind, family.counter, len(checks), holds=True, sentence=said
        )

    def _difference(
        self, wanted: Wanted, view: SeriesState, told: Sequence[PastOutcome]
    ) -> str | None:
        """The first settled period that is no sum of the finest timeline; None: all are."""
        history = self._reader.history(view)
        asked = [each for each in told if each.is_answer]
        if history is None:
            return None
        reported = _points(asked)
        # Between two stretches an earlier run may have read what was not asked again.
        stretches = union((each.first, each.last) for each in asked)
        compared = (periods(_granularity(wanted.question), range_window(s)) for s in stretches)
        for text, (first, last) in (each for some in compared for each in some.items()):
            # Days still open may have moved between the two requests.
            if last > self._settled:
                continue
            derived = history.between((first, last))
            if reported.get(first, 0) != derived:
                return (
                    f"{wanted.question.key}/{view.entity}: {text} counts {reported.get(first, 0)},"
                    f" its {self._family.granularity}s {derived}"
                )
        return None


def _long_window(family: Family) -> Window | None:
    if family.fine is None:
        return None
    return next((w for w in family.fine_windows if is_long(family.granularity, w)), None)


def _has_unfiltered(inputs: PlanInputs, family: Family) -> bool:
    """Whether the same is found out by the series of which this one is a part."""
    return family.is_filtered and any(
        (each.kind, each.counter) == (family.kind, family.counter)
        and not each.is_filtered
        and _long_window(each)
        for each in families(inputs)
    )


def _points(told: Sequence[PastOutcome]) -> Mapping[int, int]:
    found: dict[int, int] = {}
    for each in told:
        found.update(unpack_counts(each.points) if each.points else {})
    return found


def _granularity(question: Question) -> Granularity:
    if question.granularity is None:
        raise ValueError(f"{question.key} has no granularity")
    return question.granularity
