"""A proxy that requests go through, and what it means when it gets in their way.

Only tunnels (CONNECT) are asked of it: what is not on loopback is asked over https alone, so the
proxy sees the name of a host and no request. Its own credentials go with that CONNECT alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harvester.fetch.response import NoResponse, TransportFailure
from harvester.model.proxy_address import ProxyAddress
from harvester.model.secret import Secret

# A busy proxy, or one that cannot reach the host just now: like an outage. Other answers to a
# CONNECT (a refusal, a page that wants a person) will be the same the next time.
_PASSING = frozenset({408, 425, 429})
_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9-]{0,30})(?=\s|,|$)")


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy, resolved.

    Attributes:
        authorization: the Proxy-Authorization header's value; None: none is sent.
        named_by: what named it, in words that give nothing away, such as `HTTPS_PROXY`.
    """

    address: ProxyAddress
    authorization: Secret | None
    named_by: str

    def __str__(self) -> str:
        return f"the proxy {self.address}"

    def refused(self, status: int, challenges: str) -> NoResponse:
        """What an answer other than 200 to CONNECT means.

        Args:
            challenges: its Proxy-Authenticate headers, with commas between; "": there are none.
        """
        if status == 407:
            return NoResponse(TransportFailure.PROXY_LOGIN, self._login_sentence(challenges))
        if status >= 500 or status in _PASSING:
            said = f"{self} does not get through to the host (status {status})"
            return NoResponse(TransportFailure.PROXY, said)
        if 300 <= status < 400:
            said = f"{self} sends us to a page of its own (status {status})"
            return NoResponse(TransportFailure.PROXY_REFUSAL, said)
        said = f"{self} does not let us through to the host (status {status})"
        return NoResponse(TransportFailure.PROXY_REFUSAL, said)

    def _login_sentence(self, challenges: str) -> str:
        schemes = sorted(set(_SCHEME.findall(challenges)))
        if schemes and "basic" not in {each.lower() for each in schemes}:
            return (
                f"{self} wants a login by {' or '.join(schemes)} (status 407), and only a username "
                "and password by Basic can be given"
            )
        if self.authorization:
            what = f"does not take the username and password of {self.named_by}"
            return f"{self} {what} (status 407)"
        return f"{self} wants a username and password (status 407), and {self.named_by} has none"
