"""The recipes of docs/scheduling, carried out: with stubs, and against the simulator."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RECIPES = Path(__file__).parents[2] / "docs" / "scheduling"
HOME = "/srv/statistics"
UNITS = ("harvester.service", "harvester.timer", "harvester-wake@.service")
pytestmark = pytest.mark.skipif(not shutil.which("flock"), reason="no util-linux here")

# A month that stands still, and a harvester that ends as it is told, and notes its calls.
_DATE = '#!/bin/sh\ncat "$0.says"\n'
_HARVESTER = """\
#!/bin/sh
echo "$*" >>calls
echo "said by harvester $1"
[ "$1" = run ] || exit 0
read -r code <codes
tail -n +2 codes >codes.new; mv codes.new codes
exit "$code"
"""


class Machine:
    """A folder like /srv/statistics, and its cron."""

    def __init__(self, home: Path) -> None:
        self.home = home
        shutil.copy(RECIPES / "monthly.sh", home)
        self._bin = home / "bin"
        self._bin.mkdir()
        self.program(self._bin / "date", _DATE)
        self.harvester = self.program(home / "harvester", _HARVESTER)
        self.at("2026-11")

    def program(self, path: Path, text: str) -> Path:
        path.write_text(text)
        path.chmod(0o755)
        return path

    def at(self, month: str) -> None:
        """The month whose fifth is behind us."""
        (self._bin / "date.says").write_text(f"{month}\n")

    def hour(self, *codes: int) -> subprocess.CompletedProcess[str]:
        """What cron does every hour; runs end with these codes."""
        (self.home / "codes").write_text("".join(f"{code}\n" for code in codes))
        (self.home / "calls").write_text("")
        return subprocess.run(
            ["/bin/sh", "-c", cron_command(self.home)],
            env={
                "PATH": f"{self._bin}:{os.environ['PATH']}",
                "HARVESTER": str(self.harvester),
                "LOG": str(self.home / "state" / "monthly.log"),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        return [each.split()[0] for each in (self.home / "calls").read_text().splitlines()]

    @property
    def state(self) -> set[str]:
        return {each.name for each in (self.home / "state").iterdir()} - {"lock", "monthly.log"}


def cron_lines() -> list[str]:
    text = (RECIPES / "harvester.cron").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [line for line in lines if not re.match(r"[A-Z]+=", line)]


def cron_command(home: Path) -> str:
    """The command of the one line, as cron hands it to the shell."""
    (line,) = cron_lines()
    return line.split(maxsplit=6)[6].replace(HOME, str(home))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_line_is_one_that_cron_reads() -> None:
    (line,) = cron_lines()
    *when, user, command = line.split(maxsplit=6)
    assert when == ["0", "*", "*", "*", "*"]
    assert re.fullmatch(r"[a-z_][a-z0-9_-]*", user)
    assert "%" not in command  # to cron that is a line break
    assert (RECIPES / "harvester.cron").read_text().endswith("\n")


@pytest.mark.parametrize(
    ("codes", "code", "calls", "state", "wakes"),
    [
        pytest.param([0], 0, ["run"], {"done-2026-11"}, None, id="complete"),
        pytest.param(
            [1, 0], 0, ["run", "failures", "run"], {"done-2026-11"}, None, id="mended at once"
        ),
        pytest.param(
            [1, 1], 1, ["run", "failures", "run"], {"done-2026-11"}, "something failed", id="failed"
        ),
        pytest.param([2], 2, ["run"], {"unfinished", "stopped"}, "is not tried again", id="spec"),
        pytest.param([4], 4, ["run"], {"unfinished", "stopped"}, "is not tried again", id="disk"),
        pytest.param([3], 3, ["run"], {"unfinished", "refused"}, None, id="down"),
        pytest.param([5], 5, ["run"], {"unfinished"}, None, id="paused"),
        pytest.param([143], 143, ["run"], {"unfinished"}, None, id="shut down"),
    ],
)
def test_each_exit_code_retries_rests_or_wakes_somebody(
    machine: Machine, codes: list[int], code: int, calls: list[str], state: set[str],
    wakes: str | None,
) -> None:  # fmt: skip
    ended = machine.hour(*codes)
    assert (ended.returncode, machine.calls, machine.state) == (code, calls, state)
    # cron mails whatever is printed: only what a human must know.
    assert ended.stdout == ""
    assert (wakes in ended.stderr) if wakes else (ended.stderr == "")
    assert "said by harvester run" in (machine.home / "state" / "monthly.log").read_text()


def test_a_month_is_done_once_and_the_next_begins_by_itself(machine: Machine) -> None:
    assert machine.hour(5).returncode == 5
    assert machine.hour(0).returncode == 0
    assert machine.hour().returncode == 0
    assert machine.calls == []
    machine.at("2026-12")
    machine.hour(0)
    assert machine.calls == ["run"]


def test_a_run_longer_than_a_month_is_finished_before_the_next(machine: Machine) -> None:
    machine.hour(3)
    machine.at("2026-12")
    machine.hour(0, 0)
    assert machine.calls == ["run", "run"]
    assert machine.state == {"done-2026-11", "done-2026-12"}


def test_nobody_is_woken_twice_and_mending_goes_on(machine: Machine) -> None:
    machine.hour(4)
    ended = machine.hour(0)
    assert (ended.returncode, ended.stderr, machine.calls) == (0, "", [])
    (machine.home / "state" / "stopped").unlink()
    machine.hour(0)
    assert machine.state == {"done-2026-11"}


def test_a_day_without_an_answer_wakes_somebody(machine: Machine) -> None:
    woken = [bool(machine.hour(3).stderr) for _ in range(25)]
    assert woken == [False] * 23 + [True, False]


def test_an_hour_does_not_meet_the_hour_before(machine: Machine) -> None:
    (machine.home / "state").mkdir()
    with subprocess.Popen(
        ["flock", str(machine.home / "state" / "lock"), "sh", "-c", "echo held; read line"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdin
        assert holder.stdout.readline() == "held\n"
        ended = machine.hour(0)
        holder.stdin.close()
    assert (machine.calls, ended.stdout, ended.stderr) == ([], "", "")


def test_the_script_harvests_the_simulator_hour_by_hour(machine: Machine) -> None:
    """The real command: pauses in the first hour, is complete in the second, rests in the third."""
    spec = {
        "name": "monthly",
        "source": {"simulator": {"seed": 3, "articles": 20}},
        "entities": {"article": {"ids": [1, 2, 3, 4, 5]}},
        "dimensions": [{"endpoint": "total", "counters": ["views"]}],
        "limits": {"requests_per_second": "unlimited"},
    }
    (machine.home / "monthly-archive.yaml").write_text(json.dumps(spec))
    call = f'exec "{sys.executable}" -m harvester "$@"'
    machine.harvester.write_text(f"#!/bin/sh\n{call} --max-requests 3\n")
    assert machine.hour().returncode == 5
    machine.harvester.write_text(f"#!/bin/sh\n{call}\n")
    ended = machine.hour()
    assert (ended.returncode, ended.stderr) == (0, "")
    log = (machine.home / "state" / "monthly.log").read_text()
    assert "goes on: 3 of" in log
    assert "is complete" in log
    assert machine.hour().returncode == 0
    assert (machine.home / "state" / "monthly.log").read_text() == log


@pytest.mark.parametrize(
    ("now", "month"),
    [
        ("2026-11-05 02:59:59 UTC", "2026-10"),
        ("2026-11-05 03:00:00 UTC", "2026-11"),
        ("2026-12-04 23:00:00 UTC", "2026-11"),
        ("2027-01-05 03:00:00 UTC", "2027-01"),
        ("2026-03-01 12:00:00 UTC", "2026-02"),
    ],
)
def test_the_scripts_month_begins_on_the_fifth_at_three_utc(now: str, month: str) -> None:
    """The words that the script gives to `date`, at another time than now."""
    words = re.search(r"date -u -d '([^']+)' (\S+)\)", (RECIPES / "monthly.sh").read_text())
    assert words
    told = subprocess.run(
        ["date", "-u", "-d", f"{now} {words[1]}", words[2]],
        env={**os.environ, "TZ": "Pacific/Auckland"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == month


def test_the_systemd_units_are_good(tmp_path: Path) -> None:
    """As systemd reads them, where it is here; else as the ini files that they are."""
    found = {name: configparser.ConfigParser(strict=False, interpolation=None) for name in UNITS}
    for name, unit in found.items():
        unit.optionxform = str  # type: ignore[assignment,method-assign]  # as systemd's names are
        unit.read_string((RECIPES / name).read_text())
    service, timer = found["harvester.service"], found["harvester.timer"]
    assert service["Service"]["SuccessExitStatus"].split() == ["3", "5", "129", "143"]
    assert service["Service"]["ExecStart"] == f"{HOME}/monthly.sh"
    assert service["Unit"]["OnFailure"] == "harvester-wake@%n.service"
    assert "OnCalendar=*-*-05 03:00:00 UTC" in (RECIPES / "harvester.timer").read_text()
    assert timer["Timer"]["Unit"] == "harvester.service"

    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return
    shutil.copy(RECIPES / "monthly.sh", tmp_path)
    for name in UNITS:
        text = (RECIPES / name).read_text().replace(HOME, str(tmp_path))
        (tmp_path / name).write_text(text.replace("User=statistics", "User=root"))
    shutil.copy(tmp_path / UNITS[2], tmp_path / "harvester-wake@x.service")
    names = [str(tmp_path / name) for name in ("harvester.timer", "harvester.service")]
    names.append(str(tmp_path / "harvester-wake@x.service"))
    verified = subprocess.run(
        [analyze, "verify", "--man=no", *names], capture_output=True, text=True, check=False
    )
    complaints = [line for line in verified.stderr.splitlines() if "harvester" in line]
    assert (verified.returncode, complaints) == (0, [])
