"""Where a job's numbers come from: Figshare, or the embedded simulator."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field, model_validator

from harvester.spec.fields import SHAPE, Address, Number, Slug, Text, Variable, is_loopback, refusal

STATS_URL = "https://stats.figshare.com"
API_URL = "https://api.figshare.com/v2"


class SecretPlace(BaseModel):
    """Where a secret is found. The secret itself never stands in a spec: give `env` or `file`."""

    model_config = SHAPE

    env: Variable | None = Field(
        None,
        description="Name of the environment variable that holds the secret.",
        examples=["FIGSHARE_STATS"],
    )
    file: Text | None = Field(
        None,
        description="Path of a file that holds the secret and nothing else, relative to the spec; "
        "a line break at its end does no harm.",
        examples=["stats-credentials.txt"],
    )

    @model_validator(mode="before")
    @classmethod
    def _is_no_secret(cls, value: object) -> object:
        if isinstance(value, dict | SecretPlace):
            return value
        raise refusal(
            "secrets never stand in a spec: write {env: NAME_OF_A_VARIABLE} or {file: PATH}"
        )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise refusal("write either env or file: {env: NAME_OF_A_VARIABLE} or {file: PATH}")
        return self


class Simulator(BaseModel):
    """The simulated Figshare that this package brings along: loopback only, nothing leaves home."""

    model_config = SHAPE

    seed: Number = Field(
        7,
        ge=0,
        lt=2**63,
        description="The same seed makes the same world.",
        examples=[7],
    )
    articles: Number = Field(
        300,
        ge=1,
        le=1_000_000,
        description="How many articles that world has; groups, authors, collections and "
        "projects come along.",
        examples=[300],
    )


class Source(BaseModel):
    """Whose statistics are read, and with which credentials."""

    model_config = SHAPE

    institution: Slug | None = Field(
        None,
        description="Figshare's short name (slug) of the institution, usually the first label of "
        "its portal's host. Without it the job reads the public scope and needs no credentials. "
        "Goes with `simulator`, too.",
        examples=["lboro"],
    )
    credentials: SecretPlace | None = Field(
        None,
        description="Holds `username:password` of the institution's statistics, as Figshare's "
        "support gives them on request. Needed for timeline, breakdown and top of an institution.",
        examples=[{"env": "FIGSHARE_STATS"}],
    )
    institution_id: Number | None = Field(
        None,
        ge=1,
        lt=10**18,
        description="Figshare's number of the institution, for `discover`; the simulator has its "
        "own.",
        examples=[2],
    )
    token: SecretPlace | None = Field(
        None,
        description="Holds a Figshare API token of an administrator of the institution; only the "
        "private listings need one: `discover` of groups and authors.",
        examples=[{"env": "FIGSHARE_TOKEN"}],
    )
    stats_url: Address = Field(
        STATS_URL,
        description="Where the statistics are served: https, or http on loopback.",
        examples=[STATS_URL],
    )
    api_url: Address = Field(
        API_URL,
        description="Where the listings are served: https, or http on loopback.",
        examples=[API_URL],
    )
    simulator: Simulator | None = Field(
        None,
        description="Ask the embedded simulator instead of Figshare; `stats_url` and `api_url` "
        "have no place beside it.",
        examples=[{"seed": 7, "articles": 300}],
    )

    @property
    def stays_home(self) -> bool:
        """Whether no request leaves this machine."""
        if self.simulator:
            return True
        return is_loopback(self.stats_url) and is_loopback(self.api_url)
