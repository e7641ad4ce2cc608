"""Files of requests/ that an older version wrote: brought up to the columns of today.

All files of a dataset have the same columns, so that a plain glob reads them; and an older file's
days are no less worth telling apart.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run
from harvester.model.dates import Window, day_of, epoch_day
from harvester.model.request import read_request
from harvester.model.shown_days import ShownDays
from harvester.model.spool import Part
from harvester.store.commit import Decisions, commit
from harvester.store.folder import JobFolder, output_errors_named
from harvester.store.part_writer import Staging
from harvester.store.requests import lacks_shown_days, requests_path, with_shown_days


def complete_older_requests(
    folder: JobFolder, ledger: Ledger, decisions: Decisions, run: int
) -> list[str]:
    """Give the files of earlier runs the columns that they lack; their paths.

    A file that is gone or damaged stays as it is: that is for `verify` to find.

    Args:
        run: the run under way, or the latest.

    Raises:
        OutputError: they cannot be written.
    """
    known = {part.path for part in ledger.publish_log.parts()}
    older = [path for path in map(requests_path, ledger.runs.ids().values()) if path in known]
    older = [path for path in older if _is_older(folder, path)]
    if not older:
        return []
    number = ledger.publish_log.next_number()
    with output_errors_named(folder.root):
        staging = Staging(folder.staging, number)
        parts = [
            part
            for each in ledger.runs.all()
            if requests_path(each.run_id) in older
            if (part := _completed(folder, ledger, staging, each))
        ]
        commit(folder, decisions, run, number, parts)
    return [part.path for part in parts]


def _is_older(folder: JobFolder, path: str) -> bool:
    try:
        return lacks_shown_days(folder.root / path)
    except (OSError, pa.ArrowException):
        return False


def _completed(folder: JobFolder, ledger: Ledger, staging: Staging, run: Run) -> Part | None:
    path = requests_path(run.run_id)
    days = _DaysOfRun(ledger, run)
    try:
        return with_shown_days(staging, folder.root / path, path, days.of)
    except pa.ArrowException:
        return None


class _DaysOfRun:
    """Which days fill datasets, by the request_id of one run."""

    def __init__(self, ledger: Ledger, run: Run) -> None:
        self._begins = f"{run.run_id}/"
        self._shown = ShownDays(run.wanted)
        self._institution = next(
            (each.question.institution for each in run.wanted if each.window), None
        )
        self._cut = {
            (each.question, *slot): day_of(last)
            for each in run.wanted
            if each.window
            for slot, last in ledger.answers.cut_before(
                run.number, each.question, epoch_day(each.window.last)
            ).items()
        }

    def of(self, request_id: str) -> Window | None:
        """The days of a row; None: none, or its request_id is no key of ours."""
        key = request_id.removeprefix(self._begins)
        try:
            request = read_request(key.removeprefix("not-needed/"), self._institution)
        except ValueError:
            return None
        if key.startswith("not-needed/"):
            return self._shown.of(request)
        shown_to = self._cut.get((request.question, *request.slot))
        return self._shown.of(replace(request, shown_to=shown_to))
