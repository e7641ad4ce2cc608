"""What a run reads off a job spec beside its dimensions."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from harvester.errors import UsageError
from harvester.model.secret import Secret
from harvester.spec.jobspec import JobSpec
from harvester.spec.resolve import file_ids
from harvester.spec.source import Secret as Place


def job_folder(job: JobSpec) -> Path:
    """Where a job writes."""
    return Path(job.output.path) / job.name


def shown_address(job: JobSpec) -> str:
    """The host as URLs in the datasets name it; the simulator's port changes from run to run."""
    return "http://simulator.localhost" if job.source.simulator else job.source.stats_url


def pace_of(job: JobSpec) -> float | None:
    """Requests a second; None: unlimited."""
    pace = job.limits.requests_per_second
    return None if isinstance(pace, str) else pace


def run_date(job: JobSpec, today: date | None, now: date) -> date:
    """The date that a new run gets, UTC.

    Raises:
        UsageError: it lies in the future, and the job does not ask the simulator.
    """
    if today and today > now and not job.source.stays_home:
        raise UsageError(
            f"--today {today} lies in the future",
            where="--today",
            fix="the future can only be asked of the simulator",
        )
    return today or now


def planned_spec(job: JobSpec) -> dict[str, Any]:
    """The parts of a spec that decide what is asked, as the user wrote them.

    A file of ids stands here as the ids it held: where it lies does not matter, what was in
    it does.
    """
    written: dict[str, Any] = job.model_dump(mode="json")
    for kind, held in job.entities.items():
        if held.file:
            written["entities"][kind.value]["file"] = list(file_ids(job, kind))
    return {key: written[key] for key in ("entities", "dimensions", "planner")}


def source_identity(job: JobSpec) -> str:
    """What makes two sources the same: a folder never holds numbers of two.

    The embedded simulator is known by its world, not by its port.
    """
    source = job.source
    who: dict[str, Any] = {"institution": source.institution}
    if source.simulator:
        who["simulator"] = source.simulator.model_dump(mode="json")
    else:
        who |= {"stats_url": source.stats_url, "api_url": source.api_url}
    return orjson.dumps(who, option=orjson.OPT_SORT_KEYS).decode()


def credentials_hint(job: JobSpec) -> str:
    """Where the credentials of a job come from, in words that give nothing away."""
    return _hint("source.credentials", job.source.credentials)


def token_hint(job: JobSpec) -> str:
    """Where the token of a job comes from, likewise."""
    return _hint("source.token", job.source.token)


def read_credentials(job: JobSpec) -> Secret | None:
    """`username:password` of the institution's statistics; None: the spec names no place.

    Raises:
        UsageError: the place is empty, cannot be read, or holds something else.
    """
    place = job.source.credentials
    if place is None:
        return None
    text = _secret("source.credentials", place, "username:password")
    name, colon, password = text.partition(":")
    if not (name and colon and password) or not text.isprintable():
        raise UsageError(
            f"{credentials_hint(job)} does not hold username:password",
            where="source.credentials",
            fix="write the username, a colon and the password that Figshare's support gave you",
        )
    return Secret(text)


def read_token(job: JobSpec) -> Secret | None:
    """The token of Figshare's API; None: the spec names no place.

    Raises:
        UsageError: the place is empty, cannot be read, or holds something else.
    """
    place = job.source.token
    if place is None:
        return None
    text = _secret("source.token", place, "token")
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise UsageError(
            f"{token_hint(job)} does not hold a token",
            where="source.token",
            fix="write the token alone: Figshare shows it once, when it is made (Applications, "
            "personal tokens)",
        )
    return Secret(text)


def _hint(where: str, place: Place | None) -> str:
    if place is None:
        return f"{where} is not set"
    return f"the environment variable {place.env}" if place.env else f"the file {place.file}"


def _secret(where: str, place: Place, what: str) -> str:
    """What a place holds, without the line break that an editor put at its end."""
    hint = _hint(where, place)
    if place.env:
        text = os.environ.get(place.env)
        if text is None:
            fix = f"set it before you run: export {place.env}='{what}'"
            raise UsageError(f"{hint} is not set", where=where, fix=fix)
    else:
        try:
            text = Path(str(place.file)).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
            fix = f"write {what} into that file, and nothing else"
            raise UsageError(f"{hint} cannot be read: {why}", where=where, fix=fix) from None
    # A password or token that has a line break does not exist.
    return text.strip("\r\n \t\ufeff")


def open_secret_files(job: JobSpec) -> list[str]:
    """Secret files that others on this machine can read, a warning each."""
    found = []
    for place in (job.source.credentials, job.source.token):
        path = Path(place.file) if place and place.file else None
        if path and path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            found.append(f"{path} can be read by others: chmod 600 {path}")
    return found
