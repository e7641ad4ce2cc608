"""The table "Judging a reply", row by row."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.fetch.response import Arrival, NoResponse, Response, TransportFailure
from harvester.fetch.verdict import ACCEPTED, Action, misshapen, verdict

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
JSON, HTML = "application/json; charset=utf-8", "text/html"
GATEWAY = b'{"message": "Forbidden"}'
FORBIDDEN = b'{"data": null, "code": "Forbidden", "message": "Unauthorized request"}'
INVALID = b'{"data": null, "code": "InvalidParams", "message": "Counter type not supported"}'


def answer(
    status: int,
    body: bytes = b"{}",
    kind: str = JSON,
    retry_after: str | None = None,
    location: str | None = None,
    waf: str | None = None,
) -> Response:
    return Response(status, kind, body, retry_after, None, location, waf_action=waf)


def error(code: str) -> bytes:
    return json.dumps({"code": code, "message": "so it is"}).encode()


PLAIN = "text/plain"
TABLE = [
    (answer(200, b'{"totals": 1}'), Action.ACCEPT, ""),
    (answer(200, b'{"totals": 1}', "application/hal+json"), Action.ACCEPT, ""),
    (answer(200, b'{"code": 3, "message": 4}'), Action.ACCEPT, ""),  # a bare ranking
    (answer(200, b'{"top": {"a": {"code": "x", "message": "y"}}}'), Action.ACCEPT, ""),
    (answer(200, b"<html>", HTML), Action.BLOCKED, "blocked"),
    (answer(200, b"  <!doctype html>", PLAIN), Action.BLOCKED, "blocked"),
    (answer(200, b'{"totals": 1}', PLAIN), Action.RETRY, "shape"),
    (answer(200, b"", ""), Action.RETRY, "shape"),
    (answer(200, FORBIDDEN), Action.REFUSED, "forbidden"),
    (answer(200, INVALID), Action.FAIL, "bad_request"),
    (answer(200, error("NotFound")), Action.FAIL, "unknown_endpoint"),
    (answer(200, error("Odd")), Action.RETRY, "error_body"),
    (answer(202, b"", HTML), Action.BLOCKED, "blocked"),
    (answer(202, b"", ""), Action.BLOCKED, "blocked"),
    (answer(204, b"", ""), Action.RETRY, "shape"),
    (answer(301, location="https://u:pw@evil.example/x?y"), Action.FAIL, "redirect"),
    (answer(307, location="/elsewhere"), Action.FAIL, "redirect"),
    (answer(302, location="http://[bad"), Action.FAIL, "redirect"),
    (answer(304), Action.FAIL, "redirect"),
    (answer(400, INVALID), Action.FAIL, "bad_request"),
    (answer(400, b"no", PLAIN), Action.FAIL, "bad_request"),
    (answer(401), Action.REFUSED, "forbidden"),
    (answer(403, FORBIDDEN), Action.REFUSED, "forbidden"),
    (answer(403, error("Odd")), Action.REFUSED, "forbidden"),
    (answer(403, b"<html>", HTML), Action.BLOCKED, "blocked"),
    (answer(403, b"", ""), Action.BLOCKED, "blocked"),
    (answer(403, GATEWAY), Action.REFUSED, "forbidden"),
    (answer(400, b"<html>", HTML), Action.BLOCKED, "blocked"),
    (answer(404, b"<html>", HTML), Action.BLOCKED, "blocked"),
    (answer(404, b"\xef\xbb\xbf\r\n<!DOCTYPE html>", ""), Action.BLOCKED, "blocked"),
    (answer(404, b"", HTML), Action.BLOCKED, "blocked"),
    (answer(404, b"", ""), Action.FAIL, "unknown_endpoint"),
    (answer(404, error("EntityNotFound"), HTML), Action.FAIL, "unknown_endpoint"),
    (answer(405, b"<html>", PLAIN), Action.BLOCKED, "blocked"),
    (answer(410, b"<html>", HTML), Action.BLOCKED, "blocked"),
    (answer(404, error("EntityNotFound")), Action.FAIL, "unknown_endpoint"),
    (answer(405), Action.FAIL, "bad_request"),
    (answer(405, b"", "", waf="captcha"), Action.BLOCKED, "blocked"),
    (answer(405, b"<html>", HTML, waf="captcha"), Action.BLOCKED, "blocked"),
    (answer(202, b"", "", waf="challenge"), Action.BLOCKED, "blocked"),
    (answer(200, b'{"totals": 1}', waf="captcha"), Action.BLOCKED, "blocked"),
    (answer(200, b'{"totals": 1}', waf=""), Action.BLOCKED, "blocked"),
    (answer(302, location="/login", waf="captcha"), Action.BLOCKED, "blocked"),
    (answer(400, INVALID, waf="captcha"), Action.BLOCKED, "blocked"),
    (answer(403, FORBIDDEN, waf="captcha"), Action.BLOCKED, "blocked"),
    (answer(429, retry_after="30", waf="captcha"), Action.BLOCKED, "blocked"),
    (answer(503, waf="captcha"), Action.BLOCKED, "blocked"),
    (answer(408), Action.RETRY, "timeout"),
    (answer(425), Action.RETRY, "server_error"),
    (answer(429), Action.PAUSE, "rate_limited"),
    (answer(429, b"<html>", HTML), Action.PAUSE, "rate_limited"),
    (answer(500), Action.RETRY, "server_error"),
    (answer(500, FORBIDDEN), Action.RETRY, "server_error"),
    (answer(502, b"<html>", HTML), Action.RETRY, "server_error"),
    (answer(503), Action.RETRY, "server_error"),
    (answer(503, retry_after="garbage"), Action.RETRY, "server_error"),
    (answer(503, retry_after="30"), Action.PAUSE, "rate_limited"),
    (answer(504), Action.RETRY, "server_error"),
    (answer(520), Action.RETRY, "server_error"),
    (NoResponse(TransportFailure.TIMEOUT, "x"), Action.RETRY, "timeout"),
    (NoResponse(TransportFailure.CONNECTION, "x"), Action.RETRY, "connection"),
    (NoResponse(TransportFailure.CUT, "x"), Action.RETRY, "cut"),
    (NoResponse(TransportFailure.PROTOCOL, "x"), Action.RETRY, "protocol"),
    (NoResponse(TransportFailure.OVERSIZE, "x"), Action.FAIL, "oversize"),
    (NoResponse(TransportFailure.CERTIFICATE, "x"), Action.STOP, "certificate"),
]


@pytest.mark.parametrize(("attempt_result", "action", "reason"), TABLE)
def test_each_kind_of_arrival_has_its_action_and_reason(
    attempt_result: Arrival, action: Action, reason: str
) -> None:
    judged = verdict(attempt_result, NOW)

    assert (judged.action, judged.reason) == (action, reason)
    assert bool(judged.sentence) == (judged is not ACCEPTED)


@given(
    status=st.integers(400, 499).filter(lambda status: status != 429),
    body=st.sampled_from([b"<html>", b" \n<!doctype html>", b""]),
    answers=st.frozensets(st.sampled_from([401, 403, 404, 422])),
)
def test_a_4xx_that_is_a_web_page_is_never_an_answer_and_fails_nothing(
    status: int, body: bytes, answers: frozenset[int]
) -> None:
    """Also where the status would answer: what an item's 404 says is said in JSON."""
    assert verdict(answer(status, body, HTML), NOW, answers).action is Action.BLOCKED


