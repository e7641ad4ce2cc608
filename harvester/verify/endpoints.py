"""Endpoints against each other: what one counts, another must bear out.

Only settled days are compared, and only where both series have read all of them: younger days
may still move between two readings. A total also counts today, open days and days outside the
period, so it may be more than the sum of a timeline, never less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harvester.model.rows import Dataset
from harvester.verify.finding import Finding
from harvester.verify.place_check import cities_and_countries, countries_and_timelines
from harvester.verify.ranking_check import tops_and_totals
from harvester.verify.scope import Scope
from harvester.verify.timeline_check import (
    fallen_totals,
    filters,
    granularities,
    lacking_timelines,
    timelines_and_totals,
)
from harvester.verify.workbench import Workbench


def reconciled(bench: Workbench, scope: Scope) -> Iterator[Finding]:
    """Everything that can be compared within one kind and counter.

    The table `settled` (ask, entity_id, sub, first, last) must hold the settled stretches of
    its series; `ask` is such as `timeline/day`. The table `dated` (entity_id, first_online) has
    the dates of the kind that are believed.
    """
    has = bench.datasets
    checks: list[tuple[set[Dataset], Callable[[Workbench, Scope], Iterator[Finding]]]] = [
        ({Dataset.TOTALS, Dataset.TIMELINE}, timelines_and_totals),
        ({Dataset.TOTALS, Dataset.TIMELINE}, lacking_timelines),
        ({Dataset.TOTALS}, fallen_totals),
        ({Dataset.TIMELINE}, granularities),
        ({Dataset.TIMELINE}, filters),
        ({Dataset.COUNTRIES, Dataset.TIMELINE}, countries_and_timelines),
        ({Dataset.COUNTRIES, Dataset.CITIES}, cities_and_countries),
        ({Dataset.TOP, Dataset.TOTALS}, tops_and_totals),
    ]
    for needed, check in checks:
        if needed <= has:
            yield from check(bench, scope)
