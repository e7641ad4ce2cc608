"""What to do with what came back: a decision table (docs/faults.md).

No clock, no socket, no dice of its own. Sources: Figshare's documentation of statistics errors,
read 2026-07 (400 InvalidParams and MissingParams, 403 Forbidden, 404 only for an unknown
endpoint); RFC 9110 for all other statuses; of the wall, AWS WAF's documentation of its actions
(challenge: 202, captcha: 405, each with x-amzn-waf-action and mostly without a page).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from urllib.parse import urlsplit

import orjson

from harvester.fetch.response import Arrival, NoResponse, Response, TransportFailure
from harvester.fetch.retry import retry_after_seconds


class Action(Enum):
    """What a verdict asks for."""

    ACCEPT = "accept"
    RETRY = "retry"  # back off, try again, give up after the last attempt
    PAUSE = "pause"  # the whole host waits; no attempt is used up
    BLOCKED = "blocked"  # a page for people: the whole host waits and probes
    REFUSED = "refused"  # credentials, or only this request? a probe tells
    FAIL = "fail"  # another try cannot mend it
    STOP = "stop"  # nothing more may be sent at all


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision about one attempt.

    Attributes:
        reason: a short stable word, which a failed request keeps; empty when accepted.
        sentence: the same for people.
        pause_seconds: what the service asked for; None when it named no time.
        is_silence: the service itself seems down (transport, 5xx): counts for the circuit.
    """

    action: Action
    reason: str = ""
    sentence: str = ""
    pause_seconds: float | None = None
    is_silence: bool = False


ACCEPTED = Verdict(Action.ACCEPT)

_TROUBLES = {
    TransportFailure.TIMEOUT: (Action.RETRY, "timeout"),
    TransportFailure.CONNECTION: (Action.RETRY, "connection"),
    TransportFailure.CUT: (Action.RETRY, "cut"),
    TransportFailure.PROTOCOL: (Action.RETRY, "protocol"),
    TransportFailure.OVERSIZE: (Action.FAIL, "oversize"),
    TransportFailure.CERTIFICATE: (Action.STOP, "certificate"),
    TransportFailure.PROXY: (Action.RETRY, "proxy"),
    TransportFailure.PROXY_LOGIN: (Action.STOP, "proxy_login"),
    TransportFailure.PROXY_REFUSAL: (Action.STOP, "proxy_refusal"),
}

# Statuses that mean the same whatever the body says.
_STATUSES = {
    400: (Action.FAIL, "bad_request", "Figshare does not understand this request"),
    404: (Action.FAIL, "unknown_endpoint", "Figshare does not know this endpoint"),
    408: (Action.RETRY, "timeout", "Figshare gave up waiting for this request"),
    425: (Action.RETRY, "server_error", "Figshare asks to send this request again"),
}
_OTHER = (Action.FAIL, "bad_request", "Figshare refuses this request")

# White space, and the byte order mark that some editors leave at the head of a page.
_BEFORE_A_PAGE = b" \t\r\n\x0b\x0c\xef\xbb\xbf"

# The error codes of a body, where they say more than the status. Forbidden is the documented
# one; the other spellings cost nothing and save a credential from being asked again and again.
_CODES = {
    "invalidparams": (Action.FAIL, "bad_request"),
    "missingparams": (Action.FAIL, "bad_request"),
    "badrequest": (Action.FAIL, "bad_request"),
    "forbidden": (Action.REFUSED, "forbidden"),
    "unauthorized": (Action.REFUSED, "forbidden"),
    "notfound": (Action.FAIL, "unknown_endpoint"),
    "toomanyrequests": (Action.PAUSE, "rate_limited"),
}


def verdict(
    attempt_result: Arrival, now: datetime, answers: frozenset[int] = frozenset()
) -> Verdict:
    """Judge what came, all but its shape: an accepted body must still answer the question.

    Args:
        now: the wall clock, for a Retry-After without a Date.
        answers: statuses beside 200 that are an answer here: 304 as it is, others with a body
            in JSON, which tells the service from a wall in front of it.
    """
    if isinstance(attempt_result, NoResponse):
        action, reason = _TROUBLES[attempt_result.trouble]
        return Verdict(action, reason, attempt_result.sentence, is_silence=action is Action.RETRY)
    if attempt_result.waf_action is not None:
        return _walled(attempt_result, attempt_result.waf_action)
    if attempt_result.status == 200:
        return _judged_200(attempt_result)
    if attempt_result.status in answers and (
        attempt_result.status == 304 or _is_json(attempt_result)
    ):
        return ACCEPTED
    return _judged_status(attempt_result, now)


