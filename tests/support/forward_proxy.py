"""A small forward proxy: tunnels to the hosts that it knows, and a log of all it was asked.

It resolves names itself, as proxies do: a host of the table that exists nowhere else can be
reached through it alone. It runs in a thread, beside whatever asks.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
WANTS_LOGIN = b"HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"


def page(status: int, *headers: str) -> bytes:
    """A proxy's own error page."""
    html = b"<html><title>ERROR</title>The requested URL could not be retrieved</html>"
    lines = [f"HTTP/1.1 {status} X", "Content-Type: text/html", f"Content-Length: {len(html)}"]
    return "\r\n".join([*lines, *headers]).encode() + b"\r\n\r\n" + html


@dataclass
class ForwardProxy:
    """What it does, and what it was asked.

    Attributes:
        hosts: `name:port` -> a port of this machine that is meant by it.
        credentials: `username:password` that it wants; None: it lets all in.
        says: sent in place of a tunnel; b"": it hangs up; None: it does its work.
        greets: said at once, before anything is asked; then it hangs up.
        hangs: it takes connections and says nothing.
        cuts_after: so many bytes come back through a tunnel, then it breaks off.
        heads: what it was asked, whole.
        tunnels: how many it opened.
    """

    hosts: Mapping[str, int] = field(default_factory=dict)
    credentials: str | None = None
    says: bytes | None = None
    greets: bytes = b""
    hangs: bool = False
    cuts_after: int | None = None
    port: int = 0
    heads: list[str] = field(default_factory=list)
    tunnels: int = 0
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def asked(self) -> list[str]:
        """The first lines of what it was asked."""
        return [head.partition("\r\n")[0] for head in self.heads]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._one(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.greets:
            writer.write(self.greets)
            return
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        if self.hangs:
            await reader.read()
            return
        method, target, _ = head.split(" ", 2)
        if self.says is not None or method != "CONNECT":
            writer.write(page(405) if self.says is None else self.says)
            return
        if self.credentials and _login(head) != self.credentials:
            writer.write(WANTS_LOGIN)
            return
        if target not in self.hosts:
            writer.write(page(502))
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.hosts[target])
        self.tunnels += 1
        writer.write(ESTABLISHED)
        try:
            back = asyncio.create_task(_pour(far_reader, writer, self.cuts_after))
            await _pour(reader, far_writer, None)
            await back
        finally:
            far_writer.close()

    async def close(self) -> None:
        """Cut all connections."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)


def _login(head: str) -> str:
    for line in head.split("\r\n"):
        name, _, value = line.partition(": ")
        if name.lower() == "proxy-authorization":
            return base64.b64decode(value.removeprefix("Basic ")).decode()
    return ""


async def _pour(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None
) -> None:
    """All that comes from one side to the other, up to so many bytes."""
    with contextlib.suppress(OSError):
        while some := await reader.read(65536):
            if most is not None:
                some, most = some[:most], most - len(some)
            writer.write(some)
            await writer.drain()
            if most is not None and most <= 0:
                break
        writer.close()


@contextmanager
def forward_proxy(
    hosts: Mapping[str, int] | None = None,
    *,
    credentials: str | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[ForwardProxy]:
    """A proxy that works until the test ends.

    Args:
        tls: it is spoken to over TLS, with this certificate.
    """
    proxy = ForwardProxy(hosts or {}, credentials)
    is_ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def work() -> None:
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, ssl=tls)
        proxy.port = server.sockets[0].getsockname()[1]
        is_ready.set()
        await stop.wait()
        server.close()
        await proxy.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(work(),))
    thread.start()
    is_ready.wait(10)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
