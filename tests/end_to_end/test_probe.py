"""`probe`: each open question, and each verdict on it, over the wire."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from harvester.preview.probe_findings import ProbeVerdict
from harvester.preview.probe_table import OPEN_QUESTIONS
from harvester.simulator import SimulatorConfig, Truth
from tests.end_to_end.support_probe import (
    IDS,
    PASSWORD,
    TODAY,
    TOKEN,
    probed,
    public_spec,
    spec_of,
    verdicts,
)
from tests.support.command_line import Figshare, figshare

ROOT = Path(__file__).parent.parent.parent
CONFIG = SimulatorConfig(
    seed=7, articles=130, token=TOKEN, username="stats-canary", password=PASSWORD, today=TODAY
)
BUSIEST = Truth(CONFIG).top("demo", "views", "article", 1)[0][0]
ALL = {"article": {"discover": True}}
LONELY = {"article": {"ids": [999_999_998]}}
REDIRECT = {"name": "redirect", "rate": 1.0}
REFUSED = {"name": "status", "rate": 1.0, "status": 400}
NOT_FOUND = {**REFUSED, "status": 404}

Case = tuple[str, dict[str, Any], str]
QUIRKS: list[Case] = [
    ("total-dates", {"total_honours_dates": True}, "they are honoured"),
    ("total-all-counters", {"combined_totals": "absent"}, "status 404"),
    ("ranking-length", {"top_longest": 50}, "brings 50, a round number"),
    ("ranking-zeros", {"top_lists_zeros": True}, "items are listed with 0"),
    ("ranking-best", {"top_is_best": False}, "which is not among them, has"),
    ("ranking-period", {"top_honours_dates": False}, "is that of all time"),
    ("ranking-period", {"dated_tops_are_refused": True}, "with dates is refused: status 400"),
    ("ranking-period", {"dated_top_hides_every": BUSIEST}, "counts 0 for article"),
    ("ranking-period-length", {"dated_top_longest": 20}, "has 20 items, a round number"),
    ("ranking-period-length", {"dated_top_is_round": True}, "items, a round number"),
    ("ranking-days", {"dated_top_widens_to_months": True}, "as many as the whole month has"),
    ("ranking-days", {"dated_top_shift_hours": 10}, "they begin at another hour"),
    ("ranking-days", {"dated_top_shift_hours": -12}, "they begin at another hour"),
    ("ranking-days", {"top_honours_dates": False}, "its days"),
    ("ranking-fresh", {"dated_top_lag_days": 3}, "as if nothing from 2026-07-01 on were known"),
    ("timeline-long", {"timeline_is_limited": True}, "months that shorter ones have"),
    ("timeline-undated", {"undated_timeline_is_all": True}, "a timeline without dates has"),
    ("timeline-one-date", {"dates_alone": "refused"}, "start_date alone is refused: status 400"),
    ("timeline-one-date", {"dates_alone": "ignored"}, "not what came since"),
    ("timeline-empty", {"empty_is_null": False}, "{}"),
    ("timeline-keys", {"timeline_lists_zeros": True}, "without events are listed, with 0"),
    ("breakdown-window", {"breakdown_is_limited": False}, "windows may be longer"),
    ("breakdown-places", {"cities": 25}, "cities in one"),
    ("breakdown-places", {"cities": 5}, "though there are only 5"),
    ("breakdown-places", {"countries": 10}, "only 10 countries are listed"),
    ("unknown-item", {"unknown_total_is_null": True}, "null, which is not 0"),
    ("scope-days", {"scope_shift_days": 1}, "inside, events fall a day later"),
    ("service-clock", {"clock_skew_seconds": 600}, "clock is 10 min behind Figshare's"),
    ("service-limits", {"headers": ["X-RateLimit-Remaining: 59"]}, "X-RateLimit-Remaining: 59"),
    ("service-cache", {"headers": ["Age: 120", "X-Cache: Hit from there"]}, "Age: 120"),
    ("service-cache", {"headers": ["Cache-Control: public, max-age=300"]}, "max-age=300"),
    ("group-subgroups", {"groups_roll_up": True}, "what lies directly in it"),
]
FAULTS: list[Case] = [
    ("total-dates", {**REFUSED, "path": "/total/.*start_date"}, "is refused: status 400"),
    ("ranking-length", {**REFUSED, "path": "count=60000"}, "count=60000 is refused"),
    ("ranking-period", {**REFUSED, "path": "/top/.*start_date"}, "with dates is refused"),
    ("timeline-long", {**REFUSED, "path": "/timeline/.*=2011-01-01&end_date=2026"}, "many years"),
    ("timeline-undated", {**REFUSED, "path": r"/breakdown/month/[^?]*$"}, "a breakdown without"),
    ("timeline-empty", {**REFUSED, "path": "/timeline/.*=2011-01-31"}, "2011-01 of article"),
    ("breakdown-window", {**REFUSED, "path": "/breakdown/month/.*start_date"}, "month: 20"),
    ("unknown-item", {**NOT_FOUND, "path": "/total/views/article/999999999"}, "status 404"),
    ("unknown-slug", {**NOT_FOUND, "path": "no-such-institution"}, "is refused: status 404"),
    ("unknown-endpoint", {**REFUSED, "path": "/timelines/"}, "status 400"),
]
# What cannot be told of an item that nobody looks at, in the public scope and without a token.
LONELY_ARE: dict[str, str] = {
    "total-dates": "no views at all",
    "total-all-counters": "no views at all",
    "ranking-period": "too few months with events (0)",
    "ranking-period-length": "too few months",
    "ranking-days": "too few months",
    "ranking-fresh": "no events in the last days",
    "timeline-long": "has no views",
    "timeline-undated": "too few months",
    "timeline-one-date": "too few months",
    "timeline-keys": "has no events in",
    "breakdown-window": "too few months",
    "breakdown-places": "too few months",
    "unknown-slug": "under the right slug, either",
    "scope-days": "is in the public scope, and has no other",
    "day-of-event": "no events in the last days",
    "group-subgroups": "needs a token (source.token)",
}
NEED_CREDENTIALS = [
    "ranking-length", "ranking-zeros", "ranking-best", "ranking-period", "ranking-period-length",
    "ranking-days", "ranking-fresh", "timeline-long",
    "timeline-undated", "timeline-one-date", "timeline-empty", "timeline-keys",
    "breakdown-window", "breakdown-places", "scope-days", "day-of-event",
]  # fmt: skip
UNANSWERED = [
    "unknown-item",
    "unknown-endpoint",
    "service-clock",
    "service-limits",
    "service-cache",
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    with figshare(tmp_path_factory.mktemp("simulator"), CONFIG) as running:
        yield running


@pytest.fixture
def service(served: Figshare) -> Figshare:
    served.change(**{key: CONFIG.to_json()[key] for key in ("quirks", "faults", "today")})
    served.forget()
    return served


def test_the_default_world_is_as_assumed(tmp_path: Path, service: Figshare) -> None:
    said = probed(tmp_path, spec_of(service.url, ALL))
    found = {question: verdict for question, (verdict, _) in verdicts(said).items()}
    assert found == {**dict.fromkeys(IDS, "as assumed"), "day-of-event": "could not tell"}
    assert said.code == 0
    assert len(service.history()) <= 40
    assert not (tmp_path / "output").exists(), "a probe leaves nothing behind"


@pytest.mark.parametrize(("question", "quirk", "seen"), QUIRKS, ids=lambda value: str(value)[:60])
def test_a_service_that_is_otherwise_is_found_out(
    tmp_path: Path, service: Figshare, question: str, quirk: dict[str, Any], seen: str
) -> None:
    service.change(quirks=quirk)
    said = probed(tmp_path, spec_of(service.url, ALL))
    verdict, why = verdicts(said)[question]
    assert (verdict, said.code) == ("otherwise", 1), said.stdout
    assert seen in why


@pytest.mark.parametrize(("question", "fault", "seen"), FAULTS, ids=lambda value: str(value)[:60])
def test_a_refusal_is_an_answer(
    tmp_path: Path, service: Figshare, question: str, fault: dict[str, Any], seen: str
) -> None:
    service.change(faults=[fault])
    said = probed(tmp_path, spec_of(service.url, ALL))
    verdict, why = verdicts(said)[question]
    assert (verdict, said.code) == ("otherwise", 1), said.stdout
    assert seen in why


def test_a_day_ahead_of_utc_is_found_out(tmp_path: Path, service: Figshare) -> None:
    service.change(today=(TODAY + timedelta(days=1)).isoformat())
    verdict, why = verdicts(probed(tmp_path, spec_of(service.url, ALL)))["day-of-event"]
    assert (verdict, why) == ("otherwise", "2026-07-03 has events, and it is 2026-07-02 in UTC")


def test_an_item_without_events_tells_little(tmp_path: Path, service: Figshare) -> None:
    said = probed(tmp_path, public_spec(service.url, LONELY))
    found = verdicts(said)
    assert said.code == 0
    for question, why in LONELY_ARE.items():
        assert found[question][0] == "could not tell", question
        assert why in found[question][1]
    assert "otherwise" not in {verdict for verdict, _ in found.values()}


def test_an_institution_without_credentials_is_asked_only_for_totals(
    tmp_path: Path, service: Figshare
) -> None:
    found = verdicts(probed(tmp_path, spec_of(service.url, ALL, credentials=None)))
    for question in NEED_CREDENTIALS:
        assert found[question][0] == "could not tell"
        assert found[question][1].startswith("needs credentials")
    assert found["total-dates"][0] == found["unknown-slug"][0] == "as assumed"
    assert not [each for each in service.history() if each["status"] == 403]


def test_what_is_not_answered_tells_nothing(tmp_path: Path, service: Figshare) -> None:
    service.change(faults=[{**REDIRECT, "path": "999999999"}])
    said = probed(tmp_path, spec_of(service.url, ALL))
    for question in UNANSWERED:
        assert verdicts(said)[question] == ("could not tell", "no answer (redirect)")
    assert said.code == 0


def test_a_slow_ranking_is_waited_for(tmp_path: Path, service: Figshare) -> None:
    service.change(quirks={"slow_top_seconds": 0.1})
    found = verdicts(probed(tmp_path, spec_of(service.url, ALL)))
    assert found["ranking-length"][0] == found["ranking-period-length"][0] == "as assumed"


def test_every_verdict_of_every_question_is_seen_here() -> None:
    """Of a day only tests that hold the clock can see that it is as assumed (tests/preview)."""
    seen: dict[str, set[str]] = defaultdict(set)
    for question, _, _ in (*QUIRKS, *FAULTS):
        seen[question].add("otherwise")
    for question in (*LONELY_ARE, *NEED_CREDENTIALS, *UNANSWERED):
        seen[question].add("could not tell")
    seen["day-of-event"].add("otherwise")
    for question in IDS:
        assert seen[question] | {"as assumed"} == {each.value for each in ProbeVerdict}, question


def test_every_row_of_the_table_is_whole() -> None:
    page = (ROOT / "docs" / "probe.md").read_text(encoding="utf-8")
    assert len(set(IDS)) == len(IDS)
    for each in OPEN_QUESTIONS:
        assert (ROOT / each.where).is_file()
        assert f"| `{each.id}` |" in page
