"""Ids, names and paths cannot leave the output folder, whoever chose them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.errors import OutputError, SpecError
from harvester.job.settings import job_folder
from harvester.model.part_names import PART_NAME, RUN_ID
from harvester.model.question import Question
from harvester.model.rows import Dataset
from harvester.model.spool import Part
from harvester.model.terms import Counter, Endpoint, Granularity, Kind
from harvester.spec.load_spec import load_text
from harvester.store.layout import datasets_of, partition_path
from harvester.store.requests import requests_path
from tests.faults.support_faults import TODAY, small_world, spec_of
from tests.support.command_line import Job, figshare
from tests.support.thorough import examples

ROOT = PurePosixPath("/srv/output/job")
# Texts that have climbed out of folders elsewhere, and any other.
CLIMBING = (
    "..", ".", "", "/", "//", "../x", "a/../../x", "/etc/passwd", "..\\x", "a\\..\\..\\x", "~",
    "~root", "a\0b", "a\nb", "%2e%2e%2f", "\u2024\u2024/", "\uff0e\uff0e\uff0f", "\u2215", "a/",
    "-rf", "C:\\x", "\\\\host\\x", "_harvest", "a" * 300, "ä", "A", "a\u202e",
)  # fmt: skip
texts = (
    st.sampled_from(CLIMBING)
    | st.text(max_size=30)
    | st.text("./\\a0-_~", max_size=12)
    | st.builds("{}{}".format, st.sampled_from(["a", "a/", "x-"]), st.sampled_from(CLIMBING))
)
MANY = settings(max_examples=examples(500), deadline=None)


def is_inside(path: PurePosixPath | str, root: PurePosixPath = ROOT) -> bool:
    """Whether a path below the root stays there, however its dots are resolved."""
    depth = 0
    for word in PurePosixPath(path).parts:
        if word == "/" or "\0" in word:
            return False
        depth += {"..": -1, ".": 0}.get(word, 1)
        if depth < 1:
            return False
    return (root / path).is_relative_to(root)


def spec(**change: Any) -> bytes:
    plain = {
        "name": "job",
        "source": {"institution": "lboro"},
        "entities": {"article": {"ids": [1]}},
        "dimensions": [{"endpoint": "total", "counters": ["views"]}],
        "output": {"path": "out"},
    }
    return json.dumps({**plain, **change}).encode()


@MANY
@given(name=texts)
def test_a_jobs_name_is_one_folder_in_the_output_or_refused(name: str) -> None:
    try:
        job = load_text(spec(name=name), where="job.yaml", today=date(2026, 7, 2))
    except SpecError:
        return
    folder = job_folder(job)
    assert folder.parent == Path("out")
    assert folder.name == name
    assert name[0] not in "._-~"
    assert not {*name} & {*"/\\\0\n "}


@MANY
@given(cell=texts | st.integers() | st.floats() | st.booleans() | st.none())
def test_an_id_is_a_number_or_refused(cell: Any) -> None:
    """In a spec as in a file of ids: digits alone ever meet a path or an address."""
    try:
        ids = (
            load_text(
                spec(entities={"article": {"ids": [cell]}}),
                where="job.yaml",
                today=date(2026, 7, 2),
            )
            .entities[Kind.ARTICLE]
            .ids
        )
    except SpecError:
        return
    assert all(type(each) is int and 0 < each < 10**18 for each in ids)


def test_partitions_are_made_of_our_own_words() -> None:
    """No text of a user or of the service becomes a folder."""
    for endpoint in Endpoint:
        for kind in Kind:
            for counter in (*Counter, None):
                grain = Granularity.DAY if endpoint.has_granularity else None
                question = Question(
                    endpoint, kind, counter, grain, sub_item_id="../..", institution="../.."
                )
                for dataset in datasets_of(question):
                    assert is_inside(partition_path(dataset, question))


@MANY
@given(path=texts, staged=texts)
def test_a_part_lies_inside_or_is_refused(path: str, staged: str) -> None:
    """The ledger says where it lies, and a ledger may come from elsewhere."""
    try:
        part = Part(path, staged, 0, 0, "")
    except OutputError:
        return
    assert is_inside(part.path)
    assert staged == "" or is_inside(staged)
    assert "/" not in staged


@MANY
@given(words=texts | st.from_regex(r"\d{4}-\d\d-\d\d\.\d{1,3}[/.]{0,2}.{0,3}"))
def test_a_run_id_found_in_files_is_one_word(words: str) -> None:
    """Repair makes files of what responses/ tells: only ids of our own spelling count."""
    if RUN_ID.fullmatch(words):
        assert PurePosixPath(requests_path(words)).parent == PurePosixPath(Dataset.REQUESTS)
        assert is_inside(requests_path(words))
    if PART_NAME.fullmatch(words):
        assert PurePosixPath(words).name == words


def test_a_ledger_that_points_elsewhere_moves_nothing(tmp_path: Path) -> None:
    """A publish that was decided, by somebody who is not us: refused with 4, nothing moved."""
    with figshare(tmp_path, small_world()) as service:
        job = Job(tmp_path, spec_of(tmp_path, service.url, service.truth))
        job.run("--today", TODAY, "--max-requests", "5", expect=5)
        with closing(sqlite3.connect(job.output / "_harvest" / "ledger.sqlite")) as db, db:
            db.execute("INSERT INTO publish VALUES (99, 1, 'prepared')")
            db.execute("INSERT INTO part VALUES ('../../elsewhere', 99, 'x', 0, 0, '')")

        ended = job.run("--today", TODAY, expect=4)

    assert "names a file that is not in the job's folder: '../../elsewhere'" in ended.stderr
    assert "fix:" in ended.stderr
    assert not (tmp_path / "elsewhere").exists()


def test_a_run_on_hostile_names_writes_into_its_folder_alone(tmp_path: Path) -> None:
    """Titles, groups and rankings that would climb, be formulas, markup or terminal orders."""
    world = small_world().patched({"token": "t"})
    home = tmp_path / "home"
    home.mkdir()
    with figshare(tmp_path, world) as service:
        plain = spec_of(home, service.url, service.truth)
        plain["source"] |= {"institution_id": 2, "token": {"env": "TOKEN"}}
        plain["entities"] = {"article": {"discover": True}, "group": {"discover": True}}
        plain["dimensions"] = plain["dimensions"][:3]
        job = Job(home, plain)
        job.environment["TOKEN"] = "t"
        before = {*home.rglob("*"), job.path}
        job.run("--today", TODAY)
        for command in (("report",), ("export", "--to", "csv", "--out", str(home / "csv"))):
            ended = job.call(command[0], "job.yaml", *command[1:])
            assert ended.returncode == 0, ended.stderr
            assert "\x1b" not in ended.stdout + ended.stderr

    titles = [title for (title,) in job.rows("entities", "title")]
    assert any(title and title.startswith("=") for title in titles), "nothing hostile in it"
    written = {*home.rglob("*")} - before - {home / "output"}
    allowed = (job.output, home / "csv")
    assert [path for path in written if not any(map(path.is_relative_to, allowed))] == []
    for path in (home / "csv").glob("*.csv"):
        cells = path.read_text(encoding="utf-8-sig").replace("\n", ",").split(",")
        assert not [
            cell for cell in cells if cell.lstrip('"')[:1] in {"=", "+", "@", "\t"} and cell
        ]


@pytest.mark.parametrize("word", ["totals/../../x", "/x", "a//b", "./a", "a/.", ""])
def test_a_part_outside_of_the_folder_is_refused(word: str) -> None:
    with pytest.raises(OutputError, match="not in the job's folder"):
        Part(word, "x", 0, 0, "")
    assert not is_inside("totals/../../x")
