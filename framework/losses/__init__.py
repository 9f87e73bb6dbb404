"""Losses; `register` makes a loss of your own known by name."""

from .base import Loss, LossSpec, registry
from .classification import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy
from .regression import MeanAbsoluteError, MeanSquaredError

register = registry.register
get = registry.create

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "LossSpec",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "get",
    "register",
    "registry",
]
