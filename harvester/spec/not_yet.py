"""Keys that the spec has and this version does not act on: refused, so that none is ignored.

A version that learns one of them deletes its line here, and nothing else.
"""

from __future__ import annotations

Place = tuple[str, ...]

# `*` stands for any key or index.
NOT_YET: dict[Place, str] = {}


def is_not_yet(path: tuple[str | int, ...]) -> bool:
    """Whether a path is, or lies below, a place that is refused as a whole."""
    return any(
        len(path) >= len(place)
        and all(wanted in ("*", step) for wanted, step in zip(place, path, strict=False))
        for place in NOT_YET
    )
