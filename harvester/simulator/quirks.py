"""What Figshare's documentation leaves open: switches, with what we take for likely."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Quirks:
    """Habits of the statistics endpoints; every default is the documented or likelier one.

    Attributes:
        top_lists_zeros: a ranking lists items without events, too.
        top_honours_dates: dates without `sub_item` narrow a ranking (documented); else it is
            all-time whatever is sent.
        top_longest: the most entries of a ranking; a longer `count` is silently cut. None: any.
        top_is_best: a short ranking holds the highest values; else any.
        dated_tops_are_refused: a ranking of all items with dates is 400.
        dated_top_longest: the most entries of a ranking with dates; None: any.
        dated_top_is_round: a ranking with dates is silently cut at the greatest power of ten.
        dated_top_hides_every: a ranking with dates leaves out each item whose id this divides.
        dated_top_widens_to_months: it is of all months that the dates touch.
        dated_top_shift_hours: its days begin so many hours before those of UTC (east of it:
            the last hours of a day count for the next one); negative: after them.
        dated_top_lag_days: it counts only days at least this long ago.
        dated_top_times_out_from: a ranking of so many days, or more, is never answered; 0: any is.
        slow_top_seconds: how long a ranking takes whose `count` is above `slow_top_count`.
        total_honours_dates: dates narrow a total; else they are ignored.
        groups_roll_up: group statistics include the groups below.
        unknown_total_is_null: `{"totals": null}` for an unknown id instead of 0.
        undated_timeline_is_all: a timeline without dates holds everything, not this month.
        dates_alone: with one of the two dates the other is "completed" (today, or the first of
            the month), the request is "refused" (400), or the date is "ignored".
        tops_with_sub_item: "documented" (category wrapped, others bare), "wrapped", "bare".
        empty_is_null: nothing is `null`; else `{}`.
        unknown_groups_are_counted: `POST /count/articles` answers 0 for unknown ids; else not.
        timeline_is_limited: timelines are silently cut like breakdowns (nowhere documented).
        timeline_lists_zeros: periods without events stand in a timeline, as 0.
        breakdown_is_limited: long windows of breakdowns are silently cut (documented).
        combined_totals: "exact", "absent" (404) or "wrong" (a view too many), for the
            undocumented total without a counter.
        countries: the most countries of a period (10 in data of 2015-17).
        cities: the most cities of a country.
        scope_shift_days: in the institution's scope events fall on a day so much later.
        clock_skew_seconds: how far the header `Date` is ahead of this machine's clock.
        headers: more headers of the answers of the statistics, each as `Name: value`.
        total_lag_days: totals count only days at least this long ago.
        top_lag_days: the same for all-time rankings.
        uneven_kinds: kinds whose month and year timelines count one more than their days.
        is_uneven_from_id: among those, only ids from this one on.
        stale_places: breakdowns go on counting what was there before any restatement.
        untold_until: timelines tell nothing of days up to this one, which totals count.
    """

    top_lists_zeros: bool = False
    top_honours_dates: bool = True
    top_longest: int | None = None
    top_is_best: bool = True
    dated_tops_are_refused: bool = False
    dated_top_longest: int | None = None
    dated_top_is_round: bool = False
    dated_top_hides_every: int = 0
    dated_top_widens_to_months: bool = False
    dated_top_shift_hours: int = 0
    dated_top_lag_days: int = 0
    dated_top_times_out_from: int = 0
    slow_top_seconds: float = 0.0
    slow_top_count: int = 1_000
    total_honours_dates: bool = False
    groups_roll_up: bool = False
    unknown_total_is_null: bool = False
    undated_timeline_is_all: bool = False
    dates_alone: str = "completed"
    tops_with_sub_item: str = "documented"
    empty_is_null: bool = True
    unknown_groups_are_counted: bool = True
    timeline_is_limited: bool = False
    timeline_lists_zeros: bool = False
    breakdown_is_limited: bool = True
    combined_totals: str = "exact"
    countries: int = 200
    cities: int = 10
    scope_shift_days: int = 0
    clock_skew_seconds: int = 0
    headers: tuple[str, ...] = ()
    total_lag_days: int = 0
    top_lag_days: int = 0
    uneven_kinds: tuple[str, ...] = ()
    is_uneven_from_id: int = 0
    stale_places: bool = False
    untold_until: date | None = None


@dataclass(frozen=True, slots=True)
class ListingQuirks:
    """Habits of the listings under `/v2`; 0 or None switches one off.

    Attributes:
        depth: `offset + page_size` beyond this is 422 (prose 1000, specification 5000, note 9000).
        cursors: answers carry `X-Cursor`.
        cursor_lifetime: a cursor is refused this many listing requests after it was given.
        duplicate_every: each such entry is listed again a little later.
        hole_every: before each such entry stands one that is not shown: its page is short.
        repeats_last_page: past its end a listing repeats its last page instead of being empty.
        hides_every: each such public article is in no listing, though it counts in its group.
        unusable_every: each such place of a listing holds an entry more, with no id, or with one
            that nobody can store.
        is_endless: behind its end a listing goes on with ids that were never there.
        shows_private: public listings show drafts and what was withdrawn, too.
        unknown_first_online_every: each such article names no `timeline.firstOnline`.
        hexadecimal_doi_every: each such article bears a DOI that does not hold its id.
        shared_doi_every: each such article bears the same DOI of a publisher.
        edited_first_online_every: the `timeline.firstOnline` of each such item lies years after its
            first statistics; people edit it.
        redated_every: all dates of each such item do: its id is older than they are.
        backdated_every: all dates of each such item lie years before it was there, as after a
            migration.
    """

    depth: int = 9000
    cursors: bool = True
    cursor_lifetime: int | None = None
    duplicate_every: int = 97
    hole_every: int = 101
    repeats_last_page: bool = False
    hides_every: int = 0
    unusable_every: int = 0
    is_endless: bool = False
    shows_private: bool = False
    unknown_first_online_every: int = 10
    hexadecimal_doi_every: int = 0
    shared_doi_every: int = 0
    edited_first_online_every: int = 0
    redated_every: int = 0
    backdated_every: int = 0
