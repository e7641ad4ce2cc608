"""The ledger opens whole, ours and of a known version, or not at all; and keeps what it is told."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from harvester.errors import OutputError
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run, RunState
from harvester.model.dates import Window
from harvester.model.published import AnswerUpdate
from harvester.model.question import Question, Wanted
from harvester.model.reply import Failure, Reply, ReplySummary
from harvester.model.request import Request
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, State, SubItem

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
TODAY = date(2026, 11, 23)
YEAR = Window(date(2025, 11, 23), date(2026, 11, 22))
VIEWS = Question(Endpoint.TIMELINE, Kind.ARTICLE, Counter.VIEWS, Granularity.DAY)
FILTERED = Question(
    Endpoint.BREAKDOWN,
    Kind.GROUP,
    Counter.VIEWS,
    Granularity.MONTH,
    SubItem.ITEM_TYPE,
    "dataset",
    institution="lboro",
)
RANKING = Question(Endpoint.TOP, Kind.ARTICLE, Counter.SHARES, ranks=100)
COUNT = Question(Endpoint.COUNT, Kind.GROUP)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "_harvest").mkdir()
    return tmp_path / "_harvest" / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with closing(Ledger(path)) as opened:
        yield opened


def run(number: int = 1, snapshot: date = TODAY) -> Run:
    wanted = [Wanted(VIEWS, YEAR), Wanted(FILTERED, YEAR), Wanted(RANKING), Wanted(COUNT)]
    entities = {Kind.ARTICLE: array("q", [1, 2]), Kind.GROUP: array("q", [10])}
    return Run(
        number, f"{snapshot}.{number}", snapshot, RunState.UNFINISHED, wanted, entities,
        3, 9, NOW, None,
    )  # fmt: skip


def reply(entity: int, rows: int = 2) -> Reply:
    return Reply(
        Request(VIEWS, entity, YEAR), 200, "application/json", b"{}", NOW, 1, ReplySummary(rows)
    )


def failure(entity: int, reason: str) -> Failure:
    return Failure(Request(VIEWS, entity, YEAR), reason, "told", 503, 6, NOW, b"oops")


def test_a_run_comes_back_as_it_was(path: Path) -> None:
    with closing(Ledger(path)) as ledger:
        ledger.runs.start(run(), {"a": 1})
    with closing(Ledger(path)) as ledger:
        assert ledger.runs.latest() == run()
        assert ledger.runs.spec(run()) == {"a": 1}
        assert ledger.runs.next_run_id(TODAY) == "2026-11-23.2"


def test_long_lists_of_a_spec_are_kept_once(path: Path) -> None:
    """Ids from a file of 50,000 rows would make each monthly run cost half a megabyte."""
    ids = list(range(1, 50_001))
    spec = {"entities": {"article": {"ids": [1, 2], "file": ids}}, "dimensions": [{"a": None}]}
    with closing(Ledger(path)) as ledger:
        for number in (1, 2, 3):
            started = replace(run(number), entities={Kind.ARTICLE: array("q", ids)})
            ledger.runs.start(started, spec)
            assert ledger.runs.latest() == started
            assert ledger.runs.spec(started) == spec
    with closing(sqlite3.connect(path)) as db:
        (longest,) = db.execute("SELECT max(length(spec)) FROM run").fetchone()
        (sets,) = db.execute("SELECT count(*) FROM entity_set").fetchone()
    assert longest < 300
    assert sets == 1


def test_a_spec_from_before_lists_were_packed_comes_back(path: Path) -> None:
    spec = {"entities": {"article": {"ids": list(range(2000))}}}
    with closing(Ledger(path)) as ledger:
        ledger.runs.start(run(), {})
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE run SET spec = ?", (json.dumps(spec),))
    with closing(Ledger(path)) as ledger:
        latest = ledger.runs.latest()
        assert latest
        assert ledger.runs.spec(latest) == spec


def test_outcomes_are_told_in_order_with_their_reasons(ledger: Ledger) -> None:
    ledger.runs.start(run(), {})
    ledger.answers.keep(1, [reply(3), failure(2, "timeout"), reply(1, rows=0)])

    told = ledger.answers.outcomes(1, VIEWS, 1, 3)

    by_entity = {slot[0]: outcome for slot, outcome in told.items()}
    assert {number: each.state for number, each in by_entity.items()} == {
        1: "empty", 2: "failed", 3: "done",
    }  # fmt: skip
    assert [by_entity[number].reason for number in (1, 2, 3)] == [None, "timeout", None]
    assert [outcome.finished_at for outcome in told.values()] == [NOW] * 3
    assert {slot[0] for slot in ledger.answers.outcomes(1, VIEWS, 2, 2)} == {2}
    assert ledger.answers.tally(1) == {"empty": 1, "failed": 1, "done": 1}
    assert ledger.failures.reasons(1) == {"timeout": 1}


def test_failures_are_put_back_by_their_reason(ledger: Ledger) -> None:
    ledger.runs.start(run(), {})
    ledger.answers.keep(1, [failure(1, "timeout"), failure(2, "shape"), reply(3)])

    assert ledger.failures.forget(1, "shape") == 1
    assert set(ledger.answers.outcomes(1, VIEWS, 1, 3)) == {
        (each, reply(each).request.slot[1]) for each in (1, 3)
    }
    assert ledger.failures.forget(1, None) == 1
    assert ledger.answers.tally(1) == {"done": 1}
    ledger.answers.keep(1, [reply(1), reply(2)])


def test_a_finished_run_is_counted_once_and_anew_when_it_changes(ledger: Ledger) -> None:
    ledger.runs.start(run(), {})
    ledger.answers.keep(1, [failure(1, "shape"), failure(2, "timeout"), reply(3), reply(4)])
    ledger.runs.end(run(), RunState.FINISHED, NOW)
    assert ledger.answers.tally(1) == {"done": 2, "failed": 2}
    ledger.failures.forget(1, "shape")
    assert ledger.answers.tally(1) == {"done": 2, "failed": 1}

    ledger.runs.end(run(), RunState.FINISHED, NOW)
    slot = (ledger.answers.question_id(VIEWS), *Request(VIEWS, 3, YEAR).slot, 1)
    empty = AnswerUpdate(*slot, State.EMPTY, 0, 2, 0, None, 0, 1)
    ledger.publish_log.correct([empty])
    assert ledger.answers.tally(1) == {"done": 1, "empty": 1, "failed": 1}

    ledger.runs.end(run(), RunState.FINISHED, NOW)
    ledger.runs.reopen(run())
    ledger.answers.keep(1, [reply(1)])
    assert ledger.answers.tally(1) == {"done": 2, "empty": 1, "failed": 1}


def test_an_outcome_is_kept_whole_or_not_at_all(ledger: Ledger) -> None:
    """The same slot twice is refused, and nothing of its batch stays."""
    ledger.runs.start(run(), {})
    ledger.answers.keep(1, [reply(1)])

    with pytest.raises(OutputError):
        ledger.answers.keep(1, [reply(2), reply(1)])

    assert ledger.answers.tally(1) == {"done": 1}
    assert ledger.publish_log.waiting() == {1: (1, 2)}


def test_readings_come_from_earlier_runs_only(ledger: Ledger) -> None:
    for number in (1, 2):
        ledger.runs.start(run(number, TODAY + timedelta(days=number)), {})
        ledger.answers.keep(number, [reply(7), failure(8, "shape")])

    readings = ledger.answers.readings(VIEWS, run=2)

    assert list(readings) == [7]
    assert [(each.first, each.last, each.run_id) for each in readings[7]] == [
        (YEAR.first, YEAR.last, "2026-11-24.1")
    ]


def test_a_pause_is_remembered_over_a_restart_until_it_is_lifted(path: Path) -> None:
    with closing(Ledger(path)) as ledger:
        ledger.remember_pause("stats.figshare.com", (NOW, 3600.0))
    with closing(Ledger(path)) as ledger:
        assert ledger.pause("stats.figshare.com") == (NOW, 3600.0)
        ledger.remember_pause("stats.figshare.com", None)
        assert ledger.pause("stats.figshare.com") is None


def cut_to_nothing(path: Path) -> None:
    path.write_bytes(b"")


def not_a_database(path: Path) -> None:
    path.write_bytes(b"name: job\n" * 1000)


def another_database(path: Path) -> None:
    path.unlink()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE recipes (name TEXT)")
    db.execute("PRAGMA application_id = 7")
    db.commit()
    db.close()


def from_the_future(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()


def page_of_garbage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (cut_to_nothing, "empty or cut off"),
        (not_a_database, "cannot be used"),
        (another_database, "not a ledger of ours"),
        (from_the_future, "a newer harvester wrote this"),
        (page_of_garbage, "cannot be used"),
    ],
)
def test_a_damaged_ledger_is_refused_with_a_sentence(path: Path, damage: object, says: str) -> None:
    Ledger(path).close()
    assert callable(damage)
    damage(path)

    with pytest.raises(OutputError, match=says) as caught:
        Ledger(path)

    assert caught.value.exit_code == 4
    assert caught.value.fix
