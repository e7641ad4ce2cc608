"""How politely hosts were asked, call by call, and how they fare at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from harvester.ledger.database import Database
from harvester.model.dates import from_micros, to_micros
from harvester.model.host_status import HoldReason, HostStatus
from harvester.model.receipt import Receipt, by_host

_COLUMNS = "host, sent, repeats, probes, limited, blocked, pauses, paused, seconds, busiest"


class Receipts:
    """The tables of receipts and of how hosts fare."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(
        self,
        run: int,
        call: datetime,
        receipts: Iterable[Receipt],
        host_statuses: Mapping[str, HostStatus],
    ) -> None:
        """Keep what a call has sent so far, in place of what was kept of it before.

        Args:
            call: when it began.
            host_statuses: every host that is not well.
        """
        began = to_micros(call.astimezone(UTC))
        told = [
            (run, began, each.host, each.sent, each.repeats, each.probes, each.limited,
             each.blocked, each.pauses, each.paused_seconds, each.seconds, each.busiest)
            for each in receipts
        ]  # fmt: skip
        ill = [
            (
                host,
                host_status.why.value,
                to_micros(host_status.until.astimezone(UTC)) if host_status.until else None,
            )
            for host, host_status in host_statuses.items()
        ]
        with self._db.transaction() as db:
            db.executemany(
                f"INSERT OR REPLACE INTO receipt (run, call, {_COLUMNS})"
                " VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                told,
            )
            db.execute("DELETE FROM plight")
            db.executemany("INSERT INTO plight VALUES (?, ?, ?)", ill)

    def of(self, run: int) -> list[Receipt]:
        """What a run has sent so far, one for each host, all its calls together."""
        rows: list[Any] = self._db.query(
            f"SELECT {_COLUMNS} FROM receipt WHERE run = ? AND sent > 0 ORDER BY call, host", (run,)
        )
        return by_host(Receipt(*row) for row in rows)

    def host_statuses(self) -> dict[str, HostStatus]:
        """How hosts fare, as the last call told; only while it goes on does that mean now."""
        rows: list[Any] = self._db.query("SELECT host, why, until FROM plight ORDER BY host")
        return {
            host: HostStatus(HoldReason(why), from_micros(until) if until is not None else None)
            for host, why, until in rows
        }
