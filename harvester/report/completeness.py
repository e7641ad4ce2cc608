"""What of the plan was answered, what was not, and why: nothing is missing without a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from harvester.model.terms import Counter
from harvester.report.tables import Tables
from harvester.report.text import shown

# A matrix of 25,000 lines tells nobody anything: kinds with more entities are shown in bands.
BANDS = 40
STATES = ("done", "empty", "not_needed", "failed", "open")
_MOST_GAPS = 200
# What one request asks about a whole kind: a ranking of all, a count of many groups.
_TOGETHER = "all together"
_QUESTION = (
    "concat_ws(' ', endpoint, granularity, counter, CASE WHEN sub_item IS NOT NULL THEN"
    " concat(sub_item, '=', coalesce(sub_item_id, 'each')) END)"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """How many entities of a band (or series of a year) are in each state."""

    numbers: tuple[int, int, int, int, int]

    @property
    def total(self) -> int:
        """All of them; 0: nothing was asked here."""
        return sum(self.numbers)

    @property
    def missing(self) -> int:
        """Failed or open."""
        return self.numbers[3] + self.numbers[4]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Lines by columns; a cell that was not asked is absent."""

    columns: Sequence[str]
    lines: Sequence[tuple[str, Sequence[Cell | None]]]


@dataclass(frozen=True, slots=True)
class Gap:
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
    """All of it.

    Attributes:
        gaps: at most 200 lines; `gap_requests` counts all.
    """

    kinds: Sequence[tuple[str, int, Matrix]]
    years: Matrix
    gaps: Sequence[Gap]
    gap_requests: int
    gap_lines: int
    saved: Sequence[Saved]


def completeness(tables: Tables) -> Completeness:
    """Judge every request of every run: what a later run answered is no gap."""
    _make_gaps(tables)
    _make_states(tables)
    kinds = [
        (kind, entities, _matrix(tables, kind, entities))
        for kind, entities in tables.rows(
            f"SELECT entity, count(DISTINCT about) FILTER (WHERE about <> '{_TOGETHER}')"
            " FROM state GROUP BY 1 ORDER BY 2 DESC, 1"
        )
    ]
    gaps = list(_gaps(tables))
    requests = tables.one("SELECT count(*) FROM gap")[0]
    return Completeness(
        kinds, _by_year(tables), gaps[:_MOST_GAPS], requests, len(gaps), list(_saved(tables))
    )


def _make_gaps(tables: Tables) -> None:
    """Make `gap`: requests without an answer that no later run asked again.

    A window counts as asked again when every month of it lies within one request of a later run:
    later windows may be cut elsewhere.
    """
    same = (
        "n.run > b.run AND n.entity = b.entity AND n.endpoint = b.endpoint AND n.entity_id IS NOT"
        " DISTINCT FROM b.entity_id AND n.counter IS NOT DISTINCT FROM b.counter AND n.granularity"
        " IS NOT DISTINCT FROM b.granularity AND n.sub_item IS NOT DISTINCT FROM b.sub_item AND"
        " n.sub_item_id IS NOT DISTINCT FROM b.sub_item_id"
    )
    tables.do(
        "CREATE TEMP TABLE bad AS SELECT row_number() OVER () AS n, * FROM asked"
        " WHERE state IN ('failed', 'pending', 'abandoned')"
    )
    # Without months: a total, a count, a ranking of all. The latest run alone is never superseded.
    tables.do(
        "CREATE TEMP TABLE piece AS SELECT n, month, greatest(month, window_start) AS first,"
        " least(last_day(month), window_end) AS last FROM (SELECT n, window_start, window_end,"
        " CAST(unnest(generate_series(date_trunc('month', window_start), window_end,"
        " INTERVAL 1 MONTH)) AS DATE) AS month FROM bad WHERE window_start IS NOT NULL AND"
        " run < (SELECT max(run) FROM asked))"
    )
    tables.do(
        "CREATE TEMP TABLE still AS SELECT DISTINCT p.n FROM piece p JOIN bad b USING (n)"
        f" WHERE NOT EXISTS (SELECT 1 FROM asked n WHERE {same}"
        " AND n.window_start <= p.first AND n.window_end >= p.last)"
    )
    tables.do(
        "CREATE TEMP TABLE gap AS SELECT * FROM bad b WHERE run = (SELECT max(run) FROM asked)"
        " OR n IN (SELECT n FROM still)"
        f" OR (window_start IS NULL AND NOT EXISTS (SELECT 1 FROM asked n WHERE {same}))"
    )


