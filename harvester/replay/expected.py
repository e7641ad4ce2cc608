"""The rows that a part must hold, as tables of whole entities: what `verify` compares with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from harvester.model.published import PublishedAnswer, Unverifiable
from harvester.model.question import Question
from harvester.model.rows import Dataset
from harvester.model.terms import Endpoint
from harvester.replay.replay import Discrepancy, ReplayedAnswer
from harvester.store.buffer import RowBuffer
from harvester.store.layout import datasets_of
from harvester.store.part_writer import ROWS_PER_GROUP

# Answers without rows cost little each; this bounds those of a sparse part.
_ANSWERS_PER_STRETCH = 20_000


@dataclass(slots=True)
class ExpectedRows:
    """The rows that some entities must have in one part, as tables.

    Attributes:
        last_entity: its rows are all up to this one; None: all that are left.
        tables: one per dataset of the endpoint.
        unverifiable: whose rows nothing tells.
        contradictions: of answers that their bodies do not bear out.
        rows: over all datasets.
        asked, derived_answers: so many answers.
    """

    last_entity: int | None = None
    tables: dict[Dataset, pa.Table] = field(default_factory=dict)
    unverifiable: Unverifiable = field(default_factory=Unverifiable)
    contradictions: list[Discrepancy] = field(default_factory=list)
    rows: int = 0
    asked: int = 0
    derived_answers: int = 0


def expected_rows(some: Question, retold: Iterable[ReplayedAnswer]) -> Iterator[ExpectedRows]:
    """The rows of one part, by stretches of entities; at least one.

    Args:
        some: any question of the partition.
        retold: in the order of rows.
    """
    datasets = datasets_of(some)
    buffers = {dataset: RowBuffer(dataset) for dataset in datasets}
    stretch = ExpectedRows()
    highest = 0
    for each in retold:
        answers = stretch.asked + stretch.derived_answers
        enough = stretch.rows >= ROWS_PER_GROUP or answers >= _ANSWERS_PER_STRETCH
        if enough and each.answer.entity > highest:
            yield _closed(stretch, buffers, highest)
            stretch = ExpectedRows()
        highest = max(highest, _last_entity(some, each.answer))
        is_derived = each.answer.state.is_derived
        stretch.derived_answers += is_derived
        stretch.asked += not is_derived
        if each.doubt:
            stretch.contradictions.append(each.doubt)
        if each.columns is None and is_derived:
            stretch.unverifiable.entities.add(each.answer.entity)
        elif each.columns is None:
            stretch.unverifiable.request_ids.append(each.request_id)
        for columns in each.columns or ():
            buffers[columns.dataset].add(columns, each.shared)
            stretch.rows += columns.length
    yield _closed(stretch, buffers, None)


def _closed(
    stretch: ExpectedRows, buffers: dict[Dataset, RowBuffer], last_entity: int | None
) -> ExpectedRows:
    stretch.last_entity = last_entity
    stretch.tables = {dataset: buffer.table() for dataset, buffer in buffers.items()}
    return stretch


def _last_entity(question: Question, answer: PublishedAnswer) -> int:
    """The rows of a count are about all its groups."""
    return answer.last if question.endpoint is Endpoint.COUNT else answer.entity
