"""Keys across files, and endpoints against each other: what DuckDB is asked."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from harvester.model.dates import epoch_day
from harvester.model.rows import DATE, LONG, TEXT, Dataset
from harvester.model.rules import Rule
from harvester.model.run_plan import last_settled_day
from harvester.model.terms import Kind
from harvester.planner.plausible_dates import plausible_dates
from harvester.replay.archive import Archive
from harvester.store.data_files import is_in_a_partition
from harvester.verify.accounts import merged
from harvester.verify.endpoints import reconciled
from harvester.verify.finding import Report
from harvester.verify.group_sums import items_and_groups
from harvester.verify.keys import doubled
from harvester.verify.scope import Scope, scopes
from harvester.verify.workbench import workbench

_SETTLED = pa.schema(
    [("ask", TEXT), ("entity_id", LONG), ("sub", TEXT), ("first", DATE), ("last", DATE)]
)
_DATED = pa.schema([("entity_id", LONG), ("first_online", DATE)])
# Bodies have keys of their own, and the audit has seen each of them.
_WITH_KEYS = [each for each in Dataset if each is not Dataset.RESPONSES]


def check_endpoints(
    archive: Archive,
    files: Mapping[Dataset, Sequence[Path]],
    report: Report,
    say: Callable[[str], None],
    *,
    all_is_there: bool,
) -> None:
    """Look at all rows of a job together.

    Args:
        files: every file that a reader's glob finds, and that can be read.
        all_is_there: no part is missing or wrong, and none is being replaced; else only keys
            are looked at.
    """
    with workbench(files) as bench:
        for dataset in _WITH_KEYS:
            if dataset in bench.datasets:
                say(f"looking for keys that stand twice in {dataset}/")
                report.add(doubled(bench, dataset))
        if not all_is_there:
            return
        settle = max((run.settle_days for run in archive.runs.values()), default=0)
        dated_kind = ""
        for scope in scopes(bench, settle):
            say(f"comparing endpoints: {scope.name}")
            bench.take("settled", _settled(archive, scope))
            if scope.kind != dated_kind:
                bench.take("dated", _dated(archive, Kind(scope.kind)))
                dated_kind = scope.kind
            report.add(*reconciled(bench, scope))
        report.add(*items_and_groups(bench))


def readable_files(
    root: Path, bad: set[str], may_be_read: Callable[[Path, Dataset], bool]
) -> dict[Dataset, list[Path]]:
    """What a glob over each dataset finds, without parts known to be bad."""
    found: dict[Dataset, list[Path]] = {}
    for dataset in Dataset:
        found[dataset] = [
            path
            for path in sorted((root / dataset).rglob("*.parquet"))
            if path.relative_to(root).as_posix() not in bad
            and is_in_a_partition(path.relative_to(root), dataset)
            and may_be_read(path, dataset)
        ]
    return found


def _settled(archive: Archive, scope: Scope) -> pa.Table:
    """The stretches of days that are read and settled, for each series of a kind and counter."""
    batches = []
    for partition in archive.partitions:
        for number, question in () if partition.is_evidence else partition.questions.items():
            ours = (question.kind, question.counter) == (scope.kind, scope.counter)
            if not ours or not question.endpoint.has_granularity:
                continue
            entities, firsts, lasts = array("q"), array("i"), array("i")
            for entity, first, last in _stretches(archive, number):
                entities.append(entity)
                firsts.append(first)
                lasts.append(last)
            sub = f"{question.sub_item}={question.sub_item_id}" if question.sub_item else ""
            size = len(entities)
            columns = [
                pa.repeat(f"{question.endpoint}/{question.granularity}", size),
                pa.Array.from_buffers(LONG, size, [None, pa.py_buffer(entities)]),
                pa.repeat(sub, size),
                pa.Array.from_buffers(DATE, size, [None, pa.py_buffer(firsts)]),
                pa.Array.from_buffers(DATE, size, [None, pa.py_buffer(lasts)]),
            ]
            batches.append(pa.RecordBatch.from_arrays(columns, schema=_SETTLED))
    return pa.Table.from_batches(batches, schema=_SETTLED)


def _dated(archive: Archive, kind: Kind) -> pa.Table:
    """The first days of items, as far as this job believes what listings tell of them."""
    trials = archive.ledger.evidence.trials_made(max(archive.runs, default=0))
    is_broken = any(
        trial.rule is Rule.BEFORE_FIRST_ONLINE and trial.kind is kind and not trial.holds
        for _, trial in trials
    )
    ids, days = array("q"), array("i")
    for number, day in plausible_dates(
        () if is_broken else archive.ledger.entities.dated(kind)
    ).items():
        ids.append(number)
        days.append(epoch_day(day))
    columns = [
        pa.Array.from_buffers(kind_of, len(ids), [None, pa.py_buffer(values)])
        for kind_of, values in ((LONG, ids), (DATE, days))
    ]
    return pa.Table.from_arrays(columns, schema=_DATED)


def _stretches(archive: Archive, question: int) -> Iterator[tuple[int, int, int]]:
    """Settled days whose rows are here; what a run read as evidence alone is not."""
    shows = {
        number
        for number, stamp in archive.stamps.items()
        if archive.questions[question] in stamp.shown
    }
    runs = archive.runs
    settled_to = {
        number: last_settled_day(epoch_day(run.snapshot), run.settle_days)
        for number, run in runs.items()
    }
    readings = archive.ledger.answer_index.read_windows(question)
    for entity, rows in groupby(readings, key=lambda row: row[0]):
        windows = [
            (first, min(last, settled_to[run])) for _, first, last, run in rows if run in shows
        ]
        for first, last in merged(each for each in windows if each[0] <= each[1]):
            yield entity, first, last
