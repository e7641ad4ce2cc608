"""`harvester probe`: what the documentation leaves open, asked of the service."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections import Counter
from pathlib import Path

import anyio
import orjson

from harvester.cli.format import count, duration, pace, plain
from harvester.cli.job import settings_of
from harvester.job.options import RunOptions
from harvester.preview.probe import ProbeResult, probe
from harvester.preview.probe_findings import ProbeFinding, ProbeVerdict
from harvester.preview.probe_recording import refuse_other_files, save
from harvester.preview.probe_session import MOST_PROBE_REQUESTS

_EXIT_OTHERWISE, _EXIT_REFUSED = 1, 3


def run(arguments: Namespace) -> int:
    """Ask, print what was found out, and keep the answers where told to."""
    settings = settings_of(arguments)
    kept: Path | None = arguments.save
    if kept:
        refuse_other_files(kept)
    rate = settings.requests_per_second
    long = f", {duration(MOST_PROBE_REQUESTS / rate)} at the longest" if rate else ""
    print(f"asking at most {MOST_PROBE_REQUESTS} requests, {pace(rate)}{long}", file=sys.stderr)
    result = anyio.run(probe, settings, RunOptions(today=arguments.today))
    if result.error and not result.session.sent:
        raise result.error
    if kept:
        # Before they are shown: that may fail.
        save(result, kept)
        print(
            f"kept in {kept}: ids, numbers, dates and places; no credentials, titles or names",
            file=sys.stderr,
        )
    print(_as_json(result) if arguments.json else _as_text(result))
    if result.error:
        raise result.error
    for secret in result.session.refused:
        print(f"harvester: Figshare refuses the {secret}", file=sys.stderr)
    if result.session.refused:
        return _EXIT_REFUSED
    verdicts = {each.verdict for each in result.findings}
    return _EXIT_OTHERWISE if ProbeVerdict.OTHERWISE in verdicts else 0


def _as_text(result: ProbeResult) -> str:
    lines = [line for each in result.findings for line in _lines(each)]
    verdicts = Counter(each.verdict for each in result.findings)
    told = ", ".join(f"{verdicts[verdict]} {verdict.value}" for verdict in ProbeVerdict)
    asked = count(result.requests, "request")
    lines.append(f"{len(result.findings)} questions: {told}; {asked}")
    return "\n".join(map(plain, lines))


def _lines(found: ProbeFinding) -> list[str]:
    return [
        f"{found.verdict.value}: {found.question}: {found.seen}",
        f"  assumed: {found.assumed} ({found.where})",
        f"  for the job: {found.means}",
    ]


def _as_json(result: ProbeResult) -> str:
    subjects = result.subjects
    family = subjects.family
    return orjson.dumps(
        {
            "asked_on": subjects.today,
            "institution": subjects.scope,
            "item": {"kind": subjects.kind, "id": subjects.item},
            "groups": [family.parent, *family.children] if family else [],
            "requests": result.requests,
            "findings": result.findings,
        },
        option=orjson.OPT_INDENT_2,
    ).decode()
