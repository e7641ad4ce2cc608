"""A run's steps in turn: asked, concluded, and gone through again where a rule broke."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import Enum
from itertools import islice

from harvester.harvest.ledger_evidence import LedgerEvidence
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.terms import Endpoint
from harvester.planner.families import counted
from harvester.planner.step import Step
from harvester.planner.steps import steps

_KEPT_AT_ONCE = 1_000


class StepFindings(Enum):
    """What the answers of a step show about the rules that spared requests."""

    NOTHING_NEW = "nothing new"
    MORE_HERE = "more here"  # a rule has been tried: the rest of the step can be planned
    BROKEN = "broken"  # a rule has failed: what it spared must be asked, from the first step on


class StepRunner:
    """Runs through the steps of one run; the ledger alone remembers how far it is.

    Attributes:
        counted: questions whose counts are kept one by one, for later steps to read.
        is_over: every step is asked and concluded.
    """

    def __init__(self, ledger: Ledger, run: Run) -> None:
        self._ledger = ledger
        self._run = run
        self._shown = {each.question for each in run.wanted}
        self._known = LedgerEvidence(ledger, run)
        inputs = run.plan_inputs
        self._steps = steps(inputs, self._known)
        self._at = 0
        self._asked: dict[int, int] = {}
        self._spared: dict[int, Counter[str]] = {}
        self.counted = counted(inputs)
        self.is_over = not self._steps

    @property
    def step(self) -> Step:
        """The step to be asked."""
        return self._steps[self._at]

    def pending(self) -> Iterator[Request]:
        """What of the present step has no outcome, lazily."""
        asked = 0
        spared = self._spared[self._at] = Counter()
        for item, is_in in self.step.items():
            if isinstance(item, Request):
                asked += 1
                if not is_in:
                    yield item
            else:
                spared[item.reason] += 1
        self._asked[self._at] = asked

    def spared(self) -> Counter[str]:
        """Stretches of days that needed no request so far, by reason."""
        return sum(self._spared.values(), Counter[str]())

    def go_on(self) -> Mapping[Question, int]:
        """Conclude the present step, all of whose requests are answered, and turn to the next.

        Returns:
            Rows that were derived and wait in the spool now, by question; an answer without
            rows counts as one.
        """
        shown = self._conclude()
        kept: Counter[Question] = Counter()
        if shown is StepFindings.BROKEN:
            self._at = 0
        elif shown is StepFindings.NOTHING_NEW:
            kept = self._work_out()
            self._at += 1
            self.is_over = self._at == len(self._steps)
        return kept

    def _conclude(self) -> StepFindings:
        conclusion = self.step.conclude()
        if not self._known.learn(conclusion):
            return StepFindings.NOTHING_NEW
        is_broken = any(not each.holds for each in conclusion.trials_made)
        is_doubted = any(not each.is_note for each in conclusion.contradictions)
        return StepFindings.BROKEN if is_broken or is_doubted else StepFindings.MORE_HERE

    def _work_out(self) -> Counter[Question]:
        """Keep what the step's answers hold for others; there may be a million of them."""
        answers = self.step.work_out()
        kept: Counter[Question] = Counter()
        while some := list(islice(answers, _KEPT_AT_ONCE)):
            # What serves as evidence alone makes no rows, however it was told.
            kept_rows = [
                each if each.question in self._shown else replace(each, rows=0) for each in some
            ]
            self._ledger.answers.keep_derived(self._run.number, kept_rows)
            for each in some:
                kept[each.question] += max(each.rows, 1)
        return kept

    def exact(self) -> dict[Endpoint, int]:
        """How many requests the stages have whose last step is behind."""
        last = {step.stage: place for place, step in enumerate(self._steps)}
        found: dict[Endpoint, int] = {}
        for place, step in enumerate(self._steps[: self._at]):
            found[step.stage] = found.get(step.stage, 0) + self._asked.get(place, 0)
        return {stage: n for stage, n in found.items() if last[stage] < self._at}
