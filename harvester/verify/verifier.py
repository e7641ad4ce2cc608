"""Whether a job's output is whole and true: every check in turn; nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zlib import crc32

import pyarrow as pa
import pyarrow.parquet as pq

from harvester.errors import OutputError
from harvester.ledger.database import MEND, damage_of
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import RunState
from harvester.machine_limits import refuse_limit
from harvester.model.rows import SCHEMAS, Dataset
from harvester.model.spool import Part
from harvester.replay.archive import Archive, Unknown, bodies_in, is_body_part
from harvester.store.folder import JobFolder
from harvester.verify.dataset_check import check_endpoints, readable_files
from harvester.verify.finding import Report, error, information, warning
from harvester.verify.part_check import REPAIR, checked_part, one_line
from harvester.verify.request_check import RequestCheck, shown
from harvester.verify.row_check import RowCheck
from harvester.verify.surroundings import leftovers, manifest, permissions, strangers

_SAMPLE_PARTS = 1 << 16


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """How thoroughly to look.

    Attributes:
        sample: the share of entities whose rows are compared with responses, in (0, 1].
        salt: another one chooses other entities.
        say: told how far it is.
    """

    sample: float = 1.0
    salt: str = ""
    say: Callable[[str], None] = _silent

    def chosen(self) -> Callable[[int], bool] | None:
        """Whether an entity belongs to the sample; None: all do."""
        return partial(_is_chosen, self.sample, self.salt) if self.sample < 1 else None


def verified(folder: JobFolder, options: VerifyOptions | None = None) -> Report:
    """Check a job's output; also beside a live run.

    Raises:
        OutputError: the ledger is gone, damaged, or of another version.
    """
    report = Report(is_live=folder.holder() is not None)
    if damage := damage_of(folder.ledger):
        raise OutputError(
            f"the ledger cannot be used: {damage}", where=str(folder.ledger), fix=MEND
        )
    with Ledger(folder.ledger, read_only=True) as ledger:
        return _Verifying(Archive(folder, ledger), report, options or VerifyOptions()).all()


class _Verifying:
    """One pass over a job's output."""

    def __init__(self, archive: Archive, report: Report, options: VerifyOptions) -> None:
        self._archive = archive
        self._folder = archive.folder
        self._report = report
        self._options = options
        self._say = options.say
        self._parts = archive.ledger.publish_log.parts()
        self._bad: set[str] = set()
        self._wrong: set[str] = set()
        self._keeps_all = True
        # Decided, and on their way: the files are the old ones, or there are none yet.
        on_the_way = archive.ledger.publish_log.unfinished()
        self._moved = {part.path for publish in on_the_way for part in publish.parts}
        archive.ledger.audit.begin()

    def all(self) -> Report:
        """Every check."""
        self._files()
        self._bodies()
        good = {part.path for part in self._parts} - self._bad
        RequestCheck(self._archive, good, self._report).check()
        self._rows()
        self._around()
        self._endpoints()
        if moved := self._moved & self._bad:
            self._report.left_out.append(f"{len(moved)} parts that are just being replaced")
        return self._report

    def _files(self) -> None:
        for number, part in enumerate(self._parts, start=1):
            self._say(f"reading files: {number:,} of {len(self._parts):,}")
            # What is compared with responses is read page by page then.
            pages = part.path.startswith(f"{Dataset.REQUESTS}/")
            if found := checked_part(self._folder.root, part, pages=pages):
                self._bad.add(part.path)
                if part.path not in self._moved and not self._replaced(part.path):
                    self._report.add(found)
            else:
                self._report.count("files")
                self._report.count("bytes", part.bytes)

    def _bodies(self) -> None:
        """Every answer against its body: here, once, of the right moment and URL."""
        self._say("reading responses/")
        audit, unknown = self._archive.ledger.audit, Unknown()
        for part in self._parts:
            if not is_body_part(part.path) or part.path in self._bad:
                continue
            try:
                audit.take_bodies(bodies_in(self._archive, [part.path], unknown))
            except (OSError, pa.ArrowException) as problem:
                refuse_limit(problem)
                self._bad.add(part.path)
                audit.forget_bodies(self._archive.publish_of(part.path))
                what = f"it cannot be read: {one_line(problem)}"
                self._report.add(error("file-unreadable", what, part.path, REPAIR))
        self._archive.sort_answers()
        if unknown:
            what = f"{len(unknown):,} responses are of no request we know, such as {unknown[0]}"
            self._report.add(error("body-unknown", what, "responses/", REPAIR))
        if strange := audit.bodies_unknown():
            what = (
                f"{strange.number:,} responses have no answer in the ledger, such as "
                f"{shown(self._archive, strange)}"
            )
            self._report.add(error("ledger-behind", what, "_harvest/ledger.sqlite", REPAIR))
        if differing := audit.bodies_differing():
            what = (
                f"{differing.number:,} answers have another status or moment in the ledger than "
                f"in responses/, such as {shown(self._archive, differing)}"
            )
            self._report.add(error("body-differs", what, "_harvest/ledger.sqlite", REPAIR))
        self._without_bodies()

    def _without_bodies(self) -> None:
        names = self._archive.ledger.publish_log.names()
        # One without rows stands where bodies were given up (`run --refetch`).
        known = {part.path for part in self._parts if part.rows}
        unkept = 0
        for publish, missing, answers in self._archive.ledger.audit.without_body():
            path = f"{Dataset.RESPONSES}/{names[publish]}"
            told = f"{missing:,} of {answers:,} answers have no body here"
            if path not in known:
                unkept += missing
            elif path in self._bad:
                left = f"the values of {missing:,} answers: their bodies in {path} cannot be read"
                self._report.left_out.append(left)
            else:
                fix = "put responses/ back from a backup; their rows cannot be checked or rebuilt"
                self._report.add(error("body-missing", told, path, fix))
        self._keeps_all = not unkept
        if unkept:
            what = (
                f"{unkept:,} answers are here without their bodies (output.raw: false, or given up)"
            )
            self._report.add(information("no-raw-responses", what, "responses/"))
            self._report.left_out.append(f"the values of {unkept:,} answers without raw responses")

    def _rows(self) -> None:
        if self._options.sample < 1:
            share = f"{100 * self._options.sample:g} %"
            left = f"the rows of all entities but a sample of {share} against their responses"
            self._report.left_out.append(left)
        rows = RowCheck(
            self._archive,
            self._bad,
            self._report,
            chosen=self._options.chosen(),
            replaced=self._replaced,
            say=self._say,
        )
        rows.check(keeps_bodies=self._keeps_all)
        self._wrong = rows.wrong

    def _around(self) -> None:
        folder, report = self._folder, self._report
        latest = self._archive.ledger.runs.latest()
        for found in strangers(folder.root, {part.path for part in self._parts}):
            if not (report.is_live and self._fresh(found.where)):
                report.add(found)
        report.add(*permissions(folder.root, folder.ledger))
        if report.is_live:
            return
        report.add(*leftovers(folder.staging))
        if latest and latest.state is not RunState.UNFINISHED:
            report.add(*manifest(folder.manifest, self._parts))
        for publish in self._archive.ledger.publish_log.unfinished():
            what = f"publish {publish.number} was decided, and a crash kept it from being in place"
            fix = "harvester run JOB, or harvester rebuild OUTPUT: either carries it out first"
            report.add(warning("publish-unfinished", what, "_harvest/ledger.sqlite", fix))
        if waiting := self._archive.ledger.publish_log.waiting():
            replies = sum(number for number, _ in waiting.values())
            what = f"{replies:,} answers wait in the spool for the next publish"
            report.add(information("spool", what, "_harvest/ledger.sqlite", "harvester run JOB"))

    def _endpoints(self) -> None:
        whole = not (self._bad or self._wrong or self._report.is_live)
        if not whole:
            why = "a run is writing" if self._report.is_live else "parts are missing or wrong"
            self._report.left_out.append(f"endpoints against each other: {why}")
        files = readable_files(self._folder.root, self._bad, may_be_read)
        check_endpoints(self._archive, files, self._report, self._say, all_is_there=whole)

    def _replaced(self, path: str) -> bool:
        """Whether the live run has decided about this part since we began."""
        if not self._report.is_live:
            return False
        if path in self._moved:
            return True
        ours = next((part for part in self._parts if part.path == path), None)
        fresh = self._fresh(path)
        if fresh is None or fresh == ours:
            return False
        self._moved.add(path)
        return True

    def _fresh(self, path: str) -> Part | None:
        with Ledger(self._folder.ledger, read_only=True) as ledger:
            return next((each for each in ledger.publish_log.parts() if each.path == path), None)


def _is_chosen(share: float, salt: str, entity: int) -> bool:
    return crc32(f"{salt}/{entity}".encode()) % _SAMPLE_PARTS < share * _SAMPLE_PARTS


def may_be_read(path: Path, dataset: Dataset) -> bool:
    """Whether a file is Parquet of this dataset; others have their own finding."""
    try:
        return bool(pq.read_schema(path).remove_metadata().equals(SCHEMAS[dataset]))
    except (OSError, pa.ArrowException) as problem:
        refuse_limit(problem)
        return False
