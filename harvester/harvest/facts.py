"""What a run reads off a job spec beside its dimensions."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from harvester.errors import UsageError
from harvester.spec.jobspec import JobSpec
from harvester.spec.resolve import file_ids


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
    place = job.source.credentials
    if place is None:
        return "source.credentials is not set"
    if place.env:
        return f"the environment variable {place.env}"
    return f"the file {place.file}"


def read_credentials(job: JobSpec) -> str | None:
    """`username:password` of the institution's statistics; None: the spec names no place.

    Raises:
        UsageError: the place is empty, cannot be read, or holds something else.
    """
    place = job.source.credentials
    if place is None:
        return None
    where, hint = "source.credentials", credentials_hint(job)
    if place.env:
        text = os.environ.get(place.env)
        if text is None:
            fix = f"set it before you run: export {place.env}='username:password'"
            raise UsageError(f"{hint} is not set", where=where, fix=fix)
    else:
        path = Path(str(place.file))
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
            fix = "write username:password into that file, and nothing else"
            raise UsageError(f"{hint} cannot be read: {why}", where=where, fix=fix) from None
    # A file that an editor wrote ends in a line break; a password that has one does not exist.
    text = text.strip("\r\n \t\ufeff")
    name, colon, password = text.partition(":")
    if not (name and colon and password) or not text.isprintable():
        raise UsageError(
            f"{hint} does not hold username:password",
            where=where,
            fix="write the username, a colon and the password that Figshare's support gave you",
        )
    return text


def open_secret_files(job: JobSpec) -> list[str]:
    """Secret files that others on this machine can read, a warning each."""
    found = []
    for place in (job.source.credentials, job.source.token):
        path = Path(place.file) if place and place.file else None
        if path and path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            found.append(f"{path} can be read by others: chmod 600 {path}")
    return found
