"""How many requests a plan makes, counted per question and without making them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from harvester.model.limits import GROUPS_PER_COUNT
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.terms import Endpoint
from harvester.model.wanted import Wanted
from harvester.planner.expand import Plan, WindowCuts


@dataclass(frozen=True, slots=True)
class QuestionSize:
    """What one question costs.

    Attributes:
        wanted: the question and its days.
        entities: whom it is put to; 1 where it is about no entity.
        requests: of the whole run, answered ones included.
        not_needed: stretches that need none, by reason.
    """

    wanted: Wanted
    entities: int
    requests: int
    not_needed: dict[str, int]


@dataclass(frozen=True, slots=True)
class PlanSize:
    """What a plan costs.

    Attributes:
        questions: in the order of the run.
        done: requests of the unfinished run that are answered already.
        requests_per_second: the pace; None: unlimited.
    """

    questions: Sequence[QuestionSize]
    done: int = 0
    requests_per_second: float | None = None
    stages: dict[Endpoint, int] = field(init=False)

    def __post_init__(self) -> None:
        stages: Counter[Endpoint] = Counter()
        for each in self.questions:
            stages[each.wanted.question.endpoint] += each.requests
        object.__setattr__(self, "stages", dict(stages))

    @property
    def requests(self) -> int:
        """What is still to be asked."""
        return sum(each.requests for each in self.questions) - self.done

    @property
    def seconds(self) -> float:
        """How long that takes at the pace; 0 when it is unlimited."""
        return self.requests / self.requests_per_second if self.requests_per_second else 0.0

    def not_needed(self, endpoint: Endpoint) -> dict[str, int]:
        """Requests saved in one stage, by reason."""
        saved: Counter[str] = Counter()
        for each in self.questions:
            if each.wanted.question.endpoint is endpoint:
                saved.update(each.not_needed)
        return dict(saved)


def size(plan: Plan, *, done: int = 0, requests_per_second: float | None = None) -> PlanSize:
    """Count a plan's requests per question.

    A question that nothing is known of is counted by multiplication: a million requests cost
    no more than one.
    """
    sizes = [_question_size(plan, wanted) for wanted in plan.wanted]
    return PlanSize(sizes, done, requests_per_second)


def _question_size(plan: Plan, wanted: Wanted) -> QuestionSize:
    question = wanted.question
    entities = len(plan.entity_ids(question))
    if question.endpoint is Endpoint.COUNT and not plan.known.counted_groups():
        return QuestionSize(wanted, entities, -(-entities // GROUPS_PER_COUNT), {})
    if not plan.known.readings(question) and question.endpoint is not Endpoint.COUNT:
        return QuestionSize(wanted, entities, entities * _windows(plan, question, wanted), {})
    requests, saved = 0, Counter[str]()
    for item in plan.items(wanted):
        if isinstance(item, Request):
            requests += 1
        else:
            saved[item.reason] += 1
    return QuestionSize(wanted, entities, requests, dict(saved))


def _windows(plan: Plan, question: Question, wanted: Wanted) -> int:
    if wanted.window is None or question.endpoint.is_snapshot:
        return 1
    return len(WindowCuts(question, wanted.window, plan.today).of(())[0])
