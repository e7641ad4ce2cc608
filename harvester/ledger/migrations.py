"""The ledger's tables. Each step of STEPS brings a ledger from one version to the next.

A step is never edited, not even its comments: SQLite keeps the text of a table as it was made.
"""

from __future__ import annotations

# "FgSt" as a number: tells our file from any other SQLite file, and from an empty one.
APPLICATION_ID = 0x46675374

_FIRST = """
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,              -- 'job', 'source', 'created_by'
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE entity_set (                -- ids of one kind, as a run planned with them
    sha256 TEXT PRIMARY KEY,
    ids    TEXT NOT NULL                 -- JSON list, ascending
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
    number      INTEGER PRIMARY KEY,     -- 1, 2, ... over the life of the job
    run_id      TEXT NOT NULL UNIQUE,    -- <snapshot>.<n>
    snapshot    INTEGER NOT NULL,        -- days since 1970-01-01
    state       TEXT NOT NULL,           -- 'unfinished', 'finished', 'abandoned'
    spec        TEXT NOT NULL,           -- JSON: what the user wrote that decides the plan
    wanted      TEXT NOT NULL,           -- JSON: the resolved questions and windows
    entities    TEXT NOT NULL,           -- JSON: kind -> entity_set.sha256
    settle_days INTEGER NOT NULL,
    planned     INTEGER NOT NULL,        -- requests this run asks, counted when it started
    started_at  INTEGER NOT NULL,        -- microseconds since 1970, UTC
    ended_at    INTEGER
) STRICT;

CREATE TABLE question (
    id  INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE             -- Question.key
) STRICT;

CREATE TABLE request (                   -- those with an outcome; the others are pending
    question    INTEGER NOT NULL REFERENCES question(id),
    entity      INTEGER NOT NULL,        -- Request.slot
    first       INTEGER NOT NULL,        -- Request.slot; days since 1970-01-01
    run         INTEGER NOT NULL REFERENCES run(number),
    last        INTEGER NOT NULL,
    state       TEXT NOT NULL,           -- 'done', 'empty', 'failed'
    http_status INTEGER,
    attempts    INTEGER NOT NULL,
    rows        INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,        -- microseconds since 1970, UTC
    publish     INTEGER,                 -- NULL: still in the spool
    home        INTEGER,                 -- the publish whose part holds its rows
    PRIMARY KEY (question, entity, first, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE failure (                   -- beside a request row with state 'failed'
    question INTEGER NOT NULL,
    entity   INTEGER NOT NULL,
    first    INTEGER NOT NULL,
    run      INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    sentence TEXT NOT NULL,
    body     BLOB,
    PRIMARY KEY (question, entity, first, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE counted_group (             -- what a request of `count` asked for
    run      INTEGER NOT NULL,
    group_id INTEGER NOT NULL,
    PRIMARY KEY (run, group_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE spool (                     -- accepted replies that no part holds yet
    id           INTEGER PRIMARY KEY,
    question     INTEGER NOT NULL,
    entity       INTEGER NOT NULL,
    first        INTEGER NOT NULL,
    run          INTEGER NOT NULL,
    last         INTEGER NOT NULL,
    groups       TEXT,                   -- JSON list, for `count`
    rows         INTEGER NOT NULL,
    http_status  INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    fetched_at   INTEGER NOT NULL,
    body         BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX spool_slot ON spool (question, entity, first, run);

CREATE TABLE publish (
    number INTEGER PRIMARY KEY,          -- 1, 2, ... over the life of the job
    run    INTEGER NOT NULL REFERENCES run(number),
    state  TEXT NOT NULL                 -- 'prepared': decided, not all in place; 'published'
) STRICT;

CREATE TABLE part (
    path    TEXT PRIMARY KEY,            -- relative to the job's folder
    publish INTEGER NOT NULL REFERENCES publish(number), -- that wrote its present bytes
    staged  TEXT NOT NULL,               -- its name in staging until it is in place
    rows    INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    sha256  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pause (                     -- what a host asked of us; a restart honours it
    host  TEXT PRIMARY KEY,
    until INTEGER NOT NULL,              -- microseconds since 1970, UTC
    asked REAL NOT NULL                  -- seconds, the whole pause
) STRICT, WITHOUT ROWID;
"""

