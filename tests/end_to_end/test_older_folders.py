"""Folders that an older version made: whoever has one goes on with it, and notices nothing.

tests/fixtures/formats/README.md says what they are and how they were made. What the older code
did with them stands beside each; here the present code does the same with a copy.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import harvester
from harvester.ledger.ledger import Ledger
from harvester.simulator.config import SimulatorConfig
from tests.end_to_end import support_older_folders as older
from tests.end_to_end.support_commands import Said, say, steady
from tests.support.command_line import figshare
from tests.support.thorough import few_of

FORMAT = 1
# Tables by item tell more than the older code's did: everyone who was asked about, and who lacks an
# answer. The datasets' own tables are as they were, to the byte.
_TELL_MORE = r"(?:totals.by.item|\w+.by.month|missing)"
_LINES_OF_MORE = re.compile(rf"(?m)^(?:  {_TELL_MORE}: |not all has an answer: ).*\n")


class Folder:
    """A copy of an older folder, and what the older code did with it."""

    def __init__(self, name: str, here: Path) -> None:
        self.here = here
        beside = older.FORMATS / str(FORMAT) / name
        older.unpack(beside.with_name(f"{name}.tar.gz"), here)
        self.told: dict[str, Any] = json.loads(
            beside.with_name(f"{name}.json").read_text(encoding="utf-8")
        )
        self.output = here / "output" / name

    def say(self, *words: str) -> Said:
        return say(self.here, *words, environment=self.told["environment"])

    @contextmanager
    def service(self, day: str) -> Iterator[None]:
        """The simulator of its address, where it does not embed one."""
        settings = self.told["simulator"]
        if settings is None:
            yield
            return
        config = SimulatorConfig.from_json({**settings, "today": day})
        port = self.told["port"]
        # The port is given; another checkout's tests may be at it now.
        with Path(tempfile.gettempdir(), f"harvester-tests-{os.getuid()}-{port}").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            with figshare(self.here, config, port=port):
                yield

    def goes_on_as(self, told: Mapping[str, Any]) -> None:
        """`run` asks as many questions as the older code, of the same series, for the same rows.

        A timeline is asked whole now, where the older code asked the days that were missing. The
        older code counted all groups of a listing once more than the job itself.
        """
        answered, before = older.settled(self.output), older.sent(self.output)
        with self.service(told["words"][1]):
            ended = self.say("run", "job.yaml", *told["words"])
        assert ended.code == told["exit"], ended.stderr
        assert older.run_ids(self.output)[-1] == told["run_id"]
        asked = older.asked(self.output, told["run_id"])
        assert sorted(map(series_of, asked)) == sorted(map(series_of, told["asked"]))
        assert older.sent(self.output) - before == told["sent"] - self._counted_twice(asked)
        now = older.settled(self.output)
        assert {each: now.get(each) for each in answered} == answered, "an answer came anew"
        assert but_for_timelines(older.rows_of(self.output)) == but_for_timelines(told["rows"])
        assert older.parts(self.output) == told["parts"]

    def _counted_twice(self, asked: Sequence[str]) -> int:
        """Requests of the job that the older code sent a second time, to check its listing."""
        entities = json.loads((self.output / "_harvest" / "spec.json").read_bytes())["entities"]
        if not entities.get("article", {}).get("discover"):
            return 0
        return sum("/count/" in each for each in asked)

    def is_good_and_rebuilds(self) -> None:
        """`verify` finds nothing; `rebuild` makes the same rows from the responses."""
        self.verifies()
        rows = older.rows_of(self.output)
        ended = self.say("rebuild", "job.yaml")
        assert ended.code == 0, ended.stderr
        assert older.rows_of(self.output) == rows
        self.verifies()

    def verifies(self) -> None:
        ended = self.say("verify", "job.yaml", "--json")
        assert ended.code == 0, ended.stdout
        assert {each["severity"] for each in json.loads(ended.stdout)["findings"]} <= {
            "information"
        }


def but_for_timelines(rows: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of each dataset; of those that name a timeline's request only how many there are.

    Nor is requests/ compared: what was covered beside a timeline is asked with it now.
    """
    return {
        name: told["rows"] if name in {"timeline", "responses"} else told
        for name, told in rows.items()
        if name != "requests"
    }


