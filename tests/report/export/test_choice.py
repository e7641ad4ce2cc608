"""What is exported: the datasets, counters, days and groups that were asked for, and no others."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., int]
Ask = Callable[[str], list[tuple[object, ...]]]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("words", "condition"),
    [
        pytest.param([], "true", id="everything"),
        pytest.param(["--counter", "views"], "counter = 'views'", id="a counter"),
        pytest.param(
            ["--counter", "views", "--counter", "shares"],
            "counter IN ('views', 'shares')",
            id="two counters",
        ),
        pytest.param(
            ["--from", "2025-01-01", "--until", "2025-12-31"],
            "period_start >= DATE '2025-01-01' AND period_end <= DATE '2025-12-31'",
            id="whole months of a year",
        ),
        pytest.param(
            ["--from", "2025-01-02", "--until", "2025-03-31"],
            "period IN ('2025-02', '2025-03')",
            id="a month that is cut is left out",
        ),
        pytest.param(
            ["--group", "109"],
            "((entity = 'group' AND entity_id = 109) OR (entity = 'article' AND entity_id IN"
            " (SELECT entity_id FROM entities WHERE entity = 'article' AND group_id = 109)))",
            id="a group and its articles",
        ),
    ],
)
def test_the_export_has_the_timeline_that_was_asked_for(
    output: Path, ask: Ask, command: Command, tmp_path: Path, words: list[str], condition: str
) -> None:
    assert command("export", output, "--to", "csv", "--dataset", "timeline", *words) == 0

    found = [
        (row["entity"], row["counter"], int(row["entity_id"]), row["period"], int(row["value"]))
        for row in rows_of(tmp_path / "lboro-export" / "timeline.csv")
    ]
    expected = ask(
        f"SELECT entity, counter, entity_id, period, value FROM timeline WHERE {condition}"
        " ORDER BY entity, counter, entity_id, period"
    )
    assert found == expected
    assert expected


def test_days_do_not_cut_what_has_no_period(
    output: Path, ask: Ask, command: Command, tmp_path: Path
) -> None:
    """An all-time total belongs to no period: `--from` must not make it vanish."""
    assert (
        command("export", output, "--to", "csv", "--from", "2025-01-01", "--until", "2025-01-31")
        == 0
    )

    totals = rows_of(tmp_path / "lboro-export" / "totals.csv")
    assert [(len(totals),)] == ask("SELECT count(*) FROM totals")
    assert rows_of(tmp_path / "lboro-export" / "top.csv") == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--dataset", "cities"], "this job has no cities"),
        (["--dataset", "responses"], "no dataset 'responses'"),
        (["--dataset", "totals'; DROP"], "no dataset"),
        (["--counter", "hugs"], "'hugs' is not a counter"),
        (["--from", "2025-02-01", "--until", "2025-01-01"], "before they begin"),
    ],
)
def test_a_choice_that_cannot_be_exported_is_explained(
    output: Path, command: Command, tmp_path: Path, capsys: Any, words: list[str], complaint: str
) -> None:
    assert command("export", output, "--to", "csv", *words) == 2

    assert complaint in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over_and_nothing_among_the_datasets(
    output: Path, command: Command, tmp_path: Path, capsys: Any
) -> None:
    call = ("export", output, "--to", "csv", "--dataset", "counts", "--out")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.docx").write_text("years of work")

    assert command(*call, mine) == 2
    assert command(*call, mine, "--force") == 2
    assert (mine / "thesis.docx").read_text() == "years of work"
    assert command(*call, output / "totals" / "x") == 2
    assert command("export", output, "--to", "xlsx", "--out", output / "book.xlsx") == 2
    assert "inside the job's folder" in capsys.readouterr().err

    assert command(*call, tmp_path / "new") == 0
    assert command(*call, tmp_path / "new") == 2
    assert "--force" in capsys.readouterr().err
    (tmp_path / "new" / "counts.csv").write_text("old")
    assert command(*call, tmp_path / "new", "--force") == 0
    assert len(rows_of(tmp_path / "new" / "counts.csv")) == 12
    # No temporary name stays behind.
    assert {each.name for each in tmp_path.iterdir()} == {"mine", "new"}


def test_a_damaged_dataset_leaves_no_half_export(
    output: Path, command: Command, tmp_path: Path, capsys: Any
) -> None:
    copy = tmp_path / "copy"
    (copy / "_harvest").mkdir(parents=True)
    ledger = (output / "_harvest" / "ledger.sqlite").read_bytes()
    (copy / "_harvest" / "ledger.sqlite").write_bytes(ledger)
    part = copy / "totals" / "entity=article" / "counter=views" / "2026-11-23.1-00001.parquet"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"PAR1 not a parquet file PAR1")

    for shape in ("csv", "xlsx"):
        assert command("export", copy, "--to", shape) == 4
    assert command("report", copy) == 4

    assert "cannot be read" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["copy"]
    assert not (copy / "_harvest" / "report.html").exists()
