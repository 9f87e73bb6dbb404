"""Metrics; `register` makes a metric of your own known by name."""

from .base import Mean, MeanMetric, Metric, MetricSpec, registry
from .classification import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    ConfusionMatrix,
    SparseCategoricalAccuracy,
)
from .regression import MeanAbsoluteError, MeanSquaredError

register = registry.register
get = registry.create

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "ConfusionMatrix",
    "Mean",
    "MeanAbsoluteError",
    "MeanMetric",
    "MeanSquaredError",
    "Metric",
    "MetricSpec",
    "SparseCategoricalAccuracy",
    "get",
    "register",
    "registry",
]
