"""Recorded responses, replayed: real numbers for questions that the truth does not know.

A file holds a list of `{"method", "url", "status", "body", "request_body"?}`; what
`harvester probe --save` keeps has `headers` and `clock_skew_seconds` as well. A request is
matched by path and `sub_item`; its window cuts the recorded answer by period.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from harvester.simulator.call import Answer, Call, json_answer
from harvester.simulator.limits import TOP_COUNT

_Window = tuple[date, date]
_EVER = (date.min, date.max)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded request and its response.

    Attributes:
        headers: that are sent again.
        skew_seconds: how far the service's clock was ahead; None: nobody knows.
    """

    call: Call
    status: int
    plain: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    skew_seconds: int | None = None

    @property
    def answer(self) -> Answer:
        """What is answered to the very same request."""
        skew = {} if self.skew_seconds is None else date_header(self.skew_seconds)
        return json_answer(self.plain, self.status).under({**self.headers, **skew})


def date_header(skew_seconds: int) -> dict[str, str]:
    """The moment by a clock that is so far ahead of ours, as HTTP writes it."""
    moment = datetime.now(UTC) + timedelta(seconds=skew_seconds)
    return {"Date": format_datetime(moment, usegmt=True)}


def read_exchanges(path: Path) -> list[Exchange]:
    """Read a file of recorded responses."""
    return [
        Exchange(
            _call(one),
            one["status"],
            one["body"],
            one.get("headers", {}),
            one.get("clock_skew_seconds"),
        )
        for one in json.loads(path.read_text(encoding="utf-8"))
    ]


def replayed(exchanges: Sequence[Exchange], call: Call) -> Answer | None:
    """The recorded answer to a request, cut to its window; None if nothing recorded matches."""
    matching = [one for one in exchanges if _identity(one.call) == _identity(call)]
    if not matching:
        return None
    if call.path.endswith("/count/articles"):
        return _counted(matching, call)
    same = [one for one in matching if one.call.query == call.query]
    if same:
        return same[0].answer
    found = [one for one in matching if _overlap(_window(one.call), _window(call))]
    errors = [one for one in found if one.status != 200]
    if errors and len(errors) == len(found):
        return json_answer(errors[0].plain, errors[0].status)
    answered = [one for one in found if one.status == 200]
    return json_answer(_joined(answered or matching, call, is_empty=not answered))


def _call(one: dict[str, Any]) -> Call:
    target = "/" + one["url"].split("://", 1)[-1].partition("/")[2]
    return Call(one["method"], target, json.dumps(one.get("request_body")).encode())


def _identity(call: Call) -> tuple[str, str, str | None, str | None, str | None]:
    query = call.query
    names = ("sub_item", "sub_item_id", "item_id")
    sub_item, sub_item_id, item_id = (query.get(name) for name in names)
    return call.method, call.path, sub_item, sub_item_id, item_id


def _window(call: Call) -> _Window:
    query = call.query
    start, end = query.get("start_date"), query.get("end_date")
    return (
        date.fromisoformat(start) if start else date.min,
        date.fromisoformat(end) if end else date.max,
    )


def _overlap(one: _Window, other: _Window) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _joined(found: Sequence[Exchange], call: Call, *, is_empty: bool) -> Any:
    """All recorded periods that touch the window, out of one or several recordings."""
    endpoint = "breakdown" if "/breakdown/" in call.path else "timeline"
    if f"/{endpoint}/" not in call.path:
        return _shortened(found[0].plain, call)
    kept = {
        key: value
        for one in ([] if is_empty else found)
        for key, value in (one.plain.get(endpoint) or {}).items()
        if _overlap(_period(key), _window(call))
    }
    return {endpoint: kept or None}


def _shortened(plain: Any, call: Call) -> Any:
    """A ranking cut to `count`; anything else as it is."""
    if "/top/" not in call.path:
        return plain
    count = int(call.query.get("count", TOP_COUNT))
    ranking = plain.get("top", plain)
    best = sorted(ranking, key=lambda key: (-ranking[key], key))[:count]
    kept = {key: ranking[key] for key in ranking if key in best}
    return {"top": kept} if "top" in plain else kept


def _period(key: str) -> _Window:
    """The days of a period; `total` is as long as its recording."""
    if key == "total":
        return _EVER
    first = date.fromisoformat(f"{key}-01-01"[:10] if len(key) == 4 else f"{key}-01"[:10])
    if len(key) == 4:
        return first, date(first.year, 12, 31)
    if len(key) == 7:
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return first, date.fromordinal(following.toordinal() - 1)
    return first, first


def _counted(found: Sequence[Exchange], call: Call) -> Answer:
    """Counts of the groups asked for; 0 for a group that no recording names."""
    known = {key: count for one in found for key, count in one.plain.items()}
    numbers = [str(group["id"]) for group in json.loads(call.body)["groups"]]
    return json_answer({number: known.get(number, 0) for number in numbers})
