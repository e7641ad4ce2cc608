"""Credentials go to one host in one header, and nowhere else: not by redirect, not by proxy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.support_faults import TODAY, failures, small_world, spec_of, whole
from tests.support.command_line import Figshare, Job, figshare

PASSWORD = "kanárek:s~3cret"
TOKEN = "t0ken-of-a-canary"


@pytest.fixture(scope="module")
def stats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    world = small_world().patched({"username": "stats", "password": PASSWORD, "token": TOKEN})
    with figshare(tmp_path_factory.mktemp("stats"), world) as running:
        yield running


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    """A second origin, which must never see a credential that is not its own."""
    world = small_world().patched({"token": TOKEN})
    with figshare(tmp_path_factory.mktemp("other"), world) as running:
        yield running


@pytest.fixture
def job(tmp_path: Path, stats: Figshare, other: Figshare) -> Job:
    for service in (stats, other):
        service.change(faults=[])
        service.forget()
    spec = spec_of(tmp_path, stats.url, stats.truth)
    spec["source"] |= {"institution": "demo", "credentials": {"env": "STATS"}}
    job = Job(tmp_path, spec)
    job.environment["STATS"] = f"stats:{PASSWORD}"
    return job


def schemes(service: Figshare) -> set[Any]:
    return {entry["scheme"] for entry in service.history()}


def test_a_redirect_takes_no_credential_along(job: Job, stats: Figshare, other: Figshare) -> None:
    """Not even a request: the other origin sees nothing at all."""
    victim = job.spec["entities"]["article"]["ids"][2]
    away = {"name": "redirect", "rate": 1, "location": other.url}
    stats.change(faults=[{**away, "path": f"/timeline/.*/{victim}[?]"}])

    ended = job.run("--today", TODAY, expect=1)

    assert failures(job) == {("timeline", victim, "redirect")}
    assert other.history() == []
    assert schemes(stats) <= {"basic", None}
    assert "basic" in schemes(stats)
    sentence = job.call("failures", "job.yaml").stdout
    assert "Figshare sends us on to 127.0.0.1, which is never followed" in sentence
    assert "/timeline/" not in sentence.partition("127.0.0.1")[2], "only the host is named"
    assert PASSWORD not in ended.stderr


def test_each_origin_sees_its_own_credential_alone(
    job: Job, stats: Figshare, other: Figshare
) -> None:
    """The password stays with the statistics; the token with private listings of the other."""
    job.spec["source"] |= {
        "api_url": f"{other.url}/v2",
        "institution_id": 2,
        "token": {"env": "TOKEN"},
    }
    job.spec["entities"] = {
        "article": {"ids": job.spec["entities"]["article"]["ids"], "metadata": True},
        "group": {"discover": True},
    }
    job.environment["TOKEN"] = TOKEN
    job.write(job.spec)

    job.run("--today", TODAY)

    seen = {(entry["target"].split("?")[0], entry["scheme"]) for entry in other.history()}
    assert {scheme for _, scheme in seen} == {"token", None}
    assert {path for path, scheme in seen if scheme} == {"/v2/account/institution/groups"}
    assert "basic" in schemes(stats)
    assert "token" not in schemes(stats)


def test_neither_proxies_nor_netrc_of_the_environment_are_minded(
    tmp_path: Path, job: Job, stats: Figshare, other: Figshare
) -> None:
    """A proxy would see every header; a netrc would send a password that nobody named."""
    job.spec["source"] = {"stats_url": stats.url, "api_url": f"{stats.url}/v2"}
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        job.environment[name] = other.url
    job.environment |= {"NETRC": str(netrc), "NO_PROXY": "", "no_proxy": ""}
    job.write(job.spec)

    job.run("--today", TODAY)

    whole(job, stats.truth)
    assert other.history() == []
    assert schemes(stats) == {None}
    assert not any(entry["has_cookie"] for entry in stats.history())
