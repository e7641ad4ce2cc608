"""What the transport raises, in our own words: whose fault it is, and what it means.

Nothing of an exception goes on from here: the repr of aiohttp's errors holds the Authorization
header, and that of a refused tunnel the proxy's. Of an address only host and port are named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import aiohttp
from aiohttp.http import HttpProcessingError

from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.proxy import Proxy
from harvester.fetch.response import NoResponse, TransportFailure

_ConnectError = aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError

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


def no_response(error: Exception, settings: FetchSettings, *, has_connection: bool) -> NoResponse:
    """Why no whole answer came.

    Args:
        has_connection: to the host itself, through whatever proxy.
    """
    proxy = settings.proxy
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _untrusted(error, proxy)
    if isinstance(error, TimeoutError):
        return _late(settings, has_connection=has_connection)
    if proxy:
        return _lost_with_proxy(error, proxy, has_connection=has_connection)
    return _lost(error)


def refused_on_the_way(proxy: Proxy | None, status: int, challenges: Sequence[str]) -> NoResponse:
    """A proxy lets nothing through, be it one that we know of or not.

    Args:
        challenges: the Proxy-Authenticate headers of its answer.
    """
    if proxy:
        return proxy.refused(status, ", ".join(challenges))
    said = f"a proxy on the way to the host wants a username and password (status {status})"
    return NoResponse(TransportFailure.PROXY_LOGIN, said)


def _untrusted(error: aiohttp.ClientConnectorCertificateError, proxy: Proxy | None) -> NoResponse:
    said = getattr(error.certificate_error, "verify_message", "") or "it cannot be verified"
    whose, way = "the host's certificate", ""
    if proxy and _is_about(error, proxy):
        whose = f"the certificate of {proxy}"
    elif proxy:
        way = f" (it came through {proxy}, which may put its own in the host's place)"
    return NoResponse(TransportFailure.CERTIFICATE, f"{whose} is not trusted: {said}{way}")


def _late(settings: FetchSettings, *, has_connection: bool) -> NoResponse:
    proxy, within = settings.proxy, f"within {settings.timeout_seconds:g} s"
    if proxy is None:
        return NoResponse(TransportFailure.TIMEOUT, f"no complete answer {within}")
    if not has_connection:
        return NoResponse(TransportFailure.PROXY, f"{proxy} opened no way to the host {within}")
    return NoResponse(TransportFailure.TIMEOUT, f"no complete answer {within}, through {proxy}")


def _lost_with_proxy(error: Exception, proxy: Proxy, *, has_connection: bool) -> NoResponse:
    """Where requests go through a proxy, it may be the proxy's fault or the host's."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        challenges = error.headers.getall("Proxy-Authenticate", ()) if error.headers else ()
        return refused_on_the_way(proxy, error.status, challenges)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _not_connected(error, proxy)
    lost = _lost(error)
    if has_connection:
        return replace(lost, sentence=f"{lost.sentence}, through {proxy}")
    said = f"{proxy} opened no way to the host: {lost.sentence}"
    return NoResponse(TransportFailure.PROXY, said)


def _not_connected(error: aiohttp.ClientConnectorError, proxy: Proxy) -> NoResponse:
    if not _is_about(error, proxy):
        lost = _lost(error)
        return replace(lost, sentence=f"{lost.sentence}, through {proxy}")
    said = f"{proxy} cannot be reached: {_system_words(error)}"
    if isinstance(error, aiohttp.ClientSSLError):
        said = f"{proxy} speaks no TLS: is its URL to begin with http:// instead of https://?"
    return NoResponse(TransportFailure.PROXY, said)


def _is_about(error: _ConnectError, proxy: Proxy) -> bool:
    """Whether it was the proxy, not the host, that could not be connected to."""
    return (error.host, error.port) == (proxy.address.host, proxy.address.port)


def _lost(error: Exception) -> NoResponse:
    for kind, trouble, sentence in _LOSSES:
        if isinstance(error, kind):
            return NoResponse(trouble, sentence)
    if isinstance(error, aiohttp.ClientConnectorError):
        said = f"cannot connect: {_system_words(error)}"
        return NoResponse(TransportFailure.CONNECTION, said)
    return NoResponse(
        TransportFailure.CONNECTION, "the connection was closed before an answer came"
    )


def _system_words(error: aiohttp.ClientConnectorError) -> str:
    return error.os_error.strerror or type(error.os_error).__name__
