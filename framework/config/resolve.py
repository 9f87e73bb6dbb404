"""Settings -> plain data with every default that matters written out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..callbacks import registry as callbacks
from ..data.datasets import registry as datasets
from ..data.transforms import registry as transforms
from ..layers import registry as layers
from ..losses import registry as losses
from ..optimizers import registry as optimizers
from ..registry import Configurable, Registry
from .settings import ModelSection, Settings

_UNINTERESTING = ("name", "trainable")
"""Arguments whose default goes without saying."""


def resolved(settings: Settings) -> dict[str, Any]:
    """The keys of the file in their usual order; what is null or empty is left out."""
    values = {
        "threads": settings.threads,
        "data": component(settings.data, datasets),
        "augment": components(settings.augment, transforms),
        "model": _model(settings.model),
        "loss": component(settings.loss, losses),
        "optimizer": component(settings.optimizer, optimizers),
        # A metric reports under the name by which it was asked for, so these stay as they were written.
        "metrics": list(settings.metrics),
        "weighted_metrics": list(settings.weighted_metrics),
        "train": _given(vars(settings.train)),
        "checkpoint": _given(vars(settings.checkpoint)),
        "callbacks": components(settings.callbacks, callbacks),
    }
    return {"seed": settings.seed, **_given(values)}  # a seed of null says that there is none


def _model(section: ModelSection) -> dict[str, Any]:
    values = vars(section) | {"layers": components(section.layers, layers)}
    return _given(values)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None and value not in ([], ())}


def components(specs: Sequence[Any], registry: Registry[Any]) -> list[Any]:
    """Each of these with all its arguments."""
    return [component(spec, registry) for spec in specs]


def component(spec: Any, registry: Registry[Any]) -> Any:
    """A component with all its arguments: those that were given and the defaults of the others.

    >>> component({"leaky_relu": 0.1}, layers), component("flatten", layers)
    ({'leaky_relu': {'negative_slope': 0.1}}, 'flatten')
    """
    if spec is None:
        return None
    instance = registry.create(spec)
    assert isinstance(instance, Configurable)
    try:
        arguments = instance.get_config()
    except TypeError:  # it holds something from Python
        return spec
    changed = instance.changed_arguments()
    shown = {
        name: value
        for name, value in arguments.items()
        if name in changed or not (value is None or name in _UNINTERESTING)
    }
    name = instance.registered_name
    return {name: shown} if shown else name
