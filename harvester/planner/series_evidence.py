"""What is known of one series, and what that proves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.model.dates import day_of, epoch_day
from harvester.model.limits import BEGINNING
from harvester.model.outcomes import PastOutcome
from harvester.model.rules import Rule
from harvester.model.terms import Granularity
from harvester.planner.history import SeriesHistory
from harvester.planner.intervals import (
    DayRange,
    intersect,
    period_around,
    subtract,
    subtract_all,
    union,
)

_BEGINNING = epoch_day(BEGINNING)
_FAR = 10_000_000


@dataclass(frozen=True, slots=True)
class SeriesEvidence:
    """The evidence about one series, as far as its rules are trusted.

    Attributes:
        total: read by this run; None: not known, or not trusted.
        history: of its timeline, or of the unfiltered one that bounds it; None: nothing known.
        first_online: the first day that should have events, as its dates say, while the rule about
            dates holds; None: not known.
        is_complete: the total shows that the record holds every event there is.
    """

    total: int | None = None
    history: SeriesHistory | None = None
    first_online: int | None = None
    is_complete: bool = False

    def may_have_events(self, missing: Sequence[DayRange]) -> list[DayRange]:
        """The days of `missing` in which events are known, or cannot be ruled out."""
        if self.total == 0:
            return []
        unknown = list(missing)
        if self.first_online is not None:
            unknown = subtract(unknown, (-_FAR, self.first_online - 1))
        if self.history is None:
            return unknown
        unknown = [] if self.is_complete else subtract_all(unknown, self.history.known)
        busy = [part for frame in missing for part in intersect(self.history.busy(frame), frame)]
        return union([*unknown, *busy])

    def why_empty(self, stretch: DayRange) -> list[tuple[DayRange, Rule, str]]:
        """Why no event can lie in these days, cut where the reason changes."""
        if self.total == 0:
            return [(stretch, Rule.TOTAL_IS_ZERO, "the all-time total of this run is 0")]
        told = []
        rest = [stretch]
        if self.first_online is not None and stretch[0] < self.first_online:
            before = (stretch[0], min(stretch[1], self.first_online - 1))
            said = f"dated {day_of(self.first_online)} at the earliest: no statistics are older"
            told.append((before, Rule.BEFORE_FIRST_ONLINE, said))
            rest = subtract(rest, before)
        for part in rest:
            if self.is_complete and subtract_all(
                [part], self.history.known if self.history else ()
            ):
                events = self.history.events if self.history else 0
                said = (
                    f"the total of this run counts only the {events} events that are here already"
                )
                told.append((part, Rule.TOTAL_IS_COVERED, said))
            else:
                told.append((part, Rule.TIMELINE_IS_ZERO, "the timeline counts 0 in these days"))
        return told


def counted_before(history: SeriesHistory, day: int) -> bool:
    """Whether a period that ends before a day has events."""
    if not history.days:
        return False
    if history.edge is Granularity.TOTAL:
        return history.last_read < day
    return period_around(history.edge, history.days[0])[1] < day


def reaches_back(first: int, first_online: int | None) -> bool:
    """Whether no event should lie before a day.

    A date that is wrong says so of days that have events. Whoever asks compares a total with what
    is here, and those events stand in the total alone: it is the larger, and nothing is spared.
    """
    return first <= _BEGINNING or (first_online is not None and first_online >= first)


def is_complete(
    total: int | None,
    totals: Sequence[PastOutcome],
    history: SeriesHistory,
    first: int,
    first_online: int | None,
) -> bool:
    """Whether today's total counts just the events of the record and a known rest before it.

    A total also counts days before the record and part of the day it is read on, so that it did
    not move proves nothing: it must equal what is here plus what is known to lie before.

    Args:
        total: as read on this run's date.
        totals: all outcomes of the series' total, oldest run first.
        first: the first day of the record.
    """
    if total is None:
        return False
    before = rest_before(totals, history, first, first_online)
    return before is not None and total == before + history.events


def rest_before(
    totals: Sequence[PastOutcome], history: SeriesHistory, first: int, first_online: int | None
) -> int | None:
    """How many events lie before the record; None: it cannot be told.

    Each earlier total less the record up to its run's date is that rest, and what had happened
    since until it was read: at least nothing, at most what these days count as a whole. Where both
    bounds meet, it is known. Days that were still open make no harm: an event that the record
    lacks, or that came after the total, can only make the rest too small, and then nothing is
    spared.
    """
    if reaches_back(first, first_online):
        return 0
    if history.edge is not Granularity.DAY:
        # A longer period does not say what lies before the day a total was read on.
        return None
    most: int | None = None
    least = 0
    for each in totals:
        if each.value is None or not _is_read_to(history, first, each.snapshot):
            continue
        rest = each.value - history.between((first, each.snapshot - 1))
        most = rest if most is None else min(most, rest)
        begun = (each.snapshot, each.read_on)
        if not subtract_all([begun], history.known):
            least = max(least, rest - history.between(begun))
    return most if most is not None and 0 <= most == least else None


def _is_read_to(history: SeriesHistory, first: int, snapshot: int) -> bool:
    """Whether every day from the record's first to the one before `snapshot` was read."""
    frame = (first, snapshot - 1)
    read = [(low, high) for low, high, _ in history.readings]
    return frame[0] <= frame[1] and not subtract_all([frame], read)
