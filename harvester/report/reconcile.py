"""Endpoints against each other, for a report: what `verify` compares, without the files."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from harvester.errors import HarvestError
from harvester.ledger.ledger import Ledger
from harvester.machine_limits import refuse_limit
from harvester.replay.archive import Archive
from harvester.report.job_facts import ReportFinding
from harvester.store.folder import JobFolder
from harvester.verify.dataset_check import check_endpoints, readable_files
from harvester.verify.finding import Report, Severity
from harvester.verify.verifier import may_be_read

_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "note"}


def reconciliation(folder: JobFolder) -> tuple[list[ReportFinding] | None, str]:
    """What a comparison finds, the worst first; None, and why, where nothing can be compared."""
    if folder.holder() is not None:
        return None, "a run is writing at this moment"
    report = Report()
    try:
        with Ledger(folder.ledger, read_only=True) as ledger:
            files = readable_files(folder.root, set(), may_be_read)
            archive = Archive(folder, ledger)
            check_endpoints(archive, files, report, lambda _: None, all_is_there=True)
    except (HarvestError, OSError, duckdb.Error, pa.ArrowException) as problem:
        refuse_limit(problem)
        return None, f"the folder may be damaged ({str(problem).splitlines()[0]})"
    return [
        ReportFinding(_WORDS[severity], each.what, each.where)
        for severity in Severity
        for each in report.of(severity)
    ], ""
