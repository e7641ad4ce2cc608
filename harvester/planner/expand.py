"""What a job wants, expanded into requests: lazily, in a stable order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from harvester.model.limits import GROUPS_PER_COUNT
from harvester.model.question import Question
from harvester.model.reading import Reading
from harvester.model.request import NO_ENTITY, Request
from harvester.model.terms import Endpoint, Kind
from harvester.model.wanted import Wanted
from harvester.model.window import Window
from harvester.planner.coverage import Today, cell_edge, covered_stretches, gaps
from harvester.planner.cut import cut

Entities = Mapping[Kind, Sequence[int]]


class Known(Protocol):
    """What the ledger remembers of the runs before this one."""

    def readings(self, question: Question) -> Mapping[int, Sequence[Reading]]:
        """Answered windows by entity id, oldest run first; 0 stands for no entity.

        Where no window is sent, first and last mean nothing.
        """

    def counted_groups(self) -> set[int]:
        """The groups that an earlier run of the same date counted."""


@dataclass(frozen=True, slots=True)
class NotNeeded:
    """A stretch of one series that needs no request.

    Attributes:
        saved: the request it saves, with the window of the whole stretch.
        reason: a short stable word (contract §3).
        proof: its sentence.
    """

    saved: Request
    reason: str
    proof: str


class NothingKnown:
    """The memory of a job that never ran."""

    def readings(self, question: Question) -> Mapping[int, Sequence[Reading]]:  # noqa: ARG002
        """No answer yet, to no question."""
        return {}

    def counted_groups(self) -> set[int]:
        """None yet."""
        return set()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides what a run asks; the same plan always yields the same requests.

    Attributes:
        wanted: in stage order; windows of one question are disjoint.
        entities: ids by kind, ascending.
    """

    wanted: Sequence[Wanted]
    entities: Entities
    known: Known
    today: Today

    def items(self, wanted: Wanted) -> Iterator[Request | NotNeeded]:
        """Every request of one question, and what needs none: by entity, then oldest first."""
        question = wanted.question
        if question.endpoint is Endpoint.COUNT:
            yield from self._counts(question)
        elif question.endpoint.is_snapshot:
            yield from self._snapshots(wanted)
        else:
            yield from self._periods(question, wanted.window)

    def entity_ids(self, question: Question) -> Sequence[int]:
        """Whom a question is put to; 0 alone: it is about no entity."""
        if question.endpoint is Endpoint.TOP and question.sub_item is None:
            return [NO_ENTITY]
        return self.entities.get(question.kind, ())

    def _counts(self, question: Question) -> Iterator[Request | NotNeeded]:
        counted = self.known.counted_groups()
        groups = [each for each in self.entity_ids(question) if each not in counted]
        for start in range(0, len(groups), GROUPS_PER_COUNT):
            yield Request(question, groups=tuple(groups[start : start + GROUPS_PER_COUNT]))
        done = tuple(each for each in self.entity_ids(question) if each in counted)
        if done:
            yield NotNeeded(
                Request(question, groups=done),
                "covered",
                f"{len(done)} groups were counted on this date by an earlier run",
            )

    def _snapshots(self, wanted: Wanted) -> Iterator[Request | NotNeeded]:
        question, window = wanted.question, wanted.window
        readings = self.known.readings(question)
        for entity in self.entity_ids(question):
            request = Request(question, entity or None, window)
            today = [
                reading.run_id
                for reading in readings.get(entity, ())
                if reading.snapshot == self.today.snapshot
                and (window is None or (reading.first, reading.last) == (window.first, window.last))
            ]
            yield NotNeeded(request, "covered", _read_by(today[-1])) if today else request

    def _periods(self, question: Question, asked: Window | None) -> Iterator[Request | NotNeeded]:
        if asked is None or question.granularity is None:
            raise ValueError(f"{question.key} needs a window and a granularity")
        readings = self.known.readings(question)
        cuts = WindowCuts(question, asked, self.today)
        for entity in self.entity_ids(question):
            mine = tuple(readings.get(entity, ()))
            windows, covered = cuts.of(mine)
            for window in windows:
                yield Request(question, entity, window)
            for stretch in covered:
                run_id = next(each.run_id for each in reversed(mine) if stretch.last >= each.first)
                yield NotNeeded(Request(question, entity, stretch), "covered", _read_by(run_id))


class WindowCuts:
    """The windows of one question, by what is known of a series.

    Series of one question mostly share their past, so each past is worked out once.
    """

    def __init__(self, question: Question, asked: Window, today: Today) -> None:
        self._question = question
        self._asked = asked
        self._today = today
        self._known: dict[tuple[Reading, ...], tuple[list[Window], list[Window]]] = {}

    def of(self, readings: tuple[Reading, ...]) -> tuple[list[Window], list[Window]]:
        """The windows to ask, and the stretches that need no request, each oldest first."""
        if readings not in self._known:
            self._known[readings] = self._work_out(readings)
        return self._known[readings]

    def _work_out(self, readings: tuple[Reading, ...]) -> tuple[list[Window], list[Window]]:
        question = self._question
        if question.granularity is None:
            raise ValueError(f"{question.key} has no granularity")
        missing = gaps(self._asked, readings, cell_edge(question), self._today)
        windows = [
            window
            for gap in missing
            for window in cut(gap, question.endpoint, question.granularity)
        ]
        return windows, covered_stretches(self._asked, missing)


def requests_of(
    plan: Plan, answered: Callable[[Question], set[tuple[int, int]]] | None = None
) -> Iterator[Request]:
    """Every request of a plan that is not answered yet, lazily.

    Args:
        answered: asked once per question for the slots (`Request.slot`) to leave out.
    """
    for wanted in plan.wanted:
        slots = answered(wanted.question) if answered else set()
        for item in plan.items(wanted):
            if isinstance(item, Request) and item.slot not in slots:
                yield item


def _read_by(run_id: str) -> str:
    return f"run {run_id} has read these days, and they were settled or read on the same date"
