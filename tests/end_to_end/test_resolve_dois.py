"""`check --resolve`: DOIs that hold no id are looked up once, kept, and used by what comes next."""

from __future__ import annotations

import csv
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from harvester.simulator import SimulatorConfig, listed
from harvester.simulator.item_records import Listed
from harvester.simulator.quirks import ListingQuirks
from tests.end_to_end.support_commands import Said, say
from tests.support.command_line import Figshare, Job, Spec, figshare

TODAY = date(2026, 7, 2)
ON = ("--today", TODAY.isoformat())
RESOLVE = ("check", "job.yaml", "--resolve", *ON)
FOREIGN = ["10.1636/P10-15.1", "10.1177/1094428121999096"]
QUIRKS = ListingQuirks(hexadecimal_doi_every=2)


@pytest.fixture(scope="module")
def serving_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    config = SimulatorConfig(seed=5, articles=60, today=TODAY, listings=QUIRKS)
    with figshare(tmp_path_factory.mktemp("simulator"), config) as running:
        yield running


@pytest.fixture
def service(serving_all: Figshare) -> Figshare:
    serving_all.change(faults=[], listings={"shared_doi_every": 0}, latency_seconds=0)
    serving_all.forget()
    return serving_all


def hexadecimal(service: Figshare) -> list[Listed]:
    return [each for each in public(service) if each.doi.startswith("10.26180/")]


def public(service: Figshare) -> list[Listed]:
    return [each for each in listed(service.truth, "article") if each.is_public]


def job_of(folder: Path, service: Figshare, dois: list[str], **limits: Any) -> Job:
    rows = "".join(f"{number},{doi}\n" for number, doi in enumerate(dois))
    (folder / "batch-export.csv").write_text(f"n,doi\n{rows}")
    spec: Spec = {
        "name": "papers",
        "source": {"stats_url": service.url, "api_url": f"{service.url}/v2"},
        "entities": {"article": {"file": {"path": "batch-export.csv"}}},
        "dimensions": [{"endpoint": "total", "counters": ["views"]}],
        "limits": {"requests_per_second": "unlimited", **limits},
    }
    return Job(folder, spec)


def resolve(job: Job, expect: int = 0) -> Said:
    said = say(job.folder, *RESOLVE)
    assert said.code == expect, said
    return said


def asked(service: Figshare) -> Counter[str]:
    """The DOIs that were asked for, and how often."""
    queries = [urlsplit(each["target"]) for each in service.history()]
    return Counter(parse_qs(each.query)["doi"][0] for each in queries if "doi=" in each.query)


def resolved_in(job: Job) -> list[list[str]]:
    path = job.folder / "batch-export.resolved.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return sorted(list(csv.reader(file))[1:])


def test_dois_are_looked_up_once_and_the_next_commands_use_the_answers(
    tmp_path: Path, service: Figshare
) -> None:
    items = hexadecimal(service)[:6]
    plain = next(each for each in public(service) if not each.doi.startswith("10.26180/"))
    dois = [each.doi for each in items]
    ours = job_of(tmp_path, service, [*dois, dois[0].upper(), plain.doi, *FOREIGN])

    for command in ("check", "plan", "run"):
        refused = say(tmp_path, command, "job.yaml", *ON)
        assert refused.code == 2
        (line,) = refused.stderr.splitlines()
        assert line.startswith("batch-export.csv: 9 rows have a DOI that holds no id, the first")
        assert line.endswith("Look them up once: `harvester check job.yaml --resolve`")
    assert service.history() == []

    said = resolve(ours)
    assert asked(service) == Counter([*dois, *FOREIGN])
    assert len(service.history()) == 8
    assert resolved_in(ours) == sorted(
        [[each.doi, str(each.id), "found"] for each in items]
        + [[doi, "", "not_found"] for doi in FOREIGN]
    )
    beside = "batch-export.resolved.csv"
    assert said.stdout.splitlines()[0] == (
        "looked up 8 DOIs: 6 found, 2 at no public item of Figshare's"
    )
    assert f"written   {beside}" in said.stdout
    used = [
        f"  7 ids by DOIs that were looked up, from {beside}",
        (
            "  2 rows left out: their DOIs are at no public item of Figshare's (not_found in "
            f"{beside})"
        ),
    ]
    assert [line for line in said.stdout.splitlines() if line.startswith("  ")] == used

    ran = say(tmp_path, "run", "job.yaml", *ON)
    assert ran.code == 0, ran.stderr
    assert all(f"article: {line.strip()}" in ran.stderr for line in used)
    assert {row[0] for row in ours.rows("totals", "entity_id")} == {
        each.id for each in (*items, plain)
    }
    service.forget()
    assert resolve(ours).stdout.startswith("nothing to look up")
    assert service.history() == []


