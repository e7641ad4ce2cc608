"""What the documentation says is so: its commands, its specs, its Python, its links."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest

from harvester.cli.help import COMMANDS
from harvester.cli.parser import parser
from harvester.spec.load_spec import load_text

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "tests" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
ANALYSIS = (ROOT / "docs" / "analysis.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def commands(text: str) -> list[str]:
    """Every line of a shell block that calls us, without its comment."""
    lines = [line for block in blocks(text, "sh") for line in block.splitlines()]
    return [line.split("  #")[0].strip() for line in lines if line.startswith("harvester ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_documented_commands_are_understood(page: Path) -> None:
    for line in commands(page.read_text(encoding="utf-8")):
        parser().parse_args(shlex.split(line)[1:])


def test_every_command_is_in_the_readme() -> None:
    assert set(COMMANDS) <= {line.split()[1] for line in commands(README)}


def test_documented_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for text in (CI, *(page.read_text(encoding="utf-8") for page in PAGES)):
        for target in re.findall(r"(?:^|`)make (?:--[a-z-]+ )*([a-z-]+)", text, re.MULTILINE):
            assert f"\n{target}: .venv/" in makefile, target


def test_ci_runs_what_the_readme_names() -> None:
    ran = re.findall(r"^make --no-print-directory ([a-z-]+) <", CI, flags=re.MULTILINE)
    assert ran == ["test", "test-all", "lint", "demo"]
    assert {"test", "demo"} <= set(re.findall(r"^make ([a-z-]+)", README, flags=re.MULTILINE))


def test_make_test_leaves_out_what_make_test_all_takes_in() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    quick, every = re.findall(r"^test(?:-all)?: .*\n\t(.*)$", makefile, flags=re.MULTILINE)
    assert every == f'{quick} -m "not slow"'
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    words = settings["tool"]["pytest"]["ini_options"]["addopts"]
    assert words[-2:] == ["-m", "not slow and not thorough"]


def test_documented_specs_are_good() -> None:
    specs = blocks(README, "yaml")
    assert specs
    for text in specs:
        load_text(text.encode(), where="README.md", today=date(2026, 11, 23))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    demo = ROOT / "configs" / "demo.yaml"
    ran = subprocess.run(
        [sys.executable, "-m", "harvester", "run", str(demo), "--today", "2026-11-23"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    shown = re.findall(r"asked +([0-9,]+ requests: .*)", README)
    assert shown
    assert shown[0] in ran.stderr, "the README shows another output than the demo prints"
