"""What a terminal of any width shows of a run."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from harvester.cli.display import painted
from harvester.cli.panel import panel
from harvester.job.progress_snapshot import ProgressSnapshot, Stage

WAITS = "Figshare asks us to wait until 14:05 CET"
RUN = ProgressSnapshot(
    "2026-11-23.1",
    [Stage("total", 990, 990, 990), Stage("timeline", 300, 0, 641), Stage("breakdown", 0, 0, 400)],
    failed=2,
    repeats=3,
    not_needed={"total_is_zero": 58, "covered": 1_000},
    pace=1.0,
    state=WAITS,
    wait_seconds=60.0,
)


def shown(progress_snapshot: ProgressSnapshot, width: int) -> list[str]:
    text = painted(panel(progress_snapshot, width), is_plain=True).plain
    return text.splitlines()


def test_a_wide_terminal_shows_a_bar_a_stage_and_the_time_left() -> None:
    assert shown(RUN, 80) == [
        "  total     ########################  990 of 990",
        "  timeline  ###########-------------  300 of at most 641",
        "  breakdown ------------------------  0 of at most 400",
        "  at most 13 min 21 s left, 1 a second, 3 repeats, 2 failed",
        "  1,058 stretches of days not needed",
        f"  {WAITS}",
    ]


def test_a_narrow_terminal_has_no_bars() -> None:
    assert shown(RUN, 40) == [
        "  total      990 of 990",
        "  timeline   300 of at most 641",
        "  breakdown  0 of at most 400",
        "  at most 13 min 21 s left, 1 a second,",
        "  3 repeats, 2 failed",
        "  1,058 stretches of days not needed",
        "  Figshare asks us to wait until 14:05",
        "  CET",
    ]


stages = st.builds(Stage, st.sampled_from(["total", "timeline"]), *[st.integers(0, 10**9)] * 3)


@given(stages=st.lists(stages, max_size=5), width=st.integers(20, 200), pace=st.none() | st.just(1))
def test_no_line_is_wider_than_the_terminal(
    stages: list[Stage], width: int, pace: float | None
) -> None:
    lines = shown(ProgressSnapshot("r", stages, pace=pace, state=WAITS), width)
    assert all(len(line) <= width for line in lines)


def test_a_bar_is_full_only_when_nothing_is_left() -> None:
    (line,) = panel(ProgressSnapshot("r", [Stage("total", 999_999, 0, 1_000_000)]), 80)[:1]
    assert line.empty == 1


@pytest.mark.parametrize(("no_color", "coloured"), [("1", False), (None, True)])
def test_no_color_is_honoured(
    monkeypatch: pytest.MonkeyPatch, no_color: str | None, *, coloured: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=80)
    console.print(painted(panel(RUN, 80), is_plain=False))
    assert "━" in out.getvalue()
    assert ("\x1b[36m" in out.getvalue()) is coloured
    assert ("\x1b[" in out.getvalue()) is coloured
