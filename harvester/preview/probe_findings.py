"""What a probe found out: one verdict a question, with what was seen and what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from harvester.preview.probe_ask import Answered


class ProbeVerdict(Enum):
    """How the service's answer stands to what is assumed."""

    AS_ASSUMED = "as assumed"
    OTHERWISE = "otherwise"
    UNTOLD = "could not tell"


class Judgement(NamedTuple):
    """A verdict on one question and what it rests on, in words."""

    verdict: ProbeVerdict
    seen: str


class UntoldError(Exception):
    """An answer does not tell what was asked; the sentence says why."""


@dataclass(frozen=True, slots=True)
class ProbeFinding:
    """One row of the table that `probe` prints.

    Attributes:
        question: the id of its row in `probe_table.py`.
        assumed: what the product takes for true; `where`: in which file it does.
        asked: paths with their queries.
        seen: why the verdict is so.
        means: for the job.
    """

    question: str
    assumed: str
    where: str
    asked: Sequence[str]
    verdict: ProbeVerdict
    seen: str
    means: str


def as_assumed(seen: str) -> Judgement:
    """It is as the product assumes."""
    return Judgement(ProbeVerdict.AS_ASSUMED, seen)


def otherwise(seen: str) -> Judgement:
    """It is not."""
    return Judgement(ProbeVerdict.OTHERWISE, seen)


def as_said(answered: Answered) -> str:
    """A refusal in words: `status 400 (InvalidParams)`."""
    code = answered.plain.get("code") if isinstance(answered.plain, dict) else None
    return f"status {answered.status}" + (f" ({code})" if isinstance(code, str) else "")


def value_of(answered: Answered, key: str) -> object:
    """What an answer has under a key.

    Raises:
        UntoldError: it is a refusal, or another form.
    """
    if answered.status != 200:
        raise UntoldError(f"Figshare refuses it: {as_said(answered)}")
    if not isinstance(answered.plain, dict) or key not in answered.plain:
        raise UntoldError(f"the answer has no {key!r}")
    found: object = answered.plain[key]
    return found


def number_of_total(answered: Answered, key: str = "totals") -> int:
    """The number of a total; null counts as 0.

    Raises:
        UntoldError: it is none.
    """
    found = value_of(answered, key)
    if found is None:
        return 0
    if type(found) is not int:
        raise UntoldError(f"{key!r} is not a number")
    return found


def counts_of(answered: Answered, key: str) -> Mapping[str, int]:
    """Numbers by period or by id; null is none.

    Raises:
        UntoldError: it is something else.
    """
    found = value_of(answered, key) or {}
    if not isinstance(found, dict) or any(type(each) is not int for each in found.values()):
        raise UntoldError(f"{key!r} does not hold numbers")
    return found


def places_of(answered: Answered) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
    """Cities by country and period, each country with its `total`; null is none.

    Raises:
        UntoldError: it is something else.
    """
    found = value_of(answered, "breakdown") or {}
    if isinstance(found, dict) and all(
        isinstance(cities, dict) and type(cities.get("total")) is int
        for countries in found.values()
        for cities in (countries.values() if isinstance(countries, dict) else [None])
    ):
        return found
    raise UntoldError("the breakdown has another form")


def events_of(countries: Mapping[str, Mapping[str, int]]) -> int:
    """The events of all countries of a period."""
    return sum(cities["total"] for cities in countries.values())