@given(
    status=st.integers(100, 599),
    body=st.sampled_from([b"", b"<html>", b'{"totals": 0}', FORBIDDEN, INVALID]),
    action=st.sampled_from(["captcha", "challenge", "block"]) | st.text(),
    answers=st.frozensets(st.sampled_from([304, 403, 404, 422])),
)
def test_the_header_of_a_wall_decides_whatever_comes_with_it(
    status: int, body: bytes, action: str, answers: frozenset[int]
) -> None:
    judged = verdict(answer(status, body, waf=action), NOW, answers)

    assert (judged.action, judged.is_silence) == (Action.BLOCKED, False)
    assert judged.sentence.isprintable()


def test_a_refusal_without_a_code_is_a_gateways() -> None:
    said = verdict(answer(403, GATEWAY), NOW).sentence

    assert said == "a gateway or firewall in front of it says Forbidden (status 403)"


@pytest.mark.parametrize(
    ("attempt_result", "seconds"),
    [
        (answer(429, retry_after="3600"), 3600.0),
        (answer(429, retry_after="Mon, 23 Nov 2026 12:01:00 GMT"), 60.0),
        (answer(429, retry_after="Mon, 23 Nov 2026 11:00:00 GMT"), None),
        (answer(429, retry_after="garbage"), None),
        (answer(429), None),
        (answer(503, retry_after="7"), 7.0),
    ],
)
def test_the_pause_of_a_verdict_is_read_from_retry_after(
    attempt_result: Arrival, seconds: float | None
) -> None:
    assert verdict(attempt_result, NOW).pause_seconds == seconds


@pytest.mark.parametrize(
    ("attempt_result", "is_silence"),
    [
        (answer(500), True),
        (answer(408), True),
        (NoResponse(TransportFailure.TIMEOUT, "x"), True),
        (NoResponse(TransportFailure.OVERSIZE, "x"), False),
        (answer(404), False),
        (answer(200, error("Odd")), False),
    ],
)
def test_only_failures_of_the_host_count_as_its_silence(
    attempt_result: Arrival, *, is_silence: bool
) -> None:
    assert verdict(attempt_result, NOW).is_silence is is_silence


def test_a_redirect_names_the_host_and_nothing_else_of_its_target() -> None:
    said = verdict(answer(302, location="https://u:pw@evil.example:1/secret?q"), NOW).sentence

    assert "evil.example" in said
    assert not {"pw", "secret", "u:"} & {said, *said.split()}
    assert "secret" not in said


def test_the_sentence_of_an_error_body_is_one_plain_line() -> None:
    body = json.dumps({"code": "Odd", "message": "a\x1b[31m\nb" + "x" * 1000}).encode()

    said = verdict(answer(400, body), NOW).sentence

    assert said.isprintable()
    assert len(said) < 300


def test_a_body_that_the_shape_check_refuses_is_tried_again() -> None:
    judged = misshapen("the total is negative")

    assert (judged.action, judged.reason) == (Action.RETRY, "shape")
    assert judged.sentence == "the total is negative"


@given(
    status=st.integers(100, 599),
    body=st.binary() | st.just(FORBIDDEN),
    kind=st.sampled_from([JSON, HTML, PLAIN, ""]) | st.text(),
    header=st.none() | st.text(),
)
def test_only_200_with_json_is_ever_accepted(
    status: int, body: bytes, kind: str, header: str | None
) -> None:
    judged = verdict(answer(status, body, kind, header, header), NOW)

    assert judged.action is not Action.STOP
    if judged.action is Action.ACCEPT:
        assert status == 200
        assert "json" in kind.lower()
