"""Rows of a coarser granularity as sums of a finer one."""

from __future__ import annotations

from collections.abc import Iterator

from harvester.model.dates import periods
from harvester.model.terms import Granularity
from harvester.planner.history import Record
from harvester.planner.intervals import Stretch, window_of


def sums(
    record: Record, granularity: Granularity, stretch: Stretch
) -> Iterator[tuple[Stretch, int, dict[str, int]]]:
    """Sums by period, in parts whose oldest contributing reading is the same.

    Yields:
        (days, when that reading was read, counts by the service's spelling of the period).
    """
    part: Stretch | None = None
    at, counts = 0, dict[str, int]()
    for text, (first, last) in periods(granularity, window_of(stretch)).items():
        read_at = record.read_at((first, last))
        if part and read_at != at and read_at:
            yield part, at, counts
            part, counts = None, {}
        part = (part[0] if part else first, last)
        at = read_at or at
        if events := record.between((first, last)):
            counts[text] = events
    if part:
        yield part, at, counts
