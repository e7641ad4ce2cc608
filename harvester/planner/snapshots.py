"""Counts and rankings: asked once per date, whatever was answered before."""

from __future__ import annotations

from collections.abc import Iterator

from harvester.model.dates import Window, epoch_day
from harvester.model.limits import GROUPS_PER_COUNT
from harvester.model.outcomes import PastOutcome
from harvester.model.question import Question, Wanted
from harvester.model.request import NO_ENTITY, Request
from harvester.model.rules import Rule
from harvester.model.run_plan import PlanInputs
from harvester.planner.history import newest_total
from harvester.planner.inputs import EvidenceSource, by_entity, in_chunks, of_run
from harvester.planner.planned import COVERED, NotNeeded, Planned, planned
from harvester.planner.series import earlier_answers


def counts(inputs: PlanInputs, known: EvidenceSource, question: Question) -> Iterator[Planned]:
    """The articles of every group, a hundred groups at once."""
    ids = inputs.entities.get(question.kind, ())
    before = {group for group, run in known.counted_groups().items() if run < inputs.number}
    groups = [each for each in ids if each not in before]
    told = by_entity(known, question, groups)
    for start in range(0, len(groups), GROUPS_PER_COUNT):
        some = tuple(groups[start : start + GROUPS_PER_COUNT])
        is_in = bool(of_run(told.get(some[0], ()), inputs.number))
        yield Planned(Request(question, groups=some), is_in)
    if done := tuple(each for each in ids if each in before):
        said = f"{len(done)} groups were counted on this date by an earlier run"
        yield Planned(NotNeeded(Request(question, groups=done), COVERED, said))


def ranking_of_all(
    inputs: PlanInputs, known: EvidenceSource, question: Question
) -> Iterator[Planned]:
    """One ranking of all items of a kind."""
    told = known.outcomes(question, NO_ENTITY, NO_ENTITY).get(NO_ENTITY, ())
    yield from _snapshot(inputs, known, question, NO_ENTITY, (None, list(told), None))


def rankings_inside(
    inputs: PlanInputs, known: EvidenceSource, wanted: Wanted, total: Question | None
) -> Iterator[Planned]:
    """A ranking inside each entity; where nothing was ever counted there is nothing to rank."""
    question = wanted.question
    ids = inputs.entities.get(question.kind, ())
    trials = known.trials(Rule.TOTAL_IS_ZERO, question.kind, question.counter)
    # The rule is not tried on rankings: it serves here once timelines have shown it.
    is_shown = inputs.skips and trials.holds and (trials.before > 0 or trials.is_judged)
    for chunk in in_chunks(ids):
        told = by_entity(known, question, chunk)
        totals = by_entity(known, total if is_shown else None, chunk)
        for entity in chunk:
            value = newest_total(totals.get(entity, ()), inputs.today, inputs.number)
            past = (wanted.window, list(told.get(entity, ())), value)
            yield from _snapshot(inputs, known, question, entity, past)


def _snapshot(
    inputs: PlanInputs,
    known: EvidenceSource,
    question: Question,
    entity: int,
    past: tuple[Window | None, list[PastOutcome], int | None],
) -> Iterator[Planned]:
    window, told, total = past
    request = Request(question, entity or None, window)
    same = [each for each in told if not window or _is_window(each, window)]
    today = epoch_day(inputs.today.snapshot)
    mine = of_run(same, inputs.number)
    read = [
        each for each in earlier_answers(same, inputs.number) if each.snapshot == today
    ]  # fmt: skip
    if read:
        said = f"run {known.run_id(read[-1].run)} has read it on the same date"
        yield from planned(question, entity, [], [NotNeeded(request, COVERED, said)], mine)
    elif total == 0:
        said = "the all-time total of this run is 0"
        spared = NotNeeded(request, Rule.TOTAL_IS_ZERO.value, said)
        yield from planned(question, entity, [], [spared], mine)
    else:
        yield from planned(question, entity, [request], [], mine)


def _is_window(told: PastOutcome, window: Window) -> bool:
    return (told.first, told.last) == (epoch_day(window.first), epoch_day(window.last))
