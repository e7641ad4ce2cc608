"""All readings of one timeline together, the youngest on top: what is known of its events."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from harvester.model.dates import epoch_day
from harvester.model.outcomes import PastOutcome
from harvester.model.packed_counts import unpack_counts
from harvester.model.run_plan import Settlement, last_settled_day
from harvester.model.terms import Granularity
from harvester.planner.intervals import DayRange, on_edges, period_around, subtract, union


@dataclass(frozen=True, slots=True)
class SeriesHistory:
    """All that is known of a series' events over time. Days are days since 1970-01-01.

    Attributes:
        edge: the granularity of its points.
        points: events by first day of the period, oldest first; one without events is absent.
        days: the keys of `points`.
        known: stretches in which nothing but these points happened: read, and settled or read
            on this run's date.
        readings: (first, last, when read) of each reading that still holds a point or a
            stretch, oldest first.
    """

    edge: Granularity
    points: dict[int, int]
    known: list[DayRange]
    readings: list[tuple[int, int, int]]
    days: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", list(self.points))

    @property
    def events(self) -> int:
        """All events there are."""
        return sum(self.points.values())

    @property
    def last_read(self) -> int:
        """The last day that was ever asked for."""
        return max((last for _, last, _ in self.readings), default=0)

    def busy(self, frame: DayRange) -> list[DayRange]:
        """The periods with events that touch `frame`, whole, oldest first."""
        if self.edge is Granularity.TOTAL:
            return [(day, self.last_read) for day in self._touching(frame)]
        return [period_around(self.edge, day) for day in self._touching(frame)]

    def around(self, frame: DayRange) -> int:
        """Events of the periods that touch `frame`: it has no more."""
        return sum(self.points[day] for day in self._touching(frame))

    def _touching(self, frame: DayRange) -> list[int]:
        if self.edge is Granularity.TOTAL:
            return [day for day in self.days if day <= frame[1] and self.last_read >= frame[0]]
        begin = bisect_left(self.days, period_around(self.edge, frame[0])[0])
        return self.days[begin : bisect_right(self.days, frame[1])]

    def between(self, frame: DayRange) -> int:
        """Events of the periods that begin in `frame`."""
        begin, end = bisect_left(self.days, frame[0]), bisect_right(self.days, frame[1])
        return sum(self.points[day] for day in self.days[begin:end])

    def read_at(self, frame: DayRange) -> int:
        """When the oldest reading that contributes to `frame` was read; 0: none does."""
        read = (at for first, last, at in self.readings if first <= frame[1] and last >= frame[0])
        return min(read, default=0)


def series_history(
    told: Sequence[PastOutcome], edge: Granularity, today: Settlement, number: int
) -> SeriesHistory | None:
    """Lay the readings of a series over each other.

    Args:
        told: its outcomes, oldest run first.
        number: of this run.

    Returns:
        None where there is no answer, or counts of one were not kept.
    """
    points: dict[int, int] = {}
    known: list[DayRange] = []
    readings: list[tuple[int, int, int]] = []
    for each in told:
        if not (each.is_answer or each.is_lost):
            continue
        if each.lacks_counts and not each.is_lost:
            return None
        touched = (each.first, each.last)
        if edge not in {Granularity.DAY, Granularity.TOTAL}:
            touched = on_edges(edge, touched)
        elif edge is Granularity.TOTAL:
            points, known, readings = {}, [], []
        if points:
            _forget(points, touched)
        known = subtract(known, touched)
        readings = [
            (*left, at)
            for first, last, at in readings
            for left in subtract([(first, last)], touched)
        ]
        if each.is_lost:
            continue
        points.update(_points_of(each))
        readings.append((each.first, each.last, each.at))
        settled = _settled_to(each, today, number)
        if each.first <= settled:
            known.append((each.first, settled))
    if len(readings) > 1:
        points = dict(sorted(points.items()))
    return SeriesHistory(edge, points, union(known), readings) if readings else None


def _points_of(told: PastOutcome) -> dict[int, int]:
    if told.points is None:
        return {}
    points = unpack_counts(told.points)
    if told.sent_last is None:
        return points
    # Of the period in which the answer was cut it has a part only.
    return {day: n for day, n in points.items() if day <= told.last}


def _forget(points: dict[int, int], touched: DayRange) -> None:
    for day in [day for day in points if touched[0] <= day <= touched[1]]:
        del points[day]


def _settled_to(told: PastOutcome, today: Settlement, number: int) -> int:
    if told.run == number or told.snapshot == epoch_day(today.snapshot):
        return told.last
    return min(told.last, last_settled_day(told.snapshot, today.settle_days))


def newest_total(told: Sequence[PastOutcome], today: Settlement, number: int) -> int | None:
    """The total read on this run's date; None: it was not, or the service had no answer."""
    date = epoch_day(today.snapshot)
    for each in reversed(told):
        if each.is_answer and (each.run == number or each.snapshot == date):
            return each.value
    return None
