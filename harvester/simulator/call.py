"""A request as the simulator sees it, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

JSON: Final = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        target: path and query as sent.
        headers: names in lower case; only those that matter to an answer need be there.
        number: which request of this simulator's life it is (cursors grow old by it).
    """

    method: str
    target: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    number: int = 0

    @property
    def path(self) -> str:
        """The path, percent signs undone."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        """The parameters; of one given twice the last."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers and a body."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": JSON})

    def under(self, headers: Mapping[str, str]) -> Answer:
        """The same with more headers."""
        return replace(self, headers={**self.headers, **headers}) if headers else self


def json_answer(plain: Any, status: int = 200) -> Answer:
    """An answer in JSON, non-ASCII letters as they are."""
    return Answer(status, orjson.dumps(plain))