def series_of(request_id: str) -> str:
    """A request without its days where it is a timeline's."""
    return re.sub(r"(/timeline/.*)/[^/]+$", r"\1", request_id)


def days_of(folder: Folder, columns: str = "shown_start, shown_end") -> set[Any]:
    """The days of all rows of requests/, as `harvester.open` reads them."""
    output = harvester.open(folder.output)
    names = [each.strip() for each in columns.split(",")]
    by_arrow = output.requests.to_table(columns=names).to_pydict()
    found = set(output.sql(f"select {columns} from requests").fetchall())
    assert found == set(zip(*(by_arrow[each] for each in names), strict=True))
    return found


def window_of(folder: Folder) -> set[Any]:
    """The days that were asked for."""
    return days_of(folder, "window_start, window_end")


def names(what: str) -> list[str]:
    """Those of which the older code recorded this."""
    texts = {name: _told(name) for name in older.names(FORMAT)}
    return [name for name, told in texts.items() if told.get(what)]


def _told(name: str) -> dict[str, Any]:
    text = (older.FORMATS / str(FORMAT) / f"{name}.json").read_text(encoding="utf-8")
    told: dict[str, Any] = json.loads(text)
    return told


def test_every_kind_of_older_folder_is_kept() -> None:
    """None of the tests below is empty."""
    assert names("spec") == [
        "discovered", "failures", "ids-from-file", "institution", "killed-in-publish",
        "killed-with-spool", "paused", "paused-in-listing", "public",
    ]  # fmt: skip
    assert len(names("is_finished")) == 5
    assert len(names("resumed")) == 4
    assert names("retried") == ["failures"]
    assert _told("institution")["last"]["rows"]["revisions"]["rows"] > 0
    assert _told("killed-with-spool")["waiting"] > 0
    for name in ("killed-with-spool", "killed-in-publish"):
        with tarfile.open(older.FORMATS / str(FORMAT) / f"{name}.tar.gz") as archive:
            left = archive.getmember(f"output/{name}/_harvest/ledger.sqlite-wal")
        assert left.size > 0, "nothing is left of the crash"


@pytest.mark.parametrize(
    "name", few_of(names("spec"), "institution", "killed-with-spool", "paused-in-listing")
)
def test_commands_that_only_read_say_of_an_older_folder_what_they_said(
    tmp_path: Path, name: str
) -> None:
    """status, plan, failures, verify, report and export; none of them changes a byte.

    Whoever opens a ledger that a crash left takes its `-wal` in: there, what it says is compared.
    """
    folder = Folder(name, tmp_path)
    ledger, before = older.dump(folder.output), _files_at_rest(folder)
    for told in folder.told["commands"]:
        ended = folder.say(*told["words"])
        assert ended.code == told["exit"], ended.stderr
        assert steady(ended.stdout, tmp_path) == told["stdout"]
        said, then = steady(ended.stderr, tmp_path), told["stderr"]
        assert _LINES_OF_MORE.sub("", said) == _LINES_OF_MORE.sub("", then)
    assert (tmp_path / "page.html").stat().st_size > 10_000
    found, then = older.hashes(tmp_path / "tables"), folder.told["tables"]
    assert set(then) <= set(found)
    assert _of_datasets(found) == _of_datasets(then)
    assert older.dump(folder.output) == ledger
    assert _files_at_rest(folder) == before


def _of_datasets(tables: Mapping[str, str]) -> dict[str, str]:
    return {
        name: sha256
        for name, sha256 in tables.items()
        if not re.fullmatch(rf"{_TELL_MORE}\.csv", name)
    }


def _files_at_rest(folder: Folder) -> dict[str, bytes]:
    """Every file, but those of a ledger that was left by a crash."""
    is_killed = folder.told["last"]["exit"] < 0
    return {
        name: content
        for name, content in older.files(folder.output).items()
        if not (is_killed and name.startswith("_harvest/ledger.sqlite"))
    }


