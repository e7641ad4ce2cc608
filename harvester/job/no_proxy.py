"""NO_PROXY: which hosts are asked without a proxy. Pure."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

_ENTRY = re.compile(r"[^\s,]+")
_WITH_PORT = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:\[\]]+):(?P<port>[0-9]+)")


def exempted_by(host: str, port: int, no_proxy: str) -> str | None:
    """The entry of NO_PROXY that exempts a host; None: none does.

    As curl reads it: entries with commas or spaces between; `example.org` and `.example.org` are
    that host and all below it; `*` is every host; an address is itself, with `/24` its network.
    No name is looked up, so a network exempts hosts that are written as addresses only. Beyond
    curl, as other programs have it: `HOST:PORT` for one port alone, and `*.example.org`.
    """
    name = host.lower().rstrip(".")
    entries: list[str] = _ENTRY.findall(no_proxy)
    return next((each for each in entries if _matches(each, name, port)), None)


def _matches(entry: str, name: str, port: int) -> bool:
    if entry == "*":
        return True
    if found := _WITH_PORT.fullmatch(entry):
        if int(found["port"]) != port:
            return False
        entry = found["host"]
    entry = entry.strip("[]")
    try:
        address = ip_address(name)
    except ValueError:
        suffix = entry.lower().removeprefix("*.").removeprefix(".").rstrip(".")
        return bool(suffix) and (name == suffix or name.endswith(f".{suffix}"))
    try:
        return address in ip_network(entry, strict=False)
    except ValueError:
        return False
