"""Through a proxy with a certificate of its own, by the command line, where nothing else leads out.

The service is called by names that do not exist: only the proxy knows what they mean.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from harvester.simulator.config import SimulatorConfig
from tests.end_to_end.support_commands import say
from tests.faults.support_canary import spilled
from tests.support.certificates import Certificates, certificates
from tests.support.command_line import Figshare, Job, Spec, figshare
from tests.support.forward_proxy import WANTS_LOGIN, ForwardProxy, forward_proxy, page

DEMO = Path(__file__).parents[2] / "configs" / "demo.yaml"
NAMES = ("stats.example.test", "api.example.test")
# What an encoding would change; `:`, `/` and `@` must be written in percent form in a URL.
PASSWORD = "kanárek's~s3cret/&=+:ž@x"
IN_URL = "kan%C3%A1rek's~s3cret%2F&=+:%C5%BE%40x"
CREDENTIALS = f"librarian:{PASSWORD}"
STATS, TOKEN = "canary-of-the-statistics", "t0ken-of-a-canary"
# A run at debug level that tells, on its last line, what it connected to and which names it looked
# up, and what the process list says of it.
WATCHED = """
import json, logging, sys
from pathlib import Path
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
seen = set()
def watch(event, arguments):
    if event == "socket.connect":
        seen.add(str(arguments[1]))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        seen.add(str(arguments[0]))
