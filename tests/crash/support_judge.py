"""The judge of every crash: what the simulator saw against plan, ledger and Parquet.

It knows the contract and the simulator, and nothing of how the package works. What must hold
(docs/storage.md): everything planned is answered once; nothing is invented, each value is what a
complete 200 said, and that is the truth of its day; no key stands twice, at any moment; only what
was under way at a kill is asked again; and a run more on the same date sends nothing and changes
no byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from harvester.simulator.truth import Truth
from harvester.store.folder import JobFolder
from harvester.verify.finding import Severity
from harvester.verify.verifier import verified
from tests.support import expected
from tests.support.command_line import Figshare, Job, Spec, damaged

# Contract, section 3, partition keys in front.
_SERIES = "entity, counter, granularity, institution, entity_id, sub_item, sub_item_id"
KEYS = {
    "totals": "entity, counter, institution, entity_id, snapshot",
    "timeline": f"{_SERIES}, period",
    "countries": f"{_SERIES}, period, period_start, country",
    "cities": f"{_SERIES}, period, period_start, country, city",
    "top": "entity, counter, institution, entity_id, sub_item, window_start, window_end,"
    " snapshot, key",
    "counts": "institution, group_id, snapshot",
    "entities": "entity, entity_id",
    "requests": "request_id",
    "responses": "request_id",
}
Entries = Sequence[dict[str, Any]]
_LISTINGS = ("/v2/articles", "/v2/collections", "/v2/projects", "/v2/account", "/v2/groups")
# A dimension of its own, and what the listings of an institution's groups are held against.
_COUNT = "/count/articles"
# Longer bodies go over the wire compressed (SimulatorConfig.gzip_from_bytes).
_PLAIN_BYTES = 16_384


@dataclass(frozen=True)
class Case:
    """A job that went through something, and has come to its end.

    Attributes:
        days: the dates of its runs, oldest first.
        since: entries of the history before the job began.
        disturbed: kills and failures; each may have cost the requests then under way.
        earlier: entries of the history from before `since` that are of this job, too.
        truth: what there was to count; None: what the service began with.
        wanted: the spec with the ids that discovery must find; None: as it stands.
    """

    job: Job
    service: Figshare
    days: Sequence[date]
    since: int = 0
    disturbed: int = 0
    earlier: Entries = ()
    truth: Truth | None = None
    wanted: Spec | None = None

    def judge(self) -> None:
        """Hold everything against everything."""
        truth = self.truth or self.service.truth
        no_key_twice(self.job)
        true(self.job, self.wanted or self.job.spec, truth, self.days)
        self._history_agrees()
        verify_is_clean(self.job)
        self._is_at_rest()

    def _history_agrees(self) -> None:
        rows = self.job.rows("requests", "state, url, attempts, run_id")
        assert {state for state, *_ in rows} <= {"done", "empty", "not_needed"}
        planned = Counter(url for state, url, *_ in rows if state in {"done", "empty"})
        entries = self._questions(planned)
        asked = Counter(self.service.url + each["target"] for each in entries)
        differing = sorted(set(asked) ^ set(planned))
        assert not differing, f"asked and planned are not the same: {differing[:3]}"
        again = asked - planned
        assert not planned - asked, "an answer stands twice for one request, or was invented"
        workers = self.job.spec["limits"].get("concurrency", 16)
        assert again.total() <= self.disturbed * workers, "more was repeated than was under way"
        self._bodies_came(entries)

    def _questions(self, planned: Container[str]) -> Entries:
        """What was asked for the job's own sake; listings, and what proves them, were not."""
        counts = () if self.service.url + _COUNT in planned else (_COUNT,)
        others = _LISTINGS + counts
        entries = [*self.earlier, *self.service.history(after=self.since)]
        return [each for each in entries if not each["target"].startswith(others)]

    def _bodies_came(self, entries: Iterable[dict[str, Any]]) -> None:
        """Every raw body was sent by the service, whole, as the answer to that URL."""
        if not any((self.job.output / "responses").rglob("*.parquet")):
            return
        whole: dict[str, set[int]] = {}
        for each in entries:
            if each["status"] == 200 and each["completed"] is not None:
                whole.setdefault(self.service.url + each["target"], set()).add(each["sent_bytes"])
        for url, size in self.job.rows("responses", "url, octet_length(body)"):
            assert url in whole, "a body came from nowhere"
            assert size >= _PLAIN_BYTES or size in whole[url], "a body is not the one sent"

    def _is_at_rest(self) -> None:
        seen, before = len(self.service.history()), self.job.files()
        self.job.run("--today", self.days[-1].isoformat())
        assert len(self.service.history()) == seen, "a finished job was asked again"
        assert self.job.files() == before, "a finished job changed a byte"


