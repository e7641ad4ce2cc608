"""What a run's answers showed about themselves, in sentences."""

from __future__ import annotations

from collections import Counter

from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run
from harvester.model.rules import Rule

# What a broken rule means for whoever reads the summary.
_BROKEN = {
    Rule.TOTAL_IS_ZERO: "totals of 0 are no proof here, so timelines were asked all the same",
    Rule.TOTAL_IS_COVERED: "totals do not show what is new here, so timelines were asked",
    Rule.BEFORE_FIRST_ONLINE: "items were counted before the dates that Figshare tells of them, so "
    "no date spared a request",
    Rule.DERIVED: "coarser timelines are no sums of finer ones here, so each was asked",
    Rule.WHOLE_WINDOW: "long timelines are cut short here, so they were asked in pieces",
    Rule.RANKING_IS_TOTALS: "the ranking does not tell the totals, so they were asked one by one",
    Rule.UNRANKED_IS_ZERO: "the ranking lacks items with events, so their totals were asked",
    Rule.COMBINED_IS_TOTALS: "totals of all counters at once are not to be had, or wrong, so each "
    "was asked",
}
_DOUBTS = {
    "timeline_above_total": "count more in their timeline than in their total",
    "total_above_timeline": "have events in their total that their timeline, asked whole, lacks",
    "breakdown_above_timeline": "count more by country than in their timeline",
    "total_fell": "have a lower total than before: a sign of restatement; "
    "`run --refresh START..END` reads settled periods again",
}
_EXAMPLES = 3


def run_notes(ledger: Ledger, run: Run) -> list[str]:
    """Rules that broke, series that contradict themselves, and settled values that changed."""
    notes = [
        f"{_BROKEN.get(proof.rule, proof.rule.value)} ({proof.sentence})"
        for number, proof in ledger.evidence.trials_made(run.number)
        if number == run.number and not proof.holds
    ]
    contradictions = ledger.evidence.contradictions(run.number)
    for reason, number in Counter(reason for _, _, reason, _ in contradictions).items():
        some = [sentence for _, _, why, sentence in contradictions if why == reason][:_EXAMPLES]
        notes.append(f"{number:,} series {_DOUBTS.get(reason, reason)}: {'; '.join(some)}")
    return notes
