"""The host's condition: gates, silence, walls, on times that the test holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.fetch.circuit import Closed, Halt, HostCircuit, Permit, Wait
from harvester.fetch.fetch_settings import PolitenessPolicy

NOW = 1000.0


def circuit(threshold: int = 3, max_pause: float = 900.0) -> HostCircuit:
    return HostCircuit(threshold, max_pause)


def silent() -> HostCircuit:
    """A host that has failed three times in a row, a moment ago."""
    host = circuit()
    for _ in range(3):
        assert host.failed(NOW) is None
    return host


def test_a_healthy_host_lets_every_request_go() -> None:
    assert circuit().advice(NOW) is Permit.GO


def test_a_gate_opens_for_everybody_when_its_time_has_come() -> None:
    host = circuit()

    assert host.asked_to_pause(NOW, 1, 1, 60.0) == (True, None)
    assert host.advice(NOW + 59.9) == Wait(NOW + 60)
    assert host.advice(NOW + 60) is Permit.GO


def test_a_pause_without_a_time_doubles_until_something_succeeds() -> None:
    host, now, waits = circuit(), NOW, []
    for ordinal in (1, 2, 3):
        host.asked_to_pause(now, ordinal, ordinal, None)
        waits.append(host.gate_until - now)
        now = host.gate_until
    host.succeeded(4)
    host.asked_to_pause(now, 5, 5, None)

    assert waits == [60, 120, 240]
    assert host.gate_until - now == 60


def test_requests_under_way_when_the_gate_closed_are_no_news_and_do_not_open_it() -> None:
    host = circuit()
    news = [host.asked_to_pause(NOW, ordinal, 16, None)[0] for ordinal in range(1, 17)]
    late_success_before_the_gate = 3
    host.succeeded(late_success_before_the_gate)

    assert news == [True] + [False] * 15
    assert host.gate_until == NOW + 60
    assert host.advice(NOW + 1) == Wait(NOW + 60)


def test_the_longest_of_several_pauses_holds() -> None:
    host = circuit()
    host.asked_to_pause(NOW, 1, 2, 100.0)
    host.asked_to_pause(NOW, 2, 2, 10.0)

    assert host.gate_until == NOW + 100


def test_a_retry_after_of_0_is_still_a_pause() -> None:
    host = circuit()
    host.asked_to_pause(NOW, 1, 1, 0.0)

    assert host.gate_until == NOW + PolitenessPolicy().shortest_pause_seconds


def test_a_retry_after_longer_than_allowed_halts() -> None:
    assert circuit().asked_to_pause(NOW, 1, 1, 901.0)[1] is Halt.ASKED_TOO_LONG
    assert circuit().asked_to_pause(NOW, 1, 1, 900.0)[1] is None


def test_failures_in_a_row_close_the_host_and_a_success_between_does_not() -> None:
    host = circuit()
    host.failed(NOW)
    host.failed(NOW)
    host.succeeded(3)
    host.failed(NOW)
    assert host.closed is None
    host.failed(NOW)
    host.failed(NOW)

    assert host.closed is Closed.UNREACHABLE
    assert host.advice(NOW) == Wait(NOW + 30)


def test_one_probe_goes_out_and_all_others_wait_for_it() -> None:
    host = silent()
    assert host.advice(NOW + 30) is Permit.PROBE
    host.begin_probe()

    assert host.advice(NOW + 31) == Wait(None)
    host.succeeded(9, is_probe=True)
    assert host.advice(NOW + 31) is Permit.GO
    assert host.is_clear


def test_cool_downs_double_up_to_their_cap_and_the_last_comes_when_patience_ends() -> None:
    host, now, waits = silent(), NOW, []
    halt = None
    while halt is None:
        wait = host.advice(now)
        assert isinstance(wait, Wait)
        assert wait.until is not None
        waits.append(wait.until - now)
        now = wait.until
        host.begin_probe()
        halt = host.failed(now, is_probe=True)

    assert waits[:5] == [30, 60, 120, 240, 300]
    assert halt is Halt.NO_SUCCESS
    assert 900 < now - NOW < 905


def test_failures_of_requests_under_way_do_not_prolong_the_silence() -> None:
    host = silent()
    host.failed(NOW + 10)

    assert host.advice(NOW + 10) == Wait(NOW + 30)


def test_any_answer_to_a_probe_ends_the_silence_but_is_no_success() -> None:
    host = silent()
    host.begin_probe()
    host.answered(NOW + 30, is_probe=True)

    assert host.advice(NOW + 31) is Permit.GO
    assert host.trouble_since == NOW


def test_a_host_whose_probe_has_succeeded_is_closed_only_after_more_failures() -> None:
    """A row of requests that the host cannot answer must not be taken for its death for ever."""
    host = silent()
    host.begin_probe()
    host.succeeded(9, is_probe=True)
    for _ in range(5):
        host.failed(NOW)
    assert host.closed is None
    host.failed(NOW)

    assert host.closed is Closed.UNREACHABLE


def test_a_wall_is_news_once_for_all_requests_that_were_under_way() -> None:
    host = circuit()
    news = [host.blocked(NOW, ordinal, 16) for ordinal in range(1, 17)]

    assert news == [(True, None)] + [(False, None)] * 15
    assert host.advice(NOW) == Wait(NOW + 60)
    host.succeeded(5)  # sent before the wall went up
    assert host.closed is Closed.BLOCKED


def test_walls_in_a_row_halt_and_a_success_between_starts_anew() -> None:
    host = circuit()
    halts = [host.blocked(NOW, each, each)[1] for each in (1, 2)]
    host.succeeded(3)
    halts += [host.blocked(NOW, each, each)[1] for each in (4, 5, 6)]

    assert halts == [None, None, None, None, Halt.BLOCKED]


def test_a_host_without_a_success_for_too_long_halts_the_run() -> None:
    host = circuit()
    assert host.answered(NOW) is None
    assert host.answered(NOW + 900) is None
    assert host.answered(NOW + 900.1) is Halt.NO_SUCCESS


EVENTS = st.sampled_from(["success", "answer", "failure", "wall", "pause", "asked"])


@given(events=st.lists(st.tuples(EVENTS, st.floats(0, 300)), max_size=60))
def test_a_closed_host_always_waits_probes_or_halts(events: list[tuple[str, float]]) -> None:
    """Invariant: no state forbids sending for ever, and no wait is longer than allowed."""
    host, now = circuit(), NOW
    for ordinal, (event, passing) in enumerate(events, 1):
        advice = host.advice(now)
        if isinstance(advice, Wait):
            assert advice.until is not None, "a probe that nobody sends"
            assert 0 < advice.until - now <= 900
            now = advice.until
            advice = host.advice(now)
        assert isinstance(advice, Permit)
        is_probe = advice is Permit.PROBE
        if is_probe:
            host.begin_probe()
        now += passing
        if _tell(host, event, now, ordinal, is_probe=is_probe):
            return
        if event == "success":
            assert host.is_clear
            assert host.trouble_since is None


def _tell(host: HostCircuit, event: str, now: float, ordinal: int, *, is_probe: bool) -> bool:
    halt: Halt | None = None
    match event:
        case "success":
            host.succeeded(ordinal, is_probe=is_probe)
        case "answer":
            halt = host.answered(now, is_probe=is_probe)
        case "failure":
            halt = host.failed(now, is_probe=is_probe)
        case "wall":
            _, halt = host.blocked(now, ordinal, ordinal)
        case _:
            asked = 100.0 if event == "asked" else None
            _, halt = host.asked_to_pause(now, ordinal, ordinal, asked)
            host.end_probe()
    return halt is not None
