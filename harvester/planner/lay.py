"""Windows laid so that the fewest cover every period that must be asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harvester.model.dates import Window
from harvester.model.limits import WINDOW_LIMITS
from harvester.model.terms import Endpoint, Granularity
from harvester.planner.intervals import Stretch, on_edges, stretch_of, united, window_of, within
from harvester.planner.windows import cut


def lay(
    needed: Sequence[Stretch], asked: Window, granularity: Granularity, taken: Sequence[Stretch]
) -> Iterator[Window]:
    """Lay the windows of a breakdown over the days that must be asked, oldest first.

    Each begins with the first period that no window has yet, reaches as far as the documented
    limit allows, and ends with the last needed period before that: no plan needs fewer. With
    granularity `total` a row is a calendar year, so a window is one, too.

    Args:
        needed: sorted and disjoint; whole periods are asked wherever they touch one.
        asked: the days that are asked for at most.
        taken: windows that this run has asked; none may reach over one.
    """
    edge = WINDOW_LIMITS[Endpoint.BREAKDOWN, granularity].edge or granularity
    frame = stretch_of(asked)
    left = united(within([on_edges(edge, each) for each in needed], frame))
    while left:
        first = left[0][0]
        longest = stretch_of(
            next(cut(window_of((first, frame[1])), Endpoint.BREAKDOWN, granularity))
        )
        barrier = min((start - 1 for start, _ in taken if start > first), default=frame[1])
        reach = min(longest[1], barrier)
        last = max(min(each[1], reach) for each in left if each[0] <= reach)
        yield window_of((first, last))
        left = within(left, (last + 1, frame[1])) if last < frame[1] else []
