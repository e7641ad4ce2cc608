"""`harvester rebuild`: the statistics datasets, made anew from the raw responses."""

from __future__ import annotations

import sys
from argparse import Namespace

from harvester.cli.format import count
from harvester.cli.job import output_folder
from harvester.cli.verify import ProgressLine
from harvester.clock import SystemClock
from harvester.recovery.rebuild import rebuilt
from harvester.store.folder import JobFolder


def run(arguments: Namespace) -> int:
    """Rebuild all of them, or nothing; the folder is locked as a run locks it."""
    folder = JobFolder(output_folder(arguments))
    done = rebuilt(folder, SystemClock(), ProgressLine().say)
    rows = count(done.rows, "row")
    replaced = count(len(done.replaced), "part")
    same = count(done.same, "part")
    print(f"{rows} from responses/: {replaced} put in place, {same} as before", file=sys.stderr)
    if done.answers:
        told = f"{count(done.answers, 'answer')} of the ledger make other rows now"
        print(f"{told}: their requests/ files say so, too", file=sys.stderr)
    print(folder.root)
    return 0
