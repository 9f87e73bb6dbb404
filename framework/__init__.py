"""A Keras-like mini deep-learning framework on NumPy alone.

>>> import framework
>>> model = framework.Sequential([framework.Input((784,)), framework.layers.Dense(10, activation="softmax")])
>>> model.count_params()
7850
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import activations, constraints, initializers, layers, regularizers
from .layers import Input
from .parameters import Parameter, ParameterVector
from .sequential import Sequential
from .version import __version__

if TYPE_CHECKING:
    from . import (
        callbacks,
        checkpoint,
        config,
        data,
        inspection,
        losses,
        metrics,
        optimizers,
        plotting,
        schedules,
        testing,
    )
    from .checkpoint import load_model

from_yaml = Sequential.from_yaml
from_json = Sequential.from_json

_ON_FIRST_USE = (
    "callbacks",
    "checkpoint",
    "config",
    "data",
    "inspection",
    "losses",
    "metrics",
    "optimizers",
    "plotting",
    "schedules",
    "testing",
)


def __getattr__(name: str) -> Any:
    # What a program may not need is imported when it is first asked for: `import framework` stays light.
    if name in _ON_FIRST_USE:
        return import_module(f"{__name__}.{name}")
    if name == "load_model":
        return import_module(f"{__name__}.checkpoint").load_model
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__


__all__ = [
    "Input",
    "Parameter",
    "ParameterVector",
    "Sequential",
    "__version__",
    "activations",
    "callbacks",
    "checkpoint",
    "config",
    "constraints",
    "data",
    "from_json",
    "from_yaml",
    "initializers",
    "inspection",
    "layers",
    "load_model",
    "losses",
    "metrics",
    "optimizers",
    "plotting",
    "regularizers",
    "schedules",
    "testing",
]
