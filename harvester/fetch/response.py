"""What one attempt ends with: an answer, whatever it says, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

_NONE: Mapping[str, str] = MappingProxyType({})


class Response(NamedTuple):
    """A reply whose body arrived as far as HTTP can tell.

    Attributes:
        content_type: the header as sent; empty when missing.
        body: content encoding undone.
        retry_after: the header as sent; it and the next two are read only where the status
            is not 200.
        date: likewise.
        location: likewise.
        waf_action: what a wall in front of the service wants (`captcha`, `challenge`), whatever
            the status; None: the service itself answers.
        headers: those that the call wanted to read, under the names it gave.
    """

    status: int
    content_type: str
    body: bytes
    retry_after: str | None = None
    date: str | None = None
    location: str | None = None
    headers: Mapping[str, str] = _NONE
    waf_action: str | None = None


class TransportFailure(Enum):
    """Why no whole answer came."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    CUT = "cut"
    PROTOCOL = "protocol"
    OVERSIZE = "oversize"
    CERTIFICATE = "certificate"
    PROXY = "proxy"  # it is down, or does not get through just now
    PROXY_LOGIN = "proxy_login"
    PROXY_REFUSAL = "proxy_refusal"


@dataclass(frozen=True, slots=True)
class NoResponse:
    """No whole answer came.

    Attributes:
        sentence: in our own words; nothing of the transport's exceptions, whose repr holds
            the Authorization header.
        status: of the reply whose body was lost; None when not even that came.
    """

    trouble: TransportFailure
    sentence: str
    status: int | None = None


Arrival = Response | NoResponse