@pytest.mark.parametrize("name", names("is_finished"))
def test_a_finished_older_run_is_not_run_again_and_no_byte_of_its_folder_changes(
    tmp_path: Path, name: str
) -> None:
    """Nobody listens: a request would fail. The spec in the ledger is known as the same one."""
    folder = Folder(name, tmp_path)
    spec = (folder.output / "_harvest" / "spec.json").read_bytes()
    # What newer versions have added to the ledger comes first.
    Ledger(folder.output / "_harvest" / "ledger.sqlite").close()
    ledger, before = older.dump(folder.output), older.files(folder.output)
    day = folder.told["last"]["words"][1]

    ended = folder.say("run", "job.yaml", "--today", day)

    assert ended.code == folder.told["last"]["exit"], ended.stderr
    assert "nothing was sent" in ended.stderr or "failed" in ended.stderr
    assert (folder.output / "_harvest" / "spec.json").read_bytes() == spec
    assert older.dump(folder.output) == ledger
    assert older.files(folder.output) == before


@pytest.mark.parametrize("name", few_of(names("is_finished"), "public", "discovered"))
def test_a_later_run_on_an_older_folder_asks_what_the_older_code_would_ask(
    tmp_path: Path, name: str
) -> None:
    folder = Folder(name, tmp_path)
    assert days_of(folder) == {(None, None)}
    folder.goes_on_as(folder.told["later"])
    # Nothing in these folders is asked for its own sake alone, nor beyond its period.
    assert days_of(folder) == window_of(folder)
    folder.is_good_and_rebuilds()


@pytest.mark.parametrize("name", ["institution"])
def test_rebuild_says_in_an_older_folder_which_days_fill_datasets(
    tmp_path: Path, name: str
) -> None:
    folder = Folder(name, tmp_path)
    rows = older.rows_of(folder.output)

    assert folder.say("rebuild", "job.yaml").code == 0

    assert older.rows_of(folder.output) == rows
    assert days_of(folder) == window_of(folder)
    folder.verifies()


@pytest.mark.parametrize("name", few_of(names("resumed"), "killed-in-publish", "paused-in-listing"))
def test_an_unfinished_older_run_goes_on_and_asks_nothing_twice(tmp_path: Path, name: str) -> None:
    folder = Folder(name, tmp_path)
    resumed = folder.told["resumed"]
    answered = len(older.settled(folder.output))
    assert answered == folder.told["answered"]

    folder.goes_on_as(resumed)

    # What is left of that listing is two requests.
    listing = 2 if name == "paused-in-listing" else 0
    assert resumed["sent"] == len(resumed["asked"]) - answered + listing
    folder.is_good_and_rebuilds()


def test_an_older_run_that_was_resumed_is_gone_on_with_at_a_later_date(tmp_path: Path) -> None:
    folder = Folder("killed-with-spool", tmp_path)
    folder.goes_on_as(folder.told["resumed"])
    folder.goes_on_as(folder.told["later"])
    folder.verifies()


@pytest.mark.parametrize("name", names("retried"))
def test_failures_in_an_older_folder_are_put_back_and_asked_again(
    tmp_path: Path, name: str
) -> None:
    folder = Folder(name, tmp_path)
    assert folder.say("failures", "job.yaml", "--retry").code == 0
    folder.goes_on_as(folder.told["retried"])
    folder.is_good_and_rebuilds()


@pytest.mark.parametrize("name", ["discovered", "ids-from-file"])
def test_a_folder_that_stands_alone_is_repaired_without_its_spec(name: str, tmp_path: Path) -> None:
    """A backup brought back without its ledger: what the folder keeps of the spec is enough."""
    folder = Folder(name, tmp_path)
    rows = older.rows_of(folder.output)
    for path in (folder.output / "_harvest").glob("ledger.sqlite*"):
        path.unlink()
    for path in (tmp_path / "job.yaml", *tmp_path.glob("ids.csv")):
        path.unlink()

    ended = folder.say("verify", f"output/{name}", "--repair", "--json")

    assert ended.code == 0, (ended.stdout, ended.stderr)
    assert "the ledger was made anew" in ended.stdout
    assert older.rows_of(folder.output) == rows
