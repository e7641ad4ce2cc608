"""Keys across files, and endpoints against each other: what DuckDB is asked."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from harvester.model.dates import epoch_day
from harvester.model.rows import DATE, LONG, PARTITION_KEYS, TEXT, Dataset
from harvester.model.run_plan import last_settled_day
from harvester.replay.archive import Archive
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
        for scope in scopes(bench, settle):
            say(f"comparing endpoints: {scope.name}")
            bench.take("settled", _settled(archive, scope))
            report.add(*reconciled(bench, scope))
        report.add(*items_and_groups(bench))


def readable_files(
    root: Path, bad: set[str], may_be_read: Callable[[Path, Dataset], bool]
) -> dict[Dataset, list[Path]]:
    """What a glob over each dataset finds, without parts known to be bad."""
    found: dict[Dataset, list[Path]] = {}
    for dataset in Dataset:
        depth = len(PARTITION_KEYS[dataset])
        found[dataset] = [
            path
            for path in sorted((root / dataset).rglob("*.parquet"))
            if path.relative_to(root).as_posix() not in bad
            and len(path.relative_to(root / dataset).parts) == depth + 1
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


def _stretches(archive: Archive, question: int) -> Iterator[tuple[int, int, int]]:
    runs = archive.runs
    settled_to = {
        number: last_settled_day(epoch_day(run.snapshot), run.settle_days)
        for number, run in runs.items()
    }
    readings = archive.ledger.answer_index.read_windows(question)
    for entity, rows in groupby(readings, key=lambda row: row[0]):
        windows = [(first, min(last, settled_to[run])) for _, first, last, run in rows]
        for first, last in merged(each for each in windows if each[0] <= each[1]):
            yield entity, first, last
