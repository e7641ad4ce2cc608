"""Replies into parts: whole, once, sorted; and rows that take the place of older ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from harvester.errors import OutputError
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run, RunState
from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.model.reply import Reply
from harvester.model.request import Request
from harvester.model.rows import SCHEMAS, Dataset
from harvester.model.terms import Counter, Endpoint, Granularity, Kind
from harvester.parse import parse, summarize
from harvester.store.context import RunStamp
from harvester.store.folder import JobFolder
from harvester.store.part_writer import sha256_of
from harvester.store.publish import Publisher

D = date.fromisoformat
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAYS = Question(Endpoint.TIMELINE, Kind.ARTICLE, Counter.VIEWS, Granularity.DAY)
WHOLE = Question(Endpoint.TIMELINE, Kind.ARTICLE, Counter.VIEWS, Granularity.TOTAL)
PLACES = Question(Endpoint.BREAKDOWN, Kind.GROUP, Counter.VIEWS, Granularity.MONTH)


YOUNGER = "timeline/entity=article/counter=views/granularity=day/2026-11-02.2-"


class Bench:
    """A job's folder with a ledger, and runs that are fed by hand."""

    def __init__(self, root: Path) -> None:
        self.folder = JobFolder(root / "job")
        self.folder.create()
        self.ledger = Ledger(self.folder.ledger)
        self.number = 0

    def run(
        self, snapshot: str, replies: list[tuple[Question, int, str, dict[str, Any] | None]]
    ) -> None:
        """Begin a run, keep these bodies (question, entity, window, answer), publish them."""
        self.begin(snapshot)
        self.keep(replies)
        self.publish()

    def begin(self, snapshot: str) -> None:
        self.number += 1
        self.snapshot = D(snapshot)
        self.run_id = self.ledger.runs.next_run_id(self.snapshot)
        run = Run(
            self.number,
            self.run_id,
            self.snapshot,
            RunState.UNFINISHED,
            [],
            {},
            3,
            0,
            NOW,
            None,
        )
        self.ledger.runs.start(run, {})

    def keep(self, replies: list[tuple[Question, int, str, dict[str, Any] | None]]) -> None:
        made = []
        for question, entity, text, answer in replies:
            first, last = text.split("..")
            request = Request(question, entity, Window(D(first), D(last)))
            body = json.dumps({question.endpoint.value: answer}).encode()
            summary = summarize(request, parse(request, body), keeps_points=False)
            made.append(Reply(request, 200, "application/json", body, NOW, 1, summary))
        self.ledger.answers.keep(self.number, made)

    def publish(self) -> int:
        stamp = RunStamp(
            self.number, self.run_id, self.snapshot, parse, lambda r: f"http://x/{r.key}", True,
            frozenset({DAYS, WHOLE, PLACES}), 3,
        )  # fmt: skip
        questions = {self.ledger.answers.question_id(q): q for q in (DAYS, WHOLE, PLACES)}

        def readings(number: int) -> dict[int, Any]:
            return self.ledger.answers.readings(questions[number], self.number)

        publisher = Publisher(self.folder, self.ledger.publish_log, stamp, readings)
        return publisher.publish(questions)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        files = f"'{self.folder.root}/{{}}/**/*.parquet'"
        where = f"read_parquet({files}, hive_partitioning=true, filename=true)"
        for name in ("timeline", "countries", "cities", "responses"):
            query = query.replace(f"@{name}", where.format(name))
        relation = duckdb.sql(query)
        return relation.fetchall() if relation else []

    def files(self) -> list[str]:
        root = self.folder.root
        return sorted(
            str(path.relative_to(root))
            for path in root.rglob("*.parquet")
            if "_harvest" not in path.parts
        )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.ledger.close()


