"""DOIs among the ids of a spec: those that hold an id of their kind are that id."""

from __future__ import annotations

from harvester.model.doi import HAVE_DOIS, NamedItem, OpaqueDoi, read_doi
from harvester.model.suggestions import quoted
from harvester.model.terms import Kind


def with_ids_of_dois(values: dict[str, object]) -> None:
    """Put ids in the place of the DOIs under `entities.<kind>.ids`; others are left as they are."""
    entities = values.get("entities")
    if not isinstance(entities, dict):
        return
    for kind in HAVE_DOIS:
        held = entities.get(kind.value)
        ids = held.get("ids") if isinstance(held, dict) else None
        if not isinstance(ids, list):
            continue
        for index, written in enumerate(ids):
            found = read_doi(written) if isinstance(written, str) else None
            if isinstance(found, NamedItem) and found.kind is kind:
                ids[index] = found.id


def doi_sentence(text: str, kind: str) -> str | None:
    """What is wrong with a DOI among the ids of a kind; None: it is no DOI."""
    found = read_doi(text)
    if found is None:
        return None
    if kind not in HAVE_DOIS:
        return f"{quoted(text)} is a DOI, and {kind}s have none: write the id"
    if isinstance(found, OpaqueDoi):
        return (
            f"{quoted(text)} is a DOI that holds no id: put it into a file of ids, where "
            "`harvester check JOB --resolve` looks it up"
        )
    other = Kind.ARTICLE if kind == Kind.COLLECTION else Kind.COLLECTION
    return f"{quoted(text)} names {_ONE[other]}, and these are {kind}s: put it under '{other}'"


_ONE = {Kind.ARTICLE: "an article", Kind.COLLECTION: "a collection"}
