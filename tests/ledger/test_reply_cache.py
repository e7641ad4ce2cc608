"""Young replies are handed out as they came, or not at all."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime

from harvester.ledger.reply_cache import ReplyCache
from harvester.model.rows import Columns, Dataset
from harvester.model.spool import SpooledReply, SpoolKey

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def spooled(
    entity: int, body: bytes = b"{}", columns: tuple[Columns, ...] | None = None
) -> SpooledReply:
    return SpooledReply(1, entity, 0, 0, None, 200, "application/json", NOW, body, columns=columns)


def key(entity: int, spool_id: int) -> SpoolKey:
    return SpoolKey(entity, 1, 0, 0, spool_id)


def test_a_reply_is_handed_out_once() -> None:
    fresh, reply = ReplyCache(), spooled(23)
    fresh.keep(7, [spooled(22), reply])

    assert fresh.take(key(23, 8)) is reply
    assert fresh.take(key(23, 8)) is None


def test_an_id_that_the_spool_gives_again_is_the_younger_reply_s() -> None:
    """A publish that failed leaves replies here whose ids the spool may give to others."""
    fresh = ReplyCache(most_bytes=2_000)
    fresh.keep(1, [spooled(22)])
    fresh.keep(1, [spooled(23, b"x" * 3_000)])

    assert fresh.take(key(23, 1)) is None
    assert fresh.take(key(22, 1)) is None


def test_a_reply_under_another_slot_is_not_handed_out() -> None:
    fresh = ReplyCache()
    fresh.keep(1, [spooled(22)])

    assert fresh.take(key(23, 1)) is None


def test_memory_is_bounded_also_by_small_replies_and_given_back() -> None:
    fresh = ReplyCache(most_bytes=10 * 1_502)
    fresh.keep(1, [spooled(entity) for entity in range(1, 101)])
    found = [entity for entity in range(1, 101) if fresh.take(key(entity, entity))]
    fresh.keep(1, [spooled(entity) for entity in range(1, 101)])

    assert found == list(range(1, 11))
    assert fresh.take(key(10, 10)) is not None
    assert fresh.take(key(11, 11)) is None


def test_memory_that_replies_share_is_counted_once() -> None:
    """Else half of the timelines of a publish find no room."""
    days, numbers = tuple(map(str, range(1_000))), array("q", range(1_000))
    replies = [
        spooled(
            entity,
            columns=(Columns(Dataset.TIMELINE, 1_000, {"period": days, "value": numbers[:]}),),
        )
        for entity in range(1, 6)
    ]
    fresh = ReplyCache(most_bytes=48_000 + 5 * (8_000 + 1_502))
    fresh.keep(1, replies)

    assert all(fresh.take(key(entity, entity)) for entity in range(1, 6))
