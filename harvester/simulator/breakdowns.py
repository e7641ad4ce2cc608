"""Events by country and city, cut short as the service cuts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from harvester.simulator.places import Places
from harvester.simulator.seeded import mix, quick, text_bits
from harvester.simulator.series import Series

# A day's events come from at most so many places; over a month that is far more than ten cities.
_PLACES_PER_DAY = 4

Countries = dict[str, dict[str, int]]


def add_places(
    tally: Counter[int], series: Series, window: tuple[int, int], places: Places, salt: int
) -> None:
    """Add where an item's events of a window came from to `tally`, by place number.

    Each event is counted at exactly one place, so places always add up to the series.
    """
    home = places.table[salt % len(places.table)]
    mask = len(places.table) - 1
    lower, upper = series.span(*window)
    for day, count in zip(series.days[lower:upper], series.counts[lower:upper], strict=True):
        crowd = min(count, _PLACES_PER_DAY)
        portion = count // crowd
        for one in range(crowd):
            throw = quick(day * _PLACES_PER_DAY + one, salt)
            place = home if throw % 5 == 0 else places.table[(throw >> 4) & mask]
            tally[place] += portion
        tally[home] += count - portion * crowd


def served(
    tally: Counter[int], places: Places, *, most_countries: int, most_cities: int
) -> Countries:
    """A period's answer: the countries with the most events, each with its largest cities.

    A country's `total` is right whatever is cut, and stands anywhere among its cities.
    """
    countries: dict[str, list[tuple[str, int]]] = {}
    for place, count in tally.items():
        if count:
            country, city = places.names[place]
            countries.setdefault(country, []).append((city, count))
    totals = {country: sum(n for _, n in cities) for country, cities in countries.items()}
    largest = sorted(totals, key=lambda country: (-totals[country], country))[:most_countries]
    return {
        country: dict(_cities(countries[country], totals[country], most_cities))
        for country in largest
    }


def _cities(cities: list[tuple[str, int]], total: int, most: int) -> Iterator[tuple[str, int]]:
    listed = sorted(cities, key=lambda city: (-city[1], city[0]))[:most]
    listed.sort(key=lambda city: text_bits(city[0]))
    listed.insert(mix(total) % (len(listed) + 1), ("total", total))
    yield from listed
