"""A host that answers at once, or after a fixed time, and remembers when it was asked.

A process of its own and no framework: what is measured is the asker. Answers fit the question
(any total, any timeline), so that the harvester takes them; where they come from is no
simulation of anything.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from datetime import date, timedelta
from functools import cache
from urllib.parse import parse_qs

ARRIVALS, COUNT = "/_bench/arrivals", "/_bench/count"
# This many different bodies are made once and kept: more than a page of Parquet holds, so that
# no page packs the same body twice.
_BODIES = 1009


@cache
def timeline(first: str, last: str, item: int) -> bytes:
    """Every day of a window with a number: mostly small, a quarter zero, a few in the hundreds."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = (start + timedelta(days=index) for index in range((end - start).days + 1))
    dice = random.Random(item)  # noqa: S311  # no secret
    counts = {day.isoformat(): int(dice.paretovariate(1.1) * dice.random() * 2) for day in days}
    return _reply(json.dumps({"timeline": counts}).encode())


@cache
def total(item: int) -> bytes:
    return _reply(json.dumps({"totals": 100 + item}).encode())


def answer(target: str) -> bytes:
    """The whole reply, head and body, to one path with its query."""
    path, _, query = target.partition("?")
    item = int(path.rpartition("/")[2]) % _BODIES
    if "/total/" in path:
        return total(item)
    dates = parse_qs(query)
    return timeline(dates["start_date"][0], dates["end_date"][0], item)


def _reply(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


class Answering(asyncio.Protocol):
    """One connection."""

    def __init__(self, latency_seconds: float, arrivals: list[float]) -> None:
        self._latency_seconds = latency_seconds
        self._arrivals = arrivals
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            if target == ARRIVALS:
                self._send(_reply(json.dumps(self._arrivals).encode()))
                continue
            if target == COUNT:
                self._send(_reply(json.dumps(len(self._arrivals)).encode()))
                continue
            self._arrivals.append(now)
            if self._latency_seconds:
                self._loop.call_later(self._latency_seconds, self._send, answer(target))
            else:
                self._send(answer(target))

    def _send(self, reply: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(reply)


async def serve(latency_seconds: float) -> None:
    arrivals: list[float] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Answering(latency_seconds, arrivals), "127.0.0.1", 0, backlog=1024
    )
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--latency-seconds", type=float, default=0.0)
    asyncio.run(serve(arguments.parse_args().latency_seconds))
