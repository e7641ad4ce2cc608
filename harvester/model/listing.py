"""What is listed, where a listing stands, and the requests that read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from harvester.model.dates import ONE_DAY
from harvester.model.terms import Kind

# The most that one page may hold (`page_size` of Figshare's API, 1 to 1000, read 2026-07).
PAGE_SIZE = 1000

_PRIVATE = {Kind.AUTHOR, Kind.GROUP}
# What has a public page of its own, with title, DOI and dates.
HAVE_METADATA = (Kind.ARTICLE, Kind.COLLECTION, Kind.PROJECT)


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything of one kind that an institution has, or what a filter leaves of it.

    Attributes:
        institution_id: Figshare's number; a private listing is that of the token's owner, and
            has it only to be told from another institution's.
        item_type: Figshare's number of an item type.
        published_since: this day or later; the service's own parameter means "after".
    """

    kind: Kind
    institution_id: int
    group: int | None = None
    item_type: int | None = None
    published_since: date | None = None

    @property
    def key(self) -> str:
        """Readable and stable: the same listing in every run."""
        filters = {
            "group": self.group,
            "item_type": self.item_type,
            "published_since": self.published_since,
        }
        words = [f"{name}={value}" for name, value in filters.items() if value is not None]
        return "/".join([f"{self.kind.value}/{self.institution_id}", *words])

    @property
    def is_private(self) -> bool:
        """Whether only a token opens it."""
        return self.kind in _PRIVATE

    @property
    def is_dated(self) -> bool:
        """Whether entries have a date of publication, which they are ordered by."""
        return not self.is_private

    @property
    def is_paged(self) -> bool:
        """Groups are one answer; every other listing comes in pages."""
        return self.kind is not Kind.GROUP

    @property
    def is_whole(self) -> bool:
        """Whether its groups are listed whole, so that they can be counted against it."""
        return self.kind is Kind.ARTICLE and self.item_type is None and not self.published_since


@dataclass(frozen=True, slots=True)
class Place:
    """Where a listing stands: what the next request asks for.

    A *walk* goes through pages of one query. A listing deeper than the service lets anyone walk
    is read in several, each beginning at a later day.

    Attributes:
        walk: 1, 2, ...
        after: the walk has what was published after this day; None: as the listing says.
        page: of this walk, from 1.
        cursor: asks for the page instead of its number.
        rereads: the page was read before: nothing new on it does not mean the end.
        stale: how many pages in a row had nothing new.
        refusals: how many cursors the service has refused.
        newest: the youngest day of publication read so far.
        is_ordered: no page began before the day on which the one before it ended.
        holes: days of which not everything could be read.
        again: the listing is read a second time, because the first lacked too much.
    """

    walk: int = 1
    after: date | None = None
    page: int = 1
    cursor: str | None = None
    rereads: bool = False
    stale: int = 0
    refusals: int = 0
    newest: date | None = None
    is_ordered: bool = True
    holes: tuple[date, ...] = ()
    again: bool = False

    def sent_after(self, listing: Listing) -> date | None:
        """The service's `published_since`, which excludes the day itself."""
        if self.after is None and listing.published_since:
            return listing.published_since - ONE_DAY
        return self.after


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page of a listing.

    Attributes:
        etag: of the page that stood here the last time; None: it is not known.
    """

    listing: Listing
    place: Place
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class ItemRequest:
    """What is publicly known of one item."""

    kind: Kind
    id: int
