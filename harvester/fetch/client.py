"""One attempt over HTTP. Nothing of aiohttp goes on from here, its exceptions least of all.

Facts about aiohttp 3.14 that this file answers to: a redirect may carry credentials along; the
repr of its response errors holds the Authorization header; only a total timeout ends a body
that drips; a body without length may end anywhere and is a 200 still; an unread gzip bomb is
unpacked chunk by chunk; a GET on a kept connection that turns out closed is sent again unasked;
what arrives on an idle connection is taken for the answer to the next request; a session's headers
go to the proxy, too, and its Authorization becomes the proxy's. What it raises is told in our own
words by `transport_errors`.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError
from yarl import URL

from harvester.fetch.call import ApiCall
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.proxy import Proxy
from harvester.fetch.response import Arrival, NoResponse, Response, TransportFailure
from harvester.fetch.transport_errors import no_response, refused_on_the_way

_CHUNK_BYTES = 2**18
# Of AWS WAF, which Figshare's hosts stand behind.
_WAF_ACTION = "x-amzn-waf-action"
_JSON = {"Content-Type": "application/json"}


class _ConnectionLostError(Exception):
    """In place of aiohttp's own, which would make its session send the request again."""


class _UnaskedError(Exception):
    """Something lies on the connection before anything was asked; nothing was sent."""


class _Request(aiohttp.ClientRequest):
    """A request that believes no answer older than itself.

    A body does not say which request it answers: an answer too many, from a proxy that lost
    count, would become the numbers of another item without any error.

    Attributes:
        has_connection: to the host itself, through whatever proxy.
    """

    has_connection = False

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Send it, unless the connection already holds an answer."""
        if conn.protocol is not None and conn.protocol.should_close:
            conn.close()
            raise _UnaskedError
        self.has_connection = True
        return await super().send(conn)


@dataclass(slots=True)
class _OneSend:
    """Every send is paced and counted, so none may happen behind our back.

    Attributes:
        most_idle: so many connections may have to be thrown away before one is clean.
        request: what is sent; None: it did not come to that.
    """

    most_idle: int
    request: aiohttp.ClientRequest | None = None

    async def __call__(
        self, request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        self.request = request
        for _ in range(self.most_idle + 1):
            try:
                return await send(request)
            except _UnaskedError:
                continue
            except aiohttp.ClientConnectorError:
                raise
            except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
                break
        raise _ConnectionLostError

    @property
    def has_connection(self) -> bool:
        """Whether there was a connection to the host, through whatever proxy."""
        return isinstance(self.request, _Request) and self.request.has_connection


class Client:
    """One session for one origin; an async context manager.

    Cookies, environment proxies, netrc and redirects are all left alone.
    """

    def __init__(self, settings: FetchSettings, tls: ssl.SSLContext | None = None) -> None:
        """Remember how to connect.

        Args:
            tls: certificates to trust in place of those of the settings; for tests.
        """
        self._settings = settings
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        settings = self._settings
        self._session = aiohttp.ClientSession(
            base_url=URL(settings.base_url.removesuffix("/") + "/"),
            # No Authorization here: a proxy would be sent it.
            headers={"User-Agent": settings.user_agent, "Accept-Encoding": "gzip"},
            connector=aiohttp.TCPConnector(
                limit=settings.concurrency, ssl=self._tls or settings.trust or True
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=settings.timeout_seconds),
            trust_env=False,
            request_class=_Request,
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
        sending = _OneSend(self._settings.concurrency)
        try:
            return await self._attempt(call, sending)
        except (
            _ConnectionLostError,
            aiohttp.ClientError,
            HttpProcessingError,
            OSError,  # TimeoutError is one
        ) as error:
            return no_response(error, self._settings, has_connection=sending.has_connection)

    async def _attempt(self, call: ApiCall, sending: _OneSend) -> Arrival:
        if self._session is None:
            raise RuntimeError("a client sends only inside its context")
        body, proxy = call.body, self._settings.proxy
        async with self._session.request(
            "POST" if body else "GET",
            # Encoded already: the bytes go out as planned, with no dots resolved.
            URL(call.address, encoded=True),
            data=body,
            headers=self._headers(call),
            allow_redirects=False,
            proxy=proxy.address.url if proxy else None,
            proxy_headers=self._proxy_headers(proxy) if proxy else None,
            middlewares=(sending,),
        ) as response:
            if response.status == 407:  # whoever says so, it is no service that answers
                challenges = response.headers.getall("Proxy-Authenticate", ())
                return refused_on_the_way(proxy, 407, challenges)
            return await self._read(response, call.reads)

    def _proxy_headers(self, proxy: Proxy) -> Mapping[str, str]:
        """What goes with the CONNECT, and with nothing else."""
        headers = {"User-Agent": self._settings.user_agent}
        if proxy.authorization:
            headers["Proxy-Authorization"] = proxy.authorization.reveal()
        return headers

    def _headers(self, call: ApiCall) -> Mapping[str, str] | None:
        """What this call carries beside the session's headers."""
        headers = call.headers
        if call.body:
            headers = {**_JSON, **(headers or {})}
        settings = self._settings
        if settings.authorization and (settings.authorizes_all or call.needs_credentials):
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
        waf_action = headers.get(_WAF_ACTION)
        if response.status == 200 and not reads and waf_action is None:
            return Response(200, content_type, body)
        return Response(
            response.status,
            content_type,
            body,
            headers.get("Retry-After"),
            headers.get("Date"),
            headers.get("Location"),
            {name: headers[name] for name in reads if name in headers},
            waf_action,
        )
