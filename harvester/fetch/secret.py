"""Credentials that cannot be printed by accident."""

from __future__ import annotations

from dataclasses import dataclass, field

import aiohttp


@dataclass(frozen=True, slots=True)
class Secret:
    """Text that shows in no log, error or repr; only who calls `reveal` sees it."""

    _text: str = field(repr=False)

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is never pickled")

    def reveal(self) -> str:
        """The text itself: for the one header that carries it."""
        return self._text


def basic_authorization(credentials: str) -> Secret:
    """The Authorization header of HTTP Basic.

    Args:
        credentials: `username:password`, as a file or a variable holds it; a newline at
            its end belongs to the file, not to the password. UTF-8.

    Raises:
        ValueError: there is no colon, or nothing before it.
    """
    username, colon, password = credentials.rstrip("\r\n").partition(":")
    if not colon or not username:
        raise ValueError("credentials are written username:password")
    return Secret(aiohttp.encode_basic_auth(username, password))


def token_authorization(token: str) -> Secret:
    """The Authorization header of Figshare's API.

    Args:
        token: as a file or a variable holds it.

    Raises:
        ValueError: it is empty.
    """
    bare = token.strip()
    if not bare:
        raise ValueError("a token is not empty")
    return Secret(f"token {bare}")
