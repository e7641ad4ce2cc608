"""Which keys each endpoint needs and takes in a dimension, as data (docs/contract.md §2)."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.model.terms import Endpoint


@dataclass(frozen=True, slots=True)
class EndpointKeys:
    """The keys of one endpoint, beside `endpoint` itself.

    Attributes:
        needs: must be there.
        takes: may be there.
    """

    needs: tuple[str, ...]
    takes: tuple[str, ...]


_SERIES = EndpointKeys(needs=("counters", "granularities", "period"), takes=("entities", "filter"))

RULES: dict[Endpoint, EndpointKeys] = {
    Endpoint.TOTAL: EndpointKeys(needs=("counters",), takes=("entities",)),
    Endpoint.COUNT: EndpointKeys(needs=(), takes=("entities",)),
    # `period` goes with `sub_item`, and neither goes alone: cross_checks.py.
    Endpoint.TOP: EndpointKeys(
        needs=("counters",), takes=("entities", "sub_item", "period", "count")
    ),
    Endpoint.TIMELINE: _SERIES,
    Endpoint.BREAKDOWN: _SERIES,
}

# What to write instead of a key that has no place.
HINTS: dict[tuple[Endpoint, str], str] = {
    (Endpoint.TOTAL, "period"): "a total is all-time; for a period use 'timeline' with "
    "granularity 'total'",
    (Endpoint.TOTAL, "granularities"): "a total is all-time; for periods use 'timeline'",
    (Endpoint.TOTAL, "filter"): "filters go with timeline and breakdown",
    (Endpoint.COUNT, "counters"): "it counts the articles of a group",
    (Endpoint.COUNT, "period"): "it counts the articles of a group as they are now",
    (Endpoint.COUNT, "granularities"): "it counts the articles of a group as they are now",
    (Endpoint.TOP, "granularities"): "a ranking has no periods inside; for periods use 'timeline'",
    (Endpoint.TOP, "filter"): "to rank inside each entity write 'sub_item'",
    (Endpoint.TIMELINE, "sub_item"): "to filter write 'filter: {sub_item: …, sub_item_ids: […]}'",
    (Endpoint.BREAKDOWN, "sub_item"): "to filter write 'filter: {sub_item: …, sub_item_ids: […]}'",
    (Endpoint.TIMELINE, "count"): "only 'top' has a number of entries",
    (Endpoint.BREAKDOWN, "count"): "only 'top' has a number of entries",
}
