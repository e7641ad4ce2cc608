"""Named points of the commit protocol where a test may kill the process.

In production they do nothing: the environment variable is not set.
"""

from __future__ import annotations

import os
import signal

_VARIABLE = "HARVESTER_CRASH_AT"


def crash_point(name: str) -> None:
    """Die here by SIGKILL if a test asks for this point."""
    if os.environ.get(_VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
