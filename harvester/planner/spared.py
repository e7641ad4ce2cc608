"""Stretches of a series that need no request, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.model.dates import Window
from harvester.model.outcomes import PastOutcome
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.planner.inputs import EvidenceSource
from harvester.planner.intervals import DayRange, range_of, range_window, subtract_all
from harvester.planner.planned import COVERED, NotNeeded
from harvester.planner.series import SeriesState
from harvester.planner.series_evidence import SeriesEvidence


def covered_lines(
    known: EvidenceSource,
    question: Question,
    view: SeriesState,
    window: Window,
    left: Sequence[DayRange],
    earlier: Sequence[PastOutcome],
) -> list[NotNeeded]:
    """The stretches that earlier runs settled, each with the run that read it last."""
    lines: list[NotNeeded] = []
    answers = [each for each in earlier if each.is_answer]
    if not answers:
        return lines
    for first, last in subtract_all([range_of(window)], left):
        reader = next((each for each in reversed(answers) if each.first <= last), answers[-1])
        said = f"run {known.run_id(reader.run)} has read these days, and they were settled"
        saved = Request(question, view.entity, range_window((first, last)))
        lines.append(NotNeeded(saved, COVERED, said))
    return lines


def quiet_lines(
    question: Question, entity: int, left: Sequence[DayRange], series_evidence: SeriesEvidence
) -> list[NotNeeded]:
    """Stretches in which nothing new can lie, with their reasons."""
    return [
        NotNeeded(Request(question, entity, range_window(part)), rule.value, said)
        for stretch in left
        for part, rule, said in series_evidence.why_empty(stretch)
    ]
