"""`metadata: true`: one public request for each id of which no listing tells."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from harvester.discover.entries import item_of
from harvester.fetch.call import Errand
from harvester.fetch.host import Host
from harvester.fetch.listing_calls import item_errand
from harvester.fetch.pool import carry_out
from harvester.fetch.response import Answer
from harvester.fetch.sender import Settled
from harvester.fetch.stop import Stop
from harvester.job.settings import JobSettings
from harvester.ledger.group_commit import Keeper
from harvester.ledger.ledger import Ledger
from harvester.ledger.metadata import ItemOutcome
from harvester.ledger.runs import Run
from harvester.model.listing import ItemRequest


def pending_items(settings: JobSettings, ledger: Ledger, run: Run) -> list[ItemRequest]:
    """The items whose metadata a run still asks for.

    What was learned once, from a listing or from an item's own page, is not asked again.
    """
    pending = []
    for kind in settings.metadata_kinds:
        asked = ledger.items.asked(run.number, kind)
        unknown = ledger.entities.without_metadata(kind, settings.entities[kind])
        pending += [ItemRequest(kind, number) for number in unknown if number not in asked]
    return pending


async def ask_items(
    items: Sequence[ItemRequest], ledger: Ledger, run: Run, host: Host, stop: Stop
) -> None:
    """Ask for items and keep what comes; an item that is not public has no metadata."""
    keeper = Keeper[ItemOutcome](partial(ledger.items.keep, run.number), _nothing)

    def errand(request: ItemRequest) -> Errand:
        return item_errand(host.settings.base_url, request, partial(_facts, request))

    async def keep(request: ItemRequest, settled: Settled) -> None:
        await keeper.keep(_outcome(request, settled))

    await carry_out(iter(items), errand, host, keep=keep, stop=stop)


def _nothing(_outcomes: Sequence[ItemOutcome]) -> None:
    """Nobody counts along."""


def _facts(request: ItemRequest, answer: Answer) -> int:
    """How many entities an answer tells of; raises ParseError when it is not the item."""
    if answer.status != 200:
        return 0
    item_of(request, answer.body)
    return 1


def _outcome(request: ItemRequest, settled: Settled) -> ItemOutcome:
    is_told = not settled.reason and settled.rows
    return ItemOutcome(
        request,
        item_of(request, settled.answer.body) if is_told else None,
        settled.reason,
        settled.sentence,
        settled.arrival.status,
        settled.attempts,
        settled.at,
    )
