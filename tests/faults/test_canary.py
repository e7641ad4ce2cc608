"""A canary credential is nowhere in what is written or printed: at debug level, through crashes."""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import subprocess
import sys
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import harvester
from harvester.clock import SystemClock
from harvester.job.options import RunOptions
from tests.faults.support_canary import forms, spilled
from tests.faults.support_faults import TODAY, Fault, small_world, spec_of
from tests.support.command_line import Figshare, Job, figshare
from tests.support.everything import FIRST

# Everything that an encoding or an escape would change, and what the eye would miss.
PASSWORD = 'kanárek\'s "s~3cret"/&=+%:ž\\x'
TOKEN = "t0ken-of-a-canary=="
SECRETS = [PASSWORD, TOKEN]
# Every log record there is, asyncio's own debugging, every warning.
AT_DEBUG_LEVEL = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from harvester.cli import main
sys.exit(main())
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    world = small_world().patched({"username": "stats", "password": PASSWORD, "token": TOKEN})
    with figshare(tmp_path_factory.mktemp("service"), world) as running:
        yield running


@pytest.fixture
def job(tmp_path: Path, service: Figshare) -> Job:
    service.change(faults=[])
    service.forget()
    spec = spec_of(tmp_path, service.url, service.truth)
    secrets = {"credentials": {"file": "../outside/stats.txt"}, "token": {"env": "TOKEN"}}
    spec["source"] |= {"institution": "demo", "institution_id": 2, **secrets}
    spec["entities"]["group"] = {"discover": True}
    spec["limits"]["attempts"] = 3
    folder = tmp_path / "job"
    folder.mkdir()
    spec["output"]["path"] = str(folder / "output")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "stats.txt").write_text(f"stats:{PASSWORD}\n", encoding="utf-8")
    (outside / "stats.txt").chmod(0o600)
    job = Job(folder, spec)
    job.output = folder / "output" / spec["name"]
    job.environment["TOKEN"] = TOKEN
    return job


def loudly(job: Job, *words: str, expect: int | None = 0) -> str:
    """One command at debug level; all that it printed."""
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-c", AT_DEBUG_LEVEL, *words],
        cwd=job.folder,
        env=job.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert expect is None or ended.returncode == expect, ended.stderr
    return ended.stdout + ended.stderr


RUN = ("run", "job.yaml", "--today", TODAY)


def test_a_credential_is_nowhere_after_faults_and_a_kill(job: Job, service: Figshare) -> None:
    """Throttled, lied to, reset, sent elsewhere, and killed in the middle of a publish."""
    service.change(faults=misfortunes())
    job.environment["HARVESTER_CRASH_AT"] = "decided"

    killed = loudly(job, *RUN, expect=-signal.SIGKILL)
    assert spilled(SECRETS, job.folder, killed) == [], "what a kill leaves behind"

    del job.environment["HARVESTER_CRASH_AT"]
    went_on = loudly(job, *RUN, expect=1)

    assert {"basic", "token"} <= {entry["scheme"] for entry in service.history()}, "in vain"
    assert "DEBUG:" in went_on, "this is not the debug level"
    assert spilled(SECRETS, job.folder, killed, went_on) == []


def misfortunes() -> list[Fault]:
    names = ("big_headers", "reset_inside", "negative", "error_body_200")
    hits: list[Fault] = [
        {"name": name, "path": "/timeline/", "requests": [number]}
        for number, name in enumerate(names, start=1)
    ]
    hits.append({"name": "status", "status": 429, "retry_after": "1", "requests": [9]})
    hits.append({"name": "redirect", "path": "/breakdown/", "requests": [1]})
    return hits


