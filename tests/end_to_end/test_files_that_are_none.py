"""Files that a spec names and that are pipes, devices, folders or endless: refused at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Job

SECONDS = 20
KINDS = ["pipe", "/dev/zero", "folder", "huge"]


def spec(source: dict[str, Any], entities: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "name": "secret",
        "source": {"institution": "demo", "institution_id": 2, **source},
        "entities": entities or {"group": {"ids": [1]}},
        "dimensions": [{"endpoint": "total", "counters": ["views"]}],
    }


def made(folder: Path, kind: str) -> str:
    """A file of this kind, or what stands in its place."""
    place = folder / kind.strip("/")
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    elif kind == "huge":
        with place.open("wb") as file:
            file.truncate(600 * 2**20)  # without a block on the disk
    return kind


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", ["credentials", "token"])
def test_a_secret_that_is_no_small_file_is_refused_at_once(
    tmp_path: Path, key: str, kind: str
) -> None:
    job = Job(tmp_path, spec({key: {"file": made(tmp_path, kind)}}))
    ended = job.call("run", "job.yaml", timeout=SECONDS)
    assert ended.returncode == 2, ended.stderr
    why = {
        "pipe": "it is a named pipe, not a file",
        "/dev/zero": "it is a device, not a file",
        "folder": "it is a folder, not a file",
        "huge": "it is larger than 64 kB, the most that is read",
    }
    assert f"cannot be read: {why[kind]}" in ended.stderr
    assert f"source.{key}" in ended.stderr
    assert not (tmp_path / "output").exists()


def test_credentials_behind_a_link_of_the_user_are_read(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("somebody:canary-7731")
    (tmp_path / "link").symlink_to("real")
    source = {"simulator": {"seed": 3, "articles": 5}, "credentials": {"file": "link"}}
    job = Job(tmp_path, spec(source))
    job.spec["source"].pop("institution_id")
    job.write(job.spec)
    job.run()


@pytest.mark.parametrize("kind", ["pipe", "/dev/zero", "huge"])
@pytest.mark.parametrize("by_variable", [False, True])
def test_certificates_in_what_is_no_small_file_are_refused_at_once(
    tmp_path: Path, kind: str, *, by_variable: bool
) -> None:
    name = made(tmp_path, kind)
    job = Job(tmp_path, spec({} if by_variable else {"ca_file": name}))
    if by_variable:
        job.environment["SSL_CERT_FILE"] = name
    ended = job.call("check", "job.yaml", timeout=SECONDS)
    assert ended.returncode == 2, ended.stderr
    assert "cannot serve as the certificates to trust: it is" in ended.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_ids_in_what_is_no_file_are_refused_at_once(tmp_path: Path, kind: str) -> None:
    job = Job(tmp_path, spec({}, {"article": {"file": {"path": made(tmp_path, kind)}}}))
    ended = job.call("check", "job.yaml", timeout=SECONDS)
    assert ended.returncode == 2, ended.stderr
    assert "entities.article.file.path" in ended.stderr


def test_a_list_of_dois_that_is_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("doi\n10.1234/no-id-in-here\n")
    os.mkfifo(tmp_path / "ids.resolved.csv")
    job = Job(tmp_path, spec({}, {"article": {"file": {"path": "ids.csv"}}}))
    ended = job.call("check", "job.yaml", timeout=SECONDS)
    assert ended.returncode == 2, ended.stderr
    assert "this is no list that a look-up of DOIs wrote" in ended.stderr
