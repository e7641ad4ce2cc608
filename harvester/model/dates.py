"""Days, windows and periods, and how days and moments are counted: all in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from harvester.model.terms import Granularity

EPOCH = date(1970, 1, 1).toordinal()
ONE_DAY = timedelta(days=1)


def epoch_day(day: date) -> int:
    """Days since 1970-01-01, as Arrow's date32 and the ledger count them."""
    return day.toordinal() - EPOCH


def day_of(epoch: int) -> date:
    """The date of `epoch_day`."""
    return date.fromordinal(epoch + EPOCH)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Days from `first` to `last`, both ends included, UTC.

    Raises:
        ValueError: `last` lies before `first`.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a window cannot end ({self.last}) before it starts ({self.first})")

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"

    @property
    def days(self) -> int:
        """How many days it spans, at least 1."""
        return (self.last - self.first).days + 1


@lru_cache(maxsize=64)
def periods(granularity: Granularity, window: Window) -> Mapping[str, tuple[int, int]]:
    """Every period that a reply about this window may name, oldest first.

    Returns:
        The service's spelling -> (first, last) in days since 1970-01-01, clipped to the
        window. Another spelling, or a period that does not touch the window, is absent.
    """
    if granularity is Granularity.TOTAL:
        return {"total": (epoch_day(window.first), epoch_day(window.last))}
    named: dict[str, tuple[int, int]] = {}
    day = window.first
    while day <= window.last:
        end = min(granularity.period_end(day), window.last)
        named[granularity.period_text(day)] = (epoch_day(day), epoch_day(end))
        day = end + ONE_DAY
    return named


_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - _BEGIN) // _MICROSECOND


def from_micros(micros_since_1970: int) -> datetime:
    """The moment of `to_micros`, UTC."""
    return _BEGIN + timedelta(microseconds=micros_since_1970)
