"""Which replaced values are revisions: only those of periods that were settled and read whole."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pyarrow as pa
import pytest

from harvester.model.dates import epoch_day
from harvester.model.outcomes import ReadWindow
from harvester.model.question import Question
from harvester.model.rows import SCHEMAS, Columns, Dataset
from harvester.model.terms import Counter, Endpoint, Granularity, Kind
from harvester.store.revisions import Revisions

SETTLE_DAYS = 3


class Days(NamedTuple):
    """`first`..`last`, ISO; a row's own days, clipped."""

    first: str
    last: str

    @property
    def numbers(self) -> tuple[int, int]:
        first, last = (epoch_day(date.fromisoformat(each)) for each in self)
        return first, last


def revised(
    granularity: Granularity,
    read: tuple[Days, str],
    again: Days,
    rows: tuple[tuple[Days, int] | None, tuple[Days, int] | None],
) -> list[tuple[object, object]]:
    """(old value, new value) of every revision.

    Args:
        read: the older reading's window and date.
        again: the newer reading's window.
        rows: what stood there, and what comes in its place.
    """
    question = Question(Endpoint.TIMELINE, Kind.ARTICLE, Counter.VIEWS, granularity)
    revisions = Revisions(question, SETTLE_DAYS)
    first, last = (date.fromisoformat(each) for each in read[0])
    reading = ReadWindow(first, last, date.fromisoformat(read[1]), "2026-01-01.1", 1)
    revisions.watch((7, None, None), reading, again.numbers)
    old, new = rows
    if new:
        (start, end), name = new[0].numbers, granularity.period_text(date.fromisoformat(new[0][0]))
        columns: dict[str, list[int] | list[str]] = {
            "period": [name], "period_start": [start], "period_end": [end], "value": [new[1]]
        }  # fmt: skip
        shared = {"entity_id": 7, "sub_item": None, "sub_item_id": None, "harvested_at": 5}
        revisions.come(Columns(Dataset.TIMELINE, 1, dict(columns)), shared)
    if old:
        name = granularity.period_text(date.fromisoformat(old[0][0]))
        row = dict.fromkeys(SCHEMAS[Dataset.TIMELINE].names)
        row |= {"entity_id": 7, "period": name, "value": old[1], "harvested_at": 1}
        row |= dict(zip(("period_start", "period_end"), old[0].numbers, strict=True))
        arrays = [
            pa.array([row[field.name]], pa.int32()).cast(field.type)
            if field.type == pa.date32()
            else pa.array([row[field.name]], field.type)
            for field in SCHEMAS[Dataset.TIMELINE]
        ]
        table = pa.Table.from_arrays(arrays, schema=SCHEMAS[Dataset.TIMELINE])
        revisions.gone(Dataset.TIMELINE, table)
    return [
        (each["old_value"], each["new_value"])
        for each in [row for one in revisions.left() for row in revisions.rows(one)]
    ]


JANUARY, FEBRUARY = Days("2026-01-01", "2026-01-31"), Days("2026-02-01", "2026-02-28")
WINTER = Days("2026-01-01", "2026-02-28")
MONTH, YEAR, TOTAL = Granularity.MONTH, Granularity.YEAR, Granularity.TOTAL


@pytest.mark.parametrize(
    ("granularity", "read", "again", "rows", "wanted"),
    [
        pytest.param(
            MONTH, (JANUARY, "2026-02-05"), WINTER, ((JANUARY, 4), (JANUARY, 9)), [(4, 9)],
            id="another value",
        ),
        pytest.param(
            MONTH, (JANUARY, "2026-02-05"), WINTER, ((JANUARY, 4), (JANUARY, 4)), [],
            id="the same value",
        ),
        pytest.param(
            MONTH, (JANUARY, "2026-02-05"), WINTER, ((JANUARY, 4), None), [(4, None)],
            id="it vanished",
        ),
        pytest.param(
            MONTH, (JANUARY, "2026-02-05"), WINTER, (None, (JANUARY, 4)), [(None, 4)],
            id="it appeared",
        ),
        pytest.param(
            MONTH, (JANUARY, "2026-02-05"), WINTER, (None, (FEBRUARY, 4)), [],
            id="a period that nobody read before",
        ),
        pytest.param(
            MONTH, (JANUARY, "2026-02-04"), WINTER, ((JANUARY, 4), (JANUARY, 9)), [(4, 9)],
            id="settled on its first day",
        ),
        pytest.param(
            MONTH, (JANUARY, "2026-02-03"), WINTER, ((JANUARY, 4), (JANUARY, 9)), [],
            id="its last day was not settled",
        ),
        pytest.param(
            YEAR, (JANUARY, "2026-02-05"), WINTER, ((JANUARY, 4), (WINTER, 9)), [],
            id="a year that went on",
        ),
        pytest.param(
            YEAR, (JANUARY, "2026-02-05"), JANUARY, ((JANUARY, 4), (JANUARY, 9)), [(4, 9)],
            id="a year that both cut off on the same day",
        ),
        pytest.param(
            YEAR, (FEBRUARY, "2026-03-05"), WINTER, ((FEBRUARY, 4), (WINTER, 9)), [],
            id="a year that begins earlier now",
        ),
        pytest.param(
            MONTH, (WINTER, "2026-03-05"), Days("2026-01-01", "2026-02-10"),
            ((FEBRUARY, 4), (Days("2026-02-01", "2026-02-10"), 2)), [],
            id="the newer reading cuts it off",
        ),
        pytest.param(
            MONTH, (WINTER, "2026-03-05"), JANUARY, ((JANUARY, 4), (JANUARY, 2)), [(4, 2)],
            id="a refresh of one month",
        ),
        pytest.param(
            TOTAL, (JANUARY, "2026-02-05"), WINTER, ((JANUARY, 4), (WINTER, 9)), [],
            id="a whole that grew",
        ),
        pytest.param(
            TOTAL, (JANUARY, "2026-02-05"), JANUARY, ((JANUARY, 4), (JANUARY, 9)), [(4, 9)],
            id="the same whole",
        ),
        pytest.param(
            TOTAL, (JANUARY, "2026-02-01"), JANUARY, ((JANUARY, 4), (JANUARY, 9)), [],
            id="the same whole, open then",
        ),
    ],
)  # fmt: skip
def test_settled_values_that_read_otherwise_become_revisions(
    granularity: Granularity,
    read: tuple[Days, str],
    again: Days,
    rows: tuple[tuple[Days, int] | None, tuple[Days, int] | None],
    wanted: list[tuple[object, object]],
) -> None:
    assert revised(granularity, read, again, rows) == wanted
