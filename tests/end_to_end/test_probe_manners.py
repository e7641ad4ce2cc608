"""`probe` is polite: forty requests at most, pauses kept, refusals taken for an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from harvester.job.load_job import load_job
from harvester.job.options import RunOptions
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.preview.probe import probe
from harvester.preview.probe_findings import ProbeVerdict
from harvester.simulator import SimulatorConfig
from tests.end_to_end.support_commands import say
from tests.end_to_end.support_probe import (
    IDS,
    LOGIN,
    PASSWORD,
    TODAY,
    TOKEN,
    asked_paths,
    probed,
    public_spec,
    spec_of,
    verdicts,
)
from tests.support.command_line import Figshare, figshare

CONFIG = SimulatorConfig(
    seed=7, articles=60, groups=16, today=TODAY, token=TOKEN,
    username="stats-canary", password=PASSWORD,
)  # fmt: skip
ALL = {"article": {"discover": True}}
FORBIDDEN = {"name": "json_403", "rate": 1.0}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    with figshare(tmp_path_factory.mktemp("simulator"), CONFIG) as running:
        yield running


@pytest.fixture
def service(served: Figshare) -> Figshare:
    served.change(faults=[])
    served.forget()
    return served


def test_the_most_that_any_job_asks_is_within_forty(tmp_path: Path, service: Figshare) -> None:
    """In the public scope with a token nothing is told by rankings: all is asked one by one."""
    said = probed(tmp_path, public_spec(service.url, ALL, token={"env": "TOKEN"}))
    assert [each for each in asked_paths(service) if "group=" in each], "its articles are listed"
    assert 35 <= len(service.history()) <= 40
    assert f"; {len(service.history())} requests" in said.stdout
    assert "are the limit" not in said.stdout


@pytest.mark.parametrize("most", [1, 7, 100])
def test_the_limit_is_never_passed(tmp_path: Path, service: Figshare, most: int) -> None:
    spec = public_spec(service.url, ALL)
    (tmp_path / "job.yaml").write_text(json.dumps(spec), encoding="utf-8")
    settings = JobSettings.of(load_job(tmp_path / "job.yaml", today=TODAY))
    result = anyio.run(probe, settings, RunOptions(today=TODAY, max_requests=most))
    assert len(service.history()) == result.requests <= min(most, 40)
    if most < 40:
        assert f"not asked: {most} requests are the limit" in [f.seen for f in result.findings]
    assert [each.question for each in result.findings] == IDS


def test_equal_questions_are_asked_once(tmp_path: Path, service: Figshare) -> None:
    probed(tmp_path, spec_of(service.url, ALL))
    paths = list(asked_paths(service))
    assert len(paths) == len(set(paths)) <= 40


def test_it_keeps_the_pace_of_the_job(tmp_path: Path, service: Figshare) -> None:
    spec = public_spec(service.url, {"article": {"ids": [5]}})
    spec["limits"] = {"requests_per_second": 100}
    probed(tmp_path, spec)
    seconds = [entry["monotonic"] for entry in service.history()]
    assert seconds[-1] - seconds[0] >= 0.9 * (len(seconds) - 1) / 100


def test_a_service_that_asks_to_wait_is_left_alone(tmp_path: Path, service: Figshare) -> None:
    service.change(faults=[{"name": "status", "status": 429, "retry_after": "3600", "rate": 1.0}])
    said = probed(tmp_path, spec_of(service.url, ALL))
    assert said.code == 3
    assert "Figshare asks us to wait until" in said.stderr
    assert said.stdout == "", "nothing was found out"
    assert len(service.history()) == 1


def test_what_was_found_before_a_pause_is_told_and_kept(tmp_path: Path, service: Figshare) -> None:
    pause = {"name": "status", "status": 429, "retry_after": "3600", "rate": 1.0, "after": 12}
    service.change(faults=[pause])
    said = probed(tmp_path, spec_of(service.url, ALL), "--save", "answers.json")
    assert said.code == 3
    assert "Figshare asks us to wait until" in said.stderr
    found = verdicts(said)
    assert found["total-dates"][0] == "as assumed"
    assert found["group-subgroups"][1] == "not asked: Figshare had stopped us before"
    assert len(service.history()) == 13
    assert len(json.loads((tmp_path / "answers.json").read_bytes())) == 12


def test_a_pause_of_an_earlier_run_is_kept_and_its_folder_left_as_it_is(
    tmp_path: Path, service: Figshare
) -> None:
    folder = tmp_path / "output" / "probed" / "_harvest"
    folder.mkdir(parents=True)
    with Ledger(folder / "ledger.sqlite") as ledger:
        until = datetime.now(UTC) + timedelta(hours=2)
        ledger.remember_pause(service.url.removeprefix("http://"), (until, 7200.0))
    before = {path.name: path.read_bytes() for path in folder.parent.rglob("*") if path.is_file()}
    said = probed(tmp_path, spec_of(service.url, ALL))
    assert said.code == 3
    assert "Figshare asks us to wait until" in said.stderr
    assert service.history() == []
    after = {path.name: path.read_bytes() for path in folder.parent.rglob("*") if path.is_file()}
    assert after == before


def test_a_wrong_password_is_not_tried_on_and_on(tmp_path: Path, service: Figshare) -> None:
    service.change(username="stats-canary", password="another")
    try:
        said = probed(tmp_path, spec_of(service.url, ALL))
    finally:
        service.change(password=PASSWORD)
    assert said.code == 3
    refused = [each for each in service.history() if each["status"] == 403]
    assert len(refused) == 2
    assert said.stderr.endswith(
        "harvester: Figshare refuses the credentials (source.credentials)\n"
    )
    found = verdicts(said)
    assert found["ranking-best"][1] == "Figshare refuses the credentials (source.credentials)"
    assert found["total-dates"][0] == "as assumed", "totals need none"


def test_a_refused_token_is_told(tmp_path: Path, service: Figshare) -> None:
    service.change(token="another")
    try:
        said = probed(tmp_path, spec_of(service.url, ALL))
    finally:
        service.change(token=TOKEN)
    assert said.code == 3
    told = "Figshare refuses the token (source.token)"
    assert verdicts(said)["group-subgroups"] == ("could not tell", told)


def test_groups_of_an_earlier_listing_need_no_token(tmp_path: Path, service: Figshare) -> None:
    spec = spec_of(service.url, {**ALL, "group": {"discover": True}})
    (tmp_path / "job.yaml").write_text(json.dumps(spec), encoding="utf-8")
    command = ("check", "job.yaml", "--count", "--today", TODAY.isoformat())
    assert say(tmp_path, *command, environment=LOGIN).code == 0
    service.forget()
    found = verdicts(probed(tmp_path, spec_of(service.url, ALL, token=None)))
    assert found["group-subgroups"][0] == "as assumed"
    assert not [path for path in asked_paths(service) if "account/" in path]


def test_credentials_that_open_no_rankings_open_the_rest(tmp_path: Path, service: Figshare) -> None:
    service.change(faults=[{**FORBIDDEN, "path": "/top/"}])
    found = verdicts(probed(tmp_path, spec_of(service.url, ALL)))
    assert found["ranking-length"][0] == ProbeVerdict.UNTOLD.value
    assert found["timeline-long"][0] == ProbeVerdict.AS_ASSUMED.value


def test_a_secret_that_is_not_there_is_said_before_anything_is_sent(
    tmp_path: Path, service: Figshare
) -> None:
    spec = spec_of(service.url, ALL, credentials={"env": "NOT_SET"})
    said = probed(tmp_path, spec)
    assert said.code == 2
    assert "NOT_SET is not set" in said.stderr
    assert service.history() == []
    assert LOGIN["STATS"] not in said.stderr
