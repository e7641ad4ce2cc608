"""Every block of the documents, run on an archive of several runs, says what is true."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import harvester
from harvester.model.meanings import VIEWS
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.truth import Truth
from tests.end_to_end.support_commands import say
from tests.test_documentation import ANALYSIS, README, ROOT, blocks

RUNS = (date(2026, 11, 23), date(2026, 12, 24))
LAST = date(2026, 12, 23)
BEGIN = date(2015, 1, 1)
Space = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, run in November and again in December."""
    here = tmp_path_factory.mktemp("demo")
    for day in RUNS:
        ran = say(here, "run", str(ROOT / "configs" / "demo.yaml"), "--today", day.isoformat())
        assert ran.code == 0, ran.stderr
    return here


@pytest.fixture(scope="module")
def truths() -> list[Truth]:
    truth = Truth(SimulatorConfig(seed=7, articles=300, today=RUNS[0]))
    return [truth.at(day) for day in RUNS]


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the block of docs/analysis.md that makes a variable of this name."""
    monkeypatch.chdir(folder)

    def block(name: str, of: int = 0) -> Any:
        found = [
            b for b in blocks(ANALYSIS, "python") if re.search(rf"^{name} = ", b, re.MULTILINE)
        ]
        space: Space = {}
        exec(found[of], space)  # noqa: S102  # our own page
        return space[name]

    return block


def totals(truth: Truth, counter: str, kind: str = "article") -> dict[int, int]:
    return {one: truth.total("demo", counter, kind, one) for one in truth.ids(kind)}


def months(truth: Truth, counter: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in truth.ids("article"):
        found.update(truth.timeline("demo", "month", counter, "article", one, BEGIN, LAST))
    return found


def test_the_ten_most_viewed(run: Any, truths: list[Truth]) -> None:
    expected = sorted(totals(truths[1], "views").items(), key=lambda each: (-each[1], each[0]))
    assert [(one, views) for one, _, views in run("top").fetchall()] == expected[:10]


def test_growth_by_whole_years(run: Any, truths: list[Truth]) -> None:
    years: Counter[int] = Counter()
    for month, value in months(truths[1], "views").items():
        years[int(month[:4])] += value
    del years[2026]
    rows = run("growth").fetchall()
    assert [(year, views) for year, views, _ in rows] == sorted(years.items())
    assert rows[-1][2] == round(100 * years[2025] / years[2024] - 100, 1)


def test_shares_of_countries(run: Any, truths: list[Truth]) -> None:
    lands: Counter[str] = Counter()
    for one in truths[1].ids("article"):
        found = truths[1].breakdown(
            "demo", "year", "views", "article", one, date(2022, 1, 1), date(2025, 12, 31)
        )
        for countries in found.values():
            for land, towns in countries.items():
                lands["unknown" if land in {"Unknown", "Unkown"} else land] += towns["total"]
    expected = sorted(lands.items(), key=lambda each: (-each[1], each[0]))[:10]
    assert run("places").fetchall() == [
        (land, views, round(100 * views / lands.total(), 1)) for land, views in expected
    ]


def test_downloads_for_each_view(run: Any, truths: list[Truth]) -> None:
    views, downloads = (totals(truths[1], each) for each in ("views", "downloads"))
    chosen = [one for one in views if views[one] >= 100]
    chosen.sort(key=lambda one: (-downloads[one] / views[one], one))
    assert [(row[0], row[2], row[3]) for row in run("ratios").fetchall()] == [
        (one, views[one], downloads[one]) for one in chosen[:10]
    ]


def test_groups_each_once_however_often_they_were_counted(run: Any, truths: list[Truth]) -> None:
    views = totals(truths[1], "views", "group")
    articles = truths[1].count_articles(list(views))
    assert [(row[0], row[2], row[3]) for row in run("groups").fetchall()] == [
        (one, views[one], articles[one]) for one in sorted(views, key=lambda x: (-views[x], x))
    ]


def test_readings_what_is_missing_and_what_became_of_requests(
    run: Any, truths: list[Truth]
) -> None:
    assert run("readings").fetchall() == [
        (day, sum(totals(truth, "views").values()), len(truth.ids("article")))
        for day, truth in zip(RUNS, truths, strict=True)
    ]
    assert run("missing").fetchall() == []
    states = run("states").fetchall()
    assert {run_id for run_id, *_ in states} == {f"{day}.1" for day in RUNS}
    assert {state for _, _, state, *_ in states} == {"done", "empty", "not_needed"}


@pytest.mark.parametrize("of", [0, 1], ids=["from a view", "from a plain read"])
def test_months_in_pandas(run: Any, truths: list[Truth], of: int) -> None:
    table: pd.DataFrame = run("table", of)
    for counter in ("views", "downloads"):
        found = {f"{month:%Y-%m}": value for month, value in table[counter].items() if value}
        assert found == dict(months(truths[1], counter))


def test_items_that_rise(run: Any, truths: list[Truth]) -> None:
    rising: pd.DataFrame = run("rising")
    assert len(rising) == 10
    for one, row in rising.iterrows():
        series = truths[1].timeline("demo", "month", "views", "article", one, BEGIN, LAST)
        before = [f"{2025 + n // 12}-{n % 12 + 1:02}" for n in range(10, 22)]
        assert row["now"] == series.get("2026-11", 0)
        assert row["usual"] == round(sum(series.get(month, 0) for month in before) / 12, 1)


def test_shares_of_groups_add_up(run: Any, truths: list[Truth]) -> None:
    shares: pd.DataFrame = run("shares")
    views = totals(truths[1], "views")
    assert shares["articles"].sum() == len(views)
    assert shares["views"].sum() == sum(views.values())
    assert round(shares["percent"].sum()) == 100


def test_every_block_was_compared() -> None:
    told = set(re.findall(r'run\("(\w+)"', Path(__file__).read_text(encoding="utf-8")))
    for block in blocks(ANALYSIS, "python"):
        assert told & set(re.findall(r"^(\w+) = ", block, re.MULTILINE)), block


def test_the_readmes_python_says_the_truth(
    folder: Path, truths: list[Truth], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(folder)
    (block,) = blocks(README, "python")
    exec(block, {})  # noqa: S102  # our own page
    rows = re.findall(r"│ +(\d{4}) │ +(\d+) │", capsys.readouterr().out)
    years: Counter[str] = Counter()
    for month, value in months(truths[1], "views").items():
        years[month[:4]] += value
    assert {year: int(views) for year, views in rows} == dict(years)


def test_the_examples_of_help_and_contract_say_the_truth(folder: Path, truths: list[Truth]) -> None:
    output = harvester.open(folder / "output" / "demo")
    (query,) = re.findall(r'output\.sql\("(.*)"\)', harvester.__doc__ or "")
    assert output.sql(query).fetchall() == [(sum(totals(truths[1], "views").values()),)]
    contract = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    (query,) = re.findall(r'output\.sql\("(.*)"\)', contract)
    rows = output.sql(query).fetchall()
    assert {f"{month:%Y-%m}": views for month, views in rows if views} == dict(
        months(truths[1], "views")
    )
    storage = (ROOT / "docs" / "storage.md").read_text(encoding="utf-8")
    (query,) = re.findall(r'output\.sql\(\s*"(.*)"\s*\)', storage)
    assert sum(views or 0 for _, views in output.sql(query).fetchall()) == sum(
        months(truths[1], "views").values()
    )


def test_every_view_is_documented_with_its_columns(folder: Path) -> None:
    output = harvester.open(folder / "output" / "demo")
    tables = {name for (name,) in output.sql("show tables").fetchall()}
    views = tables - {each.value for each in output.names}
    for view in views:
        name = re.sub(r"^(authors|groups)_", "articles_", view)
        assert output.sql(f"from {view}").columns == documented_as(name)
    assert {re.sub(r"^(authors|groups)_", "articles_", view) for view in views} == {
        each.name for each in VIEWS
    }


def documented_as(name: str) -> list[str]:
    """The columns of a view in docs/datasets.md."""
    return next(list(each.columns) for each in VIEWS if each.name == name)
