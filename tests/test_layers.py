"""The house's rooms and what each may import: a row a room (docs/architecture.md).

The spec stops in `job`; nothing imports upwards, and a room without a row fails.
"""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "harvester"
# Whatever a room may import beside itself.
GROUND = {
    "model",
    "errors",
    "clock",
    "durable",
    "file_lock",
    "machine_limits",
    "plain_files",
    "version",
}
ALL = {"*"}
# From the top of the house to the ground: a room may name rooms of the rows below its own.
ROOMS: dict[str, set[str]] = {
    "__main__": {"cli"},
    "__init__": ALL,
    "cli": ALL,
    "preview": {"harvest", "discover", "job", "planner", "fetch", "parse", "ledger"},
    "recovery": {"harvest", "verify", "replay", "job", "spec", "planner", "ledger", "store"},
    "harvest": {"discover", "job", "planner", "fetch", "parse", "ledger", "store"},
    "discover": {"job", "id_files", "fetch", "parse", "ledger", "store"},
    # It alone resolves the spec, and wires the embedded simulator in.
    "job": {"spec", "id_files", "fetch", "ledger", "store", "simulator"},
    "report": {"verify", "replay", "ledger", "store"},
    "verify": {"replay", "planner", "ledger", "store"},
    "replay": {"planner", "fetch", "parse", "ledger", "store"},
    "spec": set(),
    "id_files": set(),
    "planner": set(),
    "fetch": set(),
    "parse": set(),
    "ledger": set(),
    "store": set(),
    "model": set(),
    "durable": set(),
    "plain_files": set(),
    "file_lock": set(),
    "machine_limits": set(),
    "clock": set(),
    "errors": set(),
    "version": set(),
    "simulator": set(),
}
# What stands below the ground's other rooms, or outside of the house.
NEVER = {
    "model": {"clock", "durable", "file_lock", "machine_limits", "plain_files", "version"},
    "durable": {"model", "clock", "file_lock", "machine_limits", "plain_files", "version"},
    "plain_files": {"model", "clock", "durable", "file_lock", "machine_limits", "version"},
    "file_lock": {"model", "clock", "durable", "machine_limits", "plain_files", "version"},
    "machine_limits": {"model", "clock", "durable", "file_lock", "plain_files", "version"},
    "clock": GROUND,
    "errors": GROUND,
    "version": GROUND,
    "simulator": GROUND,
}
# Pure rooms and files: no clock, no dice, no disk, no network.
PURE = [
    "errors.py",
    "model",
    "planner",
    "parse",
    "id_files/addresses.py",
    "id_files/cell.py",
    "id_files/id_column.py",
    "id_files/delimiter.py",
    "discover/entries.py",
    "id_files/ids.py",
    "id_files/row_filter.py",
    "id_files/row_collector.py",
    "id_files/looks.py",
    "id_files/numbers.py",
    "discover/paging.py",
    "id_files/table.py",
    "fetch/url.py",
    "fetch/verdict.py",
    "fetch/listing_calls.py",
    "fetch/retry.py",
    "fetch/circuit.py",
    "fetch/failure_streak.py",
    "fetch/tally.py",
    "fetch/known_good.py",
    "fetch/service_errors.py",
    "preview/probe_ask.py",
    "preview/probe_days.py",
    "preview/probe_findings.py",
    "preview/probe_places.py",
    "preview/probe_rankings.py",
    "preview/probe_redaction.py",
    "preview/probe_service.py",
    "preview/probe_subjects.py",
    "preview/probe_table.py",
    "preview/probe_timelines.py",
    "preview/probe_totals.py",
    "report/job_facts.py",
    "report/bars.py",
    "report/calendar.py",
    "report/charts.py",
    "report/choropleth.py",
    "report/sql_types.py",
    "report/countries.py",
    "report/matrix.py",
    "report/outliers.py",
    "report/page.py",
    "report/map_shapes.py",
    "report/wording.py",
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


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def rooms_imported(path: Path) -> set[str]:
    """The rooms that a file imports from; `harvester` itself is the package's face."""
    ours = [name.split(".") for name in imports(path) if name.split(".")[0] == "harvester"]
    return {parts[1] if len(parts) > 1 else "__init__" for parts in ours}


def test_every_room_has_a_row() -> None:
    there = {room_of(path) for path in ROOT.rglob("*.py")}
    assert there == ROOMS.keys()


def test_no_room_looks_upwards() -> None:
    order = list(ROOMS)
    for place, (room, allowed) in enumerate(ROOMS.items()):
        if allowed is not ALL:
            assert allowed <= set(order[place + 1 :]), room


def test_no_files_import_each_other_in_a_circle() -> None:
    dotted = {
        ".".join(("harvester", *path.relative_to(ROOT).with_suffix("").parts)): path
        for path in ROOT.rglob("*.py")
    }
    graph = {name: imports(path) & dotted.keys() for name, path in dotted.items()}
    assert len(list(TopologicalSorter(graph).static_order())) == len(dotted)


@pytest.mark.parametrize("path", MODULES)
def test_a_file_imports_only_what_its_room_may(path: Path) -> None:
    room = room_of(path)
    if ROOMS[room] is ALL:
        return
    allowed = ROOMS[room] | {room} | (GROUND - NEVER.get(room, set()))
    assert rooms_imported(path) <= allowed


@pytest.mark.parametrize("path", MODULES)
def test_pure_files_do_no_io(path: Path) -> None:
    inside = path.relative_to(ROOT).as_posix()
    if any(inside == pure or inside.startswith(f"{pure}/") for pure in PURE):
        assert not imports(path) & IO


def test_every_pure_file_exists() -> None:
    assert [pure for pure in PURE if not (ROOT / pure).exists()] == []
