"""How a run stands, drawn for a terminal of any width: stages, time left, what is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from harvester.cli.format import count, duration
from harvester.job.progress_snapshot import ProgressSnapshot, Stage

_NARROWEST_WITH_BARS = 60
_BAR = 24
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class PanelLine:
    """One line of the live display: a label, a bar, a text.

    Attributes:
        filled, empty: the bar between label and text, in characters.
        is_notice: something is in the way.
    """

    text: str
    label: str = ""
    filled: int = 0
    empty: int = 0
    is_notice: bool = False


def panel(progress_snapshot: ProgressSnapshot, width: int) -> list[PanelLine]:
    """The stages, a line each, and the facts below them; no line is wider than the terminal."""
    lines = [_stage(each, width) for each in progress_snapshot.stages]
    lines += [PanelLine(each) for each in _wrapped(", ".join(facts(progress_snapshot)), width)]
    if progress_snapshot.not_needed:
        lines += [PanelLine(each) for each in _wrapped(spared(progress_snapshot), width)]
    if progress_snapshot.state != "running":
        lines += [
            PanelLine(each, is_notice=True) for each in _wrapped(progress_snapshot.state, width)
        ]
    return lines


def facts(progress_snapshot: ProgressSnapshot) -> Iterator[str]:
    """Time left, speed, repeats, failures."""
    if left := time_left(progress_snapshot):
        yield left
    if progress_snapshot.per_second or progress_snapshot.pace:
        limit = f" of {progress_snapshot.pace:g}" if progress_snapshot.pace else ""
        seen = (
            f"{progress_snapshot.per_second:.1f}{limit}"
            if progress_snapshot.per_second
            else f"{progress_snapshot.pace:g}"
        )
        yield f"{seen} a second"
    if progress_snapshot.repeats:
        yield count(progress_snapshot.repeats, "repeat")
    if progress_snapshot.failed:
        yield f"{progress_snapshot.failed:,} failed"


def time_left(progress_snapshot: ProgressSnapshot) -> str:
    """`12 min to 3 h 5 min left`; empty: not known yet, or nothing is left."""
    seconds = progress_snapshot.seconds_left
    if seconds is None or not progress_snapshot.left[1]:
        return ""
    least, most = (duration(each) for each in seconds)
    if least == most:
        return f"{most} left"
    return f"at most {most} left" if not progress_snapshot.left[0] else f"{least} to {most} left"


def how_many(stage: Stage) -> str:
    """`990 of 1,000`, `12 of at most 400`."""
    most = max(stage.most, stage.settled)
    return f"{stage.settled:,} of {'' if stage.is_exact else 'at most '}{most:,}"


def spared(progress_snapshot: ProgressSnapshot) -> str:
    """What needed no request so far."""
    stretches = count(sum(progress_snapshot.not_needed.values()), "stretch", "stretches")
    return f"{stretches} of days not needed"


def _stage(stage: Stage, width: int) -> PanelLine:
    told = how_many(stage)
    label = f"{_INDENT}{stage.name:<10}"
    if width < _NARROWEST_WITH_BARS:
        return PanelLine(_cut(f"{label} {told}", width))
    share = stage.settled / stage.most if stage.most else 1.0
    # Full only when nothing is left.
    filled = _BAR if stage.is_over else min(_BAR - 1, int(share * _BAR))
    return PanelLine(_cut(told, width - len(label) - _BAR - 2), label, filled, _BAR - filled)


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(
        text, max(10, width - 1), initial_indent=_INDENT, subsequent_indent=_INDENT,
        break_on_hyphens=False,
    )  # fmt: skip


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width)]
