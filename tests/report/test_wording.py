"""Strangers' texts are shown short, on one line, and steer nothing."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.report.wording import doi_link, share, shown, web_link


@pytest.mark.parametrize(
    ("text", "calm"),
    [
        pytest.param(None, "", id="nothing"),
        pytest.param("A plain title", "A plain title", id="plain"),
        pytest.param("red \x1b[31malert\x1b[0m", "red [31malert [0m", id="terminal escape"),
        pytest.param("abc\u202egnp.exe", "abc gnp.exe", id="bidi override"),
        pytest.param("two\r\nlines\tand a tab", "two lines and a tab", id="line breaks"),
        pytest.param("zero\u200bwidth\ufeff", "zero width", id="zero width"),
        pytest.param("Çödé 数据 👩", "Çödé 数据 👩", id="other alphabets stay"),
    ],
)
def test_a_strangers_text_is_shown_on_one_line(text: str | None, calm: str) -> None:
    assert shown(text) == calm


def test_a_long_text_is_shortened() -> None:
    assert len(shown("x" * 10_000)) == 160
    assert shown("x" * 10_000).endswith("…")
    assert shown("x" * 160) == "x" * 160


@given(text=st.text(max_size=500), longest=st.integers(1, 200))
def test_nothing_that_steers_is_ever_shown(text: str, longest: int) -> None:
    told = shown(text, longest)

    assert len(told) <= longest
    assert not any(unicodedata.category(each) in {"Cc", "Zl", "Zp"} for each in told)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]", told)


@pytest.mark.parametrize(
    ("doi", "link"),
    [
        ("10.6084/m9.figshare.1.v2", "https://doi.org/10.6084/m9.figshare.1.v2"),
        ("https://doi.org/10.6084/x", "https://doi.org/10.6084/x"),
        ('10.6084/"><script>', "https://doi.org/10.6084/%22%3E%3Cscript%3E"),
        ("javascript:alert(1)", None),
        ("10.6084/two words", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_doi_becomes_a_link(doi: str | None, link: str | None) -> None:
    assert doi_link(doi) == link


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://repository.lboro.ac.uk/1", "https://repository.lboro.ac.uk/1"),
        ("javascript:alert(1)", None),
        ("https://x.example/\u202egpj", None),
        ('https://x.example/"onclick="x', None),
        ("data:text/html,x", None),
        (None, None),
    ],
)
def test_only_a_plain_address_becomes_a_link(url: str | None, link: str | None) -> None:
    assert web_link(url) == link


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(1, 4, "25.0 %"), (0, 4, "0.0 %"), (4, 4, "100.0 %"), (0, 0, "-"),
     (1, 10_000, "< 0.1 %"), (9_999, 10_000, "> 99.9 %")],
)  # fmt: skip
def test_a_share_is_never_rounded_to_nothing_or_all(part: int, whole: int, told: str) -> None:
    assert share(part, whole) == told
