"""Where a question's rows lie in the output (contract §3)."""

from __future__ import annotations

from pathlib import PurePosixPath

from harvester.model.question import Question
from harvester.model.rows import PARTITION_KEYS, Dataset
from harvester.model.terms import Endpoint

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
