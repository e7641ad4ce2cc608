"""The simulator's own interface beside the simulated one, for tests in other processes.

`GET /_simulator/history[?after=N]` · `GET /_simulator/config` · `PATCH /_simulator/config` (some
keys of the config's JSON) · `POST /_simulator/reset`. None of it is in the history.
"""

from __future__ import annotations

import json
from typing import Any, Final, Protocol

from harvester.simulator.call import Answer, Call, json_answer
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.history import History

PREFIX: Final = "/_simulator/"


class Controlled(Protocol):
    """What the control interface needs of a simulator."""

    history: History

    @property
    def config(self) -> SimulatorConfig:
        """The config it runs with now."""

    def reconfigure(self, config: SimulatorConfig) -> None:
        """Go on with another config."""

    def reset(self) -> None:
        """Forget the history, and what the faults have counted."""


def control(simulator: Controlled, call: Call) -> Answer:
    """Answer a request to the control interface."""
    action = (call.method, call.path.removeprefix(PREFIX))
    if action == ("GET", "history"):
        after = int(call.query.get("after", 0))
        history = simulator.history
        return json_answer({"refused": history.refused, "entries": history.to_json(after)})
    if action == ("POST", "reset"):
        simulator.reset()
        return json_answer({})
    if action == ("GET", "config"):
        return json_answer(simulator.config.to_json())
    if action == ("PATCH", "config"):
        return _patched(simulator, call)
    return json_answer({"message": "the control interface has no such path"}, 404)


def _patched(simulator: Controlled, call: Call) -> Answer:
    try:
        patch: Any = json.loads(call.body)
        if not isinstance(patch, dict):
            return json_answer({"message": "expected a JSON object"}, 400)
        simulator.reconfigure(simulator.config.patched(patch))
    except ValueError as error:
        return json_answer({"message": str(error)}, 400)
    return json_answer(simulator.config.to_json())
