"""One call at a time, for commands that look before anything is harvested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harvester.errors import ParseError
from harvester.fetch.call import ApiCall
from harvester.fetch.host import Host
from harvester.fetch.pool import run_calls
from harvester.fetch.response import Response
from harvester.fetch.sender import CallOutcome
from harvester.fetch.stop import Stop
from harvester.fetch.url import Writer
from harvester.model.request import Request
from harvester.parse import parse

REFUSALS = frozenset({401, 403})


@dataclass(slots=True)
class ProbeSender:
    """Sends single calls as long as the quota lasts."""

    _stop: Stop = field(default_factory=Stop)

    async def send(self, host: Host, call: ApiCall) -> CallOutcome | None:
        """What came of it; None: nothing more may be sent.

        Raises:
            ServiceError: Figshare blocks, is down, or asks for a long pause.
        """
        settled: list[CallOutcome] = []

        async def keep(_call: ApiCall, outcome: CallOutcome) -> None:
            settled.append(outcome)

        await run_calls(iter([call]), _itself, host, keep=keep, stop=self._stop, workers=1)
        return settled[0] if settled else None


def number_call(base_url: str, request: Request) -> ApiCall:
    """A request for statistics whose refusal is an answer, too."""
    writer = Writer(base_url)
    return ApiCall(
        writer.address(request),
        lambda answer: number_of(request, answer),
        request.question.endpoint,
        request.question.needs_credentials,
        writer.body(request),
        answers=REFUSALS,
    )


def number_of(request: Request, answer: Response) -> int:
    """The sum of all that an answer counts; 0 when it is a refusal.

    Raises:
        ParseError: it does not answer the request.
    """
    if answer.status != 200:
        return 0
    names = ("value", "articles")
    return sum(
        int(str(number))
        for columns in parse(request, answer.body)
        for name in names
        for number in columns.values.get(name, ())
    )


def checked(judge: Callable[[Response], object]) -> Callable[[Response], int]:
    """A judge that only minds whether a 200 can be read."""

    def judged(answer: Response) -> int:
        if answer.status == 200 and judge(answer) is None:
            raise ParseError("the body is not what was asked for", where="check", fix="ask again")
        return 1

    return judged


def _itself(call: ApiCall) -> ApiCall:
    return call
