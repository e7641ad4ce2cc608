"""Which periods an answer may name, and the days they stand for."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import orjson

from harvester.model.dates import Window, periods
from harvester.model.request import Request
from harvester.model.terms import Granularity
from harvester.parse.body import ShapeError, shown


@dataclass(frozen=True, slots=True)
class Spans:
    """The periods of one window, clipped to it; days are days since 1970-01-01.

    Attributes:
        days: the service's spelling -> (first, last), oldest first.
        names: the spellings alone, oldest first; likewise `starts` and `ends`.
    """

    granularity: Granularity
    window: Window
    days: Mapping[str, tuple[int, int]]
    names: tuple[str, ...]
    starts: array[int]
    ends: array[int]

    def of(self, names: Iterable[str]) -> tuple[Sequence[int], Sequence[int]]:
        """The first and the last days of the periods named, as two columns.

        Raises:
            ShapeError: one is spelled otherwise, or lies outside the window.
        """
        try:
            days = [self.days[name] for name in names]
        except KeyError as error:
            raise ShapeError(self._complaint(error.args[0])) from None
        starts, ends = zip(*days, strict=True) if days else ((), ())
        return starts, ends

    def _complaint(self, name: str) -> str:
        spelling = self.granularity.period_text(self.window.first)
        try:
            # A month and a year begin on the first; a name of another length spells otherwise.
            day = date.fromisoformat((name + "-01-01")[: len("2015-01-01")])
        except ValueError:
            day = None
        if day is None or self.granularity.period_text(day) != name:
            return f"period {shown(name)} is not written like {spelling!r}"
        return f"period {shown(name)} lies outside {self.window}"


def spans_of(request: Request) -> Spans:
    """The periods that an answer to this request may name.

    Raises:
        ValueError: the request has no granularity or no window (no body can cause this).
    """
    granularity, window = request.question.granularity, request.window
    if granularity is None or window is None:
        raise ValueError(f"{request.key} was planned without granularity or window")
    return _spans(granularity, window)


# A plan asks every entity for the same windows: a few dozen in turn. Ten years of days take
# about 0.2 MB beside what `periods` keeps.
@lru_cache(maxsize=64)
def _spans(granularity: Granularity, window: Window) -> Spans:
    days = periods(granularity, window)
    starts, ends = zip(*days.values(), strict=True)
    # orjson keeps the keys it has read last and hands out the same objects again. Names that are
    # these very objects are found equal without a look at their letters.
    names = tuple(orjson.loads(orjson.dumps(dict.fromkeys(days, 0))))
    return Spans(granularity, window, days, names, array("i", starts), array("i", ends))
