"""Planning with a ledger of 1,000,000 series: the whole `harvester plan` of the next month."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import harvester
from harvester.harvest.new_run import new_run
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import RunState
from harvester.model.dates import epoch_day
from harvester.model.packed_counts import pack_counts
from harvester.model.rules import Rule, RuleTrial
from harvester.model.terms import Counter, Endpoint, Kind

from .found import Found, at_most
from .stage import folder, start

FIRST, NEXT = date(2026, 7, 4), date(2026, 8, 4)
SERIES = 1_000_000
COUNTERS = ["views", "downloads", "shares"]
# Totals, timelines by day, month and year, breakdowns by month: 15 series an article.
ARTICLES = SERIES // 15
MOST_SECONDS, MOST_MB = 20, 300


def overhead() -> Iterator[Found]:
    with folder() as beside:
        job = beside / "job.yaml"
        job.write_text(json.dumps(_spec(beside)), encoding="utf-8")
        series = _finished_run(job)
        ended = start(beside, "harvester", "plan", str(job), "--today", NEXT.isoformat()).ended()
        yield Found("series in the ledger", f"{series:,}")
        yield at_most("plan of the next month", ended.seconds, MOST_SECONDS, " s")
        yield at_most("peak memory", ended.peak_bytes / 1e6, MOST_MB, " MB")
        yield Found("says", ended.stdout.splitlines()[-2])


def _spec(beside: Path) -> dict[str, object]:
    period = {"start": "2016-07-01", "end": "last-month"}
    return {
        "name": "large",
        "source": {"simulator": {"seed": 7, "articles": 10}},
        "entities": {"article": {"ids": [1_000_000 + 7 * n for n in range(ARTICLES)]}},
        "dimensions": [
            {"endpoint": "total", "counters": COUNTERS},
            {
                "endpoint": "timeline",
                "counters": COUNTERS,
                "granularities": ["day", "month", "year"],
                "period": period,
            },
            {
                "endpoint": "breakdown",
                "counters": COUNTERS,
                "granularities": ["month"],
                "period": period,
            },
        ],
        "output": {"path": str(beside / "output")},
    }


def _finished_run(path: Path) -> int:
    """A ledger as a first run leaves it, with events on sixty days of each series."""
    settings = JobSettings.of(harvester.load_job(path, today=FIRST))
    inner = settings.folder / "_harvest"
    inner.mkdir(parents=True)
    run = new_run(settings, 1, f"{FIRST}.1", FIRST, datetime.now(UTC))
    dice = random.Random(7)  # noqa: S311  # no secret
    days = [epoch_day(date(2016, 7, 1) + timedelta(days=dice.randrange(3600))) for _ in range(60)]
    points = pack_counts(dict.fromkeys(days, 1))
    made = 0
    with closing(Ledger(inner / "ledger.sqlite")) as ledger:
        ledger.set_meta("source", settings.source_identity())
        ledger.runs.start(run, settings.planned_spec())
        for wanted in run.wanted:
            question, window = wanted.question, wanted.window
            number = ledger.answers.question_id(question)
            first, last = (epoch_day(window.first), epoch_day(window.last)) if window else (0, 0)
            state = "derived" if question.granularity in {"month", "year"} else "done"
            is_fine = question.endpoint is Endpoint.TIMELINE and question.granularity == "day"
            if question.endpoint is Endpoint.BREAKDOWN:
                state = "done"
            with ledger._db.transaction() as db:
                for entity in run.entities[question.kind]:
                    db.execute(
                        "INSERT INTO request (question, entity, first, run, last, state,"
                        " http_status, attempts, rows, bytes, finished_at, publish, home, value)"
                        " VALUES (?,?,?,1,?,?,200,1,60,900,0,1,1,60)",
                        (number, entity, first, last, state),
                    )
                    if is_fine:
                        db.execute(
                            "INSERT INTO points VALUES (?,?,?,1,?)", (number, entity, first, points)
                        )
                    made += 1
        # As a first run leaves them.
        rules = (Rule.DERIVED, Rule.WHOLE_WINDOW, Rule.TOTAL_IS_ZERO)
        ledger.evidence.keep_trials(
            1,
            [
                RuleTrial(rule, Kind.ARTICLE, Counter(counter), 20, holds=True, sentence="held")
                for rule in rules
                for counter in COUNTERS
            ],
        )
        ledger.runs.end(run, RunState.FINISHED, datetime.now(UTC))
    return made
