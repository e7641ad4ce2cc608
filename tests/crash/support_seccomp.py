"""Linux's seccomp, as far as the tests need it: system calls of a child are decided by us.

The child asks the kernel to hold some of its calls (`seccomp(2)`, user notification, Linux 5.5);
whoever has the listener lets each go on, has it fail with an errno, or kills the child instead.
So SQLite, Arrow and Python meet real errors of a real kernel, and nothing of ours is patched
or knows of it.
"""

from __future__ import annotations

import ctypes
import fcntl
import platform
import struct
from contextlib import suppress
from dataclasses import dataclass

# arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h
_X86 = {
    "write": 1, "pwrite64": 18, "writev": 20, "fsync": 74, "fdatasync": 75, "ftruncate": 77,
    "rename": 82, "mkdir": 83, "mkdirat": 258, "renameat": 264, "renameat2": 316, "openat": 257,
}  # fmt: skip
_ARM = {
    "write": 64, "pwrite64": 68, "writev": 66, "fsync": 82, "fdatasync": 83, "ftruncate": 46,
    "mkdirat": 34, "renameat": 38, "renameat2": 276, "openat": 56,
}  # fmt: skip
NUMBERS = {"x86_64": _X86, "aarch64": _ARM}.get(platform.machine(), {})
NAMES = {number: name for name, number in NUMBERS.items()}
_SECCOMP = {"x86_64": 317, "aarch64": 277}.get(platform.machine(), 0)

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _NEW_LISTENER = 1, 1 << 3
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_RECEIVE, _SEND, _IS_VALID = 0xC0502100, 0xC0182101, 0x40082102
_GO_ON = 1
# struct seccomp_notif: id, pid, flags, then seccomp_data: nr, arch, ip, six arguments.
_HELD = struct.Struct("<QII iIQ 6Q")
_ANSWER = struct.Struct("<QqiI")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


@dataclass(frozen=True, slots=True)
class Held:
    """A call that waits for us, in the thread `thread` of the child."""

    number: int
    thread: int
    name: str
    arguments: tuple[int, ...]


def hold_calls(names: tuple[str, ...]) -> int:
    """Have the kernel hold these calls of this process and its heirs; returns the listener.

    Raises:
        OSError: the kernel does not do that here.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = [NUMBERS[name] for name in names if name in NUMBERS]
    if not numbers or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no seccomp here")
    lines = [struct.pack("<HBBI", _LOAD, 0, 0, 0)]
    for place, number in enumerate(numbers):
        # A hit jumps over the other comparisons and the first return.
        lines.append(struct.pack("<HBBI", _EQUAL, len(numbers) - place, 0, number))
    lines += [struct.pack("<HBBI", _RETURN, 0, 0, verdict) for verdict in (_ALLOW, _NOTIFY)]
    program = _Program(len(lines), b"".join(lines))
    listener: int = libc.syscall(_SECCOMP, _SET_MODE_FILTER, _NEW_LISTENER, ctypes.byref(program))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "no seccomp here")
    return listener


def receive(listener: int) -> Held | None:
    """The next call that is held; None: its thread was killed meanwhile."""
    held = bytearray(_HELD.size)
    try:
        fcntl.ioctl(listener, _RECEIVE, held)
    except FileNotFoundError:
        return None
    number, thread, _, call, _, _, *arguments = _HELD.unpack(held)
    return Held(number, thread, NAMES[call], tuple(arguments))


def answer(listener: int, held: Held, error: int) -> None:
    """Let a call go on (0), or fail with this errno."""
    reply = _ANSWER.pack(held.number, 0, -error, 0 if error else _GO_ON)
    # Its thread may have been killed while it waited.
    with suppress(FileNotFoundError):
        fcntl.ioctl(listener, _SEND, reply)
