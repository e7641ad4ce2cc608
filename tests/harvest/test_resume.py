"""Whether a call goes on with a run, begins one, or does nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from harvester.errors import UsageError
from harvester.harvest.resume import RunCall, RunDecision, changes, decide
from harvester.ledger.runs import Run, RunState

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
SPEC: dict[str, Any] = {"entities": {"article": {"ids": [1, 2]}}, "dimensions": [{"count": 3}]}
OTHER: dict[str, Any] = {"entities": {"article": {"ids": [1, 2, 3]}}, "dimensions": [{"count": 3}]}
RUN = Run(4, "2026-11-23.1", MONDAY, RunState.UNFINISHED, [], {}, 3, 9, NOW, None)
FINISHED = replace(RUN, state=RunState.FINISHED)


def called(
    today: date | None = None, snapshot: date = MONDAY, *, new: bool = False, spec: Any = None
) -> RunCall:
    return RunCall(today, snapshot, changes(SPEC, spec or SPEC), new)


@pytest.mark.parametrize(
    ("latest", "call", "expected"),
    [
        pytest.param(None, called(), RunDecision.BEGIN, id="the first run"),
        pytest.param(RUN, called(), RunDecision.RESUME, id="unfinished"),
        pytest.param(RUN, called(None, TUESDAY), RunDecision.RESUME, id="unfinished, a day later"),
        pytest.param(RUN, called(MONDAY), RunDecision.RESUME, id="its own date is named"),
        pytest.param(RUN, called(new=True), RunDecision.GIVE_UP_AND_BEGIN, id="given up"),
        pytest.param(
            RUN, called(new=True, spec=OTHER), RunDecision.GIVE_UP_AND_BEGIN, id="given up, changed"
        ),
        pytest.param(FINISHED, called(), RunDecision.NOTHING, id="finished today"),
        pytest.param(FINISHED, called(new=True), RunDecision.NOTHING, id="nothing to give up"),
        pytest.param(FINISHED, called(None, TUESDAY), RunDecision.BEGIN, id="a later date"),
        pytest.param(FINISHED, called(spec=OTHER), RunDecision.BEGIN, id="finished, changed"),
        pytest.param(
            replace(RUN, state=RunState.ABANDONED),
            called(),
            RunDecision.BEGIN,
            id="abandoned before",
        ),
    ],
)
def test_a_call_begins_resumes_or_gives_up_by_how_the_latest_run_ended(
    latest: Run | None, call: RunCall, expected: RunDecision
) -> None:
    assert decide(latest, call, where="output/x") is expected


SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("latest", "call"),
    [
        pytest.param(FINISHED, called(SUNDAY, SUNDAY), id="finished"),
        pytest.param(FINISHED, called(None, SUNDAY), id="the clock was set back"),
        pytest.param(FINISHED, called(SUNDAY, SUNDAY, spec=OTHER), id="finished, changed"),
        pytest.param(RUN, called(SUNDAY, SUNDAY, new=True), id="given up"),
        pytest.param(
            replace(RUN, state=RunState.ABANDONED), called(SUNDAY, SUNDAY), id="abandoned before"
        ),
    ],
)
def test_no_run_begins_on_an_earlier_date_than_the_last_one_had(latest: Run, call: RunCall) -> None:
    with pytest.raises(UsageError, match="2026-11-22 lies before that of the last run") as told:
        decide(latest, call, where="output/x")

    assert told.value.where == ("--today" if call.today else "this machine's clock")


def test_an_unfinished_run_goes_on_whatever_the_clock_says() -> None:
    assert decide(RUN, called(None, SUNDAY), where="output/x") is RunDecision.RESUME


def test_an_unfinished_run_keeps_its_date() -> None:
    with pytest.raises(UsageError, match=r"2026-11-23\.1 is not finished.*its own date"):
        decide(RUN, called(TUESDAY, TUESDAY), where="output/x")


def test_an_unfinished_run_says_what_changed_in_the_spec() -> None:
    with pytest.raises(UsageError, match=r"entities\.article\.ids: 1 ids more, 0 ids less"):
        decide(RUN, called(spec=OTHER), where="output/x")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["a.b was 1, is 2"]),
        ({"a": 1}, {}, ["a was 1, is absent"]),
        ({"d": [{"x": 1}]}, {"d": [{"x": 2}]}, ["d[0].x was 1, is 2"]),
        ({"d": ["p"]}, {"d": ["p", "q"]}, ["d had 1 entries, has 2"]),
    ],
)
def test_changes_are_named_by_their_path(before: Any, now: Any, expected: list[str]) -> None:
    assert changes(before, now) == expected
