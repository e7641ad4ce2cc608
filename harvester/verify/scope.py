"""One kind and counter of a job, and the SQL that its comparisons share."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.model.rows import Dataset
from harvester.verify.workbench import Workbench

ASK_AGAIN = (
    "the numbers are as Figshare gave them; it has restated them in between, or counts them "
    "apart: read the period again (harvester run JOB --refresh START..END), then compare"
)
FINER = ("day", "month", "year", "total")
# How the period of a row is spelled, by granularity, from its first day.
SPELLING = {"day": "'%Y-%m-%d'", "month": "'%Y-%m'", "year": "'%Y'", "total": "'total'"}
# The filter of a series as one text; empty: none.
SUB = "coalesce(sub_item || '=' || coalesce(sub_item_id, ''), '')"


@dataclass(frozen=True, slots=True)
class Scope:
    """One partition's kind and counter.

    Attributes:
        settle_days: the most of any run.
    """

    kind: str
    counter: str
    settle_days: int

    @property
    def where(self) -> str:
        """As a condition; both are words of our own."""
        return f"entity = '{self.kind}' AND counter = '{self.counter}'"

    @property
    def name(self) -> str:
        """For a sentence."""
        return f"{self.kind}, {self.counter}"


def scopes(bench: Workbench, settle_days: int) -> list[Scope]:
    """Every kind and counter that a dataset has."""
    found = {
        row
        for dataset in (Dataset.TOTALS, Dataset.TIMELINE, Dataset.COUNTRIES, Dataset.TOP)
        for row in bench.values(dataset, "entity, counter")
    }
    return [Scope(kind, counter, settle_days) for kind, counter in sorted(found)]


def firm(ask: str, of: str) -> str:
    """Whether the days `low`..`high` of a row are settled in a series of this question."""
    return (
        f"EXISTS (SELECT 1 FROM settled s WHERE s.ask = '{ask}' AND s.entity_id = {of}.entity_id"
        f" AND s.sub = {of}.sub AND s.first <= {of}.low AND s.last >= {of}.high)"
    )


def counted(number: int, thing: str) -> str:
    """`1 row`, `1,234 rows`."""
    return f"{number:,} {thing}{'s'[: number != 1]}"


def verb(number: int, one: str, many: str) -> str:
    """The form that goes with a number."""
    return one if number == 1 else many
