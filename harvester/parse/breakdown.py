"""The body of a breakdown: events by period, country and city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from typing import Any, TypeVar

from harvester.model.request import Request
from harvester.model.rows import Columns, Dataset
from harvester.parse.body import (
    ShapeError,
    answer,
    refuse_other_than_counts,
    refuse_repeated_keys,
    shown,
)
from harvester.parse.spans import Spans, spans_of

# A country's own number stands among its cities, at any position. A city really named like this
# could not be told from it; the service would have to write the key twice, which is refused.
_TOTAL = "total"

_Value = TypeVar("_Value", int, str)


@dataclass(slots=True)
class _Places:
    """What a breakdown says, flat: parallel columns by country, and by city.

    Attributes:
        sizes: how many cities follow for each country.
        periods: how many periods were named.
    """

    period: list[str] = field(default_factory=list)
    country: list[str] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    city: list[str] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    periods: int = 0

    @property
    def keys_read(self) -> int:
        """How many keys the body must have: the wrapper, periods, countries, totals, cities."""
        return 1 + self.periods + 2 * len(self.country) + len(self.city)

    def by_city(self, column: Sequence[_Value]) -> list[_Value]:
        """A column by country, repeated for each of its cities."""
        return list(chain.from_iterable(map(repeat, column, self.sizes)))


def breakdown_columns(request: Request, body: bytes) -> tuple[Columns, ...]:
    """Read `{"breakdown": {period: {country: {city: events, "total": events}}}}`.

    Returns:
        Countries, then cities, each by period, then by name as text. `unlisted` is a country's
        value less its listed cities: the service names ten at most. "Unknown" and "Unkown"
        are names like any other, for countries and for cities.

    Raises:
        ShapeError: another shape, spelling or window, no count, a country without
            its total, or one whose cities add up to more than it.

    Source: Figshare's documentation of breakdown (read 2024-12 and 2026-07).
    """
    spans = spans_of(request)
    places = _flat(answer(body, "breakdown"), spans)
    refuse_repeated_keys(body, places.keys_read)
    refuse_other_than_counts(places.totals, places.period, places.country)
    period, country = places.by_city(places.period), places.by_city(places.country)
    refuse_other_than_counts(places.values, period, country, places.city)
    starts, ends = spans.of(places.period)
    by_city = Columns(
        Dataset.CITIES,
        len(places.values),
        {
            "period": period,
            "period_start": places.by_city(starts),
            "period_end": places.by_city(ends),
            "country": country,
            "city": places.city,
            "value": places.values,
        },
    )
    return _by_country(places, starts, ends), by_city


def _by_country(places: _Places, starts: Sequence[int], ends: Sequence[int]) -> Columns:
    """The rows of the countries; all counts are judged already."""
    return Columns(
        Dataset.COUNTRIES,
        len(places.totals),
        {
            "period": places.period,
            "period_start": starts,
            "period_end": ends,
            "country": places.country,
            "value": places.totals,
            "unlisted": _unlisted(places),
        },
    )


def _flat(answered: dict[str, Any], spans: Spans) -> _Places:
    """The nested answer as columns, in the order of text; values are not judged yet."""
    spans.of(answered)  # a period without countries must have been asked for, too
    places = _Places(periods=len(answered))
    for period in sorted(answered):
        countries = answered[period]
        if type(countries) is not dict:
            raise ShapeError(f"{shown(period)} is {shown(countries)}, not an object of countries")
        for country in sorted(countries):
            cities = countries[country]
            if type(cities) is not dict:
                raise ShapeError(
                    f"{shown(period)}, {shown(country)} is {shown(cities)}, not an object of cities"
                )
            if _TOTAL not in cities:
                raise ShapeError(f"{shown(period)}, {shown(country)} has no 'total'")
            places.totals.append(cities.pop(_TOTAL))
            names = sorted(cities)
            places.period.append(period)
            places.country.append(country)
            places.sizes.append(len(names))
            places.city += names
            places.values += map(cities.__getitem__, names)
    return places


def _unlisted(places: _Places) -> list[int]:
    """What each country's total counts beyond its listed cities.

    Less than nothing is a contradiction inside one answer: one of the numbers is wrong, and
    nobody can say which, so none is taken.
    """
    cities = iter(places.values)
    rest = [
        total - sum(islice(cities, size))
        for total, size in zip(places.totals, places.sizes, strict=True)
    ]
    if rest and min(rest) < 0:
        at = next(place for place, events in enumerate(rest) if events < 0)
        raise ShapeError(
            f"the cities of {shown(places.period[at])}, {shown(places.country[at])} add up to "
            f"{places.totals[at] - rest[at]}, more than its total of {places.totals[at]}"
        )
    return rest
