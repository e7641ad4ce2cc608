"""A request as it goes over the wire: the only place that says `item`.

Source: Figshare's documentation of its statistics endpoints, read 2024-12 and 2026-07.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.terms import Endpoint

# A job has a few dozen questions; this only keeps a caller who makes them anew each time in bounds.
_MOST_FORMS = 4096


class Wire(NamedTuple):
    """A request as it is written on the wire: method, path, query and body.

    Attributes:
        path: begins with a slash, percent-encoded.
        query: without the question mark, percent-encoded; empty: none.
        body: JSON of a POST; None for a GET.
    """

    method: str
    path: str
    query: str
    body: bytes | None


class _Form(NamedTuple):
    """What all requests of one question have in common, with places to fill in.

    Percent-encoding leaves no brace in anybody's text, so `{id}` and `{dates}` are only ours.
    """

    path: str
    query: str


class Writer:
    """Writes requests for one host; remembers the few questions that all of them share."""

    def __init__(self, base_url: str) -> None:
        """Write for this host.

        Args:
            base_url: origin and perhaps a path before the service's own, with or without a
                slash at its end.
        """
        self._origin = base_url.removesuffix("/")
        # By identity: hashing a question costs more than writing its URL anew. The question is
        # held beside, so that no other can take its identity over.
        self._forms: dict[int, tuple[Question, _Form]] = {}

    def wire(self, request: Request) -> Wire:
        """Write a request the way the service documents it.

        Raises:
            ValueError: the institution is no path segment (empty, or only dots), a part that
                the endpoint cannot do without is missing, or text cannot be written as UTF-8.
        """
        path, query = _filled(self._form_of(request.question), request)
        body = self.body(request)
        return Wire("POST" if body else "GET", path, query, body)

    def body(self, request: Request) -> bytes | None:
        """What a count sends; None: a GET."""
        if request.question.endpoint is not Endpoint.COUNT:
            return None
        groups = ",".join([f'{{"id":{group:d}}}' for group in request.groups])
        return f'{{"groups":[{groups}]}}'.encode()

    def address(self, request: Request) -> str:
        """The complete URL of a request, without the body of a count."""
        path, query = _filled(self._form_of(request.question), request)
        return f"{self._origin}{path}?{query}" if query else f"{self._origin}{path}"

    def _form_of(self, question: Question) -> _Form:
        known = self._forms.get(id(question))
        if known:
            return known[1]
        if len(self._forms) >= _MOST_FORMS:
            self._forms.clear()
        form = _form(question)
        self._forms[id(question)] = (question, form)
        return form


def wire(request: Request) -> Wire:
    """Write one request; for many, a `Writer` is faster."""
    return Writer("").wire(request)


def address(base_url: str, request: Request) -> str:
    """The complete URL of one request; for many, a `Writer` is faster."""
    return Writer(base_url).address(request)


def _filled(form: _Form, request: Request) -> tuple[str, str]:
    window, entity_id = request.window, request.entity_id
    path, query = form
    if "{id}" in path or "{id}" in query:
        if entity_id is None:
            raise ValueError(f"{request.question.endpoint.value} needs an entity")
        path = path.replace("{id}", f"{entity_id:d}")
        query = query.replace("{id}", f"{entity_id:d}")
    if "{dates}" in query:
        # Without dates the service means "this month so far": they are never left out.
        if window is None:
            raise ValueError(f"{request.question.endpoint.value} needs a window")
        dates = f"start_date={window.first.isoformat()}&end_date={window.last.isoformat()}"
        query = query.replace("{dates}", dates)
    return path, query


def _form(question: Question) -> _Form:
    endpoint = question.endpoint
    if endpoint is Endpoint.COUNT:
        return _Form("/count/articles", "")
    scope = f"/{_segment(question.institution)}" if question.institution is not None else ""
    if question.is_undocumented:
        return _Form(f"{scope}/total/{question.kind.value}/{{id}}", "")
    if question.counter is None:
        raise ValueError(f"{endpoint.value} needs a counter")
    kind = f"{question.counter.value}/{question.kind.value}"
    match endpoint:
        case Endpoint.TOTAL:
            return _Form(f"{scope}/total/{kind}/{{id}}", "")
        case Endpoint.TOP:
            return _Form(f"{scope}/top/{kind}", _top_query(question))
    if question.granularity is None:
        raise ValueError(f"{endpoint.value} needs a granularity")
    path = f"{scope}/{endpoint.value}/{question.granularity.value}/{kind}/{{id}}"
    return _Form(path, f"{{dates}}{_filter(question)}")


def _top_query(question: Question) -> str:
    count = f"count={question.ranks:d}" if question.ranks is not None else ""
    if question.sub_item is None:
        return count
    words = ["item_id={id}", f"sub_item={question.sub_item.value}", count, "{dates}"]
    return "&".join([word for word in words if word])


def _filter(question: Question) -> str:
    if question.sub_item is None:
        return ""
    sub_item_id = quote(question.sub_item_id or "", safe="")
    return f"&sub_item={question.sub_item.value}&sub_item_id={sub_item_id}"


def _segment(text: str) -> str:
    # Dots alone would be read as "this folder" and "the folder above", encoded or not.
    if not text.strip("."):
        raise ValueError(f"{text!r} cannot be part of a path")
    return quote(text, safe="")
