"""Every column has a meaning, and docs/datasets.md is what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generate.datasets_reference import reference_text
from harvester.model.meanings import ABOUT, MEANINGS, MEANINGS_IN, meaning
from harvester.model.rows import PARTITION_KEYS, SCHEMAS, Dataset

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("dataset", Dataset)
def test_every_column_and_partition_key_has_a_meaning(dataset: Dataset) -> None:
    assert ABOUT[dataset]
    for name in (*SCHEMAS[dataset].names, *PARTITION_KEYS[dataset]):
        assert meaning(dataset, name)


def test_no_meaning_is_of_a_column_that_is_gone() -> None:
    there = {(each, name) for each in Dataset for name in SCHEMAS[each].names}
    keys = {name for each in Dataset for name in PARTITION_KEYS[each]}
    assert MEANINGS.keys() <= {name for _, name in there} | keys
    assert MEANINGS_IN.keys() <= there


def test_the_page_of_datasets_is_as_the_code_writes_it() -> None:
    """`python -m docs.generate.datasets_reference > docs/datasets.md`."""
    assert (ROOT / "docs" / "datasets.md").read_text(encoding="utf-8") == reference_text()
