"""What a run says on stderr while it goes on: sentences for people, or JSON for log systems."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson

from harvester.cli.format import plain


class Level(StrEnum):
    """How important an event is, as log systems grade it."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        name: a stable word for programs.
        sentence: the same for people; it may have several lines.
        facts: for programs; what JSON can say.
    """

    name: str
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    level: Level = Level.INFO


EmitEvent = Callable[[Event], None]


def event_writer(log_format: str) -> EmitEvent:
    """Text or JSON, a line each, on stderr."""
    return {"text": as_text, "json": as_json}[log_format]


def as_text(event: Event) -> None:
    """The sentence, fit for a terminal whoever's words it holds."""
    lines = [plain(line) for line in event.sentence.split("\n")]
    print("\n".join(lines), file=sys.stderr, flush=True)


def as_json(event: Event) -> None:
    """One object on one line, with the moment in UTC."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {"at": at, "level": event.level.value, "event": event.name}
    line = orjson.dumps({**told, "message": event.sentence, **event.facts}, default=str)
    print(line.decode(), file=sys.stderr, flush=True)
