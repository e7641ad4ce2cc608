"""A ledger older than its files: refused with the remedy, which ends in the truth."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.support_judge import no_key_twice
from tests.end_to_end.test_refetch import values
from tests.support.command_line import Figshare, Job
from tests.support.monthly_archive import MONTHS, Copy, archive_spec, bytes_of, harvest
from tests.support.thorough import few_of


@pytest.fixture
def service(archive_service: Figshare) -> Iterator[Figshare]:
    yield archive_service
    archive_service.change(faults=[])


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(True, id="raw"),
        pytest.param(False, id="no-raw", marks=pytest.mark.thorough),
    ],
)
def straight(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    archive_service: Figshare,
) -> dict[int, Job]:
    """A job as it stood after each of three months, by the number of them."""
    spec = {**archive_spec(archive_service), "output": {"raw": request.param}}
    job = Job(tmp_path_factory.mktemp("straight"), spec)
    found = {}
    for month in range(3):
        harvest(job, archive_service, [MONTHS[month]])
        found[month + 1] = Copy.of(job, tmp_path_factory.mktemp("after")).job
    return found


def started(straight: dict[int, Job], months: int, folder: Path) -> Copy:
    return Copy.of(straight[months], folder)


def restore(copy: Copy, older: Job) -> None:
    """Put the ledger of an earlier moment in the place of ours."""
    shutil.copy(older.output / "_harvest" / "ledger.sqlite", copy.ledger)


def run(copy: Copy, service: Figshare, month: int, *words: str, expect: int = 0) -> str:
    day = MONTHS[month].isoformat()
    service.change(today=day)
    said = copy.job.run("--today", day, *words, expect=expect).stderr
    no_key_twice(copy.job)
    return said


def repair(copy: Copy) -> None:
    ended = copy.job.call("verify", "output/archive", "--repair")
    assert ended.returncode == 0, (ended.stdout, ended.stderr)
    no_key_twice(copy.job)


def same(copy: Copy, straight: Job) -> None:
    assert values(copy.root) == values(straight.output)
    assert copy.found() == set()


def test_a_ledger_older_than_its_files_is_refused_before_anything_is_sent_or_written(
    straight: dict[int, Job], tmp_path: Path, service: Figshare
) -> None:
    copy = started(straight, 2, tmp_path)
    restore(copy, straight[1])
    seen, before = len(service.history()), bytes_of(copy.root)
    for words in (["--today", MONTHS[2].isoformat()], ["--today", MONTHS[0].isoformat()]):
        for more in ([], ["--refetch"]):
            said = copy.job.call("run", "job.yaml", *words, *more)
            assert said.returncode == 4, said.stderr
            assert "older than the files" in said.stderr
            assert "verify OUTPUT --repair" in said.stderr
    refused = copy.job.call("rebuild", "output/archive")
    assert refused.returncode == 4
    assert "verify OUTPUT --repair" in refused.stderr
    assert "older than the files" in copy.job.call("status", "output/archive").stdout

    assert len(service.history()) == seen
    assert bytes_of(copy.root) == before


def test_the_repair_takes_in_what_the_files_tell_and_the_next_run_goes_on(
    straight: dict[int, Job], tmp_path: Path, service: Figshare
) -> None:
    """The example of the issue: 34 rows of a timeline, 48 countries and 64 cities were removed."""
    copy = started(straight, 2, tmp_path)
    restore(copy, straight[1])
    repair(copy)
    same(copy, straight[2])
    seen = len(service.history())
    run(copy, service, 1)
    assert len(service.history()) == seen, "what the files tell was asked again"
    run(copy, service, 2)
    same(copy, straight[3])


def test_a_repair_after_two_unknown_runs(
    straight: dict[int, Job], tmp_path: Path, service: Figshare
) -> None:
    copy = started(straight, 3, tmp_path)
    restore(copy, straight[1])
    repair(copy)
    same(copy, straight[3])
    seen = len(service.history())
    run(copy, service, 2)
    assert len(service.history()) == seen


def test_the_ledger_of_a_pause_beside_the_files_of_the_finished_run(
    straight: dict[int, Job], tmp_path: Path, service: Figshare
) -> None:
    copy = started(straight, 2, tmp_path)
    run(copy, service, 2, "--max-requests", "25", expect=5)
    shutil.copy(copy.ledger, tmp_path / "paused")
    run(copy, service, 2)
    shutil.copy(tmp_path / "paused", copy.ledger)
    ends_in_the_truth(copy, service, straight[3], 2)


def ends_in_the_truth(copy: Copy, service: Figshare, straight: Job, month: int) -> None:
    """Whatever `run` names as the remedy is done, until it goes on."""
    day = MONTHS[month].isoformat()
    service.change(today=day)
    for _ in range(4):
        ended = copy.job.call("run", "job.yaml", "--today", day)
        if ended.returncode == 0:
            break
        assert ended.returncode == 4, ended.stderr
        remedy = re.search(
            r"harvester (verify OUTPUT --repair|rebuild|run JOB --refetch)", ended.stderr
        )
        assert remedy, ended.stderr
        words = {"v": ["verify", "output/archive", "--repair"], "re": ["rebuild", "output/archive"]}
        chosen = words.get(remedy[1][0]) or words.get(remedy[1][:2])
        said = copy.job.call(*(chosen or ["run", "job.yaml", "--today", day, "--refetch"]))
        assert "Traceback" not in said.stderr
    no_key_twice(copy.job)
    same(copy, straight)


def test_an_old_folder_of_datasets_beside_a_young_ledger(
    straight: dict[int, Job], tmp_path: Path, service: Figshare
) -> None:
    """The mixture the other way round: files of May, the ledger of June."""
    copy = started(straight, 1, tmp_path)
    shutil.rmtree(copy.root / "_harvest")
    shutil.copytree(straight[2].output / "_harvest", copy.root / "_harvest")
    said = run(copy, service, 2, expect=4)
    assert "gone" in said or "changed" in said or "cut off" in said


def test_an_older_folder_as_a_whole_goes_on_as_it_was(
    straight: dict[int, Job], tmp_path: Path, service: Figshare
) -> None:
    copy = started(straight, 1, tmp_path)
    run(copy, service, 1)
    run(copy, service, 2)
    same(copy, straight[3])


def test_no_two_parts_of_different_content_bear_one_name(
    straight: dict[int, Job], tmp_path: Path, service: Figshare
) -> None:
    """The same run, twice from the same old folder: other names each time."""
    names = []
    for number in range(2):
        copy = started(straight, 1, tmp_path / str(number))
        run(copy, service, 1)
        before = bytes_of(straight[1].output)
        names.append({name for name in bytes_of(copy.root) if name not in before})
    both = {name for name in names[0] & names[1] if not name.startswith("requests/")}
    assert both == set()


@pytest.mark.parametrize("numbers", few_of(["as they were", "given again"], "given again"))
def test_a_run_that_lies_between_two_that_the_ledger_knows(
    straight: dict[int, Job], tmp_path: Path, service: Figshare, numbers: str
) -> None:
    """May and July are in the ledger, June's files come back from elsewhere.

    Older versions gave numbers again after a rollback: July's parts bear those of June.
    """
    copy = started(straight, 1, tmp_path)
    run(copy, service, 2)
    ours = re.search(r"-(\d+)\.parquet$", copy.part("totals").name)
    assert ours
    known = bytes_of(straight[1].output)
    for name, content in bytes_of(straight[2].output).items():
        if name not in known:
            number = ours[1] if numbers == "given again" else r"\1"
            path = copy.root / re.sub(r"(?<=\d-)(\d{5,})(?=\.parquet)", number, name)
            path.write_bytes(content)
    refused = copy.job.run("--today", MONTHS[2].isoformat(), expect=4).stderr
    assert "older than the files" in refused
    if not any((copy.root / "responses").rglob("*.parquet")):
        # Nothing tells which rows count: the remedy is to take the foreign files away again.
        said = copy.job.call("verify", "output/archive", "--repair")
        assert said.returncode == 4
        assert f"names begin with {MONTHS[1]}.1 out of the folder" in said.stderr
        for path in copy.root.rglob(f"{MONTHS[1]}.1*.parquet"):
            path.unlink()
        run(copy, service, 2)
        assert copy.found() == set()
        return
    repair(copy)

    seen = len(service.history())
    run(copy, service, 2)
    assert copy.found() == set()
    assert len(service.history()) - seen < 120
    found, wanted = values(copy.root), values(straight[3].output)
    for dataset in ("timeline", "countries", "cities", "totals", "top", "counts"):
        assert found[dataset] == wanted[dataset], dataset
