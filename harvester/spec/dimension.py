"""One block of `dimensions`: an endpoint, and what it is asked for."""

from __future__ import annotations

from pydantic import BaseModel, Field, field_validator

from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from harvester.spec.fields import SHAPE, End, Number, Start, SubItemId, refusal

DEFAULT_RANKS = 10  # what Figshare answers to a `top` without `count`


class Period(BaseModel):
    """The days asked for, both ends included, UTC."""

    model_config = SHAPE

    start: Start = Field(
        description="First day: YYYY-MM-DD, or `beginning` (2011-01-01).", examples=["2015-01-01"]
    )
    end: End = Field(
        description="Last day: YYYY-MM-DD, or `yesterday`, or the end of the last complete "
        "`last-month` or `last-year`. Not after yesterday.",
        examples=["yesterday"],
    )


class Filter(BaseModel):
    """Counts only the events of some categories or item types, each on its own."""

    model_config = SHAPE

    sub_item: SubItem = Field(
        description="By what is filtered: `category` or `item_type`.",
        examples=["item_type"],
        json_schema_extra={"enum": [each.value for each in SubItem if each.is_filter]},
    )
    sub_item_ids: tuple[SubItemId, ...] = Field(
        min_length=1,
        max_length=10_000,
        description="Numbers of categories, or words for item types; one series each.",
        examples=[["dataset", "thesis"]],
    )

    @field_validator("sub_item")
    @classmethod
    def _filters(cls, value: SubItem) -> SubItem:
        if not value.is_filter:
            raise refusal("'referral' is only ranked, by `top`: a filter takes category, item_type")
        return value


class Dimension(BaseModel):
    """Expands to entities x counters x granularities x windows x filters."""

    model_config = SHAPE

    endpoint: Endpoint = Field(
        description="What is asked: `total` (all-time counts), `timeline` (counts by period), "
        "`breakdown` (counts by period, country and city), `top` (rankings), `count` (articles "
        "per group).",
        examples=["timeline"],
    )
    entities: tuple[Kind, ...] | None = Field(
        None,
        min_length=1,
        description="Kinds to ask for. Default: every kind in `entities`; for `count`: group.",
        examples=[["article"]],
    )
    counters: tuple[Counter, ...] | None = Field(
        None,
        min_length=1,
        description="What is counted. Needed by every endpoint but `count`.",
        examples=[["views", "downloads"]],
    )
    granularities: tuple[Granularity, ...] | None = Field(
        None,
        min_length=1,
        description="Lengths of one period. For timeline and breakdown, needed there.",
        examples=[["month", "year"]],
    )
    period: Period | None = Field(
        None,
        description="Days asked for. Needed by timeline, breakdown and `top` with `sub_item`, "
        "refused elsewhere.",
        examples=[{"start": "beginning", "end": "yesterday"}],
    )
    filter: Filter | None = Field(
        None,
        description="For timeline and breakdown: only the events of a category or item type.",
        examples=[{"sub_item": "item_type", "sub_item_ids": ["dataset", "thesis"]}],
    )
    sub_item: SubItem | None = Field(
        None,
        description="For top: rank categories, item types or referrals inside each entity. "
        "Without it: one ranking of all items of a kind, all time, which needs no ids.",
        examples=["referral"],
    )
    count: Number | None = Field(
        None,
        ge=1,
        le=10_000_000,
        description=f"For top: how many entries. Default: {DEFAULT_RANKS}, which is Figshare's.",
        examples=[100],
    )
