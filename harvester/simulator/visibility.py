"""What of an item's events the service shows: to whom, on which day, restated or late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from harvester.simulator.config import Restatement, SimulatorConfig
from harvester.simulator.events import Events, until
from harvester.simulator.limits import COUNTERS, KINDS
from harvester.simulator.seeded import Salt, mix, quick
from harvester.simulator.series import Series, series_from
from harvester.simulator.world import Item

_STEPS = 1 << 31  # `quick` gives 31 bits


def seen(
    config: SimulatorConfig,
    item: Item,
    events: Events,
    question: tuple[str | None, str],
    restatements: Sequence[Restatement],
) -> Series:
    """The series of an item for a (scope, counter), as of `config.today`.

    The institution's numbers are the public ones with one day in eleven missing and every
    tenth event of a busy day: lower, as they are in reality, but not by a fixed factor.
    """
    scope, counter = question
    today = config.today.toordinal()
    days, counts = until(events, today)
    salt = mix(config.seed, Salt.SCOPE, KINDS.index(item.kind), item.id, COUNTERS.index(counter))
    if scope is not None:
        counts = [
            0 if quick(day, salt) % 11 == 0 else count - count // 10
            for day, count in zip(days, counts, strict=True)
        ]
        days, counts = _shifted(days, counts, config.quirks.scope_shift_days, today)
    for restatement in restatements:
        days, counts = _restated(days, counts, restatement, config.today)
    return series_from(days, _shown(config, days, counts, salt))


def _shifted(
    days: list[int], counts: list[int], shift: int, today: int
) -> tuple[list[int], list[int]]:
    if not shift:
        return days, counts
    kept = [(day + shift, n) for day, n in zip(days, counts, strict=True) if day + shift <= today]
    return [day for day, _ in kept], [n for _, n in kept]


def _restated(
    days: list[int], counts: list[int], restatement: Restatement, today: date
) -> tuple[list[int], list[int]]:
    if not restatement.from_day <= today or restatement.day > today:
        return days, counts
    tally = dict(zip(days, counts, strict=True))
    day = restatement.day.toordinal()
    tally[day] = int(tally.get(day, 0) * restatement.factor) + restatement.plus
    return sorted(tally), [tally[one] for one in sorted(tally)]


def _shown(config: SimulatorConfig, days: list[int], counts: list[int], salt: int) -> list[int]:
    """Counts less what is late on the youngest days, and half of today."""
    today = config.today.toordinal()
    oldest = today - config.late_days if config.late_days else today
    shown = list(counts)
    for place in range(len(days) - 1, -1, -1):
        if days[place] < oldest:
            break
        count = shown[place]
        if config.late_days:
            luck = quick(days[place], salt ^ Salt.LATE) / _STEPS
            count -= int(count * config.late_share + luck)
        # Rounded up, so that an item whose first event is today has one.
        shown[place] = (count + 1) // 2 if days[place] == today else count
    return shown