sys.addaudithook(watch)
from harvester.cli import main
code = main()
listed = Path("/proc/self/cmdline")
words = listed.read_bytes().decode(errors="replace") if listed.exists() else ""
print(json.dumps({"seen": sorted(seen), "process": words}))
sys.exit(code)
"""


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"), *NAMES, "127.0.0.1")


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, certified: Certificates
) -> Iterator[Figshare]:
    config = SimulatorConfig(
        seed=7,
        articles=300,
        username="stats",
        password=STATS,
        token=TOKEN,
        today=datetime.now(UTC).date(),
    )
    with figshare(
        tmp_path_factory.mktemp("service"),
        config,
        certificate=certified.service,
        trust=certified.trusting,
    ) as service:
        yield service


@pytest.fixture
def service(running: Figshare) -> Figshare:
    running.change(faults=[])
    running.forget()
    return running


@pytest.fixture
def proxy(service: Figshare) -> Iterator[ForwardProxy]:
    port = int(service.url.rpartition(":")[2])
    with forward_proxy({f"{name}:443": port for name in NAMES}, credentials=CREDENTIALS) as found:
        yield found


def away(**source: Any) -> Spec:
    """The source of a job whose service is to be had through the proxy alone."""
    urls = {"stats_url": f"https://{NAMES[0]}", "api_url": f"https://{NAMES[1]}/v2"}
    return {**urls, **source}


def job_of(folder: Path, **source: Any) -> Job:
    """Eight requests, four at once; the first second without one success ends it."""
    return Job(
        folder,
        {
            "name": "away",
            "source": away(**source),
            "entities": {"article": {"ids": [1775486, 6273307, 766364, 2000000]}},
            "dimensions": [{"endpoint": "total", "counters": ["views", "downloads"]}],
            "limits": {"requests_per_second": 10_000, "concurrency": 4, "max_pause_minutes": 0},
        },
    )


@pytest.mark.thorough
def test_a_whole_demo_goes_through_a_proxy_and_nowhere_else(
    tmp_path: Path, service: Figshare, proxy: ForwardProxy, certified: Certificates
) -> None:
    """A certificate of its own, a password in the environment, and names that do not exist."""
    # Days back into text, as they were written.
    spec = json.loads(json.dumps(yaml.safe_load(DEMO.read_text(encoding="utf-8")), default=str))
    secrets = {"token": {"env": "TOKEN"}, "credentials": {"env": "STATS"}}
    spec["source"] = away(ca_file="ca.pem", institution="demo", institution_id=2, **secrets)
    spec["limits"]["requests_per_second"] = 100_000
    (tmp_path / "ca.pem").write_bytes(certified.authority.read_bytes())
    job = Job(tmp_path, spec)
    job.environment |= {
        "TOKEN": TOKEN,
        "STATS": f"stats:{STATS}",
        "HTTPS_PROXY": f"http://librarian:{IN_URL}@127.0.0.1:{proxy.port}",
    }

    checked = job.call("check", "job.yaml", "--online")
    ran = watched(job, "run", "job.yaml")
    verified = job.call("verify", "job.yaml")
    reported = job.call("report", "job.yaml")

    told = json.loads(ran.stdout.splitlines()[-1])
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert verified.returncode == 0, verified.stdout
    assert told["seen"] == [f"('127.0.0.1', {proxy.port})"], "all that it connected to or looked up"
    assert set(proxy.asked) == {f"CONNECT {name}:443 HTTP/1.1" for name in NAMES}
    entries = service.history()
    assert len(entries) > 1000
    assert len({entry["connection"] for entry in entries}) <= proxy.tunnels, "no other way in"
    assert checked.stdout.splitlines()[:2] == [
        f"route    statistics and listings: through the proxy 127.0.0.1:{proxy.port} (HTTPS_PROXY)",
        "route    certificates: those in ca.pem (source.ca_file)",
    ]
    printed = [each.stdout + each.stderr for each in (checked, ran, verified, reported)]
    assert "DEBUG:" in ran.stderr, "this is not the debug level"
    assert all("Proxy-Authorization: Basic " in head for head in proxy.heads), "in vain"
    assert spilled([PASSWORD, IN_URL, STATS, TOKEN], tmp_path, *printed, told["process"]) == []
    heads = tmp_path / "heads"
    heads.mkdir()
    assert spilled([STATS, TOKEN], heads, *proxy.heads) == [], "the proxy gets its own alone"


def watched(job: Job, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WATCHED, *words],
        cwd=job.folder,
        env=job.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.mark.parametrize(
    ("misfortune", "says", "fix"),
    [
        (
            {"says": WANTS_LOGIN},
            "does not take the username and password of OURS (status 407)",
            "put http://USERNAME:PASSWORD@HOST:PORT into HTTPS_PROXY",
        ),
        (
            {"says": page(403)},
            "does not let us through to the host (status 403)",
            "ask those who run the proxy to let this host through",
        ),
        (
            {"says": page(503)},
            "does not get through to the host (status 503)",
            "run the same command again later",
        ),
        (
            {"says": b""},
            "opened no way to the host: the connection was closed before an answer came",
            "run the same command again later",
        ),
        ({"hangs": True}, "opened no way to the host within 0.2 s", "run the same command again"),
        ({"port": 1}, "cannot be reached: Connect call failed", "run the same command again later"),
    ],
    ids=["wants a login", "refuses", "own error page", "hangs up", "slow", "down"],
)
def test_a_proxy_in_the_way_is_exit_3_and_named_and_the_job_goes_on_without_it(
    tmp_path: Path,
    service: Figshare,
    proxy: ForwardProxy,
    certified: Certificates,
    misfortune: dict[str, Any],
    says: str,
    fix: str,
) -> None:
    job = job_of(tmp_path, proxy={"env": "OURS"}, ca_file=str(certified.authority))
    job.write({**job.spec, "limits": {**job.spec["limits"], "timeout_seconds": 0.2}})
    right = proxy.port
    for name, value in misfortune.items():
        setattr(proxy, name, value)
    variables = {"OURS": f"http://librarian:{IN_URL}@127.0.0.1:{proxy.port}"}

    refused = say(tmp_path, "run", "job.yaml", environment=variables)

    assert refused.code == 3, refused.stderr
    assert f"the proxy 127.0.0.1:{proxy.port}" in refused.stderr
    assert says in refused.stderr
    assert fix in refused.stderr
    assert service.history() == []
    assert spilled([PASSWORD, IN_URL], tmp_path, refused.stdout, refused.stderr) == []

    proxy.says, proxy.hangs = None, False
    job.write({**job.spec, "limits": {**job.spec["limits"], "timeout_seconds": 60}})
    variables["OURS"] = f"http://librarian:{IN_URL}@127.0.0.1:{right}"
    went_on = say(tmp_path, "run", "job.yaml", environment=variables)
    assert went_on.code == 0, went_on.stderr
    assert len(job.rows("totals", "*")) == 8


@pytest.mark.usefixtures("service")
def test_a_certificate_that_nobody_here_trusts_is_told_with_the_way_out(
    tmp_path: Path, proxy: ForwardProxy, certified: Certificates
) -> None:
    job_of(tmp_path)
    variables = {"HTTPS_PROXY": f"http://librarian:{IN_URL}@127.0.0.1:{proxy.port}"}

    refused = say(tmp_path, "run", "job.yaml", environment=variables)

    assert refused.code == 3
    assert (
        "the host's certificate is not trusted: unable to get local issuer certificate"
        in refused.stderr
    )
    assert "source.ca_file in the job spec, or SSL_CERT_FILE" in refused.stderr
    assert "now trusted: the machine's trust store" in refused.stderr

    variables["SSL_CERT_FILE"] = str(certified.authority)
    assert say(tmp_path, "run", "job.yaml", environment=variables).code == 0


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(
    ("source", "environment", "says"),
    [
        ({"ca_file": "nowhere.pem"}, {}, "source.ca_file: nowhere.pem cannot serve as the"),
        ({"ca_file": "job.yaml"}, {}, "job.yaml cannot serve as the certificates to trust: it"),
        ({}, {"SSL_CERT_FILE": "nowhere.pem"}, "SSL_CERT_FILE: nowhere.pem cannot serve as the"),
        ({}, {"HTTPS_PROXY": "socks5://u:canary@p"}, "HTTPS_PROXY: SOCKS proxies are not"),
        ({"proxy": "http://u:canary@p"}, {}, "source.proxy: secrets never stand in a spec"),
    ],
)
def test_a_way_that_cannot_be_gone_is_exit_2_before_anything_is_written(
    tmp_path: Path, command: str, source: Any, environment: dict[str, str], says: str
) -> None:
    job_of(tmp_path, **source)
    ended = say(tmp_path, command, "job.yaml", environment=environment)
    assert ended.code == 2, ended.stderr
    assert says in ended.stderr
    assert "canary" not in ended.stderr + ended.stdout
    assert not (tmp_path / "output").exists()


def test_check_warns_of_a_variable_for_the_proxy_that_run_will_miss(tmp_path: Path) -> None:
    job_of(tmp_path, proxy={"env": "OURS"})
    checked = say(tmp_path, "check", "job.yaml")
    assert checked.code == 0
    assert (
        "warning: the environment variable OURS is not set; `run` will need it." in checked.stderr
    )
    ran = say(tmp_path, "run", "job.yaml")
    assert ran.code == 2
    assert "source.proxy: the environment variable OURS is not set" in ran.stderr


def test_the_ways_to_statistics_and_listings_are_told_apart_and_kept_in_the_log(
    tmp_path: Path, service: Figshare, proxy: ForwardProxy, certified: Certificates
) -> None:
    job = job_of(tmp_path, ca_file=str(certified.authority))
    variables = {
        "HTTPS_PROXY": f"http://librarian:{IN_URL}@127.0.0.1:{proxy.port}",
        "NO_PROXY": "api.example.test",
    }
    said = [
        f"statistics: through the proxy 127.0.0.1:{proxy.port} (HTTPS_PROXY)",
        "listings: direct (NO_PROXY has api.example.test)",
        f"certificates: those in {certified.authority} (source.ca_file)",
    ]

    checked = say(tmp_path, "check", "job.yaml", environment=variables)
    assert say(tmp_path, "run", "job.yaml", environment=variables).code == 0

    assert checked.stdout.splitlines()[:3] == [f"route    {line}" for line in said]
    log = (job.output / "_harvest" / "harvest.log").read_text(encoding="utf-8")
    assert [line.partition(" ")[2] for line in log.splitlines()][:3] == said
    assert len(service.history()) == 8


def test_nothing_of_the_way_is_told_where_all_is_as_it_is_by_default(tmp_path: Path) -> None:
    """Loopback is asked directly whatever the environment says."""
    job = job_of(tmp_path)
    assert "route" not in say(tmp_path, "check", "job.yaml").stdout
    job.write({**job.spec, "source": {"simulator": {"seed": 7}}})
    variables = {"HTTPS_PROXY": "http://127.0.0.1:1", "SSL_CERT_FILE": "nowhere.pem"}
    assert "route" not in say(tmp_path, "check", "job.yaml", environment=variables).stdout
    assert say(tmp_path, "run", "job.yaml", environment=variables).code == 0


def test_a_netrc_is_never_read(
    tmp_path: Path, service: Figshare, proxy: ForwardProxy, certified: Certificates
) -> None:
    """HTTP libraries that are told to trust the environment take passwords from it."""
    machines = (*NAMES, "127.0.0.1")
    lines = [f"machine {name} login someone password canary\n" for name in machines]
    (tmp_path / ".netrc").write_text("".join(lines), encoding="utf-8")
    proxy.credentials = None
    job_of(tmp_path, ca_file=str(certified.authority))
    variables = {
        "HOME": str(tmp_path),
        "NETRC": str(tmp_path / ".netrc"),
        "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}",
    }

    assert say(tmp_path, "run", "job.yaml", environment=variables).code == 0

    assert "authorization" not in "".join(proxy.heads).lower()
    assert {entry["scheme"] for entry in service.history()} == {None}
