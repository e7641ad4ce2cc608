"""Every line that a user reads about a wrong key or value, exactly as it stands in `tables/`.

A table begins with a spec, marked `| `; each case then puts one text in the place of
`<here>`, and below it, indented, stand the lines that come of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.spec.support_spec import mistakes

TABLES = Path(__file__).parent / "tables"


def _cases() -> Iterator[ParameterSet]:
    for table in sorted(TABLES.glob("*.txt")):
        lines = table.read_text(encoding="utf-8").splitlines()
        spec = "".join(f"{each[2:]}\n" for each in lines if each.startswith("| "))
        written: dict[str, list[str]] = {}
        here = ""
        for line in lines:
            if line.startswith("    "):
                written[here].append(line.strip())
            elif line and not line.startswith("| "):
                here = line
                written[here] = []
        for text, said in written.items():
            name = f"{table.stem}: {text[:60]}"
            yield pytest.param(spec.replace("<here>", text), said, id=name)


@pytest.mark.parametrize(("spec", "said"), list(_cases()))
def test_each_wrong_value_of_a_table_is_told_with_its_place(spec: str, said: list[str]) -> None:
    assert said
    assert mistakes(spec) == said
