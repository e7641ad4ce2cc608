"""Which requests a fault hits, and what a client sees of each fault over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from harvester.simulator import Fault, Simulator, SimulatorConfig, Truth, serving
from harvester.simulator.call import json_answer
from harvester.simulator.corrupt_bodies import spoilt
from harvester.simulator.faults import NAMES, FaultDice

pytestmark = pytest.mark.anyio

SMALL = SimulatorConfig(articles=20)
ARTICLE = Truth(SMALL).top(None, "views", "article", 1)[0][0]
TOTAL = f"/total/views/article/{ARTICLE}"
MONTHS = f"/timeline/month/views/article/{ARTICLE}?start_date=2015-01-01&end_date=2026-06-30"
PLACES = f"/breakdown/month/views/article/{ARTICLE}?start_date=2024-01-01&end_date=2025-12-31"


def hits(fault: Fault, targets: list[str], seed: int = 7) -> list[int]:
    """Which of these requests are hit, counted from 1."""
    dice = FaultDice(seed, [fault])
    return [n for n, target in enumerate(targets, 1) if dice.throw(NAMES, "GET", target, b"")]


MIXED = ["/a", "/b", "/a", "/c", "/a", "/b"]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param(Fault("hang", requests=(1, 4)), [1, 4], id="exact ones"),
        pytest.param(Fault("hang", every=2), [2, 4, 6], id="every other"),
        pytest.param(Fault("hang", first_tries=1), [1, 2, 4], id="first tries"),
        pytest.param(Fault("hang", first_tries=2), [1, 2, 3, 4, 6], id="two tries"),
        pytest.param(Fault("hang", rate=1.0, path="^/a$"), [1, 3, 5], id="one path"),
        pytest.param(Fault("hang", requests=(2,), path="^/a$"), [3], id="second of a path"),
        pytest.param(Fault("hang", rate=1.0, after=4), [5, 6], id="from the fifth on"),
        pytest.param(Fault("hang", rate=1.0, until=2), [1, 2], id="two and no more"),
        pytest.param(Fault("hang"), [], id="never"),
    ],
)
def test_a_fault_hits_the_requests_that_it_names(fault: Fault, expected: list[int]) -> None:
    assert hits(fault, MIXED) == expected


def test_a_rate_does_not_depend_on_the_order() -> None:
    """The same tries of the same requests are hit, however they are interleaved."""
    fault = Fault("hang", rate=0.2)
    targets = [f"/total/views/article/{number}" for number in range(2000)]
    forwards = {targets[n - 1] for n in hits(fault, targets)}
    backwards = {targets[::-1][n - 1] for n in hits(fault, targets[::-1])}
    again = {targets[n - 2001] for n in hits(fault, targets + targets) if n > 2000}
    assert forwards == backwards
    assert 330 < len(forwards) < 470
    assert len(again & forwards) < len(again) / 2
    assert forwards != {targets[n - 1] for n in hits(fault, targets, seed=8)}


@asynccontextmanager
async def faulty(*faults: Fault) -> AsyncIterator[tuple[Simulator, aiohttp.ClientSession]]:
    config = SMALL.patched({"faults": [json.loads(json.dumps(_plain(one))) for one in faults]})
    timeout = aiohttp.ClientTimeout(total=20)
    async with (
        serving(config) as simulator,
        aiohttp.ClientSession(simulator.url, timeout=timeout) as session,
    ):
        yield simulator, session


def _plain(fault: Fault) -> dict[str, Any]:
    found: dict[str, Any] = SimulatorConfig(faults=(fault,)).to_json()["faults"][0]
    return found


async def fetch(session: aiohttp.ClientSession, target: str) -> tuple[int, bytes, dict[str, str]]:
    async with session.get(target, allow_redirects=False) as response:
        return response.status, await response.read(), dict(response.headers)


async def right(target: str) -> bytes:
    async with faulty() as (_, session):
        return (await fetch(session, target))[1]


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("refuse", aiohttp.ClientConnectionError),
        ("reset_before", aiohttp.ClientConnectionError),
        ("reset_inside", (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)),
        ("cut_body", aiohttp.ClientPayloadError),
        ("big_headers", aiohttp.ClientResponseError),
    ],
)
async def test_broken_connections_are_errors_for_the_client(
    name: str, errors: type[Exception]
) -> None:
    async with faulty(Fault(name, rate=1.0)) as (simulator, session):
        with pytest.raises(errors):
            await fetch(session, MONTHS)
        # A client may try a closed connection once more by itself; nothing else was seen.
        assert {entry.fault for entry in simulator.history} == (
            set() if name == "refuse" else {name}
        )
        if name != "big_headers":  # which were sent to their end
            assert {entry.status for entry in simulator.history} <= {None}
        assert bool(simulator.history.refused) == (name == "refuse")
        simulator.reconfigure(SMALL)
        assert (await fetch(session, MONTHS))[0] == 200


@pytest.mark.parametrize("name", ["half_body", "cut_gzip"])
async def test_half_answers_look_whole(name: str) -> None:
    """Status 200 and no error from the client: only the JSON does not end."""
    async with faulty(Fault(name, first_tries=1)) as (_, session):
        status, body, _ = await fetch(session, MONTHS)
        assert status == 200
        with pytest.raises(ValueError, match=r"."):
            json.loads(body)
        assert json.loads((await fetch(session, MONTHS))[1])["timeline"]


async def raw(url: str, target: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request by hand, for what a client should not show."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return reader, writer


async def claimed(reader: asyncio.StreamReader) -> bytes:
    """A body as long as its length says."""
    head = await reader.readuntil(b"\r\n\r\n")
    return await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))


async def test_a_length_that_is_too_short_leaves_a_rest() -> None:
    whole = await right(MONTHS)
    async with faulty(Fault("short_length", requests=(1,))) as (simulator, _):
        reader, writer = await raw(simulator.url, MONTHS)
        half = await claimed(reader)
        rest = await reader.readexactly(len(whole) - len(half))
        writer.close()
    assert len(half) == len(whole) // 2
    assert half + rest == whole


async def test_an_answer_too_many_comes_behind_the_right_one() -> None:
    async with faulty(Fault("unasked_answer", requests=(1,))) as (simulator, _):
        reader, writer = await raw(simulator.url, TOTAL)
        bodies = [await claimed(reader), await claimed(reader)]
        writer.close()
    assert bodies == [await right(TOTAL), b'{"totals":987654}']


@pytest.mark.parametrize("name", ["huge_body", "gzip_bomb"])
async def test_floods_are_valid_json(name: str) -> None:
    """Nothing but its size is wrong with it."""
    size = 3_000_000
    async with faulty(Fault(name, rate=1.0, size_bytes=size)) as (simulator, session):
        status, body, headers = await fetch(session, TOTAL)
        assert status == 200
        assert abs(len(body) - size) < 300_000
        assert json.loads(body) == {"totals": 1}
        sent = simulator.history[0].sent_bytes
        assert sent is not None
        assert (sent < 20_000) == ("Content-Encoding" in headers) == (name == "gzip_bomb")


async def test_a_hanging_request_ends_with_its_client() -> None:
    async with faulty(Fault("hang", first_tries=1)) as (simulator, session):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await fetch(session, TOTAL)
        assert (await fetch(session, TOTAL))[0] == 200
        assert [entry.status for entry in simulator.history] == [None, 200]


async def test_a_short_hang_and_a_drip_end_well() -> None:
    faults = (
        Fault("hang", first_tries=1, seconds=0.01),
        Fault("slow_drip", requests=(2,), seconds=0.001),
    )
    async with faulty(*faults) as (simulator, session):
        answers = [await fetch(session, TOTAL) for _ in range(3)]
        assert len({body for _, body, _ in answers}) == 1
        assert [entry.fault for entry in simulator.history] == ["hang", "slow_drip", None]


async def test_a_kept_connection_is_closed_all_the_same() -> None:
    async with faulty(Fault("close_keepalive", every=1)) as (simulator, session):
        for _ in range(3):
            status, body, headers = await fetch(session, TOTAL)
            assert (status, json.loads(body)) == (200, json.loads(await right(TOTAL)))
            assert headers.get("Connection") != "close"
        assert {entry.status for entry in simulator.history} == {200}
        assert len({entry.connection for entry in simulator.history}) == 3


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "code"),
    [
        (Fault("html_200", rate=1.0), 200, "text/html", None),
        (Fault("html_403", rate=1.0), 403, "text/html", None),
        (Fault("empty_202", rate=1.0), 202, None, None),
        (Fault("empty_200", rate=1.0), 200, "application/json", None),
        (Fault("empty_list", rate=1.0), 200, "application/json", None),
        (Fault("status", rate=1.0, status=500), 500, "application/json", "ServiceError"),
        (Fault("status", rate=1.0, status=408), 408, "application/json", "ServiceError"),
        (Fault("error_body_200", rate=1.0), 200, "application/json", "InternalError"),
        (Fault("json_401", rate=1.0), 401, "application/json", "Unauthorized"),
        (Fault("json_403", rate=1.0), 403, "application/json", "Forbidden"),
        (Fault("gateway_403", rate=1.0), 403, "application/json", None),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
async def test_a_fault_that_answers_instead_has_its_status_type_and_code(
    fault: Fault, status: int, content_type: str | None, code: str | None
) -> None:
    async with faulty(fault) as (simulator, session):
        found, body, headers = await fetch(session, TOTAL)
        assert found == status
        if content_type:
            assert headers["Content-Type"].startswith(content_type)
        if code:
            assert json.loads(body)["code"] == code
        if fault.name in {"empty_200", "empty_202"}:
            assert body == b""
        assert [(entry.status, entry.fault) for entry in simulator.history] == [
            (status, fault.name)
        ]


@pytest.mark.parametrize(
    ("name", "status", "action", "content_type"),
    [
        ("waf_202", 202, "challenge", None),
        ("waf_405", 405, "captcha", None),
        ("waf_405_page", 405, "captcha", "text/html; charset=utf-8"),
        ("waf_200", 200, "captcha", "application/json; charset=utf-8"),
    ],
)
async def test_the_wall_says_what_it_wants_in_a_header_with_and_without_a_page(
    name: str, status: int, action: str, content_type: str | None
) -> None:
    async with faulty(Fault(name, rate=1.0)) as (_, session):
        found, body, headers = await fetch(session, TOTAL)
        assert (found, headers["x-amzn-waf-action"]) == (status, action)
        assert bool(body) == (content_type is not None)
        assert content_type is None or headers["Content-Type"] == content_type


async def test_a_challenge_escalates_where_one_wall_ends_and_another_begins() -> None:
    walls = (Fault("waf_202", rate=1.0, until=2), Fault("waf_405", rate=1.0, after=2))
    async with faulty(*walls) as (_, session):
        assert [(await fetch(session, TOTAL))[0] for _ in range(4)] == [202, 202, 405, 405]


async def test_a_gateway_knows_no_code() -> None:
    async with faulty(Fault("gateway_403", rate=1.0)) as (_, session):
        assert json.loads((await fetch(session, TOTAL))[1]) == {"message": "Forbidden"}


@pytest.mark.parametrize(
    ("retry_after", "status"),
    [("120", 429), ("3600", 503), ("soon", 429), (None, 429)],
)
async def test_retry_after_is_sent_as_it_is(retry_after: str | None, status: int) -> None:
    fault = Fault("status", rate=1.0, status=status, retry_after=retry_after)
    async with faulty(fault) as (_, session):
        found, _, headers = await fetch(session, TOTAL)
        assert (found, headers.get("Retry-After")) == (status, retry_after)


@pytest.mark.parametrize("seconds", [3600, -3600])
async def test_retry_after_can_be_a_date(seconds: int) -> None:
    fault = Fault("status", rate=1.0, status=429, retry_after=f"date:{seconds}")
    async with faulty(fault) as (_, session):
        _, _, headers = await fetch(session, TOTAL)
        wait = parsedate_to_datetime(headers["Retry-After"]) - datetime.now(UTC)
        assert abs(wait.total_seconds() - seconds) < 60


async def test_a_redirect_names_another_origin() -> None:
    async with faulty(Fault("redirect", rate=1.0, location="http://other.invalid")) as (_, session):
        status, _, headers = await fetch(session, MONTHS)
        assert (status, headers["Location"]) == (302, f"http://other.invalid{MONTHS}")


async def test_a_redirect_can_name_a_login_for_everything() -> None:
    login = "https://login.invalid/sso?next=here"
    async with faulty(Fault("redirect", rate=1.0, location=login)) as (_, session):
        status, _, headers = await fetch(session, MONTHS)
        assert (status, headers["Location"]) == (302, login)


def first_count(plain: Any) -> Any:
    while isinstance(plain, dict):
        plain = next(iter(plain.values()))
    return plain


@pytest.mark.parametrize(
    ("name", "is_wrong"),
    [
        ("negative", lambda count: type(count) is int and count < 0),
        ("fraction", lambda count: type(count) is float),
        ("string_number", lambda count: type(count) is str),
        ("boolean", lambda count: count is True),
        ("big_integer", lambda count: len(str(count)) == 30),
        ("wrong_shape", lambda value: type(value) is list),
    ],
)
@pytest.mark.parametrize("target", [TOTAL, MONTHS, PLACES, "/timeline/day/shares/article/5"])
async def test_a_fault_of_numbers_spoils_a_number_of_the_answer(
    name: str, target: str, is_wrong: Callable[[object], bool]
) -> None:
    """Also where there was no number at all."""
    async with faulty(Fault(name, first_tries=1)) as (_, session):
        status, body, _ = await fetch(session, target)
        assert status == 200
        assert is_wrong(first_count(json.loads(body))), body[:200]
        assert json.loads((await fetch(session, target))[1]) == json.loads(await right(target))


@pytest.mark.parametrize(
    ("name", "target", "key"),
    [
        ("out_of_window", MONTHS, "1999-12"),
        ("out_of_window", PLACES, "1999-12"),
        ("wrong_period_spelling", MONTHS, "2015-1"),
        ("wrong_period_spelling", "/timeline/day/shares/article/5", "2015-1-9"),
    ],
)
async def test_a_fault_of_periods_puts_a_wrong_period_into_the_answer(
    name: str, target: str, key: str
) -> None:
    async with faulty(Fault(name, rate=1.0)) as (_, session):
        plain = json.loads((await fetch(session, target))[1])
        assert key in plain[target.split("/")[1]]


async def test_faults_of_form_send_a_list_or_a_wrong_content_type() -> None:
    async with faulty(Fault("not_an_object", requests=(1,))) as (_, session):
        assert json.loads((await fetch(session, TOTAL))[1]) == [json.loads(await right(TOTAL))]
    async with faulty(Fault("wrong_content_type", requests=(1,))) as (_, session):
        _, body, headers = await fetch(session, TOTAL)
        assert headers["Content-Type"] == "text/html"
        assert json.loads(body) == json.loads(await right(TOTAL))


async def test_a_fault_that_cannot_be_is_not_claimed() -> None:
    """A total has no periods; the history says that nothing was wrong with it."""
    assert spoilt("out_of_window", json_answer({"totals": 1}), TOTAL) is None
    async with faulty(Fault("out_of_window", rate=1.0)) as (simulator, session):
        assert json.loads((await fetch(session, TOTAL))[1]) == json.loads(await right(TOTAL))
        assert simulator.history[0].fault is None


def test_every_fault_of_the_simulator_is_tested_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in NAMES if f'"{name}"' not in text] == []
