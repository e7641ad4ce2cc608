"""Error answers, word for word as documented; what is not documented is spelled alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvester.simulator.call import Answer, json_answer


class ProblemError(Exception):
    """An answer that is an error, raised where it is noticed."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def problem(status: int, code: str, message: str, details: Any = None) -> Answer:
    """An error of the statistics host."""
    return json_answer({"data": details, "code": code, "message": message}, status)


def forbidden() -> Answer:
    """Credentials are missing or wrong: 403, not 401."""
    return problem(403, "Forbidden", "Unauthorized request")


def not_found() -> Answer:
    """No such endpoint; an unknown item is no error."""
    return problem(404, "NotFound", "Endpoint not found")


def invalid(parameter: str, extra: str) -> ProblemError:
    """A parameter has a value that is not supported."""
    details = {"extra": extra, "invalid_params": parameter}
    return ProblemError(
        problem(400, "InvalidParams", f"Invalid or unsupported params: {parameter}", details)
    )


def missing(parameter: str, path: str, parameters: Mapping[str, str]) -> ProblemError:
    """A parameter is not there, and another one needs it."""
    details = {
        "missing_params": parameter,
        "parameters": dict(sorted(parameters.items())),
        "path": path,
    }
    return ProblemError(
        problem(400, "MissingParams", f"Missing required params: {parameter}", details)
    )
