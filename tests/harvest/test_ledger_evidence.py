"""What a plan gets to know of the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from harvester.harvest.ledger_evidence import LedgerEvidence
from harvester.ledger.ledger import Ledger
from harvester.ledger.listings import PageKept
from harvester.ledger.runs import Run, RunState
from harvester.model.entity import Entity
from harvester.model.listing import Listing, Place
from harvester.model.terms import Kind

TODAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 8, tzinfo=UTC)
RUN = Run(1, "2026-11-23.1", TODAY, RunState.UNFINISHED, [], {}, 3, 9, NOW, None)


def test_the_plan_gets_no_date_that_the_ids_speak_against(tmp_path: Path) -> None:
    """The first of four by id is dated years after the others: it was edited."""
    days = {10: date(2020, 1, 1), **dict.fromkeys((20, 30, 40), date(2015, 1, 1))}
    articles = Listing(Kind.ARTICLE, 2)
    listed = [Entity(Kind.ARTICLE, number, first_online=day) for number, day in days.items()]
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.entities.read_dates_from(NOW)
        scan = ledger.listings.begin(articles, TODAY)
        page = PageKept(Place(), [*days], [*days], listed, None, NOW)
        ledger.listings.keep(articles, scan, page, None)

        known = LedgerEvidence(ledger, RUN)
        assert dict(known.first_online(Kind.ARTICLE)) == {n: days[n] for n in (20, 30, 40)}
        assert known.first_online(Kind.ARTICLE) is known.first_online(Kind.ARTICLE), "read once"
        assert not known.first_online(Kind.PROJECT)
