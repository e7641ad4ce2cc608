"""How many rows Parquet files hold, and how many different ones: `KEY,KEY FILE ...`.

A file that cannot be read, for it was never finished, holds none.
"""

from __future__ import annotations

import sys
from contextlib import suppress

import duckdb


def main(key: str, paths: list[str]) -> None:
    whole = []
    for path in paths:
        with suppress(duckdb.Error):
            duckdb.execute("select count(*) from read_parquet(?)", [[path]])
            whole.append(path)
    found = (0, 0)
    if whole:
        sql = f"select count(*), count(distinct ({key})) from read_parquet(?)"
        ((rows, different),) = duckdb.execute(sql, [whole]).fetchall()
        found = int(rows), int(different)
    print(*found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