def _make_states(tables: Tables) -> None:
    """Make `state`: each entity's state for each question, the worst that still holds."""
    about = f"coalesce(CAST(entity_id AS VARCHAR), '{_TOGETHER}')"
    tables.do(
        f"CREATE TEMP TABLE state AS WITH gaps AS (SELECT entity, {about} AS about,"
        f" {_QUESTION} AS question, bool_or(state = 'failed') AS failed FROM gap GROUP BY ALL)"
        f" SELECT a.entity, a.about, a.question, a.endpoint, CASE WHEN g.failed THEN 'failed'"
        " WHEN g.failed IS NOT NULL THEN 'open' WHEN a.done THEN 'done' WHEN a.empty THEN 'empty'"
        " ELSE 'not_needed' END AS state FROM"
        f" (SELECT entity, {about} AS about, {_QUESTION} AS question, endpoint,"
        " bool_or(state = 'done') AS done, bool_or(state = 'empty') AS empty FROM asked"
        " GROUP BY ALL) a LEFT JOIN gaps g USING (entity, about, question)"
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
        f" {', '.join(f'count(*) FILTER (WHERE state = {_text(each)})' for each in STATES)}"
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


def _by_year(tables: Tables) -> Matrix:
    """Questions with periods x years: series with an answer, and with a gap, in each."""
    year = "unnest(range(year(window_start), year(window_end) + 1))"
    rows = tables.rows(
        "WITH gaps AS (SELECT DISTINCT ON (entity, entity_id, question, year) entity, entity_id,"
        f" {_QUESTION} AS question, {year} AS year, state FROM gap WHERE window_start IS NOT NULL"
        " ORDER BY state <> 'failed'), said AS (SELECT entity, entity_id, question, year,"
        " bool_or(state = 'done') AS done, bool_or(state = 'empty') AS empty FROM (SELECT entity,"
        f" entity_id, {_QUESTION} AS question, state, {year} AS year FROM asked WHERE window_start"
        " IS NOT NULL AND endpoint IN ('timeline', 'breakdown')) GROUP BY ALL)"
        " SELECT concat(s.entity, ' ', s.question), s.year, 0, 0, '', '',"
        " count(*) FILTER (WHERE g.state IS NULL AND done),"
        " count(*) FILTER (WHERE g.state IS NULL AND NOT done AND empty),"
        " count(*) FILTER (WHERE g.state IS NULL AND NOT done AND NOT empty),"
        " count(*) FILTER (WHERE g.state = 'failed'),"
        " count(*) FILTER (WHERE g.state IN ('pending', 'abandoned'))"
        " FROM said s LEFT JOIN gaps g ON g.entity = s.entity AND g.entity_id IS NOT DISTINCT FROM"
        " s.entity_id AND g.question = s.question AND g.year = s.year GROUP BY 1, 2 ORDER BY 1, 2"
    )
    years = sorted({row[1] for row in rows})
    lines = []
    for name in dict.fromkeys(row[0] for row in rows):
        mine = {row[1]: row for row in rows if row[0] == name}
        lines.append((name, [_cell(mine.get(each)) for each in years]))
    return Matrix([str(each) for each in years], lines)


def _cell(row: Sequence[int] | None) -> Cell | None:
    return Cell((row[6], row[7], row[8], row[9], row[10])) if row else None


def _gaps(tables: Tables) -> Iterator[Gap]:
    rows = tables.rows(
        f"SELECT {_QUESTION}, entity, state, coalesce(reason, ''), any_value(proof), count(*),"
        " count(DISTINCT entity_id), min(window_start), max(window_end),"
        " list(DISTINCT entity_id ORDER BY entity_id)[:5] FROM gap GROUP BY 1, 2, 3, 4"
        " ORDER BY state <> 'failed', 6 DESC, 1, 2, 4"
    )
    reasons = {"pending": "not asked yet", "abandoned": "its run was given up"}
    for question, kind, state, reason, proof, requests, entities, first, last, ids in rows:
        yield Gap(
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


def _text(word: str) -> str:
    return f"'{word}'"
