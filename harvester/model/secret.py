"""Credentials that cannot be printed by accident."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """Text that shows in no log, error or repr; only who calls `reveal` sees it."""

    _text: str = field(repr=False)

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is never pickled")

    def reveal(self) -> str:
        """The text itself: for the one header that carries it."""
        return self._text
