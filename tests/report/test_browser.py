"""The page in a real browser: Debian's chromium, headless. Skipped loudly where there is none."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import Select, WebDriverWait

from harvester.cli import main
from tests.bench.institution import Institution, write

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="NO BROWSER: the report was not looked at; apt-get install chromium chromium-driver",
)

Ask = Callable[[str], list[tuple[object, ...]]]
_DRAWN = """
    return document.documentElement.dataset.ready === "yes" &&
      [...document.querySelectorAll(".chart")].filter(box => !box.closest("[hidden]"))
        .every(box => box.dataset.drawn === "yes")
"""


class Browser:
    """One page in one browser."""

    def __init__(self, driver: WebDriver, path: Path) -> None:
        self.driver = driver
        self.path = path

    def open(self, width: int = 1200) -> None:
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.get(self.path.as_uri())
        self.wait()

    def wait(self) -> None:
        WebDriverWait(self.driver, 30).until(lambda driver: driver.execute_script(_DRAWN))

    def ask(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def choose(self, group: str, name: str, value: str) -> None:
        box = self.driver.find_element(
            "css selector", f'[data-switch="{group}"][data-name="{name}"]'
        )
        Select(box).select_by_value(value)
        self.wait()

    def column(self, table: str, number: int) -> list[str]:
        """The values of a column of the table that is shown."""
        found: list[str] = self.ask(
            "return [...document.querySelectorAll(arguments[0])].find(one => one.offsetParent)"
            ".querySelectorAll('tbody tr').values()"
            ".map(row => row.cells[arguments[1]].dataset.value).toArray()",
            table,
            number,
        )
        return found


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    options = Options()
    options.binary_location = CHROMIUM or ""
    for word in ("headless=new", "hide-scrollbars", "disable-gpu", "disable-dev-shm-usage",
                 "no-first-run", "disable-background-networking",
                 f"user-data-dir={tmp_path_factory.mktemp('chromium')}"):  # fmt: skip
        options.add_argument(f"--{word}")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # chromium has none for root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    found = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield found
    found.quit()


@pytest.fixture(scope="module")
def browser(driver: WebDriver, output: Path, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    path = tmp_path_factory.mktemp("page") / "report.html"
    assert main(["report", str(output), "--to", str(path)]) == 0
    found = Browser(driver, path)
    found.open()
    return found


def test_no_error_and_no_request_leaves_the_page(browser: Browser) -> None:
    """Opened afresh, every switch turned: the console stays empty, nothing is fetched."""
    driver: Any = browser.driver
    driver.get_log("browser"), driver.get_log("performance")
    browser.open()
    for group, name, value in [
        ("over-time", "subject", "group-100"), ("top", "counter", "downloads"),
        ("top", "period", "year"), ("rising", "length", "quarter"),
        ("countries", "counter", "downloads"), ("over-time", "subject", "article"),
    ]:  # fmt: skip
        browser.choose(group, name, value)
    browser.ask("document.querySelectorAll('.presets button').forEach(each => each.click())")
    browser.wait()

    assert driver.get_log("browser") == []
    sent = [
        message["params"]["request"]["url"]
        for message in (
            json.loads(each["message"])["message"] for each in driver.get_log("performance")
        )
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert [url for url in sent if not url.startswith("data:")] == [browser.path.as_uri()]
    assert browser.ask("return document.title").startswith("Usage of lboro")


def test_the_pages_policy_runs_no_script_of_a_stranger(browser: Browser) -> None:
    """A script that a title might bring in does not run."""
    assert browser.ask(
        """
        const script = document.createElement("script");
        script.textContent = "window.owned = true";
        document.body.append(script);
        return window.owned === undefined
        """
    )
    browser.driver.get_log("browser")  # type: ignore[attr-defined]  # the refusals just provoked


def test_charts_show_the_months_of_the_timeline(browser: Browser, ask: Ask) -> None:
    drawn = browser.ask(
        "return [...document.querySelectorAll('.chart')].filter(box => box.offsetParent)"
        ".map(box => [box.dataset.chart, box.querySelectorAll('path').length,"
        " box.querySelector('svg').getBoundingClientRect().width])"
    )
    assert [key for key, _, _ in drawn] == ["article-views", "article-downloads", "article-shares"]
    assert all(paths > 5 and width > 600 for _, paths, width in drawn)

    specs = browser.ask("return JSON.parse(document.getElementById('charts').textContent)")
    for counter in ("views", "downloads", "shares"):
        shown = {
            row["period"]: row["events"]
            for row in specs[f"article-{counter}"]["data"]["values"]
            if row["events"]
        }
        expected = ask(
            "SELECT strftime(period_start, '%B %Y'), sum(value)::BIGINT FROM timeline WHERE"
            f" entity = 'article' AND counter = '{counter}' GROUP BY 1"
        )
        assert shown == {str(period): events for period, events in expected}


def test_zoom_by_button_and_by_keyboard(browser: Browser) -> None:
    labels = (
        "return [...document.querySelectorAll('.panel:not([hidden]) [data-zoom] output')]"
        ".map(each => each.textContent)"
    )
    axis = (
        "return [...document.querySelector('.chart').querySelectorAll('.role-axis-label text')]"
        ".map(each => each.textContent).join(' ')"
    )
    browser.choose("over-time", "subject", "article")
    browser.driver.find_element("css selector", '.presets [data-months="12"]').click()
    browser.wait()
    assert browser.ask(labels) == ["Dec 2025", "Nov 2026"]
    WebDriverWait(browser.driver, 10).until(lambda _: "2024" not in browser.ask(axis))
    slider = browser.driver.find_element("css selector", "[data-until]")
    slider.send_keys(Keys.ARROW_LEFT)
    assert browser.ask(labels) == ["Dec 2025", "Oct 2026"]
    browser.driver.find_element("css selector", '.presets [data-months="0"]').click()
    assert browser.ask(labels) == ["Dec 2023", "Nov 2026"]


def test_a_pointer_over_a_month_tells_its_events(browser: Browser) -> None:
    box = browser.driver.find_element("css selector", ".chart svg")
    webdriver.ActionChains(browser.driver).scroll_to_element(box).move_to_element(box).perform()
    tip = WebDriverWait(browser.driver, 10).until(
        lambda driver: driver.execute_script(
            "const tip = document.querySelector('#vg-tooltip-element.visible');"
            "return tip && tip.textContent"
        )
    )
    assert "period" in tip
    assert "views" in tip


@pytest.mark.parametrize(
    ("counter", "period", "table"),
    [
        ("views", "all", "totals WHERE"),
        ("downloads", "all", "totals WHERE"),
        ("views", "month", "timeline WHERE period = '2026-10' AND"),
        ("downloads", "year", "timeline WHERE period BETWEEN '2025-11' AND '2026-10' AND"),
    ],
)
def test_top_items_are_what_sql_says(
    browser: Browser, ask: Ask, counter: str, period: str, table: str
) -> None:
    browser.choose("top", "counter", counter)
    browser.choose("top", "period", period)

    shown = browser.ask(
        "const table = [...document.querySelectorAll('#top table')].find(one => one.offsetParent);"
        "const place = [...table.querySelectorAll('thead th')].findIndex("
        "  head => head.textContent.trim().toLowerCase() === arguments[0]);"
        "return [...table.tBodies[0].rows].map("
        "  row => [Number(row.dataset.id), Number(row.cells[place].dataset.value)])",
        counter,
    )
    expected = ask(
        f"SELECT entity_id, sum(value)::BIGINT FROM {table} entity = 'article' AND counter ="
        f" '{counter}' AND value > 0 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 25"
    )
    assert [tuple(row) for row in shown] == expected


def test_countries_are_what_sql_says(browser: Browser, ask: Ask) -> None:
    browser.choose("countries", "counter", "views")
    base = "FROM countries WHERE entity = 'article' AND counter = 'views'"

    names, values = browser.column("#countries table", 0), browser.column("#countries table", 1)
    unlisted = browser.column("#countries table", 3)

    assert list(zip(names, map(int, values), map(int, unlisted), strict=True)) == ask(
        f"SELECT country, sum(value)::BIGINT, sum(unlisted)::BIGINT {base} GROUP BY 1 ORDER BY 2"
        " DESC, 1"
    )
    # In the picture the two spellings of "unknown" are one, and so are two names of one country.
    unknown = ask(f"SELECT sum(value)::BIGINT {base} AND country IN ('Unknown', 'Unkown')")
    assert browser.ask(
        "return [...document.querySelectorAll('[data-unknown]')].find(one => one.offsetParent)"
        ".dataset.unknown"
    ) == str(unknown[0][0])
    korea = ask(
        f"SELECT sum(value)::BIGINT {base} AND country IN ('South Korea', 'Korea, Republic of')"
    )
    assert browser.ask(
        "return [...document.querySelectorAll('svg.map')].find(one => one.clientWidth)"
        ".querySelector('[href=\"#w-KR\"]').dataset.value"
    ) == str(korea[0][0])
    assert "Atlantis" in browser.ask("return document.querySelector('#countries').innerText")


def test_every_gap_is_on_the_page(browser: Browser, ask: Ask) -> None:
    expected = ask("SELECT count(*) FROM requests WHERE state IN ('failed', 'pending')")[0][0]
    shown = browser.ask("const gaps = document.querySelector('[data-gaps]'); return gaps &&"
                        " Number(gaps.dataset.gaps)")  # fmt: skip
    assert (shown or 0) == expected


def test_a_table_is_sorted_by_pointer_and_keyboard(browser: Browser) -> None:
    browser.choose("countries", "counter", "views")
    find = browser.driver.find_element
    name = find("css selector", "#countries .panel:not([hidden]) thead th:nth-child(1) button")
    name.click()
    names = browser.column("#countries table", 0)
    assert names == sorted(names)
    assert browser.ask("return arguments[0].parentElement.getAttribute('aria-sort')", name) == (
        "ascending"
    )
    number = find("css selector", "#countries .panel:not([hidden]) thead th:nth-child(2) button")
    number.send_keys(Keys.ENTER)
    values = [int(each) for each in browser.column("#countries table", 1)]
    assert values == sorted(values, reverse=True)
    number.send_keys(Keys.SPACE)
    assert [int(each) for each in browser.column("#countries table", 1)] == sorted(values)


@pytest.mark.parametrize("width", [360, 768, 1200])
def test_the_page_fits_every_screen(browser: Browser, width: int) -> None:
    browser.open(width)
    try:
        assert browser.ask("return document.documentElement.scrollWidth") <= width
        charts = "return document.querySelector('.chart svg').getBoundingClientRect().width"
        assert browser.ask(charts) <= width
        bar = "return document.querySelector('.matrix .states').getBoundingClientRect().left"
        head = "return document.querySelector('.matrix tbody th').getBoundingClientRect().right"
        assert browser.ask(head) <= browser.ask(bar) < width, "names hide the pictures"
    finally:
        browser.open()


def test_the_page_prints_without_its_controls(browser: Browser) -> None:
    driver: Any = browser.driver
    sheet = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(sheet["data"])
    assert pdf.startswith(b"%PDF-")
    assert 2 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 30
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        for css in ("nav", ".controls"):
            assert browser.ask(
                f"return getComputedStyle(document.querySelector('{css}')).display"
            ) == ("none")
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_a_page_of_one_group_only_has_no_error(driver: WebDriver, tmp_path: Path) -> None:
    """No articles, no listings: nothing to add up, and still a page."""
    root = tmp_path / "job"
    write(root, Institution(articles=20, groups=10, years=2))
    for part in [*root.rglob("entity=article"), root / "entities", root / "countries"]:
        shutil.rmtree(part, ignore_errors=True)
    assert main(["report", str(root)]) == 0

    browser = Browser(driver, root / "_harvest" / "report.html")
    browser.driver.get_log("browser")  # type: ignore[attr-defined]
    browser.open()

    assert browser.driver.get_log("browser") == []  # type: ignore[attr-defined]
    assert "never added up" in browser.ask("return document.querySelector('#headline').innerText")
