"""A job's dimensions, expanded into questions with their days: what the plan starts from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from itertools import product

from harvester.errors import UsageError
from harvester.model.dates import ONE_DAY, Window
from harvester.model.entity import ascending
from harvester.model.question import Question, Wanted
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from harvester.spec.dimension import DEFAULT_RANKS, Dimension
from harvester.spec.jobspec import JobSpec
from harvester.spec.periods import window_of

Asked = tuple[Question, Window | None]


def wanted(job: JobSpec, today: date) -> list[Wanted]:
    """Every question of a job, in stage order, each with windows that do not touch.

    The same question from two dimensions is asked once: windows that overlap or follow
    on each other are united, others stay apart, oldest first. A ranking is another one in
    every window, so a top's windows are never united; of two lengths of the same ranking the
    longer is asked, which holds the shorter.
    """
    asked = [
        each
        for dimension in job.dimensions
        for each in expand(dimension, job.entities, today, job.source.institution)
    ]
    found = [*_series(asked), *_rankings(asked)]
    return sorted(found, key=_stage_order)


def entity_ids(job: JobSpec) -> dict[Kind, Sequence[int]]:
    """The ids of every kind, from the spec and from its files, ascending, each once."""
    return {kind: _ids_of(job, kind) for kind in Kind if kind in job.entities}


def _ids_of(job: JobSpec, kind: Kind) -> Sequence[int]:
    own, of_file = job.entities[kind].ids, file_ids(job, kind)
    # Half a million ids of a file are in order already.
    return ascending((*own, *of_file)) if own else of_file


def sourced(job: JobSpec, kind: Kind, ids: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Each id with where it comes from: `ids`, where it stands in both `file`, or `discover`."""
    entities = job.entities.get(kind)
    own = frozenset(entities.ids if entities else ())
    if entities and entities.discover is None:
        # All others are of the file: no need to hold half a million of them twice.
        yield from ((each, "ids" if each in own else "file") for each in ids)
        return
    of_file = frozenset(file_ids(job, kind) if entities else ())
    for each in ids:
        yield each, "ids" if each in own else "file" if each in of_file else "discover"


def file_ids(job: JobSpec, kind: Kind) -> Sequence[int]:
    """The ids of a kind's file, ascending, each once; empty: it has none.

    Raises:
        UsageError: the job was loaded without its files.
    """
    file = job.entities[kind].file
    if file is None:
        return ()
    if file.found is None:
        raise UsageError(
            "the file of ids has not been read",
            where=file.path,
            fix="load the job with harvester.load_job, which reads its files",
        )
    return file.found.ids


def expand(
    dimension: Dimension, kinds: Collection[Kind], today: date, institution: str | None = None
) -> Iterator[Asked]:
    """The questions of one dimension that cross_checks.py has found nothing wrong with.

    Args:
        kinds: those in the spec's `entities`, where a dimension names none itself.
    """
    window = window_of(dimension.period, today) if dimension.period else None
    filters: list[tuple[SubItem | None, str | None]] = [(dimension.sub_item, None)]
    if dimension.filter:
        own = dimension.filter
        filters = [(own.sub_item, each) for each in dict.fromkeys(own.sub_item_ids)]
    is_top = dimension.endpoint is Endpoint.TOP
    for kind, counter, granularity, (sub_item, sub_item_id) in product(
        _kinds(dimension, kinds), dimension.counters or [None], dimension.granularities or [None],
        filters,
    ):  # fmt: skip
        question = Question(
            endpoint=dimension.endpoint,
            kind=kind,
            counter=counter,
            granularity=granularity,
            sub_item=sub_item,
            sub_item_id=sub_item_id,
            ranks=(dimension.count or DEFAULT_RANKS) if is_top else None,
            institution=institution,
        )
        yield question, window


def merge_windows(windows: Iterable[Window]) -> list[Window]:
    """Windows that overlap or follow on each other made one, oldest first."""
    merged: list[Window] = []
    for window in sorted(set(windows)):
        if merged and window.first <= merged[-1].last + ONE_DAY:
            merged[-1] = Window(merged[-1].first, max(merged[-1].last, window.last))
        else:
            merged.append(window)
    return merged


def _kinds(dimension: Dimension, kinds: Collection[Kind]) -> list[Kind]:
    if dimension.endpoint is Endpoint.COUNT:
        return [Kind.GROUP]
    named = dimension.entities or kinds
    return [kind for kind in Kind if kind in named]


def _series(asked: list[Asked]) -> Iterator[Wanted]:
    windows: dict[Question, list[Window]] = {}
    for question, window in asked:
        if question.endpoint is not Endpoint.TOP:
            windows.setdefault(question, []).extend([window] if window else [])
    for question, mine in windows.items():
        if mine:
            yield from (Wanted(question, window) for window in merge_windows(mine))
        else:
            yield Wanted(question)


def _rankings(asked: list[Asked]) -> Iterator[Wanted]:
    longest: dict[tuple[object, ...], Wanted] = {}
    for question, window in asked:
        if question.endpoint is not Endpoint.TOP:
            continue
        ranking = (question.kind, question.counter, question.sub_item, window)
        known = longest.get(ranking)
        if known is None or (known.question.ranks or 0) < (question.ranks or 0):
            longest[ranking] = Wanted(question, window)
    yield from longest.values()


def _stage_order(each: Wanted) -> tuple[object, ...]:
    question = each.question
    return (
        _rank(Endpoint, question.endpoint),
        _rank(Kind, question.kind),
        _rank(Counter, question.counter),
        _rank(Granularity, question.granularity),
        _rank(SubItem, question.sub_item),
        question.sub_item_id or "",
        question.ranks or 0,
        (each.window.first, each.window.last) if each.window else (),
    )


def _rank(words: type[StrEnum], word: StrEnum | None) -> int:
    return -1 if word is None else list(words).index(word)
