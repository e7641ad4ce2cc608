"""One name, one meaning: no two public classes share a name, and no two modules."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent / "harvester"
# Rooms whose names stand apart, and why.
APART = {
    "simulator": "it borrows nothing: its words for the service's things are its own on purpose",
}
# Modules that may share a name with another's, and why.
MODULES_APART = {
    **APART,
    "cli": "a file bears the name of its command, and most commands have a module that does it",
}


def shared(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: places for name, places in found.items() if len(places) > 1}


def test_no_two_public_classes_share_a_name() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(ROOT.rglob("*.py")):
        if path.relative_to(ROOT).parts[0] in APART:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(path.relative_to(ROOT).as_posix())
    assert shared(found) == {}


def test_no_two_modules_share_a_name() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(ROOT.rglob("*.py")):
        if path.relative_to(ROOT).parts[0] not in MODULES_APART and path.stem != "__init__":
            found[path.stem].append(path.relative_to(ROOT).as_posix())
    assert shared(found) == {}


def test_every_room_that_stands_apart_exists() -> None:
    assert all((ROOT / room).is_dir() for room in MODULES_APART)
