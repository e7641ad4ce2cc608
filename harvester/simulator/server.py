"""The simulated Figshare on loopback: statistics, listings, faults and a history of it all."""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from aiohttp import web

from harvester.simulator.answers import answer, is_admitted, seconds_for
from harvester.simulator.call import Answer, Call
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.control import PREFIX as CONTROL
from harvester.simulator.control import control
from harvester.simulator.corrupt_bodies import spoilt
from harvester.simulator.error_bodies import ProblemError, forbidden
from harvester.simulator.error_responses import instead
from harvester.simulator.faults import INSTEAD, NAMES, ON_BODY, ON_CONNECT, Fault, FaultDice
from harvester.simulator.history import Entry, History
from harvester.simulator.listings import PREFIX as LISTINGS
from harvester.simulator.listings import Listings
from harvester.simulator.question import read_question
from harvester.simulator.quirks import Quirks
from harvester.simulator.replay import Exchange, date_header, read_exchanges, replayed
from harvester.simulator.seeded import Salt, mix, share
from harvester.simulator.truth import Truth
from harvester.simulator.wire import compressed, reset, send

_ON_REQUEST: Final = tuple(name for name in NAMES if name not in ON_CONNECT)
# What an answer can depend on; the rest of a request's headers is nobody's business.
_HEADERS: Final = ("authorization", "x-cursor", "if-none-match")


class Simulator:
    """A running simulator: what it is, what it knows, and what it was asked.

    Attributes:
        url: scheme, host and port; the statistics are here, the listings under `api_url`.
        history: every request but those to the control interface.
        truth: what its answers are made from, as of `config.today`.
    """

    def __init__(
        self, config: SimulatorConfig, history: History, exchanges: list[Exchange] | None
    ) -> None:
        self.url = ""
        self.history = history
        # A replaying simulator knows nothing besides what was recorded.
        self._exchanges = exchanges
        if exchanges is not None:
            config = replace(config, articles=0, quirks=_replaying(config))
        self.truth = Truth(config)
        self._listings = Listings(self.truth)
        self._dice = FaultDice(config.seed, config.faults)
        # By `id` of the protocol object, which takes no weak references; a connection that
        # gets the address of a closed one gets its place here, too.
        self._connections: dict[int, int] = {}
        self._opened = 0

    @property
    def config(self) -> SimulatorConfig:
        """The config it runs with now."""
        return self.truth.config

    @property
    def api_url(self) -> str:
        """Where the listings are."""
        return self.url + LISTINGS.rstrip("/")

    def reconfigure(self, config: SimulatorConfig) -> None:
        """Go on with another config; other faults start counting from nothing."""
        if config.faults != self.config.faults:
            self._dice = FaultDice(config.seed, config.faults)
        self.truth = self.truth.under(config)
        self._listings = Listings(self.truth)

    def reset(self) -> None:
        """Forget the history, and what the faults have counted."""
        self.history.clear()
        self._dice = FaultDice(self.config.seed, self.config.faults)

    def connect(self, server: web.Server) -> asyncio.Protocol:
        """Who talks on the connection that was just accepted."""
        self._opened += 1
        if self._dice.throw(ON_CONNECT, "CONNECT", "", b""):
            self.history.refused += 1
            return _Refusal()
        protocol = server()
        self._connections[id(protocol)] = self._opened
        return protocol

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, whatever it is."""
        body = await request.read()
        call = _call(request, body, len(self.history) + 1)
        if call.path.startswith(CONTROL):
            response, _ = await send(request, control(self, call), None)
            return response
        fault = self._dice.throw(_ON_REQUEST, call.method, call.target, body)
        entry = self.history.arrive(
            call.method,
            call.target,
            headers=request.headers,
            connection=self._connections.get(id(request.protocol), 0),
            fault=None if fault is None else fault.name,
        )
        await self._wait(entry.number)
        await _work(seconds_for(self.config, call))
        found, fault = self._found(replace(call, number=entry.number), fault)
        accepted = request.headers.get("Accept-Encoding", "")
        if fault is None:
            # Also where one was thrown that this answer has no place for.
            entry.fault = None
            found = compressed(found, accepted, self.config.gzip_from_bytes)
        try:
            response, sent_bytes = await send(request, found, fault)
        except ConnectionError:  # the client left; the server notices that, too
            return web.Response()
        self._complete(entry, found.status, sent_bytes)
        return response

    def _complete(self, entry: Entry, status: int, sent_bytes: int | None) -> None:
        if sent_bytes is not None:
            self.history.complete(entry, status, sent_bytes)

    async def _wait(self, number: int) -> None:
        config = self.config
        jitter = share(mix(config.seed, Salt.LATENCY, number)) * config.jitter_seconds
        if seconds := config.latency_seconds + jitter:
            await asyncio.sleep(seconds)

    def _found(self, call: Call, fault: Fault | None) -> tuple[Answer, Fault | None]:
        """The answer, and the fault that is in it or still to be brought about."""
        if fault is not None and fault.name in INSTEAD:
            return instead(fault, call, datetime.now(UTC)), fault
        right = self.right(call)
        if fault is None or fault.name not in ON_BODY:
            return right, fault
        bent = spoilt(fault.name, right, call.path)
        return (right, None) if bent is None else (bent, fault)

    def right(self, call: Call) -> Answer:
        """The answer that nothing went wrong with."""
        if self._exchanges is not None:
            found = replayed(self._exchanges, call)
            if found is not None:
                return found if self._is_admitted(call) else forbidden()
        if call.path.startswith(LISTINGS):
            return self._listings.answer(call)
        quirks = self.config.quirks
        skew = date_header(quirks.clock_skew_seconds) if quirks.clock_skew_seconds else {}
        more = dict(line.split(": ", 1) for line in quirks.headers)
        return answer(self.truth, call).under({**more, **skew})

    def _is_admitted(self, call: Call) -> bool:
        try:
            return is_admitted(self.config, read_question(call), call)
        except ProblemError:  # a recorded error needs no credentials
            return True


async def _work(seconds: float) -> None:
    """Be slow; without end, the client goes away or the simulator stops, and either cancels it."""
    if math.isinf(seconds):
        await asyncio.Event().wait()
    elif seconds:
        await asyncio.sleep(seconds)


class _Refusal(asyncio.Protocol):
    """Hangs up before a word is said."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        reset(transport)


