"""The page as a file: whole, harmless, readable without pictures, and with the right numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from harvester.model.receipt import Receipt
from harvester.report.job_facts import ReportFinding
from harvester.report.read_job_facts import job_facts
from harvester.report.report import write_report

Command = Callable[..., int]
Ask = Callable[[str], list[tuple[object, ...]]]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Seen(HTMLParser):
    """Every tag of a page with its attributes, and the text outside of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in {"script", "style"}:
            self.text += data

    def all(self, *names: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture(scope="module")
def page(output: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_report(output, job_facts(output), path, NOW)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def seen(page: str) -> Seen:
    return Seen(page)


def test_the_command_says_where_the_page_is(
    output: Path, command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("report", output) == 0
    assert capsys.readouterr().out == f"{output}/_harvest/report.html\n"
    assert command("report", output, "--to", tmp_path / "mine.html") == 0
    assert command("report", output, "--to", tmp_path / "mine.html") == 0
    assert capsys.readouterr().out.endswith("mine.html\n")
    assert command("report", output, "--to", output / "totals" / "x.html") == 2
    assert command("report", output, "--to", tmp_path / "nowhere" / "x.html") == 4
    assert command("report", tmp_path) == 2


def test_the_page_loads_nothing_from_outside(seen: Seen, page: str) -> None:
    for tag, attributes in seen.tags:
        for name in ("src", "srcset", "data", "action", "poster"):
            assert name not in attributes, tag
        if tag in {"link", "use"}:
            assert attributes["href"].startswith(("data:,", "#"))
    assert not seen.all("iframe", "object", "embed", "base", "form", "img")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    assert "url(" not in style.group(1)
    assert "@import" not in style.group(1)


def test_the_policy_lets_only_this_file_run(seen: Seen) -> None:
    (policy,) = [
        meta["content"]
        for meta in seen.all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for name in ("script-src", "style-src"):
        assert re.fullmatch(r"('sha256-[A-Za-z0-9+/=]{44}' ?)+", rules[name])
    # A hash covers no attribute: there must be none.
    assert not any(
        name == "style" or name.startswith("on") for _, found in seen.tags for name in found
    )


def test_hostile_titles_are_text_on_the_page(seen: Seen, page: str) -> None:
    titles = set(re.findall(r"<bdi>(.*?)</bdi>", page))
    assert any("&lt;script&gt;" in title for title in titles)
    assert any("=HYPERLINK" in title for title in titles)
    # Our own two scripts, the data, and no third.
    assert len(seen.all("script")) == 3
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", seen.text)
    assert max(len(title) for title in titles) < 1_000


def test_the_page_can_be_read_without_seeing_it(seen: Seen) -> None:
    assert seen.all("html")[0]["lang"] == "en"
    for landmark in ("header", "nav", "main", "footer"):
        assert len(seen.all(landmark)) == 1
    headings = [int(tag[1]) for tag, _ in seen.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(second <= first + 1 for first, second in pairwise(headings))
    for picture in seen.all("svg"):
        assert picture.get("aria-hidden") == "true" or picture["aria-label"]
    ids = [found["id"] for _, found in seen.tags if "id" in found]
    assert len(ids) == len(set(ids))
    for link in seen.all("a"):
        if link["href"].startswith("#"):
            assert link["href"][1:] in ids
    assert len(seen.all("caption")) == len(seen.all("table"))
    assert all(found.get("scope") for found in seen.all("th"))


def test_the_headline_is_what_sql_says(page: str, ask: Ask) -> None:
    for counter, value in ask(
        "SELECT counter, sum(value)::BIGINT FROM totals WHERE entity = 'article' GROUP BY 1"
    ):
        assert f'data-card="{counter}" data-value="{value}">{value:,}<' in page


def test_findings_of_verify_are_told_on_the_page(output: Path, tmp_path: Path, seen: Seen) -> None:
    assert "were not compared" in seen.text
    job = job_facts(output)
    write_report(output, replace(job, findings=[]), tmp_path / "none.html", NOW)
    assert "found nothing to report" in Seen((tmp_path / "none.html").read_text()).text
    finding = ReportFinding("error", "total <b>12</b> is less than its months, 14", "article 7")
    write_report(output, replace(job, findings=[finding]), tmp_path / "one.html", NOW)
    assert finding.what in Seen((tmp_path / "one.html").read_text()).text


def test_findings_that_only_explain_are_no_alarm(output: Path, tmp_path: Path) -> None:
    note = ReportFinding("note", "3 totals count 9, their timelines 7", "totals/")
    write_report(output, replace(job_facts(output), findings=[note]), tmp_path / "n.html", NOW)
    text = Seen((tmp_path / "n.html").read_text()).text
    assert "no number contradicts another" in text
    assert note.what in text
    worse = [note, ReportFinding("warning", "a sum differs", "timeline/")]
    write_report(output, replace(job_facts(output), findings=worse), tmp_path / "w.html", NOW)
    assert "Not everywhere: 1 finding to look at" in Seen((tmp_path / "w.html").read_text()).text
    why = job_facts(output, not_compared="a run is writing at this moment")
    write_report(output, why, tmp_path / "not.html", NOW)
    assert (
        "not compared for this page: a run is writing"
        in Seen((tmp_path / "not.html").read_text()).text
    )


def test_receipts_and_pauses_are_told_on_the_page(output: Path, tmp_path: Path) -> None:
    """What hosts were sent, call by call together, and whom we wait for."""
    facts = job_facts(output)
    receipt = Receipt("https://stats.figshare.com", 1_200, repeats=3, limited=1, pauses=1,
                      paused_seconds=60.0, seconds=1_199.0, busiest=2)  # fmt: skip
    runs = [replace(facts.runs[0], receipts=[receipt])]
    until = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
    pauses = [("stats.figshare.com", until)]
    write_report(output, replace(facts, runs=runs, pauses=pauses), tmp_path / "r.html", NOW)
    text = (tmp_path / "r.html").read_text()
    (row,) = re.findall(r'id="receipts".*?<tbody><tr>(.*?)</tr></tbody>', text, re.DOTALL)
    values = re.findall(r'data-value="([^"]*)"', row)
    assert values == ["1200", "1.0", "2", "3", "1", "60.0", "0"]
    assert "stats.figshare.com asks us to wait until 2026-11-23 14:05 UTC" in Seen(text).text


def test_an_empty_folder_makes_a_page_that_says_so(
    output: Path, command: Command, tmp_path: Path
) -> None:
    """The state right after `run` began: a ledger, and no dataset yet."""
    inner = tmp_path / "job" / "_harvest"
    inner.mkdir(parents=True)
    (inner / "ledger.sqlite").write_bytes((output / "_harvest" / "ledger.sqlite").read_bytes())

    assert command("report", tmp_path / "job") == 0
    assert "No numbers have been published yet" in (inner / "report.html").read_text()
    assert command("export", tmp_path / "job", "--to", "csv") == 0
    assert command("export", tmp_path / "job", "--to", "xlsx") == 0
