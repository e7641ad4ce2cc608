"""What of an output is exported: datasets, counters, days, groups; as conditions of SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from harvester.errors import UsageError
from harvester.model.terms import Counter
from harvester.report.sql_types import COLUMNS

# In the order of the sheets. `responses/` holds raw bodies and is no table for people;
# `requests/` has a row for each request and is exported when it is named.
EXPORTED = ("totals", "timeline", "countries", "cities", "top", "counts", "entities", "revisions")
ON_DEMAND = ("requests",)
_PERIOD = ("period_start", "period_end")
_WINDOW = ("window_start", "window_end")


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What to export.

    Attributes:
        datasets: by name; empty: all of EXPORTED that the job has.
        counters: empty: all.
        first, last: only periods that lie wholly between these days; None: no bound.
            All-time snapshots (totals, counts, rankings without a window) have no period and
            are not cut.
        groups: only these groups and the articles that are directly in them; empty: all.

    Raises:
        UsageError: it names what there is not, or ends before it begins.
    """

    datasets: Sequence[str] = ()
    counters: Sequence[str] = ()
    first: date | None = None
    last: date | None = None
    groups: Sequence[int] = ()

    def __post_init__(self) -> None:
        known = (*EXPORTED, *ON_DEMAND)
        for name in self.datasets:
            if name not in known:
                raise UsageError(
                    f"there is no dataset {name!r} to export",
                    where="--dataset",
                    fix=f"choose from {', '.join(known)}",
                )
        for name in self.counters:
            if name not in set(Counter):
                raise UsageError(
                    f"{name!r} is not a counter",
                    where="--counter",
                    fix=f"choose from {', '.join(Counter)}",
                )
        if self.first and self.last and self.last < self.first:
            raise UsageError(
                f"the days end ({self.last}) before they begin ({self.first})",
                where="--until",
                fix="both ends are included; write the later day after --until",
            )

    def names(self, present: set[str]) -> list[str]:
        """The datasets to export.

        Raises:
            UsageError: one was named that the job does not have.
        """
        for name in self.datasets:
            if name not in present:
                has = ", ".join(each for each in (*EXPORTED, *ON_DEMAND) if each in present)
                raise UsageError(
                    f"this job has no {name}",
                    where="--dataset",
                    fix=f"its spec has not asked for it; it has: {has or 'nothing yet'}",
                )
        wanted = self.datasets or EXPORTED
        return [name for name in (*EXPORTED, *ON_DEMAND) if name in wanted and name in present]

    def condition(self, dataset: str) -> tuple[str, list[object]]:
        """The rows of a dataset that are exported: a condition, and the values it binds.

        The condition may use the table `item` (entity, entity_id, group_id).
        """
        columns = COLUMNS[dataset]
        told: list[tuple[str, list[object]]] = [("true", [])]
        if self.counters and "counter" in columns:
            told.append((f"counter IN {_marks(self.counters)}", list(self.counters)))
        for start, end in (_PERIOD, _WINDOW):
            if start in columns:
                told += self._days(start, end if end in columns else start)
        if self.groups and (mine := self._of_groups(columns)):
            told.append(mine)
        return " AND ".join(sql for sql, _ in told), [each for _, values in told for each in values]

    def _days(self, start: str, end: str) -> list[tuple[str, list[object]]]:
        told: list[tuple[str, list[object]]] = []
        if self.first:
            told.append((f"({start} IS NULL OR {start} >= ?)", [self.first]))
        if self.last:
            told.append((f"({end} IS NULL OR {end} <= ?)", [self.last]))
        return told

    def _of_groups(self, columns: dict[str, str]) -> tuple[str, list[object]] | None:
        marks, ids = _marks(self.groups), list[object](self.groups)
        if "entity" not in columns:
            return (f"group_id IN {marks}", ids) if "group_id" in columns else None
        articles = f"SELECT entity_id FROM item WHERE entity = 'article' AND group_id IN {marks}"
        sql = (
            f"((entity = 'group' AND entity_id IN {marks}) OR"
            f" (entity = 'article' AND entity_id IN ({articles})))"
        )
        return sql, ids + ids


def _marks(values: Sequence[object]) -> str:
    return f"({', '.join('?' for _ in values)})"
