"""What a probe asks and what it is answered: raw requests, as no harvest would send them.

A harvest writes only documented requests (`fetch/url.py`); a probe leaves dates out on purpose,
asks beyond limits and names what cannot exist, so it writes its own paths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from harvester.model.dates import Window
from harvester.model.terms import Endpoint

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a probe; equal ones are sent once, whoever asks.

    Attributes:
        path: with its query, percent-encoded, behind the address of the service.
        is_listing: it goes to the API of listings, else to the statistics.
        needs_credentials: the service wants to know who asks.
        body: JSON of a POST; None: a GET.
    """

    path: str
    is_listing: bool = False
    needs_credentials: bool = False
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an ask, reduced to what may be shown and kept (`probe_redaction.py`).

    Attributes:
        status: None: no answer came.
        plain: the body's JSON.
        headers: those that say something of the service.
        skew_seconds: how far the service's clock is ahead of ours; None: it does not tell.
        why: why no answer came; empty: one did.
    """

    status: int | None = None
    plain: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    skew_seconds: int | None = None
    why: str = ""


def stats_ask(
    scope: str | None, words: Sequence[str | int], query: Mapping[str, str | int] = _NONE
) -> Ask:
    """A request for statistics: the words of its path behind the scope, and its parameters."""
    endpoint = str(words[0])
    needs_basic = scope is not None and endpoint in {
        each.value for each in Endpoint if each.needs_credentials
    }
    parts = [scope, *words] if scope is not None else words
    path = "".join(f"/{quote(str(part), safe='')}" for part in parts)
    return Ask(f"{path}?{urlencode(query)}" if query else path, needs_credentials=needs_basic)


def dates(window: Window) -> dict[str, str]:
    """A window as the parameters that say it."""
    return {"start_date": window.first.isoformat(), "end_date": window.last.isoformat()}


def count_ask(groups: Sequence[int]) -> Ask:
    """How many articles each group has."""
    listed = ",".join(f'{{"id":{group:d}}}' for group in groups)
    return Ask("/count/articles", body=f'{{"groups":[{listed}]}}'.encode())
