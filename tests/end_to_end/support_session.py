"""A session at the command line, played again and again: what people type, and what they read.

`python -m tests.end_to_end.support_session` records it anew into tests/fixtures/session/, where a
text is changed on purpose: `git diff` then shows what users will notice. Words record only some
chapters.
"""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harvester.simulator.config import SimulatorConfig
from tests.end_to_end import support_older_folders as older
from tests.end_to_end.support_commands import Said, ended, say, somewhere, steady
from tests.support.command_line import figshare

RECORDED = Path(__file__).parent.parent / "fixtures" / "session"
TODAY, LATER, LAST = "2026-07-02", "2026-08-04", "2026-09-07"
ON = f"--today {TODAY}"

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One command as it is typed behind `harvester`, and what is done just before it.

    Attributes:
        is_held: another run holds the job's folder.
        serves: until it is told to stop.
        loses: files that get lost before, a pattern below the chapter's folder.
    """

    typed: str
    is_held: bool = False
    serves: bool = False
    loses: str | None = None

    @property
    def title(self) -> str:
        """What a test, and a line of a record, calls it."""
        notes = ["beside a live run"] * self.is_held + [f"without {self.loses}"] * bool(self.loses)
        return "  # ".join([f"harvester {self.typed}", *notes])


@dataclass(frozen=True, slots=True)
class Chapter:
    """Commands that follow on each other in one folder.

    Attributes:
        files: text, or a spec.
        job: whose parts, requests and ledger are recorded at the end; None: nobody's.
        service: settings of a simulator beside it, whose address specs call URL.
    """

    steps: Sequence[Step | str]
    files: Mapping[str, Spec | str] = field(default_factory=dict)
    job: str | None = None
    service: Mapping[str, Any] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def script(self) -> list[Step]:
        return [Step(each) if isinstance(each, str) else each for each in self.steps]


EMBEDDED: Spec = {"simulator": {"seed": 3, "articles": 30}}
PERIOD = {"start": "2025-02-11", "end": "yesterday"}
# One at a time: what has been asked when a run pauses is the same each time.
FAST = {"requests_per_second": "unlimited", "concurrency": 1}
SMALL: Spec = {
    "name": "small",
    "source": EMBEDDED,
    "entities": {"article": {"ids": [1775486, 6273307, 999_999_937]}, "author": {"ids": [36726]}},
    "dimensions": [
        {"endpoint": "total", "counters": ["views"]},
        {
            "endpoint": "timeline",
            "counters": ["views"],
            "granularities": ["month", "year"],
            "period": PERIOD,
        },
        {
            "endpoint": "breakdown",
            "entities": ["article"],
            "counters": ["views"],
            "granularities": ["month"],
            "period": PERIOD,
        },
    ],
    "limits": FAST,
}
PACED: Spec = {**SMALL, "limits": {"requests_per_second": 2, "contact": "me@example.org"}}
CHANGED: Spec = {**SMALL, "dimensions": SMALL["dimensions"][:2]}
INSTITUTION: Spec = {
    "name": "all",
    "source": {**EMBEDDED, "institution": "demo"},
    "entities": {"article": {"ids": [1775486, 6273307]}, "group": {"ids": [9648, 19519]}},
    "dimensions": [
        {"endpoint": "total", "counters": ["views", "downloads", "shares"]},
        {"endpoint": "count"},
        {"endpoint": "top", "entities": ["article"], "counters": ["views"], "count": 7},
        {
            "endpoint": "top",
            "entities": ["group"],
            "counters": ["views"],
            "sub_item": "referral",
            "period": {"start": "2026-01-01", "end": "last-month"},
        },
        {
            "endpoint": "timeline",
            "counters": ["views"],
            "granularities": ["day", "month", "year", "total"],
            "period": PERIOD,
        },
        {
            "endpoint": "breakdown",
            "entities": ["group"],
            "counters": ["downloads"],
            "granularities": ["day", "month", "year", "total"],
            "period": PERIOD,
            "filter": {"sub_item": "item_type", "sub_item_ids": ["dataset"]},
        },
    ],
    "limits": FAST,
}
DISCOVERED: Spec = {
    "name": "found",
    "source": {**EMBEDDED, "institution": "demo"},
    "entities": {"article": {"discover": True}, "group": {"discover": True}},
    "dimensions": [
        {"endpoint": "total", "entities": ["article"], "counters": ["views"]},
        {"endpoint": "count"},
    ],
    "limits": FAST,
}
AT_URL = {"stats_url": "URL", "api_url": "URL/v2"}
FAILING: Spec = {**SMALL, "name": "failing", "source": AT_URL, "limits": {**FAST, "attempts": 2}}
PROTECTED: Spec = {
    **SMALL,
    "name": "protected",
    "source": {"institution": "demo", "credentials": {"env": "STATS"}, **AT_URL},
}
LISTED: Spec = {
    "name": "listed",
    "source": EMBEDDED,
    "entities": {"article": {"file": {"path": "ids.csv"}, "metadata": True}},
    "dimensions": SMALL["dimensions"][:1],
    "limits": FAST,
}
MISTAKEN = """\
name: Small One
source:
  institution: NO
  credentials: me:secret
