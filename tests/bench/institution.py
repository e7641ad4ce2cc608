"""The output of an institution as large as you like, made directly: seeded, with declared schemas.

Harvesting 25,000 items takes days at one request a second; what report and export must bear is
the folder that such a harvest leaves behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run, RunState
from harvester.model.rows import SCHEMAS, Dataset
from harvester.model.terms import Counter
from harvester.report.sql_types import COLUMNS

SNAPSHOT = date(2026, 11, 23)
RUN_ID = f"{SNAPSHOT}.1"
# Mean events a month of a usual article; shares are as rare as they are at Figshare (97.5 %
# of articles have none).
_WEIGHTS = {Counter.VIEWS: 6.0, Counter.DOWNLOADS: 2.5, Counter.SHARES: 0.02}


@dataclass(frozen=True, slots=True)
class Institution:
    """How large it is."""

    articles: int = 25_000
    groups: int = 60
    years: int = 10
    seed: int = 7
    hostile: bool = True


_TITLES = (
    '=HYPERLINK("http://evil.example","click")',
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "+1+cmd|' /C calc'!A0",
    "abc\u202egnp.exe\u2066",
    "red \x1b[31malert\x1b[0m \x07 bell",
    "\t=1+1",
    "</script></style><b>bold</b>&amp; _x000D_ 'quoted' \"twice\"",
    "a title that does not end " * 400,
    "emoji \U0001f469\u200d\U0001f52c and \u00e9\u4e2d\u6587 " * 2_000,
)


def write(root: Path, size: Institution) -> None:
    """Write totals, timeline, countries, top, counts, entities, requests and a ledger."""
    (root / "_harvest").mkdir(parents=True)
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    db.execute("SET memory_limit = '2GB'")
    _world(db, size)
    _totals_and_timeline(db, root, size)
    _countries(db, root, size)
    _top_and_counts(db, root)
    _entities(db, root)
    _requests(db, root, size)
    _ledger(root)


def _world(db: duckdb.DuckDBPyConnection, size: Institution) -> None:
    """Groups under one root, and articles in them; older ones first, some far more read."""
    # The one die: the same seed, the same numbers.
    db.execute(
        f"CREATE MACRO dice(a, b, c, sides) AS CAST(hash(a, b, c, {size.seed}) % sides AS BIGINT)"
    )
    db.execute(
        "CREATE TABLE grp AS SELECT 100 + i AS id, CASE WHEN i = 0 THEN NULL WHEN i < 8 THEN 100"
        " ELSE 101 + i % 7 END AS parent, concat('Faculty or School ', i) AS title"
        f" FROM range({size.groups}) t(i)"
    )
    db.execute(
        "CREATE TABLE art AS SELECT 100000 + 37 * i AS id, i,"
        f" 108 + dice(i, 0, 0, {max(size.groups - 8, 1)}) AS grp,"
        f" 1 + (dice(i, 1, 0, 1000) / 1000.0) ** 8 * 300 AS weight,"
        f" (DATE '{SNAPSHOT.year - size.years}-12-01' + CAST(i * {size.years} * 365 /"
        f" {size.articles} AS INTEGER)) AS online,"
        " ['dataset', 'figure', 'thesis', 'journal contribution', 'poster'][1 + dice(i, 2, 0, 5)]"
        f" AS kind FROM range({size.articles}) t(i)"
    )


def _copy(db: duckdb.DuckDBPyConnection, root: Path, dataset: str, inside: str, sql: str) -> None:
    """One part file, under the dataset's declared schema."""
    path = root / dataset / inside / f"{RUN_ID}-00001.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    kinds = COLUMNS[dataset]
    columns = db.execute(f"DESCRIBE {sql}").fetchall()
    listed = ", ".join(f'CAST("{row[0]}" AS {kinds[row[0]]}) AS "{row[0]}"' for row in columns)
    db.execute(
        f"COPY (SELECT {listed} FROM ({sql})) TO '{path}'"
        " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)"
    )
    if dataset in set(Dataset):
        written = pq.read_schema(path)
        assert written.names == SCHEMAS[Dataset(dataset)].names, (dataset, written.names)


_READ = f"TIMESTAMPTZ '{SNAPSHOT} 03:00:00+00' AS harvested_at, '{RUN_ID}/made' AS request_id"
_NO_FILTER = "NULL AS sub_item, NULL AS sub_item_id"


