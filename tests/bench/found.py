"""What a measurement says, and whether that is good enough."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """One line.

    Attributes:
        bound: in words; empty: reported only.
        is_met: None where there is no bound.
    """

    what: str
    measured: str
    bound: str = ""
    is_met: bool | None = None

    def __str__(self) -> str:
        judged = {None: "", True: f"  [bound: {self.bound}: met]"}
        verdict = judged.get(self.is_met, f"  [bound: {self.bound}: MISSED]")
        return f"  {self.what}: {self.measured}{verdict}"


def at_most(what: str, measured: float, bound: float, unit: str = "") -> Found:
    return Found(what, f"{measured:.4g}{unit}", f"at most {bound:g}{unit}", measured <= bound)


def at_least(what: str, measured: float, bound: float, unit: str = "") -> Found:
    return Found(what, f"{measured:.4g}{unit}", f"at least {bound:g}{unit}", measured >= bound)
