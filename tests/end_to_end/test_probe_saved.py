"""`probe --save`: a file without secrets, from which the simulator answers the same again."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harvester.simulator import Quirks, SimulatorConfig, listed
from tests.end_to_end.support_probe import (
    CONTACT,
    PASSWORD,
    TODAY,
    TOKEN,
    findings,
    probed,
    spec_of,
)
from tests.support.command_line import Figshare, Spec, figshare

SENT_IN = Path(__file__).parent.parent / "fixtures" / "probes"
ODD = Quirks(
    top_lists_zeros=True, total_honours_dates=True, empty_is_null=False, groups_roll_up=True,
    combined_totals="absent", clock_skew_seconds=-900, breakdown_is_limited=False,
    headers=("X-RateLimit-Limit: 60", "X-Amz-Cf-Id: canary-of-the-edge", "Age: 7"),
)  # fmt: skip
CONFIG = SimulatorConfig(
    seed=7, articles=130, token=TOKEN, username="stats-canary", password=PASSWORD, today=TODAY,
    quirks=ODD,
)  # fmt: skip
ALL = {"article": {"discover": True}}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    with figshare(tmp_path_factory.mktemp("simulator"), CONFIG) as running:
        yield running


def answers_of(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("quirks", [Quirks(), ODD], ids=["as documented", "odd"])
def test_a_saved_probe_replays_to_the_same_findings(
    tmp_path: Path, service: Figshare, quirks: Quirks
) -> None:
    config = replace(CONFIG, quirks=quirks)
    service.change(quirks=config.to_json()["quirks"])
    kept = tmp_path / "answers.json"
    first = probed(tmp_path, spec_of(service.url, ALL), "--json", "--save", kept.name)
    with figshare(tmp_path, SimulatorConfig(today=TODAY), replay=kept) as replayed:
        again = probed(tmp_path, spec_of(replayed.url, ALL), "--json")
        asked = [entry["target"] for entry in replayed.history()]
    assert findings(again) == findings(first)
    assert again.code == first.code
    assert set(asked) == {"/" + one["url"].split("/", 3)[3] for one in answers_of(kept)}


def test_nothing_in_it_names_anybody(tmp_path: Path, service: Figshare) -> None:
    probed(tmp_path, spec_of(service.url, ALL), "--save", "answers.json")
    text = (tmp_path / "answers.json").read_text(encoding="utf-8")
    secrets = [PASSWORD, TOKEN, CONTACT, "stats-canary", "canary-of-the-edge", service.url, "@"]
    for secret in (*secrets, "127.0.0.1", "title", "doi", "University of", "uthorization"):
        assert secret not in text, secret
    for kind in ("group", "article"):
        for each in listed(service.truth, kind):
            assert json.dumps(each.title) not in text


def test_it_has_the_form_that_the_replay_reads(tmp_path: Path, service: Figshare) -> None:
    probed(tmp_path, spec_of(service.url, ALL), "--save", "answers.json")
    path = tmp_path / "answers.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for one in answers_of(path):
        assert {"probe", "asked_on", "method", "url", "status", "body"} <= one.keys()
        assert one["asked_on"] == TODAY.isoformat()
        assert one["url"].startswith(("https://stats.figshare.com/", "https://api.figshare.com/v2"))
        assert ("request_body" in one) == (one["method"] == "POST")
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_a_later_probe_takes_the_place_of_an_earlier(tmp_path: Path, service: Figshare) -> None:
    for _ in range(2):
        said = probed(tmp_path, spec_of(service.url, ALL), "--save", "answers.json")
        assert said.code == 1
    assert len(answers_of(tmp_path / "answers.json")) > 20


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "notes", '[{"url": "https://example.org"}]', "[" * 100_000]
)
def test_a_file_that_is_something_else_stays(
    tmp_path: Path, service: Figshare, content: str
) -> None:
    (tmp_path / "mine.json").write_text(content, encoding="utf-8")
    service.forget()
    said = probed(tmp_path, spec_of(service.url, ALL), "--save", "mine.json")
    assert said.code == 2
    assert "this file holds something else, and stays" in said.stderr
    assert (tmp_path / "mine.json").read_text(encoding="utf-8") == content
    assert service.history() == [], "nothing is sent for it"


def test_a_folder_that_is_not_there_is_said_first(tmp_path: Path, service: Figshare) -> None:
    service.forget()
    for name in ("nowhere/answers.json", "."):
        said = probed(tmp_path, spec_of(service.url, ALL), "--save", name)
        assert said.code == 2
    assert service.history() == []


def sent_in_spec(url: str, told: dict[str, Any], answers: list[dict[str, Any]]) -> Spec:
    """A job that asks what the sender's asked: the same scope, item and secrets."""
    item, scope = told["item"], told["institution"]
    paths = [one["url"].split("/", 3)[3] for one in answers]
    has_login = any(f"{scope}/{word}/" in path for path in paths for word in ("timeline", "top"))
    return spec_of(
        url,
        {item["kind"]: {"ids": [item["id"]]}},
        institution=scope,
        credentials={"env": "STATS"} if scope and has_login else None,
        token={"env": "TOKEN"} if any("account/" in path for path in paths) else None,
    )


@pytest.mark.parametrize("path", sorted(SENT_IN.glob("*.answers.json")), ids=lambda path: path.name)
def test_what_somebody_sent_in_is_still_found(tmp_path: Path, path: Path) -> None:
    told = json.loads(path.with_name(path.name.replace("answers", "findings")).read_bytes())
    answers, today = answers_of(path), date.fromisoformat(told["asked_on"])
    with figshare(tmp_path, SimulatorConfig(today=today), replay=path) as replayed:
        said = probed(tmp_path, sent_in_spec(replayed.url, told, answers), "--json", today=today)
    found = findings(said)
    for one in told["findings"]:
        again = found[one["question"]]
        assert (again["verdict"], again["asked"]) == (one["verdict"], one["asked"]), again["seen"]


def test_there_is_one_that_was_sent_in() -> None:
    assert list(SENT_IN.glob("*.answers.json"))
