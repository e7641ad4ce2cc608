"""Ids from files through the real command line: 50,000 rows in each format, and a whole run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harvester.simulator.config import SimulatorConfig
from harvester.simulator.truth import Truth
from tests.end_to_end.support_commands import say
from tests.support.command_line import Job, Spec
from tests.support.thorough import few_of

FIELD = Path(__file__).parent.parent / "fixtures" / "field"
ROWS = 50_000
FIRST = 20_000_001
TODAY = date(2026, 7, 2)
TOTALS = [{"endpoint": "total", "counters": ["views"]}]


def exponent(number: int, mark: str = ".") -> str:
    digits = str(number)
    return f"{digits[0]}{mark}{digits[1:]}E+{len(digits) - 1:02}"


WAYS: list[Callable[[int], object]] = [
    lambda n: n,
    lambda n: f"{n}.0",
    exponent,
    lambda n: exponent(n, ","),
    lambda n: f"\u00a0{n}",
    lambda n: f"10.17028/rd.lboro.{n}.v2",
    lambda n: f"https://doi.org/10.17028/rd.lboro.{n}",
    lambda n: f"https://lboro.figshare.com/articles/dataset/A_title/{n}/3",
]


def cells() -> list[object]:
    """Every way to write an id, over and over."""
    return [WAYS[n % len(WAYS)](FIRST + n) for n in range(ROWS)]


def export() -> list[list[object]]:
    """Like a batch export: titles with line breaks, quotes and separators around the ids."""
    head: list[object] = ["Title", " Item_ID ", "Description", ""]
    rows = [[f'Tïtle "{n}"', cell, "a, b; c\td\r\ne", ""] for n, cell in enumerate(cells())]
    return [head, *rows[:9], ["", "", "", ""], *rows[9:]]


def as_text(path: Path, encoding: str, delimiter: str) -> None:
    held = io.StringIO(newline="")
    csv.writer(held, delimiter=delimiter).writerows(export())
    path.write_bytes(held.getvalue().encode(encoding))


def as_list(path: Path) -> None:
    path.write_text("".join(f"{cell}\n" for cell in cells()), encoding="utf-8")


def as_xlsx(path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    book.create_sheet("Notes")
    sheet = book.create_sheet("Items")
    for row in export():
        sheet.append(row)
    book.save(path)


def as_parquet(path: Path) -> None:
    texts = [str(cell) for cell in cells()]
    pq.write_table(pa.table({"title": ["t"] * ROWS, "item_id": texts}), path)


FILES: dict[str, Callable[[Path], None]] = {
    "utf-8.csv": lambda path: as_text(path, "utf-8", ","),
    "utf-8-mark.csv": lambda path: as_text(path, "utf-8-sig", ";"),
    "cp1252.csv": lambda path: as_text(path, "cp1252", ";"),
    "utf-16.txt": lambda path: as_text(path, "utf-16", "\t"),
    "utf-8.tsv": lambda path: as_text(path, "utf-8", "\t"),
    "list.txt": as_list,
    "book.xlsx": as_xlsx,
    "table.parquet": as_parquet,
}


def job(folder: Path, entities: dict[str, Any], dimensions: list[Any] | None = None) -> Job:
    spec: Spec = {
        "name": "listed",
        "source": {"simulator": {"seed": 5, "articles": 40}},
        "entities": entities,
        "dimensions": dimensions or TOTALS,
        "limits": {"requests_per_second": "unlimited"},
    }
    return Job(folder, spec)


@pytest.mark.parametrize("name", few_of(FILES, "utf-8.csv", "utf-16.txt", "table.parquet"))
def test_fifty_thousand_ids_of_any_format_are_all_planned(tmp_path: Path, name: str) -> None:
    FILES[name](tmp_path / name)
    ours = job(tmp_path, {"article": {"ids": [FIRST, 7], "file": {"path": name}}})
    planned = ours.call("plan", "job.yaml", "--json")
    assert planned.returncode == 0, planned.stderr
    assert json.loads(planned.stdout)["requests"] == {"least": ROWS + 1, "most": ROWS + 1}


def test_check_names_what_was_read(tmp_path: Path) -> None:
    as_xlsx(tmp_path / "book.xlsx")
    (tmp_path / "ids.txt").write_text("7\n9\n7.0\n", encoding="utf-8")
    ours = job(
        tmp_path,
        {"article": {"file": {"path": "book.xlsx"}}, "group": {"file": {"path": "ids.txt"}}},
    )
    checked = ours.call("check", "job.yaml")
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.splitlines()[1:] == [
        "article: 50,000 ids from book.xlsx, sheet 'Items', column 'Item_ID'",
        "group: 2 ids from ids.txt, its only column (1 repeat)",
    ]


def test_check_tells_of_rows_that_are_not_public_hidden_or_left_out(tmp_path: Path) -> None:
    for name in ("batch-export.csv", "filtered.xlsx"):
        (tmp_path / name).write_bytes((FIELD / name).read_bytes())
    public = {"path": "filtered.xlsx", "where": {"status": "public"}}
    ours = job(tmp_path, {"article": {"file": {"path": "batch-export.csv"}}})
    told = (
        "  4 of 8 rows not public by column 'status' (2 draft, 2 private), and read all the same: "
        "such items count nothing, and `where: {status: public}` leaves them out"
    )
    assert checked(ours) == ["article: 8 ids from batch-export.csv, column 'article_id'", told]
    ours.write({**ours.spec, "entities": {"article": {"file": {"path": "filtered.xlsx"}}}})
    assert checked(ours) == [
        "article: 8 ids from filtered.xlsx, sheet 'Items', column 'article_id'",
        told,
        (
            "  4 of 8 rows hidden in the workbook, by a filter or by hand, and read all the same: "
            "`where` leaves rows out"
        ),
    ]
    ours.write({**ours.spec, "entities": {"article": {"file": public}}})
    assert checked(ours) == [
        "article: 4 ids from filtered.xlsx, sheet 'Items', column 'article_id'",
        "  4 of 8 rows left out by `where`",
    ]


def checked(ours: Job) -> list[str]:
    """What a good `check` says of the files."""
    said = say(ours.folder, "check", "job.yaml")
    assert said.code == 0, said.stderr
    return said.stdout.splitlines()[1:]


def test_mistakes_in_a_file_end_like_mistakes_in_a_spec(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text("title,item_id\na,7\nb,1.23457E+06\n", encoding="utf-8")
    ours = job(tmp_path, {"article": {"file": {"path": "export.csv", "column": "item_id"}}})
    for command in ("check", "plan", "run"):
        ended = ours.call(command, "job.yaml")
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr == (
            "export.csv:3:item_id: '1.23457E+06' is rounded, its last digit is lost: in Excel "
            "format the column as a number without decimals, and save the file again\n"
        )
    assert not ours.output.exists()


def test_a_run_asks_what_its_files_hold(tmp_path: Path) -> None:
    """Four kinds from four formats, against the simulator's truth; and what changes after."""
    truth = Truth(SimulatorConfig(seed=5, articles=40, institution="demo", today=TODAY))
    few = {kind: truth.ids(kind)[:6] for kind in ("article", "author", "collection", "group")}
    (tmp_path / "articles.csv").write_bytes(
        ("sep=;\r\nTitle;Item ID\r\n" + "".join(f'"a;\r\nb";{n}.0\r\n' for n in few["article"]))
        .encode("utf-16")
    )  # fmt: skip
    pq.write_table(pa.table({"user_id": few["author"]}), tmp_path / "authors.parquet")
    (tmp_path / "collections.txt").write_text(
        "".join(f"https://doi.org/10.6084/m9.figshare.c.{n}.v1\n" for n in few["collection"])
    )
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for cell in ("Group", *map(float, few["group"])):
        sheet.append([cell])
    book.save(tmp_path / "groups.xlsx")
    files = {"article": "articles.csv", "author": "authors.parquet", "group": "groups.xlsx",
             "collection": "collections.txt"}  # fmt: skip
    ours = job(tmp_path, {kind: {"file": {"path": path}} for kind, path in files.items()})

    day = ("--today", TODAY.isoformat())  # of the simulator, too
    ours.run(*day, "--max-requests", "5", expect=5)
    whole = (tmp_path / "collections.txt").read_text()
    (tmp_path / "collections.txt").write_text("1\n2\n" + whole.split("\n", 1)[1])
    refused = ours.run(*day, expect=2)
    assert "entities.collection.file: 2 ids more, 1 ids less" in refused.stderr
    assert "--new-run" in refused.stderr
    (tmp_path / "collections.txt").write_text("\n" + whole)
    ours.run(*day)

    found = set(ours.rows("totals", "entity, entity_id, value"))
    wanted = {(k, n, truth.total(None, "views", k, n)) for k, ids in few.items() for n in ids}
    assert found == wanted
    before = ours.files()
    ours.run(*day)
    assert ours.files() == before
