"""Which days of a request fill datasets: what a job shows, told from what it asked as evidence."""

from __future__ import annotations

from collections.abc import Iterable

from harvester.model.dates import Window
from harvester.model.question import Question, Wanted
from harvester.model.request import Request


class ShownDays:
    """The periods that one run was asked for, by question.

    A window may run on beyond its period, for a total counts the days behind it, too; and what no
    dimension asks for is evidence alone. Of such days no row is written, whatever happened.
    """

    def __init__(self, wanted: Iterable[Wanted]) -> None:
        self._periods: dict[Question, list[Window]] = {}
        for each in wanted:
            if each.window:
                self._periods.setdefault(each.question, []).append(each.window)

    def of(self, request: Request) -> Window | None:
        """The days of a request, or of a stretch that needed none, that fill datasets."""
        window = request.window
        if window is None:
            return None
        for period in self._periods.get(request.question, ()):
            if period.first <= window.first <= period.last:
                last = min(window.last, period.last, request.shown_to or window.last)
                return window if last == window.last else Window(window.first, last)
        return None