def _totals_and_timeline(db: duckdb.DuckDBPyConnection, root: Path, size: Institution) -> None:
    first = f"DATE '{SNAPSHOT.year - size.years}-12-01'"
    for place, (counter, mean) in enumerate(_WEIGHTS.items()):
        # A month's events: a sparse, skewed draw from a hash; none before an article is online.
        db.execute(
            f"CREATE OR REPLACE TABLE events AS SELECT a.id, a.grp, m AS month,"
            f" CAST(floor(-ln((1 + dice(a.id, m, {place}, 100000)) / 100001.0)"
            f" * {mean} * a.weight / 4) AS BIGINT) AS value FROM art a,"
            f" generate_series({first}, DATE '{SNAPSHOT}', INTERVAL 1 MONTH) g(m)"
            " WHERE m >= date_trunc('month', a.online) ORDER BY a.id, m"
        )
        db.execute("DELETE FROM events WHERE value = 0")
        db.execute(
            "CREATE OR REPLACE TABLE of_groups AS SELECT g.id, e.month, sum(e.value) AS value FROM"
            " events e JOIN grp g ON g.id = e.grp OR g.id = (SELECT parent FROM grp x WHERE"
            " x.id = e.grp) OR g.id = 100 GROUP BY ALL ORDER BY ALL"
        )
        for kind, source in (("article", "events"), ("group", "of_groups")):
            ids = "art" if kind == "article" else "grp"
            where = f"entity={kind}/counter={counter}"
            _copy(
                db, root, "totals", where,
                f"SELECT 'lboro' AS institution, a.id AS entity_id, DATE '{SNAPSHOT}' AS snapshot,"
                f" coalesce(sum(e.value), 0) AS value, {_READ} FROM {ids} a LEFT JOIN {source} e"
                " ON e.id = a.id GROUP BY a.id ORDER BY a.id",
            )  # fmt: skip
            _copy(
                db, root, "timeline", f"{where}/granularity=month",
                f"SELECT 'lboro' AS institution, id AS entity_id, {_NO_FILTER},"
                " strftime(month, '%Y-%m') AS period, month AS period_start,"
                f" least(last_day(month), DATE '{SNAPSHOT}' - 1) AS period_end, value,"
                f" 'reported' AS origin, {_READ} FROM {source}",
            )  # fmt: skip


def _countries(db: duckdb.DuckDBPyConnection, root: Path, size: Institution) -> None:
    names = (
        "['United States', 'United Kingdom', 'Germany', 'China', 'India', 'Australia', 'Brazil',"
        " 'Japan', 'Singapore', 'South Korea', 'Korea, Republic of', 'Türkiye', 'Unknown',"
        " 'Unkown', 'Atlantis', 'Côte d''Ivoire', 'Malta', 'Kenya', 'Canada', 'France']"
    )
    for counter in (Counter.VIEWS, Counter.DOWNLOADS):
        sql = (
            f"SELECT 'lboro' AS institution, a.id AS entity_id, {_NO_FILTER},"
            " CAST(y AS VARCHAR) AS period, make_date(y, 1, 1) AS period_start,"
            f" make_date(y, 12, 31) AS period_end, {names}[c] AS country,"
            f" 1 + dice(a.id, y, concat(c, '{counter}'), 400 // c) AS value,"
            f" dice(a.id, y, concat(c, '{counter}'), 400 // c) // 3 AS unlisted, {_READ}"
            f" FROM art a, range({SNAPSHOT.year - size.years + 1}, {SNAPSHOT.year}) t(y),"
            " range(1, 21) u(c) WHERE y >= year(a.online) AND dice(a.id, y, c, 5) = 0 ORDER BY a.id"
        )
        _copy(db, root, "countries", f"entity=article/counter={counter}/granularity=year", sql)


def _top_and_counts(db: duckdb.DuckDBPyConnection, root: Path) -> None:
    _copy(
        db, root, "top", "entity=group/counter=views",
        "SELECT 'lboro' AS institution, g.id AS entity_id, 'referral' AS sub_item,"
        f" DATE '2025-01-01' AS window_start, DATE '2026-10-31' AS window_end,"
        f" DATE '{SNAPSHOT}' AS snapshot, row_number() OVER (PARTITION BY g.id ORDER BY r) AS rank,"
        " ['www.google.com', 'scholar.google.com', '=cmd|'' /C calc''!A0.example', 'doi.org'][r]"
        f" AS key, (1000 + 13 * (g.id % 7)) // r AS value, {_READ} FROM grp g, range(1, 5) t(r)",
    )  # fmt: skip
    _copy(
        db, root, "counts", "",
        "SELECT 'lboro' AS institution, g.id AS group_id, count(a.id) AS articles,"
        f" DATE '{SNAPSHOT}' AS snapshot, {_READ} FROM grp g LEFT JOIN art a ON a.grp = g.id"
        " GROUP BY g.id ORDER BY g.id",
    )  # fmt: skip


