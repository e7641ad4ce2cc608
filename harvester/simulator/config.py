"""What a simulated Figshare is like: its size, its habits, its weather."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from harvester.simulator.codec import from_plain, to_plain
from harvester.simulator.faults import Fault
from harvester.simulator.quirks import ListingQuirks, Quirks


@dataclass(frozen=True, slots=True)
class Restatement:
    """From `from_day` on, the events of one day read otherwise: times `factor`, plus `plus`.

    A restated article changes its groups and authors with it; a restated group changes alone.
    Factor 0 makes the day's events vanish, `plus` lets a day appear that had none.
    """

    kind: str
    id: int
    counter: str
    day: date
    factor: float
    from_day: date
    plus: int = 0


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """All that a simulator is made from; the same config is the same service.

    Sizes that are None follow from `articles`. With `username` and `password` the institution
    scope of timeline, breakdown and top demands them; without, nothing does. Private listings
    always demand a token: this one, or with None any that is not empty.

    Attributes:
        today: the service's date; events of that day count about half, later ones not at all.
        late_days, late_share: of the days that lie at most `late_days` before `today`, this
            share of the events does not show yet.
        quiet_from, active_share: from that day's month on, an item has events only in this
            share of the months (the same items for all counters).
        first_from, first_until: between these days items go online, whatever `today` is; an
            item that is not online yet does not exist yet.
        withdrawn: articles besides `articles` that were public for a while.
        drafts: entries of the private listing that never were public and have no statistics.
        gzip_from_bytes: bodies at least this long are sent compressed to clients that accept it.
    """

    seed: int = 7
    articles: int = 300
    authors: int | None = None
    groups: int | None = None
    collections: int | None = None
    projects: int | None = None
    withdrawn: int | None = None
    drafts: int | None = None
    institution: str = "demo"
    institution_id: int = 2
    username: str | None = None
    password: str | None = None
    token: str | None = None
    token_is_permitted: bool = True
    today: date = date(2026, 7, 1)
    first_from: date = date(2015, 1, 1)
    first_until: date = date(2025, 12, 31)
    late_days: int = 0
    late_share: float = 0.5
    quiet_from: date | None = None
    active_share: float = 0.1
    restatements: tuple[Restatement, ...] = ()
    latency_seconds: float = 0.0
    jitter_seconds: float = 0.0
    gzip_from_bytes: int = 16_384
    quirks: Quirks = field(default_factory=Quirks)
    listings: ListingQuirks = field(default_factory=ListingQuirks)
    faults: tuple[Fault, ...] = ()

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> SimulatorConfig:
        """Read a JSON object; what it leaves out keeps its default.

        Raises:
            ValueError: an unknown key or a value of another type, named by its path.
        """
        return from_plain(cls, plain, "config")

    def to_json(self) -> dict[str, Any]:
        """The config as plain JSON values; `from_json` reads it back."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    def patched(self, patch: dict[str, Any]) -> SimulatorConfig:
        """The config with some keys of its JSON replaced; inside quirks and listings, too."""
        plain = self.to_json()
        for key, value in patch.items():
            inner = plain.get(key)
            if isinstance(inner, dict) and isinstance(value, dict):
                plain[key] = {**inner, **value}
            else:
                plain[key] = value
        return self.from_json(plain)

    def size(self, kind: str) -> int:
        """How many of a kind there are when everything is online."""
        chosen, derived = {
            "article": (self.articles, self.articles),
            "author": (self.authors, self.articles // 2),
            "group": (self.groups, min(60, 3 + self.articles // 40)),
            "collection": (self.collections, self.articles // 20),
            "project": (self.projects, self.articles // 30),
            "withdrawn": (self.withdrawn, self.articles // 50),
            "draft": (self.drafts, self.articles // 30),
        }[kind]
        if chosen is not None:
            return chosen
        # Small worlds keep one of each; an empty world is empty.
        return max(1, derived) if self.articles else 0
