"""Listings and metadata as people read them: while they are read, and afterwards."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import anyio

from harvester.cli.events import EmitEvent, Event
from harvester.cli.format import count, pace
from harvester.discover.discovery_summary import DiscoverySummary, ListingSummary
from harvester.job.progress import DiscoveryProgress
from harvester.ledger.listing_losses import ListingLoss, StillThere
from harvester.model.terms import Kind
from harvester.preview.estimate import Estimate
from harvester.preview.plan import Preview

_FIRST_LINE_SECONDS = 5
_LONGEST_BETWEEN_LINES_SECONDS = 60
# More groups than this are counted, not named.
_MOST_GROUPS = 5


Watch = Callable[[DiscoveryProgress], Coroutine[Any, Any, None]]


def discovery_watcher(tell: EmitEvent) -> Watch:
    """A line when something else begins or the service fares otherwise, and now and then one."""

    async def watch(progress: DiscoveryProgress) -> None:
        whose = f"run {progress.run_id}" if progress.run_id else "count"
        folder = progress.folder
        begun = f"{whose}: {pace(progress.pace)}, into {folder}"
        tell(Event("gathering", begun, {"run_id": progress.run_id, "folder": str(folder)}))
        said, wait, waited = ("", ""), _FIRST_LINE_SECONDS, 0
        while True:
            now = (progress.doing, progress.state)
            if now != said or waited >= wait:
                wait = _FIRST_LINE_SECONDS if now != said else wait * 2
                wait = min(wait, _LONGEST_BETWEEN_LINES_SECONDS)
                said, waited = now, 0
                if progress.doing:
                    tell(_goes_on(progress))
            await anyio.sleep(1)
            waited += 1

    return watch


def _goes_on(progress: DiscoveryProgress) -> Event:
    facts = {
        "doing": progress.doing,
        "pages": progress.pages,
        "listed": progress.listed,
        "state": progress.state,
    }
    return Event("gathering", f"  {_line(progress)}", facts)


def _line(progress: DiscoveryProgress) -> str:
    parts = [progress.doing]
    if progress.pages:
        parts.append(f"{progress.listed:,} in {count(progress.pages, 'page')} so far")
    elif progress.listed:
        parts.append(f"{count(progress.listed, 'item')}")
    if progress.state != "running":
        parts.append(progress.state)
    return ", ".join(parts)


def discovery_lines(found: DiscoverySummary) -> Iterator[str]:
    """What was listed, where Figshare counts otherwise, and whose metadata is missing."""
    for each in found.listings:
        yield from _listed(each)
    items = found.items
    if items:
        told = f"{items.get('done', 0):,} of {count(sum(items.values()), 'item')} asked"
        failed = f", {items['failed']:,} failed" if items.get("failed") else ""
        yield f"metadata  {told}{failed}"
    if items.get("absent"):
        named = ", ".join(f"{kind} {number}" for kind, number in found.absent)
        more = ", ..." if items["absent"] > len(found.absent) else ""
        yield f"          {count(items['absent'], 'item')} not public: {named}{more}"


def _listed(each: ListingSummary) -> Iterator[str]:
    scan = each.scan
    read = count(scan.pages, "page")
    if not scan.is_complete:
        yield f"listed    {scan.listed:,} {each.kind.value}s so far, {read} read"
        return
    yield f"listed    {scan.listed:,} {each.kind.value}s, {read}"
    if scan.left_out:
        left = count(scan.left_out, "entry", "entries")
        yield f"          {left} without a usable id left out"
    if scan.loss:
        yield from _loss(each.kind, scan.loss)
    for day in scan.holes:
        yield (
            f"          not everything published on {day} could be listed: more than Figshare "
            "lets anyone read; narrow `discover` by group, or give those ids in a file"
        )
    if scan.complaint:
        yield f"          could not be compared with Figshare's own counts: {scan.complaint}"
    elif each.uncounted:
        groups = count(each.uncounted, "group")
        yield (
            f"          {groups} not compared yet with Figshare's own counts: the job's `count` "
            "has no answer for them"
        )
    if each.differences:
        groups = count(len(each.differences), "group")
        yield f"          Figshare counts otherwise in {groups}:"
    for group, listed, counted in each.differences[:_MOST_GROUPS]:
        yield f"          group {group}: {listed:,} listed, {counted:,} counted"
    if len(each.differences) > _MOST_GROUPS:
        yield "          ..."


_LOSSES = {
    StillThere.YES: "one of those that was asked answers still: all of them are asked in this run",
    StillThere.NO: "of those that were asked none is public any more: none is asked in this run",
    StillThere.UNKNOWN: "whether they are gone cannot be told: all of them are asked in this run",
}


def _loss(kind: Kind, loss: ListingLoss) -> Iterator[str]:
    yield (
        f"          read twice, it lacks {loss.missing:,} of the {loss.had:,} {kind.value}s of the "
        "listing before: see in Figshare whether that is right"
    )
    if loss.answers:
        yield f"          {_LOSSES[loss.answers]}"


def estimate_lines(estimate: Estimate) -> Iterator[str]:
    """A line a stage, and what its number rests on."""
    for each in estimate.stages:
        yield f"{each.stage}: {span(each.least, each.most)}"
        yield from (f"  {note}" for note in each.notes)
    if estimate.unknown:
        words = [f"{kind.value}s" for kind in estimate.unknown]
        kinds = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
        yield f"how many {kinds} there are, and what is asked of them, is unknown until they"
        yield "are listed: `harvester check JOB --count` does that, and the next run takes it over"


def estimate_json(estimate: Estimate) -> list[dict[str, object]]:
    """The stages as the contract writes them; `most` is null where nobody knows."""
    return [
        {"stage": each.stage, "least": each.least, "most": each.most, "not_needed": {}}
        for each in estimate.stages
    ]


def with_estimate(preview: Preview) -> tuple[int, int | None]:
    """Least and most requests of a plan together with what comes before it."""
    if preview.is_finished:
        return 0, 0
    most = preview.estimate.most
    together = None if most is None else most + preview.size.most
    return preview.estimate.least + preview.size.least, together


def span(least: int, most: int | None) -> str:
    """`5 requests`, `5 to 9 requests`, `at least 5 requests`."""
    if most is None:
        return f"at least {count(least, 'request')}"
    return count(most, "request") if least == most else f"{least:,} to {count(most, 'request')}"