# What a plan that asks only what is needed must know of what was answered.
_EVIDENCE = """
ALTER TABLE request ADD COLUMN shown INTEGER;  -- last day whose rows are shown; NULL: last
ALTER TABLE request ADD COLUMN value INTEGER;  -- Gist.value
ALTER TABLE request ADD COLUMN rows_to INTEGER;  -- last day of published rows, if after shown
-- request.state may now also be 'derived' or 'answered_by': worked out, never asked.

CREATE TABLE points (                    -- counts of one reply, one by one (Gist.points)
    question INTEGER NOT NULL,
    entity   INTEGER NOT NULL,
    first    INTEGER NOT NULL,
    run      INTEGER NOT NULL,
    counts   BLOB NOT NULL,              -- model/points.py
    PRIMARY KEY (question, entity, first, run)
) STRICT, WITHOUT ROWID;

ALTER TABLE spool ADD COLUMN shown INTEGER;
ALTER TABLE spool ADD COLUMN state TEXT;       -- of an answer that was worked out; else NULL
ALTER TABLE spool ADD COLUMN source TEXT;      -- the request_id that answered in its place

ALTER TABLE run ADD COLUMN planner TEXT NOT NULL DEFAULT '{"skip_unneeded": false}';
ALTER TABLE run ADD COLUMN evidence TEXT NOT NULL DEFAULT '[]';  -- JSON: asked for its own sake
ALTER TABLE run ADD COLUMN refresh TEXT;       -- JSON: [first, last] day to read again

CREATE TABLE proof (                     -- how often a rule of the planner was tried, and held
    rule     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    counter  TEXT NOT NULL,              -- '' where the rule holds for all counters of a kind
    run      INTEGER NOT NULL REFERENCES run(number),
    tried    INTEGER NOT NULL,
    holds    INTEGER NOT NULL,           -- 0: never trusted again for this job
    sentence TEXT NOT NULL,
    PRIMARY KEY (rule, kind, counter, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE doubt (                     -- series whose stages contradict each other
    question INTEGER NOT NULL,
    entity   INTEGER NOT NULL,
    run      INTEGER NOT NULL REFERENCES run(number),
    reason   TEXT NOT NULL,
    sentence TEXT NOT NULL,
    PRIMARY KEY (question, entity, run, reason)
) STRICT, WITHOUT ROWID;
"""

# Whole institutions: what listings and single items tell of entities.
_LISTINGS = """
ALTER TABLE run ADD COLUMN gathers INTEGER NOT NULL DEFAULT 0; -- 1: its entities are not all known

CREATE TABLE entity (
    kind              TEXT NOT NULL,
    id                INTEGER NOT NULL,
    source            TEXT NOT NULL,     -- 'ids', 'file', 'discover': the first that has it
    title             TEXT,
    doi               TEXT,
    defined_type_name TEXT,
    group_id          INTEGER,
    parent_id         INTEGER,
    published_date    INTEGER,           -- days since 1970-01-01
    first_online      INTEGER,           -- likewise
    url               TEXT,
    last_listed       INTEGER,           -- the date of the last listing that had it
    is_listed         INTEGER,           -- 1, 0; NULL: no listing was read
    harvested_at      INTEGER,           -- microseconds since 1970, UTC
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE listing (                   -- one reading of one listing, for all runs of its date
    id       INTEGER PRIMARY KEY,
    key      TEXT NOT NULL,              -- Listing.key
    kind     TEXT NOT NULL,
    snapshot INTEGER NOT NULL,           -- days since 1970-01-01
    place    TEXT,                       -- JSON: where the next page is; NULL: it is complete
    pages    INTEGER NOT NULL,           -- so many were read
    holes    TEXT NOT NULL,              -- JSON: days of which not everything could be read
    compared TEXT,                       -- '': with the service's own counts; else why not
    ended_at INTEGER,                    -- microseconds since 1970, UTC
    UNIQUE (key, snapshot)
) STRICT;

CREATE TABLE listed (                    -- ids of a listing; only of the latest of each key
    listing INTEGER NOT NULL REFERENCES listing(id),
    id      INTEGER NOT NULL,
    walk    INTEGER NOT NULL,            -- the last walk that met it
    PRIMARY KEY (listing, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE page (                      -- what stood on a page, so that "not modified" is enough
    key   TEXT NOT NULL,                 -- Listing.key
    after INTEGER NOT NULL,              -- of its walk; 0: none
    page  INTEGER NOT NULL,
    etag  TEXT NOT NULL,
    ids   TEXT NOT NULL,                 -- JSON: every id on it
    kept  TEXT NOT NULL,                 -- JSON: those that were public
    PRIMARY KEY (key, after, page)
) STRICT, WITHOUT ROWID;

CREATE TABLE group_count (               -- a listing against POST /count/articles
    listing  INTEGER NOT NULL REFERENCES listing(id),
    group_id INTEGER NOT NULL,
    listed   INTEGER NOT NULL,
    counted  INTEGER NOT NULL,
    PRIMARY KEY (listing, group_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE item (                      -- single items that were asked for their metadata
    run         INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    id          INTEGER NOT NULL,
    state       TEXT NOT NULL,           -- 'done', 'absent' (not public), 'failed'
    reason      TEXT,
    sentence    TEXT,
    http_status INTEGER,
    attempts    INTEGER NOT NULL,
    PRIMARY KEY (run, kind, id)
) STRICT, WITHOUT ROWID;
"""

