"""Which column of a table holds the ids: the one that is named, or a single obvious one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.entities.cell import Cell, Complaint, bare, is_blank
from harvester.entities.ids import is_name, read_id
from harvester.model.terms import Kind
from harvester.model.wording import nearest, quoted

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
class Column:
    """The column of the ids.

    Attributes:
        index: from 0.
        name: as the first row writes it, without blanks around; None: there is no header, and
            the first row is data already.
    """

    index: int
    name: str | None


def choose(
    first: Sequence[Cell], wanted: str | None, kind: Kind, *, has_names: bool = False
) -> Column | Complaint:
    """Find the column of the ids in the first row of a table.

    Args:
        first: the cells of the first row that is not blank.
        wanted: the name that the user wrote; None: none.
        has_names: the format itself says that these are names.
    """
    names = {index: bare(str(cell)) for index, cell in enumerate(first) if not is_blank(cell)}
    if not names:
        return Complaint("the first row is blank")
    is_header = has_names or any(is_name(cell) for cell in first)
    if wanted is not None:
        return _named(names, wanted, is_header=is_header)
    if len(names) == 1:
        ((index, name),) = names.items()
        return Column(index, name if is_header else None)
    return _obvious(names, kind, first, is_header=is_header)


def _named(names: dict[int, str], wanted: str, *, is_header: bool) -> Column | Complaint:
    sought = bare(wanted)
    for same in (str, str.casefold):
        found = [index for index, name in names.items() if same(name) == same(sought)]
        if len(found) == 1:
            return Column(found[0], names[found[0]])
        if found:
            numbers = " and ".join(str(index + 1) for index in found)
            return Complaint(
                f"{quoted(wanted)} is the name of columns {numbers}: rename all but one"
            )
    if not is_header and len(names) == 1:
        return Complaint(
            f"{quoted(wanted)} is no column: the file has a single one without a name, so leave "
            "'column' out"
        )
    near = nearest(sought, {name.lower() for name in names.values()})
    meant = next((name for name in names.values() if name.lower() == near), None)
    hint = f": did you mean {quoted(meant)}?" if meant else ""
    return Complaint(f"{quoted(wanted)} is no column of the file ({_list(names)}){hint}")


def _obvious(
    names: dict[int, str], kind: Kind, first: Sequence[Cell], *, is_header: bool
) -> Column | Complaint:
    for spellings in _OBVIOUS[kind]:
        found = [index for index, name in names.items() if _plain(name) in spellings]
        if len(found) == 1 and is_header:
            return Column(found[0], names[found[0]])
        if found:
            break
    if not is_header and any(isinstance(read_id(each, kind), int) for each in first):
        return Complaint(
            f"its {len(names)} columns have no names: write a first row of names, and the one "
            "with the ids under 'column'"
        )
    return Complaint(f"which column holds the ids? Write 'column' with one of: {_list(names)}")


def _plain(name: str) -> str:
    """`Item ID`, `item-id` and `ITEM_ID` are one spelling."""
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _list(names: dict[int, str]) -> str:
    shown = ", ".join(quoted(name) for name in list(names.values())[:_LISTED])
    more = len(names) - _LISTED
    return f"{shown} and {more:,} more" if more > 0 else shown
