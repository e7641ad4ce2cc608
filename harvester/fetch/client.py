"""One attempt over HTTP. Nothing of aiohttp leaves this file, its exceptions least of all.

Facts about aiohttp 3.14 that this file answers to: a redirect may carry credentials along; the
repr of its response errors holds the Authorization header; only a total timeout ends a body
that drips; a body without length may end anywhere and is a 200 still; an unread gzip bomb is
unpacked chunk by chunk; a GET on a kept connection that turns out closed is sent again unasked;
what arrives on an idle connection is taken for the answer to the next request.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError
from yarl import URL

from harvester.fetch.call import ApiCall
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.response import Arrival, NoResponse, Response, TransportFailure

_CHUNK_BYTES = 2**18
_JSON = {"Content-Type": "application/json"}


class _ConnectionLostError(Exception):
    """In place of aiohttp's own, which would make its session send the request again."""


class _UnaskedError(Exception):
    """Something lies on the connection before anything was asked; nothing was sent."""


class _Request(aiohttp.ClientRequest):
    """A request that believes no answer older than itself.

    A body does not say which request it answers: an answer too many, from a proxy that lost
    count, would become the numbers of another item without any error.
    """

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Send it, unless the connection already holds an answer."""
        if conn.protocol is not None and conn.protocol.should_close:
            conn.close()
            raise _UnaskedError
        return await super().send(conn)


async def _send_once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType, most_idle: int
) -> aiohttp.ClientResponse:
    """Every send is paced and counted, so none may happen behind our back.

    Args:
        most_idle: so many connections may have to be thrown away before one is clean.
    """
    for _ in range(most_idle + 1):
        try:
            return await send(request)
        except _UnaskedError:
            continue
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
            break
    raise _ConnectionLostError


class Client:
    """One session for one origin; an async context manager.

    Cookies, environment proxies, netrc and redirects are all left alone.
    """

    def __init__(self, settings: FetchSettings, tls: ssl.SSLContext | None = None) -> None:
        """Remember how to connect.

        Args:
            tls: certificates to trust in place of the machine's; for tests.
        """
        self._settings = settings
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        settings = self._settings
        headers = {"User-Agent": settings.user_agent, "Accept-Encoding": "gzip"}
        if settings.authorization and settings.authorizes_all:
            headers["Authorization"] = settings.authorization.reveal()
        self._session = aiohttp.ClientSession(
            base_url=URL(settings.base_url.removesuffix("/") + "/"),
            headers=headers,
            connector=aiohttp.TCPConnector(limit=settings.concurrency, ssl=self._tls or True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=settings.timeout_seconds),
            trust_env=False,
            request_class=_Request,
            middlewares=(partial(_send_once, most_idle=settings.concurrency),),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session:
            await self._session.close()

    async def attempt(self, call: ApiCall) -> Arrival:
        """Send it once and read what comes; never raises for what the host does."""
        try:
            return await self._attempt(call)
        except aiohttp.ClientConnectorCertificateError as error:
            cause = error.certificate_error
            said = getattr(cause, "verify_message", "") or "it cannot be verified"
            return NoResponse(
                TransportFailure.CERTIFICATE, f"the host's certificate is not trusted: {said}"
            )
        except TimeoutError:
            seconds = self._settings.timeout_seconds
            return NoResponse(TransportFailure.TIMEOUT, f"no complete answer within {seconds:g} s")
        except (_ConnectionLostError, aiohttp.ClientError, HttpProcessingError, OSError) as error:
            return _lost(error)

    async def _attempt(self, call: ApiCall) -> Arrival:
        if self._session is None:
            raise RuntimeError("a client sends only inside its context")
        body = call.body
        async with self._session.request(
            "POST" if body else "GET",
            # Encoded already: the bytes go out as planned, with no dots resolved.
            URL(call.address, encoded=True),
            data=body,
            headers=self._headers(call),
            allow_redirects=False,
        ) as response:
            return await self._read(response, call.reads)

    def _headers(self, call: ApiCall) -> Mapping[str, str] | None:
        """What this call carries beside the session's headers."""
        headers = call.headers
        if call.body:
            headers = {**_JSON, **(headers or {})}
        settings = self._settings
        if call.needs_credentials and settings.authorization and not settings.authorizes_all:
            headers = {**(headers or {}), "Authorization": settings.authorization.reveal()}
        return headers

    async def _read(self, response: aiohttp.ClientResponse, reads: tuple[str, ...]) -> Arrival:
        limit = self._settings.max_body_bytes
        content = response.content
        chunks: list[bytes] = []
        size = 0
        while chunk := await content.read(_CHUNK_BYTES):
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                # Closed, not released: what is left of it is not worth reading.
                response.close()
                return NoResponse(
                    TransportFailure.OVERSIZE, f"the answer exceeds {limit} bytes", response.status
                )
            if content.at_eof():
                break
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        headers = response.headers
        content_type = headers.get("Content-Type", "")
        if response.status == 200 and not reads:
            return Response(200, content_type, body)
        return Response(
            response.status,
            content_type,
            body,
            headers.get("Retry-After"),
            headers.get("Date"),
            headers.get("Location"),
            {name: headers[name] for name in reads if name in headers},
        )


# First match counts; certificates and timeouts have gone before.
_LOSSES: list[tuple[type[Exception], TransportFailure, str]] = [
    (
        aiohttp.ClientSSLError,
        TransportFailure.CONNECTION,
        "the encrypted connection could not be set up",
    ),
    (
        aiohttp.ClientPayloadError,
        TransportFailure.CUT,
        "the answer broke off, or was packed wrongly",
    ),
    (
        aiohttp.ClientResponseError,
        TransportFailure.PROTOCOL,
        "the answer is not HTTP as it should be",
    ),
    (HttpProcessingError, TransportFailure.PROTOCOL, "the answer is not HTTP as it should be"),
]


def _lost(error: Exception) -> NoResponse:
    """An exception of the transport in our own words."""
    for kind, trouble, sentence in _LOSSES:
        if isinstance(error, kind):
            return NoResponse(trouble, sentence)
    if isinstance(error, aiohttp.ClientConnectorError):
        said = error.os_error.strerror or type(error.os_error).__name__
        return NoResponse(TransportFailure.CONNECTION, f"cannot connect: {said}")
    return NoResponse(
        TransportFailure.CONNECTION, "the connection was closed before an answer came"
    )
