"""`run --refetch`: what no file holds any more is asked anew, exactly that, and said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.crash.support_judge import no_key_twice
from tests.support.command_line import Figshare, Job
from tests.support.monthly_archive import MONTHS, Copy, archive_spec, bytes_of, harvest, rows_of
from tests.support.thorough import few_of

SNAPSHOTS = {"totals", "top", "counts"}


@pytest.fixture
def service(archive_service: Figshare) -> Iterator[Figshare]:
    yield archive_service
    archive_service.change(faults=[])


@pytest.fixture(scope="session")
def without_bodies(tmp_path_factory: pytest.TempPathFactory, archive_service: Figshare) -> Job:
    spec = {**archive_spec(archive_service), "output": {"raw": False}}
    job = Job(tmp_path_factory.mktemp("bare"), spec)
    harvest(job, archive_service, MONTHS[:2])
    return job


@pytest.fixture(scope="session")
def third_month(
    tmp_path_factory: pytest.TempPathFactory, archive_service: Figshare, without_bodies: Job
) -> Job:
    """The same, gone on with; never damaged."""
    copy = Copy.of(without_bodies, tmp_path_factory.mktemp("bare-third"))
    harvest(copy.job, archive_service, MONTHS[2:])
    return copy.job


@pytest.fixture
def bare(without_bodies: Job, tmp_path: Path) -> Copy:
    return Copy.of(without_bodies, tmp_path)


@pytest.fixture
def copy(two_months: Job, tmp_path: Path) -> Copy:
    return Copy.of(two_months, tmp_path)


def refetch(copy: Copy, service: Figshare, month: int, expect: int = 0) -> str:
    day = MONTHS[month].isoformat()
    service.change(today=day)
    said = copy.job.run("--today", day, "--refetch", expect=expect).stderr
    no_key_twice(copy.job)
    return said


def values(root: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows without what tells how, when and by which request they came."""
    hidden = {"origin", "harvested_at", "request_id"}
    return {
        dataset: sorted(
            ({name: value for name, value in row.items() if name not in hidden} for row in rows),
            key=repr,
        )
        for dataset, rows in rows_of(root).items()
    }


def equal(copy: Copy, straight: Job, *, but: Sequence[str] = ()) -> None:
    """The folder holds what one that was never damaged holds, and nothing is wrong with it."""
    found, wanted = values(copy.root), values(straight.output)
    for dataset in wanted:
        if dataset not in but:
            assert found[dataset] == wanted[dataset], dataset
    assert copy.found() == set()
    assert not any((copy.root / "revisions").rglob("*.parquet")), "a lost value was no other value"


def lose(copy: Copy, dataset: str) -> None:
    """Every part of a dataset that holds rows."""
    for path in sorted((copy.root / dataset).rglob("*.parquet")):
        if pq.read_metadata(path).num_rows:
            path.unlink()


@pytest.mark.parametrize("dataset", few_of(["timeline", "countries", "cities"], "timeline"))
def test_a_lost_dataset_is_asked_anew_at_the_next_date(
    bare: Copy, service: Figshare, third_month: Job, dataset: str
) -> None:
    lose(bare, dataset)
    said = refetch(bare, service, 2)

    assert "asked anew" in said
    equal(bare, third_month)
    seen = len(service.history())
    bare.job.run("--today", MONTHS[2].isoformat())
    assert len(service.history()) == seen


@pytest.mark.parametrize(
    "dataset", few_of(["timeline", "cities", "totals", "top", "counts"], "cities", "totals")
)
def test_a_lost_dataset_is_asked_anew_on_the_same_date(
    bare: Copy, service: Figshare, without_bodies: Job, dataset: str
) -> None:
    """Counts of that date can still be had; those of earlier dates are gone for good, and said."""
    lose(bare, dataset)
    said = refetch(bare, service, 1, expect=1 if dataset in SNAPSHOTS else 0)

    if dataset not in SNAPSHOTS:
        equal(bare, without_bodies)
        return
    assert "gone for good" in said
    wanted = [r for r in values(without_bodies.output)[dataset] if r["snapshot"] == MONTHS[1]]
    assert values(bare.root)[dataset] == wanted
    assert bare.found() == set()
    failed = {
        (run_id, reason)
        for run_id, reason, state in bare.job.rows("requests", "run_id, reason, state")
        if state == "failed"
    }
    # What was lost of the same date stands in a run more of that date.
    assert failed == {(f"{day}.1", "lost") for day in MONTHS[:2]}


def test_only_what_is_missing_is_asked(bare: Copy, service: Figshare) -> None:
    """One partition is lost; nothing is asked of the others on a date that has been read."""
    folder = bare.root / "countries" / "entity=group" / "counter=views" / "granularity=total"
    shutil.rmtree(folder)
    seen = len(service.history())
    refetch(bare, service, 1)

    asked = [each["target"] for each in service.history(after=seen)]
    assert asked
    assert all("/breakdown/total/" in each for each in asked)


@pytest.mark.thorough
def test_an_unfinished_run_is_closed_and_the_next_asks_what_is_missing(
    bare: Copy, service: Figshare, third_month: Job
) -> None:
    day = MONTHS[2].isoformat()
    service.change(today=day)
    bare.job.run("--today", day, "--max-requests", "30", expect=5)
    lose(bare, "timeline")
    refetch(bare, service, 2)
    equal(bare, third_month)


def test_parts_that_responses_tell_are_made_from_those(
    copy: Copy, service: Figshare, two_months: Job
) -> None:
    lose(copy, "timeline")
    lose(copy, "totals")
    seen, before = len(service.history()), rows_of(two_months.output)
    said = refetch(copy, service, 1)

    assert len(service.history()) == seen, "what the responses tell was asked again"
    assert "made anew" in said
    assert rows_of(copy.root) == before
    assert copy.found() == set()


def test_responses_that_are_lost_leave_their_rows_and_the_run_goes_on(
    copy: Copy, service: Figshare, three_months: Job
) -> None:
    lose(copy, "responses")
    said = refetch(copy, service, 2)

    assert "responses" in said
    equal(copy, three_months)


@pytest.mark.thorough
def test_responses_and_the_rows_they_told_are_lost_together(
    copy: Copy, service: Figshare, three_months: Job
) -> None:
    lose(copy, "responses")
    lose(copy, "timeline")
    lose(copy, "countries")
    refetch(copy, service, 2)
    equal(copy, three_months)


def test_files_of_requests_and_entities_are_written_from_the_ledger(
    bare: Copy, service: Figshare
) -> None:
    before = bytes_of(bare.root)
    shutil.rmtree(bare.root / "requests")
    shutil.rmtree(bare.root / "entities")
    seen = len(service.history())
    refetch(bare, service, 1)

    assert len(service.history()) == seen
    assert bytes_of(bare.root) == before


def test_with_nothing_missing_it_is_a_run_like_any_other(bare: Copy, service: Figshare) -> None:
    before = bytes_of(bare.root)
    seen = len(service.history())
    assert "nothing is missing" in refetch(bare, service, 1)
    assert len(service.history()) == seen
    assert bytes_of(bare.root) == before
