"""Judging a probe's answers where the wire cannot show it: clocks, and numbers that move."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from harvester.model.terms import Kind
from harvester.preview.probe_ask import Answered
from harvester.preview.probe_findings import Judgement, ProbeVerdict, UntoldError
from harvester.preview.probe_rankings import is_cut
from harvester.preview.probe_subjects import GroupFamily, ProbeSubjects, months_later
from harvester.preview.probe_table import OPEN_QUESTIONS, OpenQuestion

QUESTIONS = {each.id: each for each in OPEN_QUESTIONS}
SUBJECTS = ProbeSubjects(
    "demo", Kind.ARTICLE, date(2026, 7, 2), item=5, months={"2026-05": 40, "2026-06": 60},
    family=GroupFamily(1, (2, 3), None),
)  # fmt: skip
SO, NOT, UNTOLD = ProbeVerdict.AS_ASSUMED, ProbeVerdict.OTHERWISE, ProbeVerdict.UNTOLD


def judged(
    question: OpenQuestion, bodies: dict[str, Any], subjects: ProbeSubjects = SUBJECTS
) -> Judgement:
    try:
        return question.judge(subjects, {name: Answered(200, bodies[name]) for name in bodies})
    except UntoldError as error:
        return Judgement(UNTOLD, str(error))


@pytest.mark.parametrize(
    ("hour", "newest", "verdict"),
    [(0, "2026-07-02", SO), (2, "2026-07-02", SO), (3, "2026-07-02", UNTOLD),
     (1, "2026-07-01", UNTOLD), (23, "2026-07-03", NOT), (1, "2026-07-03", NOT)],
)  # fmt: skip
def test_a_day_is_that_of_utc_if_it_begins_with_it(
    hour: int, newest: str, verdict: ProbeVerdict
) -> None:
    now = datetime(2026, 7, 2, hour, 30, tzinfo=UTC)
    subjects = replace(SUBJECTS, now=now)
    body = {"days": {"timeline": {newest: 1, "2026-06-29": 2}}}
    assert judged(QUESTIONS["day-of-event"], body, subjects).verdict is verdict


@pytest.mark.parametrize(
    ("question", "bodies", "verdict"),
    [
        ("total-all-counters", {"whole": 100, "combined": 100}, SO),
        ("total-all-counters", {"whole": 100, "combined": 101}, UNTOLD),
        ("total-all-counters", {"whole": 100, "combined": 90}, NOT),
        ("total-dates", {"whole": 100, "dated": 101}, SO),
        ("total-dates", {"whole": 100, "dated": 40}, NOT),
        ("total-dates", {"whole": 100, "dated": 200}, UNTOLD),
        ("group-subgroups", {"parent": 50, "child 2": 30, "child 3": 30}, SO),
        ("group-subgroups", {"parent": 70, "child 2": 30, "child 3": 30}, UNTOLD),
        ("group-subgroups", {"parent": 70, "child 2": 0, "child 3": 0}, UNTOLD),
    ],
)
def test_views_that_come_while_we_ask_decide_nothing(
    question: str, bodies: dict[str, int], verdict: ProbeVerdict
) -> None:
    named = {name: {"totals": value} for name, value in bodies.items()}
    if "combined" in bodies:
        named["combined"] = {"views": bodies["combined"], "downloads": 1, "shares": 0}
    assert judged(QUESTIONS[question], named).verdict is verdict


@pytest.mark.parametrize(
    ("own", "parent", "verdict"),
    [(40, 41, SO), (40, 100, NOT), (40, 130, NOT), (40, 85, UNTOLD), (0, 0, SO), (0, 60, NOT)],
)
def test_a_group_is_told_by_what_lies_in_it(own: int, parent: int, verdict: ProbeVerdict) -> None:
    subjects = replace(SUBJECTS, family=GroupFamily(1, (2, 3), (8,) if own else ()))
    named = {"parent": parent, "child 2": 30, "child 3": 30, **({"own 8": own} if own else {})}
    bodies = {name: {"totals": value} for name, value in named.items()}
    assert judged(QUESTIONS["group-subgroups"], bodies, subjects).verdict is verdict


@pytest.mark.parametrize(
    ("entries", "least", "cut"),
    [(100, 7, True), (100, 1, False), (250, 7, True), (1_000, 2, True), (300, 7, False),
     (101, 7, False), (10, 2, True), (30, 9, False), (60_000, 9, False)],
)  # fmt: skip
def test_a_ranking_is_cut_if_it_is_round_and_ends_high(
    entries: int, least: int, *, cut: bool
) -> None:
    assert is_cut({str(number): least for number in range(entries)}, 60_000) is cut


@pytest.mark.parametrize(
    ("length", "least", "verdict"),
    [(100, 7, NOT), (1_000, 2, NOT), (100, 1, UNTOLD), (10_000, 1, UNTOLD), (101, 3, SO),
     (60_000, 1, UNTOLD), (0, 0, UNTOLD), (99, 0, SO)],
)  # fmt: skip
def test_a_month_of_all_is_whole_unless_its_length_is_suspicious(
    length: int, least: int, verdict: ProbeVerdict
) -> None:
    period = {str(number): least for number in range(length)}
    bodies = {"all time": {"top": {"5": 900}}, "period": {"top": period or None}}
    assert judged(QUESTIONS["ranking-period-length"], bodies).verdict is verdict


@pytest.mark.parametrize(
    ("found", "verdict", "seen"),
    [
        (30, SO, "as its days do"),
        (60, NOT, "as many as the whole month has"),
        (34, NOT, "at another hour"),
        (24, NOT, "at another hour"),
        (2, NOT, "its days 30"),
        (None, NOT, "counts 0 for article 5, its days 30"),
    ],
)
def test_the_days_of_a_ranking_are_held_against_those_of_a_timeline(
    found: int | None, verdict: ProbeVerdict, seen: str
) -> None:
    days = {"06-07": 5, "06-08": 10, "06-15": 13, "06-21": 7, "06-22": 4, "06-30": 21}
    timeline = {f"2026-{day}": events for day, events in days.items()}
    ranking = {"5": found} if found is not None else {"6": 3}
    bodies = {"ranking": {"top": ranking}, "days": {"timeline": timeline}}
    judgement = judged(QUESTIONS["ranking-days"], bodies)
    assert judgement.verdict is verdict
    assert seen in judgement.seen


@pytest.mark.parametrize("silent", [("06-07", "06-21"), ("06-08", "06-22")])
def test_days_that_have_no_events_do_not_tell_where_a_day_begins(silent: tuple[str, str]) -> None:
    days = {"06-07": 5, "06-08": 10, "06-15": 13, "06-21": 7, "06-22": 4, "06-30": 21}
    timeline = {f"2026-{day}": events for day, events in days.items() if day not in silent}
    counted = sum(n for day, n in timeline.items() if "2026-06-08" <= day <= "2026-06-21")
    bodies = {"ranking": {"top": {"5": counted}}, "days": {"timeline": timeline}}
    assert judged(QUESTIONS["ranking-days"], bodies).verdict is UNTOLD


@pytest.mark.parametrize(
    ("found", "verdict", "seen"),
    [
        (9, SO, "as its days do"),
        (5, NOT, "as if nothing from 2026-07-01 on were known"),
        (2, NOT, "as if nothing from 2026-06-29 on were known"),
        (7, NOT, "counts 7 for article 5, its days 9"),
        (None, NOT, "as if nothing from 2026-06-26 on were known"),
    ],
)
def test_the_last_days_of_a_ranking_are_held_against_those_of_a_timeline(
    found: int | None, verdict: ProbeVerdict, seen: str
) -> None:
    """Today's events and tomorrow's are not asked for."""
    timeline = {"2026-07-02": 50, "2026-07-01": 4, "2026-06-29": 3, "2026-06-26": 2}
    ranking = {"5": found} if found is not None else None
    bodies = {"ranking": {"top": ranking}, "days": {"timeline": timeline}}
    judgement = judged(QUESTIONS["ranking-fresh"], bodies)
    assert judgement.verdict is verdict
    assert seen in judgement.seen


@pytest.mark.parametrize("body", [{}, {"timeline": [1]}, {"timeline": {"2026-06": "hidden"}}])
def test_another_form_tells_nothing(body: Any) -> None:
    assert judged(QUESTIONS["timeline-keys"], {"long": body}).verdict is UNTOLD


@pytest.mark.parametrize(
    ("month", "number", "expected"),
    [("2026-01", -1, "2025-12"), ("2025-12", 1, "2026-01"), ("2024-02", 24, "2026-02")],
)
def test_months_are_counted_over_years(month: str, number: int, expected: str) -> None:
    assert months_later(month, number) == expected
