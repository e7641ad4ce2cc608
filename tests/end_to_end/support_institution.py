"""A job that lists a whole institution, and what the simulator knows of the same."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from harvester.simulator import Truth, listed
from tests.support.command_line import Figshare, Job, Spec

TOKEN = "canary-t0ken"
SMALL = {"endpoint": "top", "entities": ["article"], "counters": ["views"]}
COLUMNS = (
    "entity_id, title, doi, defined_type_name, group_id, parent_id, published_date, first_online,"
    " url, source, is_listed"
)


def whole(url: str, entities: dict[str, Any], *dimensions: Spec, **source: Any) -> Spec:
    """A spec that discovers, with a token in the environment."""
    return {
        "name": "whole",
        "source": {
            "stats_url": url,
            "api_url": f"{url}/v2",
            "institution_id": 2,
            "token": {"env": "TOKEN"},
            **source,
        },
        "entities": entities,
        "dimensions": list(dimensions) or [SMALL],
        "limits": {"requests_per_second": "unlimited"},
    }


def job_of(folder: Path, spec: Spec, *, token: str | None = TOKEN) -> Job:
    job = Job(folder, spec)
    if token is None:
        job.environment.pop("TOKEN", None)
    else:
        job.environment["TOKEN"] = token
    assert "TOKEN" not in os.environ
    return job


def public_ids(truth: Truth, kind: str = "article") -> set[int]:
    return {each.id for each in listed(truth, kind) if each.is_public}


def found_ids(job: Job, kind: str = "article", where: str = "is_listed") -> list[int]:
    rows = job.rows("entities", f"entity, entity_id, {where}", order="entity_id")
    return [number for entity, number, chosen in rows if entity == kind and chosen]


def asked(service: Figshare, path: str = "/v2/") -> list[dict[str, Any]]:
    """The requests to the listings, in the order they came."""
    return [entry for entry in service.history() if entry["target"].startswith(path)]
