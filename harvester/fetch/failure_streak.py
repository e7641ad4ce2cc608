"""Failures in a row: does each request fail for itself, or do all of them fail alike?

One success tells: it shows that the service is there and does what it is asked to, so whatever
failed before it failed for itself. Until then nobody knows, and failures are held back from the
ledger: what is not kept is asked again. When too many have come together nothing more is sent.

A failure may have to be kept before anything confirms it, because its step is over (the next is
planned from outcomes), the run pauses, or bodies grow too many. It stays on the list of the
streak then, and is taken back when the streak grows too long. A kill loses held failures, which
are asked again; no success is ever held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from harvester.model.reply import Failure, Reply
from harvester.model.rules import FAILURES

# Long enough for a row of items that are broken each for itself; a minute at one a second.
LONGEST = 50
# Bodies of failures are kept for who looks into them; not so many of them in memory.
MOST_HELD_BYTES = 2**24


@dataclass(slots=True)
class FailureStreak:
    """The failures of a run's statistics since the last success.

    All mappings are from the key of a request to the reason it failed for.

    Attributes:
        longest: so many are all failing alike.
        suspects: what a streak of an earlier call consisted of; asked again now.
        proven: keys of the questions to which something was answered again in this call, which
            had been answered before: suspects that fail as they did fail for themselves.
        unconfirmed: those of the streak that are kept as outcomes; of an earlier call, too.
        all_alike: the streak has become too long; from now on no failure is kept.
    """

    longest: int = LONGEST
    suspects: Mapping[str, str] = field(default_factory=dict)
    proven: set[str] = field(default_factory=set)
    unconfirmed: dict[str, str] = field(default_factory=dict)
    all_alike: bool = False
    _held: dict[str, Failure] = field(default_factory=dict)
    _held_bytes: int = 0
    _sentences: dict[str, str] = field(default_factory=dict)

    @property
    def failures(self) -> dict[str, str]:
        """All of the streak, kept or not."""
        return self.unconfirmed | {key: each.reason for key, each in self._held.items()}

    @property
    def in_words(self) -> str:
        """What was met, and how often."""
        met = Counter(self.failures.values()).most_common()
        return "; ".join(f"{_times(number)}: {self._words(reason)}" for reason, number in met)

    def record(self, outcome: Reply | Failure) -> list[Reply | Failure]:
        """Learn of an outcome.

        Returns:
            What is to be kept now, in this order.
        """
        if self.all_alike:
            return [outcome] if isinstance(outcome, Reply) else []
        if isinstance(outcome, Reply):
            if not (self._held or self.unconfirmed):
                return [outcome]
            confirmed = list(self._held.values())
            self.unconfirmed.clear()
            self._let_go()
            return [outcome, *confirmed]
        if self._fails_for_itself(outcome):
            return [outcome]
        self._hold(outcome)
        if len(self.failures) >= self.longest:
            self.all_alike = True
            return []
        return self.release() if self._held_bytes > MOST_HELD_BYTES else []

    def release(self) -> list[Reply | Failure]:
        """What is held and must be kept now, though nothing has confirmed it."""
        if self.all_alike:
            return []
        released: list[Reply | Failure] = list(self._held.values())
        self.unconfirmed = self.failures
        self._let_go()
        return released

    def _fails_for_itself(self, failure: Failure) -> bool:
        return (
            self.suspects.get(failure.request.key) == failure.reason
            and failure.request.question.key in self.proven
        )

    def _hold(self, failure: Failure) -> None:
        self._held[failure.request.key] = failure
        self._held_bytes += len(failure.body or b"")
        self._sentences[failure.reason] = failure.sentence

    def _let_go(self) -> None:
        self._held = {}
        self._held_bytes = 0

    def _words(self, reason: str) -> str:
        return self._sentences.get(reason) or FAILURES.get(reason, reason)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
