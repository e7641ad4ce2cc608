"""The sheets that librarians draw: a row an item, its totals or its months in columns.

Every item that was asked about has its row, and a cell without a number says why: `failed`,
`not asked`, or nothing where nothing was counted (`report/answered.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from harvester.model.terms import Counter, Granularity
from harvester.report.answered import NOT_ASKED
from harvester.report.export.choice import ExportChoice
from harvester.report.export.months import make_months
from harvester.report.export.sheet import Form, Sheet, SheetColumn
from harvester.report.subject import in_order
from harvester.report.tables import Tables

_ITEM = "LEFT JOIN item ON item.entity = d.entity AND item.entity_id = d.entity_id"
_BY_ITEM = "d.entity, d.entity_id"
_WHY = "A cell says 'failed' or 'not asked' where there is no answer; empty: nothing was counted."


def totals_by_item(tables: Tables, choice: ExportChoice) -> Sheet:
    """All-time counts, a column a counter."""
    counters = _counters(tables, choice, "endpoint = 'total'", "totals")
    _make_totals(tables, choice, counters)
    worded = _worded(tables, "total_cell", "counter")
    columns = (
        SheetColumn("entity", Form.TEXT, "d.entity"),
        SheetColumn("entity_id", Form.WHOLE, "d.entity_id"),
        *_known("title", "doi", "defined_type_name"),
        SheetColumn("group_id", Form.WHOLE, "any_value(item.group_id)"),
        SheetColumn("published_date", Form.DATE, "any_value(item.published_date)"),
        *(_cell(each, f"d.counter = '{each}'", has_words=each in worded) for each in counters),
        SheetColumn("snapshot", Form.DATE, "min(d.snapshot)"),
    )
    about = (
        "One row an item: all-time counts at their latest reading; snapshot is the date of the"
        f" oldest of them. {_WHY}"
    )
    return Sheet("totals by item", about, columns, f"total_cell d {_ITEM}", (), _BY_ITEM, _BY_ITEM)


def months_by_item(tables: Tables, choice: ExportChoice) -> Iterator[Sheet]:
    """One sheet a counter: a column a month, from the first that has something to say."""
    if not make_months(tables, choice):
        return
    asked = "endpoint = 'timeline' AND fills AND granularity IN ('month', 'day')"
    for counter in _counters(tables, choice, asked, "month_value"):
        span = _span(tables, counter)
        if span is None:
            continue
        worded = _worded(tables, f"(FROM month_cell WHERE counter = '{counter}')", "month")
        months = [_month_column(month, span, worded) for month in span.months]
        yield Sheet(
            f"{counter} by month",
            f"One row an item, one column a month: {counter}. {_WHY}",
            (
                SheetColumn("entity", Form.TEXT, "d.entity"),
                SheetColumn("entity_id", Form.WHOLE, "d.entity_id"),
                *_known("title", "doi"),
                SheetColumn("all months", Form.WHOLE, "CAST(coalesce(sum(d.value), 0) AS BIGINT)"),
                SheetColumn("months missing", Form.WHOLE, "count(d.word)"),
                *months,
            ),
            f"(SELECT i.entity, i.entity_id, c.month, c.value, c.word FROM month_item i LEFT JOIN"
            f" month_cell c USING (entity, entity_id, counter) WHERE counter = '{counter}') d"
            f" {_ITEM}",
            (),
            _BY_ITEM,
            _BY_ITEM,
        )


def _counters(tables: Tables, choice: ExportChoice, asked: str, rows: str) -> list[str]:
    """Those that were asked about or have rows, as far as they are chosen."""
    found = tables.rows(f"SELECT counter FROM asked WHERE {asked} UNION SELECT counter FROM {rows}")
    names = {counter for (counter,) in found if counter}
    return in_order(names & set(choice.counters or Counter))


def _make_totals(tables: Tables, choice: ExportChoice, counters: Sequence[str]) -> None:
    """Make `total_cell` (entity, entity_id, counter, value, snapshot, word)."""
    mine, values = choice.condition("entities")
    same = "x.entity = i.entity AND x.entity_id = i.entity_id AND x.counter = c.counter"
    listed = ", ".join(f"('{each}')" for each in counters) or "(NULL)"
    tables.do(
        "CREATE TEMP TABLE total_cell AS WITH found AS (SELECT entity, entity_id FROM totals_latest"
        " UNION SELECT entity, entity_id FROM asked WHERE endpoint = 'total' AND counter IS NOT"
        " NULL AND entity_id IS NOT NULL), everyone AS (SELECT * FROM found UNION"
        " SELECT entity, entity_id FROM item WHERE entity IN (SELECT entity FROM found)),"
        f" chosen AS (SELECT * FROM everyone WHERE {mine})"
        " SELECT i.*, c.counter, t.value, t.snapshot, CASE WHEN t.value IS NOT NULL THEN NULL"
        f" WHEN u.word IS NOT NULL THEN u.word WHEN a.counter IS NULL THEN '{NOT_ASKED}' END"
        f" AS word FROM chosen i CROSS JOIN (VALUES {listed}) c(counter)"
        f" LEFT JOIN totals_latest t ON {same.replace('x.', 't.')}"
        f" LEFT JOIN unanswered u ON u.endpoint = 'total' AND {same.replace('x.', 'u.')}"
        f" LEFT JOIN answered a ON a.endpoint = 'total' AND {same.replace('x.', 'a.')}",
        values,
    )


@dataclass(frozen=True, slots=True)
class _Span:
    """The months of a sheet, and the last day that is known of."""

    months: Sequence[date]
    known_to: date


def _span(tables: Tables, counter: str) -> _Span | None:
    """From the first month with a number or without an answer to the last that is known of."""
    first, last, known_to = tables.one(
        "SELECT min(month), max(month), any_value(known_to) FROM month_cell"
        f" FULL JOIN month_end USING (counter) WHERE counter = '{counter}'"
    )
    if known_to is None:
        return None
    # Quiet months at the end are months, too.
    end = Granularity.MONTH.period_start(known_to)
    last = max(last or end, end)
    months = [first or last]
    while months[-1] < last:
        months.append(Granularity.MONTH.period_end(months[-1]) + timedelta(days=1))
    return _Span(months, known_to)


def _worded(tables: Tables, source: str, column: str) -> set[object]:
    """Where some cell holds a word."""
    rows = tables.rows(f"SELECT DISTINCT {column} FROM {source} WHERE word IS NOT NULL")
    return {each for (each,) in rows}


def _month_column(month: date, span: _Span, worded: set[object]) -> SheetColumn:
    name = f"{month:%Y-%m}"
    if Granularity.MONTH.period_end(month) > span.known_to >= month:
        name += f" (to {span.known_to.day})"
    return _cell(name, f"d.month = DATE '{month}'", has_words=month in worded)


def _cell(name: str, condition: str, *, has_words: bool) -> SheetColumn:
    """A column of numbers stays one where no cell needs a word."""
    chosen = f"FILTER (WHERE {condition})"
    if not has_words:
        return SheetColumn(name, Form.WHOLE, f"any_value(d.value) {chosen}")
    cell = "coalesce(d.word, CAST(d.value AS VARCHAR))"
    return SheetColumn(name, Form.COUNT, f"any_value({cell}) {chosen}")


def _known(*names: str) -> tuple[SheetColumn, ...]:
    return tuple(SheetColumn(each, Form.TEXT, f"any_value(item.{each})") for each in names)
