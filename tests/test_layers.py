"""The pipeline reads one way, and this test keeps it so (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "harvester"
# A stage imports errors, clock, model and itself; only these know several stages.
SHELL = {"harvest", "cli", "__init__", "__main__"}
GROUND = {"errors", "clock", "durable", "model"}
# Pure stages and files: no clock, no dice, no disk, no network.
PURE = [
    "errors.py",
    "model",
    "planner",
    "parse",
    "entities/addresses.py",
    "entities/cell.py",
    "entities/columns.py",
    "entities/delimiter.py",
    "entities/entry.py",
    "entities/ids.py",
    "entities/looks.py",
    "entities/numbers.py",
    "entities/pager.py",
    "entities/table.py",
    "fetch/url.py",
    "fetch/verdict.py",
    "fetch/api.py",
    "fetch/backoff.py",
    "fetch/budget.py",
    "fetch/condition.py",
    "fetch/tally.py",
    "fetch/witness.py",
    "fetch/words.py",
    "report/about.py",
    "report/bars.py",
    "report/calendar.py",
    "report/charts.py",
    "report/choropleth.py",
    "report/columns.py",
    "report/countries.py",
    "report/matrix.py",
    "report/outliers.py",
    "report/page.py",
    "report/shapes.py",
    "report/text.py",
    "report/export/cells.py",
    "report/export/choice.py",
    "report/export/readme.py",
    "report/export/sheet.py",
    "verify/accounts.py",
    "verify/difference.py",
    "verify/finding.py",
    "verify/scope.py",
]
IO = {
    "aiohttp", "anyio", "asyncio", "sqlite3", "socket", "time", "random", "os", "pathlib",
    "subprocess", "threading", "urllib.request", "tempfile", "shutil",
}  # fmt: skip

MODULES = [pytest.param(p, id=str(p.relative_to(ROOT))) for p in sorted(ROOT.rglob("*.py"))]


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def stage_of(name: str) -> str:
    return name.split(".")[1]


@pytest.mark.parametrize("path", MODULES)
def test_a_stage_knows_only_the_ground_and_itself(path: Path) -> None:
    stage = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if stage in SHELL:
        return
    ours = {name for name in imports(path) if name.startswith("harvester.")}
    others = {stage_of(name) for name in ours} - {stage}
    allowed = set() if stage == "simulator" else GROUND
    assert others <= allowed, f"{path} reaches into {sorted(others - allowed)}"


def test_the_ground_does_not_know_what_stands_on_it() -> None:
    for path in (ROOT / "model").rglob("*.py"):
        ours = {name for name in imports(path) if name.startswith("harvester.")}
        assert {stage_of(name) for name in ours} <= {"model", "errors"}


def test_the_simulator_borrows_nothing() -> None:
    """A double that shared our facts would agree with our mistakes."""
    for path in (ROOT / "simulator").rglob("*.py"):
        ours = {name for name in imports(path) if name.split(".")[0] == "harvester"}
        assert {name for name in ours if not name.startswith("harvester.simulator")} == set()


@pytest.mark.parametrize("path", MODULES)
def test_pure_files_do_no_io(path: Path) -> None:
    inside = path.relative_to(ROOT).as_posix()
    if any(inside == pure or inside.startswith(f"{pure}/") for pure in PURE):
        assert not imports(path) & IO
