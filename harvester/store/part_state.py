"""Whether parts on disk are still those that the ledger knows: looked at before one is rewritten.

Bytes that were taken over without asking would get a new hash, and a hole or an edit with them
would pass for ours ever after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from harvester.errors import OutputError
from harvester.model.spool import Part
from harvester.store.part_writer import sha256_of


@dataclass(frozen=True, slots=True)
class DamagedPart:
    """A part that is not the one that was written.

    Attributes:
        path: below the job's folder.
        how: what is wrong with it, to follow its path in a sentence.
    """

    path: str
    how: str


def damage_of_part(root: Path, part: Part, *, hashed: bool) -> DamagedPart | None:
    """What is wrong with a part; None: nothing shows.

    Args:
        root: the job's folder.
        hashed: read it whole; else only its size is looked at.
    """
    path = root / part.path
    try:
        size = path.stat().st_size
        if size != part.bytes:
            how = "was cut off" if size < part.bytes else "was changed"
            sizes = f"{size:,} bytes, the ledger says {part.bytes:,}"
            return DamagedPart(part.path, f"{how} ({sizes})")
        if hashed and sha256_of(path) != part.sha256:
            return DamagedPart(part.path, "was changed (its SHA-256 is not the ledger's)")
    except (FileNotFoundError, NotADirectoryError):
        return DamagedPart(part.path, "is gone")
    return None


def damaged_parts(root: Path, parts: Iterable[Part], hashed: Collection[str]) -> list[DamagedPart]:
    """Every part that is gone, cut or changed, as far as that shows.

    Args:
        hashed: paths of the parts that are read whole.
    """
    looked_at = (damage_of_part(root, part, hashed=part.path in hashed) for part in parts)
    return [each for each in looked_at if each is not None]


def check_unchanged(root: Path, path: str, part: Part | None) -> None:
    """See that a part which is about to be written anew is the one that was written.

    Args:
        path: below the job's folder.
        part: as the ledger knows it; None: it knows of none, and there must be none.

    Raises:
        OutputError: it is another.
    """
    if part is not None:
        damaged = damage_of_part(root, part, hashed=True)
    else:
        stands = (root / path).exists()
        damaged = DamagedPart(path, "is unknown to the ledger") if stands else None
    if damaged:
        raise OutputError(
            f"the part {damaged.path} {damaged.how}; it is not written over",
            where=str(root),
            fix="harvester verify OUTPUT says what is wrong; what was answered is kept, and the "
            "next run says what brings the part back",
        )
