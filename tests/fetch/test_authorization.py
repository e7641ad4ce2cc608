"""Credentials show nowhere."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from harvester.errors import ServiceError
from harvester.fetch.authorization import basic_authorization
from harvester.model.secret import Secret
from tests.fetch.support_fetch import (
    Harvest,
    Said,
    http,
    serving,
    totals,
)

BUSY = http(503, {})
WALL = http(200, "<html>Are you a robot?</html>", kind="text/html")
FORBIDDEN = http(403, {"data": None, "code": "Forbidden", "message": "Unauthorized request"})
LINE = http(200, {"timeline": {}})
TIME = r"\d\d:\d\d \S+"


CANARY = "kanarie:vögel-\"'%&/é"
FORMS = [
    CANARY,
    "vögel",
    base64.b64encode(CANARY.encode()).decode(),
    quote(CANARY, safe=""),
]


@pytest.mark.parametrize(
    "said",
    [
        FORBIDDEN,
        http(429, {}, "Retry-After: 99999"),
        BUSY,
        WALL,
        http(200, b"{}", "X-Long: " + "x" * 100_000),
        Said(b"", "reset"),
        http(302, b"", "Location: http://x.invalid/"),
    ],
)
async def test_no_error_and_no_outcome_shows_a_credential(
    said: Said, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    harvest = Harvest()
    shown: list[str] = []
    async with serving(said) as service:
        try:
            await harvest.run(
                service.url, totals(1, 2), authorization=basic_authorization(CANARY + "\n")
            )
        except ServiceError as error:
            shown += [repr(error), str(error), repr(error.__cause__), repr(error.__context__)]

    assert FORMS[2] in service.heads[0], "the credential was sent, without its newline"
    shown += [repr(harvest.failures), repr(harvest.host), caplog.text]
    for text in shown:
        assert not any(form in text for form in FORMS)


def test_a_secret_shows_only_when_asked() -> None:
    secret = Secret("hush")

    assert (repr(secret), str(secret), f"{secret}", secret.reveal()) == ("***",) * 3 + ("hush",)
    with pytest.raises(TypeError, match="never pickled"):
        secret.__reduce__()
    for wrong in ("no-colon", ":hush", ""):
        with pytest.raises(ValueError, match="username:password") as caught:
            basic_authorization(wrong)
        assert "hush" not in str(caught.value)
