"""The schema is the constructors' signatures: type hints become kinds of values.

What a hint says that is not understood here accepts anything; the constructor then has the last word.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import inspect
import os
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from ..registry import Configurable, Registry
from .components import Argument, Component, Section
from .compounds import ListOf, MappingOf, OneOf
from .kinds import Anything, Boolean, Choice, Integer, Kind, Null, Number, PythonOnly, Text

_SIMPLE: dict[Any, Kind] = {
    bool: Boolean(),
    int: Integer(),
    float: Number(),
    str: Text(),
    None: Null(),
    type(None): Null(),
    list: ListOf(Anything()),
    tuple: ListOf(Anything()),
    dict: MappingOf(Anything(), Anything()),
}


def arguments_of(cls: type) -> Mapping[str, Argument]:
    """The arguments that a file may give to a class, in the order of its constructor.

    >>> class Blur(Configurable):
    ...     def __init__(self, radius: float, edges: Literal["wrap", "zero"] = "zero"):
    ...         self.radius, self.edges = radius, edges
    >>> {name: argument.kind.words for name, argument in arguments_of(Blur).items()}
    {'radius': 'a number', 'edges': "'wrap' or 'zero'"}
    """
    hints = _hints(cls)
    arguments = {}
    for name, parameter in _parameters(cls).items():
        kind = kind_of(hints.get(name, parameter.annotation))
        if parameter.default is None:
            kind = OneOf((kind, Null()))
        arguments[name] = Argument(kind, required=parameter.default is parameter.empty)
    return arguments


def _parameters(cls: type) -> Mapping[str, inspect.Parameter]:
    return cls.signature() if issubclass(cls, Configurable) else inspect.signature(cls).parameters


def _hints(cls: type) -> Mapping[str, Any]:
    try:
        return get_type_hints(cls.__init__, include_extras=True)  # type: ignore[misc]
    except (NameError, TypeError, AttributeError):  # names that exist for type checkers only
        return {}


def kind_of(annotation: Any) -> Kind:
    """The kind of values that a type hint asks for.

    >>> kind_of(int | tuple[int, int]).words
    'an integer or a list of 2: an integer, an integer'
    """
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        registry = next((extra for extra in parts[1:] if isinstance(extra, Registry)), None)
        return kind_of(parts[0]) if registry is None else Component(registry, arguments_of)
    if annotation in _SIMPLE:
        return _SIMPLE[annotation]
    if origin in (Union, types.UnionType):
        # First come, first served: an integer stays one where floats are welcome, too.
        return OneOf(sorted((kind_of(part) for part in parts), key=lambda kind: type(kind) is not Integer))
    if origin is Literal:
        return Choice(parts)
    if origin is collections.abc.Callable:
        return PythonOnly()
    if isinstance(annotation, type):
        return _kind_of_class(annotation)
    if isinstance(origin, type):
        return _kind_of_container(origin, parts)
    return Anything()


def _kind_of_class(cls: type) -> Kind:
    if dataclasses.is_dataclass(cls):
        return Section(cls, arguments_of)
    if issubclass(cls, os.PathLike):
        return Text()
    return _kind_of_container(cls, ())


def _kind_of_container(cls: type, parts: tuple[Any, ...]) -> Kind:
    if issubclass(cls, collections.abc.Mapping):
        keys, values = parts or (Any, Any)
        return MappingOf(kind_of(keys), kind_of(values))
    if issubclass(cls, tuple) and parts and parts[-1] is not Ellipsis:
        return ListOf([kind_of(part) for part in parts])
    if issubclass(cls, collections.abc.Iterable) and not issubclass(cls, bytes):
        return ListOf(kind_of(parts[0]) if parts else Anything())
    return Anything()
