"""`metadata: true`: one public request for each id of which no listing tells."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from harvester.discover.entries import read_item
from harvester.fetch.call import ApiCall
from harvester.fetch.host import Host
from harvester.fetch.listing_calls import item_call
from harvester.fetch.pool import run_calls
from harvester.fetch.response import Response
from harvester.fetch.sender import CallOutcome
from harvester.fetch.stop import Stop
from harvester.job.settings import JobSettings
from harvester.ledger.group_commit import GroupCommit
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
        asked = ledger.metadata.asked(run.number, kind)
        unknown = ledger.entities.without_metadata(kind, settings.entities[kind])
        pending += [ItemRequest(kind, number) for number in unknown if number not in asked]
    return pending


async def ask_items(
    items: Sequence[ItemRequest], ledger: Ledger, run: Run, host: Host, stop: Stop
) -> None:
    """Ask for items and keep what comes; an item that is not public has no metadata."""
    commits = GroupCommit[ItemOutcome](partial(ledger.metadata.keep, run.number), _nothing)

    def call(request: ItemRequest) -> ApiCall:
        return item_call(host.settings.base_url, request, partial(item_facts, request))

    async def keep(request: ItemRequest, settled: CallOutcome) -> None:
        await commits.keep(_outcome(request, settled))

    await run_calls(iter(items), call, host, keep=keep, stop=stop)


def _nothing(_outcomes: Sequence[ItemOutcome]) -> None:
    """Nobody counts along."""


def item_facts(request: ItemRequest, answer: Response) -> int:
    """How many entities an answer tells of; raises ParseError when it is not the item."""
    if answer.status != 200:
        return 0
    read_item(request, answer.body)
    return 1


def _outcome(request: ItemRequest, settled: CallOutcome) -> ItemOutcome:
    is_told = not settled.reason and settled.rows
    return ItemOutcome(
        request,
        read_item(request, settled.answer.body) if is_told else None,
        settled.reason,
        settled.sentence,
        settled.attempt_result.status,
        settled.attempts,
        settled.at,
    )
