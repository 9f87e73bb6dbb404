"""The concepts that have a registry: where their classes lie, and where a file writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import (
    activations,
    callbacks,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    regularizers,
    schedules,
)
from ..config.writer import flow
from ..data import datasets, transforms
from ..registry import Configurable, Registry, canonical


@dataclass(frozen=True)
class Family:
    """One concept.

    namespace: the module that shows its classes. place: YAML around a component, which goes where `{}` is.
    """

    registry: Registry[Any]
    namespace: str
    place: str

    @property
    def concept(self) -> str:
        """What one of its classes is called: "layer"."""
        return self.registry.concept

    @property
    def plural(self) -> str:
        """What several are called, which is also the last part of the namespace: "layers"."""
        return self.namespace.rpartition(".")[2]

    @property
    def base(self) -> type[Configurable]:
        """The class that all of them derive from."""
        base: type[Configurable] = self.registry.base
        return base

    def python_name(self, cls: type) -> str:
        """How Python code names a class: where the namespace shows it, otherwise where it was defined."""
        known = cls.__module__.startswith("framework.")
        return f"{self.namespace if known else cls.__module__}.{cls.__qualname__}"

    def in_a_file(self, spec: Any) -> str:
        """The lines of YAML that name a component, given as plain data.

        >>> print(family("layer").in_a_file({"dense": {"units": 64}}))
        model:
          layers:
            - dense: {units: 64}
        """
        text = flow(spec)
        if self.place.endswith("- {}") and isinstance(spec, dict):
            text = text[1:-1]  # an item of its own line needs no braces
        return self.place.replace("{}", text)


FAMILIES = (
    Family(layers.registry, "framework.layers", "model:\n  layers:\n    - {}"),
    Family(activations.registry, "framework.activations", "dense: {units: 64, activation: {}}"),
    Family(initializers.registry, "framework.initializers", "dense: {units: 64, kernel_initializer: {}}"),
    Family(regularizers.registry, "framework.regularizers", "dense: {units: 64, kernel_regularizer: {}}"),
    Family(constraints.registry, "framework.constraints", "dense: {units: 64, kernel_constraint: {}}"),
    Family(losses.registry, "framework.losses", "loss: {}"),
    Family(optimizers.registry, "framework.optimizers", "optimizer: {}"),
    Family(schedules.registry, "framework.schedules", "optimizer: {sgd: {learning_rate: {}}}"),
    Family(metrics.registry, "framework.metrics", "metrics:\n  - {}"),
    Family(callbacks.registry, "framework.callbacks", "callbacks:\n  - {}"),
    Family(datasets.registry, "framework.data.datasets", "data: {}"),
    Family(transforms.registry, "framework.data.transforms", "augment:\n  - {}"),
)


def family(name: str) -> Family | None:
    """The concept of this name, in the singular or the plural, alone or as a namespace; None for no concept.

    >>> family("framework.losses").concept, family("Loss").concept, family("adam")
    ('loss', 'loss', None)
    """
    wanted = canonical(name.removeprefix("framework.").removeprefix("data."))
    return next((f for f in FAMILIES if wanted in (canonical(f.concept), canonical(f.plural))), None)


def family_of(cls: type) -> Family | None:
    """The concept that a class belongs to by what it derives from."""
    return next((f for f in FAMILIES if issubclass(cls, f.base)), None)
