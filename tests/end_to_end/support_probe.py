"""Jobs to probe with, and what a probe of them says."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from harvester.preview.probe_table import OPEN_QUESTIONS
from tests.end_to_end.support_commands import Said, say
from tests.support.command_line import Figshare, Spec

TODAY = date(2026, 7, 2)
PASSWORD, TOKEN = "s3cret-canary", "t0ken-canary"
LOGIN = {"STATS": f"stats-canary:{PASSWORD}", "TOKEN": TOKEN}
IDS = [each.id for each in OPEN_QUESTIONS]
CONTACT = "canary@example.org"
_WHOLE = {
    "institution": "demo",
    "institution_id": 2,
    "credentials": {"env": "STATS"},
    "token": {"env": "TOKEN"},
}


def spec_of(url: str, entities: dict[str, Any], **source: Any) -> Spec:
    """A job in the institution's scope with both secrets; None takes a part of its source away."""
    parts = {"stats_url": url, "api_url": f"{url}/v2", **_WHOLE, **source}
    return {
        "name": "probed",
        "source": {key: value for key, value in parts.items() if value is not None},
        "entities": entities,
        "dimensions": [{"endpoint": "total", "counters": ["views"]}],
        "limits": {"requests_per_second": "unlimited", "contact": CONTACT},
    }


def public_spec(url: str, entities: dict[str, Any], **source: Any) -> Spec:
    """A job in the public scope, with no secret unless one is named."""
    secrets = {"institution": None, "credentials": None, "token": None}
    return spec_of(url, entities, **{**secrets, **source})


def probed(folder: Path, spec: Spec, *words: str, today: date = TODAY) -> Said:
    """What `probe` says of a job."""
    (folder / "job.yaml").write_text(json.dumps(spec), encoding="utf-8")
    command = ("probe", "job.yaml", "--today", today.isoformat(), *words)
    said = say(folder, *command, environment=LOGIN)
    assert "Traceback" not in said.stderr
    for secret in (PASSWORD, TOKEN, CONTACT, "stats-canary"):
        assert secret not in said.stdout + said.stderr
    return said


def verdicts(said: Said) -> dict[str, tuple[str, str]]:
    """Verdict and what was seen, by question."""
    lines = [line.split(": ", 2) for line in said.stdout.splitlines()]
    return {line[1]: (line[0], line[2]) for line in lines if len(line) == 3 and line[1] in IDS}


def findings(said: Said) -> dict[str, dict[str, Any]]:
    """The findings of `--json`, by question."""
    return {each["question"]: each for each in json.loads(said.stdout)["findings"]}


def asked_paths(service: Figshare) -> Iterable[str]:
    """Every path that was asked, in its order."""
    return [entry["target"] for entry in service.history()]
