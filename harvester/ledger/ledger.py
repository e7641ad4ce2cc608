"""The ledger as a run holds it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harvester.ledger.answer_index import AnswerIndex
from harvester.ledger.answers import Answers
from harvester.ledger.audit import Audit
from harvester.ledger.database import Database
from harvester.ledger.entity_table import EntityTable
from harvester.ledger.evidence import Evidence
from harvester.ledger.failures import Failures
from harvester.ledger.group_counts import GroupCounts
from harvester.ledger.listing_losses import ListingLosses
from harvester.ledger.listings import Listings
from harvester.ledger.lost_answers import LostAnswers
from harvester.ledger.metadata import MetadataOutcomes
from harvester.ledger.publish_log import PublishLog
from harvester.ledger.receipts import Receipts
from harvester.ledger.recovery import LedgerRecovery
from harvester.ledger.recovery_derived import DerivedRecovery
from harvester.ledger.reply_cache import ReplyCache
from harvester.ledger.runs import Runs
from harvester.model.dates import from_micros, to_micros


class Ledger:
    """The job's memory: one SQLite file, with a table's worth of methods for each concern.

    Raises:
        OutputError: the file is no ledger of ours, is damaged, or cannot be written.
    """

    def __init__(self, path: Path, *, read_only: bool = False, create: bool = True) -> None:
        self._db = Database(path, read_only=read_only, create=create)
        self.runs = Runs(self._db)
        fresh = ReplyCache()
        self.answers = Answers(self._db, fresh)
        self.failures = Failures(self._db)
        self.evidence = Evidence(self._db)
        self.publish_log = PublishLog(self._db, fresh)
        self.entities = EntityTable(self._db)
        self.listings = Listings(self._db)
        self.listing_losses = ListingLosses(self._db)
        self.group_counts = GroupCounts(self._db)
        self.metadata = MetadataOutcomes(self._db)
        self.receipts = Receipts(self._db)
        self.audit = Audit(self._db)
        self.answer_index = AnswerIndex(self._db)
        self.recovery = LedgerRecovery(self._db)
        self.lost_answers = LostAnswers(self._db)
        self.derived_recovery = DerivedRecovery(self._db)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def get_meta(self, key: str) -> str | None:
        """A fact about the whole job; None: never written."""
        found = self._db.query("SELECT value FROM meta WHERE key = ?", (key,))
        return str(found[0][0]) if found else None

    def set_meta(self, key: str, value: str) -> None:
        """Keep a fact about the whole job."""
        with self._db.transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def delete_meta(self, key: str) -> None:
        """Take a fact back."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM meta WHERE key = ?", (key,))

    def pause(self, host: str) -> tuple[datetime, float] | None:
        """Until when a host asked us to wait, and how many seconds that was in all."""
        found: list[Any] = self._db.query("SELECT until, asked FROM pause WHERE host = ?", (host,))
        return (from_micros(found[0][0]), found[0][1]) if found else None

    def pauses(self) -> list[tuple[str, datetime]]:
        """Every host that asked us to wait, and until when."""
        found: list[Any] = self._db.query("SELECT host, until FROM pause ORDER BY host")
        return [(host, from_micros(until)) for host, until in found]

    def remember_pause(self, host: str, pause: tuple[datetime, float] | None) -> None:
        """Keep what a host asked, as (until, seconds in all); None: it is over."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM pause WHERE host = ?", (host,))
            if pause is not None:
                values = (host, to_micros(pause[0].astimezone(UTC)), pause[1])
                db.execute("INSERT INTO pause VALUES (?, ?, ?)", values)

    def close(self) -> None:
        """Close; SQLite folds the write-ahead log into the file."""
        self._db.close()
