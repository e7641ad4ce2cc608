"""Days that fill up late, and settled ones restated: run by run what asking all anew brings."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.errors import SpecError
from tests.savings.support_late_worlds import late_world
from tests.savings.support_two_sides import side, sides, unaccounted, with_planner
from tests.savings.test_savings import wrong
from tests.support.thorough import few_of

pytestmark = pytest.mark.anyio
BY_PERIOD = ("timeline", "countries", "cities")
# So many in `make test-all`, and in the soak; in `make test` two small ones.
IN_THE_SUITE, IN_ALL = 8, 50
# Worlds that once found something: an item whose only event was taken back, taken for a window
# that is cut (36, 43) or derived without a word (23).
FOUND_SOMETHING = {23, 36, 43}
SMALL = {23, 36}


def _numbers() -> list[object]:
    suite = {*range(IN_THE_SUITE), *FOUND_SOMETHING}
    return few_of(
        [
            number if number in suite else pytest.param(number, marks=pytest.mark.slow)
            for number in range(IN_ALL)
        ],
        *SMALL,
    )


@pytest.mark.parametrize("has_quirks", [False, True], ids=["documented", "quirks"])
@pytest.mark.parametrize("number", _numbers())
async def test_runs_a_month_apart_have_what_asking_everything_anew_has(
    tmp_path: Path, number: int, *, has_quirks: bool
) -> None:
    """Row for row; and `verify` finds nothing."""
    chosen = late_world(number, has_quirks=has_quirks)
    everything = with_planner(chosen.spec, skip_unneeded=False)
    async with sides(tmp_path, chosen.config, chosen.spec) as both:
        for day in chosen.days:
            try:
                both.thrifty.plan(day)
            except SpecError:
                pytest.skip("the dice made a job that the spec refuses")
            # Whoever asks everything keeps no past that could be wrong.
            both.all_asked = side(tmp_path / f"{day}", both.all_asked.simulator, everything)
            _, needed = await both.run(day)
            assert unaccounted(both.thrifty, f"{day}.1", needed) == []
            both.assert_same(BY_PERIOD)
            totals = both.thrifty.facts("totals")
            assert [each for each in totals if day in each] == both.all_asked.facts("totals")
        # What was restated is no contradiction: nothing lacks, nothing is counted twice.
        assert wrong(both.thrifty, may_contradict_itself=False) == []
