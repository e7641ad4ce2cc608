"""Small pictures inside tables: bars of shares and of states, as plain SVG."""

from __future__ import annotations

from markupsafe import Markup

from harvester.report.matrix import STATES, Cell

_WORDS = {"known": "known without asking", "not_needed": "not needed"}


def share_bar(part: float, whole: float) -> Markup:
    """A bar as long as the part's share; hidden from readers of text, who have the number."""
    width = 100 * part / whole if whole else 0
    return Markup(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="10"/>'
        '<rect class="fill" width="{}" height="10"/></svg>'
    ).format(f"{width:.2f}")


def state_bar(cell: Cell) -> Markup:
    """The shares of the states side by side, with their numbers as its text."""
    pieces = []
    x = 0.0
    for state, number in zip(STATES, cell.numbers, strict=True):
        if number:
            # A single failure among thousands must be seen.
            width = max(100 * number / cell.total, 4 if state in {"failed", "open"} else 0)
            width = min(width, 100 - x) if state not in {"failed", "open"} else width
            pieces.append((state, min(x, 100 - width), width))
            x += width
    rects = Markup("").join(
        Markup('<rect class="{}" x="{}" width="{}" height="10"/>').format(
            state, f"{left:.2f}", f"{width:.2f}"
        )
        for state, left, width in pieces
    )
    return Markup(
        '<svg class="states" viewBox="0 0 100 10" preserveAspectRatio="none" role="img"'
        ' aria-label="{0}"><title>{0}</title>{1}</svg>'
    ).format(cell_text(cell), rects)


def cell_text(cell: Cell) -> str:
    """`612 of 625 done, 13 failed`."""
    told = [
        f"{number:,} {_WORDS.get(state, state)}"
        for state, number in zip(STATES, cell.numbers, strict=True)
        if number
    ]
    return ", ".join(told)
