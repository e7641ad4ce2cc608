"""A gap is what nobody answered: not in its run, and not in any later one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harvester.model.rows import SCHEMAS, Dataset
from harvester.model.rules import HAVE_NUMBERS, REASONS
from harvester.report.base_tables import make_relations
from harvester.report.completeness import Completeness, completeness
from harvester.report.matrix import STATES
from harvester.report.tables import opened_tables

D = date.fromisoformat


def line(run: str, state: str, first: str | None, last: str | None, **more: Any) -> dict[str, Any]:
    """A row of requests/ about the monthly views of article 7, unless it says otherwise."""
    row = {
        "request_id": f"{run}/{state}/{first}/{more}",
        "run_id": run,
        "endpoint": "timeline",
        "granularity": "month",
        "counter": "views",
        "entity": "article",
        "entity_id": 7,
        "window_start": D(first) if first else None,
        "window_end": D(last) if last else None,
        "state": state,
        "reason": "server_error" if state == "failed" else None,
    }
    shown = {"shown_start": row["window_start"], "shown_end": row["window_end"]}
    return {**row, **shown, **more}


def judged(tmp_path: Path, *rows: dict[str, Any]) -> Completeness:
    """The completeness of a folder that has these requests."""
    schema = SCHEMAS[Dataset.REQUESTS]
    (tmp_path / "requests").mkdir()
    for run in {row["run_id"] for row in rows}:
        mine = [
            {name: row.get(name) for name in schema.names} for row in rows if row["run_id"] == run
        ]
        pq.write_table(
            pa.Table.from_pylist(mine, schema=schema), tmp_path / "requests" / f"{run}.parquet"
        )
    with opened_tables(tmp_path) as tables:
        make_relations(tables)
        return completeness(tables, 3)


YEAR = ("2025-01-01", "2025-12-31")
TOTAL: dict[str, Any] = {"endpoint": "total", "granularity": None}


@pytest.mark.parametrize(
    ("rows", "gaps"),
    [
        pytest.param([line("2026-01-05.1", "done", *YEAR)], 0, id="answered"),
        pytest.param([line("2026-01-05.1", "empty", *YEAR)], 0, id="answered with nothing"),
        pytest.param([line("2026-01-05.1", "not_needed", *YEAR)], 0, id="not needed"),
        pytest.param([line("2026-01-05.1", "failed", *YEAR)], 1, id="failed"),
        pytest.param([line("2026-01-05.1", "pending", *YEAR)], 1, id="open"),
        pytest.param(
            [line("2026-01-05.1", "failed", *YEAR), line("2026-01-06.1", "done", *YEAR)],
            0,
            id="failed, then answered",
        ),
        pytest.param(
            [
                line("2026-01-05.9", "failed", *YEAR),
                line("2026-01-05.10", "done", "2020-01-01", "2026-01-04"),
            ],
            0,
            id="answered by the tenth run of a day, in a longer window",
        ),
        pytest.param(
            [
                line("2026-01-05.1", "abandoned", *YEAR),
                line("2026-02-05.1", "done", "2024-01-01", "2025-06-30"),
                line("2026-02-05.1", "done", "2025-07-01", "2026-02-04"),
            ],
            0,
            id="answered by two windows that are cut elsewhere",
        ),
        pytest.param(
            [
                line("2026-01-05.1", "failed", *YEAR),
                line("2026-02-05.1", "done", "2025-02-01", "2026-02-04"),
            ],
            1,
            id="January is still missing",
        ),
        pytest.param(
            [line("2026-01-05.1", "failed", *YEAR), line("2026-01-06.1", "failed", *YEAR)],
            1,
            id="failed twice is missing once",
        ),
        pytest.param(
            [
                line("2026-01-05.1", "failed", *YEAR),
                line("2026-01-06.1", "done", *YEAR, counter="downloads"),
                line("2026-01-06.1", "done", *YEAR, entity_id=8),
                line("2026-01-06.1", "done", *YEAR, sub_item="item_type", sub_item_id="thesis"),
            ],
            1,
            id="others were answered",
        ),
        pytest.param(
            [
                line("2026-01-05.1", "failed", None, None, **TOTAL),
                line("2026-01-06.1", "done", None, None, **TOTAL),
            ],
            0,
            id="a total failed, and was read later",
        ),
        pytest.param([line("2026-01-05.1", "failed", None, None, **TOTAL)], 1, id="a total failed"),
    ],
)
def test_every_request_without_an_answer_is_a_gap_with_its_reason(
    tmp_path: Path, rows: list[dict[str, Any]], gaps: int
) -> None:
    found = judged(tmp_path, *rows)

    assert found.gap_requests == gaps
    assert sum(each.requests for each in found.gaps) == gaps
    assert all(each.reason for each in found.gaps)
    missing = [cell.missing for _, _, table in found.kinds for _, cells in table.lines
               for cell in cells if cell]  # fmt: skip
    assert sum(missing) == gaps


def test_many_entities_are_shown_in_bands_and_none_is_lost(tmp_path: Path) -> None:
    states = [
        ("done", None), ("not_needed", "derived"), ("empty", None),
        ("not_needed", "total_is_zero"), ("failed", "forbidden"), ("pending", None),
    ]  # fmt: skip
    rows = [
        line("2026-01-05.1", state, *YEAR, entity_id=n, reason=reason)
        for n in range(1, 1001)
        for state, reason in [states[n % 5] if n % 10 else states[5]]
    ]

    ((kind, entities, table),) = judged(tmp_path, *rows).kinds

    assert (kind, entities, len(table.lines)) == ("article", 1000, 40)
    assert table.lines[0][0] == "1 to 25"
    numbers = [cell.numbers for _, cells in table.lines for cell in cells if cell]
    assert [sum(column) for column in zip(*numbers, strict=True)] == [100, 200, 200, 200, 200, 100]


def test_a_ranking_of_all_items_is_no_entitys_line(tmp_path: Path) -> None:
    ranking = {"endpoint": "top", "granularity": None, "entity_id": None}
    rows = [line("2026-01-05.1", "done", *YEAR, entity_id=n) for n in range(1, 4)]

    ((_, entities, table),) = judged(
        tmp_path, *rows, line("2026-01-05.1", "failed", None, None, **ranking)
    ).kinds

    assert entities == 3
    assert [name for name, _ in table.lines] == ["all together", "1", "2", "3"]


def test_each_year_of_a_series_is_a_cell_with_its_states(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        line("2026-01-05.1", "done", "2023-01-01", "2024-12-31"),
        line("2026-01-05.1", "failed", *YEAR),
    )

    assert found.years.columns == ["2023", "2024", "2025"]
    ((name, cells),) = found.years.lines
    assert name == "article timeline month views"
    assert [cell.numbers if cell else None for cell in cells] == [
        (1, 0, 0, 0, 0, 0), (1, 0, 0, 0, 0, 0), (0, 0, 0, 0, 1, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("reason", REASONS)
def test_a_spared_request_is_known_or_not_needed_and_never_missing(
    tmp_path: Path, reason: str
) -> None:
    """Where the numbers are here all the same, they are not called missing, nor nothing."""
    rows = [
        line("2026-01-05.1", "not_needed", *YEAR, reason=reason),
        line("2026-01-05.1", "done", *YEAR, entity_id=8),
    ]
    found = judged(tmp_path, *rows)
    ((_, _, table),) = found.kinds
    ((cell,), (other,)) = (cells for _, cells in table.lines)
    state = list(STATES)[cell.numbers.index(1)] if cell else ""
    assert state == ("known" if reason in HAVE_NUMBERS else "not_needed")
    assert other is not None
    assert other.numbers[0] == 1
    ((_, (year,)),) = found.years.lines
    assert year is not None
    assert year.numbers[list(STATES).index(state)] == 1
    assert found.gap_requests == 0
    assert [each.reason for each in found.saved] == [reason]


@pytest.mark.parametrize(
    ("first", "last", "ends"),
    [
        pytest.param("2025-01-01", "2025-12-31", [(None, False)], id="over and settled"),
        pytest.param("2025-01-01", "2025-10-31", [("2025-10-31", False)], id="part of a year"),
        pytest.param("2026-01-01", "2026-11-22", [("2026-11-22", True)], id="goes on"),
        pytest.param("2026-01-01", "2026-11-19", [("2026-11-19", False)], id="settled so far"),
        pytest.param("2026-01-01", "2026-11-20", [("2026-11-20", True)], id="three days old"),
        pytest.param(
            "2025-01-01", "2026-11-22", [(None, False), ("2026-11-22", True)], id="two years"
        ),
    ],
)
def test_a_period_is_open_until_its_last_day_is_settled(
    tmp_path: Path, first: str, last: str, ends: list[tuple[str | None, bool]]
) -> None:
    """A day is settled when it lies more than three days before the run that read it."""
    ((_, cells),) = judged(tmp_path, line("2026-11-23.1", "done", first, last)).years.lines
    told = [(each.read_to and str(each.read_to), each.is_open) for each in cells if each]
    assert told == ends


def test_a_later_run_closes_a_period(tmp_path: Path) -> None:
    first = line("2026-01-02.1", "done", "2025-01-01", "2025-12-31")
    second = line("2026-02-05.1", "done", "2025-12-01", "2026-01-31")
    ((_, (old, new)),) = judged(tmp_path, first, second).years.lines
    assert old is not None
    assert new is not None
    assert (old.read_to, old.is_open) == (None, False)
    assert (new.read_to, new.is_open) == (D("2026-01-31"), False)


def test_a_folder_without_requests_is_no_error(tmp_path: Path) -> None:
    with opened_tables(tmp_path) as tables:
        make_relations(tables)
        found = completeness(tables, 3)

    assert (found.kinds, found.gaps, found.gap_requests) == ([], [], 0)
