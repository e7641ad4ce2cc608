"""What ends a run at once: credentials, certificates, hosts that nobody answers at."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
import trustme

from harvester.simulator.server import serving
from tests.faults.support_faults import (
    TODAY,
    Fault,
    failures,
    job_of,
    missing_only,
    run,
    run_in_no_time,
    small_world,
    spec_of,
    whole,
)
from tests.support.command_line import Figshare, Job, figshare
from tests.support.thorough import few_of

PASSWORD = "kanárek:s~3cret"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    world = small_world().patched({"username": "stats", "password": PASSWORD})
    with figshare(tmp_path_factory.mktemp("service"), world) as running:
        yield running


def private_job(folder: Path, service: Figshare, *faults: Fault, **limits: Any) -> Job:
    """The same job in the scope of an institution, which wants to know who asks."""
    job = job_of(folder, service, *faults, **limits)
    job.spec["source"] |= {"institution": "demo", "credentials": {"env": "STATS"}}
    job.spec["entities"]["article"]["ids"].sort()
    job.write(job.spec)
    return job


def test_wrong_credentials_stop_before_anything_else_is_asked(
    tmp_path: Path, service: Figshare, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = private_job(tmp_path, service, concurrency=1)
    monkeypatch.setenv("STATS", "stats:wrong")

    stopped = run(job, expect=3)

    assert "Figshare refuses the credentials" in stopped.err
    assert "the environment variable STATS" in stopped.err
    assert [entry["status"] for entry in service.history()].count(403) == 1
    assert failures(job) == set()

    monkeypatch.setenv("STATS", f"stats:{PASSWORD}")
    run(job)
    whole(job, service.truth)


@pytest.mark.parametrize("name", few_of(["json_401", "json_403"], "json_401"))
def test_credentials_revoked_in_mid_run_stop_it_and_keep_everything(
    tmp_path: Path, service: Figshare, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Totals, which need none, go on being answered; nobody is failed for the credentials' sake."""
    private = "/timeline/|/breakdown/"
    revoked = {"name": name, "rate": 1, "after": 5, "path": private}
    job = private_job(tmp_path, service, revoked, concurrency=2)
    monkeypatch.setenv("STATS", f"stats:{PASSWORD}")

    stopped = run(job, expect=3)

    assert "Figshare refuses the credentials" in stopped.err
    assert failures(job) == set()
    refused = [entry for entry in service.history() if entry["fault"]]
    assert len(refused) <= 4, "each worker once, and the witness"
    done = job.rows("requests", "endpoint, entity_id, state")
    pending = {row[:2] for row in done if row[2] == "pending"}
    assert len([row for row in done if row[0] == "timeline" and row[2] == "done"]) == 5
    open_still = {("timeline", one) for what, one in pending if what == "timeline"}
    assert len(open_still) == 1

    service.change(faults=[])
    run(job)
    whole(job, service.truth)


def test_a_refusal_of_one_request_is_no_refusal_of_the_credentials(
    tmp_path: Path, service: Figshare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last request that the credentials opened is repeated, and opens: only this one fails."""
    job = private_job(tmp_path, service)
    victim = job.spec["entities"]["article"]["ids"][3]
    service.change(faults=[{"name": "json_403", "rate": 1, "path": f"/timeline/.*/{victim}[?]"}])
    monkeypatch.setenv("STATS", f"stats:{PASSWORD}")

    assert run_in_no_time(job).exit_code == 1

    assert failures(job) == {("timeline", victim, "forbidden")}
    missing_only(job, service.truth, {("timeline", victim)})


AUTHORITY = trustme.CA()
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def certified(host: str, authority: trustme.CA, until: datetime | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, not_after=until).configure_cert(context)
    return context


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("host", "authority", "until", "code"),
    [
        pytest.param("127.0.0.1", AUTHORITY, None, 0, id="trusted"),
        pytest.param(
            "127.0.0.1",
            trustme.CA(),
            None,
            3,
            id="another authority",
            marks=pytest.mark.thorough,
        ),
        pytest.param("elsewhere.invalid", AUTHORITY, None, 3, id="another host"),
        pytest.param(
            "127.0.0.1", AUTHORITY, YESTERDAY, 3, id="expired", marks=pytest.mark.thorough
        ),
    ],
)
async def test_nothing_is_sent_to_whoever_cannot_prove_to_be_the_host(
    tmp_path: Path, host: str, authority: trustme.CA, until: datetime | None, code: int
) -> None:
    """Stopped at once, without one request; a certificate that is trusted is no obstacle."""
    trusted = tmp_path / "trusted.pem"
    AUTHORITY.cert_pem.write_to_path(trusted)
    async with serving(small_world(), tls=certified(host, authority, until)) as simulator:
        job = Job(tmp_path, spec_of(tmp_path, simulator.url, simulator.truth))
        job.environment["SSL_CERT_FILE"] = str(trusted)

        ended = await anyio.to_thread.run_sync(job.call, "run", "job.yaml", "--today", TODAY)

        assert ended.returncode == code, ended.stderr
        if code == 0:
            whole(job, simulator.truth)
            return
        assert len(simulator.history) == 0
        assert "certificate is not trusted" in ended.stderr
        assert "SSL_CERT_FILE (now trusted: " in ended.stderr
        assert "else check the address and the clock" in ended.stderr
        assert failures(job) == set()
