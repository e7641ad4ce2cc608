"""Questions and windows as the ledger writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import orjson

from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from harvester.model.wanted import Wanted


def wanted_json(wanted: Sequence[Wanted]) -> str:
    """What a run wants, as JSON; `wanted_from` reads it back."""
    return orjson.dumps([_written(each) for each in wanted]).decode()


def wanted_from(text: str) -> list[Wanted]:
    """What a run wants, from the ledger."""
    return [_read(each) for each in orjson.loads(text)]


def _written(wanted: Wanted) -> dict[str, object]:
    question = wanted.question
    fields: dict[str, object] = {
        "endpoint": question.endpoint,
        "kind": question.kind,
        "counter": question.counter,
        "granularity": question.granularity,
        "sub_item": question.sub_item,
        "sub_item_id": question.sub_item_id,
        "ranks": question.ranks,
        "institution": question.institution,
    }
    if wanted.window:
        fields |= {"first": wanted.window.first, "last": wanted.window.last}
    return {name: value for name, value in fields.items() if value is not None}


def _read(fields: dict[str, str]) -> Wanted:
    ranks = fields.get("ranks")
    question = Question(
        Endpoint(fields["endpoint"]),
        Kind(fields["kind"]),
        Counter(fields["counter"]) if "counter" in fields else None,
        Granularity(fields["granularity"]) if "granularity" in fields else None,
        SubItem(fields["sub_item"]) if "sub_item" in fields else None,
        fields.get("sub_item_id"),
        int(ranks) if ranks is not None else None,
        fields.get("institution"),
    )
    if "first" not in fields:
        return Wanted(question)
    first, last = date.fromisoformat(fields["first"]), date.fromisoformat(fields["last"])
    return Wanted(question, Window(first, last))
