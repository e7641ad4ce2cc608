"""A spooled reply and its run, turned into a request and the columns its body does not hold."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Protocol, Self

import orjson

from harvester.model.dates import Window, day_of, epoch_day, to_micros
from harvester.model.question import Question, Wanted
from harvester.model.request import NO_ENTITY, Request
from harvester.model.rows import Columns
from harvester.model.spool import SpooledReply
from harvester.model.terms import Endpoint, State


class StampedRun(Protocol):
    """What a stamp takes from the ledger's run."""

    @property
    def number(self) -> int:
        """Its number in the ledger."""

    @property
    def run_id(self) -> str:
        """Its id, as every dataset names it."""

    @property
    def snapshot(self) -> date:
        """Its date."""

    @property
    def wanted(self) -> Sequence[Wanted]:
        """What the job asks."""

    @property
    def settle_days(self) -> int:
        """How old a day must be before its number no longer moves."""


@dataclass(frozen=True, slots=True)
class RunStamp:
    """What every row of a run carries, and the two functions that publishing borrows.

    Attributes:
        number: of the run in the ledger.
        parse: body -> rows; it accepted these bodies when they arrived.
        address: the URL of a request.
        keeps_raw: whether bodies go to responses/.
        shown: the questions that the job asked; the answers to others are evidence alone, and
            fill no dataset but responses/.
    """

    number: int
    run_id: str
    snapshot: date
    parse: Callable[[Request, bytes], tuple[Columns, ...]]
    address: Callable[[Request], str]
    keeps_raw: bool
    shown: frozenset[Question]
    settle_days: int = 0

    @classmethod
    def of(
        cls,
        run: StampedRun,
        *,
        parse: Callable[[Request, bytes], tuple[Columns, ...]],
        address: Callable[[Request], str],
        keeps_raw: bool,
    ) -> Self:
        """The stamp of a run of the ledger."""
        shown = frozenset(each.question for each in run.wanted)
        return cls(
            run.number,
            run.run_id,
            run.snapshot,
            parse,
            address,
            keeps_raw,
            shown,
            run.settle_days,
        )

    def request_id(self, request: Request) -> str:
        """The id of a request of this run, as every dataset names it."""
        return f"{self.run_id}/{request.key}"


def request_of(question: Question, spooled: SpooledReply) -> Request:
    """The request that a spooled reply answers."""
    if question.endpoint is Endpoint.COUNT:
        return Request(question, groups=tuple(orjson.loads(spooled.groups or "[]")))
    window = _window(spooled.first, spooled.last) if spooled.first else None
    return Request(question, None if spooled.entity == NO_ENTITY else spooled.entity, window)


# Most entities are asked for the same few windows.
@lru_cache(maxsize=256)
def _window(first: int, last: int) -> Window:
    return Window(day_of(first), day_of(last))


def rows_up_to(shown: int, columns: Columns, last: int) -> Columns:
    """The rows of the days that are wanted; a window may run on for the sake of evidence.

    Args:
        shown: the last of those days; likewise `last`, of the window.
    """
    if last <= shown or "period_start" not in columns.values:
        return columns
    starts: Sequence[Any] = columns.values["period_start"]
    length = bisect_right(starts, shown)
    return Columns(
        columns.dataset,
        length,
        {name: values[:length] for name, values in columns.values.items()},
    )


def shared_columns(run: RunStamp, request: Request, spooled: SpooledReply) -> dict[str, object]:
    """The columns that are the same for all rows of a reply; days and moments as numbers."""
    question, window = request.question, request.window
    is_derived = spooled.derived_as is State.DERIVED
    request_id = spooled.source if spooled.derived_as else run.request_id(request)
    return {
        "institution": question.institution,
        "entity_id": request.entity_id,
        "sub_item": question.sub_item.value if question.sub_item else None,
        "sub_item_id": question.sub_item_id,
        "snapshot": epoch_day(run.snapshot),
        "window_start": spooled.first if window else None,
        "window_end": spooled.last if window else None,
        "origin": "derived" if is_derived else "reported",
        "harvested_at": to_micros(spooled.fetched_at),
        "request_id": request_id,
    }
