"""Rankings of all time: how long, how whole, which items."""

from __future__ import annotations

from collections.abc import Mapping

from harvester.model.terms import Counter, Endpoint
from harvester.preview.probe_ask import Answered, Ask, stats_ask
from harvester.preview.probe_findings import (
    Judgement,
    UntoldError,
    as_assumed,
    as_said,
    counts_of,
    otherwise,
)
from harvester.preview.probe_subjects import ProbeSubjects

SHORT, LONG, LONGEST = 10, 1_000, 60_000
_ROUND = (10, 20, 25, 50)


def ranking(
    subjects: ProbeSubjects, count: int, counter: Counter = Counter.VIEWS, **query: str
) -> Ask:
    """The items with the most events of a counter."""
    words = (Endpoint.TOP.value, counter.value, subjects.kind.value)
    return stats_ask(subjects.scope, words, {"count": count, **query})


def is_cut(entries: Mapping[str, int], count: int) -> bool:
    """Whether a ranking shorter than asked for looks as if it were cut at a limit of its own.

    The tail of a whole one is made of items with a single event; a limit is a round number.
    """
    shorter = len(entries)
    while shorter >= 100 and shorter % 10 == 0:
        shorter //= 10
    is_round = shorter in _ROUND
    return len(entries) < count and is_round and min(entries.values()) > 1


def length_asks(subjects: ProbeSubjects) -> Mapping[str, Ask]:
    """The same ranking in three lengths."""
    return {str(count): ranking(subjects, count) for count in (SHORT, LONG, LONGEST)}


def judge_length(_subjects: ProbeSubjects, answers: Mapping[str, Answered]) -> Judgement:
    """How many come back."""
    lengths: dict[int, int] = {}
    for count in (SHORT, LONG, LONGEST):
        answered = answers[str(count)]
        if answered.status != 200:
            return otherwise(f"count={count} is refused: {as_said(answered)}")
        entries = counts_of(answered, "top")
        lengths[count] = len(entries)
        if len(entries) > count:
            return otherwise(f"count={count} brings {len(entries):,}")
        if is_cut(entries, count):
            return otherwise(
                f"count={count} brings {len(entries):,}, a round number, and the last of them has "
                f"{min(entries.values()):,} events: it is cut"
            )
    if not lengths[LONGEST]:
        raise UntoldError("the ranking is empty")
    if lengths[LONGEST] < lengths[LONG]:
        return otherwise(f"a longer count brings less: {_brought(lengths)}")
    return as_assumed(_brought(lengths))


def _brought(lengths: Mapping[int, int]) -> str:
    return ", ".join(f"count={asked} brings {came:,}" for asked, came in lengths.items())


def zeros_asks(subjects: ProbeSubjects) -> Mapping[str, Ask]:
    """Most items were never shared: if items without events are listed, it shows there."""
    return {
        "views": ranking(subjects, LONGEST),
        "shares": ranking(subjects, LONGEST, Counter.SHARES),
    }


def judge_zeros(_subjects: ProbeSubjects, answers: Mapping[str, Answered]) -> Judgement:
    """Whether items with 0 are listed."""
    views, shares = (counts_of(answers[name], "top") for name in ("views", "shares"))
    zeros = sum(not value for value in (*views.values(), *shares.values()))
    if zeros:
        return otherwise(f"{zeros:,} items are listed with 0")
    if len(views) >= LONGEST or len(shares) >= LONGEST:
        raise UntoldError(f"the rankings go on beyond {LONGEST:,}: their ends were not seen")
    if (views and is_cut(views, LONGEST)) or (shares and is_cut(shares, LONGEST)):
        raise UntoldError("the rankings are cut: their ends were not seen")
    if len(shares) >= len(views):
        raise UntoldError(f"{len(views):,} items have views, and {len(shares):,} shares")
    return as_assumed(
        f"{len(views):,} items are ranked by views and {len(shares):,} by shares, none with 0"
    )


def best_asks(subjects: ProbeSubjects) -> Mapping[str, Ask]:
    """A short ranking and a long one."""
    return {"short": ranking(subjects, SHORT), "long": ranking(subjects, LONG)}


def judge_best(_subjects: ProbeSubjects, answers: Mapping[str, Answered]) -> Judgement:
    """Whether a short ranking holds the best of a long one, in whatever order."""
    short, long = (counts_of(answers[name], "top") for name in ("short", "long"))
    if len(short) < 2 or len(long) <= len(short):
        raise UntoldError("there are too few items to compare a short ranking with a long one")
    left_out = {key: long[key] for key in long if key not in short}
    best = max(left_out, key=lambda key: left_out[key])
    # Views go on while we ask: the last place may change.
    if left_out[best] > min(short.values()) + 5:
        return otherwise(
            f"the best {len(short)} have at least {min(short.values()):,} views, but item {best}, "
            f"which is not among them, has {left_out[best]:,}"
        )
    values = list(short.values())
    order = "sorted" if values == sorted(values, reverse=True) else "not sorted"
    return as_assumed(f"the {len(short)} are the best of {len(long):,}, {order}")
