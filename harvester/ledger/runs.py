"""The runs of a job: when each began, what it wants, how it ended."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

import orjson

from harvester.ledger.codec import named_ids, pack_spec, unpack_spec, wanted_from, wanted_json
from harvester.ledger.database import Database
from harvester.model.dates import Window, day_of, epoch_day, from_micros, to_micros
from harvester.model.part_names import next_run_number
from harvester.model.question import Question, Wanted
from harvester.model.run_plan import PlanInputs, Settlement
from harvester.model.terms import Kind


class RunState(StrEnum):
    """How far a run is."""

    UNFINISHED = "unfinished"
    FINISHED = "finished"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Run:
    """One harvest of the job.

    Attributes:
        number: 1, 2, ... over the life of the job.
        run_id: `<snapshot>.<n>`, n counting the runs of one date.
        wanted: the resolved questions and windows.
        entities: ids by kind, ascending.
        planned: how many requests it may ask at most, as counted when it began.
        evidence: what it asks for its own sake.
        skips: whether evidence may save requests.
        refresh: days it reads again, however settled they are.
        gathers: its entities are not all known yet, and with them its requests.
    """

    number: int
    run_id: str
    snapshot: date
    state: RunState
    wanted: Sequence[Wanted]
    entities: Mapping[Kind, Sequence[int]]
    settle_days: int
    planned: int
    started_at: datetime
    ended_at: datetime | None
    evidence: Sequence[Wanted] = ()
    skips: bool = False
    refresh: Window | None = None
    gathers: bool = False

    @property
    def plan_inputs(self) -> PlanInputs:
        """What decides its plan: the same as on its first day."""
        return PlanInputs(
            self.number,
            self.wanted,
            self.entities,
            Settlement(self.snapshot, self.settle_days),
            self.evidence,
            self.refresh,
            self.skips,
        )


_COLUMNS = (
    "number, run_id, snapshot, state, wanted, entities, settle_days, planned,"
    " started_at, ended_at, evidence, planner, refresh, gathers"
)


class Runs:
    """The table of runs."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def latest(self) -> Run | None:
        """The youngest run; None: the job never ran."""
        found = self._db.query(f"SELECT {_COLUMNS} FROM run ORDER BY number DESC LIMIT 1")
        return _run(found[0], cache(self._ids)) if found else None

    def all(self) -> list[Run]:
        """Every run, oldest first; those of the same ids share them."""
        ids_of = cache(self._ids)
        rows = self._db.query(f"SELECT {_COLUMNS} FROM run ORDER BY 1")
        return [_run(row, ids_of) for row in rows]

    def ids(self) -> dict[int, str]:
        """The id of every run, by its number; without their specs, which may be large."""
        rows: list[Any] = self._db.query("SELECT number, run_id FROM run")
        return dict(rows)

    def wanted_before(self, number: int) -> dict[int, frozenset[Question]]:
        """What each run before one filled datasets with, by its number."""
        rows: list[Any] = self._db.query(
            "SELECT number, wanted FROM run WHERE number < ?", (number,)
        )
        return {
            run: frozenset(each.question for each in wanted_from(wanted)) for run, wanted in rows
        }

    def next_run_id(self, snapshot: date) -> str:
        """The id that the next run of this date gets."""
        same = self._db.query("SELECT run_id FROM run WHERE snapshot = ?", (epoch_day(snapshot),))
        return f"{snapshot}.{next_run_number({str(run_id) for (run_id,) in same})}"

    def spec(self, run: Run) -> dict[str, Any]:
        """Entities, dimensions and planner of a run as the user wrote them; may be large."""
        found = self._db.query("SELECT spec FROM run WHERE number = ?", (run.number,))
        spec: dict[str, Any] = unpack_spec(orjson.loads(str(found[0][0])), self._ids)
        return spec

    def start(self, run: Run, spec: Mapping[str, Any]) -> None:
        """Enter a new run; its number must be the next.

        Args:
            spec: entities, dimensions and planner as the user wrote them.
        """
        with self._db.transaction() as db:
            kinds = _entity_sets(db, run.entities)

            def keep(name: str, text: str) -> None:
                db.execute("INSERT OR IGNORE INTO entity_set VALUES (?, ?)", (name, text))

            db.execute(
                f"INSERT INTO run ({_COLUMNS}, spec) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    run.number,
                    run.run_id,
                    epoch_day(run.snapshot),
                    run.state.value,
                    wanted_json(run.wanted),
                    kinds,
                    run.settle_days,
                    run.planned,
                    to_micros(run.started_at),
                    None,
                    wanted_json(run.evidence),
                    orjson.dumps({"skip_unneeded": run.skips}).decode(),
                    _refresh_json(run.refresh),
                    int(run.gathers),
                    orjson.dumps(pack_spec(spec, keep)).decode(),
                ),
            )

    def gathered(self, run: Run) -> None:
        """Keep that a run's entities are known, and with them its evidence and its requests."""
        kept = (run.planned, wanted_json(run.evidence), run.number)
        with self._db.transaction() as db:
            db.execute(
                "UPDATE run SET entities = ?, planned = ?, evidence = ?, gathers = 0"
                " WHERE number = ?",
                (_entity_sets(db, run.entities), *kept),
            )

    def gather_again(self, run: Run) -> None:
        """Have a run ask for its entities again before it goes on: some of them failed."""
        with self._db.transaction() as db:
            db.execute("UPDATE run SET gathers = 1 WHERE number = ?", (run.number,))

    def end(self, run: Run, state: RunState, at: datetime) -> None:
        """Close a run, finished or abandoned."""
        with self._db.transaction() as db:
            db.execute(
                "UPDATE run SET state = ?, ended_at = ?, states = (SELECT json_group_object(state,"
                " n) FROM (SELECT state, count(*) AS n FROM request WHERE run = ? GROUP BY state))"
                " WHERE number = ?",
                (state.value, to_micros(at), run.number, run.number),
            )

    def refreshes(self, run: Run, refresh: Window) -> None:
        """Keep which settled days a run has read again."""
        with self._db.transaction() as db:
            db.execute(
                "UPDATE run SET refresh = ? WHERE number = ?", (_refresh_json(refresh), run.number)
            )

    def reopen(self, run: Run) -> None:
        """Put a finished run back to unfinished: some of its requests are asked again."""
        with self._db.transaction() as db:
            db.execute(
                "UPDATE run SET state = ?, ended_at = NULL, states = NULL WHERE number = ?",
                (RunState.UNFINISHED.value, run.number),
            )

    def _ids(self, sha256: str) -> Sequence[int]:
        found = self._db.query("SELECT ids FROM entity_set WHERE sha256 = ?", (sha256,))
        # Eight bytes each, in place of forty.
        return array("q", orjson.loads(str(found[0][0])))


