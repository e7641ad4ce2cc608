"""Credentials as the one header that carries them."""

from __future__ import annotations

from base64 import b64encode

from harvester.model.secret import Secret


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
    packed = b64encode(f"{username}:{password}".encode()).decode()
    return Secret(f"Basic {packed}")


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
