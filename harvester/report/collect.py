"""All numbers of a report, gathered from the folder in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.report.base_tables import make_relations
from harvester.report.calendar import NamedDays, last_closed_month
from harvester.report.completeness import Completeness, completeness
from harvester.report.groups import Filtered, Group, Parts, filtered, groups, parts, referrers
from harvester.report.headline import Card, cards, main_subject
from harvester.report.job_facts import JobFacts
from harvester.report.places import Countries, countries, make_places
from harvester.report.ranking import ItemRanking, Rising, rankings, rising
from harvester.report.request_stats import Asked, RunPace, asked, run_paces
from harvester.report.subject import Subject, subjects
from harvester.report.tables import Tables
from harvester.report.time_series import OverTime, over_time

_ALL = (
    "(SELECT entity, entity_id, counter, value FROM latest"
    " UNION ALL SELECT entity, entity_id, counter, value FROM series)"
)


@dataclass(frozen=True, slots=True)
class ReportNumbers:
    """What a page shows.

    Attributes:
        main: whom the headline speaks of; None: nothing was harvested yet.
        month: the last closed month; None: no months were harvested.
        by_group, by_type: articles, each in one part only.
    """

    main: Subject | None
    month: NamedDays | None
    cards: Sequence[Card]
    over_time: Sequence[OverTime]
    rankings: Sequence[ItemRanking]
    rising: Sequence[Rising]
    countries: Sequence[Countries]
    group_counters: Sequence[str]
    groups: Sequence[Group]
    by_group: Parts
    by_type: Parts
    filtered: Sequence[Filtered]
    referrers: Sequence[Filtered]
    completeness: Completeness
    asked: Sequence[Asked]
    receipts: Sequence[RunPace]


def gather(tables: Tables, job: JobFacts) -> ReportNumbers:
    """Ask everything a page shows.

    Raises:
        OutputError: a file of the folder cannot be read.
    """
    make_relations(tables, job.periods)
    make_places(tables)
    everyone = subjects(tables, _ALL)
    lines = over_time(tables, everyone, job)
    main = main_subject(everyone)
    of_main = next((each for each in lines if each.subject == main), None)
    month = _closed(lines, job)
    kinds = [kind for (kind,) in tables.rows(
        f"SELECT DISTINCT entity FROM {_ALL} WHERE entity <> 'group' ORDER BY entity"
    )]  # fmt: skip
    # Under the name they have elsewhere: an article without a country is one of all, too.
    known = {each.key: each for each in everyone}
    places = [known.get(each.key, each) for each in subjects(tables, "place")][:_MOST_PLACES]
    counters, every_group = groups(tables)
    return ReportNumbers(
        main=main,
        month=month,
        cards=cards(tables, main, of_main, job) if main else [],
        over_time=lines,
        rankings=list(rankings(tables, kinds, month)),
        rising=[each for kind in kinds for each in rising(tables, kind, month)],
        countries=[each for subject in places for each in countries(tables, subject)],
        group_counters=counters,
        groups=every_group,
        by_group=parts(tables, "group_id"),
        by_type=parts(tables, "defined_type_name"),
        filtered=filtered(tables),
        referrers=referrers(tables),
        completeness=completeness(tables, job.settle_days),
        asked=asked(tables),
        receipts=run_paces(tables),
    )


# A table of 200 countries for each of a dozen groups would be most of the page.
_MOST_PLACES = 5


def _closed(lines: Sequence[OverTime], job: JobFacts) -> NamedDays | None:
    """The last closed month of the first subject that was read by month."""
    for each in lines:
        for line in each.lines:
            if line.grain == "month":
                return last_closed_month(line.read_to, job.as_of or line.read_to, job.settle_days)
    return None
