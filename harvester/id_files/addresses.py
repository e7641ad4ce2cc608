"""Figshare's own names of things, DOIs and web addresses, and the id inside.

Shapes: docs.figshare.com (API paths) and public pages of figshare.com and of portals with hosts
of their own, as they were in 2024 and 2026: `/articles/<type>/<title>/<id>/<version>`, on
portals also without a title or without a type. DOIs: model/doi.py.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from harvester.model.doi import HAVE_DOIS, NamedItem, OpaqueDoi, read_doi, without_edges
from harvester.model.terms import Kind

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,20}://)?(?:[^/@\s]*@)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::[0-9]+)?"
    r"(/[^?#]*)(?:[?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_HANDLE = re.compile(
    r"(?:(?:https?://)?hdl\.handle\.net/|hdl:\s*|handle:\s*)\S+|[0-9]{2,6}(?:\.[0-9]+)*/[0-9]\S*",
    re.IGNORECASE,
)
_OAI = re.compile(
    r"oai:[a-z0-9.-]*figshare\.com:(article|collection|project)/([0-9]+)(?:[/.]?v?[0-9]{1,4})?",
    re.IGNORECASE,
)
# Items have ids of 5 to 9 digits; authors, projects and groups are fewer, and have shorter ones.
_ITEM_ID = re.compile(r"[1-9][0-9]{4,8}")
_ID = re.compile(r"[1-9][0-9]{0,8}")
_VERSION = re.compile(r"[0-9]{1,4}")
_DOI_PREFIX = re.compile(r"10\.[0-9]{4,9}")
_FIGSHARE = re.compile(r"(?:.+\.)?(?:figshare|figsh)\.com")
_STATISTICS = {"stats.figshare.com", "stats.figsh.com"}
_KINDS = {
    "articles": Kind.ARTICLE,
    "authors": Kind.AUTHOR,
    "collections": Kind.COLLECTION,
    "groups": Kind.GROUP,
    "projects": Kind.PROJECT,
}
_BEFORE = {"v2", "account", "institution"}  # what can precede the kind in a path
_COUNTED = {"total", "timeline", "breakdown"}  # what precedes the item in one of the statistics
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


def named(text: str) -> NamedItem | OpaqueDoi | str | None:
    """What a DOI or address names; what is wrong with it; None: it is neither.

    The text of a complaint goes on from the address itself: "… is a handle".
    """
    text = without_edges(text)
    if doi := read_doi(text):
        return doi
    if found := _OAI.fullmatch(text):
        kind = Kind(found[1].lower())
        return _held(kind, found[2]) or f"is an OAI identifier that {_NO_ID_OF_ITS_OWN}"
    if _HANDLE.fullmatch(text):
        return "is a handle, which holds no id: take the id from the item's address or DOI"
    if found := _ADDRESS.fullmatch(text):
        return _address(found[1].lower(), found[2])
    return None


def _held(kind: Kind, digits: str) -> NamedItem | None:
    form = _ITEM_ID if kind in HAVE_DOIS else _ID
    return NamedItem(kind, int(digits)) if form.fullmatch(digits) else None


def _address(host: str, path: str) -> NamedItem | str | None:
    steps = [step for step in unquote(path).split("/") if step]
    if any(_DOI_PREFIX.match(step) for step in steps):
        return None  # a publisher's address around its DOI: whatever digits follow are its own
    while steps and steps[0].lower() in _BEFORE:
        steps.pop(0)
    if host in _STATISTICS:
        return _counted(steps) or f"is an address at Figshare that {_NO_ID_OF_ITS_OWN}"
    if [step.lower() for step in steps[:2]] == ["ndownloader", "articles"]:
        return _of_kind(Kind.ARTICLE, steps[2:])
    return _page(steps, is_figshare=_FIGSHARE.fullmatch(host) is not None)


def _page(steps: list[str], *, is_figshare: bool) -> NamedItem | str | None:
    """What a page for people shows, or the API's of the same name."""
    kind = _KINDS.get(steps[0].lower()) if steps else None
    if not is_figshare and (kind is None or not _is_portal_page(steps[1:])):
        return None
    if kind is Kind.GROUP:
        return "is the address of a group, which holds no id: write the group's number alone"
    if kind is None:
        return f"is an address at Figshare that {_NO_ID_OF_ITS_OWN}"
    rest = steps[1:]
    if len(rest) > 2 and _ID.fullmatch(rest[0]) and rest[1].lower() in _KINDS:
        kind, rest = _KINDS[rest[1].lower()], rest[2:]  # an item inside a project
    return _of_kind(kind, rest)


def _of_kind(kind: Kind, rest: list[str]) -> NamedItem | str:
    found = _id_among([step.lower() for step in rest], kind)
    return found or f"is an address that {_NO_ID_OF_ITS_OWN}"


def _counted(steps: list[str]) -> NamedItem | None:
    """What a request for statistics is about: `/<slug>/total/views/article/<id>`."""
    words = [step.lower() for step in steps]
    if len(words) < 3 or not _COUNTED & set(words[:-2]) or words[-2] not in set(Kind):
        return None
    return _held(Kind(words[-2]), words[-1])


def _is_portal_page(rest: list[str]) -> bool:
    """Portals have hosts of their own; `/articles/77777`, `/articles/2015/77777` are others'."""
    has_name = len(rest) > 1 and (rest[0] == "_" or any(each.isalpha() for each in rest[0]))
    return has_name and any(_ITEM_ID.fullmatch(each) for each in rest[1:])


def _id_among(rest: list[str], kind: Kind) -> NamedItem | None:
    """The id among the steps after the kind: `[type/][title/]id[/version]`, or the API's.

    None: there is none, or it cannot be told from a version.
    """
    if len(rest) > 1 and rest[1] in {"versions", "files"}:  # the API's way
        rest = rest[:1]
    is_typed = kind is Kind.ARTICLE and rest and rest[0].replace("-", "_") in _TYPES
    steps = rest[1:] if is_typed else rest
    if not steps:
        return None
    # A version follows on an id, and no item has ten thousand of them.
    if kind in HAVE_DOIS and len(steps) > 1 and _VERSION.fullmatch(steps[-1]):
        return _held(kind, steps[-2])
    return _held(kind, steps[-1])
