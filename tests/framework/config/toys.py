"""A small family of components on which the schema is tried out, and a way to check a value against a type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from framework.config.errors import Problems, Source
from framework.config.kinds import Kind
from framework.config.reader import read
from framework.config.schema import kind_of
from framework.registry import ArgumentError, Configurable, Registry


class Shape(Configurable):
    """The base of the toys."""


shapes: Registry[Shape] = Registry("shape", Shape)
ShapeSpec = Annotated[str | Mapping[str, Any] | Shape, shapes]


@shapes.register
class Circle(Shape):
    def __init__(self, radius: float, colour: Literal["red", "blue"] = "red", name: str | None = None) -> None:
        if radius <= 0:
            raise ArgumentError(f"Circle: radius must be positive, got {radius}", "radius")
        if radius > 1000:
            raise ValueError("Circle: this is too large")
        self.radius = radius
        self.colour = colour
        self.name = name


@shapes.register
class Dot(Shape):
    pass


@shapes.register
class Group(Shape):
    def __init__(self, members: Sequence[ShapeSpec] = (), frame: ShapeSpec | None = None) -> None:
        self.members = members
        self.frame = frame


@shapes.register
class Picture(Shape):
    def __init__(self, scale: float | ShapeSpec = 1.0, on_draw: Callable[[], None] | None = None) -> None:
        self.scale = scale
        self.on_draw = on_draw


def examine(kind: Kind, text: str) -> tuple[Any, list[str]]:
    """The value of a YAML text as this kind, and the problems as `line:column message`."""
    problems = Problems()
    value = kind.check(read(Source("a.yaml", text), problems), "it", problems)
    return value, [f"{p.line}:{p.column} {p.message}" for p in problems.error().problems]


def check(annotation: Any, text: str) -> tuple[Any, list[str]]:
    """`examine` for the kind that a type hint asks for."""
    return examine(kind_of(annotation), text)


def complaint(annotation: Any, text: str) -> str:
    """The one problem that a text has as this type, or as this kind."""
    _, [problem] = examine(annotation, text) if isinstance(annotation, Kind) else check(annotation, text)
    return problem
