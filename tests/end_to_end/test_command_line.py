"""What people type, and what they read: sentences and exit codes, never a traceback."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import harvester
from tests.support.command_line import Job, Spec

SIMULATED: Spec = {
    "name": "small",
    "source": {"simulator": {"seed": 3, "articles": 30}},
    "entities": {"article": {"ids": [1, 2, 3]}},
    "dimensions": [
        {"endpoint": "total", "counters": ["views"]},
        {
            "endpoint": "breakdown",
            "counters": ["views"],
            "granularities": ["month"],
            "period": {"start": "2020-01-01", "end": "2025-12-31"},
        },
    ],
    "planner": {"skip_unneeded": False},
    "limits": {"requests_per_second": 2},
}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path, json.loads(json.dumps(SIMULATED)))


def test_the_starter_passes_its_own_check(job: Job) -> None:
    assert job.call("init", "mine.yaml").returncode == 0
    assert job.call("check", "mine.yaml").returncode == 0
    again = job.call("init", "mine.yaml")
    assert again.returncode == 2
    assert "there is a file of this name already" in again.stderr


def test_a_plan_counts_without_sending(job: Job) -> None:
    plain = job.call("plan", "job.yaml")
    counted = json.loads(job.call("plan", "job.yaml", "--json").stdout)
    urls = job.call("plan", "job.yaml", "--urls").stdout.splitlines()

    assert plain.returncode == 0
    assert "to ask: 12 requests, at 2 a second: 6 s" in plain.stdout
    assert counted == {
        "requests": {"least": 12, "most": 12},
        "seconds": {"least": 6.0, "most": 6.0},
        "stages": [
            {"stage": "total", "least": 3, "most": 3, "not_needed": {}},
            {"stage": "breakdown", "least": 9, "most": 9, "not_needed": {}},
        ],
        "done": 0,
    }
    assert len(urls) == len(set(urls)) == 12
    assert job.call("plan", "job.yaml", "--fail-above", "11").returncode == 1
    assert job.call("plan", "job.yaml", "--fail-above", "12").returncode == 0
    assert not job.output.exists(), "a plan wrote something"


def test_a_plan_knows_what_is_done(job: Job) -> None:
    job.write({**job.spec, "limits": {"requests_per_second": 200}})
    job.run("--max-requests", "5", expect=5)
    left = json.loads(job.call("plan", "job.yaml", "--json").stdout)
    assert (left["requests"]["most"], left["done"]) == (7, 5)
    assert len(job.call("plan", "job.yaml", "--urls").stdout.splitlines()) == 7
    status = job.call("status", "job.yaml").stdout
    assert "5 of 12 requests" in status
    assert "harvester run` goes on" in status
    assert "spool" not in status, "all of it is published"

    job.run()
    done = json.loads(job.call("plan", "job.yaml", "--json").stdout)
    assert done["requests"] == {"least": 0, "most": 0}
    assert job.call("status", str(job.output)).returncode == 0


def test_a_finished_job_says_that_nothing_is_left(tmp_path: Path) -> None:
    """Also of requests that its answers spared: they are not pending."""
    job = Job(tmp_path, {**SIMULATED, "planner": {}, "limits": {"requests_per_second": 200}})
    assert "nothing was sent" not in job.run().stderr
    again = job.run()
    assert "nothing was sent" in again.stderr
    assert (
        "6 requests: 3 with numbers, 3 answered with nothing, 0 failed, 0 pending" in again.stderr
    )


def test_mistakes_come_all_at_once_with_their_place(job: Job) -> None:
    job.path.write_text(
        "name: small\nentities: {article: {ids: [1]}}\ndimensions:\n"
        "  - endpoint: total\n    counters: [views, hugs]\n  - endpoint: totl\n"
    )
    for command in ("check", "plan", "run"):
        ended = job.call(command, "job.yaml")
        assert ended.returncode == 2
        assert ended.stdout == ""
        lines = ended.stderr.splitlines()
        assert lines[0] == (
            "job.yaml:5:23: dimensions[0].counters[1]: 'hugs' is not a counter"
            " (views, downloads, shares)"
        )
        assert lines[1].startswith("job.yaml:6:15: dimensions[1].endpoint: 'totl'")
    assert not job.output.exists()


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        pytest.param({"output": {"path": "in-the-way"}}, 4, "a file stands where", id="a file"),
        pytest.param(
            {
                "source": {
                    "institution": "demo",
                    "stats_url": "http://127.0.0.1:9",
                    "api_url": "http://127.0.0.1:9",
                }
            },
            2,
            "needs credentials",
            id="no credentials",
        ),
        pytest.param(
            {
                "source": {
                    "institution": "demo",
                    "credentials": {"env": "NOT_SET"},
                    "stats_url": "http://127.0.0.1:9",
                    "api_url": "http://127.0.0.1:9",
                }
            },
            2,
            "export NOT_SET=",
            id="an unset variable",
        ),
        pytest.param(
            {
                "source": {
                    "institution": "demo",
                    "credentials": {"file": "in-the-way"},
                    "stats_url": "http://127.0.0.1:9",
                    "api_url": "http://127.0.0.1:9",
                }
            },
            2,
            "does not hold username:password",
            id="a file without a password",
        ),
        pytest.param(
            {
                "source": {
                    "stats_url": "http://127.0.0.1:9",
                    "api_url": "http://127.0.0.1:9",
                },
                "limits": {"requests_per_second": 2, "max_pause_minutes": 0},
            },
            3,
            "not answering",
            id="nobody there",
        ),
    ],
)
def test_a_run_that_cannot_be_says_why_and_how_to_fix_it(
    job: Job, change: dict[str, Any], code: int, says: str
) -> None:
    (job.folder / "in-the-way").write_text("not a folder")
    job.write({**job.spec, **change})

    ended = job.run(expect=code)

    assert says in ended.stderr
    assert "fix:" in ended.stderr


def test_only_the_simulator_may_be_asked_about_the_future(job: Job) -> None:
    assert job.call("plan", "job.yaml", "--today", "2049-01-01").returncode == 0
    job.write({**job.spec, "source": {}})
    for command in ("check", "plan", "run"):
        ended = job.call(command, "job.yaml", "--today", "2049-01-01")
        assert ended.returncode == 2
        assert "lies in the future" in ended.stderr


@pytest.mark.parametrize(
    ("dimension", "says"),
    [
        ({"endpoint": "total"}, "but totals tell what is counted up to now"),
        ({"endpoint": "top", "count": 5}, "but rankings tell what is counted up to now"),
    ],
)
def test_what_is_read_today_is_given_no_date_of_the_past(
    job: Job, dimension: dict[str, Any], says: str
) -> None:
    counted = {**dimension, "entities": ["article"], "counters": ["views"]}
    job.write({**job.spec, "source": {}, "dimensions": [counted]})
    for command in ("check", "plan", "run"):
        ended = job.call(command, "job.yaml", "--today", "2026-07-02")
        assert ended.returncode == 2
        assert says in ended.stderr
    # The days of a period are the same whenever they are read.
    period = {"start": "2026-01-01", "end": "yesterday"}
    asked = {**counted, "endpoint": "timeline", "granularities": ["day"], "period": period}
    asked.pop("count", None)
    job.write({**job.spec, "source": {}, "dimensions": [asked]})
    assert job.call("plan", "job.yaml", "--today", "2026-07-02").returncode == 0


def test_newer_numbers_are_never_replaced_by_those_of_an_earlier_date(job: Job) -> None:
    job.write({**job.spec, "dimensions": [{"endpoint": "total", "counters": ["views"]}]})
    job.run("--today", "2049-07-02")
    before = job.files()

    named = job.run("--today", "2049-07-01", expect=2)
    # As where the machine's clock was set back.
    today = job.run(expect=2)

    assert "before that of the last run, 2049-07-02.1" in named.stderr
    assert "this machine's clock: the date" in today.stderr
    after = job.files()
    assert {**after, "_harvest/lock": b""} == before


@pytest.mark.parametrize("today", ["9999-12-31", "0001-01-01", "2010-12-31", "2051-01-01"])
def test_a_date_that_no_run_can_have_is_refused(job: Job, today: str) -> None:
    for command in ("check", "plan", "run"):
        ended = job.call(command, "job.yaml", "--today", today)
        assert ended.returncode == 2
        assert f"no run has the date {today}: write one from 2011-01-01" in ended.stderr


def test_a_time_zone_that_is_none_ends_with_a_sentence(job: Job) -> None:
    job.environment["TZ"] = "XXX-25"

    # A process reads its time zone when it begins.
    with job.start("run", "job.yaml") as ended:
        _, told = ended.communicate(timeout=60)

    assert ended.returncode == 2, told
    assert "TZ: 'XXX-25' is no time zone" in told
    assert not (job.folder / "output").exists()


def test_a_credentials_file_is_found_beside_the_spec_and_written_nowhere(job: Job) -> None:
    """Their path is relative to the spec, their line break does no harm, and others are warned."""
    (job.folder / "specs").mkdir()
    secret = job.folder / "specs" / "secret.txt"
    secret.write_text("somebody:canary-7731\n")
    secret.chmod(0o644)
    source = {"simulator": {"seed": 3, "articles": 30}, "institution": "demo"}
    spec = {**job.spec, "source": {**source, "credentials": {"file": "secret.txt"}}}
    spec["limits"] = {"requests_per_second": 200}
    (job.folder / "specs" / "job.yaml").write_text(json.dumps(spec))

    ended = job.call("run", "specs/job.yaml")

    assert ended.returncode == 0, ended.stderr
    assert "specs/secret.txt can be read by others: chmod 600" in ended.stderr
    written = b"".join([*job.files().values(), ended.stderr.encode(), ended.stdout.encode()])
    for canary in (b"canary-7731", b"c29tZWJvZHk6Y2FuYXJ5LTc3MzE="):
        assert canary not in written


def test_a_full_disk_loses_nothing(job: Job) -> None:
    """No file may grow past some kilobytes: SQLite and Parquet both meet it."""
    many = {"article": {"ids": list(range(1, 1001))}}
    pace = {"requests_per_second": "unlimited"}
    job.write({**job.spec, "entities": many, "limits": pace})
    command = job.command("run", "job.yaml")

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    ended = subprocess.run(  # a limit of one child, in a test
        command,
        cwd=job.folder,
        env=job.environment,
        capture_output=True,
        text=True,
        preexec_fn=small_files,
        check=False,
    )
    assert ended.returncode == 4, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "fix:" in ended.stderr

    job.run()
    assert len(job.rows("totals", "value")) == 1000
    assert len(set(job.rows("totals", "entity_id"))) == 1000


def test_the_schema_is_printed(job: Job) -> None:
    said = json.loads(job.call("schema").stdout)
    assert said["$schema"].startswith("https://json-schema.org/")


def test_a_reader_that_goes_away_is_no_error(job: Job) -> None:
    line = f"{sys.executable} -m harvester plan job.yaml --urls | head -1"
    ended = subprocess.run(  # noqa: S602  # a pipe needs a shell
        line, shell=True, cwd=job.folder, capture_output=True, text=True, check=False
    )
    assert ended.stderr == ""


@pytest.mark.anyio
async def test_python_plans_runs_and_opens_like_the_command_line(job: Job) -> None:
    output = {"path": str(job.folder / "output")}
    job.write({**job.spec, "output": output, "limits": {"requests_per_second": 200}})
    loaded = harvester.load_job(job.path)
    assert harvester.plan(loaded).requests == 12
    result = await harvester.run_async(loaded)
    assert result.exit_code == 0
    assert harvester.open(result.folder).totals.count_rows() == 3
    assert harvester.plan(loaded).requests == 0
