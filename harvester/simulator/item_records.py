"""What the listings say about an item, a group or an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

from harvester.simulator.config import SimulatorConfig
from harvester.simulator.limits import ITEM_TYPES, KINDS
from harvester.simulator.seeded import Salt, mix
from harvester.simulator.titles import name_of, title_of
from harvester.simulator.truth import Truth
from harvester.simulator.world import Item

_HOST = "https://api.figshare.com/v2"


@dataclass(frozen=True, slots=True)
class Listed:
    """The facts of one entry, for tests to compare with; what a kind lacks is None or 0.

    Attributes:
        published_date: of the latest version there is by today, as the listing says; None for a
            draft.
        first_online: None where the listing does not say. Whatever people made of the dates, the
            truth about statistics stays as it is.
        is_public: whether a public listing has it today.
        account_id: of an author; another number than its user id, which is `id`.
    """

    id: int
    kind: str
    title: str
    doi: str
    url: str
    published_date: date | None
    first_online: date | None
    is_public: bool
    item_type: int = 0
    group_id: int = 0
    parent_id: int = 0
    account_id: int = 0
    categories: tuple[int, ...] = ()
    authors: tuple[int, ...] = ()

    @property
    def defined_type_name(self) -> str:
        """The item type's name; empty for what is no article."""
        return ITEM_TYPES.get(self.item_type, "")


def listed(truth: Truth, kind: str) -> list[Listed]:
    """Every entry of a kind that exists by today, by id; for articles also the private ones."""
    config = truth.config
    if kind == "group":
        return [_group(config, number, parent) for number, parent in truth.world.parents.items()]
    if kind == "author":
        return [_author(config, number) for number in truth.world.authors]
    today = config.today.toordinal()
    found = [
        _item(config, item) for item in truth.world.items[kind].values() if item.online <= today
    ]
    if kind == "article":
        found += [_draft(config, number) for number in truth.world.drafts]
    return found


def _item(config: SimulatorConfig, item: Item) -> Listed:
    published, online = _dates(config, item)
    is_silent = _is_one_of(config.listings.unknown_first_online_every, item)
    return Listed(
        id=item.id,
        kind=item.kind,
        title=title_of(config.seed, item.kind, item.id),
        doi=_doi(config, item),
        url=f"{_HOST}/{item.kind}s/{item.id}",
        published_date=date.fromordinal(published),
        first_online=None if is_silent else date.fromordinal(online),
        is_public=config.today.toordinal() < item.withdrawn,
        item_type=item.item_type,
        group_id=item.group_id,
        categories=item.categories,
        authors=item.authors,
    )


def _dates(config: SimulatorConfig, item: Item) -> tuple[int, int]:
    """When the latest version was published and when the item was first online, as it is said."""
    today, habits = config.today.toordinal(), config.listings
    published = item.published if item.published <= today else item.online
    # One to four years.
    years = 365 + mix(config.seed, Salt.EDITED, KINDS.index(item.kind), item.id) % 1096
    if _is_one_of(habits.redated_every, item):
        edited = min(item.online + years, today)
        return max(published, edited), edited
    if _is_one_of(habits.backdated_every, item):
        return published - years, item.online - years
    if _is_one_of(habits.edited_first_online_every, item):
        return published, min(item.online + years, today)
    return published, item.online


def _is_one_of(every: int, item: Item) -> bool:
    return bool(every) and item.id % every == 0


def _doi(config: SimulatorConfig, item: Item) -> str:
    shared, hexadecimal = config.listings.shared_doi_every, config.listings.hexadecimal_doi_every
    if shared and item.kind == "article" and item.id % shared == 0:
        return "10.1234/Shared.1"
    if hexadecimal and item.kind == "article" and item.id % hexadecimal == 0:
        digest = blake2b(f"{config.seed} {item.id}".encode(), digest_size=6).hexdigest()
        return f"10.26180/5{digest}"
    return f"10.17028/rd.{config.institution}.{item.id}.v{1 + (item.published > item.online)}"


def _draft(config: SimulatorConfig, number: int) -> Listed:
    title = title_of(config.seed, "draft", number)
    url = f"{_HOST}/account/articles/{number}"
    return Listed(number, "article", title, "", url, None, None, is_public=False, item_type=3)


def _group(config: SimulatorConfig, number: int, parent: int) -> Listed:
    title = title_of(config.seed, "group", number)
    return Listed(number, "group", title, "", "", None, None, is_public=True, parent_id=parent)


def _author(config: SimulatorConfig, number: int) -> Listed:
    title = " ".join(name_of(config.seed, number))
    account = number + 4_000_000 + number % 977
    return Listed(number, "author", title, "", "", None, None, is_public=True, account_id=account)


def shown(config: SimulatorConfig, entry: Listed) -> dict[str, Any]:
    """An entry as it stands in the JSON of a listing."""
    if entry.kind == "group":
        return {
            "id": entry.id,
            "name": entry.title,
            "resource_id": "",
            "parent_id": entry.parent_id,
            "association_criteria": "",
        }
    if entry.kind == "author":
        return _account(config, entry)
    path = f"{entry.kind}s/{entry.id}"
    posted = entry.published_date and f"{entry.published_date}T12:34:56Z"
    timeline = {} if posted is None else {"posted": posted}
    if entry.first_online is not None:
        timeline["firstOnline"] = f"{entry.first_online}T08:00:00Z"
    plain = {
        "id": entry.id,
        "title": entry.title,
        "doi": entry.doi,
        "handle": "",
        "url": entry.url,
        "published_date": posted,
        "timeline": timeline,
        "url_public_html": f"https://figshare.com/{path}" if entry.is_public else "",
        "url_public_api": f"{_HOST}/{path}" if entry.is_public else "",
        "group_id": entry.group_id or None,
    }
    if entry.kind == "article":
        plain |= {
            "defined_type": entry.item_type,
            "defined_type_name": entry.defined_type_name,
            "thumb": "",
        }
    return plain


def _account(config: SimulatorConfig, entry: Listed) -> dict[str, Any]:
    first, last = name_of(config.seed, entry.id)
    return {
        "id": entry.account_id,
        "user_id": entry.id,
        "first_name": first,
        "last_name": last,
        "email": f"author-{entry.id}@example.org",
        "active": 1,
        "institution_id": config.institution_id,
        "institution_user_id": f"author-{entry.id}@example.org",
        "quota": 0,
        "used_quota": 0,
    }


def detailed(config: SimulatorConfig, entry: Listed) -> dict[str, Any]:
    """An entry as its own page shows it: the same, with more fields."""
    return {
        **shown(config, entry),
        "description": f"<p>About {entry.id}.</p>",
        "version": 1 + (entry.doi.endswith(".v2")),
        "categories": [{"id": one, "title": f"Category {one}"} for one in entry.categories],
        "authors": [
            {"id": one, "full_name": " ".join(name_of(config.seed, one))} for one in entry.authors
        ],
        "license": {"value": 1, "name": "CC BY 4.0", "url": ""},
        "is_public": entry.is_public,
    }
