"""The statistics endpoints: from a request to an answer, with nothing but the truth in between."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any, Final

from harvester.simulator.call import Answer, Call, json_answer
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.dated_rankings import dated_ranking, seconds_of
from harvester.simulator.error_bodies import ProblemError, forbidden, invalid, missing, not_found
from harvester.simulator.limits import COUNTERS, TOP_COUNT
from harvester.simulator.periods import longest_end, periods
from harvester.simulator.question import Question, read_question
from harvester.simulator.seeded import text_bits
from harvester.simulator.truth import Truth

_EVER: Final = date(2011, 1, 1)
_ALL: Final = 10_000_000  # more than any ranking has


def answer(truth: Truth, call: Call) -> Answer:
    """Answer a request as the statistics host does, errors included."""
    try:
        question = read_question(call)
        if not is_admitted(truth.config, question, call):
            return forbidden()
        return _ANSWERS[question.endpoint](truth, question, call)
    except ProblemError as problem:
        return problem.answer


def seconds_for(config: SimulatorConfig, call: Call) -> float:
    """How long the service works on this request beyond the time that any takes."""
    try:
        return seconds_of(config.quirks, read_question(call))
    except ProblemError:
        return 0.0


def is_admitted(config: SimulatorConfig, question: Question, call: Call) -> bool:
    """Whether the credentials suffice: institutions ask for them, but not for totals."""
    is_open = question.scope is None or question.endpoint in {"total", "count"}
    if is_open or config.username is None or config.password is None:
        return True
    login = f"{config.username}:{config.password}".encode()
    expected = f"Basic {base64.b64encode(login).decode()}"
    return call.headers.get("authorization") == expected


def _total(truth: Truth, question: Question, call: Call) -> Answer:
    del call
    kind, number, quirks = str(question.kind), question.number or 0, truth.config.quirks
    if question.counter is not None:
        value = _one_total(truth, question, question.counter)
        is_null = quirks.unknown_total_is_null and not truth.is_known(kind, number)
        return json_answer({"totals": None if is_null else value})
    if quirks.combined_totals == "absent":
        return not_found()
    totals = {counter: _one_total(truth, question, counter) for counter in COUNTERS}
    totals["views"] += quirks.combined_totals == "wrong"
    return json_answer({**totals, "cites": number % 7})


def _one_total(truth: Truth, question: Question, counter: str) -> int:
    kind, number = str(question.kind), question.number or 0
    is_dated = question.start is not None or question.end is not None
    if truth.config.quirks.total_honours_dates and is_dated:
        window = _window(truth, question)
        return sum(truth.daily(question.scope, counter, kind, number, *window).values())
    return truth.total(question.scope, counter, kind, number)


def _timeline(truth: Truth, question: Question, call: Call) -> Answer:
    quirks = truth.config.quirks
    first, last = _window(truth, question)
    if quirks.undated_timeline_is_all and question.start is None and question.end is None:
        first = _EVER
    granularity = str(question.granularity)
    if quirks.timeline_is_limited:
        last = min(last, longest_end(granularity, first))
    counts = truth.timeline(
        question.scope,
        granularity,
        str(question.counter),
        str(question.kind),
        question.number or 0,
        first,
        last,
        question.query.get("sub_item"),
        question.query.get("sub_item_id"),
    )
    if quirks.timeline_lists_zeros:
        named = periods(granularity, first.toordinal(), last.toordinal())
        counts = {key: counts.get(key, 0) for key, _, _ in named}
    return json_answer({"timeline": _or_nothing(truth, _disordered(counts, call))})


def _breakdown(truth: Truth, question: Question, call: Call) -> Answer:
    first, last = _window(truth, question)
    granularity = str(question.granularity)
    if truth.config.quirks.breakdown_is_limited:
        # Silently: this is how a harvester loses the end of a long window.
        last = min(last, longest_end(granularity, first))
    counts = truth.breakdown(
        question.scope,
        granularity,
        str(question.counter),
        str(question.kind),
        question.number or 0,
        first,
        last,
        question.query.get("sub_item"),
        question.query.get("sub_item_id"),
    )
    return json_answer({"breakdown": _or_nothing(truth, _disordered(counts, call))})


def _top(truth: Truth, question: Question, call: Call) -> Answer:
    query, scope, counter = question.query, question.scope, str(question.counter)
    kind, quirks = str(question.kind), truth.config.quirks
    count = _positive("count", query.get("count", str(TOP_COUNT)))
    count = min(count, quirks.top_longest or count)
    is_dated = question.start is not None or question.end is not None
    if (sub_item := query.get("sub_item")) is not None:
        number = _positive("item_id", query["item_id"])
        window = _window(truth, question)
        found = dict(truth.top_sub_items(scope, counter, kind, number, sub_item, count, *window))
        is_wrapped = {"documented": sub_item == "category", "wrapped": True, "bare": False}
        return _ranking(truth, call, found, is_wrapped=is_wrapped[quirks.tops_with_sub_item])
    if quirks.top_honours_dates and is_dated:
        ids = dated_ranking(truth, question, _window(truth, question), count)
    else:
        ids = truth.top(scope, counter, kind, _ALL)
        ids = ids[:count] if quirks.top_is_best else ids[-count:]
    return _ranking(truth, call, {str(number): value for number, value in ids}, is_wrapped=True)


def _ranking(truth: Truth, call: Call, found: dict[str, int], *, is_wrapped: bool) -> Answer:
    plain = _disordered(found, call)
    return json_answer({"top": _or_nothing(truth, plain)} if is_wrapped else plain)


def _count(truth: Truth, question: Question, call: Call) -> Answer:
    try:
        plain = json.loads(call.body)
        groups = plain.get("groups") if isinstance(plain, dict) else None
        if groups is None:
            raise missing("groups", call.path, question.query)
        numbers = [int(group["id"]) for group in groups]
    except (ValueError, TypeError, KeyError):
        raise invalid("groups", "Expected a list of objects with an id") from None
    if not truth.config.quirks.unknown_groups_are_counted:
        numbers = [number for number in numbers if truth.is_known("group", number)]
    counts = truth.count_articles(numbers)
    return json_answer({str(number): count for number, count in counts.items()})


_ANSWERS = {
    "total": _total,
    "timeline": _timeline,
    "breakdown": _breakdown,
    "top": _top,
    "count": _count,
}


def _window(truth: Truth, question: Question) -> tuple[date, date]:
    """The window asked for; without dates this month so far, with one of them up to it."""
    end, start = question.end, question.start
    if (start is None) != (end is None) and question.endpoint != "total":
        match truth.config.quirks.dates_alone:
            case "refused":
                name = "end_date" if end is None else "start_date"
                raise missing(name, f"/{question.endpoint}", question.query)
            case "ignored":
                end, start = truth.config.today, _EVER
    last = end or truth.config.today
    first = start or last.replace(day=1)
    if first > last:
        raise invalid("end_date", f"end_date {last} lies before start_date {first}")
    return first, last


def _positive(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise invalid(name, f"Not a positive number: {text}")
    return int(text)


def _or_nothing(truth: Truth, plain: dict[str, Any]) -> dict[str, Any] | None:
    return None if not plain and truth.config.quirks.empty_is_null else plain


def _disordered(plain: dict[str, Any], call: Call) -> dict[str, Any]:
    """The same keys in another order, always the same one for the same request."""
    keys = list(plain)
    cut = text_bits(call.target) % len(keys) if keys else 0
    return {key: plain[key] for key in [*reversed(keys[cut:]), *keys[:cut]]}
