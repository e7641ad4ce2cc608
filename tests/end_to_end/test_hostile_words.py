"""Words of others on a terminal: whatever they hold, they are words."""

from __future__ import annotations

import re
import shutil
import sqlite3
import unicodedata
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.cli.format import plain, short
from tests.support.command_line import Job

# What a terminal obeys, or a reader is deceived by.
EVIL = (
    "\x1b]0;owned\x07 \x1b[2J\x1b[31m \u202egnp.exe\u2066 \u200b\x9b31m\x00\r\n\tred <script> "
    + "x" * 10_000
)
SPEC = {
    "name": "words",
    "source": {"institution": "demo", "simulator": {"seed": 7, "articles": 60}},
    "entities": {"article": {"discover": True}, "group": {"discover": True}},
    "dimensions": [{"endpoint": "total", "counters": ["views"]}],
    "limits": {"requests_per_second": "unlimited"},
}


def is_harmless(text: str) -> bool:
    """Nothing but printable characters and our own line breaks; no line is endless."""
    lines = text.splitlines()
    odd = [each for each in text if each != "\n" and unicodedata.category(each)[0] == "C"]
    return not odd and max(map(len, lines), default=0) < 1_000


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A job whose titles are hostile, and so is what the service said of failures."""
    found = Job(tmp_path_factory.mktemp("words"), SPEC)
    ended = found.run()
    assert is_harmless(ended.stderr)
    escapes = "title LIKE '%' || chr(27) || '%' OR title LIKE '%' || chr(8238) || '%'"
    (number,) = found.rows("entities", f"count(*) FILTER (WHERE {escapes})")[0]
    assert number, "no title is hostile here"
    with closing(sqlite3.connect(found.output / "_harvest" / "ledger.sqlite")) as db, db:
        slot = "question, entity, first, run"
        db.execute(
            f"INSERT INTO failure ({slot}, reason, sentence) SELECT {slot}, 'server_error', ?"
            " FROM request LIMIT 3",
            (EVIL,),
        )
        db.execute("UPDATE request SET state = 'failed' WHERE (entity, first, run) IN"
                   " (SELECT entity, first, run FROM failure)")  # fmt: skip
        db.execute(
            "INSERT INTO doubt SELECT question, entity, run, 'total_fell', ? FROM request LIMIT 1",
            (EVIL,),
        )
    db.close()
    return found


@pytest.mark.parametrize("command", ["status", "failures", "plan", "verify"])
def test_no_command_hands_hostile_words_to_the_terminal(job: Job, command: str) -> None:
    ended = job.call(command, "job.yaml")
    assert ended.stdout
    assert is_harmless(ended.stdout), re.findall(r"[^ -~\n]{1,20}", ended.stdout)
    assert is_harmless(ended.stderr)
    if command == "failures":
        assert ended.stdout.count("gnp.exe") == 3
    if command == "status":
        assert "gnp.exe" in ended.stdout


def test_the_summary_of_a_run_hands_no_hostile_words_to_the_terminal(job: Job) -> None:
    ended = job.run(expect=1)
    assert "gnp.exe" in ended.stderr or "server_error" in ended.stderr
    assert is_harmless(ended.stderr)


@given(st.text())
def test_any_text_becomes_one_printable_line_of_bounded_length(text: str) -> None:
    assert plain(text).isprintable()
    assert len(plain(text)) == len(text)
    assert len(short(text * 9)) <= 301
    assert plain("Études sur β-sheet, 中文, עברית") == "Études sur β-sheet, 中文, עברית"


@pytest.mark.slow
def test_exports_and_report_hold_no_markup_formula_or_control_character(
    job: Job, tmp_path: Path
) -> None:
    """The titles as the service gives them, in what is passed on."""
    made = job.call("report", "job.yaml", "--to", str(tmp_path / "page.html"))
    assert made.returncode == 0, made.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert(1)</script>" not in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", page)
    csv = job.call("export", "job.yaml", "--to", "csv", "--out", str(tmp_path / "tables"))
    assert csv.returncode == 0, csv.stderr
    assert is_harmless(csv.stderr)
    for path in (tmp_path / "tables").glob("*.csv"):
        text = path.read_text(encoding="utf-8-sig")
        assert not re.search(r'(?m)(^|,)"?\s*[=+@]', text), path.name
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize("command", ["failures", "status", "plan"])
def test_no_column_of_a_hostile_ledger_steers_the_terminal(
    job: Job, tmp_path: Path, command: str
) -> None:
    copy = copied(job, tmp_path)
    with sqlite3.connect(copy.output / "_harvest" / "ledger.sqlite") as db:
        db.execute("UPDATE failure SET reason = ?", (f"{EVIL}reason",))
        db.execute("UPDATE run SET run_id = ?", (f"2026-01-01.1{EVIL}",))
    db.close()
    ended = copy.call(command, "job.yaml")
    assert ended.returncode == 0, ended.stderr
    assert is_harmless(ended.stdout), re.findall(r"[^ -~\n]{1,20}", ended.stdout)
    assert is_harmless(ended.stderr)
    assert "gnp.exe" in ended.stdout + ended.stderr


def test_no_name_of_a_file_steers_the_terminal(job: Job, tmp_path: Path) -> None:
    copy = copied(job, tmp_path)
    name = EVIL[:30].replace("/", "").replace("\0", "")
    place = copy.output / "totals/entity=article/counter=views"
    for each in (f"{name}.parquet", f"{name}.txt"):
        (place / each).write_bytes(b"PAR1")
    for words in (["verify", "job.yaml"], ["export", "job.yaml", "--to", "csv"]):
        ended = copy.call(*words)
        assert ended.returncode in {1, 4}
        assert "owned" in ended.stdout + ended.stderr
        assert is_harmless(ended.stdout)
        assert is_harmless(ended.stderr)


def copied(job: Job, tmp_path: Path) -> Job:
    """The same harvest, to be changed."""
    shutil.copytree(job.folder, tmp_path / "copy")
    return Job(tmp_path / "copy", SPEC)
