"""What a report or an export replaces: an earlier one of its own, and nothing else unasked."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support.command_line import Job

SPEC = {
    "name": "seen",
    "source": {"simulator": {"seed": 7, "articles": 5}},
    "entities": {"article": {"discover": True}},
    "dimensions": [{"endpoint": "total", "counters": ["views"]}],
    "limits": {"requests_per_second": "unlimited"},
}


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    job = Job(tmp_path_factory.mktemp("harvested"), SPEC)
    job.run()
    return job.folder


@pytest.fixture
def job(tmp_path: Path, harvested: Path) -> Job:
    shutil.copytree(harvested, tmp_path / "job")
    return Job(tmp_path / "job", SPEC)


def is_page(path: Path) -> bool:
    return path.read_bytes().startswith(b"<!doctype html>")


def test_a_report_never_replaces_a_spec_unless_it_is_told_to(job: Job) -> None:
    spec = job.path.read_bytes()
    ended = job.call("report", "job.yaml", "--to", "job.yaml")
    assert ended.returncode == 2, ended.stderr
    assert "something stands here already" in ended.stderr
    assert "--force" in ended.stderr
    assert job.path.read_bytes() == spec
    assert job.call("report", "output/seen", "--to", "job.yaml", "--force").returncode == 0
    assert is_page(job.path)


def test_a_report_replaces_an_earlier_one_and_no_other_page(job: Job) -> None:
    for _ in range(2):
        assert job.call("report", "job.yaml").returncode == 0
        assert job.call("report", "job.yaml", "--to", "page.html").returncode == 0
    other = job.folder / "index.html"
    other.write_text("<!doctype html><title>My page</title>")
    assert job.call("report", "job.yaml", "--to", "index.html").returncode == 2
    assert not is_page(other) or "My page" in other.read_text()


def test_a_link_is_replaced_only_when_told_and_what_it_leads_to_stays(job: Job) -> None:
    assert job.call("report", "job.yaml", "--to", "page.html").returncode == 0
    for name, goal in (("to-page", "page.html"), ("to-spec", "job.yaml"), ("to-nothing", "gone")):
        link = job.folder / name
        link.symlink_to(job.folder / goal)
        assert job.call("report", "job.yaml", "--to", name).returncode == 2
        assert link.is_symlink()
    spec = job.path.read_bytes()
    assert job.call("report", "job.yaml", "--to", "to-spec", "--force").returncode == 0
    assert job.path.read_bytes() == spec
    assert is_page(job.folder / "to-spec")


@pytest.mark.parametrize(
    "command", [["report"], ["export", "--to", "csv"], ["export", "--to", "xlsx"]]
)
def test_no_pipe_is_replaced_even_when_told(job: Job, command: list[str]) -> None:
    os.mkfifo(job.folder / "pipe")
    where = "--to" if command == ["report"] else "--out"
    ended = job.call(command[0], "job.yaml", *command[1:], where, "pipe", "--force", timeout=30)
    assert ended.returncode == 2, ended.stderr
    assert "a named pipe stands here" in ended.stderr
    assert (job.folder / "pipe").is_fifo()


@pytest.mark.parametrize("name", ["ledger.sqlite", "lock", "spec.json", "staging/page.html"])
def test_a_report_beside_the_ledger_is_a_page_and_never_in_the_place_of_our_files(
    job: Job, name: str
) -> None:
    before = {path: path.read_bytes() for path in job.output.rglob("*") if path.is_file()}
    ended = job.call("report", "job.yaml", "--to", f"output/seen/_harvest/{name}", "--force")
    assert ended.returncode == 2, ended.stderr
    assert {path: path.read_bytes() for path in before} == before
    assert not (job.output / "_harvest/staging/page.html").exists()


def test_an_export_that_somebody_looked_at_with_a_file_manager_is_still_one(job: Job) -> None:
    words = ("export", "job.yaml", "--to", "csv", "--out", "tables", "--force")
    assert job.call(*words).returncode == 0
    (job.folder / "tables" / ".DS_Store").write_bytes(b"\0")
    (job.folder / "tables" / "Thumbs.db").write_bytes(b"\0")
    assert job.call(*words).returncode == 0
    (job.folder / "link").symlink_to(job.folder / "tables")
    assert job.call(*words[:-2], "link", "--force").returncode == 2
    assert (job.folder / "link").is_symlink()
    (job.folder / "tables" / "thesis.tex").write_text("mine")
    assert job.call(*words).returncode == 2
    assert (job.folder / "tables" / "thesis.tex").exists()


def test_a_starter_spec_is_written_through_no_link(tmp_path: Path) -> None:
    job = Job(tmp_path, SPEC)
    (tmp_path / "new.yaml").symlink_to(tmp_path / "elsewhere")
    assert job.call("init", "new.yaml").returncode == 2
    assert not (tmp_path / "elsewhere").exists()
