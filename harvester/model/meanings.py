"""What every dataset and view holds and every column means: the dictionary of docs/datasets.md.

The README of an export tells the same. A test holds that no column of rows.py lacks a meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harvester.model.rows import Dataset
from harvester.model.terms import Counter

ABOUT: dict[Dataset, str] = {
    Dataset.TOTALS: "All-time counts, one row an entity, counter and date they were read on "
    "(snapshot).",
    Dataset.TIMELINE: "Counts by period. Sum only within one granularity and one sub_item.",
    Dataset.COUNTRIES: "Counts by period and country; unlisted is what none of its listed cities "
    "holds.",
    Dataset.CITIES: "Counts by period, country and listed city; included in the country's value.",
    Dataset.TOP: "Rankings: of all items, or (with entity_id) inside one entity.",
    Dataset.COUNTS: "How many public articles each group has.",
    Dataset.ENTITIES: "What is known of each entity: titles, DOIs, types, groups, dates.",
    Dataset.REVISIONS: "Values that a later reading changed.",
    Dataset.REQUESTS: "What became of each request: explains what is absent elsewhere.",
    Dataset.RESPONSES: "The bodies as Figshare sent them, where the job keeps them.",
}

# By column; what differs in one dataset stands below.
MEANINGS: dict[str, str] = {
    "entity": "kind of what is counted about: article, author, collection, group, project",
    "entity_id": "Figshare's id; ids are separate for each kind",
    "title": "title or name, where it is known",
    "doi": "digital object identifier, where it is known",
    "defined_type_name": "item type: dataset, figure, thesis, ...",
    "group_id": "the group that an article is directly in (not the groups above it)",
    "parent_id": "the group above; empty at the root",
    "published_date": "date of the latest version, UTC",
    "first_online": "the least of the dates created, posted, published and first online, UTC; "
    "people edit them, so it is no proof that nothing was counted before; empty: not told",
    "url": "address",
    "source": "where the id came from: ids, file, discover",
    "last_listed": "date of the latest listing that named it",
    "is_listed": "whether the latest listing named it",
    "counter": "what is counted: views, downloads, shares",
    "granularity": "length of one period: day, month, year, total",
    "sub_item": "filter of the row (category, item_type), or what a ranking ranks; empty: all",
    "sub_item_id": "the filter's value",
    "period": "the period as Figshare writes it",
    "period_start": "first day that the period covers here, UTC",
    "period_end": "last day that the period covers here, UTC",
    "value": "number of events",
    "origin": "reported by Figshare, or derived exactly from finer periods",
    "country": "country as Figshare spells it; Unknown and Unkown are Figshare's",
    "city": "city as Figshare spells it",
    "unlisted": "events of the country that none of its listed cities (ten at most) holds",
    "snapshot": "date that an all-time number was read on, UTC",
    "rank": "place in the ranking, from 1",
    "key": "what is ranked: an id, a category, an item type, a referring host",
    "window_start": "first day of the ranking or request; empty: all time",
    "window_end": "last day of the ranking or request; empty: all time",
    "shown_start": "first day of the window that fills datasets; null: none does",
    "shown_end": "last day of the window that fills datasets: later ones are evidence; null: none"
    " does",
    "articles": "number of public articles",
    "institution": "slug of the institution scope; null: the public scope",
    "harvested_at": "when the number was read, UTC",
    "request_id": "the request that answered, as in requests/",
    "dataset": "the dataset that held the value",
    "old_value": "what was read before; null: there was no row",
    "new_value": "what was read now; null: the row is gone",
    "old_harvested_at": "when the old value was read, UTC",
    "run_id": "the run: its date and a number",
    "endpoint": "what was asked: total, timeline, breakdown, top, count",
    "state": "done, empty, not_needed, failed, pending or abandoned",
    "reason": "why it was not needed, or failed, as a short stable word",
    "proof": "the reason as a sentence; or the request_id that answered in its place",
    "http_status": "status of the last answer; null: none came",
    "attempts": "how often it was sent; null: never",
    "rows": "rows that it brought to the datasets",
    "bytes": "size of its body",
    "finished_at": "when its outcome was known, UTC",
    "content_type": "as the service said",
    "fetched_at": "when the body arrived, UTC",
    "sha256": "of the body, hexadecimal",
    "body": "the bytes, content encoding undone",
}

# What a column means in one dataset alone.
MEANINGS_IN: dict[tuple[Dataset, str], str] = {
    (Dataset.TIMELINE, "request_id"): "the request that answered, as in requests/; null: derived",
    (Dataset.TIMELINE, "harvested_at"): "when it was read, UTC; of a derived row the oldest reading"
    " that it is made of",
    (Dataset.TOP, "entity_id"): "the entity whose sub-items are ranked; null: ranking of all items",
    (Dataset.TOP, "snapshot"): "date that the ranking was read on, UTC",
    (Dataset.COUNTS, "group_id"): "the group",
    (Dataset.COUNTS, "snapshot"): "date that the count was read on, UTC",
    (Dataset.ENTITIES, "harvested_at"): "when its metadata came, UTC; null: never",
    (Dataset.REQUESTS, "entity_id"): "whom it was about; null: no single entity",
    (Dataset.REQUESTS, "granularity"): "length of one period; null for total, top and count",
    (Dataset.REQUESTS, "counter"): "what was counted; null: several, or articles of groups",
    (Dataset.REQUESTS, "window_start"): "first day asked for, or that needed no request; null: the"
    " endpoint takes no days",
    (Dataset.REQUESTS, "window_end"): "last day asked for, or that needed no request; null:"
    " likewise",
    (Dataset.REQUESTS, "snapshot"): "date of a total, ranking or count; null for timelines and"
    " breakdowns",
    (Dataset.REQUESTS, "url"): "what was sent; of a stretch of days that needed none, one request"
    " saved",
    (Dataset.RESPONSES, "url"): "what was sent",
}


@dataclass(frozen=True, slots=True)
class ViewMeaning:
    """What a view holds, for docs/datasets.md.

    Attributes:
        name: as documented; `articles_` stands for each kind.
        columns: their meanings, in order.
    """

    name: str
    about: str
    columns: Mapping[str, str]


_EACH_COUNTER = {
    each.value: f"{each.value}; null: none was counted, or it is not known (see `missing`)"
    for each in Counter
}
_ENTITY = {
    "entity": "kind: article, author, collection, group, project",
    "counter": "views, downloads, shares",
    "entity_id": "Figshare's id; ids are separate for each kind",
}
VIEWS = (
    ViewMeaning(
        "articles_totals",
        "All-time counts at their latest reading, one row an article. Likewise `authors_totals`,"
        " `collections_totals`, `groups_totals`, `projects_totals`: those that the job has.",
        {
            "entity_id": "the article",
            **dict.fromkeys(
                ("title", "doi", "defined_type_name", "group_id"),
                "as in entities/; null where it is not known",
            ),
            **_EACH_COUNTER,
            "snapshot": "date of the oldest of the row's readings, UTC",
        },
    ),
    ViewMeaning(
        "articles_months",
        "Events by month, without filters, one row an article and month with events. Likewise for"
        " each kind that was asked by month or day.",
        {
            "entity_id": "the article",
            "month": "its first day",
            "last_day": "last day that the number covers; before the month's last: it was not over",
            **_EACH_COUNTER,
        },
    ),
    ViewMeaning(
        "articles_countries",
        "Events by country over all that was harvested, without filters, one row an article and"
        " country; added up from one granularity (month, year, day or total, the first there is)."
        " Likewise for each kind.",
        {
            "entity_id": "the article",
            "country": "country as Figshare spells it",
            "first_day": "first day counted, UTC",
            "last_day": "last day counted, UTC",
            **_EACH_COUNTER,
        },
    ),
    ViewMeaning(
        "totals_latest",
        "All-time counts of all kinds at their latest reading, one row an entity and counter."
        " Choose an entity and a counter before you sum.",
        {**_ENTITY, "value": "number of events", "snapshot": "date it was read on, UTC"},
    ),
    ViewMeaning(
        "timeline_months",
        "Events by month of all kinds, without filters, one row an entity, counter and month."
        " Choose an entity and a counter before you sum.",
        {
            **_ENTITY,
            "month": "its first day",
            "last_day": "last day that the number covers",
            "value": "number of events; added up from days where no months were harvested",
        },
    ),
    ViewMeaning(
        "counts_latest",
        "How many public articles each group has, at the latest reading: one row a group.",
        {
            "group_id": "the group",
            "articles": "number of public articles",
            "snapshot": "date it was read on, UTC",
        },
    ),
    ViewMeaning(
        "top_latest",
        "Rankings at their latest reading, one row a ranking and place. Never a sum of all: a"
        " ranking is cut, and each holds the same events otherwise.",
        dict.fromkeys(
            (
                "entity",
                "counter",
                "entity_id",
                "sub_item",
                "rank",
                "key",
                "value",
                "window_start",
                "window_end",
                "snapshot",
            ),
            "as in top/",
        ),
    ),
    ViewMeaning(
        "missing",
        "What has no answer and was not asked again by a later run: one row a request, with its"
        " reason. Empty: nothing that was planned is missing.",
        dict.fromkeys(
            (
                "entity",
                "entity_id",
                "endpoint",
                "granularity",
                "counter",
                "sub_item",
                "sub_item_id",
                "window_start",
                "window_end",
                "snapshot",
                "state",
                "reason",
                "proof",
                "request_id",
            ),
            "as in requests/",
        ),
    ),
)


def meaning(dataset: Dataset, column: str) -> str:
    """What a column of a dataset means, or a partition key in its path."""
    return MEANINGS_IN.get((dataset, column), MEANINGS[column])
