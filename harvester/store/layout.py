"""Where rows lie in the output (docs/contract.md §3), and the manifest of what stands there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import orjson

from harvester.durable import write_whole
from harvester.model.question import Question
from harvester.model.rows import PARTITION_KEYS, Dataset
from harvester.model.spool import Part
from harvester.model.terms import Endpoint
from harvester.store.folder import JobFolder, output_errors_named

# A partition's own zero-row file: it gives the schema before the first row, and stays.
SCHEMA_FILE = "0-schema.parquet"

_DATASETS: dict[Endpoint, tuple[Dataset, ...]] = {
    Endpoint.TOTAL: (Dataset.TOTALS,),
    Endpoint.COUNT: (Dataset.COUNTS,),
    Endpoint.TOP: (Dataset.TOP,),
    Endpoint.TIMELINE: (Dataset.TIMELINE,),
    Endpoint.BREAKDOWN: (Dataset.COUNTRIES, Dataset.CITIES),
}


def datasets_of(question: Question) -> tuple[Dataset, ...]:
    """The datasets that a question's replies fill."""
    return _DATASETS[question.endpoint]


def partition_path(dataset: Dataset, question: Question) -> PurePosixPath:
    """A dataset's folder for a question, such as `totals/entity=article/counter=views`.

    Values are words of our own enums, so no text of a user or a server becomes a path.
    """
    values = {
        "entity": question.kind.value,
        "counter": question.counter.value if question.counter else "",
        "granularity": question.granularity.value if question.granularity else "",
    }
    folders = [f"{key}={values[key]}" for key in PARTITION_KEYS[dataset]]
    return PurePosixPath(dataset.value, *folders)


def write_manifest(folder: JobFolder, run_id: str, parts: Sequence[Part]) -> None:
    """Replace the manifest by one of these parts, whole or not at all."""
    listed = [
        {"path": part.path, "bytes": part.bytes, "sha256": part.sha256, "rows": part.rows}
        for part in parts
    ]
    text = orjson.dumps({"run_id": run_id, "parts": listed}, option=orjson.OPT_INDENT_2)
    with output_errors_named(folder.root):
        write_whole(folder.manifest, text + b"\n", beside=folder.staging / "manifest.json")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the manifest tells.

    Attributes:
        run_id: the run that wrote it; None: there is none that can be read.
        sha256s: of each part, by path.
    """

    run_id: str | None = None
    sha256s: Mapping[str, str] = field(default_factory=dict)


def read_manifest(path: Path) -> Manifest:
    """Read a manifest; one that is gone or damaged tells nothing."""
    try:
        told = orjson.loads(path.read_bytes())
        return Manifest(
            str(told["run_id"]), {str(each["path"]): str(each["sha256"]) for each in told["parts"]}
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Manifest()
