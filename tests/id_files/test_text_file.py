"""csv, tsv and txt, as Excel, Figshare and people write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.id_files import text_file
from harvester.id_files.row_collector import MAX_TOLD, Misread
from harvester.id_files.table import FileRefused
from tests.id_files.support_files import ids, reading, refusal, write_text
from tests.support.thorough import examples

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1252"]  # Python's utf-16 writes the mark
BROKEN = (
    "a quote in this row is never closed, or stands alone inside a quoted cell (there it is "
    "written twice): the rows from here on are not read"
)


def written(folder: Path, content: str | bytes, name: str = "ids.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("suffix", ["csv", "tsv", "txt", "CSV"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_and_separator_is_recognised(
    tmp_path: Path, encoding: str, delimiter: str, suffix: str
) -> None:
    """The separator is seen, whatever the extension says."""
    rows = [["Título", "Item_ID", "n; o, t\te"], ["Ä, b; c\td", "12", "x"], ['"q"\nr', "7", ""]]
    path = write_text(tmp_path / f"ids.{suffix}", rows, encoding=encoding, delimiter=delimiter)
    assert ids(path, "item_id") == (7, 12)
    assert ids(path) == (7, 12)
    assert reading(path).found.column == "Item_ID"


def test_both_byte_orders_of_utf_16_are_read(tmp_path: Path) -> None:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        path = written(tmp_path, mark + "id\ttitle\r\n12\tä\r\n".encode(encoding), "x.txt")
        assert ids(path) == (12,)


@pytest.mark.parametrize(
    ("content", "column", "found"),
    [
        ("12\n7\n12\n", None, (7, 12)),
        ("12", None, (12,)),
        ("\n\n12\r\n\r\n7\r", None, (7, 12)),
        ("id\n12\n7\n", None, (7, 12)),
        ("ID\r12\r7\r", "id", (7, 12)),
        ("sep=;\r\nid;title\r\n12;a,b,c\r\n", "id", (12,)),
        ('"sep=,"\nid,title\n12,"a;b"\n', None, (12,)),
        ("SEP=\t\nid\ttitle\n12\ta\n", None, (12,)),
        ("sep=|\nid|title\n12|a\n", None, (12,)),
        ("id,title,,\n12,a,,\n,,,\n7,b,,\n,,,\n", None, (7, 12)),
        ("id,title\n12\n7,b\n", None, (7, 12)),
        ("12,,\n7,,\n", None, (7, 12)),
        ("1,234E+03\n1,235E+03\n", None, (1234, 1235)),
        ("id\n1,234E+03\n12,0\n", None, (12, 1234)),
        ("id;title\n1,234E+03;a\n12,0;b\n", None, (12, 1234)),
        ('title,id\n"a, ""b"",\r\nc",12\nd,7\n', None, (7, 12)),
        ('title,id\n5" disk,12\n', None, (12,)),
        ('"id"\n"12"\n"7" \n', None, (7, 12)),
        ('id\n="12"\n', None, (12,)),
        ("https://figshare.com/articles/dataset/a,b;c/12345/1\n10.6084/m9.figshare.77777\n", None,
         (12345, 77777)),
        ("Title, short;Item ID;DOI\na, b;12;x\nc;7;y\n", "item id", (7, 12)),
        ("x,y;z\n1,2;12\n", "z", (12,)),
    ],
)  # fmt: skip
def test_lists_and_tables_as_people_write_them_are_read(
    tmp_path: Path, content: str, column: str | None, found: tuple[int, ...]
) -> None:
    assert ids(written(tmp_path, content), column) == found


@pytest.mark.parametrize(
    ("content", "misread"),
    [
        ("id,title\n12,a\nx,b\n\n7,c\n0,d\n", [(3, "'x' is no id"), (6, "'0' is no id")]),
        ('title,id\n"a\nb\nc",12\nd,x\n', [(3, "'x' is no id")]),
        ("sep=,\nid,title\nx,a\n", [(2, "'x' is no id")]),
        ("id,title\n,a\n12\n", [(2, "this row has no id")]),
        ("title,id\na,12\nb\n", [(3, "this row has no id")]),
        ("id;title\n12;a;b\n7;c\n", [(2, ("this row has 3 cells, and the first row 2: put a cell "
                                         "with a ';' inside into quotes"))]),
        ("id\ttitle\n12\ta\tb\n", [(2, ("this row has 3 cells, and the first row 2: put a cell "
                                       "with a tab inside into quotes"))]),
        ('id,title\n12,"a\n7,b\n', [(2, BROKEN)]),
        ('id,title\n12,a\n7,"b" c"\n13,d\n', [(3, BROKEN)]),
    ],
)  # fmt: skip
def test_mistakes_have_a_row_as_a_spreadsheet_counts(
    tmp_path: Path, content: str, misread: list[tuple[int, str]]
) -> None:
    found = reading(written(tmp_path, content)).misread
    assert [(each.row, each.column) for each in found] == [(row, "id") for row, _ in misread]
    for each, (_, said) in zip(found, misread, strict=True):
        assert each.sentence.startswith(said)


def test_the_column_of_a_file_without_header_has_a_number(tmp_path: Path) -> None:
    found = reading(written(tmp_path, "1.23457E+06\n12\nx\n", "x.txt"))
    assert found.found.column is None
    assert [(each.row, each.column) for each in found.misread] == [(1, "1"), (3, "1")]


def test_many_mistakes_are_counted(tmp_path: Path) -> None:
    found = reading(written(tmp_path, "id\n" + "x\n" * 1234 + "5\n"))
    assert len(found.misread) == MAX_TOLD
    assert found.misread[-1] == Misread(MAX_TOLD + 1, "id", found.misread[0].sentence)
    assert found.more == 1234 - MAX_TOLD
    assert list(found.found.ids) == [5]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n\n", "holds nothing but blank rows"),
        (b"\xef\xbb\xbf", "holds nothing but blank rows"),
        (b"id\n\n", "has a header, and no row below it"),
        (b"id\n\x81\n", "is no text in UTF-8, UTF-16 or Windows-1252: save it as UTF-8"),
        (b"\xff\xfe1\x002", "is no text in UTF-8, UTF-16 or Windows-1252: save it as UTF-8"),
        ("12\n7\n".encode("utf-16-le"), ("holds null characters: it is no text, or UTF-16 without "
         "a byte order mark: save it as UTF-8")),
        ("12\n".encode("utf-32"), "is UTF-32: save it as UTF-8"),
        (b"PAR1abc", "is a Parquet file: name it .parquet"),
        (b"PK\x03\x04abc", ("is an Excel workbook or another zip archive: if it is a workbook, "
         "name it .xlsx")),
        (b"%PDF-1.7", "is a PDF: save it as csv or xlsx"),
        (b"\x1f\x8b\x08", "is compressed (gzip): unpack it first"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>", ("is a web page or XML, perhaps what came instead of a "
         "download: save it as csv or xlsx")),
    ],
)  # fmt: skip
def test_a_text_that_is_no_table_is_refused_with_why(
    tmp_path: Path, content: bytes, said: str
) -> None:
    assert refusal(written(tmp_path, content)) == ("path", said)


def test_an_endless_line_is_not_held(tmp_path: Path) -> None:
    path = written(tmp_path, "id\n" + "1" * text_file.MAX_LINE + "2\n")
    assert refusal(path) == ("path", "has a line (2) of 1,000,000 characters or more")


def test_a_stray_quote_is_never_a_loss_of_rows(tmp_path: Path) -> None:
    """A lenient reader takes all up to the next quote for one cell, and says nothing."""
    content = "id,title\n" + "".join(f"{n},t{n}\n" for n in range(1, 50))
    found = reading(written(tmp_path, content.replace(",t20", ',"t20').replace("t40", 't"40')))
    assert found.misread == (Misread(21, "id", BROKEN),)


# A written id survives: any way of writing one, in any encoding, with any separator.
numbers = st.integers(1, 999_999_999)
others = st.text(
    st.characters(codec="cp1252", exclude_characters="\0", exclude_categories=["Cc"])
    | st.sampled_from('\n",;\t'),
    max_size=12,
)


def exponent(number: int, mark: str) -> str:
    digits = str(number)
    return f"{digits[0]}{mark}{digits[1:]}E+{len(digits) - 1:02}"


ways = st.sampled_from([
    str,
    lambda n: f"{n}.0",
    lambda n: exponent(n, "."),
    lambda n: exponent(n, ","),
    lambda n: f"'{n}'",
    lambda n: f"\u00a0{n} ",
])  # fmt: skip
names = st.sampled_from([
    lambda n: f"10.17028/rd.lboro.{n}.v2",
    lambda n: f"https://doi.org/10.17028/rd.lboro.{n}",
    lambda n: f"https://figshare.com/articles/dataset/T, t; t/{n}/1",
])  # fmt: skip
# A number, and how it is written; in DOIs and addresses ids have five to nine digits.
written_ids = st.tuples(numbers, ways) | st.tuples(st.integers(10**4, 10**9 - 1), names)


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(written_ids, others), min_size=1, max_size=8),
    encoding=st.sampled_from(ENCODINGS),
    delimiter=st.sampled_from(",;\t"),
    suffix=st.sampled_from(["csv", "tsv", "txt"]),
    is_named=st.booleans(),
)
def test_every_way_to_write_an_id_survives_a_text_file(
    tmp_path: Path, rows: list[tuple[tuple[int, Callable[[int], str]], str]], encoding: str,
    delimiter: str, suffix: str, is_named: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    cells = [[text, way(number)] for (number, way), text in rows]
    path = tmp_path / f"ids.{suffix}"
    write_text(path, [["title", "Item_ID"], *cells], encoding=encoding, delimiter=delimiter)
    found = ids(path, "item_id" if is_named else None)
    assert found == tuple(sorted({number for (number, _), _ in rows}))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["", "id", "Article_ID", "\ufeffitem_id", "007", "12"]),
    st.lists(st.integers(1, 10**18 - 1), min_size=1),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n", "\r\n"]),
)
def test_a_file_read_at_once_gives_what_reading_line_by_line_gives(
    tmp_path: Path, first: str, numbers: list[int], newline: str, end: str
) -> None:
    """A blank behind the last id has the file read with care."""
    lines = [first] * bool(first) + list(map(str, numbers))
    quick = written(tmp_path, newline.join(lines) + end, "quick.txt")
    careful = written(tmp_path, newline.join(lines) + " " + end, "careful.txt")

    def told(path: Path) -> object:
        try:
            found = reading(path)
        except FileRefused as error:
            return error.key, error.sentence
        return found.found, [(each.row, each.sentence) for each in found.misread], found.more

    assert told(quick) == told(careful)
