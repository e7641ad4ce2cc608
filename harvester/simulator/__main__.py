"""`python -m harvester.simulator`: serve, print the URL on one line, stop when told to."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from harvester.simulator.config import SimulatorConfig
from harvester.simulator.server import serving


async def _serve(arguments: argparse.Namespace) -> None:
    plain = json.loads(arguments.config.read_text(encoding="utf-8")) if arguments.config else {}
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    async with serving(
        SimulatorConfig.from_json(plain),
        host=arguments.host,
        port=arguments.port,
        history_path=arguments.history,
        replay_path=arguments.replay,
    ) as simulator:
        sys.stdout.write(f"{simulator.url}\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m harvester.simulator", description=__doc__)
    parser.add_argument("--config", type=Path, help="a JSON file; without it all defaults")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--history", type=Path, help="append every request to this file")
    parser.add_argument("--replay", type=Path, help="answer from recorded responses")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
