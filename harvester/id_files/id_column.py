"""Which column of a table holds the ids: the one that is named, or a single obvious one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harvester.id_files.cell import Cell, Complaint, bare, is_blank
from harvester.id_files.ids import is_name, read_id
from harvester.model.suggestions import nearest, quoted
from harvester.model.terms import Kind

_LISTED = 30  # names in one sentence

# Spellings that say whose ids a column holds, the surest first; a DOI is the last resort.
_OBVIOUS: dict[Kind, tuple[frozenset[str], ...]] = {
    kind: (
        frozenset({f"{kind}_id", f"{kind}id", f"figshare_{kind}_id", *also}),
        frozenset({"figshare_id", "id", "ids", f"{kind}", f"{kind}s", f"{kind}_ids"}),
        dois,
    )
    for kind, also, dois in (
        (Kind.ARTICLE, ("item_id", "itemid"), frozenset({"doi", "dois", "url"})),
        (Kind.AUTHOR, ("user_id", "userid"), frozenset({"url"})),
        (Kind.COLLECTION, (), frozenset({"doi", "dois", "url"})),
        (Kind.GROUP, (), frozenset()),
        (Kind.PROJECT, (), frozenset({"url"})),
    )
}


@dataclass(frozen=True, slots=True)
class IdColumn:
    """The column of a table that holds the ids.

    Attributes:
        index: from 0.
        name: as the first row writes it, without blanks around; None: there is no header, and
            the first row is data already.
    """

    index: int
    name: str | None


def choose_column(
    first: Sequence[Cell], wanted: str | None, kind: Kind, *, has_names: bool = False
) -> IdColumn | Complaint:
    """Find the column of the ids in the first row of a table.

    Args:
        first: the cells of the first row that is not blank.
        wanted: the name that the user wrote; None: none.
        has_names: the format itself says that these are names.
    """
    names = {index: bare(str(cell)) for index, cell in enumerate(first) if not is_blank(cell)}
    if not names:
        return Complaint("the first row is blank")
    is_data = not has_names and any(isinstance(read_id(cell, kind), int) for cell in first)
    if len(names) == 1 and not has_names and not any(is_name(cell) for cell in first):
        return _nameless(next(iter(names)), wanted)
    if wanted is not None:
        return _named(names, wanted, kind, has_names=has_names)
    if len(names) == 1:
        return IdColumn(*next(iter(names.items())))
    return _obvious(names, kind, is_data=is_data)


def _nameless(index: int, wanted: str | None) -> IdColumn | Complaint:
    if wanted is None:
        return IdColumn(index, None)
    return Complaint(
        f"{quoted(wanted)} is no column: the file has a single one without a name, so leave "
        "'column' out"
    )


def _named(
    names: dict[int, str], wanted: str, kind: Kind, *, has_names: bool
) -> IdColumn | Complaint:
    found = find_column(names, wanted)
    if isinstance(found, Complaint):
        return found
    if not has_names and isinstance(read_id(bare(wanted), kind), int):
        return Complaint(
            f"{quoted(wanted)} is an id, not a name: write a first row of names into the file"
        )
    return IdColumn(found, names[found])


def find_column(names: Mapping[int, str], wanted: str) -> int | Complaint:
    """The index of a column by its name, without regard to case where that is needed."""
    sought = bare(wanted)
    for same in (str, str.casefold):
        found = [index for index, name in names.items() if same(name) == same(sought)]
        if len(found) > 1:
            numbers = " and ".join(str(index + 1) for index in found)
            return Complaint(f"{quoted(wanted)} names the columns {numbers}: rename all but one")
        if found:
            return found[0]
    near = nearest(sought, {name.lower() for name in names.values()})
    meant = next((name for name in names.values() if name.lower() == near), None)
    hint = f": did you mean {quoted(meant)}?" if meant else ""
    return Complaint(f"{quoted(wanted)} is no column of the file ({_list(names)}){hint}")


def _obvious(names: dict[int, str], kind: Kind, *, is_data: bool) -> IdColumn | Complaint:
    for spellings in _OBVIOUS[kind]:
        found = [index for index, name in names.items() if spelling(name) in spellings]
        if len(found) == 1:
            return IdColumn(found[0], names[found[0]])
        if found:
            break
    rather = "; if these are no names, write a first row of names into the file" if is_data else ""
    return Complaint(
        f"which column holds the ids? Write 'column' with one of: {_list(names)}{rather}"
    )


def spelling(name: str) -> str:
    """`Item ID`, `item-id` and `ITEM_ID` are one spelling."""
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _list(names: Mapping[int, str]) -> str:
    shown = ", ".join(quoted(name) for name in list(names.values())[:_LISTED])
    more = len(names) - _LISTED
    return f"{shown} and {more:,} more" if more > 0 else shown
