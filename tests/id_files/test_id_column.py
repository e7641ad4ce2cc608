"""The column of the ids: named, or obvious, or asked for with the names there are."""

from __future__ import annotations

import pytest

from harvester.id_files.cell import Complaint
from harvester.id_files.id_column import IdColumn, choose_column
from harvester.model.terms import Kind

ARTICLE, AUTHOR, COLLECTION, GROUP, PROJECT = Kind


@pytest.mark.parametrize(
    ("first", "wanted", "kind", "chosen"),
    [
        (["title", "item_id"], "item_id", ARTICLE, IdColumn(1, "item_id")),
        (["title", "ITEM_ID"], "item_id", ARTICLE, IdColumn(1, "ITEM_ID")),
        (["title", " item_id\u00a0"], "Item_Id", ARTICLE, IdColumn(1, "item_id")),
        (["ID", "id"], "id", ARTICLE, IdColumn(1, "id")),
        (["item_id", "2015", "2016"], "item_id", ARTICLE, IdColumn(0, "item_id")),
        (["item_id", "2015", "2016"], None, ARTICLE, IdColumn(0, "item_id")),
        (["whatever"], None, ARTICLE, IdColumn(0, "whatever")),
        (["whatever", "", None], None, ARTICLE, IdColumn(0, "whatever")),
        (["", "whatever"], None, ARTICLE, IdColumn(1, "whatever")),
        (["1234"], None, ARTICLE, IdColumn(0, None)),
        ([1234.0], None, ARTICLE, IdColumn(0, None)),
        (["1234", "", ""], None, ARTICLE, IdColumn(0, None)),
        (["1.23457E+06"], None, ARTICLE, IdColumn(0, None)),
        (["10.6084/m9.figshare.c.1"], None, ARTICLE, IdColumn(0, None)),
        (["Title", "Item ID", "DOI"], None, ARTICLE, IdColumn(1, "Item ID")),
        (["id", "article-id"], None, ARTICLE, IdColumn(1, "article-id")),
        (["id", "item_id"], None, COLLECTION, IdColumn(0, "id")),
        (["title", "DOI"], None, ARTICLE, IdColumn(1, "DOI")),
        (["id", "user_id"], None, AUTHOR, IdColumn(1, "user_id")),
        (["name", "Group"], None, GROUP, IdColumn(1, "Group")),
        (["title", "URL"], None, PROJECT, IdColumn(1, "URL")),
    ],
)
def test_the_column_of_ids_is_found_by_its_name_or_as_the_only_one(
    first: list[object], wanted: str | None, kind: Kind, chosen: IdColumn
) -> None:
    assert choose_column(first, wanted, kind) == chosen


@pytest.mark.parametrize(
    ("first", "wanted", "said"),
    [
        (["title", "item_id"], "itemid", ("'itemid' is no column of the file ('title', 'item_id'): "
                                         "did you mean 'item_id'?")),
        (["title", "Item_ID"], "item", ("'item' is no column of the file ('title', 'Item_ID'): did "
                                       "you mean 'Item_ID'?")),
        (["title", "", "abstract"], "id", "'id' is no column of the file ('title', 'abstract')"),
        (["id", "x", "id"], "id", "'id' names the columns 1 and 3: rename all but one"),
        (["ID", "x", "Id"], "id", "'id' names the columns 1 and 3: rename all but one"),
        (["1234"], "item_id", ("'item_id' is no column: the file has a single one without a name, "
                              "so leave 'column' out")),
        (["1234", "A title"], "1234", ("'1234' is an id, not a name: write a first row of names "
                                      "into the file")),
        (["1234", "A title"], None, ("which column holds the ids? Write 'column' with one of: "
         "'1234', 'A title'; if these are no names, write a first row of names into the file")),
        (["title", "number"], None, ("which column holds the ids? Write 'column' with one of: "
                                    "'title', 'number'")),
        (["article_id", "item_id"], None, ("which column holds the ids? Write 'column' with one "
                                          "of: 'article_id', 'item_id'")),
        (["id", "ids"], None, ("which column holds the ids? Write 'column' with one of: 'id', "
                              "'ids'")),
        ([f"c{n}" for n in range(1000)], None, ("which column holds the ids? Write 'column' with "
         f"one of: {', '.join(repr(f'c{n}') for n in range(30))} and 970 more")),
        ([None, ""], None, "the first row is blank"),
    ],
)  # fmt: skip
def test_a_column_that_cannot_be_told_is_asked_for(
    first: list[object], wanted: str | None, said: str
) -> None:
    assert choose_column(first, wanted, ARTICLE) == Complaint(said)


def test_names_of_a_format_are_names_whatever_they_look_like() -> None:
    assert choose_column(["1234", "5678"], "5678", ARTICLE, has_names=True) == IdColumn(1, "5678")
    assert choose_column(["1234"], None, ARTICLE, has_names=True) == IdColumn(0, "1234")
