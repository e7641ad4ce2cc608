"""How to ask one host: what the job spec says, and the politeness it cannot change."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from harvester.fetch.proxy import Proxy
from harvester.model.secret import Secret

MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class PolitenessPolicy:
    """The rules of politeness towards a host that is unwell. Seconds, unless said otherwise.

    Attributes:
        first_pause_seconds: after a 429 that names no time; doubled each time in a row.
        shortest_pause_seconds: a Retry-After of 0 must not become a hot loop.
        block_cool_down_seconds: before one request probes a block page; doubled each time.
        blocks_in_a_row: then it is a person's turn.
        first_cool_down_seconds: before one request probes a host that does not answer; doubled
            each time, up to `longest_cool_down_seconds`.
        lone_pauses: so often one request may be told to slow down while others succeed (number).
        cut: what is left of the pace after a burst of 429.
        least: what is left of the pace after many.
        recovery_step: so much of the pace comes back (share) ...
        recovery_seconds: ... each time this long passes without a new burst.
        free_retries: retries before the budget counts (number) ...
        retry_share: ... and the share of first attempts that may be retries.
    """

    first_pause_seconds: float = 60.0
    shortest_pause_seconds: float = 1.0
    block_cool_down_seconds: float = 60.0
    blocks_in_a_row: int = 3
    first_cool_down_seconds: float = 30.0
    longest_cool_down_seconds: float = 300.0
    lone_pauses: int = 20
    cut: float = 0.7
    least: float = 0.1
    recovery_step: float = 0.05
    recovery_seconds: float = 60.0
    free_retries: int = 100
    retry_share: float = 0.1


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How to ask one host.

    Attributes:
        base_url: origin and perhaps a path before the service's own.
        authorization: the Authorization header's value; None: none is sent.
        proxy: what requests go through; None: they go to the host itself.
        trust: whose certificates are trusted; None: as Python does by itself, for tests.
        trusted: the same in words, such as `the machine's trust store`.
        authorizes_all: it goes with every call; False: with those that need it, alone.
        requests_per_second: most sends in any second, retries included; None: unlimited.
        concurrency: requests under way at once.
        attempts: so often a request may fail before it is given up.
        timeout_seconds: for one attempt, from connecting to the last byte.
        max_pause_seconds: without one success for longer, or asked to wait longer: stop.
        max_body_bytes: content encoding undone.
        max_requests: most sends of the host's life, retries and probes included; a run that asks
            several hosts has one `SendQuota` for them all instead.
        grace_seconds: what requests under way get when the run is stopped.
        credentials_name: what this host calls credentials: `credentials`, `token`.
        credentials_hint: how a person names the credentials, such as `env FIGSHARE_STATS`.
        credentials_note: what a person whose credentials are refused should know.
    """

    base_url: str
    user_agent: str
    authorization: Secret | None = None
    proxy: Proxy | None = None
    trust: ssl.SSLContext | None = field(default=None, repr=False, compare=False)
    trusted: str = "this machine"
    authorizes_all: bool = True
    requests_per_second: float | None = 1.0
    concurrency: int = 16
    attempts: int = 6
    timeout_seconds: float = 60.0
    max_pause_seconds: float = 900.0
    max_body_bytes: int = 32 * MEBIBYTE
    max_requests: int | None = None
    grace_seconds: float = 4.0
    credentials_name: str = "credentials"
    credentials_hint: str = "source.credentials of the job spec"
    credentials_note: str = "statistics have a username and password of their own"
    politeness: PolitenessPolicy = field(default_factory=PolitenessPolicy)
