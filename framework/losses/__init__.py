"""Losses; `register` makes a loss of your own known by name."""

from .base import Loss, LossSpec, get, registry
from .binary import BinaryCrossentropy
from .categorical import CategoricalCrossentropy
from .crossentropy import Crossentropy
from .divergence import KLDivergence, Poisson
from .focal import BinaryFocalCrossentropy, CategoricalFocalCrossentropy
from .generalized import CategoricalGeneralizedCrossEntropy
from .hinge import CategoricalHinge, Hinge, SquaredHinge
from .overlap import Dice, Tversky
from .regression import (
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
)
from .similarity import CosineSimilarity
from .sparse import SparseCategoricalCrossentropy

register = registry.register

__all__ = [
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Crossentropy",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossSpec",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "get",
    "register",
    "registry",
]
