"""How many retries a run may spend before they become slow."""

from __future__ import annotations

from harvester.fetch.settings import Manners
from harvester.fetch.tally import Tally


def is_short_of_budget(tally: Tally, manners: Manners) -> bool:
    """Whether retries exceed their share of all traffic.

    A share, so that a service in trouble is not met with a multiple of its usual load
    (Google's SRE book, "Handling Overload": 10 % of a client's requests); and some free ones,
    so that a short run is not slowed by its first few.
    """
    return tally.retries > manners.free_retries + manners.retry_share * tally.first_attempts
