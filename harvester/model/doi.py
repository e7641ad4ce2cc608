"""DOIs: those that hold an id of Figshare's, and those that only a look-up can tell.

An item may bear any DOI of a publisher, so digits at the end of one mean nothing by themselves:
10.1177/1094428121999096 is a paper. An id is taken where the DOI's prefix is one that Figshare
assigns, in the shape in which it does, or where the DOI says `figshare` just before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from harvester.model.terms import Kind

# Kinds that have DOIs, and versions.
HAVE_DOIS = (Kind.ARTICLE, Kind.COLLECTION)


@dataclass(frozen=True, slots=True)
class NamedItem:
    """What a DOI or address names: the base id; versions of an item share one count."""

    kind: Kind
    id: int


@dataclass(frozen=True, slots=True)
class OpaqueDoi:
    """A DOI that holds no id.

    Attributes:
        doi: as it is written, without resolver and what stands around it; case means nothing.
    """

    doi: str

    @property
    def key(self) -> str:
        """The same for every spelling of it."""
        return self.doi.casefold()


# Prefix -> what stands between it and the id. Each was seen beside the item's own page, in
# code and documentation on the web in 2026-09. Not here, though Figshare once assigned them:
# prefixes that have moved on (10.26434/chemrxiv and 10.36227/techrxiv now number otherwise,
# 10.17862/cranfield.rd leads elsewhere), and 10.4225/03, where no DOI holds an id.
ASSIGNED: dict[str, str] = {
    "10.1158": r"[0-9]{4}-[0-9]{3}[0-9x]\.(?=.*\.v[0-9]+$)",  # AACR; without a version: a paper
    "10.1184": r"r1/",  # Carnegie Mellon
    "10.5522": r"04/",  # University College London
    "10.6084": r"m9\.figshare\.",  # figshare.com, and most publishers
    "10.7294": r"",  # Virginia Tech; others of it are hexadecimal, or words
    "10.11583": r"dtu\.",  # Technical University of Denmark
    "10.15131": r"shef\.data\.",  # Sheffield
    "10.17028": r"rd\.[a-z][a-z0-9_-]*\.",  # Loughborough
    "10.17608": r"k6\.auckland\.",  # Auckland
    "10.21942": r"uva\.",  # Amsterdam
    "10.21954": r"ou\.rd\.",  # The Open University
    "10.23640": r"07243\.",  # ORCID
    "10.25375": r"uct\.",  # Cape Town
    "10.25378": r"janelia\.",  # Janelia
    "10.25384": r"sage\.",  # SAGE
    "10.25405": r"data\.ncl\.",  # Newcastle
    "10.25422": r"azu\.data\.",  # Arizona
    "10.25909": r"",  # Adelaide; others of it are hexadecimal
    "10.26180": r"",  # Monash; likewise
    "10.26181": r"",  # La Trobe; likewise
    "10.26188": r"",  # Melbourne; likewise
}
# Ids of items have 5 to 9 digits (the highest of 2026 was 32,793,294): hexadecimal DOIs have 13
# characters or more, so one of digits alone is no id.
_HELD = r"(c\.)?([1-9][0-9]{4,8})(?:\.v[0-9]{1,4})?"
_SHAPES = {prefix: re.compile(before + _HELD, re.IGNORECASE) for prefix, before in ASSIGNED.items()}
_ANYWHERE = re.compile(r"(?:[a-z0-9_-]+\.)*figshare\.(?:[a-z]{2,}\.)?" + _HELD, re.IGNORECASE)
_WRITTEN = re.compile(
    r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*|doi\s+)?"
    r"((10\.[0-9]{4,9}(?:\.[0-9]+)*)/(\S+))",
    re.IGNORECASE,
)
_PAIRS = {")": "(", "]": "[", "}": "{", ">": "<"}


def read_doi(text: str) -> NamedItem | OpaqueDoi | None:
    """What a DOI names, however it is written; None: it is none."""
    text = without_edges(text)
    found = _WRITTEN.fullmatch(text)
    if found is None and "%2f" in text.lower():
        found = _WRITTEN.fullmatch(unquote(text))
    if found is None:
        return None
    # A browser's address may go on behind the DOI; one of Figshare's has neither ? nor #.
    suffix = unquote(re.split("[?#]", found[3])[0]).rstrip("/")
    for shape in (_SHAPES.get(found[2], _ANYWHERE), _ANYWHERE):
        if held := shape.fullmatch(suffix):
            return NamedItem(Kind.COLLECTION if held[1] else Kind.ARTICLE, int(held[2]))
    whole = re.split("[?#]", found[1])[0] if "doi.org/" in text.lower() else found[1]
    return OpaqueDoi(unquote(whole).rstrip("/"))


def without_edges(text: str) -> str:
    """A DOI or address without what a sentence leaves around it: a stop, a bracket.

    A bracket that belongs to it, as in 10.1016/S0140-6736(05), has its partner inside.
    """
    while text:
        if text[-1] in ".,;:" or (text[-1] in _PAIRS and _PAIRS[text[-1]] not in text):
            text = text[:-1].rstrip()
        elif text[0] in _PAIRS.values() and _closing(text[0]) not in text:
            text = text[1:].lstrip()
        elif text[0] in _PAIRS.values() and text[-1] == _closing(text[0]):
            text = text[1:-1].strip()
        else:
            break
    return text


def _closing(opening: str) -> str:
    return next(last for last, first in _PAIRS.items() if first == opening)
