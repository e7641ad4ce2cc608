"""The rows of every part against the raw responses that made them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa

from harvester.machine_limits import refuse_limit
from harvester.model.question import Question
from harvester.model.rows import SCHEMAS, Dataset
from harvester.replay.archive import Archive
from harvester.replay.expected import ExpectedRows, expected_rows
from harvester.replay.replay import Discrepancy, DiscrepancyKind
from harvester.store.layout import SCHEMA_FILE, datasets_of, partition_path
from harvester.verify.contents import PartRows, compared
from harvester.verify.difference import Difference
from harvester.verify.finding import Report, error
from harvester.verify.part_check import REPAIR, one_line

Chosen = Callable[[int], bool] | None
_TROUBLES = {
    DiscrepancyKind.CHANGED: (
        "body-changed",
        "put responses/ back from a backup; what it made is kept",
    ),
    DiscrepancyKind.NOT_READ: ("body-not-read", "the parser refuses what it once took: report it"),
    DiscrepancyKind.OTHER_ROWS: ("ledger-rows", "harvester rebuild OUTPUT"),
    DiscrepancyKind.NOT_DERIVED: ("not-worked-out", REPAIR),
}


class RowCheck:
    """Compares every part with what its responses say, both ways."""

    def __init__(
        self,
        archive: Archive,
        bad: set[str],
        report: Report,
        *,
        chosen: Chosen,
        replaced: Callable[[str], bool],
        say: Callable[[str], None],
    ) -> None:
        """Check into this report.

        Args:
            bad: parts that cannot be read, or are not the ones that were written.
            chosen: whether to compare the rows of an entity; None: all.
            replaced: whether a run has put another file in a part's place meanwhile.
            say: told how far it is.
        """
        self._archive = archive
        self._bad = bad
        self._report = report
        self._chosen = chosen
        self._replaced = replaced
        self._say = say
        self._known = {part.path for part in archive.ledger.publish_log.parts()}
        self._troubles: Counter[DiscrepancyKind] = Counter()
        self._examples: dict[DiscrepancyKind, Discrepancy] = {}
        self.wrong: set[str] = set()

    def check(self, *, keeps_bodies: bool) -> None:
        """Check all partitions.

        Args:
            keeps_bodies: no answer was kept without its raw response.
        """
        names = self._archive.ledger.publish_log.names()
        publishes = {name: number for number, name in names.items()}
        for number, partition in enumerate(self._archive.partitions):
            some = partition.some
            homes = set(self._archive.ledger.answer_index.homes(number))
            for dataset in partition.datasets:
                folder = str(partition_path(dataset, some))
                mine = (Path(path) for path in self._known if str(Path(path).parent) == folder)
                homes |= {publishes[path.name] for path in mine if path.name in publishes}
            for home in sorted(homes):
                if partition.is_evidence:
                    self._evidence(number, home, some)
                else:
                    self._part(number, home, some, names[home])
        for trouble, count in self._troubles.items():
            check, fix = _TROUBLES[trouble]
            if trouble is DiscrepancyKind.NOT_DERIVED and not keeps_bodies:
                left = f"{count:,} answers worked out of others, which have no raw responses"
                self._report.left_out.append(left)
                continue
            doubt = self._examples[trouble]
            what = f"{count:,} responses: {doubt.sentence} (request {doubt.request_id})"
            self._report.add(error(check, what, "responses/", fix))

    def _evidence(self, partition: int, home: int, some: Question) -> None:
        """Answers without rows: what the ledger concluded from them is in their bodies."""
        self._say(f"comparing evidence: {some.key}")
        chosen = None if some.is_ranking_of_all else self._chosen
        try:
            for stretch in expected_rows(
                some, self._archive.replayer.retold(partition, home, chosen)
            ):
                self._take(stretch)
        except (OSError, pa.ArrowException) as problem:
            refuse_limit(problem)
            self._unreadable("responses/", problem)

    def _part(self, partition: int, home: int, some: Question, name: str) -> None:
        paths = {each: str(partition_path(each, some) / name) for each in datasets_of(some)}
        self._say(f"comparing {paths[datasets_of(some)[0]]}")
        said = {dataset: Difference() for dataset in paths}
        try:
            self._compare(partition, home, some, paths, said)
        except (OSError, pa.ArrowException) as problem:
            refuse_limit(problem)
            self._unreadable(next(iter(paths.values())), problem)
            return
        for dataset, path in paths.items():
            if said[dataset] and not self._replaced(path):
                self.wrong.add(path)
                fix = "harvester rebuild OUTPUT"
                self._report.add(error("rows-differ", said[dataset].sentence, path, fix))

    def _compare(
        self,
        partition: int,
        home: int,
        some: Question,
        paths: Mapping[Dataset, str],
        said: dict[Dataset, Difference],
    ) -> None:
        # Groups of one count share its entity, so counts are compared whole.
        chosen = None if some.counter is None else self._chosen
        retold = self._archive.replayer.retold(partition, home, chosen)
        looked_at = {dataset: path for dataset, path in paths.items() if path not in self._bad}
        files = {
            dataset: PartRows(self._archive.folder.root / path, dataset, chosen)
            for dataset, path in looked_at.items()
            if path in self._known
        }
        try:
            for stretch in expected_rows(some, retold):
                self._take(stretch)
                for dataset in looked_at:
                    right = stretch.tables[dataset]
                    found = SCHEMAS[dataset].empty_table()
                    if dataset in files:
                        found = files[dataset].up_to(stretch.last_entity)
                    self._report.count("rows", found.num_rows)
                    said[dataset] += compared(right, found, dataset, stretch.unverifiable)
        finally:
            for file in files.values():
                file.close()

    def _take(self, stretch: ExpectedRows) -> None:
        unverifiable = stretch.unverifiable
        self._report.count("responses", stretch.asked - len(unverifiable.request_ids))
        if stretch.derived_answers:
            self._report.count("worked-out answers", stretch.derived_answers)
        for doubt in stretch.contradictions:
            # Missing bodies are told by publish, all at once.
            if doubt.trouble is not DiscrepancyKind.NO_BODY:
                self._troubles[doubt.trouble] += 1
                self._examples.setdefault(doubt.trouble, doubt)

    def _unreadable(self, path: str, problem: Exception) -> None:
        if not self._replaced(path):
            what = f"it or its responses cannot be read to the end: {one_line(problem)}"
            self._report.add(error("file-unreadable", what, path, REPAIR))


def is_schema_file(path: str) -> bool:
    """Whether a part is only there for its schema."""
    return path.endswith(f"/{SCHEMA_FILE}")
