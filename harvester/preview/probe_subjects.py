"""What a probe asks about: one item with events, a family of groups, and the days it knows of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from harvester.model.dates import ONE_DAY, Window
from harvester.model.limits import BEGINNING
from harvester.model.terms import Counter, Endpoint, Granularity, Kind
from harvester.preview.probe_ask import Ask, stats_ask
from harvester.preview.probe_findings import UntoldError

# Ids have 5 to 9 digits, and the highest seen in 2026 is 32,793,294.
UNKNOWN_ID = 999_999_999
UNKNOWN_SLUG = "no-such-institution"
_VIEWS = Counter.VIEWS.value


@dataclass(frozen=True, slots=True)
class GroupFamily:
    """A group that has groups below it.

    Attributes:
        children: some of the groups directly below it.
        own: all public articles directly in it; None: more than can be asked about.
    """

    parent: int
    children: Sequence[int]
    own: Sequence[int] | None


@dataclass(frozen=True, slots=True)
class ProbeSubjects:
    """What a probe knows when it asks its questions.

    Attributes:
        scope: slug of the institution; None: the public scope.
        item: one with many events, if it may be; None: `no_item` says why there is none.
        is_ranked: rankings of the institution can be asked, and tell totals of its items.
        now: the moment in UTC; None: the probe's date is not the clock's.
        months: events of the item by month, in the scope, up to yesterday, as far as known.
        no_months: why they are not known; empty: they are.
        family: None: `no_family` says why.
    """

    scope: str | None
    kind: Kind
    today: date
    item: int | None = None
    no_item: str = ""
    is_ranked: bool = False
    now: datetime | None = None
    months: Mapping[str, int] = field(default_factory=dict)
    no_months: str = ""
    family: GroupFamily | None = None
    no_family: str = ""

    @property
    def the_item(self) -> int:
        """The item to ask about.

        Raises:
            UntoldError: there is none.
        """
        if self.item is None:
            raise UntoldError(self.no_item)
        return self.item

    @property
    def shown(self) -> str:
        """The item in words."""
        return f"{self.kind.value} {self.item}"

    @property
    def this_month(self) -> str:
        """The month of today, as the service spells it."""
        return self.today.isoformat()[:7]

    @property
    def full_months(self) -> list[str]:
        """Months with events that are over, oldest first."""
        return sorted(
            month for month, events in self.months.items() if events and month < self.this_month
        )

    def some_months(self, least: int) -> list[str]:
        """Likewise, if there are enough.

        Raises:
            UntoldError: there are fewer.
        """
        self.the_item  # noqa: B018  # that there is none says more
        if self.no_months:
            raise UntoldError(self.no_months)
        if len(found := self.full_months) < least:
            raise UntoldError(f"{self.shown} has too few months with events ({len(found)})")
        return found

    def total(self, number: int, kind: Kind | None = None) -> Ask:
        """The all-time total of views of an entity."""
        kind = kind or self.kind
        return stats_ask(self.scope, (Endpoint.TOTAL.value, _VIEWS, kind.value, number))

    def series(
        self, endpoint: Endpoint, granularity: Granularity, query: Mapping[str, str], *,
        number: int | None = None, is_public: bool = False,
    ) -> Ask:  # fmt: skip
        """A timeline or breakdown of the item's views."""
        words = (endpoint.value, granularity.value, _VIEWS, self.kind.value)
        entity = self.the_item if number is None else number
        return stats_ask(None if is_public else self.scope, (*words, entity), query)

    def months_of(self, window: Window) -> Mapping[str, int]:
        """The known months that a window of whole months has."""
        first, last = window.first.isoformat()[:7], window.last.isoformat()[:7]
        return {month: self.months[month] for month in self.months if first <= month <= last}

    @property
    def long_window(self) -> Window:
        """From the first day that can have events to yesterday."""
        return Window(BEGINNING, self.today - ONE_DAY)

    @property
    def recent_window(self) -> Window:
        """From the beginning of last year to yesterday: within every limit but a year's."""
        return Window(date(self.today.year - 1, 1, 1), self.today - ONE_DAY)


def month_window(first: str, last: str | None = None) -> Window:
    """The days from the first of a month to the last of it, or of another one."""
    begin = date.fromisoformat(f"{first}-01")
    end = date.fromisoformat(f"{last or first}-01")
    return Window(begin, Granularity.MONTH.period_end(end))


def months_later(month: str, number: int) -> str:
    """The month so many later; earlier where the number is negative."""
    count = int(month[:4]) * 12 + int(month[5:7]) - 1 + number
    return f"{count // 12:04d}-{count % 12 + 1:02d}"
