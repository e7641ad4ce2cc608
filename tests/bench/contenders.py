"""What a user would pick instead, each with an environment of its own, and us among them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .stage import ROOT

ENVIRONMENTS = ROOT / "output" / "bench-environments"
_PEERS = Path(__file__).parent / "peers"
FLOOR, OURS = "floor", "harvester"
_YEAR = {"start": "2024-01-01", "end": "2024-12-31"}
_WORDS_OF_DOCUMENTATION = ('"""', "#")


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to get daily views of articles into Parquet.

    Attributes:
        file: its script in `peers/`, called as `script URL ARTICLES FOLDER`; empty: ours.
        packages: what its environment holds beside Python.
        is_serial: asks one question after the other: given fewer of them.
        rows: where its Parquet files lie below the folder.
        key: the columns that name a row.
    """

    name: str
    file: str
    packages: tuple[str, ...]
    is_serial: bool = False
    rows: str = "*.parquet"
    key: tuple[str, str] = ("article", "day")

    def command(self, python: Path, url: str, articles: int, folder: Path) -> list[str]:
        """What a shell would be told."""
        if not self.file:
            return [str(python), "-m", "harvester", "run", str(_job(url, articles, folder))]
        script = str(_PEERS / self.file)
        shell = ["sh", script] if script.endswith(".sh") else [str(python), script]
        return [*shell, url, str(articles), str(folder)]

    def lines(self) -> int:
        """Lines a user must write: neither blank nor documentation."""
        text = _SPEC if not self.file else (_PEERS / self.file).read_text(encoding="utf-8")
        lines = [line.strip() for line in text.splitlines()]
        return sum(bool(line) and not line.startswith(_WORDS_OF_DOCUMENTATION) for line in lines)


CONTENDERS = (
    Contender(
        FLOOR, "floor.py", ("aiohttp", "orjson", "pyarrow"), key=("entity_id", "period")
    ),
    Contender(OURS, "", (str(ROOT),), rows="output/bench/timeline/**/*.parquet",
              key=("entity_id", "period")),
    Contender("gather", "gather.py", ("aiohttp", "orjson", "pyarrow"), key=("entity_id", "period")),
    Contender("curl and DuckDB", "curl_duckdb.sh", ("duckdb",)),
    Contender("threads and requests", "threads.py", ("requests", "pyarrow")),
    Contender("Scrapy", "scrapy_feed.py", ("scrapy", "duckdb")),
    Contender("dlt", "dlt_files.py", ("dlt[filesystem,parquet]",),
              rows="files/statistics/views/*.parquet"),
    Contender("requests loop", "requests_loop.py", ("requests", "pyarrow"), is_serial=True),
)  # fmt: skip

_SPEC = """\
name: bench
source: {stats_url: "http://127.0.0.1:8080", api_url: "http://127.0.0.1:8080"}
entities: {article: {file: {path: articles.txt}}}
dimensions:
  - endpoint: timeline
    counters: [views]
    granularities: [day]
    period: {start: 2024-01-01, end: 2024-12-31}
limits: {requests_per_second: unlimited, concurrency: 50}
"""


def _job(url: str, articles: int, folder: Path) -> Path:
    path = folder / "job.yaml"
    if not path.exists():
        (folder / "articles.txt").write_text("\n".join(map(str, range(1, articles + 1))))
        text = _SPEC.replace("http://127.0.0.1:8080", url).replace(
            "articles.txt", str(folder / "articles.txt")
        )
        path.write_text(f"{text}output: {{path: {json.dumps(str(folder / 'output'))}}}\n")
    return path


def installed(contender: Contender) -> Path | str:
    """The Python of its environment, made if need be; or why there is none."""
    home = ENVIRONMENTS / contender.name.replace(" ", "-")
    python = home / "bin" / "python"
    ready = home / "ready"
    # Ours is what stands here, not what stood here once.
    if not ready.exists() or contender.name == OURS:
        venv.create(home, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        again = ["--force-reinstall", "--no-deps"] if ready.exists() else []
        made = subprocess.run(
            [*pip, *again, *contender.packages], capture_output=True, text=True, check=False
        )
        if made.returncode:
            return (made.stderr.strip().splitlines() or ["pip failed"])[-1]
        ready.touch()
    return python


def surroundings(python: Path) -> dict[str, str]:
    """Environment variables under which `python` is the contender's own."""
    path = f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path}


def versions(python: Path, packages: Sequence[str]) -> str:
    """The packages of an environment, with their versions."""
    names = [package.partition("[")[0] for package in packages if "/" not in package]
    code = "import sys, importlib.metadata as m;"
    code += " print(*[f'{n} {m.version(n)}' for n in sys.argv[1:]], sep=', ')"
    asked = [str(python), "-c", code, *names]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return found or f"Python {sys.version.split()[0]}"
