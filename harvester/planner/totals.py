"""Totals: one by one, all counters at once, or read off a ranking of the whole institution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harvester.model.points import unpacked
from harvester.model.proof import TOTAL_FELL, Doubt, Proof, Rule
from harvester.model.question import Question
from harvester.model.request import NO_ENTITY, Request
from harvester.model.terms import Counter, Endpoint, State
from harvester.model.told import Told
from harvester.model.window import epoch_day
from harvester.model.worked import WorkedOut
from harvester.planner.items import ANSWERED_BY, COVERED, NotNeeded, Planned, planned
from harvester.planner.known import Basis, Known, by_entity, in_chunks, of_run
from harvester.planner.step import Conclusion
from harvester.planner.trust import TRIALS, trials_left
from harvester.planner.working import answered_by

# Between two requests an item may be looked at: one event more is no contradiction.
_DRIFT = 1


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a ranking of all items says in this run.

    Attributes:
        values: events by id; who is not in it has none, where it is complete.
        is_complete: it has fewer entries than were asked for, so none is left out.
    """

    question: Question
    values: Mapping[int, int]
    is_complete: bool
    at: int


def combined_of(question: Question) -> Question:
    """The undocumented total of all counters beside a total of one."""
    return replace(question, counter=None)


class Totals:
    """Plans the total of one kind and counter."""

    def __init__(self, basis: Basis, known: Known, question: Question) -> None:
        if question.counter is None:
            raise ValueError("the total of all counters serves the others, and is no total itself")
        self._basis = basis
        self._known = known
        self.question = question
        self._counter: Counter = question.counter
        self._ids = basis.entities.get(question.kind, ())
        asked = {each.question for each in basis.evidence}
        self._ranked = next((q for q in asked if _ranks(q, question)), None)
        self._combined = next((q for q in asked if q == combined_of(question)), None)

    def rankings(self) -> Iterator[Planned]:
        """The one ranking that has every total."""
        if self._ranked and self._is_wanting:
            mine = of_run(self._ranking_told(), self._basis.number)
            yield from planned(self._ranked, NO_ENTITY, [Request(self._ranked)], [], mine)

    @property
    def _is_wanting(self) -> bool:
        """Whether any total was not read on this date by an earlier run."""
        return any(
            not self._read_today(told.get(entity, ()))
            for chunk in in_chunks(self._ids)
            for told in [by_entity(self._known, self.question, chunk)]
            for entity in chunk
        )

    def _ranking_told(self) -> Sequence[Told]:
        if self._ranked is None:
            return ()
        return self._known.told(self._ranked, NO_ENTITY, NO_ENTITY).get(NO_ENTITY, ())

    def _ranking(self) -> Ranking | None:
        """The ranking of this run; None: none was asked, or it failed."""
        told = [t for t in of_run(self._ranking_told(), self._basis.number) if t.is_answer]
        if not told or self._ranked is None:
            return None
        values = unpacked(told[0].points) if told[0].points else {}
        is_complete = (told[0].value or 0) < (self._ranked.ranks or 0)
        return Ranking(self._ranked, values, is_complete, told[0].at)

    def samples(self) -> Iterator[Planned]:
        """Totals asked one by one, to see whether the cheaper ways tell the same."""
        yield from self._asked(self._sampled())

    def _sampled(self) -> list[int]:
        chosen = set(self._first_ids()) if self._uses_combined else set[int]()
        ranking = self._ranking()
        if ranking:
            chosen.update(self._unranked(ranking), self._highest(ranking))
        return sorted(chosen)

    @property
    def _uses_combined(self) -> bool:
        return self._combined is not None and not self._has_ranking()

    @property
    def _trusts_combined(self) -> bool:
        """Whether the totals of all counters have been shown to be right, now or before."""
        trials = self._known.trials(Rule.COMBINED_IS_TOTALS, self.question.kind, None)
        return trials.holds and (trials.is_judged or trials.before >= TRIALS)

    def _first_ids(self) -> Sequence[int]:
        return self._ids[: self._trials(Rule.COMBINED_IS_TOTALS, None)]

    def _unranked(self, ranking: Ranking) -> list[int]:
        """Some of those that a ranking lacks, from all over the ids."""
        lacking = [each for each in self._ids if not ranking.values.get(each)]
        return _spread(lacking, self._trials(Rule.UNRANKED_IS_ZERO, self._counter))

    def _highest(self, ranking: Ranking) -> list[int]:
        """The busiest, which show a ranking that lags behind, and some from all over."""
        ranked = [each for each in self._ids if ranking.values.get(each)]
        wanted = self._trials(Rule.RANKING_IS_TOTALS, self._counter)
        by_value = sorted(ranked, key=lambda each: (-ranking.values[each], each))
        busiest = by_value[: (wanted + 1) // 2]
        return [*busiest, *_spread(by_value[len(busiest) :], wanted // 2)]

    def _trials(self, rule: Rule, counter: Counter | None) -> int:
        trials = self._known.trials(rule, self.question.kind, counter)
        if not trials.held_before:
            return 0
        if trials.before < TRIALS:
            return TRIALS
        return trials_left(trials, self._counter, self._basis.number)

    def conclude_samples(self) -> list[Proof]:
        """Compare the samples with the ranking and with the totals of all counters."""
        told = self._told_now(self._sampled())
        proofs = []
        ranking = self._ranking()
        if ranking:
            proofs += [
                self._compared(Rule.UNRANKED_IS_ZERO, self._unranked(ranking), told, {}),
                self._compared(
                    Rule.RANKING_IS_TOTALS, self._highest(ranking), told, ranking.values
                ),
            ]
        if self._uses_combined:
            first = self._first_ids()
            combined = self._combined_values(first)
            proofs.append(self._compared(Rule.COMBINED_IS_TOTALS, first, told, combined))
        return [each for each in proofs if each.tried]

    def _compared(
        self,
        rule: Rule,
        ids: Sequence[int],
        told: Mapping[int, int | None],
        cheap: Mapping[int, int],
    ) -> Proof:
        may_lack = rule is not Rule.COMBINED_IS_TOTALS
        for each in ids:
            if each not in told:
                continue
            said, value = cheap.get(each, 0 if may_lack else None), told[each]
            if said == value:
                continue
            # Null is no 0: asked one by one, it would make no row.
            if said is None or value is None or not 0 <= value - said <= _DRIFT:
                sentence = f"{self.question.key}/{each}: {rule} says {said}, its own total {value}"
                return self._proof(rule, len(ids), sentence, holds=False)
        sentence = f"{len(ids)} totals asked one by one say the same"
        return self._proof(rule, len(ids), sentence, holds=True)

    def _proof(self, rule: Rule, tried: int, sentence: str, *, holds: bool) -> Proof:
        return Proof(rule, self.question.kind, self._counter, tried, holds, sentence)

    def combined(self) -> Iterator[Planned]:
        """The total of all counters: of the first items; of all once it is shown to be right."""
        question = self._combined
        if question is None or not self._uses_combined:
            return
        is_trusted = self._trusts_combined
        first = set(self._first_ids())
        for chunk in in_chunks(self._ids):
            mine = by_entity(self._known, question, chunk)
            for entity in chunk:
                if entity in first or is_trusted:
                    own = of_run(mine.get(entity, ()), self._basis.number)
                    yield from planned(question, entity, [Request(question, entity)], [], own)

    def _has_ranking(self) -> bool:
        ranking = self._ranking()
        return bool(ranking and ranking.is_complete and self._ranking_holds())

    def _ranking_holds(self) -> bool:
        kind, counter = self.question.kind, self._counter
        rules = (Rule.RANKING_IS_TOTALS, Rule.UNRANKED_IS_ZERO)
        return all(self._known.trials(rule, kind, counter).holds for rule in rules)

    def rest(self) -> Iterator[Planned]:
        """Every total that no cheaper way has told."""
        sampled = set(self._sampled())
        ranking = self._ranking()
        for chunk in in_chunks(self._ids):
            told = by_entity(self._known, self.question, chunk)
            cheap = self._cheap(chunk, ranking)
            for entity in chunk:
                mine = of_run(told.get(entity, ()), self._basis.number)
                if entity in sampled:
                    continue
                request = Request(self.question, entity)
                if run := self._read_today(told.get(entity, ())):
                    said = f"run {self._known.run_id(run)} has read it on the same date"
                    spared = NotNeeded(request, COVERED, said)
                elif entity in cheap:
                    value, key, _ = cheap[entity]
                    run_id = self._known.run_id(self._basis.number)
                    spared = NotNeeded(request, ANSWERED_BY, f"{run_id}/{key} says {value}")
                else:
                    yield from planned(self.question, entity, [request], [], mine)
                    continue
                yield from planned(self.question, entity, [], [spared], mine)

    def _read_today(self, told: Sequence[Told]) -> int | None:
        today = epoch_day(self._basis.today.snapshot)
        runs = [
            each.run
            for each in told
            if each.is_answer and each.run < self._basis.number and each.snapshot == today
        ]
        return runs[-1] if runs else None

    def _cheap(
        self, chunk: Sequence[int], ranking: Ranking | None
    ) -> dict[int, tuple[int, str, int]]:
        """Totals that another request has told: value, the key of that request, when read."""
        found: dict[int, tuple[int, str, int]] = {}
        kind = self.question.kind
        if self._combined and self._trusts_combined:
            for entity, (value, at) in self._combined_told(chunk).items():
                found[entity] = (value, Request(self._combined, entity).key, at)
        if (
            ranking is None
            or not self._known.trials(Rule.RANKING_IS_TOTALS, kind, self._counter).holds
        ):
            return found
        lacks_are_zero = ranking.is_complete and self._ranking_holds()
        for entity in chunk:
            value = ranking.values.get(entity, 0)
            if value or lacks_are_zero:
                found[entity] = (value, Request(ranking.question).key, ranking.at)
        return found

    def _combined_told(self, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
        place = list(Counter).index(self._counter)
        found = {}
        for entity, told in by_entity(self._known, self._combined, ids).items():
            for each in of_run(told, self._basis.number):
                if each.state is State.DONE:
                    points = unpacked(each.points) if each.points else {}
                    found[entity] = (points.get(place, 0), each.at)
        return found

    def _combined_values(self, ids: Sequence[int]) -> dict[int, int]:
        return {entity: value for entity, (value, _) in self._combined_told(ids).items()}

    def _told_now(self, ids: Sequence[int]) -> dict[int, int | None]:
        """Totals of this run; None: answered with null; absent: failed, or not asked."""
        found: dict[int, int | None] = {}
        for chunk in in_chunks(ids):
            for entity, told in by_entity(self._known, self.question, chunk).items():
                for each in of_run(told, self._basis.number):
                    if each.is_answer:
                        found[entity] = each.value
        return found

    def _asked(self, ids: Sequence[int]) -> Iterator[Planned]:
        for chunk in in_chunks(ids):
            told = by_entity(self._known, self.question, chunk)
            for entity in chunk:
                mine = of_run(told.get(entity, ()), self._basis.number)
                request = Request(self.question, entity)
                yield from planned(self.question, entity, [request], [], mine)

    def fallen(self) -> Iterator[Doubt]:
        """Series whose total is lower than an earlier run read it: counts were restated."""
        for chunk in in_chunks(self._ids):
            for entity, told in by_entity(self._known, self.question, chunk).items():
                values = [(each.run, each.value) for each in told if each.value is not None]
                before = [value for run, value in values if run < self._basis.number]
                now = [value for run, value in values if run == self._basis.number]
                if before and now and now[0] < before[-1]:
                    said = f"{self.question.key}/{entity}: {before[-1]} before, {now[0]} now"
                    yield Doubt(self.question, entity, TOTAL_FELL, said)

    def work_out(self) -> Iterator[WorkedOut]:
        """Totals that another request has told, those not kept yet."""
        sampled = set(self._sampled())
        ranking = self._ranking()
        run_id = self._known.run_id(self._basis.number)
        for chunk in in_chunks(self._ids):
            told = by_entity(self._known, self.question, chunk)
            for entity, (value, key, at) in self._cheap(chunk, ranking).items():
                mine = of_run(told.get(entity, ()), self._basis.number)
                if mine or entity in sampled or self._read_today(told.get(entity, ())):
                    continue
                yield answered_by(self.question, entity, value, at, f"{run_id}/{key}")


def conclude_samples(totals: Sequence[Totals]) -> Conclusion:
    """What the samples of all kinds and counters show."""
    return Conclusion([proof for each in totals for proof in each.conclude_samples()])


def _ranks(ranking: Question, total: Question) -> bool:
    return (
        ranking.endpoint is Endpoint.TOP
        and ranking.sub_item is None
        and (ranking.kind, ranking.counter) == (total.kind, total.counter)
    )


def _spread(ids: Sequence[int], number: int) -> list[int]:
    """So many of the ids, at even distances."""
    if len(ids) <= number:
        return list(ids)
    return [ids[place * len(ids) // number] for place in range(number)]
