"""The secrets of a job, read from where its spec says they are; never written anywhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from harvester.errors import UsageError
from harvester.job.settings import JobSettings
from harvester.model.secret import Secret
from harvester.plain_files import read_plain
from harvester.spec.source import SecretPlace

# A password or token has some hundred at most.
_MOST_BYTES = 64 * 1024


def credentials_hint(settings: JobSettings) -> str:
    """Where the credentials of a job come from, in words that give nothing away."""
    return _hint("source.credentials", settings.credentials)


def token_hint(settings: JobSettings) -> str:
    """Where the token of a job comes from, likewise."""
    return _hint("source.token", settings.token)


def read_credentials(settings: JobSettings) -> Secret | None:
    """`username:password` of the institution's statistics; None: the spec names no place.

    Raises:
        UsageError: the place is empty, cannot be read, or holds something else.
    """
    place = settings.credentials
    if place is None:
        return None
    text = _secret("source.credentials", place, "username:password")
    name, colon, password = text.partition(":")
    if not (name and colon and password) or not text.isprintable():
        raise UsageError(
            f"{credentials_hint(settings)} does not hold username:password",
            where="source.credentials",
            fix="write the username, a colon and the password that Figshare's support gave you",
        )
    return Secret(text)


def read_token(settings: JobSettings) -> Secret | None:
    """The token of Figshare's API; None: the spec names no place.

    Raises:
        UsageError: the place is empty, cannot be read, or holds something else.
    """
    place = settings.token
    if place is None:
        return None
    text = _secret("source.token", place, "token")
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise UsageError(
            f"{token_hint(settings)} does not hold a token",
            where="source.token",
            fix="write the token alone: Figshare shows it once, when it is made (Applications, "
            "personal tokens)",
        )
    return Secret(text)


def _hint(where: str, place: SecretPlace | None) -> str:
    if place is None:
        return f"{where} is not set"
    return f"the environment variable {place.env}" if place.env else f"the file {place.file}"


def _secret(where: str, place: SecretPlace, what: str) -> str:
    """What a place holds, without the line break that an editor put at its end."""
    hint = _hint(where, place)
    if place.env:
        text = os.environ.get(place.env)
        if text is None:
            fix = f"set it before you run: export {place.env}='{what}'"
            raise UsageError(f"{hint} is not set", where=where, fix=fix)
    else:
        try:
            text = read_plain(Path(str(place.file)), _MOST_BYTES).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
            fix = f"write {what} into that file, and nothing else"
            raise UsageError(f"{hint} cannot be read: {why}", where=where, fix=fix) from None
    # A password or token that has a line break does not exist.
    return text.strip("\r\n \t\ufeff")


def open_secret_files(settings: JobSettings) -> list[str]:
    """Secret files that others on this machine can read, a warning each."""
    found = []
    for place in (settings.credentials, settings.token):
        path = Path(place.file) if place and place.file else None
        if path and path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            found.append(f"{path} can be read by others: chmod 600 {path}")
    return found


def demanded_token(settings: JobSettings) -> Secret | None:
    """The token, demanded before anything is sent or written if a listing needs it.

    Raises:
        UsageError: a listing needs it, and the spec names no place.
    """
    found = read_token(settings)
    if settings.needs_token and found is None:
        kind = next(each.kind for each in settings.listings if each.is_private)
        raise UsageError(
            f"the listing of {kind.value}s needs a token, and the spec names none",
            where="source.token",
            fix="add `token: {env: FIGSHARE_TOKEN}` and put a token of an administrator of the "
            "institution into it",
        )
    return found
