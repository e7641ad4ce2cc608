"""What lies in a job's folder beside its parts: strangers, leftovers, the manifest, permissions."""

from __future__ import annotations

import re
import stat
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import orjson

from harvester.model.rows import Dataset
from harvester.model.spool import Part
from harvester.verify.finding import Finding, error, information, warning

# Windows, macOS, Spark and Hadoop, network file systems, editors' backups and swap files.
_LITTER = re.compile(
    r"Thumbs\.db|ehthumbs\.db|desktop\.ini|\.DS_Store|\._.*|Icon\r|\.directory|_SUCCESS|_started_.*"
    r"|_committed_.*|\..*\.crc|\.nfs[0-9a-f]+|.*~|#.*#|\..*\.sw[a-p]|.*\.bak",
    re.IGNORECASE,
)
_DATASETS = {each.value for each in Dataset}


def strangers(root: Path, known: Collection[str]) -> Iterator[Finding]:
    """Files that the ledger does not know; nothing is deleted, they may be somebody's."""
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        top = name.partition("/")[0]
        if name in known or top == "_harvest" or path.is_dir():
            continue
        if is_litter(path.name):
            what = "an operating system, an editor or another tool left this here; it is no data"
            yield information("unknown-file", what, name)
        elif top not in _DATASETS and not (path.parent != root and path.suffix == ".parquet"):
            what = "this file is not ours; it is no data of a dataset"
            yield information("unknown-file", what, name)
        elif path.suffix == ".parquet":
            what = "the ledger does not know this file, and readers that glob take its rows as data"
            fix = (
                "move it out of the folder; is it newer than the ledger (put back from a backup), "
                "harvester verify OUTPUT --repair takes it in"
            )
            yield error("unknown-file", what, name, fix)
        else:
            what = "the ledger does not know this file"
            yield warning("unknown-file", what, name, "move it out of the folder")


def is_litter(name: str) -> bool:
    """Whether a file is one that systems and editors leave beside others; no reader takes it."""
    return _LITTER.fullmatch(name) is not None


def leftovers(staging: Path) -> Iterator[Finding]:
    """What a killed run has left in staging."""
    names = sorted(path.name for path in staging.iterdir()) if staging.is_dir() else []
    if names:
        what = f"{len(names)} files of a run that was killed, such as {names[0]}"
        fix = "nothing: the next `run` or `rebuild` clears them, no data is in them alone"
        yield information("staging-leftover", what, "_harvest/staging/", fix)


def manifest(path: Path, parts: Sequence[Part]) -> Iterator[Finding]:
    """The manifest against the ledger, when no run is under way."""
    where = "_harvest/manifest.json"
    fix = "harvester rebuild OUTPUT writes it anew"
    try:
        listed = orjson.loads(path.read_bytes())["parts"]
        said = {each["path"]: (each["bytes"], each["sha256"], each["rows"]) for each in listed}
    except FileNotFoundError:
        yield warning("manifest", "there is no manifest", where, fix)
        return
    except (OSError, ValueError, KeyError, TypeError):
        yield warning("manifest", "the manifest cannot be read", where, fix)
        return
    ours = {part.path: (part.bytes, part.sha256, part.rows) for part in parts}
    if wrong := sorted(name for name in {*said, *ours} if said.get(name) != ours.get(name)):
        what = f"it does not say what the ledger does of {len(wrong)} parts, such as {wrong[0]}"
        yield warning("manifest", what, where, fix)


def permissions(root: Path, ledger: Path) -> Iterator[Finding]:
    """The folder is its owner's alone: numbers of embargoed items are nobody else's."""
    for path, mode in ((root, 0o700), (ledger, 0o600)):
        found = stat.S_IMODE(path.stat().st_mode)
        if found & 0o077:
            what = f"others on this machine can read it (mode {found:03o})"
            name = "." if path == root else path.relative_to(root).as_posix()
            yield warning("permissions", what, name, f"chmod {mode:o} {path}")
