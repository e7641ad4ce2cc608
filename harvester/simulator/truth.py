"""The truth of a simulated service: what tests compare a harvest with.

It is made from a seed, item by item at the first question. All statistics of groups and authors
are sums over their articles, so everything that ought to add up does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from harvester.simulator.bounded_dict import BoundedDict
from harvester.simulator.breakdowns import Countries, add_places, served
from harvester.simulator.config import Restatement, SimulatorConfig
from harvester.simulator.day_index import DayIndex
from harvester.simulator.limits import KINDS
from harvester.simulator.periods import day_key, periods
from harvester.simulator.rankings import categories_and_types, is_chosen, ranked, referrals
from harvester.simulator.seeded import Salt, mix
from harvester.simulator.series import Series, merged, series_from
from harvester.simulator.source import Source
from harvester.simulator.visibility import seen
from harvester.simulator.world import Item

Filter = tuple[str, str] | None


class Truth:
    """Everything there is to count, as of `config.today`; pure, and the same for the same config.

    `scope` is None for the public numbers or the institution's slug; any other slug counts
    nothing. Kinds, counters and granularities are the service's words. Windows are days, both
    included; nothing here is cut to the documented limits except cities and countries.
    """

    def __init__(self, config: SimulatorConfig, source: Source | None = None) -> None:
        self.config = config
        self.source = source or Source(config)
        self.world = self.source.world
        self._nothing = series_from([], [])
        self._series: BoundedDict[tuple[str | None, str, str, int, Filter], Series] = BoundedDict(
            50_000
        )
        self._rankings: BoundedDict[tuple[str | None, str, str], list[tuple[int, int]]] = (
            BoundedDict(100)
        )
        self._day_indexes: BoundedDict[tuple[str | None, str, str], DayIndex] = BoundedDict(6)
        # A restatement is looked up for every item, so by item.
        self._restated: dict[tuple[str, int, str], list[Restatement]] = {}
        for one in config.restatements:
            self._restated.setdefault((one.kind, one.id, one.counter), []).append(one)

    def at(self, today: date) -> Truth:
        """The truth as of another day; what both share is made only once."""
        return self.under(replace(self.config, today=today))

    def under(self, config: SimulatorConfig) -> Truth:
        """The truth of another config; a world of the same make is shared."""
        return Truth(config, self.source if self.source.serves(config) else None)

    @cached_property
    def _unrestated(self) -> Truth:
        return self.under(replace(self.config, restatements=()))

    def ids(self, kind: str) -> list[int]:
        """The ids of all that is public today, ascending."""
        if kind == "group":
            return list(self.world.parents)
        if kind == "author":
            return list(self.world.authors)
        today = self.config.today.toordinal()
        items = self.world.items[kind].values()
        return [item.id for item in items if item.online <= today < item.withdrawn]

    def first_online(self, kind: str, number: int) -> date | None:
        """The first day that can have events; None if there is no such thing, or not yet."""
        first = min((item.online for item in self.items(kind, number)), default=None)
        is_known = first is not None and first <= self.config.today.toordinal()
        return date.fromordinal(first) if first is not None and is_known else None

    def items(self, kind: str, number: int) -> Sequence[Item]:
        """The items whose events make up the events of an entity."""
        if kind == "group":
            is_deep = self.config.quirks.groups_roll_up
            groups = self.world.below(number) if is_deep else (number,)
            return [item for group in groups for item in self.world.by_group.get(group, ())]
        if kind == "author":
            return self.world.by_author.get(number, ())
        item = self.world.items[kind].get(number)
        return () if item is None else (item,)

    def daily(  # noqa: PLR0913, PLR0917 - a question has that many parts
        self,
        scope: str | None,
        counter: str,
        kind: str,
        number: int,
        first: date,
        last: date,
        sub_item: str | None = None,
        sub_item_id: str | None = None,
    ) -> dict[date, int]:
        """Events by day; days without events are absent."""
        series = self.series(scope, counter, kind, number, _filter(sub_item, sub_item_id))
        lower, upper = series.span(first.toordinal(), last.toordinal())
        days = zip(series.days[lower:upper], series.counts[lower:upper], strict=True)
        return {date.fromordinal(day): count for day, count in days}

    def total(self, scope: str | None, counter: str, kind: str, number: int) -> int:
        """All events up to today, or to `total_lag_days` before."""
        series = self.series(scope, counter, kind, number)
        lag = self.config.quirks.total_lag_days
        return series.between(0, self.config.today.toordinal() - lag) if lag else series.total

    def timeline(  # noqa: PLR0913, PLR0917 - a question has that many parts
        self,
        scope: str | None,
        granularity: str,
        counter: str,
        kind: str,
        number: int,
        first: date,
        last: date,
        sub_item: str | None = None,
        sub_item_id: str | None = None,
    ) -> dict[str, int]:
        """Events by period, oldest first, clipped to the window; empty periods are absent."""
        series = self.series(scope, counter, kind, number, _filter(sub_item, sub_item_id))
        quirks = self.config.quirks
        untold = quirks.untold_until.toordinal() if quirks.untold_until else 0
        lower, upper = series.span(max(first.toordinal(), untold + 1), last.toordinal())
        if lower >= upper:
            return {}
        if granularity == "day":
            days = zip(series.days[lower:upper], series.counts[lower:upper], strict=True)
            return {day_key(day): count for day, count in days}
        is_uneven = kind in quirks.uneven_kinds and number >= quirks.is_uneven_from_id
        extra = int(is_uneven and granularity != "total")
        found = periods(granularity, series.days[lower], series.days[upper - 1])
        counts = ((key, series.between(start, end)) for key, start, end in found)
        return {key: count + extra for key, count in counts if count}

    def breakdown(  # noqa: PLR0913, PLR0917 - a question has that many parts
        self,
        scope: str | None,
        granularity: str,
        counter: str,
        kind: str,
        number: int,
        first: date,
        last: date,
        sub_item: str | None = None,
        sub_item_id: str | None = None,
    ) -> dict[str, Countries]:
        """Events by period, country and city, with `total` among the cities, cut as served."""
        chosen = _filter(sub_item, sub_item_id)
        if self.config.quirks.stale_places and self.config.restatements:
            question = (scope, granularity, counter, kind, number, first, last)
            return self._unrestated.breakdown(*question, sub_item, sub_item_id)
        whole = self.series(scope, counter, kind, number, chosen)
        lower, upper = whole.span(first.toordinal(), last.toordinal())
        if lower >= upper:
            return {}
        seed = self.config.seed
        parts = [
            (mix(seed, Salt.PLACE, KINDS.index(item.kind), item.id), series)
            for item, series in self._parts(scope, counter, kind, number, chosen)
        ]
        answer = {}
        places = self.source.places
        for key, start, end in periods(granularity, whole.days[lower], whole.days[upper - 1]):
            tally: Counter[int] = Counter()
            for salt, series in parts:
                add_places(tally, series, (start, end), places, salt)
            if tally:
                quirks = self.config.quirks
                answer[key] = served(
                    tally, places, most_countries=quirks.countries, most_cities=quirks.cities
                )
        return answer

    def top(self, scope: str | None, counter: str, kind: str, count: int) -> list[tuple[int, int]]:
        """The ids with the most events of all time; ties by id as text."""
        key = (scope, counter, kind)
        return self._rankings.get(key, lambda: self._ranking(*key))[:count]

    def top_between(
        self, scope: str | None, counter: str, kind: str, count: int, first: date, last: date
    ) -> list[tuple[int, int]]:
        """The ids with the most events in a window (for services that honour dates)."""
        days = self._day_index(scope, counter, kind)
        return self._ranked(kind, days.between(first.toordinal(), last.toordinal()))[:count]

    def top_sub_items(  # noqa: PLR0913, PLR0917 - a question has that many parts
        self,
        scope: str | None,
        counter: str,
        kind: str,
        number: int,
        sub_item: str,
        count: int,
        first: date,
        last: date,
    ) -> list[tuple[str, int]]:
        """The categories, item types or referrals of one entity with the most events."""
        window = (first.toordinal(), last.toordinal())
        parts = self._parts(scope, counter, kind, number, None)
        if sub_item == "referral":
            return ranked(referrals(self.config.seed, parts, window))[:count]
        return ranked(categories_and_types(sub_item, parts, window))[:count]

    def count_articles(self, group_ids: Sequence[int]) -> dict[int, int]:
        """Public articles by group, those of subgroups left out; 0 for an unknown group."""
        today = self.config.today.toordinal()
        found = Counter(
            item.group_id
            for item in self.world.items["article"].values()
            if item.online <= today < item.withdrawn
        )
        return {number: found[number] for number in group_ids}

    def is_known(self, kind: str, number: int) -> bool:
        """Whether the service has heard of an id by today."""
        if kind == "group":
            return number in self.world.parents
        if kind == "author":
            return number in self.world.by_author or number in self.world.authors
        return self.first_online(kind, number) is not None

    def series(
        self, scope: str | None, counter: str, kind: str, number: int, chosen: Filter = None
    ) -> Series:
        """An entity's whole series; `chosen` keeps one category or item type."""
        key = (scope, counter, kind, number, chosen)
        return self._series.get(key, lambda: self._whole(*key))

    def _whole(
        self, scope: str | None, counter: str, kind: str, number: int, chosen: Filter
    ) -> Series:
        parts = self._parts(scope, counter, kind, number, chosen)
        return merged([series for _, series in parts]) if parts else self._nothing

    def _parts(
        self, scope: str | None, counter: str, kind: str, number: int, chosen: Filter
    ) -> list[tuple[Item, Series]]:
        if scope not in {None, self.config.institution}:
            return []
        owner = self._restated.get((kind, number, counter), [])
        parts: list[tuple[Item, Series]] = []
        for item in self.items(kind, number):
            if not is_chosen(item, chosen):
                continue
            own = self._restated.get((item.kind, item.id, counter), [])
            if owner and (item.kind, item.id) != (kind, number):
                # What restates a whole entity adds its `plus` once, at its first item.
                extra = owner if not parts else [replace(one, plus=0) for one in owner]
                parts.append((item, self._seen(item, scope, counter, [*own, *extra])))
            elif kind == item.kind and chosen is None:
                parts.append((item, self._seen(item, scope, counter, own)))
            else:
                parts.append((item, self.series(scope, counter, item.kind, item.id)))
        return parts

    def _seen(
        self, item: Item, scope: str | None, counter: str, restatements: list[Restatement]
    ) -> Series:
        events = self.source.events(item, counter, self.config.today.year)
        return seen(self.config, item, events, (scope, counter), restatements)

    def _ranking(self, scope: str | None, counter: str, kind: str) -> list[tuple[int, int]]:
        last = self.config.today.toordinal() - self.config.quirks.top_lag_days
        return self._ranked(kind, self._day_index(scope, counter, kind).between(0, last))

    def _day_index(self, scope: str | None, counter: str, kind: str) -> DayIndex:
        key = (scope, counter, kind)
        items = ((one, self.series(scope, counter, kind, one)) for one in self.ids(kind))
        return self._day_indexes.get(key, lambda: DayIndex(items))

    def _ranked(self, kind: str, tally: dict[int, int]) -> list[tuple[int, int]]:
        lists_zeros = self.config.quirks.top_lists_zeros
        if lists_zeros:
            tally = {**dict.fromkeys(self.ids(kind), 0), **tally}
        found = ((str(number), events) for number, events in tally.items())
        return [(int(key), events) for key, events in ranked(found, lists_zeros=lists_zeros)]


def _filter(sub_item: str | None, sub_item_id: str | None) -> Filter:
    return None if sub_item is None or sub_item_id is None else (sub_item, sub_item_id)
