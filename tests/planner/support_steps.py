"""A run in memory: a service that may lie, a ledger, and the steps of the plan between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import orjson

from harvester.model.dates import Window, epoch_day, periods
from harvester.model.outcomes import PastOutcome
from harvester.model.packed_counts import pack_counts
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.rules import Rule, RuleTrial
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, State
from harvester.planner.families import is_long, whole_reach
from harvester.planner.inputs import NoEvidence, RuleRecord
from harvester.planner.planned import NotNeeded
from harvester.planner.step import Conclusion
from harvester.planner.steps import steps

Daily = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Service:
    """What each entity counts day by day, and where the service is not what one would think.

    Attributes:
        more_by: one event more in the timelines of these granularities,
        more_of: of these entities, in the period of this day.
        more_in: likewise.
        is_limited: timelines are cut like breakdowns.
        lagging: entities whose totals are 0, whatever they count.
        refuses: requests with one of these in their key fail.
    """

    daily: Mapping[int, Daily]
    more_by: Collection[Granularity] = ()
    more_of: Collection[int] = ()
    more_in: int = 0
    is_limited: bool = False
    lagging: Collection[int] = ()
    refuses: Collection[str] = ()

    def counts(self, request: Request) -> dict[int, int]:
        """Events by first day of the period, as it tells them."""
        daily = self.daily.get(request.entity_id or 0, {})
        granularity, window = request.question.granularity, request.window
        if granularity is None or window is None:
            return {0: 0 if request.entity_id in self.lagging else sum(daily.values())}
        asked = window
        if self.is_limited and is_long(granularity, window):
            asked = Window(window.first, whole_reach(granularity, window))
        found: dict[int, int] = {}
        for first, last in periods(granularity, asked).values():
            events = sum(n for day, n in daily.items() if first <= day <= last)
            if events and granularity in self.more_by and request.entity_id in self.more_of:
                events += first <= self.more_in <= last
            found[first] = events
        return {day: n for day, n in found.items() if n}


@dataclass(slots=True)
class Memory(NoEvidence):
    """A ledger of one run after earlier ones.

    Attributes:
        answers: outcomes by question and entity, oldest first.
        before: how rules fared in earlier runs.
    """

    before: Mapping[Rule, RuleRecord] = field(default_factory=dict)
    online: Mapping[int, date] = field(default_factory=dict)
    answers: dict[Question, dict[int, list[PastOutcome]]] = field(default_factory=dict)
    trials_made: dict[tuple[Rule, Counter | None], RuleTrial] = field(default_factory=dict)
    in_doubt: set[tuple[Question, int]] = field(default_factory=set)

    def outcomes(
        self, question: Question, low: int, high: int
    ) -> Mapping[int, Sequence[PastOutcome]]:
        found = self.answers.get(question, {})
        return {entity: told for entity, told in found.items() if low <= entity <= high}

    def first_online(self, kind: Kind) -> Mapping[int, date]:  # noqa: ARG002
        return self.online

    def trials(self, rule: Rule, kind: Kind, counter: Counter | None) -> RuleRecord:  # noqa: ARG002
        past = self.before.get(rule, RuleRecord())
        now = [p for (r, c), p in self.trials_made.items() if r is rule and counter in {None, c}]
        holds = past.held_before and all(proof.holds for proof in now)
        return RuleRecord(past.before, bool(now), past.held_before, holds)

    def contradicted(self, question: Question) -> set[int]:
        return {entity for asked, entity in self.in_doubt if asked == question}

    def learn(self, conclusion: Conclusion) -> bool:
        """Keep what is new; whether anything is."""
        is_news = False
        for proof in conclusion.trials_made:
            before = self.trials_made.get((proof.rule, proof.counter))
            if before is None or (before.holds and not proof.holds):
                self.trials_made[proof.rule, proof.counter] = proof
                is_news = True
        contradictions = {(each.question, each.entity_id) for each in conclusion.contradictions}
        is_news = is_news or bool(contradictions - self.in_doubt)
        self.in_doubt |= contradictions
        return is_news

    def keep(self, told: PastOutcome, question: Question, entity: int) -> None:
        """Keep one outcome."""
        self.answers.setdefault(question, {}).setdefault(entity, []).append(told)


@dataclass(slots=True)
class Climbed:
    """What a run came to.

    Attributes:
        asked: every request that was sent, in order.
        derived: counts that were derived, by question and entity, by spelling of the period.
        spared: reasons by question's key and entity.
    """

    memory: Memory
    asked: list[Request] = field(default_factory=list)
    derived: dict[tuple[Question, int], dict[str, int]] = field(default_factory=dict)
    spared: dict[tuple[str, int], set[str]] = field(default_factory=dict)

    def entities(self, key: str) -> set[int]:
        """Who was asked a question."""
        return {each.entity_id or 0 for each in self.asked if each.question.key == key}


def run_steps(inputs: PlanInputs, service: Service, memory: Memory | None = None) -> Climbed:
    """Go through a run's steps as the real one does."""
    run = Climbed(memory or Memory())
    plan = steps(inputs, run.memory)
    at = 0
    for _ in range(100):
        if at == len(plan):
            return run
        step = plan[at]
        for item, is_in in [*step.items()]:
            if isinstance(item, NotNeeded):
                where = (item.saved.question.key, item.saved.entity_id or 0)
                run.spared.setdefault(where, set()).add(item.reason)
            elif not is_in:
                run.asked.append(item)
                _answer(inputs, service, item, run.memory)
        conclusion = step.conclude()
        if run.memory.learn(conclusion):
            at = 0
            continue
        for each in [*step.work_out()]:
            counts = orjson.loads(each.body)["timeline"] or {}
            run.derived.setdefault((each.question, each.entity_id), {}).update(counts)
        at += 1
    raise AssertionError("the plan does not come to an end")


def _answer(inputs: PlanInputs, service: Service, request: Request, memory: Memory) -> None:
    counts = service.counts(request)
    value = sum(counts.values())
    is_total = request.question.endpoint is Endpoint.TOTAL
    state = State.DONE if value or is_total else State.EMPTY
    if any(each in request.key for each in service.refuses):
        state = State.FAILED
    first, last = (0, 0)
    if request.window:
        first, last = epoch_day(request.window.first), epoch_day(request.window.last)
    shown = epoch_day(request.shown_to) if request.shown_to else last
    snapshot = epoch_day(inputs.today.snapshot)
    points = None if is_total or state is State.FAILED else pack_counts(counts)
    told = PastOutcome(inputs.number, snapshot, first, last, shown, state, 1, value, 1, points)
    memory.keep(told, request.question, request.entity_id or 0)


def spelled(daily: Daily, granularity: Granularity, window: Window) -> dict[str, int]:
    """The truth by the service's spelling of the periods, empty ones left out."""
    found: dict[str, int] = {}
    day = window.first
    while day <= window.last:
        if events := daily.get(epoch_day(day), 0):
            text = granularity.period_text(day)
            found[text] = found.get(text, 0) + events
        day += timedelta(days=1)
    return found
