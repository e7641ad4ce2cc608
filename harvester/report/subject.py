"""Of whom a report speaks: items added up, or one group or author, which are never added up."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.model.terms import Counter, Kind
from harvester.report.answered import AnsweredEntities
from harvester.report.tables import Tables
from harvester.report.wording import count, shown

# Items of these kinds are counted once each. A group's number may hold those of the groups below
# it, and an item with two authors counts for both: no sum of them means anything.
ADDED_UP = (Kind.ARTICLE, Kind.COLLECTION, Kind.PROJECT)
_MOST = 12
_ORDER = {each.value: place for place, each in enumerate(Counter)}


@dataclass(frozen=True, slots=True)
class Subject:
    """All items of a kind, or one entity.

    Attributes:
        entity_id: None: all of them, added up.
        members: how many entities that is.
    """

    kind: str
    entity_id: int | None
    members: int
    title: str = ""

    @property
    def key(self) -> str:
        """For the page's own use: `article`, `group-17`."""
        return self.kind if self.entity_id is None else f"{self.kind}-{self.entity_id}"

    @property
    def label(self) -> str:
        """As a heading says it: `all 300 articles`, `group 17: Physics`."""
        if self.entity_id is None:
            return f"all {count(self.members, self.kind)}" if self.members > 1 else f"1 {self.kind}"
        return f"{self.kind} {self.entity_id}" + (f": {self.title}" if self.title else "")

    def label_of(self, answered: AnsweredEntities | None) -> str:
        """The same where only some of them have all of their answers: `149 of 150 articles`."""
        if answered is None or answered.is_whole:
            return self.label
        if self.entity_id is not None:
            return f"{self.label} (not all is answered)"
        return f"{answered.answered:,} of {count(answered.asked, self.kind)}"

    @property
    def condition(self) -> str:
        """The rows of this subject, in SQL."""
        one = "" if self.entity_id is None else f" AND entity_id = {self.entity_id}"
        return f"entity = '{self.kind}'{one}"


def subjects(tables: Tables, source: str) -> list[Subject]:
    """Whom the rows of a table tell of, the most telling first.

    Args:
        source: a table with entity, entity_id, counter and value; or SQL in parentheses.

    Returns:
        Each kind whose items may be added up; then the largest groups, by whichever counter
        comes first; then, where there is nothing else, the largest authors.
    """
    # Whoever was asked about is one of all, also where no answer came.
    found = dict(
        tables.rows(
            f"SELECT entity, count(DISTINCT entity_id) FROM (SELECT entity, entity_id FROM {source}"
            " UNION SELECT entity, entity_id FROM answered UNION SELECT entity, entity_id FROM"
            f" unanswered) WHERE entity IN (SELECT entity FROM {source}) GROUP BY 1"
        )
    )
    told = [Subject(kind, None, found[kind]) for kind in ADDED_UP if kind in found]
    for kind in (Kind.GROUP, Kind.AUTHOR):
        if kind in found and (kind is Kind.GROUP or not told):
            told += _largest(tables, source, kind.value)
    return told


def _largest(tables: Tables, source: str, kind: str) -> list[Subject]:
    rows = tables.rows(
        f"SELECT s.entity_id, any_value(item.title) FROM {source} s LEFT JOIN item ON"
        f" item.entity = s.entity AND item.entity_id = s.entity_id WHERE s.entity = '{kind}'"
        " AND s.entity_id IS NOT NULL GROUP BY 1 ORDER BY"
        " sum(s.value) FILTER (WHERE s.counter = 'views') DESC NULLS LAST, sum(s.value) DESC, 1"
        f" LIMIT {_MOST}"
    )
    return [Subject(kind, entity_id, 1, shown(title, 80)) for entity_id, title in rows]


def in_order(counters: set[str]) -> list[str]:
    """Counters as everyone names them: views, downloads, shares."""
    return sorted(counters & _ORDER.keys(), key=lambda each: _ORDER[each])
