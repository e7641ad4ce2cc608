"""How a run stands, drawn for a terminal of any width: stages, time left, what is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from harvester.cli.format import count, duration
from harvester.job.progress_snapshot import Stage, Standing

_NARROWEST_WITH_BARS = 60
_BAR = 24
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        filled, empty: the bar between label and text, in characters.
        is_notice: something is in the way.
    """

    text: str
    label: str = ""
    filled: int = 0
    empty: int = 0
    is_notice: bool = False


def panel(standing: Standing, width: int) -> list[Line]:
    """The stages, a line each, and the facts below them; no line is wider than the terminal."""
    lines = [_stage(each, width) for each in standing.stages]
    lines += [Line(each) for each in _wrapped(", ".join(facts(standing)), width)]
    if standing.not_needed:
        lines += [Line(each) for each in _wrapped(spared(standing), width)]
    if standing.state != "running":
        lines += [Line(each, is_notice=True) for each in _wrapped(standing.state, width)]
    return lines


def facts(standing: Standing) -> Iterator[str]:
    """Time left, speed, repeats, failures."""
    if left := time_left(standing):
        yield left
    if standing.per_second or standing.pace:
        limit = f" of {standing.pace:g}" if standing.pace else ""
        seen = f"{standing.per_second:.1f}{limit}" if standing.per_second else f"{standing.pace:g}"
        yield f"{seen} a second"
    if standing.repeats:
        yield count(standing.repeats, "repeat")
    if standing.failed:
        yield f"{standing.failed:,} failed"


def time_left(standing: Standing) -> str:
    """`12 min to 3 h 5 min left`; empty: not known yet, or nothing is left."""
    seconds = standing.seconds_left
    if seconds is None or not standing.left[1]:
        return ""
    least, most = (duration(each) for each in seconds)
    if least == most:
        return f"{most} left"
    return f"at most {most} left" if not standing.left[0] else f"{least} to {most} left"


def how_many(stage: Stage) -> str:
    """`990 of 1,000`, `12 of at most 400`."""
    most = max(stage.most, stage.settled)
    return f"{stage.settled:,} of {'' if stage.is_exact else 'at most '}{most:,}"


def spared(standing: Standing) -> str:
    """What needed no request so far."""
    return f"{count(sum(standing.not_needed.values()), 'stretch', 'stretches')} of days not needed"


def _stage(stage: Stage, width: int) -> Line:
    told = how_many(stage)
    label = f"{_INDENT}{stage.name:<10}"
    if width < _NARROWEST_WITH_BARS:
        return Line(_cut(f"{label} {told}", width))
    share = stage.settled / stage.most if stage.most else 1.0
    # Full only when nothing is left.
    filled = _BAR if stage.is_over else min(_BAR - 1, int(share * _BAR))
    return Line(_cut(told, width - len(label) - _BAR - 2), label, filled, _BAR - filled)


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(
        text, max(10, width - 1), initial_indent=_INDENT, subsequent_indent=_INDENT,
        break_on_hyphens=False,
    )  # fmt: skip


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width)]
