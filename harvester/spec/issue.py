"""One mistake in a spec: where it stands, and the sentence for the user."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from harvester.model.suggestions import nearest, quoted

Path = tuple[str | int, ...]

_WORD = re.compile(r"[A-Za-z0-9_-]{1,60}")
_MOST_MISSPELT = 50  # looking for what is near takes its time


@dataclass(frozen=True, slots=True)
class Mistake:
    """Line and column from 1; the path of the key, outermost first."""

    line: int
    column: int
    path: Path
    sentence: str

    def text(self, where: str) -> str:
        """One line, such as `job.yaml:12:25: dimensions[0].counters[1]: sentence`."""
        path = path_text(self.path)
        return f"{where}:{self.line}:{self.column}: {path}{': ' if path else ''}{self.sentence}"


def path_text(path: Path) -> str:
    """`dimensions[0].counters[1]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = step if _WORD.fullmatch(step) else quoted(step)
            text += f".{name}" if text else name
    return text


def meant(written: Iterable[str], known: Iterable[str]) -> set[str]:
    """The known keys that are written, and those that a misspelt one probably means."""
    names = {str(each) for each in known}
    found = set(written)
    misspelt = islice((each for each in found if each not in names), _MOST_MISSPELT)
    return found & names | {near for each in misspelt if (near := nearest(each, names))}