@asynccontextmanager
async def serving(
    config: SimulatorConfig,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    history_path: Path | None = None,
    replay_path: Path | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Simulator]:
    """Serve a simulator while the context is open.

    Args:
        port: 0 takes a free one.
        history_path: a file of JSON lines to which the history is appended.
        replay_path: recorded responses to answer from instead of from a truth.
        tls: serves over https with this certificate.

    Raises:
        ValueError: the host is not on loopback. A double must not be taken for a service.
    """
    if host != "localhost" and not ip_address(host).is_loopback:
        raise ValueError(f"the simulator serves on loopback only, not on {host}")
    exchanges = None if replay_path is None else read_exchanges(replay_path)
    simulator = Simulator(config, History(history_path), exchanges)
    # The client's going away ends what waits for it: a `hang` lasts no longer than its victim.
    server = web.Server(simulator.respond, handler_cancellation=True, access_log=None)
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        lambda: simulator.connect(server), host, port, backlog=1024, ssl=tls
    )
    name = listener.sockets[0].getsockname()
    shown = f"[{name[0]}]" if ":" in name[0] else name[0]
    simulator.url = f"{'https' if tls else 'http'}://{shown}:{name[1]}"
    try:
        yield simulator
    finally:
        listener.close()
        # Not 0, which aiohttp takes for "wait for ever"; nothing here is worth waiting for.
        await server.shutdown(0.05)
        await listener.wait_closed()
        simulator.history.close()


def _call(request: web.BaseRequest, body: bytes, number: int) -> Call:
    found = {name: request.headers[name] for name in _HEADERS if name in request.headers}
    return Call(request.method, request.raw_path, body, found, number)


def _replaying(config: SimulatorConfig) -> Quirks:
    """Nobody recorded the undocumented total, so a replay does not have it."""
    return replace(config.quirks, combined_totals="absent")
