"""What goes wrong, to which requests: chosen by configuration, the same for the same seed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harvester.simulator.seeded import Salt, mix, share, text_bits

# Every fault there is, by who brings it about: the connection, the writing, or the body.
ON_CONNECT: Final = ("refuse",)
ON_WIRE: Final = (
    "reset_before", "reset_inside", "cut_body", "half_body", "cut_gzip", "gzip_bomb", "huge_body",
    "slow_drip", "hang", "big_headers", "close_keepalive", "short_length", "unasked_answer",
)  # fmt: skip
INSTEAD: Final = (
    "html_200", "html_403", "empty_202", "empty_200", "status", "error_body_200", "redirect",
    "json_401", "json_403", "gateway_403", "waf_202", "waf_405", "waf_405_page", "waf_200",
    "empty_list",
)  # fmt: skip
ON_BODY: Final = (
    "wrong_shape", "negative", "fraction", "string_number", "boolean", "big_integer",
    "out_of_window", "wrong_period_spelling", "not_an_object", "wrong_content_type",
)  # fmt: skip
NAMES: Final = (*ON_CONNECT, *ON_WIRE, *INSTEAD, *ON_BODY)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong. A request is hit when any of the occurrences below says so.

    Attributes:
        name: one of NAMES.
        rate: the share of requests hit; drawn from the seed, the request and which try it is,
            so that it does not depend on the order in which requests arrive.
        requests: exact requests, counted from 1 among those that `path` matches.
        every: every so many-th of those.
        first_tries: the first so many tries of each request (method, path, query, body).
        after: leaves the first so many matching requests alone, whatever else is set.
        until: and all behind this one; None: no end.
        path: a regular expression searched in path and query; None matches all.
        status: for `status`.
        retry_after: a header for `status`: sent as it is ("120", "soon"), but `date:3600` becomes
            an HTTP date so many seconds from now (negative: in the past).
        location: for `redirect`: an origin, to which path and query are added; or a whole
            address, such as that of a login, where its path is more than a slash.
        seconds: for `slow_drip` the time between two bytes; for `hang` how long (0: for ever);
            for `unasked_answer` how long behind the answer a second one comes that is wrong.
        size_bytes: of `huge_body`, of what `gzip_bomb` inflates to, of `big_headers`;
            0: 400 MB, 500 MB and 100 kB.
    """

    name: str
    rate: float = 0.0
    requests: tuple[int, ...] = ()
    every: int = 0
    first_tries: int = 0
    after: int = 0
    until: int | None = None
    path: str | None = None
    status: int = 503
    retry_after: str | None = None
    location: str = "http://elsewhere.invalid"
    seconds: float = 0.0
    size_bytes: int = 0

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(f"no fault is named {self.name!r}; there are {', '.join(NAMES)}")


class FaultDice:
    """Decides which fault, if any, hits a request; counts requests to do so."""

    def __init__(self, seed: int, faults: Sequence[Fault]) -> None:
        self._seed = seed
        self._faults = [(one, re.compile(one.path) if one.path else None) for one in faults]
        self._matched: Counter[int] = Counter()
        self._tries: Counter[int] = Counter()

    def throw(self, names: Sequence[str], method: str, target: str, body: bytes) -> Fault | None:
        """The fault for the request that just arrived: the first configured one that hits.

        Args:
            names: only these faults are thrown for, and only their requests counted.
            method, target, body: the request; target is path and query.
        """
        if not self._faults:
            return None
        identity = text_bits(f"{method} {target} {body!r}")
        asked = mix(identity, len(names))
        self._tries[asked] += 1
        hit = None
        # Each fault counts all its requests, hit or not, or `requests=[3]` would drift.
        for place, (fault, pattern) in enumerate(self._faults):
            if fault.name not in names or (pattern and not pattern.search(target)):
                continue
            self._matched[place] += 1
            if hit is None and self._is_hit(place, fault, identity, self._tries[asked]):
                hit = fault
        return hit

    def _is_hit(self, place: int, fault: Fault, identity: int, tries: int) -> bool:
        number = self._matched[place]
        if number <= fault.after or (fault.until is not None and number > fault.until):
            return False
        if number in fault.requests or (fault.every and number % fault.every == 0):
            return True
        if tries <= fault.first_tries:
            return True
        luck = share(mix(self._seed, Salt.FAULT, place, identity, tries))
        return luck < fault.rate
