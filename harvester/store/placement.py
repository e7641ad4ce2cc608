"""Which part a reply's rows go to, and whose rows they replace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from harvester.model.dates import day_of, epoch_day
from harvester.model.limits import WINDOW_LIMITS
from harvester.model.outcomes import ReadWindow
from harvester.model.question import Question
from harvester.model.rows import Dataset
from harvester.model.spool import SpoolKey
from harvester.model.terms import Granularity

# A series within a partition: (entity_id, sub_item, sub_item_id).
Series = tuple[int, str | None, str | None]


# Days since 1970-01-01, both ends included.
DayRange = tuple[int, int]


_ORDER: dict[Dataset, tuple[str, ...]] = {
    Dataset.TIMELINE: ("entity_id", "sub_item", "sub_item_id", "period_start"),
    Dataset.COUNTRIES: ("entity_id", "sub_item", "sub_item_id", "period_start", "country"),
    Dataset.CITIES: ("entity_id", "sub_item", "sub_item_id", "period_start", "country", "city"),
}


def in_order(table: pa.Table, dataset: Dataset) -> pa.Table:
    """Rows of a part that is written anew, sorted."""
    return table.sort_by([(name, "ascending") for name in _ORDER[dataset]])


_ALWAYS = (epoch_day(date.min), epoch_day(date.max))


@dataclass(slots=True)
class TargetParts:
    """For the replies of one publish and partition: which part each one's rows go to.

    Attributes:
        replies: home -> keys, in the order of their rows.
        gone: home -> series -> stretches whose rows leave that part.
        older: series -> readings of earlier runs that a reply touches, with the reply's window.
        last: series that earlier runs read -> the youngest home of its replies.
    """

    replies: dict[int, Iterable[SpoolKey]] = field(default_factory=dict)
    gone: dict[int, dict[Series, list[DayRange]]] = field(default_factory=dict)
    older: dict[Series, list[tuple[ReadWindow, DayRange]]] = field(default_factory=dict)
    last: dict[Series, int] = field(default_factory=dict)

    def ending_in(self, home: int) -> list[Series]:
        """The series whose last rows go to this part, in the order of their rows."""
        found = [series for series, last in self.last.items() if last == home]
        return sorted(found, key=lambda one: (one[0], one[1] or "", one[2] or ""))

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
        for each in older:
            homes.gone.setdefault(each, {}).setdefault(series, []).append(stretch)
        home = max(older, default=new)
        homes.last[series] = max(home, homes.last.get(series, home))
        replies.setdefault(home, []).append(key)
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
