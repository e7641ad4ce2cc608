"""The parts of a job's folder as they lie there, whatever the ledger says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from harvester.harvest.lines import last_of
from harvester.harvest.remains import PART_NAME, RUN_ID
from harvester.model.kept import Housed
from harvester.model.request_key import read_request
from harvester.model.rows import LONG, PARTITION_KEYS, Dataset
from harvester.model.spooled import Part
from harvester.store.layout import SCHEMA_FILE
from harvester.store.parts import sha256_of

_ROWS_PER_BATCH = 50_000
_STATISTICS = (
    Dataset.TOTALS,
    Dataset.TIMELINE,
    Dataset.COUNTRIES,
    Dataset.CITIES,
    Dataset.TOP,
    Dataset.COUNTS,
)


@dataclass(frozen=True, slots=True)
class Relic:
    """A part whose name is one of ours.

    Attributes:
        run_id: None for a schema file.
        publish: the number in its name; None where it has none.
    """

    dataset: Dataset
    part: Part
    run_id: str | None
    publish: int | None


def relics_in(root: Path) -> list[Relic]:
    """Every part that one of our runs can have written, by path."""
    found = []
    for dataset in Dataset:
        for path in sorted((root / dataset).rglob("*.parquet")):
            depth = len(path.relative_to(root / dataset).parts) - 1
            run_id, publish = _named(dataset, path.name)
            ours = run_id is not None or path.name == SCHEMA_FILE
            if ours and depth == len(PARTITION_KEYS[dataset]):
                part = _part(root, path)
                found.append(Relic(dataset, part, run_id, publish))
    return found


def housed_in(
    root: Path,
    relics: Sequence[Relic],
    runs: Mapping[str, int],
    number_of: Callable[[str], int | None],
    institution: str | None,
) -> Iterator[Housed]:
    """In which parts the rows of requests lie; parts that cannot be read tell nothing."""
    for relic in relics:
        if relic.dataset not in _STATISTICS or relic.publish is None:
            continue
        for (request_id, at), rows in _told(root / relic.part.path):
            run_id, _, key = str(request_id).partition("/")
            try:
                request = read_request(key, institution)
            except ValueError:
                continue
            question, run = number_of(request.question.key), runs.get(run_id)
            if question is not None and run is not None:
                last = last_of(request)
                yield Housed(question, *request.slot, run, last, relic.publish, rows, at)


def counted_groups(root: Path) -> dict[str, set[int]]:
    """The groups that each run counted: by its bodies, else by its rows."""
    found: dict[str, set[int]] = {}
    for path in sorted((root / Dataset.RESPONSES).glob("*.parquet")):
        for request_id, body in _bodies_of_counts(path):
            run_id = request_id.partition("/")[0]
            try:
                groups = {int(group) for group in orjson.loads(body)}
            except (ValueError, TypeError):
                continue
            found.setdefault(run_id, set()).update(groups)
    for path in sorted((root / Dataset.COUNTS).glob("*.parquet")):
        try:
            table = pq.read_table(path, columns=["group_id", "request_id"], partitioning=None)
        except (OSError, pa.ArrowException):
            continue
        pairs = zip(table["group_id"].to_pylist(), table["request_id"].to_pylist(), strict=True)
        for group, request_id in pairs:
            found.setdefault(str(request_id).partition("/")[0], set()).add(group)
    return found


def _named(dataset: Dataset, name: str) -> tuple[str | None, int | None]:
    if dataset is Dataset.REQUESTS:
        stem = name.removesuffix(".parquet")
        return (stem if RUN_ID.fullmatch(stem) else None), None
    matched = PART_NAME.fullmatch(name)
    return (matched.group(1), int(matched.group(2))) if matched else (None, None)


def _part(root: Path, path: Path) -> Part:
    try:
        rows = pq.read_metadata(path).num_rows
    except (OSError, pa.ArrowException):
        rows = 0
    name = path.relative_to(root).as_posix()
    return Part(name, "", rows, path.stat().st_size, sha256_of(path))


def _told(path: Path) -> Iterator[tuple[tuple[str, int], int]]:
    """((request_id, harvested_at), rows), a batch at a time; derived rows have no request."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for batch in file.iter_batches(_ROWS_PER_BATCH, columns=["request_id", "harvested_at"]):
                ids = batch.column("request_id").to_pylist()
                moments = batch.column("harvested_at").cast(LONG).to_pylist()
                pairs = zip(ids, moments, strict=True)
                yield from Counter(pair for pair in pairs if pair[0] is not None).items()
    except (OSError, KeyError, pa.ArrowException):
        return


def _bodies_of_counts(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for group in range(file.num_row_groups):
                ids = file.read_row_group(group, columns=["request_id"])["request_id"].to_pylist()
                if any("/count/" in each for each in ids):
                    bodies = file.read_row_group(group, columns=["body"])["body"].to_pylist()
                    yield from (
                        (each, body)
                        for each, body in zip(ids, bodies, strict=True)
                        if each.partition("/")[2].startswith("count/")
                    )
    except (OSError, KeyError, pa.ArrowException):
        return