def test_replies_become_sorted_rows_with_their_request(bench: Bench) -> None:
    bench.run(
        "2026-11-23",
        [
            (DAYS, 9, "2026-01-01..2026-01-31", {"2026-01-05": 3, "2026-01-02": 1}),
            (DAYS, 7, "2026-01-01..2026-01-31", {"2026-01-31": 2}),
            (DAYS, 8, "2026-01-01..2026-01-31", None),
        ],
    )

    [number] = bench.ledger.publish_log.names()
    assert bench.files() == [
        f"responses/2026-11-23.1-{number}.parquet",
        f"timeline/entity=article/counter=views/granularity=day/2026-11-23.1-{number}.parquet",
    ]
    part = pq.read_table(bench.folder.root / bench.files()[1], partitioning=None)
    assert part.schema.remove_metadata() == SCHEMAS[Dataset.TIMELINE]
    assert part.select(["entity_id", "period", "value", "request_id"]).to_pylist()[0] == {
        "entity_id": 7,
        "period": "2026-01-31",
        "value": 2,
        "request_id": "2026-11-23.1/timeline/day/views/article/7/2026-01-01..2026-01-31",
    }
    assert part["entity_id"].to_pylist() == [7, 9, 9]
    assert part["period_start"].to_pylist() == [D("2026-01-31"), D("2026-01-02"), D("2026-01-05")]
    assert bench.sql("select count(*), count(distinct request_id) from @responses") == [(3, 3)]
    assert bench.ledger.publish_log.waiting() == {}
    assert list(bench.folder.staging.iterdir()) == []