def _entities(db: duckdb.DuckDBPyConnection, root: Path) -> None:
    db.execute("CREATE TABLE title AS SELECT unnest(?) AS title, generate_series(0, ?) AS x",
               [list(_TITLES), 0])  # fmt: skip
    db.execute(
        "CREATE OR REPLACE TABLE title AS SELECT row_number() OVER () - 1 AS n, title FROM title"
    )
    known = (
        "'list' AS source, DATE '2026-11-23' AS last_listed, true AS is_listed,"
        f" TIMESTAMPTZ '{SNAPSHOT} 02:00:00+00' AS harvested_at"
    )
    _copy(
        db, root, "entities", "entity=article",
        "SELECT a.id AS entity_id, coalesce(t.title, concat('A study of ', a.kind, ' number ', a.i,"
        " ' and of what became of it')) AS title, concat('10.17028/rd.lboro.', a.id) AS doi,"
        " a.kind AS defined_type_name, a.grp AS group_id, NULL AS parent_id,"
        " a.online AS published_date, a.online AS first_online,"
        f" concat('https://repository.lboro.ac.uk/articles/', a.id) AS url, {known}"
        " FROM art a LEFT JOIN title t ON a.i = t.n * 5 ORDER BY a.id",
    )  # fmt: skip
    _copy(
        db, root, "entities", "entity=group",
        "SELECT id AS entity_id, title, NULL AS doi, NULL AS defined_type_name, NULL AS group_id,"
        " parent AS parent_id, NULL AS published_date, NULL AS first_online, NULL AS url,"
        f" {known} FROM grp ORDER BY id",
    )  # fmt: skip


def _requests(db: duckdb.DuckDBPyConnection, root: Path, size: Institution) -> None:
    """A row a series: most answered, a few of every other state."""
    first = f"DATE '{SNAPSHOT.year - size.years}-12-01'"
    state = (
        "CASE WHEN dice(a.id, q, c, 997) = 0 THEN 'failed' WHEN dice(a.id, q, c, 1499) = 0"
        " THEN 'pending' WHEN c = 'shares' AND q = 'timeline' THEN 'not_needed'"
        " WHEN dice(a.id, q, c, 5) = 0 THEN 'empty' ELSE 'done' END"
    )
    sql = (
        f"SELECT concat('{RUN_ID}/', q, '/', c, '/', a.kind, '/', a.id) AS request_id,"
        f" '{RUN_ID}' AS run_id, 'lboro' AS institution, q AS endpoint,"
        " CASE q WHEN 'timeline' THEN 'month' WHEN 'breakdown' THEN 'year' END AS granularity,"
        " c AS counter, a.kind AS entity, a.id AS entity_id, NULL AS sub_item,"
        " NULL AS sub_item_id,"
        f" CASE WHEN q <> 'total' THEN {first} END AS window_start,"
        f" CASE WHEN q <> 'total' THEN DATE '{SNAPSHOT}' - 1 END AS window_end,"
        " window_start AS shown_start, window_end AS shown_end,"
        f" CASE WHEN q = 'total' THEN DATE '{SNAPSHOT}' END AS snapshot, {state} AS state,"
        f" CASE {state} WHEN 'failed' THEN 'server_error' WHEN 'not_needed' THEN 'total_is_zero'"
        f" END AS reason, CASE {state} WHEN 'failed' THEN 'the service answered 500 six times'"
        " WHEN 'not_needed' THEN 'its total is 0' END AS proof,"
        f" CASE {state} WHEN 'failed' THEN 500 ELSE 200 END AS http_status,"
        f" CASE {state} WHEN 'failed' THEN 6 ELSE 1 END AS attempts, 1 AS rows, 100 AS bytes,"
        f" TIMESTAMPTZ '{SNAPSHOT} 03:00:00+00' + INTERVAL (a.i) SECOND AS finished_at,"
        " concat('https://stats.figshare.com/lboro/', q, '/', a.id) AS url"
        " FROM (SELECT 'article' AS kind, id, i FROM art UNION ALL SELECT 'group', id, id FROM grp)"
        " a, (VALUES ('total'), ('timeline'), ('breakdown')) t(q),"
        " (VALUES ('views'), ('downloads'), ('shares')) u(c)"
        " WHERE NOT (q = 'breakdown' AND (c = 'shares' OR a.kind = 'group')) ORDER BY ALL"
    )
    _copy(db, root, "requests", "", sql)


def _ledger(root: Path) -> None:
    ledger = Ledger(root / "_harvest" / "ledger.sqlite")
    began = datetime(2026, 11, 23, 3, tzinfo=UTC)
    run = Run(1, RUN_ID, SNAPSHOT, RunState.UNFINISHED, (), {}, 3, 200_000, began, None)
    ledger.runs.start(run, {})
    ledger.close()