@pytest.mark.slow
def test_a_credential_is_nowhere_whatever_the_command(job: Job, service: Figshare) -> None:
    """Every command there is, and a run that is refused in the middle."""
    said = [
        loudly(job, "check", "job.yaml", "--today", TODAY),
        loudly(job, "check", "job.yaml", "--online", "--today", TODAY),
        loudly(job, "check", "job.yaml", "--count", "--today", TODAY),
        loudly(job, "plan", "job.yaml", "--urls", "--today", TODAY),
    ]
    service.change(faults=misfortunes())
    said.append(loudly(job, *RUN, "--max-requests", "25", expect=5))
    for name in ("json_401", "html_403"):
        service.change(faults=[{"name": name, "rate": 1, "path": "/timeline/|/breakdown/"}])
        job.write({**job.spec, "limits": {**job.spec["limits"], "max_pause_minutes": 0}})
        said.append(loudly(job, *RUN, "--max-requests", "2", expect=None))
    job.write({**job.spec, "limits": {**job.spec["limits"], "max_pause_minutes": 15}})
    service.change(faults=[])
    said.append(loudly(job, *RUN, "--log-format", "json", expect=None))
    said += [
        loudly(job, "status", "job.yaml"),
        loudly(job, "failures", "job.yaml"),
        loudly(job, "failures", "job.yaml", "--retry"),
        loudly(job, *RUN),
        loudly(job, "verify", "job.yaml", expect=None),
        loudly(job, "rebuild", "job.yaml"),
        loudly(job, "report", "job.yaml", "--to", "page.html"),
        loudly(job, "export", "job.yaml", "--to", "xlsx"),
        loudly(job, "export", "job.yaml", "--to", "csv"),
    ]

    assert {"basic", "token"} <= {entry["scheme"] for entry in service.history()}, "in vain"
    assert any("DEBUG:" in text for text in said), "this is not the debug level"
    assert spilled(SECRETS, job.folder, *said) == []


def test_a_traceback_with_all_its_variables_shows_none(
    job: Job, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug of ours in mid-run, told as those tools tell it that show every local variable."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("TOKEN", TOKEN)

    class Broken(SystemClock):
        """Stops being a clock after the run has begun to ask."""

        asked = 0

        def now(self) -> datetime:
            self.asked += 1
            if self.asked > 20:
                raise RuntimeError("a bug")
            return super().now()

    with pytest.raises(RuntimeError, match="a bug") as caught:
        harvester.run(harvester.load_job(job.path), RunOptions(today=FIRST, clock=Broken()))

    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    text = "".join(told.format())
    assert "run_async" in text
    assert "'***'" in text or "***" in text, "the frames that hold the secrets are in it"
    assert spilled(SECRETS, job.folder, text, caplog.text) == []


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    """In every kind of file, and in every form."""
    for form in forms(PASSWORD):
        (tmp_path / "plain.log").write_bytes(b"before" + form + b"behind")
        assert spilled(SECRETS, tmp_path) == ["plain.log"]
    (tmp_path / "plain.log").unlink()
    pq.write_table(pa.table({"body": [b"x", PASSWORD.encode()]}), tmp_path / "a.parquet")
    with closing(sqlite3.connect(tmp_path / "b.sqlite")) as db, db:
        db.execute("CREATE TABLE t (x TEXT)")
        db.execute("INSERT INTO t VALUES (?)", (f"token {TOKEN}",))
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("sheet.xml", PASSWORD * 9)
    assert spilled(SECRETS, tmp_path, "nothing", f"said {TOKEN}") == [
        "a.parquet",
        "b.sqlite",
        "c.xlsx",
        "printed",
    ]
    assert spilled(SECRETS, tmp_path / "nowhere", os.devnull) == []


@pytest.mark.parametrize(("mode", "warns"), [(0o600, False), (0o640, True)])
def test_secret_files_that_others_can_read_are_warned_about(
    job: Job, mode: int, *, warns: bool
) -> None:
    """By `check`, before anything is sent, and by `run`."""
    secret = job.folder.parent / "outside" / "stats.txt"
    secret.chmod(mode)

    checked = job.call("check", "job.yaml", "--today", TODAY)
    ran = job.call("run", "job.yaml", "--today", TODAY, "--max-requests", "1")

    for ended in (checked, ran):
        assert ("stats.txt can be read by others: chmod 600" in ended.stderr) == warns
