"""What does not depend on the day: the world and its events, made once and shared."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from harvester.simulator.bounded_dict import BoundedDict
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.events import Events, events_of
from harvester.simulator.places import all_places
from harvester.simulator.world import Item, build_world

# What the world is made from; the rest of a config changes how it is seen or served.
_MAKE: Final = (
    "seed", "articles", "authors", "groups", "collections", "projects", "withdrawn", "drafts",
    "first_from", "first_until", "quiet_from", "active_share",
)  # fmt: skip


class Source:
    """A world and the events of its items; several truths may draw from one."""

    def __init__(self, config: SimulatorConfig) -> None:
        self._config = config
        self.world = build_world(config)
        self.places = all_places()
        self._events: BoundedDict[tuple[str, int, str, int], Events] = BoundedDict(50_000)

    def serves(self, config: SimulatorConfig) -> bool:
        """Whether another config has this same world."""
        return all(
            getattr(config, one.name) == getattr(self._config, one.name)
            for one in fields(config)
            if one.name in _MAKE
        )

    def events(self, item: Item, counter: str, until_year: int) -> Events:
        """An item's events to the end of a year."""
        return self._events.get(
            (item.kind, item.id, counter, until_year),
            lambda: events_of(self._config, item, counter, until_year),
        )
