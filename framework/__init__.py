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
    from .divergence import DivergenceError
    from .threads import get_threads, set_threads

from_yaml = Sequential.from_yaml
model_from_json = Sequential.from_json

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

_HOME = {
    "DivergenceError": "divergence",
    "load_model": "checkpoint",
    "get_threads": "threads",
    "set_threads": "threads",
}

_ELSEWHERE = {
    "Layer": "it is framework.layers.Layer",
    "Loss": "it is framework.losses.Loss",
    "Metric": "it is framework.metrics.Metric",
    "Optimizer": "it is framework.optimizers.Optimizer",
    "Model": "models are stacks of layers: framework.Sequential, with framework.layers.Residual for ways around",
    "models": "write framework.Sequential and framework.load_model",
    "saving": "write model.save and framework.load_model",
    "utils": "seeds are given to models, Sequential(..., seed=1), and one-hot rows are np.eye(classes)[y]",
    "random": "seeds are given to models: Sequential(..., seed=1)",
    "backend": "arrays are those of NumPy",
    "ops": "arrays are those of NumPy, and so are their functions",
}
"""Where what Keras has at its top is found, or what takes its place."""


def __getattr__(name: str) -> Any:
    # What a program may not need is imported when it is first asked for: `import framework` stays light.
    if name in _ON_FIRST_USE:
        return import_module(f"{__name__}.{name}")
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    hint = f"; {_ELSEWHERE[name]}" if name in _ELSEWHERE else ""
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}")


def __dir__() -> list[str]:
    return __all__


__all__ = [
    "DivergenceError",
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
    "from_yaml",
    "get_threads",
    "initializers",
    "inspection",
    "layers",
    "load_model",
    "losses",
    "metrics",
    "model_from_json",
    "optimizers",
    "plotting",
    "regularizers",
    "schedules",
    "set_threads",
    "testing",
]
