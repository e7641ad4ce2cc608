"""What `load` makes of a text, for the tables of this folder."""

from __future__ import annotations

from datetime import date

from harvester.errors import SpecError
from harvester.model.terms import Kind
from harvester.spec.jobspec import JobSpec
from harvester.spec.load_spec import load_text
from harvester.spec.resolve import entity_ids

TODAY = date(2026, 11, 23)
ENTITIES = "entities: {article: {ids: [1]}, group: {ids: [2]}}\n"
HEAD = f"name: x\n{ENTITIES}dimensions:\n"
ANY = "dimensions:\n  - {endpoint: total, counters: [views]}\n"


def understood(text: str | bytes, today: date = TODAY) -> JobSpec:
    content = text.encode() if isinstance(text, str) else text
    return load_text(content, where="job.yaml", today=today)


def mistakes(text: str | bytes, today: date = TODAY) -> list[str]:
    """Its mistakes without the name of the file; empty when there are none."""
    try:
        understood(text, today)
    except SpecError as error:
        lines = error.mistakes
    else:
        return []
    assert all(each.startswith("job.yaml:") and each.isprintable() for each in lines)
    return [each.removeprefix("job.yaml:") for each in lines]


def held(job: JobSpec) -> dict[Kind, tuple[int, ...]]:
    """The ids of a job by kind, as they compare."""
    return {kind: tuple(ids) for kind, ids in entity_ids(job).items()}
