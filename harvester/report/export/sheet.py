"""A table for people: which columns, from where, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from harvester.report.wording import STEERING


class Form(Enum):
    """How a cell is written: real numbers and dates, never text that looks like them."""

    TEXT = "VARCHAR"
    WHOLE = "BIGINT"
    COUNT = "BIGINT, or a word of answered.py in its place"
    DATE = "DATE"
    MOMENT = "TIMESTAMP"
    TRUTH = "BOOLEAN"


_FORMS = {
    "VARCHAR": Form.TEXT,
    "BIGINT": Form.WHOLE,
    "INTEGER": Form.WHOLE,
    "DATE": Form.DATE,
    "TIMESTAMPTZ": Form.MOMENT,
    "BOOLEAN": Form.TRUTH,
}
# Words of our own enums and digits, written by no stranger: nothing to make harmless.
OWN_WORDS = {"entity", "counter", "granularity", "origin", "period", "dataset", "state", "endpoint"}
_WIDTHS = {
    Form.TEXT: 16,
    Form.COUNT: 12,
    Form.WHOLE: 12,
    Form.DATE: 12,
    Form.MOMENT: 20,
    Form.TRUTH: 9,
}
_WIDE = {"title": 60, "doi": 30, "url": 40, "proof": 50, "request_id": 30, "key": 30, "country": 22}


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of a sheet.

    Attributes:
        expression: SQL over the sheet's source.
    """

    name: str
    form: Form
    expression: str

    @property
    def is_own_words(self) -> bool:
        """A text of which every value is a word of ours."""
        return self.form is Form.TEXT and self.name in OWN_WORDS

    @property
    def width(self) -> int:
        """In characters, as a spreadsheet counts."""
        return _WIDE.get(self.name, max(_WIDTHS[self.form], min(len(self.name) + 3, 24)))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table.

    Attributes:
        name: of the sheet and of the CSV file.
        about: one sentence for the README.
        source: SQL after FROM, with its condition.
        values: what the source binds.
        order: SQL after ORDER BY; over the sheet's own columns.
        grouped: SQL after GROUP BY; empty: rows as they are.
    """

    name: str
    about: str
    columns: tuple[SheetColumn, ...]
    source: str
    values: tuple[object, ...]
    order: str
    grouped: str = ""

    @property
    def sql(self) -> str:
        """The rows, in order."""
        listed = ", ".join(f'{each.expression} AS "{each.name}"' for each in self.columns)
        grouped = f" GROUP BY {self.grouped}" if self.grouped else ""
        return f"SELECT {listed} FROM {self.source}{grouped} ORDER BY {self.order}"


def column(name: str, sql_type: str, expression: str | None = None) -> SheetColumn:
    """A column of a dataset, made harmless where strangers wrote it."""
    form = _FORMS[sql_type]
    plain = expression or f'"{name}"'
    if form is Form.TEXT and name not in OWN_WORDS:
        return SheetColumn(name, form, harmless(plain))
    # A spreadsheet knows no time zones: moments are UTC, as the README says.
    return SheetColumn(name, form, f"CAST({plain} AS TIMESTAMP)" if form is Form.MOMENT else plain)


def harmless(expression: str) -> str:
    """SQL that takes the sting out of a text cell.

    Steering characters become spaces. A cell that a spreadsheet would read as a formula (first
    character = + - @, also full-width, also behind spaces) gets an apostrophe before it.
    Source: OWASP, "CSV injection" (read 2026-11).
    """
    steering = STEERING.replace("\\u", "\\x").replace("'", "''")
    steering = _braced(steering)
    calm = f"regexp_replace({expression}, '{steering}', ' ', 'g')"
    return f"regexp_replace({calm}, '^(\\s*[=+@＝＋－＠-])', '''\\1')"  # noqa: RUF001


def _braced(pattern: str) -> str:
    """The same pattern as DuckDB's RE2 spells it, with braces: `x{200b}` for `u200b`."""
    parts = pattern.split("\\x")
    tails = [
        f"\\x{{{part[:4]}}}{part[4:]}"
        if len(part) >= 4 and all(letter in "0123456789abcdef" for letter in part[:4])
        else f"\\x{{{part[:2]}}}{part[2:]}"
        for part in parts[1:]
    ]
    return parts[0] + "".join(tails)
