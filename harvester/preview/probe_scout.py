"""Choosing what to probe with: an item with many events, and a group with groups below it.

What is asked here serves the questions, too: the session sends nothing twice.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harvester.fetch.listing_calls import page_path
from harvester.job.settings import JobSettings
from harvester.model.limits import GROUPS_PER_COUNT
from harvester.model.listing import PAGE_SIZE, Listing, Place
from harvester.model.terms import Kind
from harvester.preview.probe_ask import Ask, count_ask
from harvester.preview.probe_findings import UntoldError, counts_of, number_of_total
from harvester.preview.probe_rankings import LONG, ranking
from harvester.preview.probe_session import ProbeSession
from harvester.preview.probe_subjects import GroupFamily, ProbeSubjects
from harvester.preview.probe_timelines import IS_MONTH, months_ask

# The kinds whose items have the most to tell come first.
_KINDS = (Kind.ARTICLE, Kind.COLLECTION, Kind.PROJECT, Kind.GROUP, Kind.AUTHOR)
_PAGE_SIZE = 100
_CANDIDATES = 3
_MOST_CHILDREN, _MOST_OWN = 2, 3


@dataclass(frozen=True, slots=True)
class ProbeScout:
    """Chooses from what the job knows, and asks where it knows nothing.

    Attributes:
        ids: of the spec, of its files, of an earlier listing, by kind.
        parents: the group above each group, as an earlier listing told; empty: none was read.
            The listing itself goes first: it is kept with the answers.
    """

    session: ProbeSession
    settings: JobSettings
    ids: Mapping[Kind, Sequence[int]]
    parents: Mapping[int, int]

    async def with_item(self, subjects: ProbeSubjects) -> ProbeSubjects:
        """The subjects with an item and its months, as far as they can be had."""
        listing = next((each for each in self.settings.listings if not each.is_private), None)
        kind = next((kind for kind in _KINDS if self.ids.get(kind)), None)
        kind = kind or (listing.kind if listing else Kind.ARTICLE)
        subjects = replace(subjects, kind=kind)
        try:
            item = await self._ranked(subjects) or await self._counted(subjects, listing)
        except UntoldError as error:
            return replace(subjects, no_item=f"no item to ask about: {error}")
        subjects = replace(subjects, item=item)
        return await self._with_months(subjects)

    async def _ranked(self, subjects: ProbeSubjects) -> int | None:
        """The best of the ranking that the job has; an institution's are all its own."""
        ids = self.ids.get(subjects.kind, ())
        try:
            ranked = counts_of(await self.session.ask(ranking(subjects, LONG)), "top")
        except UntoldError:
            return None
        values = {int(key): value for key, value in ranked.items() if key.isdigit()}
        if ids or subjects.scope is None:
            values = {number: value for number, value in values.items() if _holds(ids, number)}
        return max(values, key=lambda number: (values[number], number), default=None)

    async def _counted(self, subjects: ProbeSubjects, listing: Listing | None) -> int:
        """The best of a few ids, by their totals.

        Raises:
            UntoldError: no id is known.
        """
        ids = self.ids.get(subjects.kind) or (await self._page(listing) if listing else ())
        if not ids:
            raise UntoldError("the job names no ids, and none could be listed")
        places = {len(ids) * place // _CANDIDATES for place in range(_CANDIDATES)}
        totals: dict[int, int] = {}
        for number in (ids[place] for place in sorted(places)):
            try:
                totals[number] = number_of_total(await self.session.ask(subjects.total(number)))
            except UntoldError:
                totals[number] = 0
        return max(totals, key=lambda number: totals[number])

    async def _page(self, listing: Listing, size: int = _PAGE_SIZE) -> Sequence[int]:
        """The first ids of a listing, ascending.

        Raises:
            UntoldError: it was not answered.
        """
        path = page_path(listing, Place(), size)
        answered = await self.session.ask(Ask(path, is_listing=True))
        entries = answered.plain if isinstance(answered.plain, list) else []
        return sorted({each["id"] for each in entries if "id" in each})

    async def _with_months(self, subjects: ProbeSubjects) -> ProbeSubjects:
        """Events by month, of the long window and of a short one: either may be all there is."""
        found: dict[str, int] = {}
        why = ""
        for window in (subjects.long_window, subjects.recent_window):
            try:
                answered = await self.session.ask(months_ask(subjects, window))
                found |= counts_of(answered, "timeline")
            except UntoldError as error:
                why = str(error)
        # A key that is no month would be no date later on; zeros are no events.
        months = {month: n for month, n in found.items() if n and IS_MONTH.fullmatch(month)}
        return replace(subjects, months=months, no_months="" if months else why)

    async def with_family(self, subjects: ProbeSubjects) -> ProbeSubjects:
        """The subjects with a group that has others below it, where that is known."""
        try:
            tree = await self._tree()
        except UntoldError as error:
            if not self.parents:
                return replace(subjects, no_family=str(error))
            tree = self.parents
        try:
            return replace(subjects, family=await self._family(subjects, tree))
        except UntoldError as error:
            return replace(subjects, no_family=str(error))

    async def _tree(self) -> Mapping[int, int]:
        """The group above each, of the institution's own listing.

        Raises:
            UntoldError: there is no token, or it is refused.
        """
        listing = Listing(Kind.GROUP, self.settings.institution_id)
        answered = await self.session.ask(
            Ask(page_path(listing, Place()), is_listing=True, needs_credentials=True)
        )
        entries = answered.plain if isinstance(answered.plain, list) else []
        return {each["id"]: each.get("parent_id", 0) for each in entries if "id" in each}

    async def _family(self, subjects: ProbeSubjects, tree: Mapping[int, int]) -> GroupFamily:
        """The parent with the fewest articles of its own: what it counts beyond them tells.

        Raises:
            UntoldError: no group lies below another.
        """
        below: dict[int, list[int]] = {}
        for child, parent in sorted(tree.items()):
            if parent in tree:
                below.setdefault(parent, []).append(child)
        if not below:
            raise UntoldError("no group is known to lie below another")
        groups = [*below, *(each for each in tree if each not in below)][:GROUPS_PER_COUNT]
        answered = await self.session.ask(count_ask(groups))
        if answered.status != 200 or not isinstance(answered.plain, dict):
            raise UntoldError("Figshare does not count the articles of groups")
        counts = {int(key): n for key, n in answered.plain.items() if type(n) is int}
        for children in below.values():
            children.sort(key=lambda child: (-counts.get(child, 0), child))
        counted = [each for each in below if each in counts and counts.get(below[each][0])]
        if not counted:
            raise UntoldError("the groups below others have no articles")
        parent = min(counted, key=lambda each: (counts[each], each))
        own = await self._own(subjects, parent, counts[parent])
        return GroupFamily(parent, below[parent][:_MOST_CHILDREN], own)

    async def _own(
        self, subjects: ProbeSubjects, group: int, articles: int
    ) -> Sequence[int] | None:
        """The articles directly in a group; None: too many, or the listing has others."""
        if articles == 0:
            return ()
        if articles > (PAGE_SIZE if subjects.is_ranked else _MOST_OWN):
            return None
        listing = Listing(Kind.ARTICLE, self.settings.institution_id, group)
        found = await self._page(listing, PAGE_SIZE)
        return found if len(found) == articles else None


def _holds(ids: Sequence[int], number: int) -> bool:
    """Whether ascending ids have one, however many they are."""
    place = bisect_left(ids, number)
    return place < len(ids) and ids[place] == number
