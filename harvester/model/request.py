"""One question to the service about one entity and one window, with a key that reads back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from harvester.model.dates import Window, epoch_day
from harvester.model.question import Question
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem

# In a slot, where a request is about no single entity; ids are positive.
NO_ENTITY = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to ask the service: a question, about an entity, for a window.

    Attributes:
        entity_id: None for a ranking of all items and for a count.
        window: None where no dates are sent (total, count, a ranking of all items).
        groups: the groups of a `count`, ascending; empty elsewhere.
        shown_to: the last day whose rows are wanted, where the window runs on beyond it for
            the sake of evidence; None: all of the window.
    """

    question: Question
    entity_id: int | None = None
    window: Window | None = None
    groups: tuple[int, ...] = ()
    shown_to: date | None = None

    @property
    def key(self) -> str:
        """Readable, and the same in every run: the question's key, the entity, the window."""
        words = [self.question.key]
        if self.entity_id is not None:
            words.append(str(self.entity_id))
        if self.groups:
            words.append(f"{self.groups[0]}-{self.groups[-1]}")
        if self.window:
            words.append(str(self.window))
        return "/".join(words)

    @property
    def slot(self) -> tuple[int, int]:
        """Where it stands among the requests of its question in one run.

        Returns:
            (entity id, or the first group of a count, or 0;
            first day of the window in days since 1970-01-01, or 0 without a window).
        """
        entity = self.groups[0] if self.groups else self.entity_id or NO_ENTITY
        return entity, epoch_day(self.window.first) if self.window else 0


_DAY = r"\d{4}-\d{2}-\d{2}"


_WINDOW = re.compile(rf"({_DAY})\.\.({_DAY})", re.ASCII)


_GROUPS = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)


_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


# What stands for the counter where there is none (model/question.py).
_UNCOUNTED = {"articles", "all-counters"}


_SUB_ITEMS = {each.value for each in SubItem}


# A job has a few dozen questions and asks each of thousands of entities.
@lru_cache(maxsize=1024)
def read_question(key: str, institution: str | None = None) -> Question:
    """The question of this key.

    Args:
        institution: of the job; keys leave it out.

    Raises:
        ValueError: it is no key of ours.
    """
    words = key.split("/")
    endpoint = Endpoint(_taken(words, key))
    granularity = Granularity(_taken(words, key)) if endpoint.has_granularity else None
    counter = _taken(words, key)
    kind = Kind(_taken(words, key))
    question = Question(
        endpoint,
        kind,
        None if counter in _UNCOUNTED else Counter(counter),
        granularity,
        institution=institution,
    )
    if endpoint.has_granularity and words:
        # The service's own value of a filter may hold slashes.
        name, equals, value = "/".join(words).partition("=")
        question = replace(question, sub_item=SubItem(name), sub_item_id=value if equals else None)
    elif endpoint is Endpoint.TOP:
        sub_item = SubItem(words.pop(0)) if words and words[0] in _SUB_ITEMS else None
        ranks = int(words.pop(0)) if words else None
        question = replace(question, sub_item=sub_item, ranks=ranks)
    if question.key != key:
        raise ValueError(f"{key!r} is no question's key")
    return question


def read_request(key: str, institution: str | None = None) -> Request:
    """The request of this key; of the groups of a count only the first and the last.

    Raises:
        ValueError: it is no key of ours.
    """
    words = key.split("/")
    entity = None
    groups: tuple[int, ...] = ()
    endpoint = Endpoint(words[0])
    if window := _window(words[-1]):
        words.pop()
    if endpoint is Endpoint.COUNT:
        if not (found := _GROUPS.fullmatch(words.pop())):
            raise ValueError(f"{key!r} names no groups")
        low, high = map(int, found.groups())
        groups = (low,) if low == high else (low, high)
    elif endpoint is not Endpoint.TOP or not _SUB_ITEMS.isdisjoint(words):
        # A ranking of all items of a kind is about no entity.
        last = words.pop()
        if not _NUMBER.fullmatch(last):
            raise ValueError(f"{key!r} names no entity")
        entity = int(last)
    request = Request(read_question("/".join(words), institution), entity, window, groups)
    if request.key != key:
        raise ValueError(f"{key!r} is no request's key")
    return request


# Likewise for the same few windows.
@lru_cache(maxsize=1024)
def _window(text: str) -> Window | None:
    found = _WINDOW.fullmatch(text)
    return Window(*(date.fromisoformat(day) for day in found.groups())) if found else None


def _taken(words: list[str], key: str) -> str:
    if not words:
        raise ValueError(f"{key!r} is too short for a key")
    return words.pop(0)
