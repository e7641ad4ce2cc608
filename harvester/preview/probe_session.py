"""The requests of one probe: each is sent once, within the limit, and remembered reduced."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from harvester.errors import ParseError, ServiceError
from harvester.fetch.call import ApiCall
from harvester.fetch.host import Host
from harvester.fetch.response import Response
from harvester.fetch.sender import CallOutcome
from harvester.preview.probe_ask import Answered, Ask
from harvester.preview.probe_findings import UntoldError
from harvester.preview.probe_redaction import HEADERS, reduced, reduced_headers
from harvester.preview.send_once import REFUSALS, ProbeSender

MOST_PROBE_REQUESTS = 40
_STATUSES = frozenset({400, 404, 422}) | REFUSALS
_DATE = "Date"
# Whoever asks on and on with a wrong password is locked out.
_MOST_REFUSALS = 2


@dataclass(slots=True)
class _Secret:
    """How one of the two secrets fares: the password of the statistics, or the API's token.

    Attributes:
        needed: in words, behind "needs"; `name`: the same behind "the".
    """

    needed: str
    name: str
    is_there: bool
    accepted: int = 0
    refused: int = 0

    def demand(self) -> None:
        """Go on only where the secret is there, and not known to be wrong."""
        if not self.is_there:
            raise UntoldError(f"needs {self.needed}")
        if not self.accepted and self.refused >= _MOST_REFUSALS:
            raise UntoldError(f"Figshare refuses the {self.name}")


@dataclass(slots=True)
class ProbeSession:
    """Sends asks, and knows what was answered before.

    Attributes:
        sent: every ask that was answered or given up, in order.
        asked_by: the question that each was first sent for.
        about: the question that is asked now.
        error: why nothing more is sent; None: nothing stands against it.
    """

    stats: Host
    api: Host
    password: _Secret
    token: _Secret
    sent: dict[Ask, Answered] = field(default_factory=dict)
    asked_by: dict[Ask, str] = field(default_factory=dict)
    about: str = ""
    error: ServiceError | None = None
    _once: ProbeSender = field(default_factory=ProbeSender)

    @classmethod
    def between(
        cls, stats: Host, api: Host, *, has_password: bool, has_token: bool
    ) -> ProbeSession:
        """A session with nothing sent."""
        words = "credentials (source.credentials)"
        password = _Secret(words, words, has_password)
        token = _Secret("a token (source.token)", "token (source.token)", has_token)
        return cls(stats, api, password, token)

    @property
    def refused(self) -> Sequence[str]:
        """The secrets that were tried, and never taken."""
        secrets = (self.password, self.token)
        return [each.name for each in secrets if each.refused and not each.accepted]

    async def ask(self, ask: Ask) -> Answered:
        """An answer of the service, whatever its status.

        Raises:
            UntoldError: there is none: it failed, is refused, or may not be sent.
        """
        if ask not in self.sent:
            self.sent[ask] = await self._send(ask)
            self.asked_by[ask] = self.about
        answered = self.sent[ask]
        if answered.why:
            raise UntoldError(answered.why)
        if ask.needs_credentials and answered.status in REFUSALS:
            raise UntoldError(f"Figshare refuses the {self._secret(ask).name}")
        return answered

    def _secret(self, ask: Ask) -> _Secret:
        return self.token if ask.is_listing else self.password

    async def _send(self, ask: Ask) -> Answered:
        secret = self._secret(ask)
        if self.error:
            raise UntoldError("not asked: Figshare had stopped us before")
        if ask.needs_credentials:
            secret.demand()
        try:
            settled = await self._once.send(
                self.api if ask.is_listing else self.stats, self._call(ask)
            )
        except ServiceError as error:
            self.error = error
            raise UntoldError("no answer: Figshare stopped us here") from None
        if settled is None:
            most = self.stats.send_quota.limit
            raise UntoldError(f"not asked: {most} requests are the limit")
        if settled.reason:
            return Answered(why=f"no answer ({settled.reason})")
        answered = _answered(ask, settled)
        if ask.needs_credentials:
            secret.refused += answered.status in REFUSALS
            secret.accepted += answered.status == 200
        return answered

    def _call(self, ask: Ask) -> ApiCall:
        host = self.api if ask.is_listing else self.stats
        return ApiCall(
            address=host.settings.base_url.removesuffix("/") + ask.path,
            judge=_is_json,
            stage="probe",
            needs_credentials=ask.needs_credentials,
            body=ask.body,
            answers=_STATUSES,
            reads=(*HEADERS, _DATE),
        )


def _is_json(answer: Response) -> int:
    _parsed(answer.body)
    return 1


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        # A title may hold half of a surrogate pair, which orjson refuses with the whole page.
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ParseError("the body is not JSON", where="probe", fix="ask again") from None


def _answered(ask: Ask, settled: CallOutcome) -> Answered:
    answer = settled.answer
    headers = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
    return Answered(
        answer.status,
        reduced(_parsed(answer.body), is_listing=ask.is_listing),
        reduced_headers(headers),
        _skew(answer.headers, settled.at),
    )


def _skew(headers: Mapping[str, str], at: datetime) -> int | None:
    try:
        theirs = parsedate_to_datetime(headers.get(_DATE, ""))
    except ValueError:
        return None
    return round((theirs - at).total_seconds()) if theirs.tzinfo else None
