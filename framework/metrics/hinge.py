"""Metrics for margins: the means of the losses of the same names."""

from __future__ import annotations

from .. import losses
from .base import registry
from .means import LossMetric


@registry.register
class Hinge(LossMetric):
    """mean(max(0, 1 - y p)) for targets that are -1 or 1; targets of 0 and 1 are taken as these.

    Shapes: (batch, ..., d) both.

    >>> Hinge()([[1.0, -1.0]], [[0.5, 0.5]])
    1.0
    """

    def __init__(self, name: str | None = "hinge") -> None:
        self.name = name
        self.loss = losses.Hinge()


@registry.register
class SquaredHinge(LossMetric):
    """mean(max(0, 1 - y p)²) for targets that are -1 or 1; targets of 0 and 1 are taken as these.

    Shapes: (batch, ..., d) both.

    >>> SquaredHinge()([[1.0, -1.0]], [[0.5, 0.5]])
    1.25
    """

    def __init__(self, name: str | None = "squared_hinge") -> None:
        self.name = name
        self.loss = losses.SquaredHinge()


@registry.register
class CategoricalHinge(LossMetric):
    """max(0, 1 + the largest prediction of a wrong class - that of the right one) for one-hot targets.

    Shapes: (batch, ..., classes) both.

    >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]])
    0.5
    """

    def __init__(self, name: str | None = "categorical_hinge") -> None:
        self.name = name
        self.loss = losses.CategoricalHinge()