def misshapen(complaint: str) -> Verdict:
    """The body is no answer to the question: worth another try, as it may have been cut."""
    return Verdict(Action.RETRY, "shape", complaint)


def _walled(answer: Response, action: str) -> Verdict:
    """The verdict of a wall that says so: no status and no body counts beside that."""
    wants = _shown(action) or "proof"
    said = f"the wall in front of it wants a {wants} (status {answer.status})"
    return Verdict(Action.BLOCKED, "blocked", said)


def _judged_200(answer: Response) -> Verdict:
    if _is_json(answer):
        # Looking for two words is a thousandth of the cost of reading every body twice.
        if b'"code"' in answer.body and b'"message"' in answer.body:
            return _judged_error(answer) or ACCEPTED
        return ACCEPTED
    if _is_page(answer):
        return Verdict(Action.BLOCKED, "blocked", "Figshare answers with a web page")
    return misshapen(f"the reply is not JSON but {_shown(answer.content_type) or 'untyped'}")


def _judged_status(answer: Response, now: datetime) -> Verdict:
    """The verdict of a status other than 200."""
    status = answer.status
    asked = retry_after_seconds(answer.retry_after, answer.date, now)
    if status == 429 or (status == 503 and asked is not None):
        said = f"Figshare asks us to slow down (status {status})"
        return Verdict(Action.PAUSE, "rate_limited", said, asked)
    if status >= 500:
        said = f"Figshare has an error of its own (status {status})"
        return Verdict(Action.RETRY, "server_error", said, is_silence=True)
    if 300 <= status < 400:
        return _redirected(answer)
    return _judged_error(answer) or _judged_plain(answer)


def _judged_plain(answer: Response) -> Verdict:
    """The verdict of a status whose body says nothing more."""
    status = answer.status
    if status in {401, 403} and _is_json(answer):
        return Verdict(Action.REFUSED, "forbidden", _refusal(answer))
    # Figshare's own errors are JSON: a page has another author, whatever number it bears.
    if status in {202, 401, 403} or (status >= 400 and _is_page(answer)):
        said = f"Figshare answers with a block page (status {status})"
        return Verdict(Action.BLOCKED, "blocked", said)
    if status < 300:
        return misshapen(f"this status means no answer (status {status})")
    action, reason, said = _STATUSES.get(status, _OTHER)
    return Verdict(action, reason, f"{said} (status {status})", is_silence=status == 408)


def _judged_error(answer: Response) -> Verdict | None:
    """The verdict of a body with `code` and `message`, whatever its status; else None."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    code, message = (body.get("code"), body.get("message")) if isinstance(body, dict) else (0, 0)
    # A bare ranking may count a `code` and a `message` among what it ranks.
    if not isinstance(code, str) or not isinstance(message, str):
        return None
    action, reason = _CODES.get(code.lower(), _unknown_code(answer.status))
    said = f"Figshare says {_shown(code)}: {_shown(message)} (status {answer.status})"
    return Verdict(action, reason, said)


def _refusal(answer: Response) -> str:
    """Who refuses: Figshare gives a code with its reason, and what stands before it does not."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        body = None
    message = body.get("message") if isinstance(body, dict) else None
    if isinstance(message, str) and "code" not in body:
        said = _shown(message)
        return f"a gateway or firewall in front of it says {said} (status {answer.status})"
    return f"Figshare refuses (status {answer.status})"


def _unknown_code(status: int) -> tuple[Action, str]:
    if status < 400:
        return Action.RETRY, "error_body"
    if status in {401, 403}:
        return Action.REFUSED, "forbidden"
    return _STATUSES.get(status, _OTHER)[:2]


def _redirected(answer: Response) -> Verdict:
    # Only the host is named: the rest of a target may hold whatever its sender liked.
    try:
        target = urlsplit(answer.location or "").hostname
    except ValueError:
        target = "an address that cannot be read"
    where = _shown(target or "another path of the same host")
    said = f"Figshare sends us on to {where}, which is never followed (status {answer.status})"
    return Verdict(Action.FAIL, "redirect", said)


def _is_json(answer: Response) -> bool:
    kind = answer.content_type
    return kind.startswith("application/json") or "json" in kind.partition(";")[0].lower()


def _is_page(answer: Response) -> bool:
    if "html" in answer.content_type.partition(";")[0].lower():
        return True
    return answer.body[:64].lstrip(_BEFORE_A_PAGE).startswith(b"<")


def _shown(text: str) -> str:
    """Foreign text in a sentence of ours: one line, no control characters, not long."""
    plain = "".join(each if each.isprintable() else " " for each in text[:200])
    return plain.strip()
