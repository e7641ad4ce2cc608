"""Every way to write an id, and every way to miss one."""

from __future__ import annotations

import csv
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.id_files.cell import Complaint
from harvester.id_files.ids import is_name, read_id
from harvester.model.doi import ASSIGNED, OpaqueDoi
from harvester.model.terms import Kind

FIELD = Path(__file__).parent.parent / "fixtures" / "field"
ARTICLE, AUTHOR, COLLECTION, GROUP, PROJECT = Kind

NUMBERS = [
    "1234567", " 1234567 ", "\u00a01234567\u00a0", "1234567\u200b", "\ufeff1234567", "'1234567",
    "'1234567'", '"1234567"', "\u20191234567", '="1234567"', "1234567.0", "1234567.00",
    "1234567,0", "1234567.", "1.234567E+06", "1,234567E+06", "1.234567e6", "1.2345670E+06",
    "12345.67E+02", "12345670E-1", 1234567, 1234567.0, Decimal(1234567), Decimal("1234567.00"),
    b"1234567", "1234567\n", "\t1234567",
]  # fmt: skip
ARTICLES = [
    "10.17028/rd.lboro.1234567",
    "10.17028/rd.lboro.1234567.v2",
    "10.6084/m9.figshare.1234567.v12",
    "10.6084/M9.FIGSHARE.1234567.V1",
    "https://doi.org/10.17028/rd.lboro.1234567.v2",
    "http://dx.doi.org/10.17028/rd.lboro.1234567",
    "https://doi.org/10.17028%2Frd.lboro.1234567.v1",
    "doi.org/10.17028/rd.lboro.1234567/",
    "doi:10.17028/rd.lboro.1234567.v2",
    "DOI: 10.17028/rd.lboro.1234567.v2",
    "doi 10.17028/rd.lboro.1234567",
    "10.1184/R1/1234567.v1",
    "10.26180/1234567",
    "10.25384/sage.1234567.v1",
    "https://figshare.com/articles/dataset/Some_title/1234567/2",
    "https://figshare.com/articles/dataset/Some_title/1234567",
    "https://figshare.com/articles/Some_title/1234567/2",
    "https://figshare.com/articles/Some_title/1234567",
    "https://figshare.com/articles/journal_contribution/_/1234567",
    "https://figshare.com/articles/1234567",
    "https://figshare.com/articles/1234567/2",
    "https://figshare.com/articles/2015/1234567",
    "https://figshare.com/articles/dataset/2015/1234567",
    "https://figshare.com/articles/dataset/2015/1234567/2",
    "https://figshare.com/articles/a_new_type/Some_title/1234567/2",
    "https://lboro.figshare.com/articles/dataset/Some_title/1234567?file=99#top",
    "https://repository.lboro.ac.uk/articles/thesis/Some_title/1234567/1",
    "http://www.figshare.com/articles/figure/Some_title/1234567/",
    "figshare.com/articles/figure/Some_title/1234567",
    "HTTPS://FIGSHARE.COM/ARTICLES/DATASET/TITLE/1234567",
    "https://api.figshare.com/v2/articles/1234567",
    "https://api.figshare.com/v2/articles/1234567/versions/2",
    "https://api.figshare.com/v2/account/articles/1234567",
    "https://ndownloader.figshare.com/articles/1234567/versions/1",
    "https://figshare.com/account/projects/12/articles/1234567",
    "10.5522/04/1234567.v1",
    "10.23640/07243.1234567",
    "10.25384/SAGE.1234567.V1",
    "10.15131/shef.data.1234567",
    "10.1158/1078-0432.1234567.v1",
    "10.60893/figshare.jcp.1234567.v1",
    "10.9999/figshare.1234567",
    "https://doi.org/10.5522/04/1234567?utm_source=x",
    "10.6084/m9.figshare.1234567.v3).",
    "(10.6084/m9.figshare.1234567)",
    "<https://doi.org/10.6084/m9.figshare.1234567>;",
    "[https://figshare.com/articles/dataset/Some_title/1234567],",
    "https://figshare.com/articles/dataset/Some_title_(x)/1234567/2.",
    "https://portal.example.org/articles/journal_contribution/1234567",
    "https://portal.example.org/articles/Some_title/1234567",
    "https://portal.example.org/articles/Some_title/1234567/3",
    "https://portal.example.org/articles/dataset/_/1234567/3",
    "https://figshare.com/ndownloader/articles/1234567/versions/2",
    "https://portal.example.org/ndownloader/articles/1234567/versions/2",
    "https://api.figshare.com/v2/articles/1234567/files",
    "https://stats.figshare.com/total/views/article/1234567",
    "https://stats.figshare.com/lboro/timeline/month/views/article/1234567?start_date=2020-01-01",
    "https://stats.figshare.com/total/article/1234567",
    "oai:figshare.com:article/1234567",
    "oai:figshare.com:article/1234567/v2",
]
COLLECTIONS = [
    "10.6084/m9.figshare.c.1234567.v3",
    "https://doi.org/10.17028/rd.lboro.c.1234567",
    "https://figshare.com/collections/Some_title/1234567/1",
    "https://figshare.com/collections/Some_title/1234567",
    "https://repository.lboro.ac.uk/collections/Some_title/1234567",
    "https://api.figshare.com/v2/collections/1234567",
    "10.5522/04/c.1234567.v1",
    "10.25384/sage.c.1234567",
    "10.1158/1078-0432.c.1234567.v1",
    "10.60893/figshare.jcp.c.1234567",
    "https://figshare.com/collections/1234567/1",
    "https://stats.figshare.com/breakdown/day/views/collection/1234567",
]
PROJECTS = [
    "https://figshare.com/projects/Some_title/1234567",
    "https://api.figshare.com/v2/projects/1234567",
    "https://stats.figshare.com/total/views/project/1234567",
]
AUTHORS = [
    "https://figshare.com/authors/Jane_Doe/1234567",
    "https://lboro.figshare.com/authors/_/1234567",
]
WAYS = [
    *((way, kind) for way in NUMBERS for kind in Kind),
    *((way, ARTICLE) for way in ARTICLES),
    *((way, COLLECTION) for way in COLLECTIONS),
    *((way, PROJECT) for way in PROJECTS),
    *((way, AUTHOR) for way in AUTHORS),
]


