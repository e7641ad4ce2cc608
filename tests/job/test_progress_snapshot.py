"""How fast, how far, how long: numbers that a watcher may believe."""

from __future__ import annotations

from typing import Any

import pytest

from harvester.job.progress_snapshot import ProgressSnapshot, Speed, Stage, read_snapshot


def speed(*seen: tuple[float, int, bool]) -> float | None:
    found = Speed()
    for now, settled, waits in seen:
        found.observe(now, settled, waits=waits)
    return found.per_second


@pytest.mark.parametrize(
    ("seen", "per_second"),
    [
        pytest.param([], None, id="nothing seen"),
        pytest.param([(0, 0, False), (4, 8, False)], None, id="too short to tell"),
        pytest.param([(0, 0, False), (10, 20, False)], 2.0, id="ten seconds"),
        pytest.param([(0, 50, False), (10, 50, False)], None, id="nothing came: nobody can tell"),
        pytest.param(
            [(0, 0, False), (10, 20, False), (10, 20, True), (900, 20, True), (910, 40, False)],
            2.0,
            id="a pause is no slowness",
        ),
        pytest.param(
            [(0, 0, False), (10, 1000, False), (500, 1000, False), (510, 1020, False)],
            2.0,
            id="what was fast long ago does not count",
        ),
    ],
)
def test_the_speed_is_that_of_the_last_seconds_without_pauses(
    seen: list[tuple[float, int, bool]], per_second: float | None
) -> None:
    assert speed(*seen) == per_second


TOTAL, OPEN = Stage("total", 60, 60, 60), Stage("timeline", 0, 0, 120)


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        pytest.param({"pace": 1.0}, (0.0, 120.0), id="the pace, before anything is seen"),
        pytest.param({"pace": 1.0, "per_second": 0.96}, (0.0, 120.0), id="as good as the pace"),
        pytest.param({"pace": 1.0, "per_second": 0.5}, (0.0, 240.0), id="a slow service"),
        pytest.param({"per_second": 40.0}, (0.0, 3.0), id="no limit"),
        pytest.param({}, None, id="no limit, and nothing seen"),
        pytest.param({"pace": 1.0, "wait_seconds": 90.0}, (90.0, 210.0), id="a pause comes first"),
    ],
)
def test_the_time_left_is_the_rest_at_pace_or_speed_after_the_pause(
    facts: dict[str, Any], left: tuple[float, float] | None
) -> None:
    assert ProgressSnapshot("r", [TOTAL, OPEN], **facts).seconds_left == left


def test_the_rest_is_a_span_until_answers_have_told() -> None:
    progress_snapshot = ProgressSnapshot(
        "r", [Stage("total", 10, 60, 60), Stage("timeline", 5, 20, 120)], pace=1
    )
    assert progress_snapshot.left == (65, 165)
    assert not progress_snapshot.is_exact
    assert ProgressSnapshot("r", [Stage("timeline", 130, 0, 120)]).left == (0, 0)


def test_another_process_reads_a_snapshot_as_it_was_written() -> None:
    progress_snapshot = ProgressSnapshot("r", [TOTAL, OPEN], not_needed={"covered": 3}, pace=1.0)
    text = str(progress_snapshot.as_json()).replace("'", '"').replace("None", "null")
    assert read_snapshot(text) == progress_snapshot
    newer = progress_snapshot.with_settled({"total": 60, "timeline": 100}, 2)
    assert (newer.settled, newer.failed, newer.left) == (160, 2, (0, 20))
    assert [read_snapshot(each) for each in ("", "{}", "[1]", '{"stages": [{}]}')] == [None] * 4
