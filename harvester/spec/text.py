"""A spec file as text: read with a limit, decoded, and free of control characters."""

from __future__ import annotations

import re
from pathlib import Path

from harvester.spec.issue import Mistake

MAX_BYTES = 16 * 1024 * 1024

# What YAML does not allow unescaped (YAML 1.2 §5.1), the byte order mark inside the text included.
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Unreadable(Exception):  # noqa: N818 - it carries what is told, it is not told itself
    """The file gives no text.

    Attributes:
        complaint: a mistake with its place, or a sentence about the file as a whole.
    """

    def __init__(self, complaint: Mistake | str) -> None:
        super().__init__(str(complaint))
        self.complaint = complaint


def file_bytes(path: Path) -> bytes:
    """All of a spec file.

    Raises:
        Unreadable: it is not there, not a file, not readable, or larger than 16 MB.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Unreadable(
            "there is no such file: `harvester init` writes a spec to start from"
        ) from None
    except IsADirectoryError:
        raise Unreadable("this is a folder: name the spec in it, such as job.yaml") from None
    except PermissionError:
        raise Unreadable("you have no permission to read this file") from None
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or 'the system refuses'}") from None
    except ValueError:  # a null character in the name
        raise Unreadable("this is no name of a file") from None
    if len(content) > MAX_BYTES:
        raise Unreadable(
            f"larger than {MAX_BYTES // 1024 // 1024} MB: a spec of 20,000 ids has 0.2 MB"
        )
    return content


def decoded(content: bytes) -> str:
    """UTF-8 text, without the byte order mark that Windows puts before it.

    Raises:
        Unreadable: another encoding, or control characters.
    """
    if content.startswith(_UTF16) or b"\x00" in content[:2]:
        raise Unreadable(Mistake(1, 1, (), "the file is UTF-16 or UTF-32: save it as UTF-8"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        skipped = 3 if content.startswith(b"\xef\xbb\xbf") else 0
        raise Unreadable(_not_utf8(content, error.start + skipped)) from None
    if found := _FORBIDDEN.search(text):
        line, column = _place(text, found.start())
        sentence = f"a control character (U+{ord(found[0]):04X}) has no place in a spec: delete it"
        raise Unreadable(Mistake(line, column, (), sentence))
    return text


def _not_utf8(content: bytes, offset: int) -> Mistake:
    before = content[:offset].decode("utf-8-sig")
    line, column = _place(before, len(before))
    byte = content[offset]
    likely = bytes([byte]).decode("cp1252", errors="ignore")
    guess = f", perhaps {likely!r} of Windows-1252" if likely.isalpha() else ""
    return Mistake(
        line,
        column,
        (),
        f"byte {offset} (0x{byte:02X}{guess}) is not UTF-8: save the file as UTF-8",
    )


def _place(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 1."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
