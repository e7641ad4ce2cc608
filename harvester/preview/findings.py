"""What `check --online` found out: one plain sentence a concern."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from harvester.model.terms import Kind


class Mark(Enum):
    """How a concern stands; the value is what `check` prints before its sentence."""

    GOOD = "ok"
    WRONG = "wrong"  # the spec says something that is not so
    REFUSED = "refused"  # credentials or token
    OTHERWISE = "otherwise"  # the service is not as it might be; the spec is right
    UNKNOWN = "unclear"


@dataclass(frozen=True, slots=True)
class OnlineFinding:
    """What `check --online` found out about one concern.

    Attributes:
        about: `slug`, `credentials`, `token`, `listing`, `rankings`, or a kind.
    """

    about: str
    mark: Mark
    sentence: str


def slug_finding(slug: str, item: str, inside: int | None, outside: int | None) -> OnlineFinding:
    """Whether the slug is right, by what both scopes count of one item.

    Args:
        inside: views in the institution's scope; None: not asked.
        outside: publicly; None: not asked.
    """
    if inside:
        return OnlineFinding(
            "slug", Mark.GOOD, f"{slug!r} counts {item}: it is a slug, and it has it"
        )
    if inside is None:
        return OnlineFinding("slug", Mark.UNKNOWN, f"{slug!r} could not be tried out")
    if outside:
        return OnlineFinding(
            "slug",
            Mark.WRONG,
            f"{slug!r} counts no view of {item}, which has {outside:,} publicly: the slug is "
            "wrong (Figshare answers any slug, with zeros), or the item is another institution's",
        )
    return OnlineFinding(
        "slug",
        Mark.UNKNOWN,
        f"{item} has no views at all, so it does not tell whether {slug!r} is right",
    )


def credentials_finding(hint: str, *, accepted: bool) -> OnlineFinding:
    """Whether the statistics take the credentials."""
    if accepted:
        return OnlineFinding("credentials", Mark.GOOD, "the username and password are accepted")
    return OnlineFinding(
        "credentials",
        Mark.REFUSED,
        f"Figshare refuses the username and password: check {hint} (statistics have credentials "
        "of their own, no token does)",
    )


def token_finding(
    hint: str, status: int, name: str, found: int | None, wanted: int
) -> OnlineFinding:
    """Whether the token is taken, and for what.

    Args:
        name: of the institution it belongs to.
        found: its number; None: it was not told.
    """
    if status == 401:
        what = f"Figshare refuses the token: it is wrong or has expired, check {hint}"
        return OnlineFinding("token", Mark.REFUSED, what)
    if status == 403:
        what = (
            "Figshare knows the token, but does not let it list an institution: it must be that "
            f"of an administrator, check {hint}"
        )
        return OnlineFinding("token", Mark.REFUSED, what)
    if found != wanted:
        what = f"the token is that of {name} ({found}), but source.institution_id is {wanted}"
        return OnlineFinding("token", Mark.WRONG, what)
    what = f"the token is accepted, for the groups and authors of {name} ({found})"
    return OnlineFinding("token", Mark.GOOD, what)


def listing_finding(institution: int, kind: Kind, entries: int) -> OnlineFinding:
    """Whether an institution lists anything."""
    if entries:
        what = f"institution {institution} lists {kind.value}s"
        return OnlineFinding("listing", Mark.GOOD, what)
    what = (
        f"institution {institution} lists no {kind.value}s: is source.institution_id right, and "
        "do the filters of `discover` leave anything?"
    )
    return OnlineFinding("listing", Mark.WRONG, what)


def item_finding(kind: Kind, number: int, *, is_there: bool) -> OnlineFinding:
    """Whether an id is one of its kind, where each has a public page."""
    if is_there:
        what = f"{kind.value} {number} is there"
        return OnlineFinding(kind.value, Mark.GOOD, what)
    others = ", ".join(each.value for each in Kind if each is not kind)
    what = (
        f"there is no public {kind.value} {number}: does the id belong to another kind "
        f"({others}), or is the item not public?"
    )
    return OnlineFinding(kind.value, Mark.WRONG, what)


def group_finding(number: int, articles: int) -> OnlineFinding:
    """Whether an id is a group's."""
    if articles:
        return OnlineFinding("group", Mark.GOOD, f"group {number} has {articles:,} articles")
    what = (
        f"group {number} has no public articles: is it a group, and not the id of an article or "
        "an institution?"
    )
    return OnlineFinding("group", Mark.WRONG, what)


def author_finding(number: int, views: int) -> OnlineFinding:
    """Whether an id is an author's user id."""
    if views:
        return OnlineFinding("author", Mark.GOOD, f"author {number} has {views:,} views")
    what = (
        f"author {number} has no views: is it a user id, and not the id of an account or an "
        "article?"
    )
    return OnlineFinding("author", Mark.WRONG, what)


def unasked_finding(about: str, most: str) -> OnlineFinding:
    """A concern for which no request was left of so many, in words."""
    what = f"not looked at: {most} requests are the limit"
    return OnlineFinding(about, Mark.UNKNOWN, what)


def silent_finding(about: str, sentence: str) -> OnlineFinding:
    """A concern that got no answer."""
    return OnlineFinding(about, Mark.UNKNOWN, f"no answer: {sentence}")
