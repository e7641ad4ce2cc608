"""Run in a child: hand the listener to the parent, then become the command."""

from __future__ import annotations

import os
import socket
import sys

from tests.crash.support_seccomp import hold_calls

HELD = ("write", "pwrite64", "writev", "fsync", "fdatasync", "rename", "renameat", "renameat2")

if __name__ == "__main__":
    link = socket.socket(fileno=int(sys.argv[1]))
    link.set_inheritable(False)
    socket.send_fds(link, [b"!"], [hold_calls(HELD)])
    link.recv(1)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606  # our own command line
