"""Which part a reply's rows go to, and whose rows they replace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from harvester.model.dates import day_of, epoch_day
from harvester.model.limits import WINDOW_LIMITS
from harvester.model.question import Question
from harvester.model.reading import Reading
from harvester.model.spool import SpoolKey
from harvester.model.terms import Granularity
from harvester.store.rewrite import Series, Stretch

_ALWAYS = (epoch_day(date.min), epoch_day(date.max))


@dataclass(slots=True)
class Homes:
    """The replies of one publish and partition, by the part that takes their rows.

    Attributes:
        replies: home -> keys, in the order of their rows.
        gone: home -> series -> stretches whose rows leave that part.
        older: series -> readings of earlier runs that a reply touches, with the reply's window.
    """

    replies: dict[int, Iterable[SpoolKey]] = field(default_factory=dict)
    gone: dict[int, dict[Series, list[Stretch]]] = field(default_factory=dict)
    older: dict[Series, list[tuple[Reading, Stretch]]] = field(default_factory=dict)

    @property
    def in_order(self) -> list[int]:
        """Every part concerned, oldest first.

        A series whose rows lie in several parts moves to the youngest of them. As older
        parts are put in place first, no reader ever sees a row twice.
        """
        return sorted({*self.replies, *self.gone})


def homes_of(
    keys: Iterable[SpoolKey],
    questions: Mapping[int, Question],
    readings: Mapping[int, Mapping[int, Sequence[Reading]]],
    new: int,
) -> Homes:
    """Send each reply to the part that holds what it replaces, or to the new one.

    Args:
        readings: of earlier runs, by question number and entity.
        new: the publish under way, whose part is new.
    """
    replies: dict[int, list[SpoolKey]] = {}
    homes = Homes()
    for key in keys:
        read = readings.get(key.question, {}).get(key.entity, ())
        if not read:
            replies.setdefault(new, []).append(key)
            continue
        question = questions[key.question]
        stretch = touched(question, key.first, key.last)
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


def touched(question: Question, first: int, last: int) -> Stretch:
    """The days whose rows a reading of this window replaces: whole periods."""
    if question.granularity is None or not question.endpoint.has_granularity:
        return (first, first - 1)
    edge = question.granularity
    if edge is Granularity.TOTAL and not WINDOW_LIMITS[question.endpoint, edge].edge:
        return _ALWAYS
    return epoch_day(edge.period_start(day_of(first))), epoch_day(edge.period_end(day_of(last)))


def _meet(stretch: Stretch, reading: Reading) -> bool:
    return stretch[0] <= epoch_day(reading.last) and epoch_day(reading.first) <= stretch[1]