@pytest.mark.parametrize(("written", "kind"), WAYS)
def test_each_way_to_write_an_id_is_read_as_its_number(written: object, kind: Kind) -> None:
    assert read_id(written, kind) == 1234567


@pytest.mark.parametrize(("written", "kind"), [way for way in WAYS if way[0] not in NUMBERS])
def test_an_address_of_another_kind_is_a_mistake(written: str, kind: Kind) -> None:
    """Ids are separate spaces: a collection's, asked as an article's, is some other item's."""
    for other in set(Kind) - {kind}:
        found = read_id(written, other)
        assert isinstance(found, Complaint)
        assert f"names a{'n' if kind[0] == 'a' else ''} {kind}," in found.sentence


ROUNDED = "in Excel format the column as a number without decimals, and save the file again"
USUAL = "is no id: write a whole number, such as 766364, its DOI or its address"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1.23457E+06", f"'1.23457E+06' is rounded, its last digit is lost: {ROUNDED}"),
        ("1,23457E+07", f"'1,23457E+07' is rounded, its last 2 digits are lost: {ROUNDED}"),
        ("1E+05", f"'1E+05' is rounded, its last 5 digits are lost: {ROUNDED}"),
        ("1.2345E+3", "'1.2345E+3' is no whole number, and an id is one"),
        ("1234.5", "'1234.5' is no whole number, and an id is one"),
        (1234.5, "'1234.5' is no whole number, and an id is one"),
        (Decimal("0.5"), "'0.5' is no whole number, and an id is one"),
        (float("inf"), "'inf' is no whole number, and an id is one"),
        ("1,234", "'1,234' is no id: write it without separators, 1234"),
        ("1.234.567", "'1.234.567' is no id: write it without separators, 1234567"),
        ("1 234 567", "'1 234 567' is no id: write it without separators, 1234567"),
        ("1,234,567", "'1,234,567' is no id: write it without separators, 1234567"),
        ("001234", "'001234' begins with 0, as no id does: write 1234"),
        ("0", "'0' is no id: ids are 1 or more"),
        ("0.0", "'0' is no id: ids are 1 or more"),
        (0, "'0' is no id: ids are 1 or more"),
        (-5, "'-5' is no id: ids are 1 or more"),
        (-5.0, "'-5' is no id: ids are 1 or more"),
        ("-5", "'-5' has a sign, and an id has none"),
        ("+5", "'+5' has a sign, and an id has none"),
        ("1" * 19, f"'{'1' * 19}' has 19 digits: an id has at most 18"),
        (10**18, "'1000000000000000000' has 19 digits: an id has at most 18"),
        (1e15, ("'1000000000000000.0' has more digits than a spreadsheet keeps (15): write the id "
               "as a text")),
        (True, "'True' is true or false: an id is a whole number"),
        (date(2015, 1, 2), "'2015-01-02' is a date or a time: format the column as a number"),
        (datetime(2015, 1, 2), ("'2015-01-02 00:00:00' is a date or a time: format the column as a "  # noqa: DTZ001
                               "number")),
        (time(1, 2), "'01:02:00' is a date or a time: format the column as a number"),
        (["1"], "\"['1']\" is no id: an id is a whole number"),
        (None, "this row has no id: write one, or delete the row"),
        ("", "this row has no id: write one, or delete the row"),
        (" '' ", "this row has no id: write one, or delete the row"),
        (float("nan"), "this row has no id: write one, or delete the row"),
        ("#N/A", f"'#N/A' {USUAL}"),
        ("abc", f"'abc' {USUAL}"),
        ("\u0661\u0662", f"'\u0661\u0662' {USUAL}"),
        ("12345a", f"'12345a' {USUAL}"),
        ("123456; 234567", "'123456; 234567' is more than one id: write each in a row of its own"),
        ("2134/12345", ("'2134/12345' is a handle, which holds no id: take the id from the item's "
                       "address or DOI")),
        ("https://hdl.handle.net/2134/1234567", ("'https://hdl.handle.net/2134/1234567' is a "
         "handle, which holds no id: take the id from the item's address or DOI")),
        ("https://figshare.com/s/0123abc", ("'https://figshare.com/s/0123abc' is an address at "
         "Figshare that names no item by its id: write the id alone")),
        ("https://figshare.com/ndownloader/files/1234567", ("'https://figshare.com/ndownloader/"
         "files/1234567' is an address at Figshare that names no item by its id: write the id "
         "alone")),
        ("https://figshare.com/articles/dataset/1234/2", ("'https://figshare.com/articles/dataset/"
         "1234/2' is an address that names no item by its id: write the id alone")),
        ("https://figshare.com/articles/dataset/Title", ("'https://figshare.com/articles/dataset/"
         "Title' is an address that names no item by its id: write the id alone")),
        ("https://www.nature.com/articles/1234567", (f"'https://www.nature.com/articles/1234567' "
         f"{USUAL}")),
        ("https://x.org/articles/2015/1234567", f"'https://x.org/articles/2015/1234567' {USUAL}"),
        ("https://x.org/articles/10.1177/1234567", (f"'https://x.org/articles/10.1177/1234567' "
         f"{USUAL}")),
        ("https://x.org/articles/a/1234", f"'https://x.org/articles/a/1234' {USUAL}"),
        ("https://figshare.com/articles/dataset/a/1234567890", ("'https://figshare.com/articles/"
         "dataset/a/1234567890' is an address that names no item by its id: write the id alone")),
        ("oai:figshare.com:article/12", ("'oai:figshare.com:article/12' is an OAI identifier that "
         "names no item by its id: write the id alone")),
        ("https://stats.figshare.com/top/views/article", ("'https://stats.figshare.com/top/views/"
         "article' is an address at Figshare that names no item by its id: write the id alone")),
        ("(1234567)", f"'(1234567)' {USUAL}"),
        ("https://[", f"'https://[' {USUAL}"),
    ],
)  # fmt: skip
def test_a_cell_that_is_no_id_is_refused_with_why(written: object, said: str) -> None:
    assert read_id(written, ARTICLE) == Complaint(said)


