"""The typed job spec: every key that a user can write, with its meaning (docs/contract.md §2).

The descriptions are published: in the JSON Schema (schema.py) and in docs/job-spec.md
(docs/generate/spec_reference.py). What one key alone cannot tell is judged in cross_checks.py.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    Field,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from harvester.model.entity import FileIds
from harvester.model.terms import Kind
from harvester.spec.dimension import Dimension
from harvester.spec.discover import Discovered
from harvester.spec.fields import (
    SHAPE,
    Flag,
    HeaderText,
    HeldValues,
    IdPath,
    ListedId,
    Name,
    Number,
    Pace,
    Real,
    Text,
)
from harvester.spec.source import Source


class IdFile(BaseModel):
    """A file with ids in one of its columns."""

    model_config = SHAPE

    path: IdPath = Field(
        description="csv, tsv, txt, parquet or xlsx; relative to the spec.",
        examples=["batch-export.csv"],
    )
    column: Text | None = Field(
        None,
        description="The column that holds the ids, by its name in the first row. Not needed where "
        "there is only one, or one that is called `item_id`, `id` or the like.",
        examples=["item_id"],
    )
    where: dict[str, HeldValues] | None = Field(
        None,
        min_length=1,
        max_length=20,
        description="Only rows whose columns hold one of these values: the name of a column, and "
        "one value or a list of them, compared without regard to case and to blanks around them. "
        "Keeps drafts out of a batch export.",
        examples=[{"status": "public"}],
    )
    # What the file held when the job was loaded: it belongs to this job, not to its spec.
    _found: FileIds | None = PrivateAttr(None)

    @property
    def found(self) -> FileIds | None:
        """What the file held when the job was loaded; None: it was not read."""
        return self._found

    @model_serializer(mode="wrap")
    def _as_kept(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """As it was kept before there was `where`, where there is none."""
        kept: dict[str, Any] = serialize(self)
        if self.where is None:
            del kept["where"]
        return kept

    def with_found(self, found: FileIds) -> Self:
        """The same file, read."""
        read = self.model_copy()
        read._found = found  # noqa: SLF001  # our own copy, before anyone else has it
        return read


class EntitySource(BaseModel):
    """Where the ids of one kind come from; sources add up, ids are deduplicated."""

    model_config = SHAPE

    ids: tuple[ListedId, ...] = Field(
        (),
        min_length=1,
        description="Figshare's ids, as plain whole numbers. The base id of an item: its versions "
        "share one count. For authors: the user id. A DOI that holds an id is taken for it.",
        examples=[[766364, 2000000]],
    )
    file: IdFile | None = Field(
        None,
        description="Reads ids from a file.",
        examples=[{"path": "batch-export.csv", "column": "item_id"}],
    )
    discover: Discovered | None = Field(
        None,
        description="Lists what `source.institution_id` has, once a run; `true`: all of it. "
        "Articles, collections and projects are listed publicly; groups and authors need "
        "`source.token`.",
        examples=[True],
    )
    metadata: Flag = Field(
        False,
        description="Titles, DOIs and dates of articles, collections and projects from a list "
        "or file, too: one request for each id that no listing has, once.",
        examples=[True],
    )


class Planner(BaseModel):
    """How requests are saved."""

    model_config = SHAPE

    skip_unneeded: Flag = Field(
        True, description="Do not ask what is provably empty or derivable.", examples=[True]
    )
    combined_totals: Flag = Field(
        False, description="Use the undocumented all-counters form of `total`.", examples=[False]
    )
    ranked_totals: Flag = Field(
        False,
        description="Read an institution's totals from one long `top` ranking per counter.",
        examples=[False],
    )
    settle_days: Number = Field(
        3,
        ge=0,
        le=366,
        description="A day is settled when it lies more than this before the run's date.",
        examples=[3],
    )


class Limits(BaseModel):
    """How fast and how patiently is asked."""

    model_config = SHAPE

    requests_per_second: Pace = Field(
        1.0,
        description="Per origin (host and port). The default is what Figshare asks for; "
        "`unlimited` only on loopback and with the simulator.",
        examples=[1],
    )
    concurrency: Number = Field(
        16, ge=1, le=1000, description="Requests under way at once, at most.", examples=[16]
    )
    attempts: Number = Field(
        6, ge=1, le=100, description="How often a request is tried before it fails.", examples=[6]
    )
    timeout_seconds: Real = Field(
        60.0,
        ge=0.1,
        le=3600,
        description="Longest time for one attempt, its whole body included.",
        examples=[60],
    )
    max_pause_minutes: Real = Field(
        15.0,
        ge=0,
        le=10_080,
        description="Without one success for longer than this, or asked to wait longer: stop, "
        "resumable.",
        examples=[15],
    )
    contact: HeaderText | None = Field(
        None,
        description="Goes into the User-Agent, so that Figshare knows whom to write to.",
        examples=["repository@example.org"],
    )


class OutputSpec(BaseModel):
    """Where the datasets go."""

    model_config = SHAPE

    path: Text = Field(
        "output",
        description="Folder that holds the job's folder; relative to the working directory.",
        examples=["output"],
    )
    raw: Flag = Field(
        True, description="Keep every statistics response body (`responses/`).", examples=[True]
    )


class JobSpec(BaseModel):
    """One job: whom to ask, about which entities, for what, how fast, and where to."""

    model_config = SHAPE

    name: Name = Field(
        description="Names the output folder: lower-case letters, digits, '.', '_' and '-', "
        "beginning with a letter or digit.",
        examples=["lboro-archive"],
    )
    source: Source = Field(
        Source(),
        description="Whose statistics are read. Default: Figshare's public scope.",
        examples=[{"institution": "lboro", "credentials": {"env": "FIGSHARE_STATS"}}],
    )
    entities: dict[Kind, EntitySource] = Field(
        {},
        description="Kind (article, author, collection, group, project) -> where its ids come "
        "from. May be left out when every dimension is a ranking of all items.",
        examples=[{"article": {"ids": [766364, 2000000]}}],
    )
    dimensions: Annotated[tuple[Dimension, ...], Field(min_length=1, max_length=1000)] = Field(
        description="What is asked; each entry expands to entities x counters x granularities x "
        "windows x filters.",
        examples=[[{"endpoint": "total", "counters": ["views", "downloads"]}]],
    )
    planner: Planner = Field(
        Planner(), description="How requests are saved.", examples=[{"skip_unneeded": True}]
    )
    limits: Limits = Field(
        Limits(),
        description="How fast and how patiently is asked.",
        examples=[{"requests_per_second": 1, "contact": "repository@example.org"}],
    )
    output: OutputSpec = Field(
        OutputSpec(), description="Where the datasets go.", examples=[{"path": "output"}]
    )
