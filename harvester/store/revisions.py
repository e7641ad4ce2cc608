"""Settled values that a later reading changed: what stood there, and what stands there now.

One publish may meet several partitions whose revisions share a folder (a timeline by day and by
month, countries and cities), so their rows are gathered until the publish ends: one part each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pyarrow as pa

from harvester.model.dates import epoch_day
from harvester.model.outcomes import ReadWindow
from harvester.model.question import Question
from harvester.model.rows import Columns, Dataset
from harvester.model.run_plan import last_settled_day
from harvester.model.spool import Part
from harvester.store.buffer import RowBuffer
from harvester.store.layout import partition_path
from harvester.store.part_writer import ROWS_PER_GROUP, PartWriter, Staging
from harvester.store.placement import DayRange, Series, replaced_days

# A row's dataset, series, period, its first day, country and city.
_Key = tuple[Dataset, Series, str, int, str | None, str | None]
# By key: (value, when it was read).
_Values = dict[_Key, tuple[int, int]]
_ONE_ROW = Columns(Dataset.REVISIONS, 1, {})


@dataclass(slots=True)
class Revisions:
    """The revisions of one publish in one partition.

    Only rows of series that an earlier run read, in days that were settled then, are looked at.

    Attributes:
        question: any of the partition: it names the granularity and the institution.
    """

    question: Question
    settle_days: int
    _settled: dict[Series, list[DayRange]] = field(default_factory=dict)
    _read_at: dict[Series, int] = field(default_factory=dict)
    _old: dict[Series, _Values] = field(default_factory=dict)
    _new: dict[Series, _Values] = field(default_factory=dict)

    def watch(self, series: Series, older: ReadWindow, window: DayRange) -> None:
        """A reply about this window replaces what an older reading said of the same days.

        A period that either of them cuts off is compared only where both cut it alike: less of
        it is no other value of it.
        """
        first, last = epoch_day(older.first), epoch_day(older.last)
        settled = last_settled_day(epoch_day(older.snapshot), self.settle_days)
        whole = replaced_days(self.question, *window)
        low = whole[0] if first == window[0] else max(first, window[0])
        high = whole[1] if last == window[1] else min(last, window[1])
        if last > settled:
            high = min(high, settled)
        if low <= high:
            self._settled.setdefault(series, []).append((low, high))

    def gone(self, dataset: Dataset, table: pa.Table) -> None:
        """Rows that leave a part."""
        if not self._settled or not table.num_rows:
            return
        columns = {name: table.column(name) for name in table.column_names}
        for name in ("period_start", "period_end"):
            columns[name] = columns[name].cast(pa.int32())
        columns["harvested_at"] = columns["harvested_at"].cast(pa.int64())
        plain = {name: column.to_pylist() for name, column in columns.items()}
        for place in range(table.num_rows):
            row = {name: values[place] for name, values in plain.items()}
            series = (row["entity_id"], row["sub_item"], row["sub_item_id"])
            if self._is_settled(series, row["period_start"], row["period_end"]):
                key = _key(dataset, series, row)
                self._old.setdefault(series, {})[key] = (row["value"], row["harvested_at"])

    def come(self, columns: Columns, shared: Mapping[str, Any]) -> None:
        """Rows of one reply that come in."""
        series = (shared["entity_id"], shared["sub_item"], shared["sub_item_id"])
        if series not in self._settled:
            return
        self._read_at[series] = shared["harvested_at"]
        for place in range(columns.length):
            row: dict[str, Any] = {name: own[place] for name, own in columns.values.items()}
            if self._is_settled(series, row["period_start"], row["period_end"]):
                key = _key(columns.dataset, series, row)
                self._new.setdefault(series, {})[key] = (row["value"], shared["harvested_at"])

    def _is_settled(self, series: Series, first: int, last: int) -> bool:
        begin, end = replaced_days(self.question, first, last)
        return any(low <= begin and end <= high for low, high in self._settled.get(series, ()))

    def left(self) -> list[Series]:
        """The series whose values have not been compared yet."""
        return sorted({*self._old, *self._new}, key=repr)

    def rows(self, series: Series) -> Iterator[dict[str, object]]:
        """A row for each value of a series that differs; what it was is not held any more."""
        before, now = self._old.pop(series, {}), self._new.pop(series, {})
        for key in sorted({*before, *now}, key=repr):
            old, new = before.get(key), now.get(key)
            if not (old and new and old[0] == new[0]):
                yield self._row(key, old, new)
        self._settled.pop(series, None)
        self._read_at.pop(series, None)

    def _row(
        self, key: _Key, old: tuple[int, int] | None, new: tuple[int, int] | None
    ) -> dict[str, object]:
        dataset, series, period, period_start, country, city = key
        entity_id, sub_item, sub_item_id = series
        granularity = self.question.granularity
        return {
            "dataset": dataset.value,
            "granularity": granularity.value if granularity else None,
            "institution": self.question.institution,
            "entity_id": entity_id,
            "sub_item": sub_item,
            "sub_item_id": sub_item_id,
            "period": period,
            "period_start": period_start,
            "country": country,
            "city": city,
            "old_value": old[0] if old else None,
            "new_value": new[0] if new else None,
            "old_harvested_at": old[1] if old else None,
            "harvested_at": new[1] if new else self._read_at.get(series, 0),
        }


class RevisionParts:
    """The revisions of one publish, in one part for each entity kind and counter."""

    def __init__(self, staging: Staging, name: str) -> None:
        self._staging = staging
        self._name = name
        self._writers: dict[str, tuple[RowBuffer, PartWriter]] = {}

    def add(self, revisions: Revisions, series: Iterable[Series]) -> None:
        """Keep what differs in some series; where nothing does, nothing is written."""
        path = str(partition_path(Dataset.REVISIONS, revisions.question) / self._name)
        for row in chain.from_iterable(revisions.rows(each) for each in series):
            if path not in self._writers:
                writer = self._staging.part(path, Dataset.REVISIONS)
                self._writers[path] = RowBuffer(Dataset.REVISIONS), writer
            buffer, writer = self._writers[path]
            buffer.add(_ONE_ROW, row)
            if buffer.rows >= ROWS_PER_GROUP:
                writer.write(buffer.packed())

    def finish(self) -> Iterator[Part]:
        """The finished parts."""
        for buffer, writer in self._writers.values():
            if buffer.rows:
                writer.write(buffer.packed())
            yield writer.finish()


def _key(dataset: Dataset, series: Series, row: Mapping[str, Any]) -> _Key:
    return (
        dataset, series, row["period"], row["period_start"], row.get("country"), row.get("city")
    )  # fmt: skip
