"""The service's own words, each with the facts that hang on it.

Source: Figshare's documentation of its statistics (docs.figshare.com and the
"Stats in figshare" pages, read 2024-12 and 2026-07).
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What can be counted; the wire calls it an item."""

    ARTICLE = "article"
    AUTHOR = "author"
    COLLECTION = "collection"
    GROUP = "group"
    PROJECT = "project"


class Counter(StrEnum):
    """What is counted."""

    VIEWS = "views"
    DOWNLOADS = "downloads"
    SHARES = "shares"


class SubItem(StrEnum):
    """By what an entity's events can be filtered (timeline, breakdown) or ranked (top)."""

    CATEGORY = "category"
    ITEM_TYPE = "item_type"
    REFERRAL = "referral"

    @property
    def is_filter(self) -> bool:
        """Timelines and breakdowns take a category or an item type; a referral only ranks."""
        return self is not SubItem.REFERRAL


class Granularity(StrEnum):
    """The length of one period.

    A granularity owns all that depends on it: its word in the URL (its value),
    how the service writes a period, and where one begins and ends. `total` is
    one period as long as its window; where windows of `total` are cut, they are
    cut like years (see limits.py), so its edges are a year's.
    """

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    TOTAL = "total"

    @property
    def coarseness(self) -> int:
        """The order of lengths: a day is 0."""
        return list(Granularity).index(self)

    def period_text(self, day: date) -> str:
        """The service's name of the period that `day` lies in."""
        if self is Granularity.TOTAL:
            return "total"
        return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.value]]

    def period_start(self, day: date) -> date:
        """The first day of the period that `day` lies in."""
        match self:
            case Granularity.DAY:
                return day
            case Granularity.MONTH:
                return day.replace(day=1)
            case _:
                return day.replace(month=1, day=1)

    def period_end(self, day: date) -> date:
        """The last day of the period that `day` lies in."""
        match self:
            case Granularity.DAY:
                return day
            case Granularity.MONTH:
                return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            case _:
                return day.replace(month=12, day=31)


class Endpoint(StrEnum):
    """A question the service can be asked. The order is the order of a run's stages."""

    TOTAL = "total"
    COUNT = "count"
    TOP = "top"
    TIMELINE = "timeline"
    BREAKDOWN = "breakdown"

    @property
    def has_granularity(self) -> bool:
        """Only timelines and breakdowns are counted by period."""
        return self in {Endpoint.TIMELINE, Endpoint.BREAKDOWN}

    @property
    def is_snapshot(self) -> bool:
        """Answers hold for the day they are read on: asked anew by every run."""
        return not self.has_granularity

    @property
    def needs_credentials(self) -> bool:
        """Whether the institution scope asks for HTTP Basic here.

        `/total` answers without, and `count` has no scope in its path.
        """
        return self not in {Endpoint.TOTAL, Endpoint.COUNT}


class State(StrEnum):
    """What became of a request (docs/contract.md §3).

    The last two stand in the ledger alone, for answers that were derived from others; the
    datasets call their requests not needed.
    """

    DONE = "done"
    EMPTY = "empty"
    NOT_NEEDED = "not_needed"
    FAILED = "failed"
    PENDING = "pending"
    ABANDONED = "abandoned"
    DERIVED = "derived"
    ANSWERED_BY = "answered_by"

    @property
    def is_derived(self) -> bool:
        """Whether no request of its own brought it."""
        return self in {State.DERIVED, State.ANSWERED_BY}
