"""A command in a terminal of a certain width, and what its reader has seen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Sequence
from pathlib import Path

_SPECIAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+|\x1b")


class Terminal:
    """A pseudo terminal that one command writes into, with both its outputs."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: dict[str, str], columns: int
    ) -> None:
        self._ours, theirs = pty.openpty()
        size = struct.pack("HHHH", 40, columns, 0, 0)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
        gone = {"NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR"} - set(environment)
        inherited = {name: value for name, value in os.environ.items() if name not in gone}
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs,
            env={**inherited, "TERM": "xterm-256color", **environment},
        )  # fmt: skip
        os.close(theirs)

    def to_the_end(self) -> tuple[int, str]:
        """The exit code, and everything that was written, escapes included."""
        told = bytearray()
        while True:
            try:
                some = os.read(self._ours, 65_536)
            except OSError:  # Linux tells the end of a terminal so
                break
            if not some:
                break
            told += some
        os.close(self._ours)
        return self._process.wait(60), told.decode()


class Screen:
    """The lines of a terminal, understanding what a live display needs.

    Attributes:
        frames: the screen as it stood whenever a line was about to be wiped.
    """

    def __init__(self, columns: int) -> None:
        self.lines = [""]
        self.frames: list[list[str]] = []
        self._columns = columns
        self._row = self._column = 0

    def take(self, piece: str) -> None:
        """Text, or one thing that steers: down, back, up, wipe a line, colours, the cursor."""
        if piece == "\n":
            self._down()
        elif piece == "\r":
            self._column = 0
        elif not piece.startswith("\x1b"):
            self._write(piece)
        elif piece == "\x1b[2K":
            if self.lines[self._row]:
                self.frames.append(list(self.lines))
            self.lines[self._row] = ""
        elif up := re.fullmatch(r"\x1b\[(\d*)A", piece):
            self._row -= int(up[1] or 1)
        else:
            assert re.fullmatch(r"\x1b\[(\?25[lh]|[0-9;]*m)", piece), f"steers: {piece!r}"

    def _write(self, text: str) -> None:
        for character in text:
            if self._column == self._columns:
                self._down()
                self._column = 0
            line, at = self.lines[self._row], self._column
            self.lines[self._row] = line[:at].ljust(at) + character + line[at + 1 :]
            self._column += 1

    def _down(self) -> None:
        self._row += 1
        if self._row == len(self.lines):
            self.lines.append("")


def frames(told: str, columns: int) -> list[list[str]]:
    """Every frame that was wiped, and at last what remained."""
    screen = Screen(columns)
    for piece in _SPECIAL.findall(told):
        screen.take(piece)
    return [*screen.frames, screen.lines]
