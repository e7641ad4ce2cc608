"""From the path of a value to its line and column, and to the model that judges it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from harvester.spec.issue import Mistake, Path
from harvester.spec.jobspec import JobSpec
from harvester.spec.yaml_nodes import Node, YamlMapping, YamlScalar, YamlSequence

Place = tuple[str, ...]  # a path with `*` for every index and every kind


@dataclass(frozen=True, slots=True)
class Spot:
    """What stands at a path.

    Attributes:
        key: the key it stands under; None in a list and at the root.
        node: the value.
        is_exact: false when the path goes on below what the file has; then it is its parent.
    """

    key: YamlScalar | None
    node: Node
    is_exact: bool

    @property
    def scalar(self) -> YamlScalar | None:
        """The value when it is one word."""
        return self.node if isinstance(self.node, YamlScalar) else None

    def mistake(self, path: Path, sentence: str, *, at_key: bool = False) -> Mistake:
        """A mistake here: at the value, or at the key where asked or where the value is empty."""
        is_empty = isinstance(self.node, YamlScalar) and self.node.is_plain and not self.node.text
        anchor = self.key if self.key and (at_key or is_empty) else self.node
        return Mistake(anchor.line, anchor.column, path, sentence)


def spot(root: Node, path: Path) -> Spot:
    """Follow a path as far as the file goes."""
    key: YamlScalar | None = None
    node = root
    for step in path:
        if isinstance(node, YamlMapping) and step in node.entries:
            key, node = node.entries[str(step)]
        elif isinstance(node, YamlSequence) and isinstance(step, int) and step < len(node.items):
            key, node = None, node.items[step]
        else:
            return Spot(key, node, is_exact=False)
    return Spot(key, node, is_exact=True)


@cache
def models() -> dict[Place, type[BaseModel]]:
    """Every model of the spec by its place: `("dimensions", "*", "period")` -> Period."""
    found: dict[Place, type[BaseModel]] = {}
    _collect(JobSpec, (), found)
    return found


def model_at(path: Path) -> type[BaseModel] | None:
    """The model that owns the keys of the mapping at a path."""
    for place, model in models().items():
        if len(place) == len(path) and all(
            wanted in ("*", step) for wanted, step in zip(place, path, strict=True)
        ):
            return model
    return None


def _collect(model: type[BaseModel], place: Place, found: dict[Place, type[BaseModel]]) -> None:
    found[place] = model
    for name, field in model.model_fields.items():
        for inner, steps in _inside(field.annotation):
            _collect(inner, (*place, name, *steps), found)


def _inside(annotation: Any) -> list[tuple[type[BaseModel], Place]]:
    """The models that an annotation holds, with the steps from the field to each."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [(annotation, ())]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _inside(arguments[0])
    steps: Place = () if origin in {Union, UnionType} else ("*",)
    return [(inner, (*steps, *more)) for argument in arguments for inner, more in _inside(argument)]
