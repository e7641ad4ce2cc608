"""What a file really is, told from its first bytes: extensions lie."""

from __future__ import annotations

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office files before 2007, and encrypted ones since
ZIP = b"PK\x03\x04"
PARQUET = b"PAR1"

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the stream of a workbook with a password
_TABLES = "save it as csv or xlsx"
_LOOKS: tuple[tuple[bytes, str], ...] = (
    (ZIP, "is an Excel workbook or another zip archive: if it is a workbook, name it .xlsx"),
    (PARQUET, "is a Parquet file: name it .parquet"),
    (b"PARE", "is an encrypted Parquet file: write it without encryption"),
    (b"%PDF", f"is a PDF: {_TABLES}"),
    (b"\x1f\x8b", "is compressed (gzip): unpack it first"),
    (b"{\\rtf", f"is a text document (RTF): {_TABLES}"),
)
_PAGES = (b"<!doctype html", b"<html", b"<?xml", b"<table")


def complaint_of(content: bytes, suffix: str) -> str | None:
    """Why a file is not what its extension says; None: nothing speaks against it.

    Args:
        content: its beginning; of an old Office file all of it, if encrypted ones shall be told.
        suffix: csv, tsv, txt, parquet or xlsx.
    """
    mine = {"parquet": PARQUET, "xlsx": ZIP}.get(suffix)
    if mine and content.startswith(mine):
        return None
    if known := _known(content):
        return known
    if mine is None:
        return None
    what = "a Parquet file" if mine is PARQUET else "an Excel workbook"
    return f"is not {what}, whatever its extension says: if it is a text, name it .csv"


def _known(content: bytes) -> str | None:
    if content.startswith(OLE):
        if _ENCRYPTED in content:
            return "is protected with a password: save it without one"
        return "is an old Excel workbook (xls) or another old Office file: save it as xlsx"
    if content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        return f"is a web page or XML, perhaps what came instead of a download: {_TABLES}"
    return next((what for start, what in _LOOKS if content.startswith(start)), None)


def encoding_of(head: bytes) -> str:
    """The encoding that a text's first bytes name; UTF-8 where they name none.

    Raises:
        LookupError: with a sentence; they name one that is not read.
    """
    if head.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise LookupError("is UTF-32: save it as UTF-8")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"  # takes the order from the mark, and leaves the mark out
    return "utf-8-sig"