def test_much_is_published_in_bites(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever waits, memory holds what belongs to so many replies; an old part takes its rows."""
    window = "2026-10-30..2026-11-01"
    bench.run("2026-11-02", [(DAYS, n, window, {"2026-11-01": n}) for n in (1, 2, 3)])
    monkeypatch.setattr("harvester.store.publish.REPLIES_AT_ONCE", 2)
    again = [(DAYS, n, "2026-11-01..2026-11-04", {"2026-11-01": 10 * n}) for n in (3, 2, 1, 4)]
    places = [(PLACES, 8, "2026-01-01..2026-01-31", {"2026-01": {"Peru": {"total": 2, "Lima": 2}}})]
    bench.begin("2026-11-05")
    bench.keep([*again, *places])

    assert bench.publish() == 5
    assert bench.sql("select entity_id, value from @timeline order by 1") == [
        (1, 10), (2, 20), (3, 30), (4, 40)
    ]  # fmt: skip
    assert bench.sql("select count(*) from @cities") == [(1,)]
    bodies = [file for file in bench.files() if file.startswith("responses/2026-11-05")]
    assert [pq.read_metadata(bench.folder.root / file).num_rows for file in bodies] == [2, 2, 1]
    assert bench.ledger.publish_log.waiting() == {}


def test_the_ledger_knows_what_each_part_is(bench: Bench) -> None:
    bench.run("2026-11-23", [(DAYS, 9, "2026-01-01..2026-01-31", {"2026-01-05": 3})])

    parts = bench.ledger.publish_log.parts()

    assert [part.path for part in parts] == bench.files()
    for part in parts:
        file = bench.folder.root / part.path
        assert (part.bytes, part.sha256) == (file.stat().st_size, sha256_of(file))
        assert part.rows == pq.read_metadata(file).num_rows


def test_an_open_day_read_again_is_replaced_in_its_part(bench: Bench) -> None:
    """The old row goes, the new stands in the same file: no second row for a reader that globs."""
    bench.run(
        "2026-11-02",
        [
            (DAYS, 7, "2026-10-30..2026-11-01", {"2026-10-30": 5, "2026-11-01": 1}),
            (DAYS, 8, "2026-10-30..2026-11-01", {"2026-10-30": 4}),
        ],
    )
    before = bench.files()

    bench.run(
        "2026-11-05",
        [(DAYS, 7, "2026-10-30..2026-11-04", {"2026-10-30": 6, "2026-11-03": 2})],
    )

    assert [path for path in bench.files() if path.startswith("timeline")] == [
        path for path in before if path.startswith("timeline")
    ]
    assert bench.sql("select entity_id, period, value from @timeline order by all") == [
        (7, "2026-10-30", 6),
        (7, "2026-11-03", 2),
        (8, "2026-10-30", 4),
    ]


def test_a_clipped_month_grows_and_its_places_with_it(bench: Bench) -> None:
    october = {"Peru": {"Lima": 2, "total": 3}}
    bench.run(
        "2026-10-11",
        [(PLACES, 1, "2026-09-01..2026-10-10", {"2026-09": october, "2026-10": october})],
    )
    grown = {"2026-10": {"Peru": {"Cusco": 4, "total": 7}, "Chile": {"total": 1}}}
    bench.run("2026-11-05", [(PLACES, 1, "2026-10-01..2026-10-31", grown)])

    assert bench.sql(
        "select period, period_end, country, value, unlisted from @countries order by all"
    ) == [
        ("2026-09", D("2026-09-30"), "Peru", 3, 1),
        ("2026-10", D("2026-10-31"), "Chile", 1, 1),
        ("2026-10", D("2026-10-31"), "Peru", 7, 3),
    ]
    assert bench.sql("select period, city, value from @cities order by all") == [
        ("2026-09", "Lima", 2),
        ("2026-10", "Cusco", 4),
    ]


def test_an_empty_answer_takes_the_old_rows_away(bench: Bench) -> None:
    bench.run("2026-11-02", [(DAYS, 7, "2026-10-30..2026-11-01", {"2026-11-01": 1})])
    bench.run("2026-11-05", [(DAYS, 7, "2026-10-30..2026-11-04", None)])

    assert bench.sql("select period from @timeline") == []
    assert len(bench.files()) == 3


def test_rows_from_two_parts_meet_in_the_younger(bench: Bench) -> None:
    """A series whose open days lie in two parts: both lose them, one takes the new rows."""
    bench.run("2026-11-02", [(DAYS, 7, "2026-10-30..2026-10-31", {"2026-10-31": 1})])
    bench.run("2026-11-02", [(DAYS, 7, "2026-11-01..2026-11-01", {"2026-11-01": 2})])
    bench.run(
        "2026-11-09",
        [(DAYS, 7, "2026-10-30..2026-11-08", {"2026-10-31": 9, "2026-11-08": 8})],
    )

    [younger] = (each for each in bench.files() if each.startswith(YOUNGER))
    assert bench.sql("select period, value, filename from @timeline order by 1") == [
        (day, value, str(bench.folder.root / younger))
        for day, value in (("2026-10-31", 9), ("2026-11-08", 8))
    ]


def test_a_row_of_a_whole_period_is_replaced_by_a_longer_one(bench: Bench) -> None:
    bench.run("2026-11-02", [(WHOLE, 7, "2026-10-01..2026-10-31", {"total": 1})])
    bench.run("2026-11-09", [(WHOLE, 7, "2026-10-01..2026-11-08", {"total": 4})])

    assert bench.sql("select period_start, period_end, value from @timeline") == [
        (D("2026-10-01"), D("2026-11-08"), 4)
    ]


@pytest.mark.parametrize("damage", ["gone", "cut", "flipped"])
def test_a_part_that_was_changed_since_is_not_written_over(bench: Bench, damage: str) -> None:
    """Also while a run goes on: the replies wait in the spool, the part stays as it was found."""
    window = "2026-11-01..2026-11-30"
    bench.run("2026-11-23", [(DAYS, 9, window, {"2026-11-05": 3, "2026-11-22": 1})])
    path = bench.folder.root / next(each for each in bench.files() if each.startswith("timeline/"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content[:-1] if damage == "cut" else content)
    if damage == "gone":
        path.unlink()
    left = bench.files()

    bench.begin("2026-11-24")
    bench.keep([(DAYS, 9, window, {"2026-11-05": 3, "2026-11-22": 2})])
    with pytest.raises(OutputError, match=r"the part timeline/.*not written over"):
        bench.publish()

    assert bench.files() == left
    assert sum(replies for replies, _ in bench.ledger.publish_log.waiting().values()) == 1
