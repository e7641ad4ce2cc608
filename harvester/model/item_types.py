"""Figshare's item types: numbers in a listing's filter, words everywhere else.

Source: Figshare's API documentation, `item_type` of `GET /articles`, read 2026-07.
"""

from __future__ import annotations

ITEM_TYPES: dict[str, int] = {
    "figure": 1,
    "media": 2,
    "dataset": 3,
    "poster": 5,
    "journal contribution": 6,
    "presentation": 7,
    "thesis": 8,
    "software": 9,
    "online resource": 11,
    "preprint": 12,
    "book": 13,
    "conference contribution": 14,
    "chapter": 15,
    "peer review": 16,
    "educational resource": 17,
    "report": 18,
    "standard": 19,
    "composition": 20,
    "funding": 21,
    "physical object": 22,
    "data management plan": 23,
    "workflow": 24,
    "monograph": 25,
    "performance": 26,
    "event": 27,
    "service": 28,
    "model": 29,
}


def item_type_name(text: str) -> str:
    """A name as the table spells it: `Journal_Contribution` is `journal contribution`."""
    return " ".join(text.lower().replace("_", " ").replace("-", " ").split())
