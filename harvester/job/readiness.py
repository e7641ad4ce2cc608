"""What would stop a run hours later, looked for before its first request."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from harvester.errors import OutputError
from harvester.job.settings import JobSettings
from harvester.job.workspace import Workspace
from harvester.model.rows import Dataset
from harvester.store.folder import ONE_FILE_SYSTEM, JobFolder, output_errors_named

# A connection has a file, and one more at the embedded simulator; ledger, log, parts, Python's own
# and whoever uses us as a library have the rest.
FILES_A_CONNECTION, FILES_BESIDE = 2, 64
# The ledger's log grows to 4 MB before it is folded back, and what is published stands twice while
# it is staged. What a whole harvest needs, nobody knows before it is answered.
LEAST_FREE_BYTES = 32 * 2**20


def check_ready(settings: JobSettings, out: Workspace) -> None:
    """See that the machine will let a run write what it gets.

    Raises:
        OutputError: it will not: what is in the way, where, and how to mend it.
    """
    _files_enough(settings.concurrency)
    with output_errors_named(out.folder.root):
        parts = (part.path for part in out.ledger.publish_log.parts())
        for folder in _folders(out.folder.root, parts):
            _check_folder(out.folder, folder)
        free = shutil.disk_usage(out.folder.staging).free
        if free < LEAST_FREE_BYTES:
            raise OutputError(
                f"only {free / 2**20:.1f} MB are free on this disk",
                where=str(out.folder.root),
                fix=f"make room: {LEAST_FREE_BYTES // 2**20} MB at least, and more for a large job",
            )
    out.folder.probe()


def _files_enough(connections: int) -> None:
    """Have the system let this process open as many files as a run may need."""
    needed = FILES_BESIDE + FILES_A_CONNECTION * connections
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY or allowed >= needed:
        return
    if most == resource.RLIM_INFINITY or most >= needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, most))
        return
    fewer = (most - FILES_BESIDE) // FILES_A_CONNECTION
    less = f", or set limits.concurrency to {fewer}" if fewer > 0 else ""
    raise OutputError(
        f"this process may open {most} files, and {connections} requests at once need {needed}",
        where="limits.concurrency",
        fix=f"let it open more: ulimit -n {needed}{less}",
    )


def _folders(root: Path, parts: Iterable[str]) -> Iterator[Path]:
    """Every folder that parts lie in or will lie in, each once, outer ones first."""
    found = {Path(dataset.value) for dataset in Dataset}
    for path in parts:
        found.update(Path(path).parents)
    return (root / each for each in sorted(found))


def _check_folder(folder: JobFolder, path: Path) -> None:
    name = path.relative_to(folder.root)
    if not path.exists():
        return
    if not path.is_dir():
        raise OutputError(
            f"a file stands where the folder {name}/ should be",
            where=str(folder.root),
            fix="move it away: it is none of ours",
        )
    if path.stat().st_dev != folder.staging.stat().st_dev:
        raise OutputError(
            f"{name}/ lies on another file system than _harvest/staging/",
            where=str(folder.root),
            fix=ONE_FILE_SYSTEM,
        )
    if not os.access(path, os.W_OK | os.X_OK):
        raise OutputError(
            f"the folder {name}/ may not be written",
            where=str(folder.root),
            fix=f"see whether it is yours: chmod u+rwx {path}",
        )
