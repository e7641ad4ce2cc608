"""How long a window one request may span: the documented limits, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from harvester.model.terms import Endpoint, Granularity


@dataclass(frozen=True, slots=True)
class WindowLimit:
    """How many days one request may span, and where longer spans are split.

    Attributes:
        years: at most to the day before this anniversary of the start; None: no limit known.
        edge: windows may only be cut where a period of this granularity ends; None: never cut.
        source: where the number comes from.
    """

    years: int | None
    edge: Granularity | None
    source: str


# A later end_date is silently replaced by the maximum, so nothing may ever ask beyond these.
_BREAKDOWN = "Figshare's documentation of breakdown, 'maximum time span', read 2024-12 and 2026-07"
_TIMELINE = "Figshare's documentation of timeline names no limit (read 2024-12 and 2026-07)"

WINDOW_LIMITS: dict[tuple[Endpoint, Granularity], WindowLimit] = {
    **{(Endpoint.TIMELINE, each): WindowLimit(None, None, _TIMELINE) for each in Granularity},
    (Endpoint.BREAKDOWN, Granularity.DAY): WindowLimit(1, Granularity.DAY, _BREAKDOWN),
    (Endpoint.BREAKDOWN, Granularity.MONTH): WindowLimit(2, Granularity.MONTH, _BREAKDOWN),
    (Endpoint.BREAKDOWN, Granularity.YEAR): WindowLimit(5, Granularity.YEAR, _BREAKDOWN),
    # One row per calendar year (docs/contract.md §3), so a window is a calendar year at most.
    (Endpoint.BREAKDOWN, Granularity.TOTAL): WindowLimit(1, Granularity.YEAR, _BREAKDOWN),
}

# The first day Figshare can have counted (docs/contract.md §2: `beginning`).
BEGINNING = date(2011, 1, 1)
# The last date a run may be given: nothing but the simulator can be asked for the future, and its
# world was made for some decades.
LAST_RUN_DATE = date(2050, 12, 31)

# POST /count/articles takes a list of groups; no limit is documented, 100 keeps bodies small.
GROUPS_PER_COUNT = 100
