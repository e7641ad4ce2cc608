"""Files that give no ids: damaged, disguised, locked, too large, or no files."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.id_files import read, row_collector
from harvester.id_files.table import FileRefused
from tests.id_files.support_files import reading, refusal, write_parquet, write_xlsx
from tests.support.thorough import examples


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"id\n12\n", ("is not an Excel workbook, whatever its extension says: if it is a text, "
                      "name it .csv")),
        (b"PAR1", "is a Parquet file: name it .parquet"),
        (b"PK\x03\x04 and so on", "is damaged, or no Excel workbook: it cannot be unpacked"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1Workbook", ("is an old Excel workbook (xls) or another "
                                                      "old Office file: save it as xlsx")),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 70_000
         + "EncryptedPackage".encode("utf-16-le"),
         "is protected with a password: save it without one"),
        (b"<html><table>", ("is a web page or XML, perhaps what came instead of a download: save "
                           "it as csv or xlsx")),
    ],
)  # fmt: skip
def test_a_file_that_is_no_workbook_is_refused_with_what_it_is(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    assert refusal(path) == ("path", said)


def test_a_zip_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    assert refusal(tmp_path / "x.xlsx") == (
        "path", "is a zip archive, but no Excel workbook: save it as xlsx"
    )  # fmt: skip


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(4, 10**6), flip=st.integers(1, 255), cut=st.integers(0, 10**6) | st.none())
@pytest.mark.parametrize("suffix", ["xlsx", "parquet"])
def test_damage_is_refused_or_does_no_harm(
    tmp_path: Path, suffix: str, at: int, flip: int, cut: int | None
) -> None:
    """A flipped byte or a lost end: a sentence, or all the same ids; never another one."""
    rows: list[list[object]] = [["id", "t"], *([n, f"t{n}"] for n in range(1000, 1300))]
    path = tmp_path / f"whole.{suffix}"
    if not path.exists():
        if suffix == "xlsx":
            write_xlsx(path, rows)
        else:
            columns = {"id": range(1000, 1300), "t": [str(row[1]) for row in rows[1:]]}
            pq.write_table(pa.table(columns), path, write_page_checksum=True)
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= flip
    broken = tmp_path / f"broken.{suffix}"
    broken.write_bytes(content[: cut % len(content)] if cut is not None else content)
    try:
        found = tuple(reading(broken, "id").found.ids)
    except FileRefused:
        return
    assert found == tuple(range(1000, 1300))


def test_a_path_that_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.csv") == ("path", "does not exist")
    (tmp_path / "x.csv").mkdir()
    assert refusal(tmp_path / "x.csv") == ("path", "is a folder: name the file in it")
    os.mkfifo(tmp_path / "pipe.csv")
    assert refusal(tmp_path / "pipe.csv") == ("path", "is no regular file")
    (tmp_path / "file").write_text("x")
    assert refusal(tmp_path / "file" / "x.csv") == ("path", "cannot be read: Not a directory")


def test_a_file_beyond_a_limit_is_refused_and_the_limit_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[list[object]] = [["id"], [1], [2], [3], [4]]
    text = tmp_path / "x.csv"
    text.write_text("id\n1\n2\n3\n4\n")
    monkeypatch.setattr(row_collector, "MAX_ROWS", 3)
    assert refusal(text) == ("path", "has more than 3 rows: split it, or the job")
    xlsx = write_xlsx(tmp_path / "x.xlsx", rows)
    assert refusal(xlsx) == ("path", "has more than 3 rows: split it, or the job")
    monkeypatch.setattr("harvester.id_files.parquet.MAX_ROWS", 3)
    parquet = write_parquet(tmp_path / "x.parquet", rows)
    assert refusal(parquet) == ("path", "has 4 rows: at most 3 are read")
    monkeypatch.setattr(read, "MAX_BYTES", 5)
    assert refusal(text) == ("path", "is larger than 0 MB, the most that is read")
