"""What the display and the errors say about the host, in the contract's plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from harvester.errors import ServiceError
from harvester.fetch.fetch_settings import FetchSettings
from harvester.model.host_status import clock_time


@dataclass(frozen=True, slots=True)
class ServiceErrors:
    """Makes the errors that stop a run because of one service.

    Attributes:
        host: origin, named in every error.
        max_pause_seconds: the limit that may have been passed.
    """

    host: str
    max_pause_seconds: float

    def asked_too_long(self, until: datetime, now: datetime) -> ServiceError:
        """The host asks for a longer pause than the spec allows."""
        return ServiceError(
            f"Figshare asks us to wait until {clock_time(until, now)}, longer than "
            f"limits.max_pause_minutes allows ({_minutes(self.max_pause_seconds)})",
            where=self.host,
            fix="run the same command again after that; everything that came is kept",
        )

    def blocked(self, sentence: str) -> ServiceError:
        """A wall for robots stands, and waiting does not bring it down."""
        return ServiceError(
            f"Figshare blocks us: {sentence}, and again after every pause",
            where=self.host,
            fix="ask Figshare's support to let this address in, then run the same command "
            "again; everything that came is kept",
        )

    def no_success(self, since_seconds: float, sentence: str) -> ServiceError:
        """Nothing has worked for longer than the spec allows."""
        return ServiceError(
            f"Figshare is not answering: nothing succeeded for {_minutes(since_seconds)}; "
            f"the last was: {sentence}",
            where=self.host,
            fix="run the same command again later; everything that came is kept",
        )

    def certificate(self, sentence: str) -> ServiceError:
        """Whoever answers cannot prove to be the host."""
        return ServiceError(
            sentence,
            where=self.host,
            fix="check the address, the clock and the certificates of this machine; it is never "
            "asked without a valid certificate",
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
