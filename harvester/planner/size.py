"""What a plan costs: the fewest and the most requests, stage by stage, and what is saved."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harvester.model.limits import GROUPS_PER_COUNT
from harvester.model.question import Question, Wanted
from harvester.model.request import Request
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Endpoint, Granularity
from harvester.planner.families import Family, families
from harvester.planner.inputs import EvidenceSource
from harvester.planner.intervals import range_window
from harvester.planner.rule_trials import TRIALS
from harvester.planner.series import MissingDays
from harvester.planner.steps import steps
from harvester.planner.windows import split_window

# Series whose years are asked beside a long timeline: with events, and without.
CHECKED = 2 * TRIALS


@dataclass(frozen=True, slots=True)
class StageSize:
    """What one stage of a plan costs in requests.

    Attributes:
        least, most: requests of the whole run, answered ones included; they differ where later
            requests depend on answers.
        not_needed: stretches that need no request, by reason, as far as that is known.
    """

    stage: Endpoint
    least: int = 0
    most: int = 0
    not_needed: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuestionSize:
    """What one question of a plan costs in requests.

    Attributes:
        entities: whom it is put to; 1 where it is about no entity.
        is_evidence: asked for its own sake, it fills no dataset.
    """

    wanted: Wanted
    entities: int
    least: int
    most: int
    is_evidence: bool = False


@dataclass(frozen=True, slots=True)
class PlanSize:
    """What a whole plan costs in requests and seconds.

    Attributes:
        stages: in the order of the run.
        questions: each question by itself; empty for a plan that is partly carried out.
        done: requests of the unfinished run that are answered already.
        requests_per_second: the pace; None: unlimited.
        next_month: what the same job asks a month after, fewest and most; None: not derived.
    """

    stages: Sequence[StageSize]
    questions: Sequence[QuestionSize] = ()
    done: int = 0
    requests_per_second: float | None = None
    next_month: tuple[int, int] | None = None

    @property
    def least(self) -> int:
        """Requests that are still to be asked at least."""
        return max(0, sum(each.least for each in self.stages) - self.done)

    @property
    def most(self) -> int:
        """Requests that are still to be asked at most."""
        return max(0, sum(each.most for each in self.stages) - self.done)

    @property
    def requests(self) -> int:
        """The same as `most`: what a user must be ready to wait for."""
        return self.most

    @property
    def seconds(self) -> float:
        """How long `most` takes at the pace; 0 when it is unlimited."""
        return self.at_pace(self.most)

    def at_pace(self, requests: int) -> float:
        """How long requests take at the pace; 0 when it is unlimited."""
        return requests / self.requests_per_second if self.requests_per_second else 0.0

    def not_needed(self, endpoint: Endpoint) -> dict[str, int]:
        """Stretches that need no request in one stage, by reason."""
        return next((each.not_needed for each in self.stages if each.stage is endpoint), {})


def size(inputs: PlanInputs, known: EvidenceSource) -> list[StageSize]:
    """Count the plan of a run, as far as the ledger allows.

    Steps before which all is answered are counted exactly; for those that wait for answers
    the fewest is nothing, where evidence may spare it, and the most is what would be asked
    without that evidence.
    """
    least, most = Tally[Endpoint](), Tally[Endpoint]()
    saved: dict[Endpoint, Tally[str]] = {}
    is_reached = True
    for step in steps(inputs, known):
        is_exact = is_reached or not step.waits
        if step.is_spared and not is_exact:
            continue
        pending = asked = 0
        reasons = saved.setdefault(step.stage, Tally())
        for planned in step.items():
            if isinstance(planned.item, Request):
                asked += 1
                pending += not planned.is_in
            elif is_exact:
                reasons[planned.item.reason] += 1
        most[step.stage] += asked
        least[step.stage] += asked if is_exact else asked - pending
        is_reached = is_reached and not pending
    return [StageSize(stage, least[stage], most[stage], dict(saved[stage])) for stage in saved]


def known_requests(inputs: PlanInputs, known: EvidenceSource) -> Iterator[Request]:
    """The requests that a run would send, as far as they do not depend on answers to come."""
    is_reached = True
    for step in steps(inputs, known):
        if step.waits and not is_reached:
            continue
        for planned in step.items():
            if isinstance(planned.item, Request) and not planned.is_in:
                is_reached = False
                yield planned.item


def first_size(inputs: PlanInputs) -> tuple[list[StageSize], list[QuestionSize]]:
    """Count the plan of a job that never ran, by multiplication: a million cost as one."""
    questions = [
        *(_question_size(inputs, each, is_evidence=True) for each in inputs.evidence),
        *(_question_size(inputs, each, is_evidence=False) for each in inputs.wanted),
    ]
    stages = []
    for stage in Endpoint:
        mine = [each for each in questions if each.wanted.question.endpoint is stage]
        if mine:
            least, most = sum(each.least for each in mine), sum(each.most for each in mine)
            stages.append(StageSize(stage, least, most))
    return stages, questions


def next_month(inputs: PlanInputs) -> tuple[int, int]:
    """The fewest and the most requests of a run whose periods have all grown by one month."""
    least = most = 0
    for each in inputs.wanted:
        question = each.question
        entities = _entities(inputs, question)
        if question.endpoint is Endpoint.COUNT:
            entities = -(-entities // GROUPS_PER_COUNT)
        if not question.endpoint.has_granularity:
            cheap = _is_cheaper(inputs, question)
            least, most = least + (1 if cheap else entities), most + (1 if cheap else entities)
        elif not _is_coarse(inputs, each):
            most += entities
            least += 0 if inputs.skips and _has_total(inputs, question) else entities
    return least, most


def _question_size(inputs: PlanInputs, wanted: Wanted, *, is_evidence: bool) -> QuestionSize:
    question = wanted.question
    entities = _entities(inputs, question)
    if question.endpoint is Endpoint.COUNT:
        requests = -(-entities // GROUPS_PER_COUNT)
        return QuestionSize(wanted, entities, requests, requests)
    most = entities * _windows(inputs, wanted)
    least = most
    if question.endpoint is Endpoint.TOTAL:
        cheaper = _is_cheaper(inputs, question)
        least = min(most, TRIALS) if cheaper or question.is_undocumented else most
    elif question.is_ranking_of_all:
        least = most
    elif inputs.skips:
        is_check = question.endpoint is Endpoint.TIMELINE and _is_check(inputs, wanted)
        if is_check and is_evidence:
            most = min(most, CHECKED)
        elif is_check and wanted.window:
            pieces = sum(
                1 for _ in split_window(wanted.window, Endpoint.BREAKDOWN, Granularity.YEAR)
            )
            most += (pieces - 1) * min(entities, CHECKED)
        is_for_some = is_check and is_evidence
        spared = is_for_some or _is_coarse(inputs, wanted) or _has_evidence(inputs, question)
        least = 0 if spared else most
    return QuestionSize(wanted, entities, least, most, is_evidence)


def _entities(inputs: PlanInputs, question: Question) -> int:
    return 1 if question.is_ranking_of_all else len(inputs.entities.get(question.kind, ()))


def _windows(inputs: PlanInputs, wanted: Wanted) -> int:
    """Windows of a series of which nothing is known."""
    question, window = wanted.question, wanted.window
    if window is None or question.granularity is None:
        return 1
    left = MissingDays(inputs, question, window).of(())
    if question.endpoint is Endpoint.TIMELINE:
        return len(left)
    return sum(
        1
        for each in left
        for _ in split_window(range_window(each), question.endpoint, question.granularity)
    )


def _has_total(inputs: PlanInputs, question: Question) -> bool:
    return any(
        each.question.endpoint is Endpoint.TOTAL
        and (each.question.kind, each.question.counter) == (question.kind, question.counter)
        for each in (*inputs.wanted, *inputs.evidence)
    )


def _is_cheaper(inputs: PlanInputs, total: Question) -> bool:
    """Whether one request may tell this total for many."""
    return total.endpoint is Endpoint.TOTAL and any(
        (each.question.is_ranking_of_all and each.question.counter is total.counter)
        or each.question.is_undocumented
        for each in inputs.evidence
        if each.question.kind is total.kind
    )


def _has_evidence(inputs: PlanInputs, question: Question) -> bool:
    """Whether what comes before may spare all requests of a question."""
    if _has_total(inputs, question):
        return True
    return question.endpoint is Endpoint.BREAKDOWN and any(
        family.fine for family in _of_topic(inputs, question)
    )


def _of_topic(inputs: PlanInputs, question: Question) -> list[Family]:
    found = families(inputs)
    return [
        each for each in found if (each.kind, each.counter) == (question.kind, question.counter)
    ]


def _is_coarse(inputs: PlanInputs, wanted: Wanted) -> bool:
    if not inputs.skips or wanted.question.endpoint is not Endpoint.TIMELINE:
        return False
    return any(wanted in family.coarse for family in _of_topic(inputs, wanted.question))


def _is_check(inputs: PlanInputs, wanted: Wanted) -> bool:
    return any(wanted.question == family.check for family in _of_topic(inputs, wanted.question))
