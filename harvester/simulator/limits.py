"""What the service's documentation promises, read a second time and shared with nobody.

Source: Figshare's statistics documentation (docs/Stats) and the API's listing documentation,
as of 2026-07. The harvester has its own copy on purpose: two readings can disagree, one cannot.
"""

from __future__ import annotations

from typing import Final

COUNTERS: Final = ("views", "downloads", "shares")
KINDS: Final = ("article", "author", "collection", "group", "project")
GRANULARITIES: Final = ("day", "month", "year", "total")
ENDPOINTS: Final = ("total", "timeline", "breakdown", "top", "count")

# `sub_item` of timelines and breakdowns; a ranking knows referrals as well.
FILTERS: Final = ("category", "item_type")
RANKED: Final = ("category", "item_type", "referral")

# The longest breakdown window in years; a later end date is silently replaced by the maximum.
LONGEST_YEARS: Final = {"day": 1, "month": 2, "year": 5, "total": 1}

TOP_COUNT: Final = 10  # the default of `count`; no maximum is documented

PAGE_SIZE: Final = 10
LONGEST_PAGE: Final = 1000

# Figshare's numbers for `defined_type` and their names.
ITEM_TYPES: Final = {
    1: "figure",
    2: "media",
    3: "dataset",
    5: "poster",
    6: "journal contribution",
    7: "presentation",
    8: "thesis",
    9: "software",
    11: "online resource",
    12: "preprint",
    13: "book",
    14: "conference contribution",
    15: "chapter",
    16: "peer review",
    17: "educational resource",
    18: "report",
    19: "standard",
    20: "composition",
    21: "funding",
    22: "physical object",
    23: "data management plan",
    24: "workflow",
    25: "monograph",
    26: "performance",
    27: "event",
    28: "service",
    29: "model",
}
