"""What of an answer a probe looks at, shows and keeps: numbers, ids, dates and places.

An answer is reduced as it arrives and judged only then: what `--save` writes is what was judged,
and nobody's title, name, address or secret can be in it, whatever the service said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "hidden"
RATE_HEADERS = (
    "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit",
    "RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After",
)  # fmt: skip
CACHE_HEADERS = ("Age", "Cache-Control", "X-Cache")
# Who answers; of the identifying ones only that they are there.
OTHER_HEADERS = (
    "Server", "ETag", "Last-Modified", "Via", "X-Amzn-RequestId", "X-Amzn-Trace-Id",
    "X-Amz-Apigw-Id", "X-Amz-Cf-Id", "X-Amz-Cf-Pop", "X-Amzn-Waf-Action", "CF-Ray",
)  # fmt: skip
HEADERS = (*RATE_HEADERS, *CACHE_HEADERS, *OTHER_HEADERS)

_PRODUCT = re.compile(r"[A-Za-z]{1,30}(?:/[0-9.]{1,12})?")
_VALUE = re.compile(r"[A-Za-z0-9 ,;=\"-]{1,80}")
_SHOWN = {
    "Server": _PRODUCT,
    "X-Amzn-Waf-Action": _PRODUCT,
    **dict.fromkeys((*RATE_HEADERS, *CACHE_HEADERS), _VALUE),
}
_STATISTICS = ("totals", "timeline", "breakdown", "top", "views", "downloads", "shares", "cites")
# Ids alone: an entry of a listing has titles, names, mail addresses.
_LISTED = ("id", "group_id", "parent_id", "user_id")
# What the documentation says an error says; other sentences may name somebody.
_MESSAGES = re.compile(
    r"(?:Invalid or unsupported|Missing required) params: [a-z_]{1,30}|Unauthorized request"
    r"|Endpoint not found|Forbidden"
)
_CODE = re.compile(r"[A-Za-z]{1,40}")
_PERIOD_OR_ID = re.compile(r"[0-9-]{1,20}|total")
_LONGEST_PLACE = 80
# A breakdown holds places in countries in periods; all else holds numbers under one key.
_DEEPEST = {"breakdown": 4}
_FLAT = 2


def reduced(plain: Any, *, is_listing: bool) -> Any:
    """A body's JSON without whatever may name a person, an item or a secret."""
    if isinstance(plain, dict) and ("code" in plain or "message" in plain):
        return _error(plain)
    if is_listing:
        return [_entry(each) for each in plain] if isinstance(plain, list) else _entry(plain)
    if not isinstance(plain, dict):
        return HIDDEN
    known = {
        key: _counts(value, 1, _DEEPEST.get(key, _FLAT))
        for key, value in plain.items()
        if key in _STATISTICS or (key.isascii() and key.isdigit())
    }
    return known if known or not plain else {HIDDEN: None}


def reduced_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, with only those values that are the same for everybody who asks."""
    return {
        name: value if (name in _SHOWN and _SHOWN[name].fullmatch(value)) else HIDDEN
        for name, value in headers.items()
    }


def _error(plain: dict[str, Any]) -> dict[str, str]:
    said = {}
    for key, known in (("code", _CODE), ("message", _MESSAGES)):
        value = plain.get(key)
        if key in plain:
            said[key] = value if isinstance(value, str) and known.fullmatch(value) else HIDDEN
    return said


def _entry(plain: Any) -> dict[str, int]:
    found = plain if isinstance(plain, dict) else {}
    return {key: found[key] for key in _LISTED if type(found.get(key)) is int}


def _counts(plain: Any, depth: int, deepest: int) -> Any:
    """Numbers under periods, ids and places as they are; anything else is hidden."""
    if isinstance(plain, dict):
        if depth == deepest:
            return HIDDEN
        return {
            _key(key, depth): _counts(value, depth + 1, deepest) for key, value in plain.items()
        }
    return plain if plain is None or isinstance(plain, int | float) else HIDDEN


def _key(key: str, depth: int) -> str:
    if depth > 1:
        return key[:_LONGEST_PLACE]
    return key if _PERIOD_OR_ID.fullmatch(key) else HIDDEN
