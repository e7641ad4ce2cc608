"""Listings and metadata as people read them: while they are read, and afterwards."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import anyio

from harvester.cli.events import Event, Tell
from harvester.cli.format import count, pace
from harvester.discover.summary import Gathered, Listed
from harvester.job.progress import GatherProgress
from harvester.preview.estimate import Foreseen
from harvester.preview.plan import Preview

_FIRST_LINE_SECONDS = 5
_LONGEST_BETWEEN_LINES_SECONDS = 60
# More groups than this are counted, not named.
_MOST_GROUPS = 5


Watch = Callable[[GatherProgress], Coroutine[Any, Any, None]]


def gathering_watcher(tell: Tell) -> Watch:
    """A line when something else begins or the service fares otherwise, and now and then one."""

    async def watch(progress: GatherProgress) -> None:
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


def _goes_on(progress: GatherProgress) -> Event:
    facts = {
        "doing": progress.doing,
        "pages": progress.pages,
        "listed": progress.listed,
        "state": progress.state,
    }
    return Event("gathering", f"  {_line(progress)}", facts)


def _line(progress: GatherProgress) -> str:
    parts = [progress.doing]
    if progress.pages:
        parts.append(f"{progress.listed:,} in {count(progress.pages, 'page')} so far")
    elif progress.listed:
        parts.append(f"{count(progress.listed, 'item')}")
    if progress.state != "running":
        parts.append(progress.state)
    return ", ".join(parts)


def gathered_lines(found: Gathered) -> Iterator[str]:
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


def _listed(each: Listed) -> Iterator[str]:
    reading = each.reading
    read = count(reading.pages, "page")
    if not reading.is_complete:
        yield f"listed    {reading.listed:,} {each.kind.value}s so far, {read} read"
        return
    yield f"listed    {reading.listed:,} {each.kind.value}s, {read}"
    for day in reading.holes:
        yield (
            f"          not everything published on {day} could be listed: more than Figshare "
            "lets anyone read; narrow `discover` by group, or give those ids in a file"
        )
    if reading.complaint:
        yield f"          could not be compared with Figshare's own counts: {reading.complaint}"
    if each.differences:
        groups = count(len(each.differences), "group")
        yield f"          Figshare counts otherwise in {groups}:"
    for group, listed, counted in each.differences[:_MOST_GROUPS]:
        yield f"          group {group}: {listed:,} listed, {counted:,} counted"
    if len(each.differences) > _MOST_GROUPS:
        yield "          ..."


def ahead_lines(foreseen: Foreseen) -> Iterator[str]:
    """A line a stage, and what its number rests on."""
    for each in foreseen.stages:
        yield f"{each.stage}: {span(each.least, each.most)}"
        yield from (f"  {note}" for note in each.notes)
    if foreseen.unknown:
        words = [f"{kind.value}s" for kind in foreseen.unknown]
        kinds = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
        yield f"how many {kinds} there are, and what is asked of them, is unknown until they"
        yield "are listed: `harvester check JOB --count` does that, and the next run takes it over"


def ahead_json(foreseen: Foreseen) -> list[dict[str, object]]:
    """The stages as the contract writes them; `most` is null where nobody knows."""
    return [
        {"stage": each.stage, "least": each.least, "most": each.most, "not_needed": {}}
        for each in foreseen.stages
    ]


def with_ahead(preview: Preview) -> tuple[int, int | None]:
    """Least and most requests of a plan together with what comes before it."""
    if preview.is_finished:
        return 0, 0
    most = preview.foreseen.most
    together = None if most is None else most + preview.size.most
    return preview.foreseen.least + preview.size.least, together


def span(least: int, most: int | None) -> str:
    """`5 requests`, `5 to 9 requests`, `at least 5 requests`."""
    if most is None:
        return f"at least {count(least, 'request')}"
    return count(most, "request") if least == most else f"{least:,} to {count(most, 'request')}"
