"""What of the plan was answered, what was not, and why: nothing is missing without a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from harvester.model.terms import Counter
from harvester.report.by_year import by_year
from harvester.report.matrix import ANSWERS, COUNTS, QUESTION, STATE, Cell, Matrix
from harvester.report.tables import Tables
from harvester.report.wording import shown

# A matrix of 25,000 lines tells nobody anything: kinds with more entities are shown in bands.
BANDS = 40
_MOST_GAPS = 200
# What one request asks about a whole kind: a ranking of all, a count of many groups.
_TOGETHER = "all together"


@dataclass(frozen=True, slots=True)
class MissingRequests:
    """Requests that are missing for one reason.

    Attributes:
        state: failed, pending or abandoned.
        proof: the reason as a sentence, of one of them.
        examples: a few entity ids.
    """

    question: str
    kind: str
    state: str
    reason: str
    proof: str
    requests: int
    entities: int
    first: date | None
    last: date | None
    examples: str


@dataclass(frozen=True, slots=True)
class Saved:
    """Stretches that needed no request, for one reason."""

    reason: str
    proof: str
    stretches: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """What is harvested, saved and missing, for the report's page.

    Attributes:
        gaps: at most 200 lines; `gap_requests` counts all.
    """

    kinds: Sequence[tuple[str, int, Matrix]]
    years: Matrix
    gaps: Sequence[MissingRequests]
    gap_requests: int
    gap_lines: int
    saved: Sequence[Saved]


def completeness(tables: Tables, settle_days: int) -> Completeness:
    """Judge every request of every run: what a later run answered is no gap."""
    _make_states(tables)
    kinds = [
        (kind, entities, _matrix(tables, kind, entities))
        for kind, entities in tables.rows(
            f"SELECT entity, count(DISTINCT about) FILTER (WHERE about <> '{_TOGETHER}')"
            " FROM state GROUP BY 1 ORDER BY 2 DESC, 1"
        )
    ]
    gaps = list(missing_requests(tables, "gap"))
    requests = tables.one("SELECT count(*) FROM gap")[0]
    years, saved = by_year(tables, settle_days), list(_saved(tables))
    return Completeness(kinds, years, gaps[:_MOST_GAPS], requests, len(gaps), saved)


def _make_states(tables: Tables) -> None:
    """Make `state`: each entity's state for each question, the worst that still holds."""
    about = f"coalesce(CAST(entity_id AS VARCHAR), '{_TOGETHER}')"
    tables.do(
        f"CREATE TEMP TABLE state AS WITH gaps AS (SELECT entity, {about} AS about,"
        f" {QUESTION} AS question, bool_or(state = 'failed') AS failed FROM gap GROUP BY ALL)"
        " SELECT entity, about, question, endpoint, CASE WHEN g.failed THEN 'failed'"
        f" WHEN g.failed IS NOT NULL THEN 'open' ELSE {STATE} END AS state FROM"
        f" (SELECT entity, {about} AS about, {QUESTION} AS question, endpoint, {ANSWERS}"
        " FROM asked GROUP BY ALL) LEFT JOIN gaps g USING (entity, about, question)"
    )


def _matrix(tables: Tables, kind: str, entities: int) -> Matrix:
    """Entities (or bands of them, by id) x questions."""
    one_each = entities <= BANDS
    rows = tables.rows(
        f"WITH banded AS (SELECT about, ntile({max(1, min(BANDS, entities))}) OVER"
        " (ORDER BY CAST(about AS BIGINT)) AS band FROM (SELECT DISTINCT about FROM state"
        f" WHERE entity = '{kind}' AND about <> '{_TOGETHER}') UNION ALL SELECT '{_TOGETHER}', 0)"
        " SELECT band, question, min(TRY_CAST(about AS BIGINT)), max(TRY_CAST(about AS BIGINT)),"
        " any_value(about), any_value(endpoint),"
        f" {COUNTS}"
        f" FROM state JOIN banded USING (about) WHERE entity = '{kind}' GROUP BY band, question"
        " ORDER BY band, question"
    )
    order = {"total": 0, "count": 1, "top": 2, "timeline": 3, "breakdown": 4}
    columns = sorted({(order.get(row[5], 9), _counter_place(row[1]), row[1]) for row in rows})
    questions = [question for _, _, question in columns]
    lines = []
    for band in dict.fromkeys(row[0] for row in rows):
        mine = {row[1]: row for row in rows if row[0] == band}
        firsts = [row[2] for row in mine.values() if row[2] is not None]
        lasts = [row[3] for row in mine.values() if row[3] is not None]
        some = next(iter(mine.values()))
        name = some[4] if one_each or not firsts else f"{min(firsts)} to {max(lasts)}"
        lines.append((name, [_cell(mine.get(question)) for question in questions]))
    return Matrix(questions, lines)


def _counter_place(question: str) -> int:
    words = question.split()
    return next((place for place, each in enumerate(Counter) if each.value in words), len(Counter))


def _cell(row: Sequence[int] | None) -> Cell | None:
    return Cell(tuple(row[6:])) if row else None


def missing_requests(tables: Tables, source: str) -> Iterator[MissingRequests]:
    """What lacks an answer, by question and reason, failures first.

    Args:
        source: the table `gap`, or some of its rows.
    """
    rows = tables.rows(
        f"SELECT {QUESTION}, entity, state, coalesce(reason, ''), any_value(proof), count(*),"
        " count(DISTINCT entity_id), min(window_start), max(window_end),"
        f" list(DISTINCT entity_id ORDER BY entity_id)[:5] FROM {source} GROUP BY 1, 2, 3, 4"
        " ORDER BY state <> 'failed', 6 DESC, 1, 2, 4"
    )
    reasons = {"pending": "not asked yet", "abandoned": "its run was given up"}
    for question, kind, state, reason, proof, requests, entities, first, last, ids in rows:
        yield MissingRequests(
            question,
            kind,
            state,
            shown(reason, 60) or reasons.get(state, "not recorded"),
            shown(proof, 160),
            requests,
            entities,
            first,
            last,
            ", ".join(str(each) for each in ids or [] if each is not None),
        )


def _saved(tables: Tables) -> Iterator[Saved]:
    rows = tables.rows(
        "SELECT coalesce(reason, ''), any_value(proof), count(*) FROM asked"
        " WHERE state = 'not_needed' GROUP BY 1 ORDER BY 3 DESC, 1"
    )
    for reason, proof, stretches in rows:
        yield Saved(shown(reason, 60) or "not recorded", shown(proof, 160), stretches)
