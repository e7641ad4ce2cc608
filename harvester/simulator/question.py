"""A statistics request, read: which endpoint, of what, over which window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from harvester.simulator.call import Call
from harvester.simulator.error_bodies import ProblemError, invalid, missing, not_found
from harvester.simulator.limits import COUNTERS, ENDPOINTS, FILTERS, GRANULARITIES, KINDS


@dataclass(frozen=True, slots=True)
class Question:
    """What a path and a query ask.

    Attributes:
        scope: the institution's slug; None: public.
        counter: None only for a total of all counters at once.
        number: the id of the item; None for rankings and counts.
        start, end: as sent; None where they were not.
    """

    endpoint: str
    scope: str | None
    granularity: str | None
    counter: str | None
    kind: str | None
    number: int | None
    query: Mapping[str, str]
    start: date | None
    end: date | None


# How many parts each endpoint's path has behind its name.
_PARTS = {"timeline": 4, "breakdown": 4, "top": 2}


def read_question(call: Call) -> Question:
    """Read a request.

    Raises:
        ProblemError: it is none that the service has, or a value in it is not supported.
    """
    segments = call.path.strip("/").split("/")
    scope = None if segments[0] in ENDPOINTS else segments.pop(0)
    if not segments or segments[0] not in ENDPOINTS:
        raise ProblemError(not_found())
    endpoint, parts = segments[0], segments[1:]
    is_counting = (call.method, endpoint, scope, parts) == ("POST", "count", None, ["articles"])
    if is_counting:
        return Question("count", None, None, None, None, None, call.query, None, None)
    is_combined = endpoint == "total" and len(parts) == 2
    expected = _PARTS.get(endpoint, 2 if is_combined else 3)
    if call.method != "GET" or endpoint == "count" or len(parts) != expected:
        raise ProblemError(not_found())
    granularity = parts.pop(0) if endpoint in {"timeline", "breakdown"} else None
    counter = None if is_combined else parts.pop(0)
    _check(granularity, counter, parts[0])
    query = call.query
    start, end = (_day(query, name) for name in ("start_date", "end_date"))
    number = None if endpoint == "top" else _number("item_id", parts[1])
    _check_filter(endpoint, call.path, query)
    return Question(endpoint, scope, granularity, counter, parts[0], number, query, start, end)


def _check(granularity: str | None, counter: str | None, kind: str) -> None:
    if granularity is not None and granularity not in GRANULARITIES:
        raise invalid("granularity", f"Granularity not supported: {granularity}")
    if counter is not None and counter not in COUNTERS:
        raise invalid("counter", f"Counter type not supported: {counter}")
    if kind not in KINDS:
        raise invalid("item", f"Item type not supported: {kind}")


def _check_filter(endpoint: str, path: str, query: Mapping[str, str]) -> None:
    sub_item = query.get("sub_item")
    if sub_item is None or endpoint == "total":
        return
    if sub_item not in FILTERS and not (endpoint == "top" and sub_item == "referral"):
        raise invalid("sub_item", f"Sub item type not supported: {sub_item}")
    needed = "item_id" if endpoint == "top" else "sub_item_id"
    if needed not in query:
        raise missing(needed, path, query)


def _day(query: Mapping[str, str], name: str) -> date | None:
    if name not in query:
        return None
    try:
        day = date.fromisoformat(query[name])
    except ValueError:
        day = None
    # `fromisoformat` reads 20150101 and 2015-W01-1, too.
    if day is None or day.isoformat() != query[name]:
        raise invalid(name, f"Invalid date: {query[name]}")
    return day


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise invalid(name, f"Not an id: {text}")
    return int(text)
