"""Bodies that are not an answer to what was asked, made from ones that are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from harvester.simulator.call import Answer

_OUTSIDE: Final = {"day": "1999-12-31", "month": "1999-12", "year": "1999"}
_MISSPELT: Final = {"day": "2015-1-9", "month": "2015-1", "year": "15", "total": "all"}
_HOSTILE: Final[dict[str, Callable[[int], Any]]] = {
    "negative": lambda count: -count - 1,
    "fraction": lambda count: count + 0.5,
    "string_number": str,
    "boolean": lambda _: True,
    "big_integer": lambda _: 10**29 + 7,  # 30 digits: some readers turn it into a float
}


def spoilt(name: str, answer: Answer, path: str) -> Answer | None:
    """An answer with a fault of `ON_BODY` in it; None where the fault cannot be.

    An error stays as it is, and what has no periods has none that could be wrong.
    """
    if name == "wrong_content_type":
        return replace(answer, headers={**answer.headers, "Content-Type": "text/html"})
    if answer.status != 200:
        return None
    plain = json.loads(answer.body)
    if name == "not_an_object":
        spoiled: Any = [plain]
    elif name == "wrong_shape":
        spoiled = _misshapen(plain)
    elif name in _HOSTILE:
        spoiled = _with_count(plain, path, _HOSTILE[name])
    else:
        keys = _OUTSIDE if name == "out_of_window" else _MISSPELT
        found = re.search(r"(?:^|/)(timeline|breakdown)/(day|month|year|total)/", path)
        if found is None:
            return None
        endpoint, granularity = found.groups()
        if granularity == "total" and name == "out_of_window":
            return None
        periods = plain.get(endpoint) or {}
        spoiled = {endpoint: {**periods, keys[granularity]: _one(endpoint)}}
    return replace(answer, body=json.dumps(spoiled, ensure_ascii=False).encode())


def _one(endpoint: str) -> Any:
    return 1 if endpoint == "timeline" else {"France": {"Paris": 1, "total": 1}}


def _misshapen(plain: Any) -> Any:
    """The right keys over values of another kind; a list stays no list."""
    if isinstance(plain, list):
        return {"items": plain}
    return {key: [value, "?"] for key, value in plain.items()} or {"unexpected": []}


def _with_count(plain: Any, path: str, change: Callable[[int], Any]) -> Any:
    """The same with its first count changed; where there is none, one is put in."""
    changed, is_done = _first_changed(plain, change)
    if is_done:
        return changed
    for endpoint in ("timeline", "breakdown", "top"):
        if f"{endpoint}/" in path:
            period = re.search(rf"{endpoint}/(day|month|year)/", path)
            key = {"day": "2015-01-01", "month": "2015-01", "year": "2015"}
            name = key[period.group(1)] if period else "total"
            count = change(1)
            places = {"France": {"Paris": 1, "total": count}}
            return {endpoint: {name: places if endpoint == "breakdown" else count}}
    return {"totals": change(1)}


def _first_changed(plain: Any, change: Callable[[int], Any]) -> tuple[Any, bool]:
    if type(plain) is int:
        return change(plain), True
    if isinstance(plain, dict | list):
        entries = plain.items() if isinstance(plain, dict) else enumerate(plain)
        for key, value in entries:
            changed, is_done = _first_changed(value, change)
            if is_done:
                if isinstance(plain, dict):
                    return {**plain, key: changed}, True
                return [*plain[:key], changed, *plain[key + 1 :]], True
    return plain, False
