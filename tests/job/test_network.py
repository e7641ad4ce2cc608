"""Through which proxy a job's requests go, and whose certificates count: spec and environment."""

from __future__ import annotations

import json
import ssl
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harvester.errors import UsageError
from harvester.job.network import Network, Route, missing_proxy_variable, network_of
from harvester.job.settings import JobSettings
from harvester.spec.load_spec import load
from tests.support.certificates import Certificates, certificates

P, Q = "http://proxy.example.org:3128", "http://other.example.org:8080"
THROUGH_P = "through the proxy proxy.example.org:3128"
DIRECT = str(Route())
BOTH = "statistics and listings: "


def settings_of(folder: Path, **source: Any) -> JobSettings:
    spec = {
        "name": "job",
        "source": source,
        "entities": {"article": {"ids": [1]}},
        "dimensions": [{"endpoint": "total", "counters": ["views"]}],
    }
    path = folder / "job.yaml"
    path.write_text(json.dumps(spec), encoding="utf-8")
    return JobSettings.of(load(path, today=date(2026, 11, 23)))


def lines(folder: Path, environment: dict[str, str], **source: Any) -> list[str]:
    return network_of(settings_of(folder, **source), environment).lines


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, DIRECT),
        ({"HTTPS_PROXY": ""}, DIRECT),
        ({"HTTPS_PROXY": P}, f"{THROUGH_P} (HTTPS_PROXY)"),
        ({"https_proxy": P}, f"{THROUGH_P} (https_proxy)"),
        ({"https_proxy": P, "HTTPS_PROXY": Q}, f"{THROUGH_P} (https_proxy)"),
        ({"https_proxy": "", "HTTPS_PROXY": P}, f"{THROUGH_P} (HTTPS_PROXY)"),
        ({"HTTPS_PROXY": P, "all_proxy": Q}, f"{THROUGH_P} (HTTPS_PROXY)"),
        ({"ALL_PROXY": P}, f"{THROUGH_P} (ALL_PROXY)"),
        ({"all_proxy": P, "ALL_PROXY": Q}, f"{THROUGH_P} (all_proxy)"),
        ({"HTTP_PROXY": P}, "direct (HTTP_PROXY is for http only, set HTTPS_PROXY)"),
        ({"http_proxy": P, "HTTPS_PROXY": P}, f"{THROUGH_P} (HTTPS_PROXY)"),
        ({"HTTPS_PROXY": P, "NO_PROXY": "figshare.com"}, "direct (NO_PROXY has figshare.com)"),
        ({"HTTPS_PROXY": P, "no_proxy": "*", "NO_PROXY": "x"}, "direct (no_proxy has *)"),
        ({"HTTPS_PROXY": P, "NO_PROXY": "x"}, f"{THROUGH_P} (HTTPS_PROXY)"),
        ({"NO_PROXY": "*"}, DIRECT),
        ({"HTTPS_PROXY": "u:canary@proxy.example.org:3128"}, f"{THROUGH_P} (HTTPS_PROXY)"),
    ],
)
def test_the_environment_names_the_proxy_as_for_curl(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    assert lines(tmp_path, environment) == ([] if said == DIRECT else [BOTH + said])


@pytest.mark.parametrize(
    ("proxy", "environment", "said"),
    [
        (P, {}, f"{THROUGH_P} (source.proxy)"),
        (P, {"HTTPS_PROXY": Q}, f"{THROUGH_P} (source.proxy)"),
        ("proxy.example.org:3128", {}, f"{THROUGH_P} (source.proxy)"),
        (P, {"NO_PROXY": ".figshare.com"}, "direct (NO_PROXY has .figshare.com)"),
        ({"env": "OURS"}, {"OURS": P, "HTTPS_PROXY": Q}, f"{THROUGH_P} (OURS)"),
        ({"env": "HTTP_PROXY"}, {"HTTP_PROXY": P}, f"{THROUGH_P} (HTTP_PROXY)"),
        ("none", {"HTTPS_PROXY": P}, "direct (source.proxy)"),
    ],
)
def test_the_spec_names_the_proxy_before_the_environment(
    tmp_path: Path, proxy: object, environment: dict[str, str], said: str
) -> None:
    assert lines(tmp_path, environment, proxy=proxy) == [BOTH + said]


def test_statistics_and_listings_can_go_different_ways(tmp_path: Path) -> None:
    environment = {"HTTPS_PROXY": P, "NO_PROXY": "api.figshare.com"}
    assert lines(tmp_path, environment) == [
        f"statistics: {THROUGH_P} (HTTPS_PROXY)",
        "listings: direct (NO_PROXY has api.figshare.com)",
    ]


@pytest.mark.parametrize(
    "host", ["localhost", "stats.localhost", "127.0.0.1", "127.9.9.9", "[::1]"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_loopback_never_goes_through_a_proxy(tmp_path: Path, scheme: str, host: str) -> None:
    """Not even through one that the spec names, and one that cannot be read is no matter."""
    url = f"{scheme}://{host}:8000"
    home = {"stats_url": url, "api_url": f"{url}/v2"}
    everything = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), "socks5://x")
    for proxy in ({}, {"proxy": P}, {"proxy": {"env": "UNSET"}}):
        network = network_of(settings_of(tmp_path, **home, **proxy), everything)
        assert (network.statistics, network.listings) == (Route(), Route())
        assert network.lines == []


def test_the_simulator_takes_no_heed_of_the_environment(tmp_path: Path) -> None:
    everything = {"HTTPS_PROXY": "socks5://x", "SSL_CERT_FILE": "nowhere.pem"}
    settings = settings_of(tmp_path, simulator={"seed": 7}, proxy={"env": "UNSET"})
    assert network_of(settings, everything) == Network()
    assert missing_proxy_variable(settings, everything) is None


@pytest.mark.parametrize(
    ("source", "environment", "where", "what"),
    [
        ({}, {"HTTPS_PROXY": "socks5://u:canary@p:1"}, "HTTPS_PROXY", "SOCKS proxies are not"),
        ({}, {"ALL_PROXY": "socks5h://p:1"}, "ALL_PROXY", "SOCKS proxies are not supported"),
        ({}, {"https_proxy": "http://u:can/ary@p"}, "https_proxy", "this is no proxy's URL"),
        ({"proxy": {"env": "OURS"}}, {"OURS": "ftp://canary"}, "OURS", "this is no proxy's URL"),
        ({"proxy": {"env": "OURS"}}, {}, "source.proxy", "variable OURS is not set"),
        ({"proxy": {"env": "OURS"}}, {"OURS": ""}, "source.proxy", "variable OURS is not set"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_exit_2(
    tmp_path: Path, source: Any, environment: dict[str, str], where: str, what: str
) -> None:
    with pytest.raises(UsageError) as caught:
        network_of(settings_of(tmp_path, **source), environment)
    assert (caught.value.where, caught.value.exit_code) == (where, 2)
    assert what in caught.value.what
    assert "canary" not in str(caught.value)


def test_a_proxys_password_shows_nowhere_but_in_its_header(tmp_path: Path) -> None:
    network = network_of(settings_of(tmp_path), {"HTTPS_PROXY": "http://u:can%40ary@p:1"})
    proxy = network.statistics.proxy
    assert proxy is not None
    assert proxy.authorization is not None
    assert proxy.authorization.reveal() == "Basic dTpjYW5AYXJ5"
    for text in (repr(network), str(network.lines), repr(proxy), str(proxy)):
        assert "can@ary" not in text
        assert "can%40ary" not in text
        assert "dTpjYW5AYXJ5" not in text


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"), "stats.example.test")


@pytest.mark.parametrize(
    ("names", "by"),
    [
        (["CURL_CA_BUNDLE"], "CURL_CA_BUNDLE"),
        (["CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"], "REQUESTS_CA_BUNDLE"),
        (["CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"], "SSL_CERT_FILE"),
        (["SSL_CERT_FILE", "source.ca_file"], "source.ca_file"),
    ],
)
def test_certificates_are_those_of_the_nearest_that_is_named(
    tmp_path: Path, certified: Certificates, names: list[str], by: str
) -> None:
    """The others are not even read."""
    paths = dict.fromkeys(names, "nowhere.pem") | {by: str(certified.authority)}
    source = {"ca_file": paths.pop("source.ca_file")} if "source.ca_file" in paths else {}
    network = network_of(settings_of(tmp_path, **source), paths)
    assert network.lines == [f"certificates: those in {certified.authority} ({by})"]
    assert network.trust is not None
    assert len(network.trust.get_ca_certs()) == 1, "in place of the machine's, not beside them"
    assert (network.trust.verify_mode, network.trust.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_nothing_named_is_the_machines_trust_store(tmp_path: Path) -> None:
    network = network_of(settings_of(tmp_path), {"SSL_CERT_FILE": ""})
    assert network.lines == []
    assert type(network.trust).__module__.startswith("truststore")
    assert network.trust is not None
    assert (network.trust.verify_mode, network.trust.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_file_of_certificates_lies_beside_the_spec(
    tmp_path: Path, certified: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As other files do, wherever the command is typed."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "ca.pem").write_bytes(certified.authority.read_bytes())
    settings = settings_of(Path("specs"), ca_file="ca.pem")
    assert settings.ca_file == Path("specs/ca.pem")
    assert network_of(settings, {}).lines == [
        "certificates: those in specs/ca.pem (source.ca_file)"
    ]


def test_a_folder_of_certificates_serves_too(tmp_path: Path, certified: Certificates) -> None:
    network = network_of(settings_of(tmp_path), {"SSL_CERT_FILE": str(certified.authority.parent)})
    assert network.lines == [f"certificates: those in {certified.authority.parent} (SSL_CERT_FILE)"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        (b"", "it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"),
        (b"hello\n", "it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"),
        (b"0\x82\x01\xff\x00", "it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"),
        (
            b"-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n",
            "it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)",
        ),
    ],
)
@pytest.mark.parametrize("where", ["source.ca_file", "SSL_CERT_FILE"])
def test_what_holds_no_certificates_is_exit_2(
    tmp_path: Path, where: str, content: bytes | None, why: str
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    source = {"ca_file": "ca.pem"} if where == "source.ca_file" else {}
    with pytest.raises(UsageError) as caught:
        network_of(settings_of(tmp_path, **source), {"SSL_CERT_FILE": str(path)})
    assert (caught.value.where, caught.value.exit_code) == (where, 2)
    assert caught.value.what == f"{path} cannot serve as the certificates to trust: {why}"


def test_the_way_is_no_part_of_what_a_folder_is_known_by(
    tmp_path: Path, certified: Certificates
) -> None:
    """It may always change, and a job that says nothing of it keeps its spec.json byte by byte."""
    plain = settings_of(tmp_path)
    other = settings_of(tmp_path, proxy={"env": "OURS"}, ca_file=str(certified.authority))
    assert plain.source_identity() == other.source_identity()
    assert plain.planned_spec() == other.planned_spec()
    assert not {"proxy", "ca_file"} & json.loads(plain.resolved_spec())["source"].keys()
    assert json.loads(other.resolved_spec())["source"]["proxy"] == {"env": "OURS"}