def test_a_look_up_that_was_killed_asks_only_the_rest(tmp_path: Path, service: Figshare) -> None:
    dois = [each.doi for each in hexadecimal(service)]
    assert len(dois) > 20
    ours = job_of(tmp_path, service, [*dois, *FOREIGN], concurrency=2)
    service.change(latency_seconds=0.02)
    running = ours.start(*RESOLVE)
    while running.poll() is None and len(service.history()) < 12:
        pass
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert not (tmp_path / "batch-export.resolved.csv").exists()

    service.change(latency_seconds=0)
    resolve(ours)
    times = asked(service)
    assert times.keys() == {*dois, *FOREIGN}
    assert sum(each - 1 for each in times.values()) <= 2, "only what was under way"
    assert len(resolved_in(ours)) == len(dois) + 2
    assert [each.name for each in tmp_path.glob("*resolved*")] == ["batch-export.resolved.csv"]


def test_answers_before_a_block_are_kept_and_the_next_call_asks_the_rest(
    tmp_path: Path, service: Figshare
) -> None:
    dois = [each.doi for each in hexadecimal(service)[:6]]
    ours = job_of(tmp_path, service, dois, concurrency=1, max_pause_minutes=0)
    service.change(
        faults=[{"name": "status", "status": 429, "retry_after": "3600", "requests": [4]}]
    )
    said = resolve(ours, expect=3)
    assert "Figshare asks us to wait until" in said.stderr
    assert "`harvester check job.yaml --resolve` goes on where this stopped" in said.stderr
    assert len(resolved_in(ours)) == 3
    assert "3 rows have a DOI" in say(tmp_path, "check", "job.yaml", *ON).stderr
    service.change(faults=[])
    service.forget()
    resolve(ours)
    assert asked(service) == Counter(dois[3:])


def test_the_jobs_own_pace_is_kept(tmp_path: Path, service: Figshare) -> None:
    dois = [each.doi for each in hexadecimal(service)[:4]]
    resolve(job_of(tmp_path, service, dois, requests_per_second=5))
    arrived = [each["arrived"] for each in service.history()]
    assert len(arrived) == 4
    assert arrived[-1] - arrived[0] > 500_000


def test_a_doi_of_several_items_is_told_and_a_hand_can_mend_it(
    tmp_path: Path, service: Figshare
) -> None:
    service.change(listings={"shared_doi_every": 3})
    ours = job_of(tmp_path, service, ["10.1234/shared.1"])
    said = resolve(ours, expect=2)
    assert said.stdout.splitlines()[0] == "looked up 1 DOI: 1 at several"
    assert said.stderr.splitlines()[-1] == (
        "batch-export.csv:2:doi: '10.1234/shared.1' is a DOI that holds no id, and several "
        "articles bear it: write the id"
    )
    (tmp_path / "batch-export.resolved.csv").write_text(
        "doi,article_id,status\n10.1234/shared.1,7654321,found\n"
    )
    assert "1 id by DOIs" in say(tmp_path, "check", "job.yaml", *ON).stdout


def test_what_cannot_be_answered_is_named_and_asked_again(
    tmp_path: Path, service: Figshare
) -> None:
    one, two = (each.doi for each in hexadecimal(service)[:2])
    ours = job_of(tmp_path, service, [one, two], attempts=1)
    service.change(
        faults=[{"name": "status", "status": 422, "rate": 1, "path": two.partition("/")[2]}]
    )
    said = resolve(ours, expect=1)
    assert f"  {two}: " in said.stderr
    assert "no answer about 1 DOI; all others are kept" in said.stderr
    assert [row[0] for row in resolved_in(ours)] == [one]
    service.change(faults=[])
    assert resolve(ours).stdout.startswith("looked up 1 DOI: 1 found")


def test_a_file_that_is_not_ours_is_never_written_over(tmp_path: Path, service: Figshare) -> None:
    ours = job_of(tmp_path, service, FOREIGN)
    theirs = tmp_path / "batch-export.resolved.csv"
    theirs.write_text("my notes\n")
    said = resolve(ours, expect=2)
    assert "move it away" in said.stderr
    assert theirs.read_text() == "my notes\n"
    assert service.history() == []


def test_other_mistakes_come_first_and_nothing_is_sent(tmp_path: Path, service: Figshare) -> None:
    ours = job_of(tmp_path, service, [*FOREIGN, "n/a"])
    said = resolve(ours, expect=2)
    assert len(said.stderr.splitlines()) == 2
    assert service.history() == []
    ours.write({**ours.spec, "name": "No Name"})
    assert "cannot be 'name'" in resolve(ours, expect=2).stderr


def test_the_embedded_simulator_is_asked_too(tmp_path: Path, service: Figshare) -> None:
    ours = job_of(tmp_path, service, [*FOREIGN, "12345"])
    ours.write({**ours.spec, "source": {"simulator": {"seed": 5, "articles": 40}}})
    assert resolve(ours).stdout.startswith("looked up 2 DOIs: 2 at no public item")
