"""One question to the service about one entity and one window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from harvester.model.dates import Window, epoch_day
from harvester.model.question import Question

# In a slot, where a request is about no single entity; ids are positive.
NO_ENTITY = 0


@dataclass(frozen=True, slots=True)
class Request:
    """All that anyone after the plan needs to know.

    Attributes:
        entity_id: None for a ranking of all items and for a count.
        window: None where no dates are sent (total, count, a ranking of all items).
        groups: the groups of a `count`, ascending; empty elsewhere.
        shown_to: the last day whose rows are wanted, where the window runs on beyond it for
            the sake of evidence; None: all of the window.
    """

    question: Question
    entity_id: int | None = None
    window: Window | None = None
    groups: tuple[int, ...] = ()
    shown_to: date | None = None

    @property
    def key(self) -> str:
        """Readable, and the same in every run: the question's key, the entity, the window."""
        words = [self.question.key]
        if self.entity_id is not None:
            words.append(str(self.entity_id))
        if self.groups:
            words.append(f"{self.groups[0]}-{self.groups[-1]}")
        if self.window:
            words.append(str(self.window))
        return "/".join(words)

    @property
    def slot(self) -> tuple[int, int]:
        """Where it stands among the requests of its question in one run.

        Returns:
            (entity id, or the first group of a count, or 0;
            first day of the window in days since 1970-01-01, or 0 without a window).
        """
        entity = self.groups[0] if self.groups else self.entity_id or NO_ENTITY
        return entity, epoch_day(self.window.first) if self.window else 0