def no_key_twice(job: Job) -> None:
    """As somebody sees it who globs right now, perhaps beside others who do the same."""
    with duckdb.connect() as db:
        for dataset, key in KEYS.items():
            if any((job.output / dataset).rglob("*.parquet")):
                where = f"{job.output}/{dataset}/**/*.parquet"
                try:
                    twice = db.sql(
                        f"select {key}, count(*) from read_parquet('{where}', hive_partitioning ="
                        " true, hive_types_autocast = false) group by all having count(*) > 1"
                    ).fetchall()
                except duckdb.Error as error:
                    raise AssertionError(
                        f"{dataset}: {error}; {damaged(job.output / dataset)}"
                    ) from error
                assert not twice, f"{dataset}: {twice[:3]}"


def true(job: Job, wanted: Spec, truth: Truth, days: Sequence[date]) -> None:
    """Every dataset, whole, against the truth of its day; what is absent must have no rows.

    What was lost with its part, and was of a date that is over, may be absent: requests/ says so.
    """
    for dataset, columns, rows_of in _SNAPSHOTS:
        of_days = (rows_of(wanted, truth.at(day), day) for day in days)
        rows = {row for rows in of_days for row in rows}
        if gone := lost_days(job, dataset, days):
            found = set(job.rows(dataset, columns))
            place = [name.strip() for name in columns.split(",")].index("snapshot")
            rows = {row for row in rows if row[place] not in gone or row in found}
        same(job, dataset, columns, rows)
    today = days[-1]
    now = truth.at(today)
    countries, cities = expected.places(wanted, now, today)
    same(job, "timeline", expected.TIMELINE, expected.timeline(wanted, now, today))
    same(job, "countries", expected.COUNTRIES, countries)
    same(job, "cities", expected.CITIES, cities)


_SNAPSHOTS: tuple[tuple[str, str, Callable[[Spec, Truth, date], set[expected.Row]]], ...] = (
    ("totals", expected.TOTALS, expected.totals),
    ("top", expected.TOP, expected.tops),
    ("counts", expected.COUNTS, expected.counts),
)


def lost_days(job: Job, dataset: str, days: Sequence[date]) -> set[date]:
    """The dates whose counts of a dataset lay in parts that no response told; not the last."""
    endpoint = {"totals": "total", "counts": "count"}.get(dataset, dataset)
    told = job.rows("requests", "endpoint, snapshot, state, reason")
    return {
        snapshot
        for asked, snapshot, state, reason in told
        if (asked, state, reason) == (endpoint, "failed", "lost") and snapshot != days[-1]
    }


def same(job: Job, dataset: str, columns: str, wanted: set[expected.Row]) -> None:
    """A dataset is there with exactly these rows."""
    found: list[expected.Row] = []
    if any((job.output / dataset).rglob("*.parquet")):
        found = job.rows(dataset, columns)
    assert len(found) == len(set(found)), f"{dataset}: a row stands twice"
    assert set(found) - wanted == set(), (
        f"{dataset}: invented {sorted(set(found) - wanted, key=repr)[:3]}"
    )
    assert wanted - set(found) == set(), (
        f"{dataset}: lost {sorted(wanted - set(found), key=repr)[:3]}"
    )


def verify_is_clean(job: Job) -> None:
    """`harvester verify` would end with 0 and has nothing to say but what it knows."""
    findings = verified(JobFolder(job.output)).findings
    bad = [each for each in findings if each.severity is not Severity.INFORMATION]
    assert not bad, bad[:3]


def is_plain(said: str) -> bool:
    """Whether an error speaks to a user: a sentence, what to do, no stack, no error numbers."""
    return "Traceback" not in said and "errno" not in said.lower() and "fix:" in said
