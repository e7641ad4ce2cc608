"""Which part a reply's rows go to, whose rows they replace, and that part written anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from harvester.model.dates import day_of, epoch_day
from harvester.model.limits import WINDOW_LIMITS
from harvester.model.outcomes import ReadWindow
from harvester.model.question import Question
from harvester.model.rows import SCHEMAS, Dataset
from harvester.model.spool import SpoolKey
from harvester.model.terms import Granularity
from harvester.store.columns import filled

# A series within a partition: (entity_id, sub_item, sub_item_id).
Series = tuple[int, str | None, str | None]


# Days since 1970-01-01, both ends included.
DayRange = tuple[int, int]


_ORDER: dict[Dataset, tuple[str, ...]] = {
    Dataset.TIMELINE: ("entity_id", "sub_item", "sub_item_id", "period_start"),
    Dataset.COUNTRIES: ("entity_id", "sub_item", "sub_item_id", "period_start", "country"),
    Dataset.CITIES: ("entity_id", "sub_item", "sub_item_id", "period_start", "country", "city"),
}


def rewritten(
    old: Path, dataset: Dataset, gone: Mapping[Series, Sequence[DayRange]], new: pa.Table
) -> tuple[pa.Table, pa.Table]:
    """The rows of a part without those of replaced stretches, and with the new ones.

    Returns:
        (the part as it is to be, the rows that left it).

    Args:
        old: the part as it stands; it may be absent.
        gone: whose rows go: those whose period begins in one of the stretches.
        new: rows that come in; may be empty.
    """
    if not old.is_file():
        return new, new.slice(0, 0)
    table = pq.ParquetFile(old, page_checksum_verification=True).read().cast(SCHEMAS[dataset])
    stays = filled(pa.int32(), _stays(table, gone))
    is_kept = stays.cast(pa.bool_())
    whole = in_order(pa.concat_tables([table.filter(is_kept), new]), dataset)
    return whole, table.filter(pc.invert(is_kept))


def in_order(table: pa.Table, dataset: Dataset) -> pa.Table:
    """Rows of a part that is written anew, sorted."""
    return table.sort_by([(name, "ascending") for name in _ORDER[dataset]])


def _stays(table: pa.Table, gone: Mapping[Series, Sequence[DayRange]]) -> list[bool]:
    columns: list[Any] = [
        table.column(name).to_pylist() for name in ("entity_id", "sub_item", "sub_item_id")
    ]
    starts = table.column("period_start").cast(pa.int32()).to_pylist()
    return [
        not any(low <= start <= high for low, high in gone.get(series, ()))
        for *series_parts, start in zip(*columns, starts, strict=True)
        for series in (tuple(series_parts),)
    ]


_ALWAYS = (epoch_day(date.min), epoch_day(date.max))


@dataclass(slots=True)
class TargetParts:
    """For the replies of one publish and partition: which part each one's rows go to.

    Attributes:
        replies: home -> keys, in the order of their rows.
        gone: home -> series -> stretches whose rows leave that part.
        older: series -> readings of earlier runs that a reply touches, with the reply's window.
    """

    replies: dict[int, Iterable[SpoolKey]] = field(default_factory=dict)
    gone: dict[int, dict[Series, list[DayRange]]] = field(default_factory=dict)
    older: dict[Series, list[tuple[ReadWindow, DayRange]]] = field(default_factory=dict)

    @property
    def in_order(self) -> list[int]:
        """Every part concerned, oldest first.

        A series whose rows lie in several parts moves to the youngest of them. As older
        parts are put in place first, no reader ever sees a row twice.
        """
        return sorted({*self.replies, *self.gone})


def target_parts(
    keys: Iterable[SpoolKey],
    questions: Mapping[int, Question],
    readings: Mapping[int, Mapping[int, Sequence[ReadWindow]]],
    new: int,
) -> TargetParts:
    """Send each reply to the part that holds what it replaces, or to the new one.

    Args:
        readings: of earlier runs, by question number and entity.
        new: the publish under way, whose part is new.
    """
    replies: dict[int, list[SpoolKey]] = {}
    homes = TargetParts()
    for key in keys:
        read = readings.get(key.question, {}).get(key.entity, ())
        if not read:
            replies.setdefault(new, []).append(key)
            continue
        question = questions[key.question]
        stretch = replaced_days(question, key.first, key.last)
        met = [each for each in read if _meet(stretch, each)]
        older = {each.home for each in met if each.home is not None}
        series = (key.entity, question.sub_item, question.sub_item_id)
        if met:
            homes.older.setdefault(series, []).extend((each, (key.first, key.last)) for each in met)
        for home in older:
            homes.gone.setdefault(home, {}).setdefault(series, []).append(stretch)
        replies.setdefault(max(older, default=new), []).append(key)
    homes.replies.update(replies)
    return homes


def replaced_days(question: Question, first: int, last: int) -> DayRange:
    """The days whose rows a reading of this window replaces: whole periods."""
    if question.granularity is None or not question.endpoint.has_granularity:
        return (first, first - 1)
    edge = question.granularity
    if edge is Granularity.TOTAL and not WINDOW_LIMITS[question.endpoint, edge].edge:
        return _ALWAYS
    return epoch_day(edge.period_start(day_of(first))), epoch_day(edge.period_end(day_of(last)))


def _meet(stretch: DayRange, reading: ReadWindow) -> bool:
    return stretch[0] <= epoch_day(reading.last) and epoch_day(reading.first) <= stretch[1]
