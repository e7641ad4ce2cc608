"""The way that a job's requests take: through which proxy, and whose certificates are trusted.

Resolved once, before anything is sent or written, from the spec and the environment; the HTTP
client is never told to look for itself, as it would read .netrc, too (docs/networks.md).
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from harvester.errors import UsageError
from harvester.fetch.authorization import basic_authorization
from harvester.fetch.proxy import Proxy
from harvester.fetch.trust import TrustFileError, machine_trust, trust_of
from harvester.job.no_proxy import exempted_by
from harvester.job.settings import JobSettings
from harvester.model.proxy_address import ProxyUrlError, read_proxy_url
from harvester.spec.fields import is_loopback
from harvester.spec.source import ProxyVariable

Environment = Mapping[str, str]

# The first that is set counts; what is empty is not set. curl's order, for https.
_PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_NO_PROXIES = ("no_proxy", "NO_PROXY")
# curl's, for http: what leaves this machine is https, so they never count.
_HTTP_PROXIES = ("http_proxy", "HTTP_PROXY")
# The first that is set counts.
_TRUST_FILES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_MACHINE = "the machine's trust store"


@dataclass(frozen=True, slots=True)
class Route:
    """How one service is reached.

    Attributes:
        proxy: None: directly.
        why: what says so, for people; empty where nothing says anything: it is the default.
    """

    proxy: Proxy | None = None
    why: str = ""

    def __str__(self) -> str:
        way = f"through {self.proxy}" if self.proxy else "direct"
        return f"{way} ({self.why})" if self.why else way


@dataclass(frozen=True, slots=True)
class Network:
    """How both services of a job are reached.

    Attributes:
        trust: whose certificates are taken; None: nothing is asked over TLS.
        trusted: the same in words.
        trust_is_default: nothing names others than the machine's.
    """

    statistics: Route = Route()
    listings: Route = Route()
    trust: ssl.SSLContext | None = None
    trusted: str = _MACHINE
    trust_is_default: bool = True

    @property
    def lines(self) -> list[str]:
        """What `check` and the log say of it; nothing where all is as it is by default."""
        ways = {"statistics": str(self.statistics), "listings": str(self.listings)}
        if ways["statistics"] == ways["listings"]:
            ways = {"statistics and listings": ways["statistics"]}
        is_default = set(ways.values()) == {str(Route())}
        said = [] if is_default else [f"{what}: {way}" for what, way in ways.items()]
        return said if self.trust_is_default else [*said, f"certificates: {self.trusted}"]


def network_of(settings: JobSettings, environment: Environment = os.environ) -> Network:
    """Resolve how a job's requests go.

    Raises:
        UsageError: what names a proxy or certificates names nothing that can be used.
    """
    if settings.simulator:
        return Network()
    urls = (settings.stats_url, settings.api_url)
    statistics, listings = (_route(url, settings.proxy, environment) for url in urls)
    named = _trust_file(settings, environment)
    if not (settings.ca_file or any(url.startswith("https:") for url in urls)):
        return Network(statistics, listings)
    if named is None:
        return Network(statistics, listings, machine_trust())
    path, by = named
    try:
        trust = trust_of(path)
    except TrustFileError as error:
        raise UsageError(
            f"{path} cannot serve as the certificates to trust: {error}",
            where=by,
            fix="name a file of certificates in PEM; whoever runs your network has it",
        ) from None
    return Network(statistics, listings, trust, f"those in {path} ({by})", trust_is_default=False)


def missing_proxy_variable(
    settings: JobSettings, environment: Environment = os.environ
) -> UsageError | None:
    """The mistake that the spec names a variable for the proxy that is not set, or is empty."""
    named = settings.proxy
    if settings.stays_home or not isinstance(named, ProxyVariable) or environment.get(named.env):
        return None
    return _unset(named)


def _route(url: str, named: ProxyVariable | str | None, environment: Environment) -> Route:
    if is_loopback(url):
        return Route()
    if named == "none":
        return Route(why="source.proxy")
    proxy = _proxy(named, environment)
    if proxy is None:
        idle = _first_set(_HTTP_PROXIES, environment)
        return Route(why=f"{idle} is for http only, set HTTPS_PROXY" if idle else "")
    parts = urlsplit(url)
    variable = _first_set(_NO_PROXIES, environment)
    if variable:
        port = parts.port or 443
        entry = exempted_by(parts.hostname or "", port, environment[variable])
        if entry:
            return Route(why=f"{variable} has {entry}")
    return Route(proxy, proxy.named_by)


def _proxy(named: ProxyVariable | str | None, environment: Environment) -> Proxy | None:
    """The proxy that the spec names, or else the environment; None: neither does."""
    if isinstance(named, str):
        return _read(named, "source.proxy")
    if named is None:
        variable = _first_set(_PROXIES, environment)
        return _read(environment[variable], variable) if variable else None
    # The spec wants one: that the variable is empty must not send requests around it.
    text = environment.get(named.env)
    if not text:
        raise _unset(named)
    return _read(text, named.env)


def _unset(named: ProxyVariable) -> UsageError:
    return UsageError(
        f"the environment variable {named.env} is not set",
        where="source.proxy",
        fix=f"set it before you run: export {named.env}=http://HOST:PORT; or write "
        "`proxy: none` to go without a proxy",
    )


def _read(text: str, named_by: str) -> Proxy:
    try:
        address, credentials = read_proxy_url(text)
    except ProxyUrlError as error:
        raise UsageError(
            str(error),
            where=named_by,
            fix="write it as http://HOST:PORT, or http://USERNAME:PASSWORD@HOST:PORT in a variable",
        ) from None
    secret = basic_authorization(credentials.reveal()) if credentials else None
    return Proxy(address, secret, named_by)


def _trust_file(settings: JobSettings, environment: Environment) -> tuple[Path, str] | None:
    if settings.ca_file:
        return settings.ca_file, "source.ca_file"
    variable = _first_set(_TRUST_FILES, environment)
    return (Path(environment[variable]), variable) if variable else None


def _first_set(names: tuple[str, ...], environment: Environment) -> str | None:
    return next((name for name in names if environment.get(name)), None)
