"""The script that draws the charts is the one that was made, and says whose work it is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import harvester.report
from docs.generate.vega import PACKAGES
from harvester.report import charts

ASSETS = Path(harvester.report.__file__).parent / "assets" / "vega"


@pytest.fixture(scope="module")
def about() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ASSETS / "vega.json").read_text(encoding="utf-8"))
    return found


def test_the_script_has_the_checksum_of_its_making(about: dict[str, Any]) -> None:
    script = (ASSETS / about["script"]).read_bytes()

    assert hashlib.sha256(script).hexdigest() == about["sha256"]
    assert len(script) == about["bytes"] < 900_000


def test_the_script_is_made_of_the_versions_that_its_generator_names(about: dict[str, Any]) -> None:
    made_of = {each["name"]: each["version"] for each in about["packages"]}

    assert {name: made_of[name] for name in PACKAGES} == PACKAGES
    banner = (ASSETS / "vega.js").read_text(encoding="utf-8").partition("\n")[0]
    assert all(f"{name} {version}" in banner for name, version in PACKAGES.items())


def test_charts_are_written_in_the_version_that_draws_them(about: dict[str, Any]) -> None:
    (version,) = (each["version"] for each in about["packages"] if each["name"] == "vega-lite")

    written = Path(charts.__file__).read_text(encoding="utf-8")
    assert f"/vega-lite/v{version.split('.')[0]}.json" in written


def test_every_package_in_the_script_has_its_licence_beside_it(about: dict[str, Any]) -> None:
    licences = (ASSETS / "LICENSES.txt").read_text(encoding="utf-8")

    for each in about["packages"]:
        assert f"{each['name']} {each['version']}" in licences
        assert each["licence"] in {"BSD-3-Clause", "ISC", "MIT", "Unlicense"}
