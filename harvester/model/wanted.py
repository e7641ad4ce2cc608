"""What a job wants to know, before anyone asks for whom and in how many requests."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.model.dates import Window
from harvester.model.question import Question


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question and the days it is asked for.

    Attributes:
        window: the days, resolved to dates; None where the endpoint takes none.
    """

    question: Question
    window: Window | None = None
