"""The service itself: its clock, whether it announces a limit, whether answers are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harvester.preview.probe_ask import Answered, Ask
from harvester.preview.probe_findings import Judgement, UntoldError, as_assumed, otherwise
from harvester.preview.probe_redaction import HIDDEN, RATE_HEADERS
from harvester.preview.probe_subjects import UNKNOWN_ID, ProbeSubjects

# A snapshot has a date: a clock that is a minute off is wrong for one run in a thousand.
_MOST_SKEW_SECONDS = 60
_FRESH = re.compile(r"(?:s-maxage|max-age)=([0-9]+)")


def header_asks(subjects: ProbeSubjects) -> Mapping[str, Ask]:
    """Any totals will do, and need no credentials."""
    asks = {"unknown": subjects.total(UNKNOWN_ID)}
    if subjects.item is not None:
        asks["item"] = subjects.total(subjects.item)
    return asks


def judge_clock(_subjects: ProbeSubjects, answers: Mapping[str, Answered]) -> Judgement:
    """How far our clock and the service's are apart."""
    skews = [each.skew_seconds for each in answers.values() if each.skew_seconds is not None]
    if not skews:
        raise UntoldError("the answers have no header `Date`")
    skew = min(skews, key=abs)
    if abs(skew) <= _MOST_SKEW_SECONDS:
        return as_assumed("they agree to a minute")
    word = "behind" if skew > 0 else "ahead of"
    return otherwise(f"this machine's clock is {round(abs(skew) / 60)} min {word} Figshare's")


def judge_rate(_subjects: ProbeSubjects, answers: Mapping[str, Answered]) -> Judgement:
    """Whether a limit is announced."""
    found = {
        name: value
        for each in answers.values()
        for name, value in each.headers.items()
        if name in RATE_HEADERS
    }
    if found:
        return otherwise(", ".join(f"{name}: {value}" for name, value in found.items()))
    return as_assumed("no header names a limit")


def judge_cache(_subjects: ProbeSubjects, answers: Mapping[str, Answered]) -> Judgement:
    """Whether answers may be older than the moment they are read at."""
    for each in answers.values():
        kept = each.headers.get("Age", "0") not in {"0", HIDDEN}
        fresh = _FRESH.findall(each.headers.get("Cache-Control", ""))
        hit = "hit" in each.headers.get("X-Cache", "").lower()
        if kept or hit or any(int(seconds) for seconds in fresh):
            said = [f"{name}: {each.headers[name]}" for name in ("Age", "Cache-Control", "X-Cache")
                    if name in each.headers]  # fmt: skip
            return otherwise(f"answers may come out of a cache ({', '.join(said)})")
    # The same header twice says it once.
    seen = {
        name: value
        for each in answers.values()
        for name, value in each.headers.items()
        if name not in RATE_HEADERS
    }
    listed = ", ".join(
        name if value == HIDDEN else f"{name}: {value}" for name, value in sorted(seen.items())
    )
    return as_assumed(f"no header speaks of one (seen: {listed or 'none'})")
