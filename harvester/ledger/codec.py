"""What the ledger keeps as JSON: questions, windows, and specs whose long lists stand apart."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import orjson

from harvester.model.dates import Window
from harvester.model.question import Question, Wanted
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem


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


_LONG = 1000  # ids; a shorter list costs less than its name


_MARK = "$ids"  # no key of a spec begins like this


def pack_spec(spec: Any, keep: Callable[[str, str], None]) -> Any:
    """A spec with the name of each long list of ids in its place.

    Args:
        keep: takes the name and the text of such a list.
    """
    if isinstance(spec, dict):
        return {key: pack_spec(value, keep) for key, value in spec.items()}
    if not isinstance(spec, list):
        return spec
    if len(spec) < _LONG or not all(type(each) is int for each in spec):
        return [pack_spec(each, keep) for each in spec]
    name, text = named_ids(spec)
    keep(name, text)
    return {_MARK: name}


def unpack_spec(spec: Any, ids_of: Callable[[str], Sequence[int]]) -> Any:
    """The spec as it was before; one from before lists were packed comes back as it is."""
    if isinstance(spec, list):
        return [unpack_spec(each, ids_of) for each in spec]
    if not isinstance(spec, dict):
        return spec
    if spec.keys() == {_MARK}:
        return list(ids_of(spec[_MARK]))
    return {key: unpack_spec(value, ids_of) for key, value in spec.items()}


def named_ids(ids: Sequence[int]) -> tuple[str, str]:
    """A list of ids as text, and the name it is kept under: its SHA-256."""
    text = orjson.dumps(list(ids)).decode()
    return hashlib.sha256(text.encode()).hexdigest(), text
