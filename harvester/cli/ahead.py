"""What comes before the plan, in `plan` and `check`."""

from __future__ import annotations

from collections.abc import Iterator

from harvester.cli.format import count
from harvester.preview.estimate import Foreseen
from harvester.preview.plan import Preview


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
