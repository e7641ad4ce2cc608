"""No key twice within a dataset, across all its files."""

from __future__ import annotations

from harvester.model.rows import KEYS, PARTITION_KEYS, Dataset
from harvester.verify.finding import Finding, error
from harvester.verify.workbench import Workbench

# Rows whose keys are counted at once; the hashes of more would not fit the memory.
_ROWS_AT_ONCE = 2_000_000


def doubled(bench: Workbench, dataset: Dataset) -> Finding | None:
    """The rows of a dataset whose key stands more than once."""
    columns = [*PARTITION_KEYS[dataset], *KEYS[dataset]]
    names = ", ".join(columns)
    (rows,) = bench.row(f"SELECT count(*) FROM {dataset.value}")
    shares = 1 + rows // _ROWS_AT_ONCE
    keys, example = 0, ""
    for share in range(shares):
        # Hashes are a fraction of the keys; those that meet are looked at themselves.
        found = bench.rows(
            f"WITH met AS (SELECT hash({names}) AS h FROM {dataset.value}"
            f" WHERE hash({names}) % {shares} = {share} GROUP BY 1 HAVING count(*) > 1)"
            f" SELECT {names}, count(*) AS times FROM {dataset.value}"
            f" WHERE hash({names}) IN (SELECT h FROM met) GROUP BY ALL HAVING count(*) > 1"
            " ORDER BY ALL"
        )
        keys += len(found)
        if found and not example:
            pairs = zip(columns, found[0], strict=False)
            example = ", ".join(f"{name} {value}" for name, value in pairs if value is not None)
    if not keys:
        return None
    what = f"{keys:,} key{'s'[: keys != 1]} stand more than once, such as {example}"
    return error(
        "key-twice",
        what,
        f"{dataset}/",
        "sums over it are too high: move files that verify calls unknown out of the folder, then "
        "harvester rebuild OUTPUT",
    )