entities:
  article: {ids: [1, '2', 0123, 1e6]}
dimensions:
  - endpoint: total
    counters: [views, hugs]
  - endpoint: totl
  - endpoint: timeline
    counters: [view]
    granularity: [month]
    period: {start: 2026-12-01, end: last-month}
  - endpoint: top
    counters: [views]
    sub_item: referral
limits:
  requests_per_second: unlimited
  pace: 1
"""
COMMANDS = [
    "init", "check", "plan", "run", "report", "export", "status", "failures", "verify", "rebuild",
    "probe", "simulate", "schema",
]  # fmt: skip

CHAPTERS = {
    "help": Chapter(
        [
            "--help",
            "--version",
            *(f"{command} --help" for command in COMMANDS),
            "",
            "rnu job.yaml",
            "resume job.yaml",
            "run",
            "run job.yaml --todya 2026-07-02",
            "run job.yaml --today soon",
            "run job.yaml --max-requests many",
            "run job.yaml --until late",
            "run job.yaml --refresh 2026",
            "run job.yaml --log-format yaml",
            "plan job.yaml --urls --json",
            "export job.yaml",
            "export job.yaml --to pdf",
            "verify job.yaml --sample all",
            "simulate --settings nothing.json",
            "simulate --settings odd.json",
            "simulate --replay nothing.json",
            Step(f"simulate {ON} --articles 20", serves=True),
            "schema",
        ],
        {"odd.json": '{"latency": 1}'},
    ),
    "spec": Chapter(
        [
            "init mine.yaml",
            "init mine.yaml",
            "init nowhere/mine.yaml",
            f"check mine.yaml {ON}",
            f"check wrong.yaml {ON}",
            f"plan wrong.yaml {ON}",
            f"run wrong.yaml {ON}",
            f"run wrong.yaml {ON} --log-format json",
            "check tab.yaml",
            "check nothing.yaml",
            "run nothing.yaml",
            "status nothing.yaml",
            "verify .",
            f"check future.yaml {ON}",
            "run future.yaml --today 2049-01-01",
            f"plan file.yaml {ON}",
            f"run in-the-way.yaml {ON}",
        ],
        {
            "wrong.yaml": MISTAKEN,
            "tab.yaml": "name: small\n\tentities: 1\n",
            "future.yaml": {**SMALL, "source": {}, "limits": {}},
            "file.yaml": LISTED,
            "in-the-way.yaml": {**SMALL, "output": {"path": "odd"}},
            "odd": "a file",
        },
    ),
    "small": Chapter(
        [
            f"check job.yaml {ON}",
            f"check job.yaml --online {ON}",
            f"check job.yaml --count {ON}",
            f"probe job.yaml {ON}",
            f"plan job.yaml {ON}",
            f"plan paced.yaml {ON}",
            f"plan job.yaml --json {ON}",
            f"plan job.yaml --urls {ON}",
            f"plan job.yaml --fail-above 3 {ON}",
            "status job.yaml",
            f"run job.yaml {ON} --max-requests 5",
            "status job.yaml",
            f"plan job.yaml {ON}",
            f"plan job.yaml --json {ON}",
            "verify job.yaml",
            f"run job.yaml --today {LATER}",
            f"run changed.yaml {ON}",
            f"run job.yaml {ON}",
            f"run job.yaml {ON}",
            "status job.yaml",
            "status output/small",
            "status job.yaml --watch",
            f"plan job.yaml {ON}",
            "failures job.yaml",
            "failures job.yaml --retry",
            "verify job.yaml",
            "verify job.yaml --json",
            "verify job.yaml --sample 100%",
            "rebuild job.yaml",
            "report job.yaml",
            "report job.yaml --to nowhere/page.html",
            "export job.yaml --to csv",
            "export job.yaml --to csv",
            "export job.yaml --to csv --force --dataset totals --counter views",
            "export job.yaml --to xlsx --from 2026-01-01 --until 2026-03-31",
            "export job.yaml --to csv --out other --dataset total",
            "export job.yaml --to csv --out other --counter view",
            "export job.yaml --to csv --out other --from 2026-02-01 --until 2026-01-01",
            f"run job.yaml --today {LATER} --log-format json",
            f"run job.yaml --today {LATER} --refresh 2026-01..2026-02",
            f"run changed.yaml --today {LAST} --max-requests 1",
            f"run job.yaml --today {LAST} --new-run",
            f"run other.yaml --today {LAST}",
            Step("status job.yaml", is_held=True),
            Step(f"run job.yaml --today {LAST}", is_held=True),
            Step("rebuild job.yaml", is_held=True),
            Step("failures job.yaml --retry", is_held=True),
            Step("verify job.yaml --repair", is_held=True),
            "status job.yaml",
            "verify job.yaml",
            Step("verify job.yaml", loses="output/small/totals/entity=author/**/2*.parquet"),
            "verify job.yaml --repair",
            "verify job.yaml",
            Step("status job.yaml", loses="output/small/_harvest/ledger.sqlite"),
            f"run job.yaml --today {LAST}",
            "verify job.yaml --repair",
            "status job.yaml",
        ],
        {
            "job.yaml": SMALL,
            "paced.yaml": PACED,
            "changed.yaml": CHANGED,
            "other.yaml": {**SMALL, "source": {"simulator": {"seed": 4, "articles": 30}}},
        },
        job="small",
    ),
    "institution": Chapter(
        [
            f"check job.yaml --online {ON}",
            f"probe job.yaml {ON} --save answers.json",
            f"probe job.yaml {ON} --save job.yaml",
            f"plan job.yaml {ON}",
            f"plan job.yaml --urls {ON}",
            f"run job.yaml {ON}",
            f"run job.yaml --today {LATER}",
            "verify job.yaml",
            "export job.yaml --to xlsx --group 9648",
            "export job.yaml --to csv",
            "report job.yaml",
        ],
        {"job.yaml": INSTITUTION},
        job="all",
    ),
    "discover": Chapter(
        [
            f"check job.yaml --online {ON}",
            f"plan job.yaml {ON}",
            f"check job.yaml --count {ON}",
            f"plan job.yaml --json {ON}",
            f"run job.yaml {ON}",
            "status job.yaml",
            "export job.yaml --to csv",
            "verify job.yaml",
        ],
        {"job.yaml": DISCOVERED},
        job="found",
    ),
    "ids-from-file": Chapter(
        [
            f"check job.yaml {ON}",
            f"plan job.yaml {ON}",
            f"run job.yaml {ON}",
            "status job.yaml",
            f"check column.yaml {ON}",
            f"check gone.yaml {ON}",
        ],
        {
            "job.yaml": LISTED,
            "ids.csv": "title,item_id\na,1775486\nb,6273307\nb,6273307\nc,999999937\n",
            "column.yaml": {
                **LISTED,
                "entities": {"article": {"file": {"path": "ids.csv", "column": "ids"}}},
            },
            "gone.yaml": {**LISTED, "entities": {"article": {"file": {"path": "gone.csv"}}}},
        },
        job="listed",
    ),
    "failures": Chapter(
        [
            f"run job.yaml {ON}",
            f"run job.yaml {ON}",
            "status job.yaml",
            "failures job.yaml",
            "failures job.yaml --reason shape",
            "failures job.yaml --reason timeout",
            "verify job.yaml",
            "failures job.yaml --retry",
            "status job.yaml",
            f"plan job.yaml {ON}",
            f"run job.yaml {ON} --log-format json",
            f"run protected.yaml {ON}",
            f"check protected.yaml --online {ON}",
            f"probe protected.yaml {ON}",
            f"run unset.yaml {ON}",
            f"run without.yaml {ON}",
            f"run nobody.yaml {ON}",
            "status nobody.yaml",
        ],
        {
            "job.yaml": FAILING,
            "protected.yaml": PROTECTED,
            "unset.yaml": {
                **PROTECTED,
                "source": {**PROTECTED["source"], "credentials": {"env": "NOT_SET"}},
            },
            "without.yaml": {**PROTECTED, "source": {"institution": "demo", **AT_URL}},
            "nobody.yaml": {
                **SMALL,
                "name": "nobody",
                "source": {"stats_url": "http://127.0.0.1:9", "api_url": "http://127.0.0.1:9"},
                "limits": {"requests_per_second": 2, "max_pause_minutes": 0, "concurrency": 1},
            },
        },
        service={
            "seed": 3,
            "articles": 30,
            "today": TODAY,
            "username": "stats",
            "password": "right",
            "faults": [
                {"name": "negative", "rate": 1, "path": "^/total/views/article/6273307$"},
                {"name": "status", "status": 400, "rate": 1, "path": "^/total/views/author"},
            ],
        },
        environment={"STATS": "stats:wrong"},
    ),
}


def play(chapter: Chapter, here: Path) -> Iterator[tuple[str, str]]:
    """Call each command in its turn; its title, and what it did, without what varies."""
    with _serving(chapter, here) as url:
        for name, content in chapter.files.items():
            text = content if isinstance(content, str) else json.dumps(content, indent=1)
            (here / name).write_text(text.replace("URL", url), encoding="utf-8")
        for number, step in enumerate(chapter.script(), 1):
            for lost in here.glob(step.loses) if step.loses else ():
                lost.unlink()
            with _held(here / "output") if step.is_held else ExitStack():
                said = (ended if step.serves else say)(
                    here, *shlex.split(step.typed), environment=chapter.environment
                )
            yield f"{number} {step.title}", _shown(said, here)
    if chapter.job:
        for title, lines in _made(here / "output" / chapter.job):
            yield title, "".join(f"{line}\n" for line in lines)


@contextmanager
def _serving(chapter: Chapter, here: Path) -> Iterator[str]:
    if chapter.service is None:
        yield ""
        return
    beside = here.with_name(f"{here.name}-service")
    beside.mkdir()
    with figshare(beside, SimulatorConfig.from_json(dict(chapter.service))) as service:
        yield service.url


@contextmanager
def _held(output: Path) -> Iterator[None]:
    """As if another process were writing into every job's folder."""
    with ExitStack() as handles:
        for lock in output.glob("*/_harvest/lock"):
            file = handles.enter_context(lock.open("r+"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.write("process 4711 on elsewhere, since 2026-07-02 08:00:00 UTC")
            file.flush()
            handles.callback(os.ftruncate, file.fileno(), 0)
        yield


def _shown(said: Said, here: Path) -> str:
    lines = [f"exit code {said.code}\n"]
    for name, text in (("stdout", said.stdout), ("stderr", said.stderr)):
        lines += [f"{name} | {line}" for line in steady(text, here).splitlines(keepends=True)]
    return "".join(lines)


def _made(output: Path) -> Iterator[tuple[str, list[str]]]:
    """What a job's folder holds that outlives its version."""
    yield "parts", older.parts(output)
    yield (
        "requests",
        [each for run_id in older.run_ids(output) for each in older.asked(output, run_id)],
    )
    yield "columns", older.columns(output)
    yield "tables of the ledger", older.tables(output)
    yield "runs in the ledger", older.runs(output)


def recorded(name: str) -> dict[str, str]:
    """What each step of a chapter did when it was recorded."""
    text = (RECORDED / f"{name}.txt").read_text(encoding="utf-8")
    blocks = [each.partition("\n") for each in text.split("==== ")[1:]]
    return {title: rest for title, _, rest in blocks}


def record(name: str) -> None:
    """Play a chapter and keep what its steps do."""
    with somewhere() as here:
        played = play(CHAPTERS[name], _folder(here))
        text = "".join(f"==== {title}\n{shown}" for title, shown in played)
    RECORDED.mkdir(exist_ok=True)
    (RECORDED / f"{name}.txt").write_text(text, encoding="utf-8")


def _folder(root: Path) -> Path:
    here = root / "here"
    here.mkdir()
    return here


if __name__ == "__main__":
    for chosen in sys.argv[1:] or CHAPTERS:
        record(chosen)
