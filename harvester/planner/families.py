"""Questions that are evidence for each other: one counter of one kind, under one filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from harvester.model.dates import ONE_DAY, Window, epoch_day
from harvester.model.limits import WINDOW_LIMITS
from harvester.model.question import Question, Wanted
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from harvester.planner.windows import split_window, years_after

_Key = tuple[Kind, Counter | None, SubItem | None, str | None]


@dataclass(frozen=True, slots=True)
class Family:
    """One counter of one kind under one filter, over all granularities.

    Attributes:
        total: the unfiltered total; None: this run reads none.
        fine: the finest timeline that is asked; None: none is.
        fine_windows: the days it is asked for.
        is_shown: whether the finest timeline fills a dataset.
        check: the timeline by year, asked of some series to see that one window is answered
            whole; where `fine` is by year, that by month; None for one row over all days.
        coarse: timelines that can be derived from the finest.
        plain: timelines that cannot.
        breakdowns: what the finest timeline is evidence for.
    """

    kind: Kind
    counter: Counter
    sub_item: SubItem | None
    sub_item_id: str | None
    total: Question | None
    fine: Question | None
    fine_windows: tuple[Window, ...]
    is_shown: bool
    check: Question | None
    coarse: tuple[Wanted, ...]
    plain: tuple[Wanted, ...]
    breakdowns: tuple[Wanted, ...]

    @property
    def is_filtered(self) -> bool:
        """Whether it counts only some of the events."""
        return self.sub_item is not None

    @property
    def granularity(self) -> Granularity:
        """Of the finest timeline."""
        if self.fine is None or self.fine.granularity is None:
            raise ValueError(f"{self.kind} {self.counter} has no timeline")
        return self.fine.granularity


def families(inputs: PlanInputs) -> list[Family]:
    """Sort a run's questions into families, unfiltered ones first.

    Without evidence each timeline is a family of its own: nothing is derived from it.
    """
    by_key: dict[tuple[Any, ...], list[Wanted]] = {}
    extra: dict[tuple[Any, ...], list[Wanted]] = {}
    for sorted_out, asked in ((by_key, inputs.wanted), (extra, inputs.evidence)):
        for each in asked:
            if each.question.endpoint.has_granularity:
                own = () if inputs.skips else (each.question,)
                sorted_out.setdefault((*_key(each.question), *own), []).append(each)
    totals = {
        (question.kind, question.counter): question
        for each in (*inputs.evidence, *inputs.wanted)
        if (question := each.question).endpoint is Endpoint.TOTAL and question.counter
    }
    found = [
        _family(key[:4], mine, extra.get(key, []), totals.get((key[0], key[1])))
        for key, mine in by_key.items()
    ]
    return sorted(found, key=lambda family: family.is_filtered)


def _key(question: Question) -> _Key:
    return question.kind, question.counter, question.sub_item, question.sub_item_id


def _family(
    key: _Key, wanted: Sequence[Wanted], extra: Sequence[Wanted], total: Question | None
) -> Family:
    kind, counter, sub_item, sub_item_id = key
    if counter is None:
        raise ValueError("timelines and breakdowns have a counter")
    timelines = [each for each in wanted if each.question.endpoint is Endpoint.TIMELINE]
    asked = [each for each in extra if not _is_check(each, timelines)]
    fine = min([*asked, *timelines], key=_coarseness, default=None)
    windows = _windows([*asked, *timelines], fine)
    others = [each for each in timelines if fine and each.question != fine.question]
    coarse = [each for each in others if fine and derives(fine.question, windows, each)]
    return Family(
        kind=kind,
        counter=counter,
        sub_item=sub_item,
        sub_item_id=sub_item_id,
        total=total,
        fine=fine.question if fine else None,
        fine_windows=windows,
        is_shown=fine in timelines,
        check=check_of(fine.question) if fine else None,
        coarse=tuple(coarse),
        plain=tuple(each for each in others if each not in coarse),
        breakdowns=tuple(each for each in wanted if each.question.endpoint is Endpoint.BREAKDOWN),
    )


def _is_check(extra: Wanted, timelines: Sequence[Wanted]) -> bool:
    """Whether a timeline is there only to check others."""
    finest = min(timelines, key=_coarseness, default=None)
    if finest is None or finest.window is None or extra.window is None:
        return False
    is_part = extra.window.first > finest.window.first or extra.window.last < finest.window.last
    is_check = check_of(finest.question) == extra.question
    return _coarseness(extra) > _coarseness(finest) or (is_check and is_part)


def _coarseness(wanted: Wanted) -> int:
    granularity = wanted.question.granularity
    return granularity.coarseness if granularity else 0


def _windows(asked: Iterable[Wanted], fine: Wanted | None) -> tuple[Window, ...]:
    if fine is None:
        return ()
    return tuple(sorted(w.window for w in asked if w.question == fine.question and w.window))


def derives(fine: Question, windows: Sequence[Window], coarse: Wanted) -> bool:
    """Whether every row of `coarse` is a sum of rows of the finest timeline."""
    granularity, window = fine.granularity, coarse.window
    if granularity is None or window is None or granularity is Granularity.TOTAL:
        return False
    return any(
        outer.first <= window.first
        and window.last <= outer.last
        and (window.first == outer.first or granularity.period_start(window.first) == window.first)
        and (window.last == outer.last or granularity.period_end(window.last) == window.last)
        for outer in windows
    )


def check_of(fine: Question) -> Question | None:
    """The timeline that shows whether a long one is answered whole: by year, or else by month."""
    if fine.granularity is None or fine.granularity is Granularity.TOTAL:
        return None
    is_yearly = fine.granularity is Granularity.YEAR
    return replace(fine, granularity=Granularity.MONTH if is_yearly else Granularity.YEAR)


def last_years(granularity: Granularity, window: Window) -> Window:
    """The end of a window, as many years back as one request surely reaches."""
    years = WINDOW_LIMITS[Endpoint.BREAKDOWN, granularity].years or 1
    return Window(max(date(window.last.year - years + 1, 1, 1), window.first), window.last)


def is_long(granularity: Granularity, window: Window) -> bool:
    """Whether a window is longer than a breakdown's may be, so that a timeline's might be cut.

    One row over all days (`total`) is never asked in pieces, however long.
    """
    if granularity is Granularity.TOTAL:
        return False
    years = WINDOW_LIMITS[Endpoint.BREAKDOWN, granularity].years
    return years is not None and window.last >= years_after(window.first, years)


def whole_reach(granularity: Granularity, window: Window) -> date:
    """The last day of the periods answered whole, where timelines are cut like breakdowns."""
    return next(split_window(window, Endpoint.BREAKDOWN, granularity)).last


def last_in_reach(granularity: Granularity, window: Window) -> int:
    """The last day of which a long window would tell anything, if it were cut like breakdowns."""
    # The period in which it would be cut is answered in part.
    cut = whole_reach(granularity, window) + ONE_DAY
    return epoch_day(granularity.period_end(cut))


def counts_beyond(granularity: Granularity, window: Window, days: Iterable[int]) -> bool:
    """Whether some of these first days lie where a long window that was cut would have none."""
    begin, last = last_in_reach(granularity, window), epoch_day(window.last)
    return any(begin < day <= last for day in days)


def counted(inputs: PlanInputs) -> frozenset[Question]:
    """The questions whose counts are kept one by one, for a later step reads them.

    Those of groups are for the comparison with listings (discover/group_check.py).
    """
    found = {
        each.question
        for each in inputs.evidence
        if each.question.is_ranking_of_all or each.question.is_undocumented
    }
    found |= {w.question for w in inputs.wanted if w.question.endpoint is Endpoint.COUNT}
    if not inputs.skips:
        return frozenset(found)
    topics = [(each.kind, each.counter) for each in families(inputs)]
    for family in families(inputs):
        is_bound = topics.count((family.kind, family.counter)) > 1
        is_checked = any(is_long(family.granularity, each) for each in family.fine_windows)
        is_read = family.coarse or family.breakdowns or family.total or is_bound or is_checked
        if family.fine and is_read:
            coarser = (*family.coarse, *family.plain)
            found |= {family.fine, *(each.question for each in coarser)}
            found |= {family.check} if family.check else set()
    return frozenset(found)
