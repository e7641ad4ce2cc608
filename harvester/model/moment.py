"""Moments as numbers: microseconds since 1970, UTC, as Arrow and the ledger count them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - _BEGIN) // timedelta(microseconds=1)


def moment_of(micros_since_1970: int) -> datetime:
    """The moment of `micros`, UTC."""
    return _BEGIN + timedelta(microseconds=micros_since_1970)
