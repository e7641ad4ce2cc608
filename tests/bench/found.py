"""What a measurement says, and whether that is good enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Found:
    """One line.

    Attributes:
        bound: in words; empty: reported only.
        is_met: None where there is no bound.
        table: of which it is a row, in the document; empty: of the part's own.
        cells: the row's numbers by column; a line without goes by what it says.
    """

    what: str
    measured: str
    bound: str = ""
    is_met: bool | None = None
    table: str = ""
    cells: Mapping[str, float | str | None] = field(default_factory=dict)

    def __str__(self) -> str:
        judged = {None: "", True: f"  [bound: {self.bound}: met]"}
        verdict = judged.get(self.is_met, f"  [bound: {self.bound}: MISSED]")
        return f"  {self.what}: {self.measured}{verdict}"


def at_most(what: str, measured: float, bound: float, unit: str = "") -> Found:
    return Found(what, f"{measured:.4g}{unit}", f"at most {bound:g}{unit}", measured <= bound)


def at_least(what: str, measured: float, bound: float, unit: str = "") -> Found:
    return Found(what, f"{measured:.4g}{unit}", f"at least {bound:g}{unit}", measured >= bound)


def row(table: str, what: str, cells: Mapping[str, float | str | None]) -> Found:
    """A row of a table."""
    told = ", ".join(f"{name} {shown(cell)}" for name, cell in cells.items() if cell is not None)
    return Found(what, told, table=table, cells=cells)


def shown(cell: float | str | None) -> str:
    """A cell for people."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    return f"{cell:,.0f}" if abs(cell) >= 100 or cell == int(cell) else f"{cell:.3g}"
