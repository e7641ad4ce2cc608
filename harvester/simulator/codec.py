"""Frozen dataclasses to plain JSON values and back: configurations cross a pipe as text."""

from __future__ import annotations

import types
import typing
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any, TypeVar

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """A dataclass, tuple, date or scalar as what `json.dumps` takes."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [to_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def from_plain(kind: type[T], plain: Any, where: str) -> T:
    """The dataclass `kind` out of a JSON object; keys left out keep their defaults.

    Raises:
        ValueError: a key is unknown or a value does not fit; the message names it.
    """
    if not isinstance(plain, dict):
        raise ValueError(f"{where}: expected an object, found {plain!r}")  # noqa: TRY004
    hints = typing.get_type_hints(kind)
    if unknown := sorted(set(plain) - set(hints)):
        raise ValueError(f"{where}: unknown key {unknown[0]!r}; known: {', '.join(sorted(hints))}")
    return kind(**{name: _read(hints[name], plain[name], f"{where}.{name}") for name in plain})


def _read(hint: Any, plain: Any, where: str) -> Any:
    if typing.get_origin(hint) is types.UnionType:
        choices = [one for one in typing.get_args(hint) if one is not type(None)]
        return None if plain is None else _read(choices[0], plain, where)
    if typing.get_origin(hint) is tuple:
        if not isinstance(plain, list | tuple):
            raise ValueError(f"{where}: expected a list, found {plain!r}")
        inner = typing.get_args(hint)[0]
        return tuple(_read(inner, one, f"{where}[{n}]") for n, one in enumerate(plain))
    if isinstance(hint, type) and is_dataclass(hint):
        return from_plain(hint, plain, where)
    return _scalar(hint, plain, where)


def _scalar(hint: Any, plain: Any, where: str) -> Any:
    if hint is date:
        return plain if isinstance(plain, date) else date.fromisoformat(plain)
    if hint is float and isinstance(plain, int) and not isinstance(plain, bool):
        return float(plain)
    if type(plain) is not hint:
        raise ValueError(f"{where}: expected {hint.__name__}, found {plain!r}")
    return plain
