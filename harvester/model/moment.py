"""Moments as numbers: microseconds since 1970, UTC, as Arrow and the ledger count them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - _BEGIN) // _MICROSECOND


def moment_of(micros_since_1970: int) -> datetime:
    """The moment of `micros`, UTC."""
    return _BEGIN + timedelta(microseconds=micros_since_1970)
