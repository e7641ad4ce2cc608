"""`harvester init`: a commented job spec to start from."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from harvester.errors import OutputError, UsageError
from harvester.spec.template import STARTER


def run(arguments: Namespace) -> int:
    """Write the starter spec; an existing file is never overwritten."""
    path: Path = arguments.path
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(STARTER)
    except FileExistsError:
        raise UsageError(
            "there is a file of this name already",
            where=str(path),
            fix="name another one: harvester init my-job.yaml",
        ) from None
    except OSError as error:
        raise OutputError(
            f"it cannot be written: {error.strerror}",
            where=str(path),
            fix="name a place that is yours to write",
        ) from None
    print(f"wrote {path}: open it, put in your ids, then: harvester check {path}", file=sys.stderr)
    return 0
