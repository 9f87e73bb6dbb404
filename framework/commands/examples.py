"""How a class might be written, with its required arguments, or else with the first of its defaults."""

from __future__ import annotations

from typing import Any

from ..config.components import Component
from ..config.compounds import ListOf, OneOf
from ..config.kinds import Choice, Integer, Kind, Null, Number, PythonOnly
from ..config.schema import arguments_of
from ..registry import Configurable, plain

TYPICAL: dict[str, Any] = {
    "units": 64,
    "filters": 32,
    "kernel_size": 3,
    "rate": 0.5,
    "n": 3,
    "target_shape": [-1],
    "dims": [2, 1],
    "input_dim": 1000,
    "output_dim": 64,
    "initial_learning_rate": 0.1,
    "decay_steps": 1000,
    "decay_rate": 0.96,
    "boundaries": [1000, 2000],
    "values": [0.1, 0.01, 0.001],
    "filename": "history.csv",
    "filepath": "best.json",
    "num_classes": 10,
    "max_learning_rate": 0.1,
    "total_steps": 1000,
    "layers": [{"dense": 64}, "relu"],
}
"""What people give for arguments that must be given."""

SHOWN_DEFAULTS = 2


def example(cls: type[Configurable]) -> tuple[Any, str]:
    """A class as plain data in the grammar of files, and the arguments of its call in Python.

    >>> from framework.layers import Dense
    >>> example(Dense)
    ({'dense': {'units': 64}}, 'units=64')
    """
    arguments = _required(cls) or _defaults(cls)
    if not _fits(cls, arguments):
        arguments = _required(cls)
    call = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return ({cls.registered_name: arguments} if arguments else cls.registered_name), call


def _required(cls: type[Configurable]) -> dict[str, Any]:
    needed = {name: argument for name, argument in arguments_of(cls).items() if argument.required}
    return {name: TYPICAL.get(name, _sample(argument.kind)) for name, argument in needed.items()}


def _defaults(cls: type[Configurable]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, parameter in cls.signature().items():
        if parameter.default is not None and name not in ("name", "trainable") and len(found) < SHOWN_DEFAULTS:
            try:
                found[name] = plain(parameter.default)
            except TypeError:
                continue
    return found


def _fits(cls: type[Configurable], arguments: dict[str, Any]) -> bool:
    try:
        cls.from_config(arguments)
    except Exception:  # whatever a constructor says to arguments that were only guessed
        return False
    return True


def _sample(kind: Kind) -> Any:
    """Some value of a kind."""
    match kind:
        case OneOf():
            return _sample(next((k for k in kind.kinds if not isinstance(k, Null | PythonOnly)), Null()))
        case Integer():
            return 2
        case Number():
            return 0.1
        case Choice():
            return kind.values[0]
        case ListOf():
            return [_sample(kind.items)] if isinstance(kind.items, Kind) else [_sample(item) for item in kind.items]
        case Component():
            return next(iter(kind.registry), "…")
    return "…"
