"""What is asked, before anyone knows of whom and in how many requests."""

from __future__ import annotations

from dataclasses import dataclass, field

from harvester.model.dates import Window
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem

# What stands in a key for the counter of a question that has none.
_UNCOUNTED = {Endpoint.COUNT: "articles", Endpoint.TOTAL: "all-counters"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of which kind, under which filter; with an entity it is a series.

    Attributes:
        institution: slug of the institution scope; None is the public scope.
        counter: None for `count`, and for a total of all counters in one request.
        granularity: None for total, top and count.
        sub_item: filter of a timeline or breakdown, or what a top ranks; else None.
        sub_item_id: the filter's value as the service writes it; None without filter and for top.
        ranks: how many entries a top asks for; None elsewhere.
        key: readable and stable, such as `breakdown/month/views/group/item_type=dataset`.
            A top ends in its ranks: `top/views/article/100`. The institution is left out: a
            job has one. Made once, for each request of a question carries it.
    """

    endpoint: Endpoint
    kind: Kind
    counter: Counter | None = None
    granularity: Granularity | None = None
    sub_item: SubItem | None = None
    sub_item_id: str | None = None
    ranks: int | None = None
    institution: str | None = None
    key: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self._key())

    def _key(self) -> str:
        words: list[str] = [self.endpoint.value]
        if self.granularity:
            words.append(self.granularity.value)
        uncounted = _UNCOUNTED.get(self.endpoint, "no-counter")
        words.append(self.counter.value if self.counter else uncounted)
        words.append(self.kind.value)
        if self.sub_item:
            words.append(
                f"{self.sub_item.value}={self.sub_item_id}"
                if self.sub_item_id
                else self.sub_item.value
            )
        if self.ranks:
            words.append(str(self.ranks))
        return "/".join(words)

    @property
    def is_ranking_of_all(self) -> bool:
        """Whether it ranks all items of a kind: it is put to no entity."""
        return self.endpoint is Endpoint.TOP and self.sub_item is None

    @property
    def is_undocumented(self) -> bool:
        """Whether it may be refused at any time, and then another is asked in its place."""
        return self.endpoint is Endpoint.TOTAL and self.counter is None

    @property
    def needs_credentials(self) -> bool:
        """Whether the service asks for HTTP Basic here."""
        return self.institution is not None and self.endpoint.needs_credentials


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question and the days it is asked for.

    Attributes:
        window: the days, resolved to dates; None where the endpoint takes none.
    """

    question: Question
    window: Window | None = None
