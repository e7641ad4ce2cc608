"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import settings

from harvester.cli import main
from tests.bench.institution import Institution, write
from tests.support.network_variables import NETWORK_VARIABLES
from tests.support.thorough import FEW

# The same examples each time, however slow the machine is: a change is judged by what it changes.
# `make test` takes few of them. `make soak` rolls the dice (--hypothesis-profile=dice).
settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.register_profile("few", settings.get_profile("same"), max_examples=FEW)
settings.register_profile("dice", deadline=None, print_blob=True)


def pytest_configure(config: pytest.Config) -> None:
    """Who leaves out what is thorough gets few examples; `-m ""` and `make test-all` get all."""
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("few" if "not thorough" in config.option.markexpr else "same")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _network_of_their_own() -> None:
    """What the machine says of proxies and certificates is no matter of the tests'."""
    for name in NETWORK_VARIABLES:
        os.environ.pop(name, None)


Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small institution with hostile titles, made once."""
    root = tmp_path_factory.mktemp("output") / "lboro"
    write(root, Institution(articles=60, groups=12, years=3))
    return root


@pytest.fixture(scope="session")
def ask(output: Path) -> Ask:
    """SQL over the Parquet, read as anybody would."""
    db = duckdb.connect()
    for name in ("totals", "timeline", "countries", "top", "counts", "entities", "requests"):
        db.execute(
            f"CREATE VIEW {name} AS FROM read_parquet('{output}/{name}/**/*.parquet',"
            " hive_partitioning = true, hive_types_autocast = false, union_by_name = true)"
        )

    def asked(sql: str) -> list[tuple[object, ...]]:
        return db.execute(sql).fetchall()

    return asked


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """The command line, in a working directory of its own."""
    monkeypatch.chdir(tmp_path)

    def called(*words: str | Path) -> int:
        return main([str(word) for word in words])

    return called
