"""The parts of a job's folder as they lie there, whatever the ledger says of them."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from harvester.ledger.recovery_derived import Bare
from harvester.machine_limits import refuse_limit
from harvester.model.part_names import PART_NAME, RUN_ID
from harvester.model.published import RowLocation
from harvester.model.question import Question
from harvester.model.request import read_request
from harvester.model.rows import DATE, LONG, MOMENT, PARTITION_KEYS, Dataset
from harvester.model.spool import Part
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from harvester.replay.request_file import last_of
from harvester.store.entities_part import ENTITIES_FILE, entities_path
from harvester.store.layout import SCHEMA_FILE, datasets_of
from harvester.store.part_writer import sha256_of

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
class FoundPart:
    """A part found in the folder whose name is one that we give.

    Attributes:
        run_id: None for a schema file, and for the entities of a kind.
        publish: the number in its name; None where it has none.
    """

    dataset: Dataset
    part: Part
    run_id: str | None
    publish: int | None


def scan_parts(root: Path) -> list[FoundPart]:
    """Every part that one of our runs can have written, by path."""
    found = []
    for dataset in Dataset:
        for path in sorted((root / dataset).rglob("*.parquet")):
            depth = len(path.relative_to(root / dataset).parts) - 1
            run_id, publish = _named(dataset, path.name)
            ours = run_id is not None or path.name in {SCHEMA_FILE, ENTITIES_FILE}
            if ours and depth == len(PARTITION_KEYS[dataset]):
                part = _part(root, path)
                found.append(FoundPart(dataset, part, run_id, publish))
    return found


def housed_in(
    root: Path,
    found_parts: Sequence[FoundPart],
    runs: Mapping[str, int],
    number_of: Callable[[str], int | None],
    institution: str | None,
) -> Iterator[RowLocation]:
    """In which parts the rows of requests lie; parts that cannot be read tell nothing."""
    for found_part in found_parts:
        if found_part.dataset not in _STATISTICS or found_part.publish is None:
            continue
        for (request_id, at), rows in _told(root / found_part.part.path):
            run_id, _, key = str(request_id).partition("/")
            try:
                request = read_request(key, institution)
            except ValueError:
                continue
            if found_part.dataset not in datasets_of(request.question):
                continue
            if request.question.is_undocumented:
                # Its rows are totals of one counter, which it told in their place.
                continue
            question, run = number_of(request.question.key), runs.get(run_id)
            if question is not None and run is not None:
                last = last_of(request)
                yield RowLocation(question, *request.slot, run, last, found_part.publish, rows, at)


def named_in(
    root: Path, found_parts: Sequence[FoundPart], institution: str | None
) -> Iterator[tuple[str, Question]]:
    """(run id, question) of the requests that rows name as theirs; likewise."""
    for found_part in found_parts:
        if found_part.dataset not in _STATISTICS or found_part.publish is None:
            continue
        seen: set[tuple[str, str]] = set()
        for (request_id, _), _ in _told(root / found_part.part.path):
            run_id, _, key = request_id.partition("/")
            try:
                question = read_request(key, institution).question
            except ValueError:
                continue
            if (run_id, question.key) not in seen and found_part.dataset in datasets_of(question):
                seen.add((run_id, question.key))
                yield run_id, question


def bare_in(
    root: Path,
    found_parts: Sequence[FoundPart],
    runs: Mapping[str, int],
    number_of: Callable[[str], int | None],
    institution: str | None,
) -> Iterator[Bare]:
    """Rows that were derived from other answers, and the parts they lie in."""
    for found_part in found_parts:
        if found_part.publish is None or found_part.dataset not in {
            Dataset.TIMELINE,
            Dataset.TOTALS,
        }:
            continue
        question = _question_of(found_part.part.path, institution)
        try:
            with pq.ParquetFile(
                root / found_part.part.path, page_checksum_verification=True
            ) as file:
                for batch in file.iter_batches(_ROWS_PER_BATCH):
                    rows = pa.Table.from_batches([batch])
                    yield from _bare(rows, question, found_part.publish, runs, number_of)
        except (OSError, KeyError, pa.ArrowException) as problem:
            refuse_limit(problem)
            continue


def _question_of(path: str, institution: str | None) -> Question:
    """The unfiltered question of a partition."""
    keys = dict(folder.split("=", 1) for folder in path.split("/")[1:-1])
    granularity = keys.get("granularity")
    return Question(
        Endpoint.TIMELINE if granularity else Endpoint.TOTAL,
        Kind(keys["entity"]),
        Counter(keys["counter"]),
        Granularity(granularity) if granularity else None,
        institution=institution,
    )


def _bare(
    rows: pa.Table,
    question: Question,
    home: int,
    runs: Mapping[str, int],
    number_of: Callable[[str], int | None],
) -> Iterator[Bare]:
    is_total = question.endpoint is Endpoint.TOTAL
    if not is_total:
        rows = rows.filter(pc.equal(rows["origin"], "derived"))
    columns = {
        name: rows[name].cast(number).to_pylist()
        for name, number in (("harvested_at", LONG), ("period_start", pa.int32()))
        if name in rows.column_names
    }
    for name in ("entity_id", "value", "request_id", "sub_item", "sub_item_id"):
        columns[name] = rows[name].to_pylist() if name in rows.column_names else []
    for at in range(rows.num_rows):
        entity, value = columns["entity_id"][at], columns["value"][at]
        read_at = columns["harvested_at"][at]
        if is_total:
            run_id, _, key = str(columns["request_id"][at]).partition("/")
            number, run = number_of(question.key), runs.get(run_id)
            if number is not None and run and not key.startswith(f"{question.key}/"):
                yield Bare(number, entity, run, 0, home, read_at, value)
            continue
        sub_item, sub_item_id = columns["sub_item"][at], columns["sub_item_id"][at]
        series = question
        if sub_item:
            series = replace(question, sub_item=SubItem(sub_item), sub_item_id=sub_item_id)
        if (number := number_of(series.key)) is not None:
            yield Bare(number, entity, 0, columns["period_start"][at], home, read_at, value)


def entity_rows(root: Path) -> Iterator[tuple[Kind, list[tuple[object, ...]]]]:
    """The rows of entities/ by kind, days and moments as numbers; damaged parts tell nothing."""
    for kind in Kind:
        path = root / entities_path(kind)
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                table = file.read()
        except (OSError, pa.ArrowException) as problem:
            refuse_limit(problem)
            continue
        numbers = {DATE: pa.int32(), MOMENT: LONG}
        columns = [
            (column.cast(numbers[column.type]) if column.type in numbers else column).to_pylist()
            for column in table.columns
        ]
        yield kind, list(zip(*columns, strict=True))


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
        except (OSError, pa.ArrowException) as problem:
            refuse_limit(problem)
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
    except (OSError, pa.ArrowException) as problem:
        refuse_limit(problem)
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
                yield from Tally(pair for pair in pairs if pair[0] is not None).items()
    except (OSError, KeyError, pa.ArrowException) as problem:
        refuse_limit(problem)
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
    except (OSError, KeyError, pa.ArrowException) as problem:
        refuse_limit(problem)
        return
