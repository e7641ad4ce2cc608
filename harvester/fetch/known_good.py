"""Calls known to work: repeated, they tell a sick host from a request the host dislikes."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.fetch.call import ApiCall


@dataclass(slots=True)
class KnownGoodCalls:
    """The last calls that succeeded, and which send of the host's life each was.

    Attributes:
        latest: of any kind.
        open_to_all: that needs no credentials.
        with_credentials: that shows the credentials to be taken.
    """

    latest: ApiCall | None = None
    open_to_all: ApiCall | None = None
    with_credentials: ApiCall | None = None
    _ordinals: tuple[int, int] = (0, 0)

    def remember(self, call: ApiCall, ordinal: int) -> None:
        """This call has just succeeded."""
        self.latest = call
        open_to_all, with_credentials = self._ordinals
        if call.needs_credentials:
            self.with_credentials = call
            self._ordinals = (open_to_all, ordinal)
        else:
            self.open_to_all = call
            self._ordinals = (ordinal, with_credentials)

    def against(self, refused: ApiCall) -> tuple[ApiCall | None, int]:
        """Which can tell why this one was refused: one of its own kind.

        Returns:
            The call, None when none has succeeded yet; and the ordinal of its send.
        """
        open_to_all, with_credentials = self._ordinals
        if refused.needs_credentials:
            return self.with_credentials, with_credentials
        return self.open_to_all, open_to_all
