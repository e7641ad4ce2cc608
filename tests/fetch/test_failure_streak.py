"""Failures in a row: held until a success tells whose they are, and when they are everybody's."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from harvester.fetch.failure_streak import LONGEST, MOST_HELD_BYTES, FailureStreak
from harvester.model.reply import Failure, Reply, ReplySummary
from harvester.model.request import Request
from tests.fetch.support_fetch import TOTAL

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def failure(number: int, reason: str = "unknown_endpoint", body: bytes = b"{}") -> Failure:
    return Failure(Request(TOTAL, number), reason, f"said {reason}", 404, 1, NOW, body)


def success(number: int) -> Reply:
    return Reply(Request(TOTAL, number), 200, "application/json", b"{}", NOW, 1, ReplySummary(1))


def key(number: int) -> str:
    return Request(TOTAL, number).key


def test_failures_are_kept_behind_the_success_that_confirms_them() -> None:
    streak = FailureStreak()
    assert [streak.record(failure(number)) for number in (1, 2)] == [[], []]

    assert streak.record(success(3)) == [success(3), failure(1), failure(2)]
    assert streak.record(success(4)) == [success(4)]
    assert streak.failures == {}


def test_the_fiftieth_failure_in_a_row_is_everybodys_and_none_is_kept() -> None:
    streak = FailureStreak()
    kept = [streak.record(failure(number)) for number in range(LONGEST)]

    assert LONGEST == 50
    assert (kept, streak.all_alike) == ([[]] * LONGEST, True)
    assert streak.release() == []
    assert streak.record(failure(51)) == []
    assert streak.record(success(52)) == [success(52)], "what was under way is not lost"
    assert streak.in_words == "50 times: said unknown_endpoint"


def test_a_success_after_49_failures_begins_anew() -> None:
    streak = FailureStreak()
    for number in range(98):
        streak.record(failure(number))
        if number == 48:
            assert len(streak.record(success(1000))) == 50

    assert (streak.all_alike, len(streak.failures)) == (False, 49)


def test_one_request_that_fails_again_and_again_is_one_of_the_streak() -> None:
    """A pause between: it was put back by hand, for example."""
    streak = FailureStreak()
    for _ in range(60):
        streak.record(failure(1))
        streak.release()

    assert not streak.all_alike


def test_what_must_be_kept_unconfirmed_stays_on_the_list_until_a_success() -> None:
    streak = FailureStreak()
    for number in range(30):
        streak.record(failure(number))
    assert streak.release() == [failure(number) for number in range(30)]
    assert len(streak.unconfirmed) == 30

    again = FailureStreak(unconfirmed=dict(streak.unconfirmed))
    for number in range(30, 50):
        again.record(failure(number))
    assert (again.all_alike, len(again.unconfirmed), len(again.failures)) == (True, 30, 50)

    streak.record(success(99))
    assert streak.unconfirmed == {}


def test_what_failed_alike_before_fails_for_itself_once_its_question_is_answered_again() -> None:
    suspects = {key(number): "unknown_endpoint" for number in range(50)}
    unproven = FailureStreak(suspects=suspects)
    proven = FailureStreak(suspects=suspects, proven={TOTAL.key})
    for number in range(50):
        assert unproven.record(failure(number)) == []
        assert proven.record(failure(number)) == [failure(number)]

    assert (unproven.all_alike, proven.all_alike) == (True, False)
    assert proven.record(failure(1, "redirect")) == [], "it failed otherwise then"
    assert proven.record(failure(77)) == [], "it did not fail then"


def test_large_bodies_are_not_held() -> None:
    streak = FailureStreak()
    large = [failure(number, body=b"x" * (MOST_HELD_BYTES // 2)) for number in range(3)]

    assert [streak.record(each) for each in large] == [[], [], large]
    assert len(streak.unconfirmed) == 3


def test_what_was_met_is_told_with_how_often() -> None:
    streak = FailureStreak(unconfirmed={key(99): "shape"})
    for number in range(3):
        streak.record(failure(number, "redirect"))

    assert streak.in_words == (
        "3 times: said redirect; once: the reply does not answer the question"
    )


@given(outcomes=st.lists(st.booleans(), max_size=400), releases=st.sets(st.integers(0, 400)))
def test_nothing_is_kept_twice_no_success_is_held_and_memory_is_bounded(
    outcomes: list[bool], releases: set[int]
) -> None:
    streak, kept, in_a_row = FailureStreak(), [], 0
    for number, is_success in enumerate(outcomes):
        outcome = success(number) if is_success else failure(number)
        now = streak.record(outcome)
        kept += now
        in_a_row = 0 if is_success and not streak.all_alike else in_a_row + (not is_success)
        assert not is_success or now[0] is outcome
        assert streak.all_alike == (in_a_row >= LONGEST)
        assert len(streak.failures) <= LONGEST
        if number in releases:
            kept += streak.release()
    kept += streak.release()

    keys = [each.request.key for each in kept]
    assert len(keys) == len(set(keys))
    if not streak.all_alike:
        assert len(keys) == len(outcomes)
    else:
        failed = {each.request.key for each in kept if isinstance(each, Failure)}
        assert failed & streak.failures.keys() == streak.unconfirmed.keys()
