"""What the tests of `harvester/fetch` share: a clock in the hand, a scripted server, requests."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import anyio.lowlevel

from harvester.errors import ParseError
from harvester.fetch.call import ApiCall
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.governor import Pause
from harvester.fetch.host import Host, open_host
from harvester.fetch.pool import fetch
from harvester.fetch.stop import Stop
from harvester.fetch.url import Writer
from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.model.reply import Failure, Reply, ReplySummary
from harvester.model.request import Request
from harvester.model.terms import Counter, Endpoint, Granularity, Kind

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOTAL = Question(Endpoint.TOTAL, Kind.ARTICLE, Counter.VIEWS)
PRIVATE = Question(
    Endpoint.TIMELINE, Kind.ARTICLE, Counter.VIEWS, Granularity.DAY, institution="lboro"
)
YEAR = Window(datetime(2015, 1, 1, tzinfo=UTC).date(), datetime(2015, 12, 31, tzinfo=UTC).date())


def totals(first: int, last: int) -> Iterator[Request]:
    return (Request(TOTAL, number) for number in range(first, last + 1))


def timelines(first: int, last: int) -> Iterator[Request]:
    return (Request(PRIVATE, number, YEAR) for number in range(first, last + 1))


class FakeClock:
    """Time passes only where somebody waits for it, and then at once."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []
        self.held: anyio.Event | None = None  # set in it: sleeps last until then

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds - 1000)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        until = self.seconds + seconds
        self.slept.append(seconds)
        if self.held:
            await self.held.wait()
        await anyio.lowlevel.checkpoint()
        self.seconds = max(self.seconds, until)


@dataclass(frozen=True)
class Said:
    """Bytes of a reply and what the server does after them: keep, close, reset, hang."""

    text: bytes
    then: str = "keep"


def http(status: int, body: bytes | str | object, *headers: str, kind: str | None = None) -> Said:
    """A whole reply; a body that is neither bytes nor text is sent as JSON."""
    if isinstance(body, str):
        body = body.encode()
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"HTTP/1.1 {status} X",
        f"Content-Type: {kind or 'application/json'}",
        f"Content-Length: {len(raw)}",
        *headers,
    ]
    return Said("\r\n".join(lines).encode() + b"\r\n\r\n" + raw)


FINE = http(200, {"totals": 7})


@dataclass
class Service:
    """A server with a script: path and how often it was asked before, in; what it says, out."""

    script: Callable[[str, int], Said]
    url: str = ""
    paths: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    clock: FakeClock | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        for line in head.splitlines():
            if line.lower().startswith("content-length:"):
                await reader.readexactly(int(line.split(":")[1]))
        path = head.split(" ", 2)[1]
        seen = self.paths.count(path)
        self.paths.append(path)
        self.heads.append(head)
        if self.clock:
            self.times.append(self.clock.seconds)
        said = self.script(path, seen)
        writer.write(said.text)
        if said.then == "reset":
            # Without this pause the abort would drop what was written.
            await asyncio.sleep(0.02)
            writer.transport.abort()
            return False
        await writer.drain()
        if said.then == "hang":
            await reader.read()
            return False
        return said.then == "keep"


@asynccontextmanager
async def serving(
    script: Callable[[str, int], Said] | Said,
    tls: ssl.SSLContext | None = None,
    clock: FakeClock | None = None,
) -> AsyncIterator[Service]:
    chosen = script if callable(script) else lambda _path, _seen: script
    service = Service(chosen, clock=clock)
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    service.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield service
    finally:
        server.close()
        await server.wait_closed()


@dataclass
class Harvest:
    """One call of `fetch` against a service, and all it left behind."""

    clock: FakeClock = field(default_factory=FakeClock)
    stop: Stop = field(default_factory=Stop)
    replies: list[Reply] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    pauses: list[Pause | None] = field(default_factory=list)
    pause: Pause | None = None
    host: Host | None = None

    async def keep(self, outcome: Reply | Failure) -> None:
        if isinstance(outcome, Reply):
            self.replies.append(outcome)
        else:
            self.failures.append(outcome)

    async def run(self, url: str, requests: Iterator[Request], **settings: Any) -> Harvest:
        chosen = FetchSettings(
            **{"requests_per_second": None, "concurrency": 1, **settings},
            base_url=url,
            user_agent="tests",
        )
        with anyio.fail_after(20):
            async with open_host(
                chosen,
                self.clock,
                remember_pause=self.pauses.append,
                pause=self.pause,
                chance=lambda: 0.5,
            ) as host:
                self.host = host
                await fetch(requests, host, judge=judge, keep=self.keep, stop=self.stop)
        return self

    @property
    def reasons(self) -> list[str]:
        return [each.reason for each in self.failures]


def call(url: str, request: Request) -> ApiCall:
    """A request as `fetch` sends it, with a judge that takes everything."""
    writer = Writer(url)
    return ApiCall(writer.address(request), lambda _: 1, "total", body=writer.body(request))


def settings(url: str, concurrency: int = 4) -> FetchSettings:
    return FetchSettings(url, "tests", requests_per_second=None, concurrency=concurrency)


def judge(request: Request, body: bytes) -> ReplySummary:
    try:
        read = json.loads(body)
    except ValueError as error:
        raise ParseError("the body is not JSON", where=request.key, fix="ask again") from error
    if not isinstance(read, dict) or not {"totals", "timeline"} & read.keys():
        raise ParseError("no totals in it", where=request.key, fix="ask again")
    return ReplySummary(1)
