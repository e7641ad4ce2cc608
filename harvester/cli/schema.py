"""`harvester schema`: the JSON Schema of the job spec."""

from __future__ import annotations

from argparse import Namespace

from harvester.spec.schema import json_schema_text


def run(arguments: Namespace) -> int:  # noqa: ARG001  # every command takes them
    """Print it."""
    print(json_schema_text(), end="")
    return 0
