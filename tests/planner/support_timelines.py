"""What the ledger keeps of timelines, made from counts day by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from hypothesis import strategies as st

from harvester.model.dates import day_of, epoch_day
from harvester.model.outcomes import PastOutcome
from harvester.model.packed_counts import pack_counts
from harvester.model.run_plan import Settlement
from harvester.model.terms import Granularity, State
from harvester.planner.intervals import DayRange

D = date.fromisoformat
TODAY = Settlement(D("2026-07-04"), settle_days=3)
THIS_RUN = 9
# Of a day: what it counts.
Daily = Mapping[int, int]


def at(text: str) -> int:
    return epoch_day(D(text))


def reading(
    window: DayRange,
    daily: Daily,
    edge: Granularity,
    *,
    run: int,
    snapshot: int,
    failed: bool = False,
) -> PastOutcome:
    """What the ledger keeps of a timeline of these days: one count for each period it touches."""
    points: dict[int, int] = {}
    for day in range(window[0], window[1] + 1):
        if edge is Granularity.TOTAL:
            key = window[0]
        else:
            key = max(epoch_day(edge.period_start(day_of(day))), window[0])
        points[key] = points.get(key, 0) + daily.get(day, 0)
    value = sum(points.values())
    state = State.FAILED if failed else State.DONE if value else State.EMPTY
    return PastOutcome(run, snapshot, *window, window[1], state, 0, value, run * 1_000,
                pack_counts(points) if value else None)  # fmt: skip


def stretch(text: str) -> DayRange:
    first, _, last = text.partition("..")
    return at(first), at(last or first)


LOW = at("2024-11-20")
spans = st.tuples(st.integers(0, 200), st.integers(0, 120)).map(
    lambda each: (LOW + each[0], LOW + sum(each))
)
dailies = st.dictionaries(st.integers(LOW, LOW + 330), st.integers(1, 9), max_size=40)
