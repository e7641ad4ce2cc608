"""A ledger that was lost comes back from the files, and the job goes on as if nothing was."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from harvester.clock import SystemClock
from harvester.recovery.repair import Repair, needs_a_ledger, repaired
from harvester.store.folder import JobFolder
from harvester.verify.verifier import verified
from tests.support.command_line import Figshare, Job
from tests.support.monthly_archive import MONTHS, Copy, archive_spec, bytes_of, harvest, rows_of
from tests.support.thorough import few_of


@pytest.fixture
def service(archive_service: Figshare) -> Iterator[Figshare]:
    yield archive_service
    archive_service.change(faults=[])


@pytest.fixture
def copy(two_months: Job, tmp_path: Path) -> Copy:
    return Copy.of(two_months, tmp_path)


def repair(copy: Copy) -> Repair:
    folder = JobFolder(copy.root)
    report = None if needs_a_ledger(folder) else verified(folder)
    return repaired(folder, report, None, SystemClock(), lambda _: None)


def ledger_rows(copy: Copy) -> list[tuple[Any, ...]]:
    """What the ledger says of every request, and where its rows are, without its own numbers."""
    with closing(sqlite3.connect(copy.ledger)) as db:
        return db.execute(
            "SELECT key, entity, first, last, run_id, r.state, http_status, attempts, rows, bytes,"
            " finished_at, publish, home FROM request r JOIN question q ON q.id = r.question"
            " JOIN run ON run.number = r.run ORDER BY 1, 2, 3, 5"
        ).fetchall()


def goes_on(copy: Copy, service: Figshare, three_months: Job) -> None:
    """Nothing is asked again on the same date, and the next month is as it would have been."""
    sent = len(service.history())
    service.change(today=MONTHS[1].isoformat())
    copy.job.run("--today", MONTHS[1].isoformat())
    assert len(service.history()) == sent, "what the files told was asked again"
    harvest(copy.job, service, MONTHS[2:])
    wanted, found = rows_of(three_months.output), rows_of(copy.root)
    for rows in (*wanted.values(), *found.values()):
        for row in rows:
            del row["harvested_at"]
    assert found == wanted
    assert copy.found() == set()


def lost(copy: Copy) -> None:
    copy.ledger.unlink()


def emptied(copy: Copy) -> None:
    copy.ledger.write_bytes(b"")


def garbage(copy: Copy) -> None:
    copy.ledger.write_bytes(b"no ledger" * 5000)


def torn(copy: Copy) -> None:
    content = bytearray(copy.ledger.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    copy.ledger.write_bytes(content)


@pytest.mark.parametrize(
    "damage", few_of([lost, emptied, garbage, torn], lost), ids=lambda each: each.__name__
)
def test_a_lost_ledger_is_made_anew(
    copy: Copy, service: Figshare, three_months: Job, damage: Callable[[Copy], None]
) -> None:
    before, requests = bytes_of(copy.root), ledger_rows(copy)
    damage(copy)
    refused = copy.job.call("run", "job.yaml", "--today", MONTHS[1].isoformat())
    assert refused.returncode == 4
    assert "--repair" in refused.stderr
    done = repair(copy).done

    assert any("the ledger was made anew" in each for each in done)
    assert ledger_rows(copy) == requests
    assert bytes_of(copy.root) == before, "sound parts were written"
    assert copy.found() == set()
    if damage is lost:
        goes_on(copy, service, three_months)
    else:
        assert list((copy.root / "_harvest").glob("ledger.damaged-1.sqlite"))


@pytest.mark.thorough
def test_verify_repair_mends_and_a_second_one_finds_nothing(copy: Copy) -> None:
    lost(copy)
    copy.part("timeline").write_bytes(b"")
    said = copy.verify("--repair", expect=0)

    assert any("made anew" in each for each in said["repaired"])
    assert copy.verify("--repair", expect=0)["repaired"] == []


@pytest.mark.thorough
def test_ledger_and_datasets_come_back_together(
    copy: Copy, service: Figshare, three_months: Job
) -> None:
    """Only responses/, requests/ and spec.json are left."""
    before = rows_of(copy.root)
    lost(copy)
    for dataset in ("totals", "timeline", "countries", "cities", "top", "counts"):
        shutil.rmtree(copy.root / dataset)
    repair(copy)

    assert rows_of(copy.root) == before
    assert copy.found() == set()
    goes_on(copy, service, three_months)


def test_ledger_and_requests_come_back_together(copy: Copy, service: Figshare) -> None:
    """responses/ and the datasets tell everything but the attempts and the failures."""
    before = rows_of(copy.root)
    lost(copy)
    shutil.rmtree(copy.root / "requests")
    repair(copy)

    assert rows_of(copy.root) == before
    sent = len(service.history())
    service.change(today=MONTHS[1].isoformat())
    copy.job.run("--today", MONTHS[1].isoformat())
    assert len(service.history()) == sent
    assert rows_of(copy.root) == before
    assert copy.found() == set()


@pytest.mark.thorough
def test_an_older_ledger_is_brought_up_to_date(
    copy: Copy, service: Figshare, three_months: Job, tmp_path: Path
) -> None:
    """As after a backup was put back: a whole run is unknown to it."""
    shutil.copy(copy.ledger, tmp_path / "old")
    harvest(copy.job, service, MONTHS[2:])
    after = rows_of(copy.root)
    shutil.copy(tmp_path / "old", copy.ledger)
    assert copy.found() != set()
    repair(copy)

    assert rows_of(copy.root) == after
    assert copy.found() == set()
    sent = len(service.history())
    copy.job.run("--today", MONTHS[2].isoformat())
    assert len(service.history()) == sent
    assert set(rows_of(three_months.output)) == set(after)


def test_requests_dropped_from_the_ledger_come_back(copy: Copy) -> None:
    requests = ledger_rows(copy)
    copy.sql("DELETE FROM request WHERE entity % 3 = 0 AND run = 2")
    copy.sql("UPDATE request SET rows = rows + 1 WHERE run = 1 AND state = 'done'")
    copy.sql("UPDATE request SET finished_at = finished_at + 1 WHERE run = 2")
    copy.sql("UPDATE part SET sha256 = 'x' WHERE path LIKE 'totals/%'")
    before = bytes_of(copy.root)
    repair(copy)

    assert ledger_rows(copy) == requests
    assert bytes_of(copy.root) == before
    assert copy.found() == set()


def test_a_part_copied_under_a_name_of_ours_is_emptied(copy: Copy) -> None:
    before = rows_of(copy.root)
    path = copy.part("totals")
    shutil.copy(path, path.with_name(path.name.replace(".1-", ".1-9")))
    assert ("error", "key-twice", "totals/") in copy.found()
    repair(copy)

    assert rows_of(copy.root) == before
    assert copy.found() == set()


def test_a_part_that_cannot_be_mended_is_named_and_kept(copy: Copy) -> None:
    """A part whose responses are gone, too: others are mended, it is named, nothing is dropped."""
    lost_part, damaged = copy.part("responses", number=0), copy.part("counts")
    lost_part.unlink()
    damaged.unlink()
    flipped = copy.part("timeline", number=0)
    content = bytearray(flipped.read_bytes())
    content[len(content) // 2] ^= 4
    flipped.write_bytes(content)
    before = bytes_of(copy.root)
    repair(copy)

    found = copy.found()
    assert ("error", "file-missing", copy.name(lost_part)) in found
    assert ("error", "file-sha256", copy.name(flipped)) in found
    after = bytes_of(copy.root)
    assert {path: after[path] for path in before} == before
    assert copy.name(damaged) in after, "what could be mended was not"


@pytest.mark.thorough
def test_a_repair_without_a_spec_says_that_it_needs_one(copy: Copy) -> None:
    lost(copy)
    (copy.root / "_harvest" / "spec.json").unlink()
    ended = copy.job.call("verify", "output/archive", "--repair")
    assert ended.returncode == 2
    assert "verify job.yaml --repair" in ended.stderr

    assert copy.job.call("verify", "job.yaml", "--repair").returncode == 0


@pytest.mark.thorough
def test_without_raw_responses_the_parts_tell_what_was_answered(
    tmp_path: Path, service: Figshare
) -> None:
    job = Job(tmp_path, {**archive_spec(service), "output": {"raw": False}})
    harvest(job, service, MONTHS[:2])
    copy = Copy(job)
    before = bytes_of(copy.root)
    lost(copy)
    repair(copy)

    assert bytes_of(copy.root) == before
    assert copy.found() == set()
    sent = len(service.history())
    copy.job.run("--today", MONTHS[1].isoformat())
    assert len(service.history()) == sent

    # What served as evidence is gone with the ledger: more is asked, and the rows are the same.
    (tmp_path / "straight").mkdir()
    straight = Job(tmp_path / "straight", job.spec)
    harvest(straight, service, MONTHS)
    harvest(job, service, MONTHS[2:])
    assert values_of(rows_of(job.output)) == values_of(rows_of(straight.output))
    assert copy.found() == set()


def values_of(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The rows without what tells how and when they came."""
    hidden = {"origin", "harvested_at", "request_id"}
    return {
        dataset: [{k: v for k, v in row.items() if k not in hidden} for row in some]
        for dataset, some in rows.items()
    }


