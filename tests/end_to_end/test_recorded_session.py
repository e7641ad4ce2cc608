"""Nothing changes for users unnoticed: each command says today what it said when it was recorded.

Where a text changes on purpose: `python -m tests.end_to_end.support_session`; see `git diff`.
"""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

import harvester
from harvester.cli import main
from tests.end_to_end.support_session import CHAPTERS, COMMANDS, RECORDED, SMALL, play, recorded

TITLES = [(name, title) for name in CHAPTERS for title in recorded(name)]
Played = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A chapter's steps and what they do now; each chapter is played once."""
    done: dict[str, dict[str, str]] = {}

    def of(name: str) -> dict[str, str]:
        if name not in done:
            here = tmp_path_factory.mktemp("session") / "here"
            here.mkdir()
            done[name] = dict(play(CHAPTERS[name], here))
        return done[name]

    return of


@pytest.mark.parametrize("name", CHAPTERS)
def test_each_step_of_a_chapter_is_recorded(played: Played, name: str) -> None:
    """None is missing in the record, none has gone since."""
    assert list(played(name)) == list(recorded(name))


def test_each_chapter_has_its_record_and_each_command_its_steps() -> None:
    assert {path.stem for path in RECORDED.glob("*.txt")} == set(CHAPTERS)
    typed = [step.typed for chapter in CHAPTERS.values() for step in chapter.script()]
    for command in COMMANDS:
        assert f"{command} --help" in typed
        assert any(each.startswith(command) and "--help" not in each for each in typed), command


@pytest.mark.parametrize(("name", "title"), TITLES)
def test_exit_code_and_texts_are_as_recorded(played: Played, name: str, title: str) -> None:
    assert played(name)[title] == recorded(name)[title]


@pytest.mark.parametrize(
    ("module", "words", "says"),
    [
        ("harvester", ["--version"], "harvester "),
        ("harvester.simulator", ["--help"], "usage: python -m harvester.simulator"),
        ("harvester.spec.schema", [], '{\n  "$schema": "https://json-schema.org/'),
    ],
)
def test_modules_that_are_documented_as_commands_still_are(
    module: str, words: list[str], says: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", module, *words], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith(says)


def test_functions_of_the_package_take_what_they_took() -> None:
    """A call that is written today is right tomorrow; `main` is the entry point of scripts."""
    taken = {
        name: [
            f"{each.name} {each.kind.name}" + ("" if each.default is each.empty else " optional")
            for each in inspect.signature(getattr(harvester, name)).parameters.values()
        ]
        for name in harvester.__all__
        if name != "__version__"
    }
    assert taken == {
        "load_job": ["path POSITIONAL_OR_KEYWORD", "today KEYWORD_ONLY optional"],
        "open": ["folder POSITIONAL_OR_KEYWORD"],
        "plan": ["job POSITIONAL_OR_KEYWORD", "today KEYWORD_ONLY optional"],
        "run": ["job POSITIONAL_OR_KEYWORD", "options POSITIONAL_OR_KEYWORD optional"],
        "run_async": ["job POSITIONAL_OR_KEYWORD", "options POSITIONAL_OR_KEYWORD optional"],
    }
    assert list(inspect.signature(main).parameters) == ["argv"]


def test_a_run_from_python_returns_a_result_with_the_fields_it_had(tmp_path: Path) -> None:
    """And `open` a folder with the same datasets, each by its name."""
    spec = {**SMALL, "output": {"path": str(tmp_path)}}
    (tmp_path / "job.yaml").write_text(json.dumps(spec), encoding="utf-8")
    job = harvester.load_job(tmp_path / "job.yaml")
    planned = harvester.plan(job)
    assert (planned.least, planned.most, planned.requests, planned.done) == (4, 15, 15, 0)
    assert [each.name for each in fields(planned)] == [
        "stages", "questions", "done", "requests_per_second", "next_month",
    ]  # fmt: skip

    result = harvester.run(job)

    assert [each.name for each in fields(result)] == [
        "folder", "ending", "run_id", "planned", "skips", "states", "not_needed", "failed", "notes",
        "rows_waiting", "tally", "receipts", "receipts_in_all", "seconds", "problem", "why",
        "gathered",
    ]  # fmt: skip
    assert (result.exit_code, result.folder, result.why) == (0, tmp_path / "small", None)
    output = harvester.open(result.folder)
    assert sorted(output.names) == [
        "cities", "countries", "entities", "requests", "responses", "timeline", "totals",
    ]  # fmt: skip
    assert output.totals.count_rows() == 4
