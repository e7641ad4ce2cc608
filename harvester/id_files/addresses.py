"""Figshare's own names of things, DOIs and web addresses, and the id inside.

Shapes: docs.figshare.com (DOIs `<prefix>/<labels>.<id>.v<n>`, `.c.` before a collection's
id; API paths) and public pages of figshare.com and of portals with hosts of their own, as
they were in 2024 and 2026: `/articles/<type>/<title>/<id>/<version>`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from harvester.model.terms import Kind


@dataclass(frozen=True, slots=True)
class NamedItem:
    """What a DOI or address names: the base id; versions of an item share one count."""

    kind: Kind
    id: int


_DOI = re.compile(
    r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*|doi\s+)?"
    r"(10\.[0-9]{4,9}(?:\.[0-9]+)*)/(\S+)",
    re.IGNORECASE,
)
# Labels begin with a letter (m9, rd, figshare): so the numbers of publishers' DOIs, as in
# 10.1038/nature.2017.21234, are not taken for ids.
_SUFFIX = re.compile(
    r"((?:[a-z][a-z0-9_-]*[./])*)([1-9][0-9]{0,17})(?:[./]v[0-9]{1,4})?", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,20}://)?(?:[^/@\s]*@)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::[0-9]+)?"
    r"(/[^?#]*)(?:[?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_HANDLE = re.compile(
    r"(?:(?:https?://)?hdl\.handle\.net/|hdl:\s*|handle:\s*)\S+|[0-9]{2,6}(?:\.[0-9]+)*/[0-9]\S*",
    re.IGNORECASE,
)
_ID = re.compile(r"[1-9][0-9]{0,17}")
_KINDS = {
    "articles": Kind.ARTICLE,
    "authors": Kind.AUTHOR,
    "collections": Kind.COLLECTION,
    "groups": Kind.GROUP,
    "projects": Kind.PROJECT,
}
_BEFORE = {"v2", "account", "institution"}  # what can precede the kind in a path
# The word of the type in an article's address.
_TYPES = frozenset(
    {
        "book", "chapter", "code", "composition", "conference_contribution",
        "data_management_plan", "dataset", "educational_resource", "event", "figure", "fileset",
        "funding", "journal_contribution", "media", "metadata", "model", "monograph",
        "online_resource", "paper", "peer_review", "performance", "physical_object", "poster",
        "preprint", "presentation", "report", "service", "software", "standard", "thesis",
        "workflow",
    }
)  # fmt: skip
_NO_ID_OF_ITS_OWN = "names no item by its id: write the id alone"


def named(text: str) -> NamedItem | str | None:
    """What a DOI or address names; what is wrong with it; None: it is neither.

    The text of a complaint goes on from the address itself: "… is a handle".
    """
    if found := _DOI.fullmatch(text):
        return _doi(unquote(found[2]))
    if "%2f" in text.lower() and (found := _DOI.fullmatch(unquote(text))):
        return _doi(found[2])
    if _HANDLE.fullmatch(text):
        return "is a handle, which holds no id: take the id from the item's address or DOI"
    if found := _ADDRESS.fullmatch(text):
        return _address(found[1].lower(), found[2])
    return None


def _doi(suffix: str) -> NamedItem | str:
    found = _SUFFIX.fullmatch(suffix.rstrip("/"))
    if found is None:
        return "is a DOI without an id of Figshare's in it: write the item's id or address"
    labels = re.split(r"[./]", found[1].lower())
    is_collection = len(labels) > 1 and labels[-2] == "c"
    return NamedItem(Kind.COLLECTION if is_collection else Kind.ARTICLE, int(found[2]))


def _address(host: str, path: str) -> NamedItem | str | None:
    is_figshare = host.endswith((".figshare.com", ".figsh.com")) or host in {
        "figshare.com",
        "figsh.com",
    }
    steps = [step for step in path.split("/") if step]
    while steps and steps[0].lower() in _BEFORE:
        steps.pop(0)
    kind = _KINDS.get(steps[0].lower()) if steps else None
    if kind is Kind.GROUP and is_figshare:
        return "is the address of a group, which holds no id: write the group's number alone"
    if kind is None:
        return f"is an address at Figshare that {_NO_ID_OF_ITS_OWN}" if is_figshare else None
    rest = steps[1:]
    if len(rest) > 2 and _ID.fullmatch(rest[0]) and rest[1].lower() in _KINDS:
        kind, rest = _KINDS[rest[1].lower()], rest[2:]  # an item inside a project
    if not is_figshare and not _is_portal_page(kind, rest):
        return None
    found = _id_among([step.lower() for step in rest], kind)
    return NamedItem(kind, found) if found else f"is an address that {_NO_ID_OF_ITS_OWN}"


def _is_portal_page(kind: Kind, rest: list[str]) -> bool:
    """Portals have hosts of their own; another site's `/articles/7` is none of Figshare's."""
    if kind is Kind.ARTICLE:
        return len(rest) > 2 and rest[0].lower().replace("-", "_") in _TYPES
    return len(rest) > 1


def _id_among(rest: list[str], kind: Kind) -> int | None:
    """The id among the steps after the kind: `[type/][title/]id[/version]`, or the API's.

    None: there is none, or it cannot be told from a version.
    """
    if len(rest) == 3 and rest[1] == "versions":  # the API's way
        rest = rest[:1]
    is_typed = kind is Kind.ARTICLE and rest and rest[0].replace("-", "_") in _TYPES
    steps = rest[1:] if is_typed else rest
    numeric = [bool(_ID.fullmatch(step)) for step in steps]
    if not steps or not numeric[-1]:
        return None
    if len(steps) == 1 or not numeric[-2]:
        return int(steps[-1])
    if len(steps) > 2:  # title, id, version
        return int(steps[-2])
    before, last = steps
    # Two numbers: a title and an id, or an id and a version. No item has a thousand versions.
    if len(last) > 3:
        return int(last)
    return int(before) if len(before) > 4 else None