def test_ids_from_a_file_are_known_by_what_was_asked(tmp_path: Path, service: Figshare) -> None:
    ids = service.truth.ids("article")
    (tmp_path / "ids.txt").write_text("\n".join(map(str, ids[:6])), encoding="utf-8")
    spec = archive_spec(service)
    spec["entities"]["article"] = {"ids": ids[6:8], "file": {"path": "ids.txt"}}
    job = Job(tmp_path, spec)
    harvest(job, service, MONTHS[:1])
    copy, before = Copy(job), bytes_of(job.output)
    lost(copy)
    repair(copy)

    assert bytes_of(job.output) == before
    sent = len(service.history())
    job.run("--today", MONTHS[0].isoformat())
    assert len(service.history()) == sent
    assert bytes_of(job.output) == before, "the same job was taken for a changed one"


@pytest.mark.thorough
def test_replies_lost_with_the_spool_are_asked_again(tmp_path: Path, service: Figshare) -> None:
    """A run that was killed: what it had published stays, what only the ledger held is asked."""
    job = Job(tmp_path, archive_spec(service))
    harvest(job, service, MONTHS[:1])
    service.change(faults=[{"name": "hang", "rate": 1, "after": 30}], today="2026-06-05")
    seen = len(service.history())
    running = job.start("run", "job.yaml", "--today", "2026-06-05")
    while len(service.history()) < seen + 32:
        assert running.poll() is None
    running.kill()
    running.communicate()
    service.change(faults=[])
    copy = Copy(job)
    for name in ("ledger.sqlite-wal", "ledger.sqlite-shm"):
        (copy.root / "_harvest" / name).unlink(missing_ok=True)
    lost(copy)
    repair(copy)
    assert copy.found() == set()

    harvest(job, service, MONTHS[1:2])
    assert copy.found() == set()
    rows = job.rows("requests", "state")
    assert {state for (state,) in rows} <= {"done", "empty", "not_needed"}


@pytest.mark.parametrize(
    "point",
    [
        "renamed",
        pytest.param("decided", marks=pytest.mark.slow),
        pytest.param("settled", marks=pytest.mark.slow),
    ],
)
def test_a_repair_that_is_killed_ends_well_when_run_again(copy: Copy, point: str) -> None:
    before = rows_of(copy.root)
    lost(copy)
    shutil.rmtree(copy.root / "timeline")
    copy.job.environment["HARVESTER_CRASH_AT"] = point
    assert copy.job.call("verify", "output/archive", "--repair").returncode == -9
    del copy.job.environment["HARVESTER_CRASH_AT"]
    refused = copy.job.call("run", "job.yaml", "--today", MONTHS[1].isoformat())
    assert refused.returncode == 4
    copy.verify("--repair", expect=0)

    assert rows_of(copy.root) == before
    assert pq.read_metadata(copy.part("timeline")).num_rows