def _run(row: tuple[Any, ...], ids_of: Callable[[str], Sequence[int]]) -> Run:
    number, run_id, snapshot, state, wanted, entities, *rest = row
    settle, planned, begun, ended, evidence, planner, refresh, gathers = rest
    return Run(
        number,
        run_id,
        day_of(snapshot),
        RunState(state),
        wanted_from(wanted),
        {Kind(kind): ids_of(key) for kind, key in orjson.loads(entities).items()},
        settle,
        planned,
        from_micros(begun),
        from_micros(ended) if ended is not None else None,
        tuple(wanted_from(evidence)),
        orjson.loads(planner)["skip_unneeded"],
        Window(*map(date.fromisoformat, orjson.loads(refresh))) if refresh else None,
        bool(gathers),
    )


def _refresh_json(refresh: Window | None) -> str | None:
    return orjson.dumps([refresh.first, refresh.last]).decode() if refresh else None


def _entity_sets(db: sqlite3.Connection, entities: Mapping[Kind, Sequence[int]]) -> str:
    """Keep ids, each list of them once; returns kind -> its name there, as JSON."""
    kinds = {}
    for kind, ids in entities.items():
        kinds[kind.value], text = named_ids(ids)
        db.execute("INSERT OR IGNORE INTO entity_set VALUES (?, ?)", (kinds[kind], text))
    return orjson.dumps(kinds).decode()
