"""Each kind of damage is found and named; a sound output has nothing to find."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from harvester.simulator.config import SimulatorConfig
from tests.support.command_line import Job, figshare
from tests.support.everything import FIRST, LATER, PASSWORD, spec, world
from tests.support.monthly_archive import MONTHS, Copy, archive_spec, bytes_of, harvest, rewrite
from tests.support.thorough import few_of

LEDGER = "_harvest/ledger.sqlite"
Found = set[tuple[str, str, str]]


@pytest.fixture
def copy(three_months: Job, tmp_path: Path) -> Copy:
    return Copy.of(three_months, tmp_path)


def test_verify_finds_three_monthly_runs_good_and_writes_nothing(copy: Copy) -> None:
    before = copy.job.files()
    said = copy.verify(expect=0)

    assert {each["severity"] for each in said["findings"]} <= {"information"}
    assert said["left_out"] == []
    assert said["is_live"] is False
    assert said["checked"]["rows"] > 1000
    assert copy.job.files() == before, "verify wrote"
    shown = copy.job.call("verify", "job.yaml")
    assert shown.returncode == 0
    assert "archive: good" in shown.stdout


@pytest.mark.thorough
def test_verify_finds_every_endpoint_kind_and_granularity_good(tmp_path: Path) -> None:
    with figshare(tmp_path, world()) as service:
        job = Job(tmp_path, {**spec(service.url, service.truth, institution="demo")})
        job.environment["STATS"] = f"stats:{PASSWORD}"
        for day in (FIRST, LATER):
            service.change(today=day.isoformat())
            job.run("--today", day.isoformat())
    ended = job.call("verify", "job.yaml", "--json")

    said = json.loads(ended.stdout)
    assert ended.returncode == 0, [e for e in said["findings"] if e["severity"] != "information"]
    assert said["left_out"] == []


def test_verify_of_a_sample_reads_a_share_and_says_so(copy: Copy) -> None:
    whole = copy.verify(expect=0)["checked"]
    said = copy.verify("--sample", "30%", expect=0)

    assert 0 < said["checked"]["responses"] < whole["responses"]
    assert any("sample of 30 %" in left for left in said["left_out"])


def flip(copy: Copy) -> Found:
    path = copy.part("timeline")
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    return {("error", "file-sha256", copy.name(path))}


def cut(copy: Copy) -> Found:
    path = copy.part("countries")
    path.write_bytes(path.read_bytes()[:-100])
    return {("error", "file-size", copy.name(path))}


def delete(copy: Copy) -> Found:
    path = copy.part("totals")
    path.unlink()
    return {("error", "file-missing", copy.name(path))}


def delete_dataset(copy: Copy) -> Found:
    files = sorted((copy.root / "timeline").rglob("*.parquet"))
    shutil.rmtree(copy.root / "timeline")
    return {("error", "file-missing", copy.name(path)) for path in files}


def add_unknown_files(copy: Copy) -> Found:
    (copy.root / "notes.txt").write_text("mine")
    (copy.root / "totals" / "README").write_text("mine")
    return {("warning", "unknown-file", "totals/README")}


def double_a_part(copy: Copy) -> Found:
    path = copy.part("totals")
    other = path.with_name("copy of part.parquet")
    shutil.copy(path, other)
    return {("error", "unknown-file", copy.name(other)), ("error", "key-twice", "totals/")}


def edit_a_value(copy: Copy) -> Found:
    path = copy.part("timeline")
    table = pq.read_table(path, partitioning=None)
    value = pc.add(table["value"], 1)
    rewrite(path, table.set_column(table.schema.get_field_index("value"), "value", value))
    size = copy.name(path)
    copy.sql(f"UPDATE part SET bytes = {path.stat().st_size} WHERE path = '{size}'")
    return {("error", "file-sha256", copy.name(path))}


def edit_a_value_and_the_ledger(copy: Copy) -> Found:
    """As a script would that knows our ledger: only the response still says the truth."""
    path = copy.part("timeline/entity=group/counter=views/granularity=month")
    table = pq.read_table(path, partitioning=None)
    values = table["value"].to_pylist()
    values[0] += 7
    column = pa.array(values, pa.int64())
    rewrite(path, table.set_column(table.schema.get_field_index("value"), "value", column))
    adopt(copy, path)
    return {("error", "rows-differ", copy.name(path))}


def drop_a_row_and_tell_the_ledger(copy: Copy) -> Found:
    path = copy.part("cities")
    rewrite(path, pq.read_table(path, partitioning=None).slice(1))
    adopt(copy, path)
    return {("error", "rows-differ", copy.name(path))}


def double_a_row_and_tell_the_ledger(copy: Copy) -> Found:
    path = copy.part("counts")
    table = pq.read_table(path, partitioning=None)
    rewrite(path, pa.concat_tables([table, table.slice(0, 1)]))
    adopt(copy, path)
    return {("error", "rows-differ", copy.name(path)), ("error", "key-twice", "counts/")}


def edit_the_ledgers_outcomes(copy: Copy) -> Found:
    copy.sql("UPDATE request SET rows = rows + 1 WHERE run = 2 AND state = 'done'")
    return {
        ("error", "ledger-rows", "responses/"),
        ("error", "requests-differ", "requests/2026-06-05.1.parquet"),
    }


def drop_a_request_from_the_ledger(copy: Copy) -> Found:
    path = copy.part("totals/entity=group/counter=views", number=0)
    entity = pq.read_table(path, partitioning=None)["entity_id"][0].as_py()
    copy.sql(
        f"DELETE FROM request WHERE run = 1 AND entity = {entity}"
        " AND question = (SELECT id FROM question WHERE key = 'total/views/group')"
    )
    return {
        ("error", "ledger-behind", LEDGER),
        ("error", "requests-differ", "requests/2026-05-05.1.parquet"),
        ("error", "rows-differ", copy.name(path)),
    }


def drop_a_request_from_the_file(copy: Copy) -> Found:
    path = copy.root / "requests" / "2026-05-05.1.parquet"
    rewrite(path, pq.read_table(path, partitioning=None).slice(1))
    adopt(copy, path)
    where = copy.name(path)
    return {
        ("error", "requests-missing", where),
        ("error", "requests-gap", where),
    }


def show_other_days_than_the_datasets(copy: Copy) -> Found:
    path = copy.root / "requests" / "2026-05-05.1.parquet"
    table = pq.read_table(path, partitioning=None)
    place = table.schema.get_field_index("shown_end")
    earlier = pc.add(table["shown_end"].cast(pa.int32()), pa.scalar(-1, pa.int32()))
    rewrite(path, table.set_column(place, "shown_end", earlier.cast(pa.date32())))
    adopt(copy, path)
    return {("error", "requests-differ", copy.name(path))}


def edit_a_body(copy: Copy) -> Found:
    path = copy.part("responses", number=0)
    table = pq.read_table(path, partitioning=None)
    bodies = table["body"].to_pylist()
    at = next(n for n, body in enumerate(bodies) if body.startswith(b'{"totals":'))
    bodies[at] = bodies[at].replace(b": ", b": 1").replace(b":", b":1", 1)
    column = pa.array(bodies, pa.binary())
    rewrite(path, table.set_column(table.schema.get_field_index("body"), "body", column))
    adopt(copy, path)
    return {("error", "body-changed", "responses/")}


def edit_a_url(copy: Copy) -> Found:
    path = copy.part("responses", number=0)
    table = pq.read_table(path, partitioning=None)
    urls = [url.replace("/views/", "/shares/") for url in table["url"].to_pylist()]
    at = table.schema.get_field_index("url")
    rewrite(path, table.set_column(at, "url", pa.array(urls, pa.string())))
    adopt(copy, path)
    return {("error", "body-unknown", "responses/")}


def lose_a_response(copy: Copy) -> Found:
    path = copy.part("responses", number=1)
    rewrite(path, pq.read_table(path, partitioning=None).slice(2))
    adopt(copy, path)
    return {("error", "body-missing", copy.name(path))}


def lose_a_part_of_responses(copy: Copy) -> Found:
    path = copy.part("responses", number=1)
    path.unlink()
    return {("error", "file-missing", copy.name(path))}


def another_manifest(copy: Copy) -> Found:
    path = copy.root / "_harvest" / "manifest.json"
    path.write_text(path.read_text().replace('"rows": ', '"rows": 1'))
    return {("warning", "manifest", "_harvest/manifest.json")}


def open_to_all(copy: Copy) -> Found:
    copy.root.chmod(0o755)
    return {("warning", "permissions", ".")}


def adopt(copy: Copy, path: Path) -> None:
    """Tell the ledger, and the manifest, of the bytes that a file has now."""
    from harvester.store.part_writer import sha256_of  # noqa: PLC0415

    rows = pq.read_metadata(path).num_rows
    copy.sql(
        f"UPDATE part SET bytes = {path.stat().st_size}, sha256 = '{sha256_of(path)}',"
        f" rows = {rows} WHERE path = '{copy.name(path)}'"
    )
    (copy.root / "_harvest" / "manifest.json").unlink(missing_ok=True)


DAMAGES: list[Callable[[Copy], Found]] = [
    flip,
    cut,
    delete,
    delete_dataset,
    add_unknown_files,
    double_a_part,
    edit_a_value,
    edit_a_value_and_the_ledger,
    drop_a_row_and_tell_the_ledger,
    double_a_row_and_tell_the_ledger,
    edit_the_ledgers_outcomes,
    drop_a_request_from_the_ledger,
    drop_a_request_from_the_file,
    show_other_days_than_the_datasets,
    edit_a_body,
    edit_a_url,
    lose_a_response,
    lose_a_part_of_responses,
    another_manifest,
    open_to_all,
]
# One of what only the bytes tell, the rows, the ledger, the requests, the bodies, the folder.
OF_EACH_KIND = (
    flip,
    delete,
    double_a_part,
    edit_a_value_and_the_ledger,
    edit_the_ledgers_outcomes,
    drop_a_request_from_the_file,
    edit_a_body,
    lose_a_response,
    another_manifest,
    open_to_all,
)
# Where the test had to change the manifest, too, its finding is no surprise.
BESIDE = {("warning", "manifest", "_harvest/manifest.json")}


@pytest.mark.parametrize("damage", few_of(DAMAGES, *OF_EACH_KIND), ids=lambda each: each.__name__)
def test_damage_is_found_and_named(copy: Copy, damage: Callable[[Copy], Found]) -> None:
    expected = damage(copy)
    before = bytes_of(copy.root)

    found = copy.found()

    assert found - BESIDE == expected - BESIDE
    assert expected <= found
    assert bytes_of(copy.root) == before, "verify changed a file"


@pytest.mark.parametrize(
    "content", few_of([None, b"", b"garbage" * 1000], None), ids=["gone", "empty", "other"]
)
def test_a_ledger_that_cannot_be_used_is_exit_4(copy: Copy, content: bytes | None) -> None:
    copy.ledger.unlink()
    if content is not None:
        copy.ledger.write_bytes(content)
    ended = copy.job.call("verify", "output/archive")

    assert ended.returncode == 4
    assert "--repair" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_verify_without_raw_responses_says_what_it_could_not_check(tmp_path: Path) -> None:
    with figshare(tmp_path, SimulatorConfig(seed=5, articles=25)) as service:
        job = Job(tmp_path, {**archive_spec(service), "output": {"raw": False}})
        harvest(job, service, MONTHS[:2])
    copy = Copy(job)
    said = copy.verify(expect=0)
    assert any("without raw responses" in left for left in said["left_out"])
    assert "no-raw-responses" in {each["check"] for each in said["findings"]}

    # What needs no body is checked all the same.
    double_a_part(copy)
    assert ("error", "key-twice", "totals/") in copy.found()


def test_verify_beside_a_live_run_reads_and_says_so(tmp_path: Path) -> None:
    with figshare(tmp_path, SimulatorConfig(seed=5, articles=25)) as service:
        job = Job(tmp_path, archive_spec(service))
        harvest(job, service, MONTHS[:1])
        service.change(faults=[{"name": "hang", "rate": 1, "after": 10}], today="2026-06-05")
        seen = len(service.history())
        running = job.start("run", "job.yaml", "--today", "2026-06-05")
        try:
            # Its file of requests is begun beside the first of them.
            begun = job.output / "requests" / "2026-06-05.1.parquet"
            while len(service.history()) < seen + 12 or not begun.exists():
                assert running.poll() is None
            said = Copy(job).verify(expect=0)
        finally:
            running.kill()
            running.communicate()

        assert said["is_live"] is True
        assert any("under way" in left for left in said["left_out"])
        after = Copy(job).verify(expect=0)
        assert after["is_live"] is False
        assert {"spool", "requests-pending"} <= {each["check"] for each in after["findings"]}
