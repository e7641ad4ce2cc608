"""The listings under `/v2`: public items, and with a token the institution's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from hashlib import blake2b
from typing import Any, Final

from harvester.simulator.bounded_dict import BoundedDict
from harvester.simulator.call import Answer, Call, json_answer
from harvester.simulator.error_bodies import ProblemError
from harvester.simulator.item_records import Listed, detailed, listed, shown
from harvester.simulator.pages import (
    cursor_text,
    cut,
    read_page,
    unprocessable,
    with_habits,
    with_oddities,
)
from harvester.simulator.truth import Truth

PREFIX: Final = "/v2/"
_KINDS: Final = {"articles": "article", "collections": "collection", "projects": "project"}
_PRIVATE: Final = {"articles": "article", "accounts": "author"}
# What narrows or orders a listing; the rest of a query is paging.
_NARROWING: Final = (
    "institution", "group", "item_type", "published_since", "order", "order_direction",
    "search_for", "doi",
)  # fmt: skip
_MODIFIED: Final = "Mon, 05 Jan 2026 00:00:00 GMT"


class Listings:
    """Answers listing requests out of a truth; keeps what it has sorted once."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._entries: BoundedDict[str, list[Listed]] = BoundedDict(10)
        self._by_id: BoundedDict[str, dict[str, Listed]] = BoundedDict(10)
        self._sequences: BoundedDict[str, list[Listed | None]] = BoundedDict(100)

    def answer(self, call: Call) -> Answer:
        """Answer a request for a path under `/v2`, errors included."""
        try:
            found = self._found(call)
        except ProblemError as problem:
            return problem.answer
        return _conditional(found, call)

    def _found(self, call: Call) -> Answer:
        parts = call.path.removeprefix(PREFIX).strip("/").split("/")
        if parts[:2] == ["account", "institution"] and call.method == "GET":
            self._demand_token(call)
            return self._private(parts[2:], call)
        kind = _KINDS.get(parts[0])
        if kind is not None and len(parts) == 1 and call.method == "GET":
            return self._page(kind, call, call.query, is_private=False)
        if kind is not None and parts[1:] == ["search"] and call.method == "POST":
            return self._page(kind, call, _body(call), is_private=False)
        if kind is not None and len(parts) == 2 and call.method == "GET":
            return self._one(kind, parts[1])
        raise ProblemError(json_answer({"message": "Not found", "code": "NotFound"}, 404))

    def _demand_token(self, call: Call) -> None:
        config = self._truth.config
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "token" or not token or config.token not in {None, token}:
            plain = {"message": "Invalid or missing OAuth token", "code": "OAuthInvalidToken"}
            raise ProblemError(json_answer(plain, 401))
        if not config.token_is_permitted:
            plain = {"message": "Operation not permitted", "code": "OAuthForbidden"}
            raise ProblemError(json_answer(plain, 403))

    def _private(self, parts: list[str], call: Call) -> Answer:
        config = self._truth.config
        if not parts:
            domain = f"{config.institution}.figshare.example"
            name = f"University of {config.institution.title()}"
            return json_answer({"id": config.institution_id, "name": name, "domain": domain})
        if parts == ["groups"]:
            return json_answer([shown(config, entry) for entry in self._all("group")])
        if len(parts) == 1 and parts[0] in _PRIVATE:
            return self._page(_PRIVATE[parts[0]], call, call.query, is_private=True)
        raise ProblemError(json_answer({"message": "Not found", "code": "NotFound"}, 404))

    def _one(self, kind: str, text: str) -> Answer:
        by_id = self._by_id.get(kind, lambda: {str(one.id): one for one in self._all(kind)})
        if text in by_id and by_id[text].is_public:
            return json_answer(detailed(self._truth.config, by_id[text]))
        plain = {"message": f"Entity not found: {kind}", "code": "EntityNotFound"}
        raise ProblemError(json_answer(plain, 404))

    def _page(self, kind: str, call: Call, query: Mapping[str, Any], *, is_private: bool) -> Answer:
        config = self._truth.config
        narrowing = {name: str(query[name]) for name in _NARROWING if name in query}
        mark = f"{kind} {is_private} {json.dumps(narrowing, sort_keys=True)}"
        mark = blake2b(mark.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        page = read_page(query, call.headers.get("x-cursor"), mark, call.number, config.listings)
        sequence = self._sequences.get(
            mark,
            lambda: with_habits(
                self._narrowed(kind, narrowing, is_private=is_private), config.listings
            ),
        )
        entries = cut(sequence, page, config.listings)
        answer = json_answer(
            with_oddities(
                [shown(config, entry) for entry in entries], page, len(sequence), config.listings
            )
        )
        if not config.listings.cursors:
            return answer
        following = cursor_text(page.offset + page.size, call.number, mark)
        return Answer(answer.status, answer.body, {**answer.headers, "X-Cursor": following})

    def _narrowed(
        self, kind: str, narrowing: Mapping[str, str], *, is_private: bool
    ) -> list[Listed]:
        if narrowing.get("institution", str(self._truth.config.institution_id)) != str(
            self._truth.config.institution_id
        ):
            return []
        after, before, words = _searched(narrowing)
        quirks = self._truth.config.listings
        found = [
            entry
            for entry in self._all(kind)
            if (entry.is_public or is_private or quirks.shows_private)
            and not (
                quirks.hides_every and kind == "article" and entry.id % quirks.hides_every == 0
            )
            and narrowing.get("group", str(entry.group_id)) == str(entry.group_id)
            and narrowing.get("item_type", str(entry.item_type)) == str(entry.item_type)
            and (after is None or (entry.published_date or date.min) > after)
            and (before is None or (entry.published_date or date.max) < before)
            and narrowing.get("doi", entry.doi).casefold() == entry.doi.casefold()
            and words.lower() in entry.title.lower()
        ]
        is_descending = narrowing.get("order_direction", "desc") == "desc"
        if kind != "author":
            found.sort(key=lambda one: (one.published_date or date.max, one.id))
        return found[::-1] if is_descending else found

    def _all(self, kind: str) -> list[Listed]:
        return self._entries.get(kind, lambda: listed(self._truth, kind))


def _searched(narrowing: Mapping[str, str]) -> tuple[date | None, date | None, str]:
    """Exclusive bounds of the publication date (`published_since` means "after"), and words."""
    text = narrowing.get("search_for", "")
    days = dict(re.findall(r":(posted_after|posted_before): *(\S+)", text))
    words = re.sub(r":\w+: *\S+|\bAND\b", "", text).strip()
    try:
        after = days.get("posted_after", narrowing.get("published_since"))
        before = days.get("posted_before")
        return after and date.fromisoformat(after), before and date.fromisoformat(before), words
    except ValueError:
        raise unprocessable("A date must be written as YYYY-MM-DD") from None


def _body(call: Call) -> dict[str, Any]:
    try:
        plain = json.loads(call.body or b"{}")
    except ValueError:
        plain = None
    if not isinstance(plain, dict):
        raise unprocessable("The body must be a JSON object")
    return plain


def _conditional(answer: Answer, call: Call) -> Answer:
    """The answer with validators, or 304 where the client has it already."""
    tag = f'"{blake2b(answer.body, digest_size=12).hexdigest()}"'
    headers = {**answer.headers, "ETag": tag, "Last-Modified": _MODIFIED}
    if answer.status == 200 and call.headers.get("if-none-match") == tag:
        return Answer(304, b"", {name: headers[name] for name in headers if name != "Content-Type"})
    return Answer(answer.status, answer.body, headers)
