"""The soak writes into the page of promises what really happened."""

from __future__ import annotations

from collections import Counter

from tests.soak import PAGE, ROOT, Outcome, chosen, commands, counted, filled

XML = """<testsuites><testsuite tests="3" failures="1" errors="0" skipped="1">
<testcase name="a"><properties><property name="SIGKILLs" value="4"/>
<property name="hypothesis-statistics-a" value="dGVzdHM"/></properties></testcase>
<testcase name="b"><properties><property name="SIGKILLs" value="7"/></properties></testcase>
</testsuite></testsuites>"""


def test_every_row_has_its_command() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert len(commands(page)) == len(rows) - 1 > 8
    named = {word for each in commands(page) for word in each.split() if "/" in word}
    assert [each for each in sorted(named) if not (ROOT / each).exists()] == []


def test_results_of_the_soak_are_counted() -> None:
    found = counted(XML)
    assert found == {"tests": 3, "failures": 1, "skipped": 1, "SIGKILLs": 11}
    outcome = Outcome(counts=found)
    assert not outcome.is_good
    assert outcome.cases == "2 tests, 11 SIGKILLs"
    assert outcome.sentence("today") == "**1 failed**, 1 skipped, today, 0 s"


def test_nothing_run_is_not_called_good() -> None:
    assert not Outcome().is_good
    assert Outcome().sentence("today") == "not run yet"


def test_only_the_cells_of_results_change() -> None:
    page = PAGE.read_text(encoding="utf-8")
    first = commands(page)[0]
    new = filled(page, {first: Outcome(61.2, Counter(tests=2))}, "2026-01-01 at abc")

    changed = [
        line for line, old in zip(new.splitlines(), page.splitlines(), strict=True) if line != old
    ]
    (line,) = changed
    assert "| 2 tests | all passed, 2026-01-01 at abc, 61 s |" in line
    assert set(commands(new)) == set(commands(page))


def test_commands_that_take_long_are_begun_first() -> None:
    page = "\n".join(
        f"| promise | how | 2 tests | {ended} | `pytest {name}` |"
        for name, ended in [
            ("short", "all passed, 2026-01-01 at abc, 9 s"),
            ("long", "**1 failed**, 2026-01-01 at abc, 61 s"),
            ("new", "-"),
        ]
    )
    assert commands(page) == ["pytest new", "pytest long", "pytest short"]


def test_slow_tests_that_no_row_names_are_run_too() -> None:
    page = PAGE.read_text(encoding="utf-8")
    *named, rest = chosen(page, [])
    assert named == commands(page)
    assert rest.startswith("pytest -q -m slow --ignore=tests/")
    assert all(each.startswith('pytest -q -m "" tests/') for each in named), "not all of it"
    assert chosen(page, ["crash/test_order", "nowhere"]) == [
        each for each in named if "order" in each
    ]
