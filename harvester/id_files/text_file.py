"""csv, tsv and txt, as Excel, Figshare and people write them."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from harvester.id_files.cell import Complaint, is_blank
from harvester.id_files.delimiter import declared, delimiter_of
from harvester.id_files.looks import encoding_of
from harvester.id_files.plain import plain_lines
from harvester.id_files.table import FileRefused, Found, Table

MAX_LINE = 1_000_000  # characters; a line of a table has some thousand
_SAMPLE_LINES = 200
_SAMPLE_CHARACTERS = 200_000
_CHUNK_BYTES = 1 << 20
_BROKEN_QUOTES = (
    "a quote in this row is never closed, or stands alone inside a quoted cell (there it is "
    "written twice): the rows from here on are not read"
)
_SHOWN = {"\t": "tab"}


@contextmanager
def text_table(path: Path, wanted: str | None) -> Iterator[Table]:
    """The rows of a text, whatever its encoding and separator; held open while they are read.

    Args:
        wanted: the column that the user named: it tells the separator best.

    Raises:
        FileRefused: it is no text, or has lines that no list of ids has.
    """
    if plain := plain_lines(path):
        first_line, ids = plain
        yield Table(
            [first_line], 1, lambda _: ((row, [each]) for row, each in enumerate(ids, 2)), plain=ids
        )
        return
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        lines = _lines(file)
        sample = _sample(lines)
        delimiter = declared(sample[0]) if sample else None
        if delimiter:
            del sample[0]  # Excel does not show this line, nor count it
        else:
            delimiter = delimiter_of(sample, wanted)
        rows = _rows(chain(sample, lines), delimiter)
        number, first = next(rows, (0, []))
        if isinstance(first, Complaint):
            raise FileRefused(f"row {number}: {first.sentence}")

        width = len(first)

        def chosen(indexes: Sequence[int]) -> Iterator[Found]:
            for row, cells in rows:
                if isinstance(cells, Complaint):
                    yield row, cells
                elif len(cells) > width and any(not is_blank(cell) for cell in cells[width:]):
                    yield row, _too_many(len(cells), width, delimiter)
                else:
                    yield row, [cells[each] if each < len(cells) else None for each in indexes]

        yield Table(first, number, chosen)


def _encoding(path: Path) -> str:
    """The encoding under which the whole file can be read; read once through for that."""
    with path.open("rb") as file:
        try:
            encoding = encoding_of(file.read(4))
        except LookupError as error:
            raise FileRefused(str(error.args[0])) from None
        for each in (encoding, "cp1252") if encoding == "utf-8-sig" else (encoding,):
            file.seek(0)
            decoder = codecs.getincrementaldecoder(each)()
            try:
                while chunk := file.read(_CHUNK_BYTES):
                    if "\0" in decoder.decode(chunk):
                        raise FileRefused(
                            "holds null characters: it is no text, or UTF-16 without a byte order "
                            "mark: save it as UTF-8"
                        )
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            return each
    raise FileRefused("is no text in UTF-8, UTF-16 or Windows-1252: save it as UTF-8")


def _lines(file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise FileRefused(f"has a line ({number:,}) of {MAX_LINE:,} characters or more")
        yield line


def _sample(lines: Iterator[str]) -> list[str]:
    sample: list[str] = []
    size = 0
    for line in islice(lines, _SAMPLE_LINES):
        sample.append(line)
        size += len(line)
        if size > _SAMPLE_CHARACTERS:
            break
    return sample


def _rows(
    lines: Iterator[str], delimiter: str | None
) -> Iterator[tuple[int, list[str] | Complaint]]:
    """The rows that are not blank, numbered as a spreadsheet does: blank ones count."""
    if delimiter is None:
        for number, line in enumerate(lines, 1):
            if not is_blank(line):
                yield number, [line.strip("\r\n")]
        return
    # Strict, for a stray quote would swallow rows until the next one, and nobody would know.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield number, Complaint(_BROKEN_QUOTES)
            return
        if any(not is_blank(cell) for cell in row):
            yield number, row


def _too_many(cells: int, width: int, delimiter: str | None) -> Complaint:
    mark = _SHOWN.get(str(delimiter), f"'{delimiter}'")
    return Complaint(
        f"this row has {cells} cells, and the first row {width}: put a cell with a {mark} inside "
        "into quotes"
    )
