"""Where a job's numbers come from: Figshare, or the embedded simulator."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from harvester.model.proxy_address import ProxyUrlError, read_proxy_url
from harvester.spec.fields import (
    SHAPE,
    VARIABLE,
    Address,
    Number,
    Slug,
    Text,
    Variable,
    is_loopback,
    refusal,
)

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


class ProxyVariable(BaseModel):
    """Where the URL of the proxy is found, with a username and password if it wants them."""

    model_config = SHAPE

    env: Variable = Field(
        description="Name of the environment variable that holds the proxy's URL: "
        "`http://HOST:PORT`, or `http://USERNAME:PASSWORD@HOST:PORT`.",
        examples=["HTTPS_PROXY"],
    )


_HOW_PROXY = (
    "write the proxy's URL (http://proxy.example.org:3128), {env: NAME_OF_A_VARIABLE} that holds "
    "it, or none"
)


def _proxy(value: object) -> object:
    """A variable, a URL or `none`; what is wrong is never repeated, for it may hold a password."""
    if isinstance(value, ProxyVariable) or value == "none":
        return value
    if isinstance(value, dict):
        name = value.get("env")
        if value.keys() == {"env"} and isinstance(name, str) and re.fullmatch(VARIABLE, name):
            return ProxyVariable(env=name)
        raise refusal(_HOW_PROXY)
    if not isinstance(value, str):
        raise refusal(_HOW_PROXY)
    try:
        address, _ = read_proxy_url(value)
    except ProxyUrlError as error:
        raise refusal(str(error)) from None
    if "@" in value:
        raise refusal(
            "secrets never stand in a spec: put the proxy's whole URL into a variable and write "
            "{env: NAME_OF_A_VARIABLE}"
        )
    return address.url


Proxying = Annotated[
    ProxyVariable | str,
    BeforeValidator(
        _proxy,
        json_schema_input_type=ProxyVariable
        | Literal["none"]
        | Annotated[str, Field(json_schema_extra={"format": "uri"})],
    ),
]


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
    proxy: Proxying | None = Field(
        None,
        description="What requests go through: a variable that holds the proxy's URL, the URL "
        "itself if it holds no password, or `none`. Without it HTTPS_PROXY and NO_PROXY of the "
        "environment count, as for curl. Loopback is always asked directly. See networks.md.",
        examples=[{"env": "HTTPS_PROXY"}],
    )
    ca_file: Text | None = Field(
        None,
        description="File of certificates (PEM) that are trusted in place of the machine's, "
        "relative to the spec. Without it SSL_CERT_FILE, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE "
        "count, then the machine's trust store.",
        examples=["our-ca.pem"],
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
