"""What the display and the errors say about the host, in the contract's plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from harvester.errors import ServiceError
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.retry import WEEK_SECONDS
from harvester.model.host_status import clock_time
from harvester.model.proxy_address import ProxyAddress

# What mends a verdict that stops the run, by its reason (docs/networks.md).
_FIXES = {
    "certificate": "if the certificates of your network come from an authority of its own, name "
    "the file that holds it: source.ca_file in the job spec, or SSL_CERT_FILE (now trusted: "
    "{trusted}); else check the address and the clock. Nothing is asked without a valid "
    "certificate",
    "proxy_login": "put http://USERNAME:PASSWORD@HOST:PORT into HTTPS_PROXY, or into a variable "
    "that the job spec names, source.proxy: {{env: NAME}}, then run the same command again; "
    "everything that came is kept",
    "proxy_refusal": "ask those who run the proxy to let this host through, or name another way "
    "(source.proxy, HTTPS_PROXY, NO_PROXY), then run the same command again; everything that "
    "came is kept",
}


@dataclass(frozen=True, slots=True)
class ServiceErrors:
    """Makes the errors that stop a run because of one service.

    Attributes:
        host: origin, named in every error.
        max_pause_seconds: the limit that may have been passed.
        proxy: what requests to the host go through; None: nothing.
        trusted: whose certificates are trusted, in words.
    """

    host: str
    max_pause_seconds: float
    proxy: ProxyAddress | None = None
    trusted: str = "this machine"

    def asked_too_long(self, until: datetime, now: datetime) -> ServiceError:
        """The host asks for a longer pause than the spec allows."""
        is_beyond = (until - now).total_seconds() > WEEK_SECONDS
        at_least = "more than a week, at least " if is_beyond else ""
        return ServiceError(
            f"Figshare asks us to wait {at_least}until {clock_time(until, now)}, longer than "
            f"limits.max_pause_minutes allows ({_minutes(self.max_pause_seconds)})",
            where=self.host,
            fix="run the same command again after that; everything that came is kept",
        )

    def blocked(self, sentence: str) -> ServiceError:
        """A wall for robots stands, and waiting does not bring it down."""
        # A proxy that looks into connections puts its own pages where Figshare's would be.
        whose = f", or, if the page is that of the proxy {self.proxy}, those who run it,"
        return ServiceError(
            f"Figshare blocks us: {sentence}, and again after every pause",
            where=self.host,
            fix=f"ask Figshare's support{whose if self.proxy else ''} to let this address in, then "
            "run the same command again; everything that came is kept",
        )

    def no_success(self, since_seconds: float, sentence: str) -> ServiceError:
        """Nothing has worked for longer than the spec allows."""
        through = f" through the proxy {self.proxy}" if self.proxy else ""
        return ServiceError(
            f"Figshare is not answering{through}: nothing succeeded for {_minutes(since_seconds)}; "
            f"the last was: {sentence}",
            where=self.host,
            fix="run the same command again later; everything that came is kept",
        )

    def stopped(self, reason: str, sentence: str) -> ServiceError:
        """The way to the host is barred, and asking again would not open it.

        Args:
            reason: of a verdict that stops the run.
        """
        fix = _FIXES[reason].format(trusted=self.trusted)
        return ServiceError(sentence, where=self.host, fix=fix)

    def all_alike(self, number: int, met: str, address: str) -> ServiceError:
        """Requests fail and fail, and nothing shows that it is their own fault."""
        return ServiceError(
            f"everything fails alike: {number} requests in a row, and none succeeded; {met}; "
            f"the last was {address}",
            where=self.host,
            fix="see what that address answers on this machine: the spec's source may be wrong, a "
            "login or a proxy stand in between, or Figshare be changed; then run the same command "
            "again: these are asked again, and everything that came is kept",
        )

    def refused(self, sentence: str) -> ServiceError:
        """Whoever answers refuses us, and no login was asked for or sent."""
        return ServiceError(
            f"Figshare refuses us: {sentence}",
            where=self.host,
            fix="see from this machine what the address above answers; whoever runs the network, "
            "or Figshare's support, can let it in; then run the same command again; everything "
            "that came is kept",
        )

    def credentials(self, sentence: str, settings: FetchSettings) -> ServiceError:
        """The host does not take the credentials, or wants some."""
        return ServiceError(
            f"Figshare refuses the {settings.credentials_name}: {sentence}",
            where=self.host,
            fix=f"check {settings.credentials_hint} ({settings.credentials_note}), then run "
            "the same command again; everything that came is kept",
        )


def _minutes(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
