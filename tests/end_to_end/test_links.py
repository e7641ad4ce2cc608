"""Links in a job's folder that came from elsewhere: nothing behind one is read, changed or lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import harvester
from harvester.errors import OutputError
from tests.support.command_line import Job

SPEC = {
    "name": "links",
    "source": {"simulator": {"seed": 7, "articles": 20}},
    "entities": {"article": {"discover": True}},
    "dimensions": [{"endpoint": "total", "counters": ["views", "downloads"]}],
    "limits": {"requests_per_second": "unlimited"},
}
WRITING = [["run", "job.yaml"], ["rebuild", "job.yaml"], ["verify", "job.yaml", "--repair"],
           ["failures", "job.yaml", "--retry"]]  # fmt: skip
READING = [["status", "job.yaml"], ["failures", "job.yaml"], ["verify", "job.yaml"],
           ["report", "job.yaml", "--to", "page.html"],
           ["export", "job.yaml", "--to", "csv"]]  # fmt: skip
PARTITION = "totals/entity=article/counter=views"


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    job = Job(tmp_path_factory.mktemp("harvested"), SPEC)
    job.run()
    return job.folder


@pytest.fixture
def job(tmp_path: Path, harvested: Path) -> Job:
    """A harvest of this test's own, in a place of its own."""
    shutil.copytree(harvested, tmp_path / "job")
    return Job(tmp_path / "job", SPEC)


def moved_out(job: Job, name: str) -> Path:
    """Move a file or folder of the job elsewhere, and leave a link in its place."""
    place = job.output / name
    elsewhere = job.folder.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    real = elsewhere / "somebody's"
    if place.exists():
        place.rename(real)
    elif name.endswith("staging"):
        real.mkdir()
    else:
        real.write_bytes(b"precious")
    place.symlink_to(real)
    return elsewhere


def snapshot(folder: Path) -> dict[str, object]:
    """Every name below a folder with its bytes, or where its link leads; and when it changed."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        found[name] = (
            str(path.readlink()) if path.is_symlink() else content,
            path.lstat().st_mtime_ns,
        )
    return found


@pytest.mark.parametrize(
    "name",
    [
        "_harvest/staging",
        "_harvest/staging/00001.parquet",
        "_harvest/lock",
        "_harvest/harvest.log",
        "_harvest/manifest.json",
        "_harvest/spec.json",
        "_harvest/ledger.sqlite",
        "_harvest/ledger.sqlite-wal",
        "_harvest/report.html",
        "_harvest",
        "totals",
        "totals/entity=article",
        PARTITION,
        "responses",
        "requests",
        "revisions",
        f"{PARTITION}/0-schema.parquet",
    ],
)
def test_a_link_below_the_folder_ends_every_command_before_anything_is_touched(
    job: Job, name: str
) -> None:
    elsewhere = moved_out(job, name)
    if name == "_harvest/staging":
        (elsewhere / "somebody's" / "thesis.tex").write_text("years of work")
    before = snapshot(job.output), snapshot(elsewhere)
    for words in WRITING + READING:
        ended = job.call(*words)
        assert ended.returncode == 4, (words, ended.stderr)
        assert "a link stands where" in ended.stderr, (words, ended.stderr)
        assert str(Path("output/links") / name) in ended.stderr, ended.stderr
        assert "Traceback" not in ended.stderr
    assert (snapshot(job.output), snapshot(elsewhere)) == before
    with pytest.raises(OutputError):
        harvester.open(job.output)


def test_a_dangling_link_is_refused_and_nothing_is_made_where_it_leads(job: Job) -> None:
    (job.output / "_harvest" / "lock").unlink()
    (job.output / "_harvest" / "lock").symlink_to(job.folder / "made")
    for words in WRITING:
        assert job.call(*words).returncode == 4
    assert not (job.folder / "made").exists()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [_pipe, _folder])
@pytest.mark.parametrize("name", ["lock", "harvest.log", "spec.json", "staging/00001.parquet"])
def test_a_pipe_or_folder_in_the_place_of_a_file_of_ours_is_refused_at_once(
    job: Job, name: str, make: Callable[[Path], None]
) -> None:
    place = job.output / "_harvest" / name
    place.unlink(missing_ok=True)
    make(place)
    for words in [*WRITING, ["status", "job.yaml"]]:
        ended = job.call(*words, timeout=20)
        assert ended.returncode == 4, (words, ended.stderr)
        assert "of ours belongs" in ended.stderr


def test_the_first_run_writes_through_no_link_that_was_there_before_it(tmp_path: Path) -> None:
    job = Job(tmp_path, SPEC)
    (tmp_path / "elsewhere").mkdir()
    job.output.mkdir(parents=True)
    (job.output / "_harvest").symlink_to(tmp_path / "elsewhere")
    job.run(expect=4)
    assert not any((tmp_path / "elsewhere").iterdir())


def test_plan_and_check_open_no_ledger_behind_a_link(job: Job) -> None:
    elsewhere = moved_out(job, "_harvest/ledger.sqlite")
    before = snapshot(elsewhere)
    ended = job.call("plan", "job.yaml")
    assert ended.returncode == 4, ended.stderr
    assert "a link stands where" in ended.stderr
    assert snapshot(elsewhere) == before


def test_the_output_folder_itself_may_be_a_link(job: Job) -> None:
    real = job.folder / "on another disk"
    job.output.rename(real)
    job.output.symlink_to(real)
    job.run()
    for words in (["rebuild", "job.yaml"], ["verify", "job.yaml"], ["status", "job.yaml"]):
        ended = job.call(*words)
        assert ended.returncode == 0, ended.stderr
    assert harvester.open(job.output).totals.count_rows() == 40


def test_hard_links_and_a_folder_that_somebody_keeps_in_ours_are_no_links(job: Job) -> None:
    part = next((job.output / PARTITION).glob("2*.parquet"))
    os.link(part, job.folder / "same bytes")
    kept = job.output / "_harvest" / "kept"
    kept.mkdir()
    (kept / "latest").symlink_to("/nowhere")
    job.run()
    assert job.call("rebuild", "job.yaml").returncode == 0
    assert job.call("verify", "job.yaml").returncode == 0
