"""How long to wait before another try, and how many a run may spend; chance is handed in."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from harvester.fetch.fetch_settings import PolitenessPolicy
from harvester.fetch.tally import Tally

FIRST_SECONDS = 1.0
CAP_SECONDS = 60.0
WEEK_SECONDS = 7 * 24 * 3600.0
# Whatever is asked beyond a week counts as this: no spec allows so long a pause, so that the run
# stops; and a mistake (a time stamp in place of seconds) keeps nobody out for years.
LONGEST_ASKED_SECONDS = WEEK_SECONDS + 60

_SECONDS = re.compile(r"[0-9]+", re.ASCII)


def backoff_seconds(failures: int, chance: float, *, is_short_of_budget: bool = False) -> float:
    """Full jitter: U(0, min(cap, first * 2^n)).

    Args:
        failures: how often the request has failed, at least 1 (n is one less).
        chance: a random number in [0, 1).
        is_short_of_budget: the run has retried more than its share: waits lie in the upper
            half of the cap then. Retries become slow; none is refused.

    Source: "Exponential Backoff and Jitter", AWS Architecture Blog.
    """
    if is_short_of_budget:
        return CAP_SECONDS * (1 + chance) / 2
    # Doubling stops at 2**30 because a float overflows at 2**1024.
    return chance * min(CAP_SECONDS, FIRST_SECONDS * 2.0 ** min(failures - 1, 30))


def retry_after_seconds(header: str | None, date_header: str | None, now: datetime) -> float | None:
    """What a Retry-After header asks for (RFC 9110, 10.2.3).

    Args:
        header: seconds, or an HTTP date.
        date_header: the reply's own Date. A date is measured against it, the service's clock
            against the service's clock; ours is used only where it is missing or garbage.
        now: our own wall clock, UTC.

    Returns:
        Seconds, at least 0 and at most LONGEST_ASKED_SECONDS; None when nothing usable is asked:
        no header, garbage, negative, a date in the past.
    """
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        # A number of a thousand digits is no int to Python, and no more than infinite to a float.
        seconds = float(text)
    else:
        until = _http_date(text)
        if until is None:
            return None
        seconds = (until - (_http_date(date_header or "") or now)).total_seconds()
    return min(seconds, LONGEST_ASKED_SECONDS) if seconds >= 0 else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # RFC 9110: an HTTP date is always in UTC, whatever its zone is called.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def is_short_of_budget(tally: Tally, politeness: PolitenessPolicy) -> bool:
    """Whether retries exceed their share of all traffic.

    A share, so that a service in trouble is not met with a multiple of its usual load
    (Google's SRE book, "Handling Overload": 10 % of a client's requests); and some free ones,
    so that a short run is not slowed by its first few.
    """
    return tally.retries > politeness.free_retries + politeness.retry_share * tally.first_attempts
