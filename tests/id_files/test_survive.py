"""A written id survives every typed format: xlsx and Parquet, in each type of cell."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.id_files.support_files import ids, write_xlsx
from tests.support.thorough import examples

numbers = st.integers(1, 10**15 - 1)
items = st.integers(10**4, 10**9 - 1)  # what stands in a DOI or an address
cells = st.one_of(
    numbers.map(lambda n: (n, n)),
    numbers.map(lambda n: (n, float(n))),
    st.integers(1, 10**18 - 1).map(lambda n: (n, str(n))),
    numbers.map(lambda n: (n, f" {n}.0\u00a0")),
    items.map(lambda n: (n, f"doi:10.6084/m9.figshare.{n}.v3")),
    items.map(lambda n: (n, f"https://figshare.com/articles/media/_/{n}")),
)
texts = cells.map(lambda each: (each[0], str(each[1])))
once = settings(
    max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@once
@given(st.lists(cells, min_size=1, max_size=20), st.booleans())
def test_every_way_to_write_an_id_survives_a_workbook(
    tmp_path: Path,
    written: list[tuple[int, object]],
    is_alone: bool,  # noqa: FBT001
) -> None:
    around: list[object] = [] if is_alone else ["x"]
    rows = [[*around, "Item ID"], *([*around, cell] for _, cell in written)]
    found = ids(write_xlsx(tmp_path / "x.xlsx", rows))
    assert found == tuple(sorted({number for number, _ in written}))


@once
@given(
    st.one_of(
        st.tuples(
            st.lists(numbers.map(lambda n: (n, n))),
            st.sampled_from([pa.int64(), pa.uint64(), pa.float64(), pa.decimal128(20, 0)]),
        ),
        st.tuples(
            st.lists(texts),
            st.sampled_from([pa.string(), pa.large_string(), pa.binary(), pa.string_view()]),
        ),
        st.tuples(st.lists(numbers.map(lambda n: (n, Decimal(n)))), st.just(pa.decimal128(30, 5))),
    ).filter(lambda each: bool(each[0]))
)
def test_every_type_that_holds_an_id_survives_parquet(
    tmp_path: Path, drawn: tuple[list[tuple[int, object]], pa.DataType]
) -> None:
    written, kind = drawn
    column = pa.array([cell for _, cell in written]).cast(kind)
    pq.write_table(pa.table({"n": range(len(written)), "id": column}), tmp_path / "x.parquet")
    assert ids(tmp_path / "x.parquet") == tuple(sorted({number for number, _ in written}))
