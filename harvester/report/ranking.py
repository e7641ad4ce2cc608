"""The most used items, by counter and period; and those that rise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from harvester.report.calendar import NamedDays, before, month_of, quarter_to, year_to
from harvester.report.subject import in_order
from harvester.report.tables import Tables
from harvester.report.wording import doi_link, shown, web_link

SHOWN = 25
# An item rises when what it gained is more than the chance of counting explains: the square root
# of the events is what a count scatters by itself (Poisson), and three times that is rare.
LEAST_EVENTS = 10
TIMES_CHANCE = 3.0
RISING_RULE = (
    f"An item is listed when it has at least {LEAST_EVENTS} events in the later period and gained"
    " more than three times what counting scatters by chance (the gain divided by the square root"
    " of all events of both periods is above 3). The list is in the order of that measure, so that"
    " neither a step from 1 to 3 nor half a percent of a large number leads it."
)


@dataclass(frozen=True, slots=True)
class RankedItem:
    """What is known of one entity, fit to be shown."""

    kind: str
    entity_id: int
    title: str
    link: str | None
    link_text: str
    type_name: str
    published: date | None


@dataclass(frozen=True, slots=True)
class RankingLine:
    """One line of a ranking; counters that were not harvested are absent."""

    item: RankedItem
    values: dict[str, int]


@dataclass(frozen=True, slots=True)
class ItemRanking:
    """The items with most events of one counter in one period."""

    kind: str
    counter: str
    period: str
    when: str
    counters: Sequence[str]
    lines: Sequence[RankingLine]


@dataclass(frozen=True, slots=True)
class Riser:
    """An item that gained."""

    item: RankedItem
    earlier: int
    later: int


@dataclass(frozen=True, slots=True)
class Rising:
    """The items that gained most, against what chance explains."""

    kind: str
    counter: str
    length: str
    later: NamedDays
    earlier: NamedDays
    lines: Sequence[Riser]


_ITEM = "item.title, item.doi, item.url, item.defined_type_name, item.published_date"


def rankings(
    tables: Tables, kinds: Sequence[str], month: NamedDays | None
) -> Iterator[ItemRanking]:
    """All rankings: all time, the last twelve closed months, the last closed month.

    Args:
        month: the last closed month; None: no months were harvested.
    """
    for kind in kinds:
        yield from _ranked(tables, kind, "all", "all time", "latest", "true")
        if month:
            year = year_to(month)
            for name, stretch in (("year", year), ("month", month)):
                held = (
                    f"grain = 'month' AND start BETWEEN DATE '{stretch.first}'"
                    f" AND DATE '{stretch.last}'"
                )
                yield from _ranked(tables, kind, name, stretch.name, "series", held)


def _ranked(
    tables: Tables, kind: str, period: str, when: str, table: str, held: str
) -> Iterator[ItemRanking]:
    tables.do(
        f"CREATE OR REPLACE TEMP TABLE summed AS SELECT counter, entity_id, CAST(sum(value) AS"
        f" BIGINT) AS value FROM {table} WHERE entity = '{kind}' AND {held} GROUP BY ALL"
    )
    counters = in_order({row[0] for row in tables.rows("SELECT DISTINCT counter FROM summed")})
    values = ", ".join(
        f"(SELECT value FROM summed s WHERE s.entity_id = b.entity_id AND counter = '{each}')"
        for each in counters
    )
    for counter in counters:
        rows = tables.rows(
            f"WITH b AS (SELECT entity_id, value FROM summed WHERE counter = '{counter}' AND"
            f" value > 0 ORDER BY value DESC, entity_id LIMIT {SHOWN})"
            f" SELECT b.entity_id, {_ITEM}, {values} FROM b LEFT JOIN item ON"
            f" item.entity = '{kind}' AND item.entity_id = b.entity_id"
            " ORDER BY b.value DESC, b.entity_id"
        )
        lines = [
            RankingLine(
                _item(kind, row[:6]),
                {each: value or 0 for each, value in zip(counters, row[6:], strict=True)},
            )
            for row in rows
        ]
        if lines:
            yield ItemRanking(kind, counter, period, when, counters, lines)


def _item(kind: str, row: Sequence[object]) -> RankedItem:
    entity_id, title, doi, url, type_name, published = row
    dois = doi_link(str(doi)) if doi else None
    link = dois or web_link(str(url) if url else None)
    return RankedItem(
        kind,
        int(str(entity_id)),
        shown(str(title)) if title else f"{kind} {entity_id}",
        link,
        (shown(str(doi), 60) if dois else "page") if link else "",
        shown(str(type_name), 40) if type_name else "",
        published if isinstance(published, date) else None,
    )


def rising(tables: Tables, kind: str, month: NamedDays | None) -> Iterator[Rising]:
    """The last closed month against the one before, and the last closed quarter likewise."""
    if month is None:
        return
    quarter = quarter_to(month)
    first = tables.one(
        f"SELECT min(start) FROM series WHERE entity = '{kind}' AND grain = 'month'"
    )[0]
    for length, later, months in (("month", month_of(month.first), 1), ("quarter", quarter, 3)):
        earlier = before(later, months)
        if first is None or earlier.last < first:
            continue
        yield from _rising(tables, kind, length, later, earlier)


def _rising(
    tables: Tables, kind: str, length: str, later: NamedDays, earlier: NamedDays
) -> Iterator[Rising]:
    within = "start BETWEEN DATE '{0.first}' AND DATE '{0.last}'"
    tables.do(
        "CREATE OR REPLACE TEMP TABLE gained AS SELECT counter, entity_id,"
        f" coalesce(sum(value) FILTER (WHERE {within.format(later)}), 0) AS later,"
        f" coalesce(sum(value) FILTER (WHERE {within.format(earlier)}), 0) AS earlier"
        f" FROM series WHERE entity = '{kind}' AND grain = 'month' GROUP BY ALL"
    )
    counters = in_order({row[0] for row in tables.rows("SELECT DISTINCT counter FROM gained")})
    for counter in counters:
        rows = tables.rows(
            f"SELECT g.entity_id, {_ITEM}, g.earlier, g.later FROM gained g LEFT JOIN item ON"
            f" item.entity = '{kind}' AND item.entity_id = g.entity_id"
            f" WHERE counter = '{counter}' AND later >= {LEAST_EVENTS}"
            f" AND (later - earlier) / sqrt(later + earlier) > {TIMES_CHANCE}"
            " ORDER BY (later - earlier) / sqrt(later + earlier) DESC, g.entity_id"
            f" LIMIT {SHOWN}"
        )
        lines = [Riser(_item(kind, row[:6]), int(row[6]), int(row[7])) for row in rows]
        yield Rising(kind, counter, length, later, earlier, lines)
