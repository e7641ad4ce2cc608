"""What a check found, with its weight, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters.

    An error: something is lost, doubled, changed or wrong. A warning: nothing is proven wrong,
    but somebody should act or look. Information: known and accounted for.
    """

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        check: a short stable word for the check that found it.
        what: a sentence, without a full stop.
        where: a path below the job's folder, a request or a dataset.
        fix: what to do or to type; empty where there is nothing to do.
    """

    severity: Severity
    check: str
    what: str
    where: str
    fix: str = ""

    @property
    def exits_with_one(self) -> bool:
        """Whether somebody has to act upon it."""
        return self.severity is not Severity.INFORMATION


@dataclass(slots=True)
class Report:
    """What was checked, what was found, and what was left out.

    Attributes:
        checked: how much of what was looked at, such as `rows`.
        left_out: sentences.
        is_live: a run was writing meanwhile.
    """

    findings: list[Finding] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    is_live: bool = False

    def add(self, *found: Finding | None) -> None:
        """Take findings; None is nothing found."""
        self.findings += [each for each in found if each is not None]

    def count(self, what: str, number: int = 1) -> None:
        """Take note of how much was looked at."""
        self.checked[what] = self.checked.get(what, 0) + number

    def of(self, severity: Severity) -> list[Finding]:
        """The findings of one severity."""
        return [each for each in self.findings if each.severity is severity]

    @property
    def exit_code(self) -> int:
        """1 when there is anything to act upon, else 0."""
        return 1 if any(each.exits_with_one for each in self.findings) else 0


def error(check: str, what: str, where: str, fix: str) -> Finding:
    """Something is lost, doubled, changed or wrong."""
    return Finding(Severity.ERROR, check, what, where, fix)


def warning(check: str, what: str, where: str, fix: str) -> Finding:
    """Nothing is proven wrong, but somebody should act or look."""
    return Finding(Severity.WARNING, check, what, where, fix)


def information(check: str, what: str, where: str, fix: str = "") -> Finding:
    """Known and accounted for."""
    return Finding(Severity.INFORMATION, check, what, where, fix)
