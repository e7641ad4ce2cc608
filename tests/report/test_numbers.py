"""The numbers in the page's tables equal SQL over the Parquet, asked in another way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harvester.cli import main

Ask = Callable[[str], list[tuple[object, ...]]]
LAST, BEFORE = "2026-10", "2026-09"
QUARTERS = (("2026-07", "2026-09"), ("2026-04", "2026-06"))


@dataclass
class Table:
    """A table of the page: what stands in its cells, by what they sort by."""

    section: str
    panel: dict[str, str | None]
    caption: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)

    def numbers(self, *columns: int) -> list[tuple[int, ...]]:
        return [tuple(int(row[column]) for column in columns) for row in self.rows]


class Tables(HTMLParser):
    """Every table of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Table] = []
        self._section = ""
        self._panel: dict[str, str | None] = {}
        self._text: list[str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "section":
            self._section, self._panel = attributes.get("id") or "", {}
        elif "data-panel" in attributes:
            self._panel = attributes
        elif tag == "table":
            self.found.append(Table(self._section, self._panel))
        elif not self.found:
            return
        elif tag == "tr":
            self.found[-1].rows.append([])
            if "data-id" in attributes:
                self.found[-1].ids.append(int(attributes["data-id"] or 0))
        elif tag in {"td", "th"}:
            self._text = []
            self.found[-1].rows[-1].append(attributes.get("data-value") or "")
        elif tag == "caption":
            self._text = []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "thead":
            self.found[-1].head = self.found[-1].rows.pop()
        elif tag in {"td", "th"} and self._text is not None:
            cells = self.found[-1].rows[-1]
            cells[-1] = cells[-1] or "".join(self._text).strip()
            self._text = None
        elif tag == "caption" and self._text is not None:
            self.found[-1].caption, self._text = "".join(self._text), None


@pytest.fixture(scope="module")
def tables(output: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Table]:
    path = tmp_path_factory.mktemp("page") / "report.html"
    assert main(["report", str(output), "--to", str(path)]) == 0
    return Tables(path.read_text(encoding="utf-8")).found


def of(tables: list[Table], section: str, **panel: str) -> Table:
    (found,) = (
        each
        for each in tables
        if each.section == section
        and all(each.panel.get(f"data-{name}") == value for name, value in panel.items())
    )
    return found


@pytest.mark.parametrize("counter", ["views", "downloads"])
@pytest.mark.parametrize(
    ("length", "later", "earlier"),
    [("month", (LAST, LAST), (BEFORE, BEFORE)), ("quarter", *QUARTERS)],
)
def test_rising_items_gained_more_than_chance_scatters(
    tables: list[Table], ask: Ask, counter: str, length: str, later: tuple[str, str],
    earlier: tuple[str, str],
) -> None:  # fmt: skip
    """Who gained more than three times what chance scatters, most of that first."""

    def of_period(months: tuple[str, str]) -> dict[int, int]:
        return {
            int(str(entity)): int(str(value))
            for entity, value in ask(
                "SELECT entity_id, sum(value)::BIGINT FROM timeline WHERE entity = 'article' AND"
                f" counter = '{counter}' AND period BETWEEN '{months[0]}' AND '{months[1]}'"
                " GROUP BY 1"
            )
        }

    now, then = of_period(later), of_period(earlier)
    gains = [
        ((events - then.get(entity, 0)) / (events + then.get(entity, 0)) ** 0.5, -entity)
        for entity, events in now.items()
        if events >= 10
    ]
    rising = [-entity for gain, entity in sorted(gains, reverse=True) if gain > 3][:25]
    if not rising:
        assert not [each for each in tables if each.section == "rising"
                    and each.panel["data-counter"] == counter
                    and each.panel["data-length"] == length]  # fmt: skip
        return
    table = of(tables, "rising", kind="article", counter=counter, length=length)
    assert table.ids == rising
    assert table.numbers(1, 2, 3) == [
        (then.get(each, 0), now[each], now[each] - then.get(each, 0)) for each in rising
    ]


def test_the_world_of_these_tests_has_rising_items(tables: list[Table]) -> None:
    """Or the test above would compare nothing with nothing."""
    assert [each for each in tables if each.section == "rising" and each.rows]


def test_groups_of_articles_count_each_article_once(tables: list[Table], ask: Ask) -> None:
    (table,) = (each for each in tables if each.caption.startswith("Articles by the group"))
    expected = ask(
        "SELECT g.title, count(DISTINCT a.entity_id), sum(value) FILTER (WHERE counter = 'views')"
        "::BIGINT, sum(value) FILTER (WHERE counter = 'downloads')::BIGINT, sum(value) FILTER"
        " (WHERE counter = 'shares')::BIGINT FROM totals t JOIN entities a USING (entity,"
        " entity_id) JOIN entities g ON g.entity = 'group' AND g.entity_id = a.group_id WHERE"
        " t.entity = 'article' GROUP BY 1 ORDER BY 3 DESC, 1"
    )
    assert [(row[0], *map(int, row[1:5])) for row in table.rows] == expected
    (views,) = ask(
        "SELECT sum(value)::BIGINT FROM totals WHERE entity = 'article' AND counter = 'views'"
    )[0]
    assert sum(row[2] for row in expected if isinstance(row[2], int)) == views
    assert sum(float(row[5]) for row in table.rows) == pytest.approx(1)


def test_groups_are_shown_as_figshare_counts_them(tables: list[Table], ask: Ask) -> None:
    (table,) = (each for each in tables if each.caption.startswith("Groups as Figshare"))
    expected = ask(
        "SELECT e.title, (SELECT articles FROM counts c WHERE c.group_id = e.entity_id),"
        " (SELECT value FROM totals t WHERE t.entity = 'group' AND t.entity_id = e.entity_id"
        " AND counter = 'views') FROM entities e WHERE entity = 'group'"
    )
    assert sorted((row[0], int(row[1]), int(row[2])) for row in table.rows) == sorted(
        expected, key=str
    )


def test_item_types_are_what_sql_says(tables: list[Table], ask: Ask) -> None:
    (table,) = (each for each in tables if each.caption.startswith("Articles by type"))
    counters = ("views", "downloads", "shares")
    sums = ", ".join(f"sum(value) FILTER (WHERE counter = '{each}')::BIGINT" for each in counters)
    expected = ask(
        f"SELECT defined_type_name, count(DISTINCT entity_id), {sums} FROM totals JOIN entities"
        " USING (entity, entity_id) WHERE entity = 'article' GROUP BY 1 ORDER BY 3 DESC, 1"
    )
    assert [(row[0], *(int(row[at]) for at in (1, 2, 4, 6))) for row in table.rows] == expected
    for at in (3, 5, 7):
        assert sum(float(row[at]) for row in table.rows) == pytest.approx(1)


def test_referrers_are_what_sql_says(tables: list[Table], ask: Ask) -> None:
    shown = [each for each in tables if each.section == "referrers"]
    entities = ask(
        "SELECT entity_id FROM top WHERE sub_item = 'referral' GROUP BY 1"
        " ORDER BY sum(value) DESC, 1"
    )
    assert len(shown) == min(12, len(entities))
    for (entity,), table in zip(entities, shown, strict=False):
        expected = ask(
            "SELECT key, value FROM top WHERE sub_item = 'referral' AND entity_id ="
            f" {entity} ORDER BY rank"
        )
        assert [(row[0], int(row[1])) for row in table.rows] == expected
        whole = sum(int(str(value)) for _, value in expected)
        assert [float(row[2]) for row in table.rows] == pytest.approx(
            [int(str(value)) / whole for _, value in expected]
        )
