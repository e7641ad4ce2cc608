"""Answers that come instead of the right one: block pages, errors, redirects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final
from urllib.parse import urlsplit

from harvester.simulator.call import JSON, Answer, Call, json_answer
from harvester.simulator.error_bodies import forbidden, problem
from harvester.simulator.faults import Fault

_HTML: Final = {"Content-Type": "text/html; charset=utf-8"}
_WALL: Final = b"<!DOCTYPE html><html><body><h1>Request blocked</h1></body></html>"
# AWS WAF, as people who ask too much meet it: first a challenge, then a captcha; a page comes
# only to who accepts one, so a program mostly gets the header alone.
_CHALLENGE: Final = {"x-amzn-waf-action": "challenge"}
_CAPTCHA: Final = {"x-amzn-waf-action": "captcha"}
# What it would take to believe a wall that stands behind a 200: nobody ever looked at anything.
_NOTHING: Final = b'{"totals": 0, "timeline": null, "breakdown": null, "top": {}}'


def instead(fault: Fault, call: Call, now: datetime) -> Answer:
    """The answer of a fault of `INSTEAD`; `now` is what relative dates count from."""
    if fault.name == "status":
        return _status(fault, now)
    if fault.name == "redirect":
        is_address = urlsplit(fault.location).path.strip("/")
        target = fault.location if is_address else f"{fault.location}{call.target}"
        return Answer(302, b"", {"Location": target})
    return {
        "html_200": Answer(200, _WALL, _HTML),
        "html_403": Answer(403, _WALL, _HTML),
        "empty_202": Answer(202, b"", {}),
        "empty_200": Answer(200, b""),
        "empty_list": json_answer([]),
        "error_body_200": problem(200, "InternalError", "Something went wrong"),
        "json_401": json_answer({"message": "Invalid token", "code": "Unauthorized"}, 401),
        "json_403": forbidden(),
        # Of an API gateway, which knows nothing of Figshare's own errors.
        "gateway_403": json_answer({"message": "Forbidden"}, 403),
        "waf_202": Answer(202, b"", _CHALLENGE),
        "waf_405": Answer(405, b"", _CAPTCHA),
        "waf_405_page": Answer(405, _WALL, {**_HTML, **_CAPTCHA}),
        "waf_200": Answer(200, _NOTHING, {"Content-Type": JSON, **_CAPTCHA}),
    }[fault.name]


def _status(fault: Fault, now: datetime) -> Answer:
    answer = problem(fault.status, "ServiceError", f"Answered with {fault.status} on purpose")
    headers = dict(answer.headers)
    if fault.retry_after is not None:
        headers["Retry-After"] = _retry_after(fault.retry_after, now)
    return Answer(fault.status, answer.body, headers)


def _retry_after(text: str, now: datetime) -> str:
    if not text.startswith("date:"):
        return text
    moment = now.astimezone(UTC) + timedelta(seconds=float(text.removeprefix("date:")))
    return format_datetime(moment, usegmt=True)
