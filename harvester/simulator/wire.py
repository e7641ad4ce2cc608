"""Writing an answer to a connection: whole, or broken in the ways connections break."""

from __future__ import annotations

import asyncio
import gzip
import re
import socket
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from aiohttp import web

from harvester.simulator.call import Answer
from harvester.simulator.faults import Fault

_CHUNK: Final = 1 << 18
_HUGE_BYTES: Final = 400_000_000
_BOMB_BYTES: Final = 500_000_000
_HEADER_BYTES: Final = 100_000
_DRIP_SECONDS: Final = 0.05
_UNASKED_SECONDS: Final = 0.002

Sent = tuple[web.StreamResponse, int | None]


async def send(request: web.BaseRequest, answer: Answer, fault: Fault | None) -> Sent:
    """Write an answer, with a fault of `ON_WIRE` if there is one.

    Returns:
        What the server must be given back, and the body bytes of an answer that was written
        to its end; None if it was broken off.
    """
    if fault is None or fault.name not in _BROKEN:
        return await _whole(request, answer)
    return await _BROKEN[fault.name](request, answer, fault)


def compressed(answer: Answer, accepted: str, from_bytes: int) -> Answer:
    """The answer as gzip, if it is long and the client takes it."""
    if len(answer.body) < from_bytes or "gzip" not in accepted:
        return answer
    headers = {**answer.headers, "Content-Encoding": "gzip"}
    return Answer(answer.status, gzip.compress(answer.body, 1, mtime=0), headers)


async def _whole(request: web.BaseRequest, answer: Answer) -> Sent:
    response = web.Response(status=answer.status, body=answer.body, headers=answer.headers)
    await response.prepare(request)
    await response.write_eof()
    return response, len(answer.body)


async def _reset_before(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    del answer, fault
    reset(request.transport)
    return web.Response(), None


async def _reset_inside(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    del fault
    _write_half(request, answer, {"Content-Length": str(len(answer.body))})
    reset(request.transport)
    return web.Response(), None


async def _cut_body(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    del fault
    _write_half(request, answer, {"Content-Length": str(len(answer.body))})
    _close(request)
    return web.Response(), None


async def _half_body(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    """Without a length the end of the connection is the end of the body: nothing looks wrong."""
    del fault
    _write_half(request, answer, {"Connection": "close"})
    _close(request)
    return web.Response(), None


async def _cut_gzip(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    del fault
    body = gzip.compress(answer.body, mtime=0)
    headers = {**answer.headers, "Content-Encoding": "gzip"}
    return await _whole(request, Answer(answer.status, body[: len(body) // 2], headers))


async def _big_headers(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    padding = "x" * (fault.size_bytes or _HEADER_BYTES)
    headers = {**answer.headers, "X-Padding": padding}
    return await _whole(request, Answer(answer.status, answer.body, headers))


async def _short_length(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    """Claims half of what it sends, and keeps the connection with the rest on it."""
    del fault
    half = len(answer.body) // 2
    _write(request, answer, {"Content-Length": str(half)}, answer.body)
    return web.Response(), None


async def _unasked_answer(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    """The right answer, and a little later one that nobody asked for, with other numbers."""
    sent = await _whole(request, answer)
    other = re.sub(rb"[0-9]+(?=[,}])", b"987654", answer.body)
    length = {"Content-Length": str(len(other))}
    loop = asyncio.get_running_loop()
    loop.call_later(fault.seconds or _UNASKED_SECONDS, _write, request, answer, length, other)
    return sent


async def _close_keepalive(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    """Promises to keep the connection, and closes it behind the answer."""
    del fault
    sent = await _whole(request, answer)
    _close(request)
    return sent


async def _slow_drip(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    async def drops() -> AsyncIterator[bytes]:
        for byte in answer.body:
            yield bytes([byte])
            await asyncio.sleep(fault.seconds or _DRIP_SECONDS)

    return await _stream(request, answer.headers["Content-Type"], drops(), {})


async def _hang(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    if fault.seconds:
        await asyncio.sleep(fault.seconds)
        return await _whole(request, answer)
    # The client goes away or the simulator stops; either cancels this.
    await asyncio.Event().wait()
    raise AssertionError


async def _huge_body(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    """Valid JSON with a sea of spaces in it: who reads without a limit believes it."""
    size = fault.size_bytes or _HUGE_BYTES

    async def flood() -> AsyncIterator[bytes]:
        yield b'{"totals": '
        for _ in range(0, size, _CHUNK):
            yield b" " * _CHUNK
        yield b"1}"

    return await _stream(request, answer.headers["Content-Type"], flood(), {})


async def _gzip_bomb(request: web.BaseRequest, answer: Answer, fault: Fault) -> Sent:
    """The same in a few hundred kilobytes: one compressed block, sent over and over."""
    blocks = max(1, (fault.size_bytes or _BOMB_BYTES) // _CHUNK)

    async def bomb() -> AsyncIterator[bytes]:
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        check = zlib.crc32(start := b'{"totals": ')
        yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
        # A full flush makes the block independent of what stands before it, hence repeatable.
        yield squeeze.compress(start) + squeeze.flush(zlib.Z_FULL_FLUSH)
        block = squeeze.compress(b" " * _CHUNK) + squeeze.flush(zlib.Z_FULL_FLUSH)
        for _ in range(blocks):
            check = zlib.crc32(b" " * _CHUNK, check)
            yield block
        check = zlib.crc32(b"1}", check)
        yield squeeze.compress(b"1}") + squeeze.flush()
        yield struct.pack("<LL", check, (blocks * _CHUNK + 13) & 0xFFFFFFFF)

    headers = {"Content-Encoding": "gzip"}
    return await _stream(request, answer.headers["Content-Type"], bomb(), headers)


_Breaker = Callable[[web.BaseRequest, Answer, Fault], Awaitable[Sent]]
_BROKEN: Final[dict[str, _Breaker]] = {
    "reset_before": _reset_before,
    "reset_inside": _reset_inside,
    "cut_body": _cut_body,
    "half_body": _half_body,
    "cut_gzip": _cut_gzip,
    "big_headers": _big_headers,
    "close_keepalive": _close_keepalive,
    "short_length": _short_length,
    "unasked_answer": _unasked_answer,
    "slow_drip": _slow_drip,
    "hang": _hang,
    "huge_body": _huge_body,
    "gzip_bomb": _gzip_bomb,
}


async def _stream(
    request: web.BaseRequest, content_type: str, parts: AsyncIterator[bytes], more: dict[str, str]
) -> Sent:
    response = web.StreamResponse(headers={"Content-Type": content_type, **more})
    response.enable_chunked_encoding()
    await response.prepare(request)
    written = 0
    async for part in parts:
        await response.write(part)
        written += len(part)
    await response.write_eof()
    return response, written


def _write_half(request: web.BaseRequest, answer: Answer, more: dict[str, str]) -> None:
    _write(request, answer, more, answer.body[: len(answer.body) // 2])


def _write(request: web.BaseRequest, answer: Answer, more: dict[str, str], body: bytes) -> None:
    """Status line, headers and this body, past the server's own bookkeeping."""
    lines = [f"HTTP/1.1 {answer.status} OK"]
    lines += [f"{name}: {value}" for name, value in {**answer.headers, **more}.items()]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    if request.transport is not None:
        request.transport.write(head + body)


def _close(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.close()


def reset(transport: asyncio.BaseTransport | None) -> None:
    """End a connection with RST instead of FIN: lingering for zero seconds does that."""
    if not isinstance(transport, asyncio.Transport):
        return
    plug = transport.get_extra_info("socket")
    if plug is not None:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
