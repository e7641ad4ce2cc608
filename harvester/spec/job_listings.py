"""A job's listings, and the items whose metadata it wants."""

from __future__ import annotations

from harvester.model.listing import Listing
from harvester.model.terms import Kind
from harvester.spec.jobspec import JobSpec

# The embedded simulator is an institution of its own.
SIMULATED_INSTITUTION = 2


def institution_id(job: JobSpec) -> int:
    """Figshare's number of the institution whose listings are read."""
    return job.source.institution_id or SIMULATED_INSTITUTION


def listings(job: JobSpec) -> list[Listing]:
    """What the job lists, groups first: they tell where an article lies."""
    found = []
    for kind in (Kind.GROUP, *(each for each in Kind if each is not Kind.GROUP)):
        chosen = job.entities[kind].discover if kind in job.entities else None
        if chosen is not None:
            filters = (chosen.group, chosen.item_type, chosen.published_since)
            found.append(Listing(kind, institution_id(job), *filters))
    return found


def needs_token(job: JobSpec) -> bool:
    """Whether the job reads a private listing of Figshare's."""
    return any(each.is_private for each in listings(job)) and not job.source.simulator


def metadata_kinds(job: JobSpec) -> list[Kind]:
    """The kinds whose single items are asked for their metadata."""
    return [kind for kind in Kind if kind in job.entities and job.entities[kind].metadata]


def gathers(job: JobSpec) -> bool:
    """Whether a run must ask for its entities before it can be planned."""
    return bool(listings(job) or metadata_kinds(job))
