"""A disk that fails, or a machine that dies, at a chosen write, fsync, rename or commit."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import support_seccomp
from tests.support.command_line import Job

# Where a call has the old and the new name.
_RENAMES = {"rename": (0, 1), "renameat": (1, 3), "renameat2": (1, 3)}
_SYNCS = {"fsync", "fdatasync"}

_HOLD = (sys.executable, "-m", "tests.crash.support_hold")


@dataclass(frozen=True, slots=True)
class Step:
    """One effect on the job's folder.

    Attributes:
        kind: write, fsync, rename; commit: the ledger's write-ahead log is made durable.
        path: what is written, or renamed, below the folder.
        to: the new name of what is renamed.
    """

    kind: str
    path: str
    to: str = ""


# What a step comes to: 0, it goes on; an errno; or None: the process is killed in its place.
Decide = Callable[[Step], int | None]


@dataclass
class Disk:
    """Decides every step of one child on one folder, and remembers them."""

    root: Path
    decide: Decide
    steps: list[Step] = field(default_factory=list)
    was_killed: bool = False

    def call(self, job: Job, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command of ours on this disk, to its end."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            running = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.crash.support_hold",
                    str(theirs.fileno()),
                    *job.command(*words),
                ],
                cwd=job.folder,
                env={**job.environment, "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                pass_fds=[theirs.fileno()],
            )
            theirs.close()
            _, listeners, _, _ = socket.recv_fds(ours, 1, 1)
            ours.send(b"!")
        watch = threading.Thread(target=self._watch, args=(listeners[0], running))
        watch.start()
        out, err = running.communicate(timeout=120)
        watch.join()
        return subprocess.CompletedProcess(running.args, running.returncode, out, err)

    def _watch(self, listener: int, running: subprocess.Popen[str]) -> None:
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        try:
            while not any(event & select.POLLHUP for _, event in poll.poll()):
                held = support_seccomp.receive(listener)
                if held is not None:
                    self._judge(listener, held, running)
        finally:
            os.close(listener)

    def _judge(
        self, listener: int, held: support_seccomp.Held, running: subprocess.Popen[str]
    ) -> None:
        step = self._step(held)
        verdict: int | None = 0
        if step is not None:
            self.steps.append(step)
            verdict = self.decide(step)
        if verdict is None:
            self.was_killed = True
            running.send_signal(signal.SIGKILL)
            return
        support_seccomp.answer(listener, held, verdict)

    def _step(self, held: support_seccomp.Held) -> Step | None:
        try:
            if held.name in _RENAMES:
                old, new = (held.arguments[place] for place in _RENAMES[held.name])
                path, to = self._named(held.thread, old), self._named(held.thread, new)
            else:
                path = to = Path(f"/proc/{held.thread}/fd/{held.arguments[0]}").readlink()
        except OSError:
            return None
        if not path.is_relative_to(self.root):
            return None
        name = str(path.relative_to(self.root))
        if held.name in _RENAMES:
            return Step("rename", name, os.path.relpath(to, self.root))
        if held.name in _SYNCS:
            return Step("commit" if name.endswith("-wal") else "fsync", name)
        return Step("write", name)

    def _named(self, thread: int, address: int) -> Path:
        """A path in the child's memory, from its working directory."""
        with Path(f"/proc/{thread}/mem").open("rb", buffering=0) as memory:
            memory.seek(address)
            text = memory.read(1024).split(b"\0", 1)[0]
        return Path(f"/proc/{thread}/cwd").readlink() / os.fsdecode(text)


def healthy(_: Step) -> int | None:
    """Nothing goes wrong."""
    return 0


class Nth:
    """From the N-th step of a kind on, something goes wrong: once, or for ever."""

    def __init__(self, kind: str, number: int, error: int | None, *, lasts: bool = False) -> None:
        self._kind = kind
        self._number = number
        self._error = error
        self._lasts = lasts
        self._seen: Counter[str] = Counter()

    def __call__(self, step: Step) -> int | None:
        """Judge one step; kind `any` counts all of them."""
        if self._kind not in {"any", step.kind}:
            return 0
        self._seen[self._kind] += 1
        seen = self._seen[self._kind]
        return self._error if seen == self._number or (self._lasts and seen > self._number) else 0

    @property
    def happened(self) -> bool:
        """Whether it came to that."""
        return self._seen[self._kind] >= self._number
