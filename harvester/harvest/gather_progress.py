"""What goes before a run's plan, as somebody who watches it sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Service(Protocol):
    """What is asked."""

    @property
    def state(self) -> str:
        """How it fares, in words."""


@dataclass(slots=True)
class GatherProgress:
    """Words and numbers that change while listings and metadata are read.

    Attributes:
        run_id: None: it is a count, not a run.
        doing: in words, such as `listing articles`; empty: it has just begun.
        pages: read so far of the present listing.
        listed: ids it has so far; of metadata, items that are still to come.
        pace: requests a second; None: unlimited.
    """

    run_id: str | None
    folder: Path
    pace: float | None
    doing: str = ""
    pages: int = 0
    listed: int = 0
    _service: Service | None = None

    def watch(self, service: Service) -> None:
        """From now on, show how this service fares."""
        self._service = service

    @property
    def state(self) -> str:
        """How the service fares, in words: `running`, or why not."""
        return self._service.state if self._service else "running"
