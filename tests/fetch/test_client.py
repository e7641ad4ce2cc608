"""One attempt against everything a host can do, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import zlib

import anyio
import pytest

from harvester.fetch.authorization import basic_authorization
from harvester.fetch.client import Client
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.response import Arrival, NoResponse, Response, TransportFailure
from harvester.fetch.url import address
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from tests.fetch.support_fetch import FINE, TOTAL, YEAR, Said, call, http, serving

ASKED = Request(TOTAL, 1)
BOMB = gzip.compress(b"\0" * 40_000_000)
CANARY = "kanarie:vögel-\"'%&"


def settings(url: str, seconds: float = 5.0) -> FetchSettings:
    return FetchSettings(
        url,
        "harvester-tests/1 (contact@example.org)",
        basic_authorization(CANARY),
        timeout_seconds=seconds,
        max_body_bytes=1_000_000,
    )


async def attempted(url: str, seconds: float = 5.0, tls: ssl.SSLContext | None = None) -> Arrival:
    with anyio.fail_after(10):
        async with Client(settings(url, seconds), tls) as client:
            return await client.attempt(call(url, ASKED))


def gzipped(packed: bytes) -> Said:
    return http(200, packed, "Content-Encoding: gzip")


HALF = b'{"timeline": {"2015-01-01": 1'
NO_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
LONG = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1d\r\n"
)
WRONG_CRC = gzip.compress(b'{"totals": 7}')[:-8] + b"\0" * 8


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        pytest.param(Said(b"", "close"), TransportFailure.CONNECTION, id="closed before the head"),
        pytest.param(Said(b"", "reset"), TransportFailure.CONNECTION, id="reset before the head"),
        pytest.param(Said(LONG + HALF, "close"), TransportFailure.CUT, id="closed inside the body"),
        pytest.param(Said(LONG + HALF, "reset"), TransportFailure.CUT, id="reset inside the body"),
        pytest.param(Said(CHUNKED + HALF, "close"), TransportFailure.CUT, id="chunks cut"),
        pytest.param(gzipped(b"no gzip at all"), TransportFailure.CUT, id="not gzip"),
        pytest.param(gzipped(WRONG_CRC), TransportFailure.CUT, id="gzip with a wrong sum"),
        pytest.param(gzipped(BOMB), TransportFailure.OVERSIZE, id="gzip bomb"),
        pytest.param(http(200, b" " * 2_000_000), TransportFailure.OVERSIZE, id="too large"),
        pytest.param(Said(b"220 ready\r\n\r\n", "close"), TransportFailure.PROTOCOL, id="not HTTP"),
        pytest.param(
            http(200, b"{}", "X-Long: " + "x" * 100_000),
            TransportFailure.PROTOCOL,
            id="a header of 100 kB",
        ),
        pytest.param(
            http(200, b"{}", "Content-Length: 3"),
            TransportFailure.PROTOCOL,
            id="two lengths that differ",
        ),
    ],
)
async def test_an_answer_that_is_not_whole_is_lost_and_not_sent_again(
    said: Said, trouble: TransportFailure
) -> None:
    async with serving(said) as service:
        attempt_result = await attempted(service.url)

    assert isinstance(attempt_result, NoResponse)
    assert attempt_result.trouble is trouble
    assert len(service.paths) == 1, "nothing is sent again behind our back"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(Said(b"", "hang"), id="no byte at all"),
        pytest.param(Said(LONG + HALF, "hang"), id="a body that never ends"),
    ],
)
async def test_an_answer_that_drips_is_ended_by_the_total_timeout(said: Said) -> None:
    async with serving(said) as service:
        attempt_result = await attempted(service.url, seconds=0.2)

    assert isinstance(attempt_result, NoResponse)
    assert (attempt_result.trouble, attempt_result.sentence) == (
        TransportFailure.TIMEOUT,
        "no complete answer within 0.2 s",
    )


@pytest.mark.parametrize(
    ("said", "body"),
    [
        pytest.param(Said(NO_LENGTH + HALF, "close"), HALF, id="half a body without length"),
        pytest.param(
            gzipped(zlib.compressobj(wbits=31).compress(b"")), b"", id="gzip cut to its header"
        ),
        pytest.param(gzipped(gzip.compress(b'{"totals": 7}')), b'{"totals": 7}', id="gzip"),
    ],
)
async def test_a_200_arrives_as_it_is_where_only_the_shape_check_can_judge(
    said: Said, body: bytes
) -> None:
    async with serving(said) as service:
        attempt_result = await attempted(service.url)

    assert isinstance(attempt_result, Response)
    assert (attempt_result.status, attempt_result.body) == (200, body)


async def test_a_request_names_the_agent_accepts_gzip_and_sends_no_cookie() -> None:
    async with serving(FINE) as service:
        attempt_result = await attempted(service.url + "/stats/")

    assert attempt_result == Response(200, "application/json", b'{"totals": 7}')
    (head,) = service.heads
    lines = head.split("\r\n")
    assert lines[0] == "GET /stats/total/views/article/1 HTTP/1.1"
    assert "User-Agent: harvester-tests/1 (contact@example.org)" in lines
    assert "Accept-Encoding: gzip" in lines
    assert sum(line.startswith("Authorization: Basic ") for line in lines) == 1
    assert "cookie" not in head.lower()


async def test_the_bytes_of_an_address_go_out_as_they_were_planned() -> None:
    odd = Question(
        Endpoint.TIMELINE,
        Kind.ARTICLE,
        Counter.VIEWS,
        Granularity.DAY,
        SubItem.CATEGORY,
        "a'(b)/../~é+ %41",
        institution="x'y",
    )
    asked = Request(odd, 1, YEAR)
    async with serving(FINE) as service, Client(settings(service.url)) as client:
        await client.attempt(call(service.url, asked))

    assert [service.url + path for path in service.paths] == [address(service.url, asked)]


async def test_headers_that_a_verdict_needs_come_along() -> None:
    said = http(429, b"", "Retry-After: 5", "Date: Mon, 23 Nov 2026 12:00:00 GMT")
    async with serving(said) as service:
        attempt_result = await attempted(service.url)

    assert isinstance(attempt_result, Response)
    assert (attempt_result.retry_after, attempt_result.date) == (
        "5",
        "Mon, 23 Nov 2026 12:00:00 GMT",
    )


async def test_a_port_where_nobody_listens_is_a_connection_that_fails() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        attempt_result = await attempted(f"http://127.0.0.1:{port}")

    assert isinstance(attempt_result, NoResponse)
    assert attempt_result.trouble is TransportFailure.CONNECTION


async def test_a_host_without_an_address_is_a_connection_that_fails() -> None:
    attempt_result = await attempted("http://stats.invalid")

    assert isinstance(attempt_result, NoResponse)
    assert attempt_result.trouble is TransportFailure.CONNECTION


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_its_target_sees_no_request(status: int) -> None:
    async with serving(FINE) as other:
        said = http(status, b"", f"Location: {other.url}/total/views/article/1")
        async with serving(said) as service:
            attempt_result = await attempted(service.url)

    assert isinstance(attempt_result, Response)
    assert attempt_result.status == status
    assert other.paths == []


async def test_a_cookie_is_not_sent_back() -> None:
    async with (
        serving(http(200, {"totals": 7}, "Set-Cookie: a=b; Path=/")) as service,
        Client(settings(service.url)) as client,
    ):
        await client.attempt(call(service.url, ASKED))
        await client.attempt(call(service.url, ASKED))

    assert "cookie" not in "".join(service.heads).lower()


async def test_a_kept_connection_that_was_closed_is_not_used_again_unseen() -> None:
    """aiohttp would send a second time by itself, past the pace and the limit of sends."""

    def script(_path: str, seen: int) -> Said:
        return FINE if seen == 0 else Said(b"", "reset")

    async with serving(script) as service, Client(settings(service.url)) as client:
        assert isinstance(await client.attempt(call(service.url, ASKED)), Response)
        assert isinstance(await client.attempt(call(service.url, ASKED)), NoResponse)

    assert len(service.paths) == 2


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
async def test_an_answer_that_nobody_asked_for_answers_nothing(*, tls: bool) -> None:
    """It lies on the kept connection when the next request comes, and looks like its answer."""
    authority = pytest.importorskip("trustme").CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    asked, opened = [], []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                asked.append(int(head.split()[1].rpartition(b"/")[2]))
                writer.write(http(200, {"totals": asked[-1]}).text)
                await asyncio.sleep(0.005)
                writer.write(http(200, {"totals": 666}).text)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_side if tls else None)
    scheme = "https" if tls else "http"
    url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with Client(settings(url), trusting) as client:
        bodies = []
        for number in (1, 2, 3):
            attempt_result = await client.attempt(call(url, Request(TOTAL, number)))
            assert isinstance(attempt_result, Response)
            bodies.append(attempt_result.body)
            await asyncio.sleep(0.05)
    server.close()
    for each in opened:
        each.close()
        with contextlib.suppress(OSError):
            await each.wait_closed()
    await server.wait_closed()

    assert bodies == [b'{"totals": 1}', b'{"totals": 2}', b'{"totals": 3}']
    assert asked == [1, 2, 3], "nothing is sent twice for it"
    assert len(opened) == 3


async def test_a_host_whose_certificate_is_not_trusted_sees_no_request() -> None:
    authority = pytest.importorskip("trustme").CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with serving(FINE, server_side) as service:
        refused = await attempted(service.url)
        taken = await attempted(service.url, tls=trusting)

    assert isinstance(refused, NoResponse)
    assert refused.trouble is TransportFailure.CERTIFICATE
    assert isinstance(taken, Response)
    assert len(service.paths) == 1
