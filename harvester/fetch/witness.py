"""Requests known to work: repeated, they tell a sick host from a request the host dislikes."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.model.request import Request


@dataclass(slots=True)
class Witnesses:
    """The last requests that succeeded, and which send of the host's life each was.

    Attributes:
        latest: of any kind.
        open_to_all: that needs no credentials.
        with_credentials: that shows the credentials to be taken.
    """

    latest: Request | None = None
    open_to_all: Request | None = None
    with_credentials: Request | None = None
    _ordinals: tuple[int, int] = (0, 0)

    def remember(self, request: Request, ordinal: int) -> None:
        """This request has just succeeded."""
        self.latest = request
        open_to_all, with_credentials = self._ordinals
        if request.question.needs_credentials:
            self.with_credentials = request
            self._ordinals = (open_to_all, ordinal)
        else:
            self.open_to_all = request
            self._ordinals = (ordinal, with_credentials)

    def against(self, refused: Request) -> tuple[Request | None, int]:
        """Who can tell why this request was refused: a request of its own kind.

        Returns:
            The request, None when none has succeeded yet; and the ordinal of its send.
        """
        open_to_all, with_credentials = self._ordinals
        if refused.question.needs_credentials:
            return self.with_credentials, with_credentials
        return self.open_to_all, open_to_all