# How politely hosts were asked, and how they fare: for `status` beside a live run.
_RECEIPTS = """
CREATE TABLE receipt (                   -- Receipt, of one host and one call of `run`
    run      INTEGER NOT NULL REFERENCES run(number),
    call     INTEGER NOT NULL,           -- when it began; microseconds since 1970, UTC
    host     TEXT NOT NULL,
    sent     INTEGER NOT NULL,
    repeats  INTEGER NOT NULL,
    probes   INTEGER NOT NULL,
    limited  INTEGER NOT NULL,
    blocked  INTEGER NOT NULL,
    pauses   INTEGER NOT NULL,
    paused   REAL NOT NULL,              -- seconds
    seconds  REAL NOT NULL,              -- from its first send to its last
    busiest  INTEGER NOT NULL,
    PRIMARY KEY (run, call, host)
) STRICT, WITHOUT ROWID;

CREATE TABLE plight (                    -- hosts that are not well now; means something while a
    host  TEXT PRIMARY KEY,              -- run goes on
    why   TEXT NOT NULL,
    until INTEGER                        -- microseconds since 1970, UTC
) STRICT, WITHOUT ROWID;
"""

# A million outcomes are counted once, at the end of their run.
_STATES = """
ALTER TABLE run ADD COLUMN states TEXT;  -- JSON: requests by state; NULL: to be counted

CREATE TRIGGER state_changed AFTER UPDATE OF state ON request BEGIN
    UPDATE run SET states = NULL WHERE number = NEW.run;
END;
CREATE TRIGGER request_gone AFTER DELETE ON request BEGIN
    UPDATE run SET states = NULL WHERE number = OLD.run;
END;
"""

# A listing that lacks many of last time's items, and entries without an id.
_LOSSES = """
ALTER TABLE listing ADD COLUMN had INTEGER;   -- ids of the reading before, where it lacks too many
ALTER TABLE listing ADD COLUMN answers TEXT;  -- 'yes', 'no', 'unknown': whether what it lacks is
                                              -- there still; NULL: it lacks little, or not tried

CREATE TABLE missing (                        -- ids of the reading before that it lacks
    listing INTEGER NOT NULL REFERENCES listing(id),
    id      INTEGER NOT NULL,
    PRIMARY KEY (listing, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE left_out (                       -- entries without a usable id
    listing INTEGER NOT NULL REFERENCES listing(id),
    entry   TEXT NOT NULL,
    PRIMARY KEY (listing, entry)
) STRICT, WITHOUT ROWID;
"""

STEPS: tuple[str, ...] = (_FIRST, _EVIDENCE, _LISTINGS, _RECEIPTS, _STATES, _LOSSES)
VERSION = len(STEPS)
