"""Help that fits a screen, examples that are so, and wrong words that are understood."""

from __future__ import annotations

import argparse
import shlex

import pytest

from harvester.cli.help import COMMANDS, MEANT
from harvester.cli.parser import parser


def subparsers() -> dict[str, argparse.ArgumentParser]:
    (found,) = (each for each in parser()._actions if isinstance(each, argparse._SubParsersAction))
    return dict(found.choices)


def refused(words: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(shlex.split(words))
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.splitlines()


def test_help_fits_a_screen_and_has_the_order_of_things() -> None:
    lines = parser().format_help().splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    words = " ".join(lines).split()
    assert set(COMMANDS) == set(subparsers()) <= set(words)
    order = [lines.index(next(each for each in lines if each.startswith(f"  {name} ")))
             for name in ("init", "check", "plan", "run", "report")]  # fmt: skip
    assert order == sorted(order)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_of_a_command_is_one(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([command, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    assert len(said.splitlines()) <= 48

    _, _, example = " ".join(said.split()).partition("example: harvester ")
    example = example.partition(" > ")[0]
    assert parser().parse_args(shlex.split(example)).command == command


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param("rnu job.yaml", "there is no command 'rnu': did you mean 'run'?", id="typo"),
        pytest.param("Status x", "there is no command 'Status': did you mean 'status'?", id="case"),
        pytest.param("resume x", "there is no command 'resume': did you mean 'run'?", id="other"),
        pytest.param(
            "watch x", "there is no command 'watch': did you mean 'status --watch'?", id="option"
        ),
        pytest.param("qqq", "there is no command 'qqq'", id="nothing near"),
        pytest.param("", "name a command", id="nothing"),
    ],
)
def test_a_mistyped_command_is_refused_and_points_to_the_help(
    words: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(words, capsys) == [
        f"harvester: {says}",
        "  fix: harvester --help shows them all, in order",
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("run job.yaml --untill 06:00", "--untill 06:00: did you mean '--until'?"),
        ("verify x --sampel 5%", "--sampel 5%: did you mean '--sample'?"),
        ("report", "the following arguments are required: OUTPUT"),
        ("export x --to xls", "argument --to: invalid choice: 'xls' (choose from"),
        ("run job.yaml --until noon", "'noon' is no time of day: write HH:MM, such as 06:00"),
    ],
)
def test_words_that_a_command_does_not_know_are_refused_with_a_fix(
    words: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(words, capsys)
    assert says in said[0]
    assert said[1].startswith(f"  example: harvester {words.split(maxsplit=1)[0]} ")
    assert said[2] == f"  fix: harvester {words.split(maxsplit=1)[0]} --help"


def test_every_command_that_a_suggestion_names_can_be_parsed() -> None:
    for meant in MEANT.values():
        if meant != "--help":
            words = meant.split()
            place = [] if words[0] == "init" else ["job.yaml"]
            parser().parse_args([words[0], *place, *words[1:]])
