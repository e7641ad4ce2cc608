"""What a part must hold, derived again from raw responses: for `verify` and `rebuild`.

By definition, not by history: the rows of every answer whose home the part is, without those of
periods that a younger run has read again. Each row of a job has exactly one home by this, so
parts may be put in place one after the other, and no reader sees a row twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol

from harvester.errors import ParseError
from harvester.model.dates import Window, day_of, epoch_day, from_micros
from harvester.model.outcomes import DerivedAnswer
from harvester.model.published import AnswerUpdate, PublishedAnswer
from harvester.model.question import Question
from harvester.model.reply import ReplySummary
from harvester.model.request import NO_ENTITY, Request
from harvester.model.rows import Columns
from harvester.model.spool import SpooledReply
from harvester.model.terms import Endpoint
from harvester.replay.bodies import Bodies, KeptBody
from harvester.replay.correction import contradiction, correction, is_only_more
from harvester.store.context import RunStamp, rows_up_to, shared_columns
from harvester.store.placement import DayRange, replaced_days

# Bodies held at once, and answers: the ledger's rows of small bodies cost more than the bodies.
_BYTES_AT_ONCE = 4 << 20
_ANSWERS_AT_ONCE = 5_000


_LATEST = epoch_day(date.max)


class DiscrepancyKind(StrEnum):
    """Why a body tells no rows, or not those that the ledger knows."""

    NO_BODY = "no body"
    CHANGED = "changed"
    NOT_READ = "not read"
    OTHER_ROWS = "other rows"
    NOT_DERIVED = "not worked out"


class Discrepancy(NamedTuple):
    """One answer that its body does not bear out, and why."""

    request_id: str
    trouble: DiscrepancyKind
    sentence: str


@dataclass(frozen=True, slots=True)
class ReplayedAnswer:
    """The rows that one answer has in a part, made again from its body.

    Attributes:
        request_id: as its rows name it; its own where nothing tells.
        columns: one per dataset that its endpoint fills; None: nothing tells them.
        shared: the columns that its body does not have.
        change: what the ledger should say of it; None: it does. Not only after a doubt: an older
            version kept no values.
    """

    answer: PublishedAnswer
    request_id: str
    columns: tuple[Columns, ...] | None
    shared: Mapping[str, object]
    change: AnswerUpdate | None = None
    doubt: Discrepancy | None = None


class AnswerSource(Protocol):
    """What a replay asks the ledger for."""

    def answers(self, partition: int, home: int) -> Iterator[PublishedAnswer]:
        """The answers whose rows lie in one part, in the order of their rows."""

    def readings_of(self, question: int, entity: int) -> Sequence[tuple[int, int, int]]:
        """(run, first, last) of every published answer of a series."""

    def asked_again(self, question: int) -> bool:
        """Whether any days of a question may have been read twice."""

    def groups(self, run: int, low: int, high: int) -> Sequence[int]:
        """The groups that a count asked for."""

    def correct(self, changes: Sequence[AnswerUpdate]) -> None:
        """From now on draw conclusions from what bodies tell, where the ledger tells otherwise."""


class DerivedSource(Protocol):
    """Where a replay gets answers that no request brought."""

    def summary(self, run: int, request: Request, columns: tuple[Columns, ...]) -> ReplySummary:
        """What the ledger keeps of a body; no rows where it serves as evidence alone."""

    def work_out(self, answers: Sequence[PublishedAnswer]) -> Sequence[DerivedAnswer | None]:
        """Answers that no request brought, from those that they were derived from.

        Returns:
            None for those of which that cannot be told any more.
        """


@dataclass(frozen=True, slots=True)
class Jobs:
    """The questions and runs of a job, by their numbers in the ledger."""

    questions: Mapping[int, Question]
    runs: Mapping[int, RunStamp]


class Replayer:
    """Makes the rows of parts again from the bodies of a job.

    What is evidence for others must be told before them: evidence first, then by granularity.
    """

    def __init__(
        self, ledger: AnswerSource, bodies: Bodies, workings: DerivedSource, jobs: Jobs
    ) -> None:
        self._ledger = ledger
        self._bodies = bodies
        self._workings = workings
        self._questions = jobs.questions
        self._runs = jobs.runs
        self._again: dict[int, bool] = {}

    def retold(
        self, partition: int, home: int, chosen: Callable[[int], bool] | None = None
    ) -> Iterator[ReplayedAnswer]:
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
            kept = self._bodies.fetch(some)
            derived = [each for each in some if each.state.is_derived]
            worked = iter(self._workings.work_out(derived))
            changes: list[AnswerUpdate] = []
            for answer, body in zip(some, kept, strict=True):
                if answer.state.is_derived:
                    told = self._worked_out(answer, next(worked), home)
                else:
                    told = self._replayed(answer, body, home)
                if told.change:
                    changes.append(told.change)
                yield told
            self._ledger.correct(changes)

    def request(self, answer: PublishedAnswer) -> Request:
        """The request that an answer answers."""
        question = self._questions[answer.question]
        if question.endpoint is Endpoint.COUNT:
            groups = self._ledger.groups(answer.run, answer.entity, answer.last)
            return Request(question, groups=tuple(groups))
        window = Window(day_of(answer.first), day_of(answer.last)) if answer.first else None
        entity = None if answer.entity == NO_ENTITY else answer.entity
        shown_to = day_of(answer.shown) if window and answer.shown != answer.last else None
        return Request(question, entity, window, shown_to=shown_to)

    def _replayed(
        self, answer: PublishedAnswer, kept: KeptBody | None, home: int
    ) -> ReplayedAnswer:
        if kept is None:
            return self._unverifiable(
                answer, DiscrepancyKind.NO_BODY, "its body is not in responses/"
            )
        if hashlib.sha256(kept.body).hexdigest() != kept.sha256:
            sentence = "its body is not the one that arrived: its SHA-256 is another"
            return self._unverifiable(answer, DiscrepancyKind.CHANGED, sentence)
        try:
            return self._read(answer, kept.body, home)
        except ParseError as error:
            return self._unverifiable(answer, DiscrepancyKind.NOT_READ, error.what)

    def _unverifiable(
        self, answer: PublishedAnswer, trouble: DiscrepancyKind, sentence: str
    ) -> ReplayedAnswer:
        request_id = self._runs[answer.run].request_id(self.request(answer))
        doubt = Discrepancy(request_id, trouble, sentence)
        return ReplayedAnswer(answer, request_id, None, {}, None, doubt)

    def _worked_out(
        self, answer: PublishedAnswer, worked: DerivedAnswer | None, home: int
    ) -> ReplayedAnswer:
        if worked is None:
            sentence = "what it was worked out of is not here"
            return self._unverifiable(answer, DiscrepancyKind.NOT_DERIVED, sentence)
        return self._read(answer, worked.body, home, worked)

    def _read(
        self, answer: PublishedAnswer, body: bytes, home: int, worked: DerivedAnswer | None = None
    ) -> ReplayedAnswer:
        """The rows of a body, and what the ledger should say of it.

        Raises:
            ParseError: it does not answer the question.
        """
        run, request = self._runs[answer.run], self.request(answer)
        columns = run.parse(request, body)
        summary = self._workings.summary(answer.run, request, columns)
        size, at = (0, worked.at) if worked else (len(body), answer.fetched_at)
        change = correction(answer, request, summary, (size, at, home))
        shared = shared_columns(run, request, _spooled(answer, body, worked))
        request_id = str(shared["request_id"] or run.request_id(request))
        doubt = None
        if change and not is_only_more(answer, change):
            doubt = Discrepancy(
                request_id, DiscrepancyKind.OTHER_ROWS, contradiction(answer, change)
            )
        if request.question in run.shown:
            columns = tuple(rows_up_to(answer.rows_to, each, answer.last) for each in columns)
            if gone := self._gone(answer):
                columns = tuple(_without(each, gone) for each in columns)
        else:
            columns = ()
        return ReplayedAnswer(answer, request_id, columns, shared, change, doubt)

    def _gone(self, answer: PublishedAnswer) -> list[DayRange]:
        """The days whose rows younger answers of the series have replaced."""
        question = self._questions[answer.question]
        if not question.endpoint.has_granularity:
            return []
        if answer.question not in self._again:
            self._again[answer.question] = self._ledger.asked_again(answer.question)
        if not self._again[answer.question]:
            return []
        # Where a long answer was found to be cut after its rows were out, its own run asked the
        # days behind once more.
        since = (answer.run, answer.first if answer.rows_to != answer.shown else _LATEST)
        return [
            replaced_days(question, first, last)
            for run, first, last in self._ledger.readings_of(answer.question, answer.entity)
            # What a younger run asked as evidence alone has replaced nothing.
            if (run, first) > since and question in self._runs[run].shown
        ]


def _by_weight(answers: Iterable[PublishedAnswer]) -> Iterator[list[PublishedAnswer]]:
    some: list[PublishedAnswer] = []
    weight = 0
    for answer in answers:
        some.append(answer)
        weight += answer.size + len(answer.points or b"")
        if weight >= _BYTES_AT_ONCE or len(some) >= _ANSWERS_AT_ONCE:
            yield some
            some, weight = [], 0
    if some:
        yield some


def _without(columns: Columns, gone: Sequence[DayRange]) -> Columns:
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


def _spooled(answer: PublishedAnswer, body: bytes, worked: DerivedAnswer | None) -> SpooledReply:
    """The answer as the spool held it, but for what no row shows."""
    read_at = from_micros(worked.at if worked else answer.fetched_at)
    how = (worked.state, worked.source) if worked else (None, None)
    return SpooledReply(
        answer.question, answer.entity, answer.first, answer.last, None, 0, "", read_at, body, *how
    )
