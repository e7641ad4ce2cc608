"""Events that a total counts and its timeline lacks are found; what was taken back is not one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from harvester.model.rows import Dataset
from harvester.verify.finding import Severity
from tests.verify.support_made import AT, D, Made


def fifty_events(made: Made) -> None:
    """Up to the end of June, in each granularity that is settled."""
    made.timeline("day", {"2026-05-10": 30, "2026-06-09": 20})
    made.timeline("month", {"2026-05": 30, "2026-06": 20})
    made.timeline("year", {"2026": 50})


def test_an_earlier_total_above_the_days_up_to_its_own_is_a_warning(tmp_path: Path) -> None:
    """On 10 June 66 had been counted; up to the end of June the timeline has 50."""
    made = Made(tmp_path)
    made.total(66, snapshot=D("2026-06-10"))
    fifty_events(made)
    made.online = D("2020-02-01")
    assert made.found() == {"timeline-lacks-events": Severity.WARNING}


@pytest.mark.parametrize(
    ("day", "granularity", "minutes", "new_value", "is_told"),
    [
        pytest.param("2026-06-09", "day", 5, 20, False, id="as many as it lacks"),
        pytest.param("2026-06-09", "day", 5, 21, True, id="one fewer"),
        pytest.param("2026-06-11", "day", 5, 20, True, id="after the total's day"),
        pytest.param("2026-06-09", "day", -5, 20, True, id="before the total was read"),
        pytest.param("2026-06-09", "week", 5, 20, True, id="in another timeline"),
    ],
)
def test_events_that_the_timeline_had_and_has_no_more_were_taken_back(
    tmp_path: Path, day: str, granularity: str, minutes: int, new_value: int, *, is_told: bool
) -> None:
    """All 66 were told by day, too, until a later run found a day lower."""
    made = Made(tmp_path)
    made.total(66, snapshot=D("2026-06-10"))
    made.timeline("day", {"2026-05-10": 30, "2026-06-09": 20})
    made.timeline("month", {"2026-05": 66})
    made.timeline("year", {"2026": 66})
    made.online = D("2020-02-01")
    row = {
        "dataset": "timeline", "granularity": granularity, "entity_id": 1, "period": day,
        "period_start": D(day), "old_value": 36, "new_value": new_value,
        "harvested_at": AT + timedelta(minutes=minutes),
    }  # fmt: skip
    made.add(Dataset.REVISIONS, {"entity": "article", "counter": "views"}, [row])
    assert ("timeline-lacks-events" in made.found()) is is_told


@pytest.mark.parametrize(
    ("totals", "online"),
    [
        pytest.param({"2026-06-10": 50}, "2020-02-01", id="all of it is here"),
        pytest.param({"2026-07-05": 66}, "2020-02-01", id="its day is not settled in the timeline"),
        pytest.param({"2026-06-10": 66}, "2019-05-01", id="events may lie before the period"),
        pytest.param({"2026-06-10": 66}, None, id="nobody knows what lies before the period"),
        pytest.param(
            {"2026-06-10": 66, "2026-07-05": 51}, "2020-02-01", id="today's total says less"
        ),
        pytest.param(
            {"2026-05-20": 66, "2026-06-10": 50}, "2020-02-01", id="a later one, settled, says less"
        ),
    ],
)
def test_a_total_that_other_days_can_explain_is_no_warning(
    tmp_path: Path, totals: dict[str, int], online: str | None
) -> None:
    """Or one whose events were taken back: totals that were read later lack them, too."""
    made = Made(tmp_path)
    for snapshot, total in totals.items():
        made.total(total, snapshot=D(snapshot))
    fifty_events(made)
    made.online = D(online) if online else None
    assert Severity.WARNING not in made.found().values()