FOREIGN = [
    "10.1636/P10-15.1",
    "10.1177/1094428121999096",
    "10.1038/nature.2017.21234",
    "10.1371/journal.pone.0123456",
    "10.1371/journal.pone.0123456.s001",
    "10.26434/chemrxiv.15004452",
    "10.36227/techrxiv.175339329.95323969/v1",
    "10.1158/1078-0432.1234567",
    "10.5281/zenodo.1234567",
    "10.5061/dryad.1234567",
    "10.26180/5df2b1c0aa11e",
    "10.26181/5df2b1c0aa11e",
    "10.4225/03/5a1378d8c4c3e",
    "10.4225/03/12345678",
    "10.6084/m9.figshare.1234",
    "10.6084/m9.figshare.1234567890",
    "10.6084/m9.figshare.c.3637856_D1.v1",
    "10.6084/1234567",
    "10.17028/1234567",
    "10.1016/S0140-6736(05)",
]


@pytest.mark.parametrize("written", FOREIGN)
def test_a_doi_that_holds_no_id_gives_none_and_keeps_its_name(written: str) -> None:
    """A look-up needs it whole; digits at its end are a paper's, not an item's."""
    for kind in (ARTICLE, COLLECTION):
        for way in (written, f"https://doi.org/{written}", f"doi:{written}."):
            found = read_id(way, kind)
            assert isinstance(found, Complaint)
            assert found.doi == OpaqueDoi(written)
            assert found.sentence.endswith("is a DOI that holds no id")
    assert read_id(written, PROJECT) == Complaint(
        f"{written!r} is a DOI, and projects have none: write the id"
    )


