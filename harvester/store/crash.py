"""Named points of the commit protocol where a test may kill the process.

In production they do nothing: the environment variable is not set.
"""

from __future__ import annotations

import os
import signal

from harvester.model.part_names import sequence_of

_VARIABLE = "HARVESTER_CRASH_AT"


def crash_point(name: str, publish: int) -> None:
    """Die here by SIGKILL if a test asks for this point.

    Args:
        publish: the number of the publish under way. A test asks for `decided`, or with
            `decided:7` for the first time that the seventh publish or a later one passes it.
    """
    asked, _, least = os.environ.get(_VARIABLE, "").partition(":")
    if asked == name and sequence_of(publish) >= int(least or 0):
        os.kill(os.getpid(), signal.SIGKILL)
