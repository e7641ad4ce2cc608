"""Where the events come from: a line a country, as the data spell it, and the picture's buckets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from harvester.report.countries import is_unknown, placed
from harvester.report.subject import Subject, in_order
from harvester.report.tables import Tables
from harvester.report.wording import shown
from harvester.store.views import COUNTRIES_FROM


@dataclass(frozen=True, slots=True)
class Country:
    """One country's events.

    Attributes:
        code: ISO 3166 alpha-2; None: unknown, or a name that no map has.
        unlisted: of `value`, what none of its listed cities holds.
    """

    name: str
    code: str | None
    value: int
    unlisted: int


@dataclass(frozen=True, slots=True)
class Countries:
    """One counter of a subject by country.

    Attributes:
        grain: the granularity that was added up, one only.
        elsewhere: events of the same subject and days that the timeline counts and no country
            holds; None: no timeline to compare with.
    """

    subject: Subject
    counter: str
    grain: str
    first: date
    last: date
    lines: Sequence[Country]
    elsewhere: int | None

    @property
    def total(self) -> int:
        """Events of all countries."""
        return sum(each.value for each in self.lines)

    @property
    def unlisted(self) -> int:
        """Events that no listed city holds."""
        return sum(each.unlisted for each in self.lines)

    @property
    def unknown(self) -> int:
        """Events from an unknown country, however that is spelt."""
        return sum(each.value for each in self.lines if is_unknown(each.name))

    @property
    def unplaced(self) -> Sequence[Country]:
        """Countries that the map does not have."""
        return [each for each in self.lines if each.code is None and not is_unknown(each.name)]

    @property
    def by_code(self) -> dict[str, int]:
        """Events by place on the map; several names may be one place."""
        found: dict[str, int] = {}
        for each in self.lines:
            if each.code:
                found[each.code] = found.get(each.code, 0) + each.value
        return found


def make_places(tables: Tables) -> None:
    """Make `place`: the countries without filters, in one granularity a kind and counter."""
    tables.do(
        f"CREATE TEMP TABLE place_grains AS SELECT entity, counter, {COUNTRIES_FROM} AS granularity"
        " FROM countries"
        " WHERE sub_item IS NULL GROUP BY ALL"
    )
    tables.do(
        "CREATE TEMP TABLE place AS SELECT entity, counter, entity_id, granularity, country,"
        " min(period_start) AS first, max(period_end) AS last, CAST(sum(value) AS BIGINT) AS value,"
        " CAST(sum(unlisted) AS BIGINT) AS unlisted FROM countries JOIN place_grains"
        " USING (entity, counter, granularity) WHERE sub_item IS NULL GROUP BY ALL"
    )


def countries(tables: Tables, subject: Subject) -> Iterator[Countries]:
    """A table for each counter that was harvested by country."""
    rows = tables.rows(
        "SELECT counter, any_value(granularity), country, min(first), max(last),"
        f" CAST(sum(value) AS BIGINT), CAST(sum(unlisted) AS BIGINT) FROM place"
        f" WHERE {subject.condition} GROUP BY counter, country ORDER BY 6 DESC, country"
    )
    for counter in in_order({row[0] for row in rows}):
        mine = [row for row in rows if row[0] == counter]
        first, last = min(row[3] for row in mine), max(row[4] for row in mine)
        lines = [Country(shown(row[2], 60), placed(row[2]), row[5], row[6]) for row in mine]
        whole = _of_timeline(tables, subject, counter, first, last)
        elsewhere = None if whole is None else whole - sum(each.value for each in lines)
        yield Countries(subject, counter, mine[0][1], first, last, lines, elsewhere)


def _of_timeline(
    tables: Tables, subject: Subject, counter: str, first: date, last: date
) -> int | None:
    """The timeline's events of the same days; None unless its months fit them exactly."""
    value, known = tables.one(
        "SELECT CAST(coalesce(sum(value), 0) AS BIGINT), count(*) FROM series WHERE"
        f" {subject.condition} AND counter = '{counter}' AND grain = 'month'"
        f" AND start >= DATE '{first}' AND last <= DATE '{last}'"
    )
    return int(value) if known and first.day == 1 else None