labels = st.from_regex(r"\A[a-z0-9()_-]{1,12}\Z")
prefixes = st.integers(1000, 999_999_999).map(lambda n: f"10.{n}")


@given(
    prefixes.filter(lambda each: each not in ASSIGNED),
    st.lists(labels.filter(lambda each: "figshare" not in each), max_size=3),
    st.integers(0, 10**18),
    st.sampled_from(["", ".v1", "/2"]),
    st.sampled_from(
        ["{}", "https://doi.org/{}", "doi:{}", "https://x.org/articles/{}",
         "https://figshare.com/articles/dataset/{}", "http://x.org/a/articles/{}.", "({})"]
    ),
    st.sampled_from(Kind),
)  # fmt: skip
def test_no_foreign_doi_is_an_id(
    prefix: str, before: list[str], number: int, after: str, way: str, kind: Kind
) -> None:
    written = way.format(f"{prefix}/{'.'.join([*before, str(number)])}{after}")
    assert isinstance(read_id(written, kind), Complaint)


def test_identifiers_from_the_field_mean_what_is_noted_beside_them() -> None:
    with (FIELD / "identifiers.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 13
    for row in rows:
        found = read_id(row["written"], ARTICLE)
        expected = int(row["means"]) if row["means"].isdecimal() else None
        assert (found if isinstance(found, int) else None) == expected, row


@pytest.mark.parametrize(
    ("written", "kind", "said"),
    [
        ("abc", AUTHOR, ("'abc' is no id: write a whole number, such as 766364, the author's "
                        "address at Figshare")),
        ("abc", GROUP, "'abc' is no id: write a whole number, such as 766364"),
        ("https://figshare.com/groups/Maths/17", GROUP, ("'https://figshare.com/groups/Maths/17' "
         "is the address of a group, which holds no id: write the group's number alone")),
        ("0000-0002-1825-0097", AUTHOR, ("'0000-0002-1825-0097' is an ORCID: write Figshare's own "
         "id of the author")),
        ("https://orcid.org/0000-0002-1825-009X", AUTHOR,
         ("'https://orcid.org/0000-0002-1825-009X' is an ORCID: write Figshare's own id of the "
          "author")),
    ],
)  # fmt: skip
def test_the_complaint_about_an_id_fits_its_kind(written: str, kind: Kind, said: str) -> None:
    assert read_id(written, kind) == Complaint(said)


texts = st.text() | st.text("0123456789.,eE+-'/ \u00a0", max_size=30) | st.from_regex(
    r"\A(https?://)?(stats\.)?(figshare\.com|doi\.org|x\.org)/(articles|total|10\.1234)?"
    r"(/[a-z0-9.%()]{0,9}){0,6}\Z"
)  # fmt: skip
cells = (
    texts | st.none() | st.booleans() | st.integers() | st.floats() | st.decimals()
    | st.binary() | st.dates() | st.datetimes() | st.times() | st.lists(st.integers())
    | st.integers(10**4000, 10**4400)
)  # fmt: skip


@given(cell=cells, kind=st.sampled_from(Kind))
def test_any_cell_is_an_id_or_a_complaint(cell: object, kind: Kind) -> None:
    found = read_id(cell, kind)
    assert isinstance(found, Complaint) or 0 < found < 10**18
    if isinstance(found, Complaint):
        assert found.sentence.isprintable()
    is_name(cell)


@given(st.integers(1, 10**18 - 1), st.integers(0, 5))
def test_an_exponent_with_all_its_digits_is_exact(number: int, zeros: int) -> None:
    digits = str(number)
    assert (
        read_id(f"{digits[0]}.{digits[1:]}{'0' * zeros}E+{len(digits) - 1:02}", ARTICLE) == number
    )


@given(st.integers(10, 10**18 - 1), st.data())
def test_an_exponent_that_hides_a_digit_is_never_guessed(number: int, data: st.DataObject) -> None:
    digits = str(number)
    shown = data.draw(st.integers(1, len(digits) - 1))
    written = f"{digits[0]},{digits[1:shown]}E+{len(digits) - 1:02}"
    assert isinstance(read_id(written, ARTICLE), Complaint)


@pytest.mark.parametrize("name", ["item_id", "Article ID", "Figshare ID / DOI", "Номер", "id#"])
def test_a_cell_that_is_no_id_may_be_the_name_of_a_column(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "cell",
    ["1234", "1.23457E+06", "2134/12345", "https://x.org/a/b", "10.1/x", "N/A", "#REF!", "", 5,
     None, "10.6084/m9.figshare.c.1"],
)  # fmt: skip
def test_a_mistake_in_the_first_row_is_no_header(cell: object) -> None:
    """Else it would vanish without a word."""
    assert not is_name(cell)
