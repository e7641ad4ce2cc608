"""The list that a look-up of DOIs writes: whole, mendable by people, and never over another."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.errors import OutputError, UsageError
from harvester.id_files.read import read_ids
from harvester.id_files.resolved_dois import (
    DoiStatus,
    NotOurList,
    ResolvedDoi,
    open_list,
    read_resolved,
    resolved_path,
)
from harvester.id_files.table import FileRefused
from harvester.model.doi import OpaqueDoi
from harvester.model.terms import Kind
from tests.id_files.support_files import write_text

ARTICLE, COLLECTION = Kind.ARTICLE, Kind.COLLECTION
HEAD = "doi,article_id,status\n"
FOUND = ResolvedDoi(OpaqueDoi("10.26180/5Abc"), 1234567, DoiStatus.FOUND)
ABSENT = ResolvedDoi(OpaqueDoi("10.1177/1,2"), None, DoiStatus.NOT_FOUND)
SEVERAL = ResolvedDoi(OpaqueDoi("10.1234/x"), None, DoiStatus.AMBIGUOUS)


def known(*answers: ResolvedDoi) -> dict[str, ResolvedDoi]:
    return {each.doi.key: each for each in answers}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return resolved_path(tmp_path / "batch-export.csv", ARTICLE)


def test_each_kind_has_a_list_of_its_own_beside_the_file() -> None:
    assert resolved_path(Path("a/b.xlsx"), ARTICLE) == Path("a/b.resolved.csv")
    assert resolved_path(Path("a/b.xlsx"), COLLECTION) == Path("a/b.resolved-collections.csv")


def test_what_is_kept_is_read_back(place: Path) -> None:
    with open_list(place, ARTICLE) as held:
        for each in (FOUND, ABSENT, SEVERAL):
            held.keep(each)
    assert place.read_text() == (
        f'{HEAD}10.26180/5Abc,1234567,found\n"10.1177/1,2",,not_found\n10.1234/x,,ambiguous\n'
    )
    assert read_resolved(place, ARTICLE) == known(FOUND, ABSENT, SEVERAL)
    assert [each.name for each in place.parent.iterdir()] == [place.name]


def test_no_answer_leaves_no_list(place: Path) -> None:
    with open_list(place, ARTICLE):
        pass
    assert list(place.parent.iterdir()) == []


def test_answers_before_an_error_are_in_the_list(place: Path) -> None:
    def look_up() -> None:
        with open_list(place, ARTICLE) as held:
            held.keep(FOUND)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look_up()
    assert read_resolved(place, ARTICLE) == known(FOUND)


def test_answers_of_a_killed_look_up_are_known_to_the_next_but_for_a_line_cut_short(
    place: Path,
) -> None:
    part = place.with_name(f"{place.name}.part")
    part.write_text("10.26180/5Abc,1234567,found\n10.1234/x,,ambi")
    with open_list(place, ARTICLE) as held:
        assert held.known == known(FOUND)
        held.keep(ABSENT)
        assert part.read_text() == '10.26180/5Abc,1234567,found\n"10.1177/1,2",,not_found\n'
    assert read_resolved(place, ARTICLE) == known(FOUND, ABSENT)
    assert not part.exists()


def test_a_line_that_somebody_mended_is_taken_and_kept(place: Path) -> None:
    """As Excel saves it in half of Europe."""
    place.write_text("\ufeffdoi;article_id;status\r\n10.1234/x;765432;found\r\n;;\r\n")
    mended = ResolvedDoi(OpaqueDoi("10.1234/x"), 765432, DoiStatus.FOUND)
    assert read_resolved(place, ARTICLE) == known(mended)
    with open_list(place, ARTICLE) as held:
        held.keep(FOUND)
    assert read_resolved(place, ARTICLE) == known(mended, FOUND)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "it does not begin with doi,article_id,status"),
        ("doi,id\n", "it does not begin with doi,article_id,status"),
        ("doi,collection_id,status\n", "it does not begin with doi,article_id,status"),
        (f"{HEAD}10.1/x,12,maybe\n", "its line 2 is no DOI with an id and a status"),
        (f"{HEAD}10.1/x,,found\n", "its line 2 is no DOI with an id and a status"),
        (f"{HEAD}10.1/x,12,not_found\n", "its line 2 is no DOI with an id and a status"),
        (f"{HEAD}10.1/x,012,found\n", "its line 2 is no DOI with an id and a status"),
        (f"{HEAD}10.1/x,12,found,more\n", "its line 2 is no DOI with an id and a status"),
        ("\xff", "it cannot be read"),
    ],
)
def test_a_file_that_is_not_ours_is_refused_and_left_as_it_is(
    place: Path, content: str, why: str
) -> None:
    place.write_bytes(content.encode("latin-1"))
    with pytest.raises(NotOurList) as caught:
        read_resolved(place, ARTICLE)
    assert str(caught.value) == why
    with (
        pytest.raises(UsageError, match="no list that a look-up of DOIs wrote"),
        open_list(place, ARTICLE),
    ):
        pass
    assert place.read_bytes() == content.encode("latin-1")
    assert [each.name for each in place.parent.iterdir()] == [place.name]


def test_a_file_in_the_place_of_the_answers_is_left_as_it_is(place: Path) -> None:
    part = place.with_name(f"{place.name}.part")
    part.write_text("a thesis\n")
    with pytest.raises(UsageError, match="holds no answers"), open_list(place, ARTICLE):
        pass
    assert part.read_text() == "a thesis\n"


def test_one_look_up_at_a_time(place: Path) -> None:
    with open_list(place, ARTICLE) as held:
        with pytest.raises(OutputError, match="under way"), open_list(place, ARTICLE):
            pass
        held.keep(FOUND)
    assert read_resolved(place, ARTICLE) == known(FOUND)


ROWS = [["doi"], ["10.26180/5ABC"], ["https://doi.org/10.1177/1,2"], ["10.5522/04/7654321"]]


def test_a_file_takes_the_ids_found_and_leaves_out_what_was_found_nowhere(tmp_path: Path) -> None:
    path = write_text(tmp_path / "x.csv", ROWS)
    found = read_ids(path, ARTICLE, None, None, known(FOUND, ABSENT))
    assert list(found.found.ids) == [1234567, 7654321]
    assert (found.found.notes.looked_up, found.found.notes.unknown) == (1, 1)
    assert (found.misread, found.opaque.rows, found.found.cells) == ((), 0, 2)


def test_dois_that_nobody_looked_up_are_counted_and_each_named_once(tmp_path: Path) -> None:
    path = write_text(tmp_path / "x.csv", [*ROWS, ["10.26180/5abc"], ["n/a"]])
    found = read_ids(path, ARTICLE, None)
    assert [each.doi for each in found.opaque.dois.values()] == ["10.26180/5ABC", "10.1177/1,2"]
    assert found.opaque.rows == 3
    assert found.opaque.first is not None
    assert found.opaque.first.row == 2
    assert [each.row for each in found.misread] == [6]
    assert list(found.found.ids) == [7654321]


def test_a_doi_of_several_items_is_a_mistake(tmp_path: Path) -> None:
    path = write_text(tmp_path / "x.csv", [["doi"], ["10.1234/X"], ["12"]])
    (wrong,) = read_ids(path, ARTICLE, None, None, known(SEVERAL)).misread
    assert wrong.sentence == (
        "'10.1234/X' is a DOI that holds no id, and several articles bear it: write the id"
    )


def test_a_file_of_dois_found_nowhere_gives_no_ids(tmp_path: Path) -> None:
    path = write_text(tmp_path / "x.csv", [["doi"], ["10.1177/1,2"]])
    with pytest.raises(FileRefused, match="none of its 1 DOIs was found at Figshare"):
        read_ids(path, ARTICLE, None, None, known(ABSENT))
