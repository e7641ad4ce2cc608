"""The smallest pieces of a spec: ids, words, texts, days and addresses, each with its bounds."""

from __future__ import annotations

import re
from datetime import date
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from harvester.model.entity import ID_DIGITS, ID_FILES
from harvester.model.suggestions import quoted

SHAPE = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]{0,199}$"
_ENDS = ("yesterday", "last-month", "last-year")
_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")
_TIMED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ].*")
# Files that people have instead of one that is read.
_INSTEAD = {
    "xls": "an old Excel file: save it as xlsx in Excel",
    "xlsm": "a workbook with macros: save it as xlsx in Excel",
    "xlsb": "a binary workbook: save it as xlsx in Excel",
    "ods": "save it as xlsx",
    "numbers": "export it as xlsx or csv",
    "gz": "unpack it first",
    "zip": "unpack it first",
}
_PART = re.compile(r"([0-9]{4})(?:-?([0-9]{1,2}))?(?:-?([0-9]{1,2}))?")


def refusal(sentence: str) -> PydanticCustomError:
    """An error whose text is already the sentence that the user reads."""
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence})


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise refusal(
            "this holds a line break, a control character, or a space at an end: write plain text"
        )
    return text


def _ascii(text: str) -> str:
    if not text.isascii():
        raise refusal("this travels in an HTTP header: write it in ASCII characters only")
    return text


def _id_file(text: str) -> str:
    stem, dot, suffix = text.rpartition(".")
    if dot and suffix.lower() in ID_FILES and not stem.endswith(("/", "\\")) and stem:
        return text
    how = _INSTEAD.get(suffix.lower(), "save it as one of these")
    raise refusal(f"{quoted(text)} is no csv, tsv, txt, parquet or xlsx file: {how}")


def day(value: object) -> object:
    """Read `2015-01-31` as a date; another way to write one is refused with the right one.

    Words are left alone, for the words of a period are judged by its own type.
    """
    text = str(value) if type(value) is int else value
    if not isinstance(text, str):
        return value
    if _TIMED.fullmatch(text):
        raise refusal(f"a day has no time of day here: write {text[:10]}")
    if part := _PART.fullmatch(text):
        whole = "-".join((part[1], f"{part[2] or 1:0>2}", f"{part[3] or 1:0>2}"))
        return _calendar_day(text, whole)
    return value


def _calendar_day(text: str, whole: str) -> date:
    try:
        found = date.fromisoformat(whole)
    except ValueError:
        raise refusal(f"there is no such day as {text}") from None
    if text != whole:
        raise refusal(f"{text!r} is not a day: write it as YYYY-MM-DD, such as {whole}")
    return found


def _start(value: object) -> object:
    found = day(value)
    if isinstance(found, date) or found == "beginning":
        return found
    if found in _ENDS:
        raise refusal(f"{found!r} can only be an end: start is a day (2015-01-01) or 'beginning'")
    raise PydanticCustomError("start", "")


def _end(value: object) -> object:
    found = day(value)
    if isinstance(found, date) or found in _ENDS:
        return found
    if found == "beginning":
        raise refusal("'beginning' can only be a start: end is a day, yesterday, last-month, ...")
    raise PydanticCustomError("end", "")


def _pace(value: object) -> object:
    if value == "unlimited":
        return value
    # A pace of less would mean hours for one request; `type`, because True is an int too.
    if type(value) in {int, float} and 0.001 <= float(str(value)) <= 100_000:
        return value
    raise PydanticCustomError("pace", "")


def _address(text: str) -> str:
    """An origin and path that requests can be sent to, without a slash at its end.

    No message here repeats the address: somebody may have put a password into it.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise refusal("this is not an address such as https://example.org") from None
    complaint = _complaint(parts, text, port)
    if complaint:
        raise refusal(complaint)
    return text.rstrip("/")


def _complaint(parts: SplitResult, text: str, port: int | None) -> str | None:
    """The first thing that is wrong with an address, or None."""
    host, no_address = parts.hostname or "", "this is not an address such as https://example.org"
    checks = (
        ("@" in parts.netloc, "secrets never stand in a spec: no name or password in an address"),
        (not re.fullmatch(r"[!-~]+", text) or port == 0, no_address),
        (parts.scheme not in {"http", "https"}, no_address),
        (not re.fullmatch(r"[a-z0-9.-]+|[0-9a-f:.]+", host), no_address),
        ("?" in text or "#" in text, "an address takes no query (?) and no fragment (#) here"),
        (not _PATH.fullmatch(parts.path), "the path of an address takes no dots and no '//' here"),
        (
            parts.scheme == "http" and not is_loopback(text),
            "http is for loopback (127.0.0.1, localhost) only: write https",
        ),
    )
    return next((sentence for is_wrong, sentence in checks if is_wrong), None)


def is_loopback(address: str) -> bool:
    """Whether requests to this address stay on this machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _held_value(value: object) -> object:
    """A value of a column, which is compared as a text; `yes` and `true` would not be."""
    if isinstance(value, bool):
        raise refusal("this is read as true or false: put it in quotes, as the column writes it")
    if type(value) in {int, str}:
        return str(value)
    raise refusal("this cannot be compared with a cell: write one text or whole number")


def _one_or_more(value: object) -> object:
    return value if isinstance(value, list | tuple) else (_held_value(value),)


def _sub_item_id(value: object) -> object:
    return str(value) if type(value) is int else value


Id = Annotated[int, Field(strict=True, gt=0, lt=10**ID_DIGITS)]
# A DOI that holds an id is that id before the model sees it (doi_ids.py).
ListedId = Annotated[
    Id,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10**ID_DIGITS},
                {"type": "string", "pattern": r"10\.[0-9]{4,9}/"},
            ]
        }
    ),
]
Number = Annotated[int, Field(strict=True)]
Real = Annotated[float, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_printable)]
HeaderText = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(_printable), AfterValidator(_ascii)
]
# For editors: the extension in any case.
_ID_PATH = "|".join("".join(f"[{x}{x.upper()}]" for x in each) for each in ID_FILES)
IdPath = Annotated[
    Text,
    Field(json_schema_extra={"pattern": rf"[^/\\]\.({_ID_PATH})$"}),
    AfterValidator(_id_file),
]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=100)]
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=200)]
Address = Annotated[str, Field(json_schema_extra={"format": "uri"}), AfterValidator(_address)]
Day = Annotated[date, BeforeValidator(day)]
Start = Annotated[date | Literal["beginning"], BeforeValidator(_start)]
End = Annotated[date | Literal["yesterday", "last-month", "last-year"], BeforeValidator(_end)]
Pace = Annotated[
    Annotated[float, Field(ge=0.001, le=100_000)] | Literal["unlimited"], BeforeValidator(_pace)
]
HeldValue = Annotated[
    str, BeforeValidator(_held_value, json_schema_input_type=str | int), Field(max_length=1000)
]
HeldValues = Annotated[
    tuple[HeldValue, ...],
    Field(min_length=1, max_length=1000),
    BeforeValidator(_one_or_more, json_schema_input_type=str | int | list[str | int]),
]
SubItemId = Annotated[
    str,
    BeforeValidator(_sub_item_id, json_schema_input_type=str | int),
    Field(min_length=1, max_length=64),
]
