"""Names of parts and runs: read back, in order, and never given twice."""

from __future__ import annotations

from harvester.model.part_names import (
    FACES,
    PART_NAME,
    next_publish,
    next_run_number,
    part_name,
    run_of,
    run_order,
    sequence_of,
)


def test_numbers_grow_whatever_the_dice_show() -> None:
    first = next_publish(0, FACES - 1)
    second = next_publish(first, 0)
    assert 0 < first < second
    assert [sequence_of(each) for each in (first, second)] == [1, 2]


def test_the_numbers_of_older_folders_come_before_all_others() -> None:
    assert next_publish(99_999, 0) > 99_999
    assert sequence_of(7) == 7


def test_the_same_sequence_gets_another_number_with_other_dice() -> None:
    assert next_publish(7, 1) != next_publish(7, 2)


def test_names_of_parts_read_back() -> None:
    for number in (7, next_publish(0, 5), next_publish(10**9, FACES - 1)):
        name = part_name("2026-11-23.12", number)
        matched = PART_NAME.fullmatch(name)
        assert matched
        assert (matched[1], int(matched[2])) == ("2026-11-23.12", number)
        assert run_of(name) == "2026-11-23.12"
    assert run_of("2026-11-23.1.parquet") == "2026-11-23.1"
    assert run_of("0-schema.parquet") is None


def test_the_next_run_of_a_date_passes_the_greatest_not_the_number_of_them() -> None:
    assert next_run_number(set()) == 1
    assert next_run_number({"2026-11-23.1", "2026-11-23.10"}) == 11


def test_runs_stand_in_the_order_in_which_they_began() -> None:
    runs = ["2026-12-01.1", "2026-11-23.10", "2026-11-23.2"]
    assert sorted(runs, key=run_order) == ["2026-11-23.2", "2026-11-23.10", "2026-12-01.1"]
