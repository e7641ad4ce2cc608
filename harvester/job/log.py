"""What happened to a job, a line each, for whoever asks months later."""

from __future__ import annotations

import os
from pathlib import Path

from harvester.clock import Clock
from harvester.store.folder import output_errors_named


class Log:
    """`_harvest/harvest.log`: begun, published, paused, ended; no credential ever."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def say(self, sentence: str) -> None:
        """Append one line with the moment in UTC."""
        at = self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        with output_errors_named(self._path):
            # Never through a link, whenever it was put there.
            how = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(self._path, how, 0o600), "a", encoding="utf-8") as file:
                file.write(f"{at} {sentence}\n")
