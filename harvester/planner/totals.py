"""Totals: one by one, all counters at once, or read off a ranking of the whole institution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harvester.model.dates import epoch_day
from harvester.model.outcomes import DerivedAnswer, PastOutcome
from harvester.model.question import Question
from harvester.model.request import NO_ENTITY, Request
from harvester.model.rules import TOTAL_FELL, Contradiction, RuleTrial
from harvester.model.run_plan import PlanInputs
from harvester.planner.derive import answered_by
from harvester.planner.inputs import EvidenceSource, by_entity, in_chunks, of_run
from harvester.planner.planned import ANSWERED_BY, COVERED, NotNeeded, Planned, planned
from harvester.planner.samples import Samples
from harvester.planner.series import earlier_answers
from harvester.planner.step import Conclusion
from harvester.planner.total_shortcuts import TotalShortcuts


class Totals:
    """Plans the total of one kind and counter."""

    def __init__(self, inputs: PlanInputs, known: EvidenceSource, question: Question) -> None:
        self._inputs = inputs
        self._known = known
        self.question = question
        self._ids = inputs.entities.get(question.kind, ())
        self._cheaper = TotalShortcuts(inputs, known, question)
        self._samples = Samples(inputs, known, question, self._cheaper)

    def rankings(self) -> Iterator[Planned]:
        """The one ranking that has every total."""
        ranked = self._cheaper.ranked
        if ranked and self._is_wanting:
            mine = of_run(self._cheaper.ranking_told(), self._inputs.number)
            yield from planned(ranked, NO_ENTITY, [Request(ranked)], [], mine)

    @property
    def _is_wanting(self) -> bool:
        """Whether any total was not read on this date by an earlier run."""
        return any(
            not self._read_today(told.get(entity, ()))
            for chunk in in_chunks(self._ids)
            for told in [by_entity(self._known, self.question, chunk)]
            for entity in chunk
        )

    def samples(self) -> Iterator[Planned]:
        """Totals asked one by one, to see whether the cheaper ways tell the same."""
        yield from self._asked(self._samples.chosen())

    def conclude_samples(self) -> list[RuleTrial]:
        """Compare the samples with what the cheaper ways say."""
        return self._samples.conclude()

    def combined(self) -> Iterator[Planned]:
        """The total of all counters: of the first items; of all once it is shown to be right."""
        question = self._cheaper.combined
        if question is None or not self._cheaper.uses_combined:
            return
        is_trusted = self._cheaper.trusts_combined
        first = set(self._samples.first_ids())
        for chunk in in_chunks(self._ids):
            mine = by_entity(self._known, question, chunk)
            for entity in chunk:
                if entity in first or is_trusted:
                    own = of_run(mine.get(entity, ()), self._inputs.number)
                    yield from planned(question, entity, [Request(question, entity)], [], own)

    def rest(self) -> Iterator[Planned]:
        """Every total that no cheaper way has told."""
        sampled = set(self._samples.chosen())
        ranking = self._cheaper.ranking()
        for chunk in in_chunks(self._ids):
            told = by_entity(self._known, self.question, chunk)
            cheap = self._cheaper.outcomes(chunk, ranking)
            for entity in chunk:
                mine = of_run(told.get(entity, ()), self._inputs.number)
                if entity in sampled:
                    continue
                request = Request(self.question, entity)
                if run := self._read_today(told.get(entity, ())):
                    said = f"run {self._known.run_id(run)} has read it on the same date"
                    spared = NotNeeded(request, COVERED, said)
                elif entity in cheap:
                    value, key, _ = cheap[entity]
                    run_id = self._known.run_id(self._inputs.number)
                    spared = NotNeeded(request, ANSWERED_BY, f"{run_id}/{key} says {value}")
                else:
                    yield from planned(self.question, entity, [request], [], mine)
                    continue
                yield from planned(self.question, entity, [], [spared], mine)

    def _read_today(self, told: Sequence[PastOutcome]) -> int | None:
        today = epoch_day(self._inputs.today.snapshot)
        runs = [
            each.run
            for each in earlier_answers(told, self._inputs.number)
            if each.snapshot == today
        ]
        return runs[-1] if runs else None

    def _asked(self, ids: Sequence[int]) -> Iterator[Planned]:
        for chunk in in_chunks(ids):
            told = by_entity(self._known, self.question, chunk)
            for entity in chunk:
                mine = of_run(told.get(entity, ()), self._inputs.number)
                request = Request(self.question, entity)
                yield from planned(self.question, entity, [request], [], mine)

    def fallen(self) -> Iterator[Contradiction]:
        """Series whose total is lower than an earlier run read it: counts were restated."""
        for chunk in in_chunks(self._ids):
            for entity, told in by_entity(self._known, self.question, chunk).items():
                values = [(each.run, each.value) for each in told if each.value is not None]
                before = [value for run, value in values if run < self._inputs.number]
                now = [value for run, value in values if run == self._inputs.number]
                if before and now and now[0] < before[-1]:
                    said = f"{self.question.key}/{entity}: {before[-1]} before, {now[0]} now"
                    yield Contradiction(self.question, entity, TOTAL_FELL, said)

    def work_out(self) -> Iterator[DerivedAnswer]:
        """Totals that another request has told, those not kept yet."""
        sampled = set(self._samples.chosen())
        ranking = self._cheaper.ranking()
        run_id = self._known.run_id(self._inputs.number)
        for chunk in in_chunks(self._ids):
            told = by_entity(self._known, self.question, chunk)
            for entity, (value, key, at) in self._cheaper.outcomes(chunk, ranking).items():
                mine = of_run(told.get(entity, ()), self._inputs.number)
                if mine or entity in sampled or self._read_today(told.get(entity, ())):
                    continue
                yield answered_by(self.question, entity, value, at, f"{run_id}/{key}")


def conclude_samples(totals: Sequence[Totals]) -> Conclusion:
    """What the samples of all kinds and counters show."""
    return Conclusion([proof for each in totals for proof in each.conclude_samples()])
