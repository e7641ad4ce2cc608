"""`check --online`: at most five requests, each for one concern, and two more for rankings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import orjson

from harvester.discover.entries import read_item, read_listing_page
from harvester.fetch.call import ApiCall
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.host import Host, open_host_at
from harvester.fetch.listing_calls import account_call, item_call, page_call
from harvester.fetch.sender import CallOutcome
from harvester.job.hosts import Hosts, api_settings, stats_settings
from harvester.model.dates import ONE_DAY, Window
from harvester.model.listing import HAVE_METADATA, ItemRequest, PageRequest, Place
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.terms import Counter, Endpoint, Granularity, Kind
from harvester.preview import findings
from harvester.preview import online_rankings as rankings
from harvester.preview.findings import Mark, OnlineFinding
from harvester.preview.send_once import REFUSALS, ProbeSender, checked, number_call

MOST_REQUESTS = 5
_BEGINNING = date(2011, 1, 1)


@dataclass(slots=True)
class OnlineCheck:
    """Looks at one job's service in at most five requests, and two more where it has rankings.

    Attributes:
        ids: those that are known, by kind: of the spec, of its files, of an earlier listing.
        uses_credentials: whether a question of the job needs them.
        ranked: a kind whose totals or timelines rankings of the institution could tell, where
            there are credentials for them; None: there is none.
        found: what was found out so far.
    """

    hosts: Hosts
    snapshot: date
    ids: Mapping[Kind, Sequence[int]]
    uses_credentials: bool
    ranked: Kind | None = None
    found: list[OnlineFinding] = field(default_factory=list)
    _once: ProbeSender = field(default_factory=ProbeSender)
    _most: str = "five"

    async def look(self) -> list[OnlineFinding]:
        """Ask about every concern that the job has, the most telling first.

        Raises:
            ServiceError: Figshare blocks, is down, or asks for a long pause.
        """
        settings, where, origins = self.hosts.settings, self.hosts.where, self.hosts.origins
        async with (
            open_host_at(origins, _brief(stats_settings(settings, where))) as stats,
            open_host_at(origins, _brief(api_settings(settings, where))) as api,
        ):
            listed = await self._first_page(api)
            item = self._item() or listed
            if settings.institution and item:
                await self._scope(stats, settings.institution, *item)
            if settings.needs_token:
                await self._token(api)
            for kind in Kind:
                if self.ids.get(kind):
                    await self._kind(kind, self.ids[kind][0], stats, api)
            if settings.institution and self.ranked and not self._is_in_doubt:
                await self._rankings(stats, settings.institution, self.ranked)
        return self.found

    def _item(self) -> tuple[Kind, int] | None:
        """An item to try the scopes with; of the oldest something is known, most likely."""
        return next(((kind, self.ids[kind][0]) for kind in Kind if self.ids.get(kind)), None)

    async def _first_page(self, api: Host) -> tuple[Kind, int] | None:
        """Where no id is known, the first page of a public listing has some."""
        listing = next((each for each in self.hosts.settings.listings if not each.is_private), None)
        if self._item() or listing is None:
            return None
        page = PageRequest(listing, Place())
        judge = checked(lambda answer: read_listing_page(listing, answer.body))
        settled = await self._ask("listing", api, page_call(api.settings.base_url, page, judge))
        if settled is None:
            return None
        is_page = settled.answer.status == 200
        entries = read_listing_page(listing, settled.answer.body).entities if is_page else ()
        whose, kind = listing.institution_id, listing.kind
        self.found.append(findings.listing_finding(whose, kind, len(entries)))
        return (kind, min(each.id for each in entries)) if entries else None

    async def _scope(self, stats: Host, slug: str, kind: Kind, number: int) -> None:
        """The credentials, and whether the institution counts an item that the public counts.

        A timeline tells both at once; only where it tells nothing, totals are asked, too.
        """
        inside: int | None = None
        total = Question(Endpoint.TOTAL, kind, Counter.VIEWS, institution=slug)
        if self.uses_credentials:
            line = Question(
                Endpoint.TIMELINE, kind, Counter.VIEWS, Granularity.TOTAL, institution=slug
            )
            window = Window(_BEGINNING, self.snapshot - ONE_DAY)
            settled = await self._number("credentials", stats, Request(line, number, window))
            if settled is None:
                return
            is_taken = settled.answer.status not in REFUSALS
            hint = self.hosts.where.hint
            self.found.append(findings.credentials_finding(hint, accepted=is_taken))
            inside = settled.rows if is_taken else None
        if inside is None:
            settled = await self._number("slug", stats, Request(total, number))
            if settled is None:
                return
            inside = settled.rows
        outside: int | None = None
        if not inside:
            public = Request(replace(total, institution=None), number)
            settled = await self._number("slug", stats, public)
            if settled is None:
                return
            outside = settled.rows
        item = f"{kind.value} {number}"
        self.found.append(findings.slug_finding(slug, item, inside, outside))

    async def _token(self, api: Host) -> None:
        call = account_call(api.settings.base_url, checked(lambda answer: _account(answer.body)))
        settled = await self._ask("token", api, call)
        if settled is None:
            return
        account = _account(settled.answer.body) if settled.answer.status == 200 else None
        name, number = account or ("", None)
        hint, ours = self.hosts.where.token_hint, self.hosts.settings.institution_id
        status = settled.answer.status
        self.found.append(findings.token_finding(hint, status, name, number, ours))

    async def _kind(self, kind: Kind, number: int, stats: Host, api: Host) -> None:
        """Whether the first id of a kind is one of that kind."""
        if kind in HAVE_METADATA:
            item = ItemRequest(kind, number)
            judge = checked(lambda answer: read_item(item, answer.body))
            call = item_call(api.settings.base_url, item, judge)
            settled = await self._ask(kind.value, api, call)
            if settled:
                is_there = settled.answer.status == 200
                self.found.append(findings.item_finding(kind, number, is_there=is_there))
        elif kind is Kind.GROUP:
            count = Request(Question(Endpoint.COUNT, Kind.GROUP), groups=(number,))
            if settled := await self._number("group", stats, count):
                self.found.append(findings.group_finding(number, settled.rows))
        else:
            views = Request(Question(Endpoint.TOTAL, kind, Counter.VIEWS), number)
            if settled := await self._number(kind.value, stats, views):
                self.found.append(findings.author_finding(number, settled.rows))

    @property
    def _is_in_doubt(self) -> bool:
        """Whether a ranking would tell only that slug or credentials are wrong, once more."""
        bad = {Mark.WRONG, Mark.REFUSED}
        return any(
            each.about in {"slug", "credentials"} and each.mark in bad for each in self.found
        )

    async def _rankings(self, stats: Host, slug: str, kind: Kind) -> None:
        """Whether a ranking with dates is one of those days, by its best item's own months."""
        self.hosts.origins.send_quota.limit = MOST_REQUESTS + rankings.RANKING_REQUESTS
        self._most = "seven"
        base_url = stats.settings.base_url
        month = rankings.settled_month(self.snapshot, self.hosts.settings.settle_days)
        call = rankings.ranking_call(base_url, slug, kind, month)
        ranked = await self._ask(rankings.ABOUT, stats, call)
        if ranked is None:
            return
        if ranked.answer.status != 200:
            self.found.append(rankings.refused_finding(ranked.answer.status))
            return
        best = rankings.best_of(ranked.answer)
        if best is None:
            self.found.append(rankings.empty_finding(month))
            return
        number, events = best
        last = self.snapshot - ONE_DAY
        call = rankings.months_call(base_url, slug, kind, number, last)
        if months := await self._ask(rankings.ABOUT, stats, call):
            item = f"{kind.value} {number}"
            self.found.append(rankings.compared_finding(item, events, month, months.answer))

    async def _number(self, about: str, stats: Host, request: Request) -> CallOutcome | None:
        return await self._ask(about, stats, number_call(stats.settings.base_url, request))

    async def _ask(self, about: str, host: Host, call: ApiCall) -> CallOutcome | None:
        """An answer; None: there is none, and a finding says so."""
        settled = await self._once.send(host, call)
        if settled is None:
            self.found.append(findings.unasked_finding(about, self._most))
        elif settled.reason:
            self.found.append(findings.silent_finding(about, settled.sentence))
            settled = None
        return settled


def _brief(settings: FetchSettings) -> FetchSettings:
    """A check that must try often is no quick look any more."""
    return replace(settings, attempts=min(3, settings.attempts), concurrency=1)


def _account(body: bytes) -> tuple[str, int | None] | None:
    """Name and number of the institution that a token belongs to; None: it is no such answer."""
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, dict):
        return None
    name, number = found.get("name"), found.get("id")
    shown = name if isinstance(name, str) and name.isprintable() else "an institution"
    return shown[:100], number if type(number) is int else None
