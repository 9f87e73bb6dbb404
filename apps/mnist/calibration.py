"""How sure a model may be: temperature scaling, fitted on examples that it was not trained on, and what is amiss.

A network is often right less often than its probabilities claim. One number mends most of that without changing
any answer (C. Guo et al., "On Calibration of Modern Neural Networks", 2017): p^(1/T) / sum(p^(1/T)), where T > 1
makes the model less sure and T < 1 surer. It is softmax(z / T) of the logits z, for log p is z but for a constant.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy.typing import ArrayLike

from framework.arguments import is_number
from framework.parameters import Array

LOWEST, HIGHEST = 0.05, 20.0
"""Temperatures that occur; what lies outside is no calibration but a fault."""
LEAST = float(np.finfo(np.float32).smallest_subnormal)
"""What stands for a probability of 0, of which float32 only knows that it is smaller."""
BINS = 15
"""Into how many parts of equal width confidences from 0 to 1 are sorted, as the paper does."""
STEPS = 50
"""Halvings of the range of temperatures; it is then narrower than float64 can tell."""


def fit_temperature(probabilities: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> float:
    """The T from 0.05 to 20 with the least mean of -log(softmax(log(p) / T)[label]).

    probabilities: (n, classes). labels: (n,), the right class of each. weights: (n,), how much each counts in the
    mean; alike when None. Examples that were all read right say nothing of how often the model is wrong, and
    leave T at 1.

    Raises ValueError for other shapes, no examples, probabilities that are negative or not finite, labels that
    are no class numbers, and weights that are not all positive and finite.

    >>> sure = np.tile([0.9, 0.1], (4, 1))
    >>> round(fit_temperature(sure, [0, 0, 0, 1]), 3)  # right three times of four
    2.0
    """
    p, y = _checked(probabilities, labels)
    share = _shares(weights, len(y))
    if (p.argmax(axis=1) == y).all():
        return 1.0
    z = np.log(np.maximum(p, LEAST))
    z -= z.max(axis=1, keepdims=True)
    own = z[np.arange(len(y)), y] @ share

    def slope(inverse: float) -> float:
        """The derivative by 1/T, mean(E[z] - z[label]); it never falls, because the mean is convex in 1/T."""
        powers: Array = np.exp(inverse * z)
        return float(((powers * z).sum(axis=1) / powers.sum(axis=1)) @ share - own)

    low, high = LOWEST, HIGHEST
    for _ in range(STEPS):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if slope(1 / middle) < 0 else (middle, high)
    return min(max(math.sqrt(low * high), LOWEST), HIGHEST)


def with_temperature(probabilities: ArrayLike, temperature: float) -> Array:
    """p^(1/T) / sum(p^(1/T)) of each row, (n, classes) float64; the order within a row stays, and so does 0.

    What is not finite stays that way. Raises ValueError for another shape, and unless T is positive and finite.

    >>> with_temperature([[0.9, 0.1]], 2.0)
    array([[0.75, 0.25]])
    """
    p = np.asarray(probabilities, np.float64)
    if p.ndim != 2:
        raise ValueError(f"probabilities have shape {p.shape}: give (n, classes)")
    if not is_number(temperature, sys.float_info.min, sys.float_info.max):
        raise ValueError(f"temperature = {temperature!r}: give a positive number")
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(p)
        powers = np.exp((logs - logs.max(axis=1, keepdims=True)) / temperature)
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def reliability(probabilities: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> Array:
    """How often answers are right that are sure to the same degree: (15, 3), a row for each part of (0, 1].

    The columns are how many answers have their probability in that part, the mean of these probabilities, and the
    share of these answers that are right; both are 0 in a row without any. Arguments and errors are those of
    `fit_temperature`; with weights, their sum counts instead of the number.

    >>> reliability([[0.95, 0.05], [0.99, 0.01]], [0, 1])[-1]
    array([2.  , 0.97, 0.5 ])
    """
    p, y = _checked(probabilities, labels)
    share = None if weights is None else _shares(weights, len(y))
    confidence = p.max(axis=1)
    bins = np.clip(np.ceil(confidence * BINS).astype(np.intp) - 1, 0, BINS - 1)
    weight = np.ones(len(y)) if share is None else share * len(y)
    count, sure, right = (
        np.bincount(bins, weight * values, minlength=BINS) for values in (1.0, confidence, p.argmax(axis=1) == y)
    )
    some = np.where(count > 0, count, 1.0)
    return np.stack([count, sure / some, right / some], axis=1)


def expected_calibration_error(table: Array) -> float:
    """The mean of |share of right answers - probability| over the answers of a `reliability` table, in [0, 1].

    >>> expected_calibration_error(np.array([[90, 0.8, 0.9], [10, 0.5, 0.5]]))
    0.09
    """
    count, confidence, right = table.T
    return round(float((count * np.abs(right - confidence)).sum() / count.sum()), 12)


def mean_negative_log_likelihood(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """The mean of -log(p[label]); a probability of 0 counts as the least that float32 knows.

    Arguments and errors are those of `fit_temperature`.

    >>> mean_negative_log_likelihood([[0.5, 0.5]], [0]) == math.log(2)
    True
    """
    p, y = _checked(probabilities, labels)
    return float(-np.log(np.maximum(p[np.arange(len(y)), y], LEAST)).mean())


def _shares(weights: ArrayLike | None, n: int) -> Array:
    """The weights so that their sum is 1."""
    if weights is None:
        return np.full(n, 1 / n)
    w = np.asarray(weights, np.float64)
    if w.shape != (n,) or not (np.isfinite(w) & (w > 0)).all():
        raise ValueError(f"weights of shape {w.shape} must be {n} positive numbers, one for each example")
    return np.asarray(w / w.sum())


def _checked(probabilities: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    p, y = np.asarray(probabilities, np.float64), np.asarray(labels)
    if p.ndim != 2 or y.shape != p.shape[:1]:
        raise ValueError(f"probabilities have shape {p.shape} and labels {y.shape}: give (n, classes) and (n,)")
    if not p.size:
        raise ValueError("there are no examples to fit a temperature on: give some")
    if not (np.isfinite(p) & (p >= 0)).all():
        raise ValueError("probabilities are negative or not finite: give a model's, whose training did not fail")
    if y.dtype.kind not in "ui" or y.min() < 0 or y.max() >= p.shape[1]:
        raise ValueError(f"labels must be whole numbers from 0 to {p.shape[1] - 1}, one for each class")
    return p, y
