"""A spec and its files of ids, read together; and what a run makes of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import orjson
import pytest

import harvester
from harvester.errors import SpecError, UsageError
from harvester.harvest.resume import changes
from harvester.job.load_job import load_job
from harvester.job.settings import JobSettings
from harvester.model.terms import Kind
from harvester.spec.jobspec import JobSpec
from harvester.spec.load_spec import load
from harvester.spec.resolve import entity_ids, sourced

TODAY = date(2026, 11, 23)
DIMENSIONS = "dimensions:\n  - {endpoint: total, counters: [views]}\n"


def held(job: JobSpec) -> dict[Kind, tuple[int, ...]]:
    return {kind: tuple(ids) for kind, ids in entity_ids(job).items()}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(entities: str, dimensions: str = DIMENSIONS, folder: str = ".") -> Path:
    path = Path(folder) / "job.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"name: x\nentities:\n{entities}{dimensions}", encoding="utf-8")
    return path


def loaded(entities: str) -> JobSpec:
    return load_job(written(entities), today=TODAY)


def mistakes(path: Path) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load_job(path, today=TODAY)
    assert caught.value.exit_code == 2
    return caught.value.mistakes


def test_ids_of_spec_and_files_add_up() -> None:
    Path("a.csv").write_text("id\n7\n5\n5\n", encoding="utf-8")
    Path("g.txt").write_text("9\n", encoding="utf-8")
    job = loaded(
        "  article: {ids: [3, 5], file: {path: a.csv}}\n"
        "  group: {file: {path: g.txt}}\n"
        "  author: {ids: [1]}\n"
    )
    assert held(job) == {Kind.ARTICLE: (3, 5, 7), Kind.AUTHOR: (1,), Kind.GROUP: (9,)}
    for kind, source_of in {
        Kind.ARTICLE: {3: "ids", 5: "ids", 7: "file"},
        Kind.AUTHOR: {1: "ids"},
        Kind.GROUP: {9: "file"},
    }.items():
        assert dict(sourced(job, kind, source_of)) == source_of
    assert list(sourced(job, Kind.COLLECTION, [4])) == [(4, "discover")]
    found = job.entities[Kind.ARTICLE].file
    assert found is not None
    assert found.found is not None
    assert (found.found.column, found.found.cells) == ("id", 3)


def test_a_file_lies_beside_its_spec() -> None:
    path = written("  article: {file: {path: a.csv}}\n", folder="elsewhere")
    Path("elsewhere/a.csv").write_text("id\n7\n", encoding="utf-8")
    assert held(load_job(path, today=TODAY)) == {Kind.ARTICLE: (7,)}
    Path("elsewhere/a.csv").write_text("id\nx\n", encoding="utf-8")
    assert mistakes(path)[0].startswith("elsewhere/a.csv:2:id: 'x' is no id")
    Path("elsewhere/a.csv").unlink()
    assert mistakes(path) == [
        "elsewhere/job.yaml:3:26: entities.article.file.path: 'elsewhere/a.csv' does not exist"
    ]


def test_every_mistake_of_spec_and_files_comes_at_once() -> None:
    Path("a.csv").write_text("title,Item_ID\na,12\nb,x\nc,1E+05\n", encoding="utf-8")
    Path("b.csv").write_text("title,number\na,12\n", encoding="utf-8")
    path = written(
        "  article: {file: {path: a.csv, column: item_id}}\n"
        "  group: {file: {path: b.csv, column: numbers}}\n"
        "  author: {file: {path: b.csv}}\n"
        "  project: {file: {path: none.xlsx}}\n"
        "  collection: {file: {path: old.xls}}\n",
        "dimensions:\n  - {endpoint: total, counters: [hugs]}\n",
    )
    assert mistakes(path) == [
        (
            "job.yaml:4:39: entities.group.file.column: 'numbers' is no column of the file "
            "('title', 'number'): did you mean 'number'?"
        ),
        (
            "job.yaml:5:18: entities.author.file: which column holds the ids? Write 'column' with "
            "one of: 'title', 'number'"
        ),
        "job.yaml:6:26: entities.project.file.path: 'none.xlsx' does not exist",
        (
            "job.yaml:7:29: entities.collection.file.path: 'old.xls' is no csv, tsv, txt, "
            "parquet or xlsx file: an old Excel file: save it as xlsx in Excel"
        ),
        (
            "job.yaml:9:34: dimensions[0].counters[0]: 'hugs' is not a counter (views, downloads, "
            "shares)"
        ),
        (
            "a.csv:3:Item_ID: 'x' is no id: write a whole number, such as 766364, its DOI or its "
            "address"
        ),
        (
            "a.csv:4:Item_ID: '1E+05' is rounded, its last 5 digits are lost: in Excel format the "
            "column as a number without decimals, and save the file again"
        ),
    ]


def test_too_many_mistakes_are_counted() -> None:
    Path("a.txt").write_text("x1\n" * 1102, encoding="utf-8")
    said = mistakes(written("  group: {file: {path: a.txt}}\n"))
    assert len(said) == 101
    assert said[-1] == "a.txt: and 1,001 more cells that are no ids"


def test_dois_without_an_id_are_one_line_however_many_they_are() -> None:
    dois = "".join(f"10.26180/5df2b1c0aa{n:03x}\n" for n in range(300))
    Path("a.csv").write_text(f"doi\n10.5522/04/7654321\n{dois}n/a\n", encoding="utf-8")
    path = written("  article: {file: {path: a.csv}}\n")
    assert mistakes(path) == [
        (
            "a.csv:303:doi: 'n/a' is no id: write a whole number, such as 766364, its DOI or its "
            "address"
        ),
        (
            "a.csv: 300 rows have a DOI that holds no id, the first in row 3: "
            "'10.26180/5df2b1c0aa000' is a DOI that holds no id. Look them up once: "
            "`harvester check job.yaml --resolve`"
        ),
    ]


def test_a_list_of_dois_beside_the_file_is_used_where_it_is_one() -> None:
    Path("a.csv").write_text("doi\n10.26180/5df2b1c0aa11e\n", encoding="utf-8")
    entities = "  article: {file: {path: a.csv}}\n"
    Path("a.resolved.csv").write_text("doi,article_id,status\n10.26180/5DF2b1c0aa11e,7,found\n")
    assert held(loaded(entities)) == {Kind.ARTICLE: (7,)}
    Path("a.resolved.csv").write_text("notes\n")
    assert mistakes(written(entities)) == [
        (
            "a.resolved.csv: this is no list that a look-up of DOIs wrote (it does not begin with "
            "doi,article_id,status): move it away"
        )
    ]
    Path("a.csv").write_text("doi\n12\n", encoding="utf-8")
    assert held(loaded(entities)) == {Kind.ARTICLE: (12,)}


def test_a_job_without_its_files_is_no_job() -> None:
    """`spec.load` alone knows the folder of a job; a plan needs the ids."""
    Path("a.csv").write_text("id\n7\n", encoding="utf-8")
    job = load(written("  article: {file: {path: a.csv}}\n"), today=TODAY)
    with pytest.raises(UsageError, match="has not been read"):
        entity_ids(job)


def test_the_python_api_reads_files() -> None:
    Path("a.csv").write_text("id\n7\n8\n", encoding="utf-8")
    job = harvester.load_job(written("  article: {file: {path: a.csv}}\n"))
    Path("a.csv").unlink()  # the job holds what the file held
    assert harvester.plan(job).requests == 2


def test_a_changed_file_is_a_changed_spec() -> None:
    spec = "  article: {ids: [3], file: {path: a.csv}}\n"
    Path("a.csv").write_text("id\n7\n5\n", encoding="utf-8")
    before = JobSettings.of(loaded(spec)).planned_spec()
    Path("a.csv").write_text("id\n8\n5\n9\n10\n", encoding="utf-8")
    after = JobSettings.of(loaded(spec)).planned_spec()
    assert changes(before, after) == ["entities.article.file: 3 ids more, 1 ids less"]
    without = JobSettings.of(loaded("  article: {ids: [3]}\n")).planned_spec()
    assert changes(without, after) == ["entities.article.file was absent, is 4 ids"]


def test_the_same_ids_elsewhere_are_the_same_spec() -> None:
    Path("a.csv").write_text("id\n7\n5\n", encoding="utf-8")
    Path("b.txt").write_text("5\n\n7\n7.0\n", encoding="utf-8")
    before = JobSettings.of(loaded("  article: {file: {path: a.csv}}\n")).planned_spec()
    after = JobSettings.of(loaded("  article: {file: {path: b.txt}}\n")).planned_spec()
    assert changes(before, after) == []


def test_a_filter_is_told_of_where_it_stands() -> None:
    Path("a.csv").write_text("id,Status\n7,draft\n", encoding="utf-8")
    file = "  article: {file: {path: a.csv, where: {%s}}}\n"
    assert mistakes(written(file % "stat: public")) == [
        (
            "job.yaml:3:41: entities.article.file.where.stat: 'stat' is no column of the file "
            "('id', 'Status'): did you mean 'Status'?"
        )
    ]
    assert mistakes(written(file % "status: public")) == [
        (
            "job.yaml:3:40: entities.article.file.where: 'where' leaves none of 1 rows: in none of "
            "them 'status' is 'public'"
        )
    ]


def test_what_a_filter_leaves_is_the_planned_spec_and_the_filter_is_kept() -> None:
    Path("a.csv").write_text("id,year\n7,2015\n8,2016\n9,2017\n", encoding="utf-8")
    plain = JobSettings.of(loaded("  article: {ids: [7], file: {path: a.csv}}\n"))
    some = JobSettings.of(
        loaded("  article: {ids: [7], file: {path: a.csv, where: {year: [2015, '2017']}}}\n")
    )
    assert changes(plain.planned_spec(), some.planned_spec()) == [
        "entities.article.file: 0 ids more, 1 ids less"
    ]
    assert b'"where"' not in plain.resolved_spec(), "older folders keep their bytes"
    kept = orjson.loads(some.resolved_spec())
    assert kept["entities"]["article"]["file"]["where"] == {"year": ["2015", "2017"]}
    again = JobSpec.model_validate(kept).model_dump(mode="json")  # as recovery reads it
    younger = {"proxy": None, "ca_file": None}
    assert again == {**kept, "source": {**kept["source"], **younger}}


def test_a_spec_is_kept_without_the_ids_of_its_files() -> None:
    Path("a.txt").write_text("7\n5\n", encoding="utf-8")
    job = loaded("  article: {file: {path: a.txt}}\n")
    assert job.model_dump(mode="json")["entities"]["article"]["file"] == {
        "path": "a.txt",
        "column": None,
    }
