"""`harvester simulate`: the simulated Figshare on loopback, until interrupted."""

from __future__ import annotations

import signal
import ssl
import sys
from argparse import Namespace
from dataclasses import replace
from datetime import UTC, datetime

import anyio
import orjson

from harvester.errors import OutputError, UsageError
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.server import serving


def run(arguments: Namespace) -> int:
    """Serve; the URL goes to stdout, on one line, as soon as it answers."""
    config, tls = _config(arguments), _certificate(arguments)
    if arguments.replay is not None and not arguments.replay.is_file():
        raise UsageError("there is no such file", where=str(arguments.replay), fix="name a file")
    return anyio.run(_serve, config, arguments, tls)


def _config(arguments: Namespace) -> SimulatorConfig:
    path = arguments.settings
    try:
        plain = orjson.loads(path.read_bytes()) if path else {}
        config = SimulatorConfig.from_json(plain)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(
            f"these are no settings of the simulator: {error}",
            where=str(path),
            fix='write a JSON object such as {"latency_seconds": 0.05}; see docs/simulator.md',
        ) from None
    if path is None or arguments.seed != 7 or arguments.articles != 300:
        config = replace(config, seed=arguments.seed, articles=arguments.articles)
    if arguments.today or path is None:
        config = replace(config, today=arguments.today or datetime.now(UTC).date())
    return config


def _certificate(arguments: Namespace) -> ssl.SSLContext | None:
    if arguments.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(arguments.certificate)
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(
            f"no certificate to serve with: {error.strerror or error}",
            where=str(arguments.certificate),
            fix="name a PEM file that holds a private key and its certificate",
        ) from None
    return context


async def _serve(config: SimulatorConfig, arguments: Namespace, tls: ssl.SSLContext | None) -> int:
    try:
        async with serving(
            config,
            port=arguments.port,
            history_path=arguments.history,
            replay_path=arguments.replay,
            tls=tls,
        ) as simulator:
            print(simulator.url, flush=True)
            _explain(simulator.url, config)
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
                async for _ in signals:
                    return 0
    except OSError as error:
        raise OutputError(
            f"it cannot be served: {error.strerror or error}",
            where=f"port {arguments.port}",
            fix="leave --port out to take a free one",
        ) from None
    return 0


def _explain(url: str, config: SimulatorConfig) -> None:
    print(
        f"the simulated Figshare (seed {config.seed}, {config.articles:,} articles, "
        f"institution {config.institution}, date {config.today}); in a job spec:\n"
        f"  source: {{stats_url: '{url}', api_url: '{url}/v2'}}\n"
        "stop it with Ctrl-C",
        file=sys.stderr,
    )
