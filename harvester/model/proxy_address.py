"""A proxy's URL, as a spec or a variable of the environment holds it: read, never repeated.

Nothing here puts the text into a sentence: somebody may have written a password into it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from harvester.model.secret import Secret

# Where no port is written; curl's own choice (its manual page, under --proxy).
_PORTS = {"http": 1080, "https": 443}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_NO_URL = (
    "this is no proxy's URL such as http://proxy.example.org:3128 (in a password, characters such "
    "as # / ? @ are written as %23 %2F %3F %40)"
)


class ProxyUrlError(ValueError):
    """A text that names no proxy that can be used; its only argument is a sentence for people."""


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """Where a proxy is.

    Attributes:
        scheme: how it is spoken to: `http`, or `https` where it has a certificate of its own.
        host: in lower case; IPv6 without brackets.
    """

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The same as a URL."""
        return f"{self.scheme}://{self}"


def read_proxy_url(text: str) -> tuple[ProxyAddress, Secret | None]:
    """Where a proxy is, and `username:password` for it, if the URL holds any.

    As curl reads it: without a scheme it is http, without a port 1080 (443 for https).

    Raises:
        ProxyUrlError: it is none, or one that cannot be used.
    """
    whole = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(whole)
        port = parts.port
    except ValueError:
        raise ProxyUrlError(_NO_URL) from None
    scheme, host = parts.scheme, parts.hostname or ""
    if scheme.startswith("socks"):
        raise ProxyUrlError(
            "SOCKS proxies are not supported: name an HTTP proxy (http://HOST:PORT), or a small "
            "HTTP proxy of your own that hands on to it"
        )
    if scheme not in _PORTS or not _HOST.fullmatch(host) or port == 0:
        raise ProxyUrlError(_NO_URL)
    if parts.path not in {"", "/"}:
        raise ProxyUrlError(
            "a proxy has no path: if this is the address of a configuration script (PAC), write "
            "the proxy that the script names"
        )
    if parts.query or parts.fragment or not re.fullmatch(r"[!-~]+", text):
        raise ProxyUrlError(_NO_URL)
    login, at, _ = parts.netloc.rpartition("@")
    address = ProxyAddress(scheme, host, port or _PORTS[scheme])
    return address, _credentials(login) if at else None


def _credentials(login: str) -> Secret | None:
    name, _, password = login.partition(":")
    if not name and not password:
        return None
    if not name:
        raise ProxyUrlError("a username is missing before the proxy's password")
    return Secret(f"{unquote(name)}:{unquote(password)}")
