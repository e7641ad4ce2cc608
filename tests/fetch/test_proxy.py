"""An attempt through a proxy, over real sockets: whose fault it is, and that none goes twice."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest

from harvester.fetch.authorization import basic_authorization
from harvester.fetch.client import Client
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.proxy import Proxy
from harvester.fetch.response import Arrival, NoResponse, Response, TransportFailure
from harvester.fetch.trust import trust_of
from harvester.model.proxy_address import read_proxy_url
from harvester.model.request import Request
from tests.fetch.support_fetch import TOTAL, Said, call, http
from tests.support.certificates import Certificates, certificates
from tests.support.forward_proxy import ESTABLISHED, ForwardProxy, forward_proxy, page

HOST = "stats.example.test"
URL = f"https://{HOST}"
PASSWORD = "kanár€k:/@"
LOGIN = f"me:{PASSWORD}"
FAILURE = TransportFailure


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"), HOST, "127.0.0.1")


@dataclass
class Service:
    """Answers the request for article N with N, each on its connection, until it is told not to."""

    port: int = 0
    heads: list[str] = field(default_factory=list)
    connections: int = 0
    says: Said | None = None
    unasked: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heads.append(head)
                number = int(head.split()[1].rpartition("/")[2])
                said = self.says or http(200, {"totals": number})
                writer.write(said.text)
                if self.unasked:
                    writer.write(http(200, {"totals": 666}).text)
                await writer.drain()
                if said.then == "close":
                    break
        writer.close()


@asynccontextmanager
async def serving(certified: Certificates) -> AsyncIterator[Service]:
    service = Service()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, ssl=certified.serving)
    service.port = server.sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        server.close()
        await server.wait_closed()


def named(url: str, named_by: str = "HTTPS_PROXY") -> Proxy:
    address, secret = read_proxy_url(url)
    return Proxy(address, basic_authorization(secret.reveal()) if secret else None, named_by)


def settings(proxy: Proxy, trust: ssl.SSLContext | None, seconds: float = 5.0) -> FetchSettings:
    return FetchSettings(
        URL,
        "harvester-tests/1",
        basic_authorization("stats:s3cret"),
        proxy=proxy,
        trust=trust,
        concurrency=4,
        timeout_seconds=seconds,
    )


async def attempts(how: FetchSettings, *numbers: int) -> list[Arrival]:
    with anyio.fail_after(10):
        async with Client(how) as client:
            found = []
            for number in numbers:
                found.append(await client.attempt(call(URL, Request(TOTAL, number))))
                # What came too much must have arrived before the next is asked.
                await asyncio.sleep(0.02)
            return found


def bodies(found: list[Arrival]) -> list[bytes]:
    assert all(isinstance(each, Response) for each in found), found
    return [each.body for each in found if isinstance(each, Response)]


@pytest.fixture
def proxy() -> Iterator[ForwardProxy]:
    with forward_proxy() as running:
        yield running


@pytest.mark.parametrize("is_tls", [False, True], ids=["http", "https"])
async def test_requests_share_a_tunnel_that_tells_the_proxy_no_more_than_the_host(
    certified: Certificates, *, is_tls: bool
) -> None:
    """Also where the proxy itself is spoken to over TLS: Python does that from 3.11 on."""
    tls = certified.serving if is_tls else None
    scheme = "https" if is_tls else "http"
    async with serving(certified) as service:
        with forward_proxy({f"{HOST}:443": service.port}, credentials=LOGIN, tls=tls) as proxy:
            login = "me:kan%C3%A1r%E2%82%ACk%3A%2F%40"
            how = named(f"{scheme}://{login}@127.0.0.1:{proxy.port}")
            found = await attempts(settings(how, trust_of(certified.authority)), 1, 2, 3)

    assert bodies(found) == [b'{"totals": 1}', b'{"totals": 2}', b'{"totals": 3}']
    assert (proxy.tunnels, service.connections, len(service.heads)) == (1, 1, 3)
    (head,) = proxy.heads
    names = [line.partition(":")[0].lower() for line in head.splitlines()[1:] if line]
    assert head.startswith(f"CONNECT {HOST}:443 HTTP/1.1\r\n")
    assert "authorization" not in names, "the proxy gets its own credentials alone"
    assert "User-Agent: harvester-tests/1" in head
    for each in service.heads:
        assert "proxy-authorization" not in each.lower(), "and the host gets those of none"
        assert "Authorization: Basic c3RhdHM6czNjcmV0\r\n" in each, "but its own"
        assert each.startswith("GET /total/views/article/"), "the path alone"
    gc.collect()  # what was not closed would be a warning, and that a failure


async def test_an_answer_that_nobody_asked_for_answers_nothing_in_a_tunnel(
    certified: Certificates,
) -> None:
    async with serving(certified) as service:
        service.unasked = True
        with forward_proxy({f"{HOST}:443": service.port}) as proxy:
            how = settings(named(f"127.0.0.1:{proxy.port}"), trust_of(certified.authority))
            found = await attempts(how, 1, 2, 3)

    assert bodies(found) == [b'{"totals": 1}', b'{"totals": 2}', b'{"totals": 3}']
    assert len(service.heads) == 3, "nothing is sent twice for it"
    assert service.connections == 3


async def test_a_tunnel_that_was_closed_is_not_used_again_unseen(certified: Certificates) -> None:
    """aiohttp would send a second time by itself, past the pace and the limit of sends."""
    async with serving(certified) as service:
        with forward_proxy({f"{HOST}:443": service.port}) as proxy:
            how = settings(named(f"127.0.0.1:{proxy.port}"), trust_of(certified.authority))
            async with Client(how) as client:
                first = await client.attempt(call(URL, Request(TOTAL, 1)))
                service.says = Said(b"", "close")
                second = await client.attempt(call(URL, Request(TOTAL, 2)))

    assert isinstance(first, Response)
    assert isinstance(second, NoResponse)
    assert second.trouble is FAILURE.CONNECTION
    assert second.sentence.endswith(f", through the proxy 127.0.0.1:{proxy.port}")
    assert len(service.heads) == 2


async def test_a_body_that_the_proxy_breaks_off_is_cut(certified: Certificates) -> None:
    async with serving(certified) as service:
        service.says = http(200, b"[" + b"1," * 200_000 + b"1]")
        with forward_proxy({f"{HOST}:443": service.port}) as proxy:
            proxy.cuts_after = 100_000
            how = settings(named(f"127.0.0.1:{proxy.port}"), trust_of(certified.authority))
            (found,) = await attempts(how, 1)

    assert isinstance(found, NoResponse)
    assert found.trouble in {FAILURE.CUT, FAILURE.CONNECTION}
    assert found.sentence.endswith(f", through the proxy 127.0.0.1:{proxy.port}")
    assert len(service.heads) == 1


NTLM = "Proxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate abc=="
BASIC = 'Proxy-Authenticate: Digest realm="a, b"\r\nProxy-Authenticate: Basic realm="x"'


@pytest.mark.parametrize(
    ("says", "trouble", "sentence"),
    [
        (page(407), FAILURE.PROXY_LOGIN, "does not take the username and password of HTTPS_PROXY"),
        (page(407, BASIC), FAILURE.PROXY_LOGIN, "does not take the username and password of"),
        (page(407, NTLM), FAILURE.PROXY_LOGIN, "wants a login by NTLM or Negotiate (status 407)"),
        (page(403), FAILURE.PROXY_REFUSAL, "does not let us through to the host (status 403)"),
        (page(451), FAILURE.PROXY_REFUSAL, "does not let us through to the host (status 451)"),
        (page(302, "Location: http://login.example.org/?token=x"), FAILURE.PROXY_REFUSAL,
         "sends us to a page of its own (status 302)"),
        (page(500), FAILURE.PROXY, "does not get through to the host (status 500)"),
        (page(502), FAILURE.PROXY, "does not get through to the host (status 502)"),
        (page(503, "Retry-After: 9"), FAILURE.PROXY, "does not get through to the host (status"),
        (page(429), FAILURE.PROXY, "does not get through to the host (status 429)"),
        (page(200), FAILURE.CONNECTION, "through the proxy"),
        (b"", FAILURE.PROXY, "opened no way to the host: the connection was closed before"),
        (b"SSH-2.0-x\r\n\r\n", FAILURE.PROXY, "opened no way to the host: the answer is not HTTP"),
        (ESTABLISHED, FAILURE.CONNECTION, "through the proxy"),
    ],
)  # fmt: skip
async def test_what_a_proxy_says_in_place_of_a_tunnel(
    proxy: ForwardProxy,
    certified: Certificates,
    says: bytes,
    trouble: TransportFailure,
    sentence: str,
) -> None:
    proxy.says = says
    how = named(f"me:canary-of-the-proxy@127.0.0.1:{proxy.port}")
    (found,) = await attempts(settings(how, trust_of(certified.authority)), 1)

    assert isinstance(found, NoResponse)
    assert found.trouble is trouble, found
    assert f"the proxy 127.0.0.1:{proxy.port}" in found.sentence
    assert sentence in found.sentence
    assert "canary" not in found.sentence
    assert len(proxy.heads) == 1, "it is asked once"


async def test_a_login_that_was_not_named_is_asked_for(proxy: ForwardProxy) -> None:
    proxy.credentials = LOGIN
    (found,) = await attempts(settings(named(f"127.0.0.1:{proxy.port}"), None), 1)
    assert found == NoResponse(
        FAILURE.PROXY_LOGIN,
        f"the proxy 127.0.0.1:{proxy.port} wants a username and password (status 407), and "
        "HTTPS_PROXY has none",
    )


async def test_a_proxy_that_says_nothing_is_left_after_the_timeout(proxy: ForwardProxy) -> None:
    proxy.hangs = True
    (found,) = await attempts(settings(named(f"127.0.0.1:{proxy.port}"), None, 0.1), 1)
    said = f"the proxy 127.0.0.1:{proxy.port} opened no way to the host within 0.1 s"
    assert found == NoResponse(FAILURE.PROXY, said)


@pytest.mark.parametrize(
    ("where", "why"), [("127.0.0.1:1", "Connect call failed"), ("proxy.invalid:3128", "")]
)
async def test_a_proxy_that_is_down_is_named(where: str, why: str) -> None:
    (found,) = await attempts(settings(named(f"me:canary@{where}"), None), 1)
    assert isinstance(found, NoResponse)
    assert found.trouble is FAILURE.PROXY
    assert found.sentence.startswith(f"the proxy {where} cannot be reached: {why}")


async def test_an_http_proxy_that_is_called_https_is_told_so(proxy: ForwardProxy) -> None:
    proxy.greets = page(400)
    (found,) = await attempts(settings(named(f"https://127.0.0.1:{proxy.port}"), None), 1)
    assert found == NoResponse(
        FAILURE.PROXY,
        f"the proxy 127.0.0.1:{proxy.port} speaks no TLS: is its URL to begin with http:// "
        "instead of https://?",
    )


async def test_certificates_are_judged_behind_a_proxy_as_before_one(
    certified: Certificates, tmp_path: Path
) -> None:
    """The host's, the proxy's own, and one that is right but for another host."""
    others = certificates(tmp_path, "other.example.test")
    async with serving(certified) as service:
        hosts = {f"{HOST}:443": service.port}
        with forward_proxy(hosts) as plain, forward_proxy(hosts, tls=others.serving) as secret:
            ways = {
                "host": (named(f"127.0.0.1:{plain.port}"), trust_of(others.authority)),
                "proxy": (named(f"https://127.0.0.1:{secret.port}"), trust_of(certified.authority)),
                "name": (named(f"https://127.0.0.1:{secret.port}"), trust_of(others.authority)),
            }
            found = {what: (await attempts(settings(*how), 1))[0] for what, how in ways.items()}

    said = {what: each.sentence for what, each in found.items() if isinstance(each, NoResponse)}
    assert {each.trouble for each in found.values() if isinstance(each, NoResponse)} == {
        FAILURE.CERTIFICATE
    }
    assert said["host"] == (
        "the host's certificate is not trusted: unable to get local issuer certificate (it came "
        f"through the proxy 127.0.0.1:{plain.port}, which may put its own in the host's place)"
    )
    assert said["proxy"].startswith(
        f"the certificate of the proxy 127.0.0.1:{secret.port} is not trusted: "
    )
    assert "mismatch" in said["name"]
    assert service.heads == [], "nothing is asked of whom nobody vouches for"
