"""What a part must hold, worked out again from raw responses: for `verify` and `rebuild`.

By definition, not by history: the rows of every answer whose home the part is, without those of
periods that a younger run has read again. Each row of a job has exactly one home by this, so
parts may be put in place one after the other, and no reader sees a row twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from harvester.errors import ParseError
from harvester.model.kept import Answer
from harvester.model.moment import moment_of
from harvester.model.question import Question
from harvester.model.request import NO_ENTITY, Request
from harvester.model.rows import Columns
from harvester.model.terms import Endpoint
from harvester.model.window import Window, day_of
from harvester.store.bodies import Bodies, KeptBody
from harvester.store.context import RunStamp, shared_columns
from harvester.store.homes import touched
from harvester.store.rewrite import Stretch

# Bodies held at once, and answers: the ledger's rows of small bodies cost more than the bodies.
_BYTES_AT_ONCE = 4 << 20
_ANSWERS_AT_ONCE = 5_000


class Trouble(StrEnum):
    """Why a body tells no rows, or not those that the ledger knows."""

    NO_BODY = "no body"
    CHANGED = "changed"
    NOT_READ = "not read"
    OTHER_ROWS = "other rows"


class Doubt(NamedTuple):
    """One answer that its body does not bear out."""

    request_id: str
    trouble: Trouble
    sentence: str


@dataclass(frozen=True, slots=True)
class Retold:
    """The rows that one answer has in its home.

    Attributes:
        columns: one per dataset that its endpoint fills; None: its body does not tell.
        shared: the columns that its body does not have.
        made: how many rows its body makes, those included that a younger answer replaced.
        body_bytes: how long its body is.
    """

    answer: Answer
    request_id: str
    columns: tuple[Columns, ...] | None
    shared: Mapping[str, object]
    made: int
    body_bytes: int
    doubt: Doubt | None


class Answers(Protocol):
    """The ledger's side."""

    def answers(self, partition: int, home: int) -> Iterator[Answer]:
        """The answers whose rows lie in one part, in the order of their rows."""

    def readings_of(self, question: int, entity: int) -> Sequence[tuple[int, int, int]]:
        """(run, first, last) of every published answer of a series."""

    def asked_again(self, question: int) -> bool:
        """Whether any series of a question was read by more than one run."""

    def groups(self, run: int, low: int, high: int) -> Sequence[int]:
        """The groups that a count asked for."""


class Reread:
    """Tells the rows of parts from the bodies of a job."""

    def __init__(
        self,
        ledger: Answers,
        bodies: Bodies,
        questions: Mapping[int, Question],
        runs: Mapping[int, RunStamp],
    ) -> None:
        """Read what these hold.

        Args:
            questions: by their number in the ledger; likewise `runs`.
        """
        self._ledger = ledger
        self._bodies = bodies
        self._questions = questions
        self._runs = runs
        self._again: dict[int, bool] = {}

    def retold(
        self, partition: int, home: int, chosen: Callable[[int], bool] | None = None
    ) -> Iterator[Retold]:
        """Every answer of a part with its rows, in the order of the rows.

        Args:
            chosen: whether to tell of an entity; None: all.

        Raises:
            pyarrow.ArrowException, OSError: a part of responses/ is damaged.
        """
        answers = self._ledger.answers(partition, home)
        if chosen is not None:
            answers = (each for each in answers if chosen(each.entity))
        for some in _by_weight(answers):
            for answer, kept in zip(some, self._bodies.fetch(some), strict=True):
                yield self._retold(answer, kept)

    def request(self, answer: Answer) -> Request:
        """The request that an answer answers."""
        question = self._questions[answer.question]
        if question.endpoint is Endpoint.COUNT:
            groups = self._ledger.groups(answer.run, answer.entity, answer.last)
            return Request(question, groups=tuple(groups))
        window = Window(day_of(answer.first), day_of(answer.last)) if answer.first else None
        return Request(question, None if answer.entity == NO_ENTITY else answer.entity, window)

    def _retold(self, answer: Answer, kept: KeptBody | None) -> Retold:
        run, request = self._runs[answer.run], self.request(answer)
        request_id = run.request_id(request)
        columns: tuple[Columns, ...] | None = None
        doubt = None
        made, size = 0, len(kept.body) if kept else 0
        if kept is None:
            doubt = Doubt(request_id, Trouble.NO_BODY, "its body is not in responses/")
        elif hashlib.sha256(kept.body).hexdigest() != kept.sha256:
            sentence = "its body is not the one that arrived: its SHA-256 is another"
            doubt = Doubt(request_id, Trouble.CHANGED, sentence)
        else:
            try:
                columns = run.parse(request, kept.body)
            except ParseError as error:
                doubt = Doubt(request_id, Trouble.NOT_READ, error.what)
            else:
                made = sum(each.length for each in columns)
                if (made, size) != (answer.rows, answer.bytes):
                    doubt = Doubt(request_id, Trouble.OTHER_ROWS, _other(answer, made, kept.body))
        gone = self._gone(answer)
        if columns and gone:
            columns = tuple(_without(each, gone) for each in columns)
        shared = shared_columns(run, request, moment_of(answer.fetched_at))
        return Retold(answer, request_id, columns, shared, made, size, doubt)

    def _gone(self, answer: Answer) -> list[Stretch]:
        """The days whose rows younger answers of the series have replaced."""
        question = self._questions[answer.question]
        if not question.endpoint.has_granularity:
            return []
        if answer.question not in self._again:
            self._again[answer.question] = self._ledger.asked_again(answer.question)
        if not self._again[answer.question]:
            return []
        return [
            touched(question, first, last)
            for run, first, last in self._ledger.readings_of(answer.question, answer.entity)
            if run > answer.run
        ]


def _by_weight(answers: Iterable[Answer]) -> Iterator[list[Answer]]:
    some: list[Answer] = []
    weight = 0
    for answer in answers:
        some.append(answer)
        weight += answer.bytes
        if weight >= _BYTES_AT_ONCE or len(some) >= _ANSWERS_AT_ONCE:
            yield some
            some, weight = [], 0
    if some:
        yield some


def _without(columns: Columns, gone: Sequence[Stretch]) -> Columns:
    """The rows whose period does not begin in any of the stretches."""
    starts = columns.values.get("period_start", ())
    stays = [
        at
        for at, start in enumerate(starts)
        if not any(low <= start <= high for low, high in gone)  # type: ignore[operator]  # days
    ]
    if len(stays) == columns.length:
        return columns
    values = {name: [column[at] for at in stays] for name, column in columns.values.items()}
    return Columns(columns.dataset, len(stays), values)  # type: ignore[arg-type]  # one type each


def _other(answer: Answer, made: int, body: bytes) -> str:
    return (
        f"its body of {len(body)} bytes makes {made} rows, the ledger says {answer.rows} rows "
        f"of {answer.bytes} bytes"
    )
