"""What the losses of probabilities compute with: logarithms that never fail, and shares of a whole."""

from __future__ import annotations

import numpy as np

from ..activations.sigmoids import log_rest
from ..parameters import Array

EPSILON = 1e-7
"""Probabilities are kept this far from 0 and 1, as in Keras."""


SAFE_TO_LOG = 1e-30
"""Above this, a float32 probability still has all its digits."""


def log_softmax(x: Array, axis: int = -1) -> Array:
    """log softmax(x) = x - max - log Σ exp(x - max), exact for any x.

    >>> log_softmax(np.array([0.0, -1000.0]))
    array([    0., -1000.])
    """
    shifted = x - x.max(axis=axis, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


def logistic_loss(y: Array, x: Array, out: Array | None = None, scratch: Array | None = None) -> Array:
    """-(y log s + (1 - y) log(1 - s)) of s = sigmoid(x), exact for any x: max(x, 0) - x y + log(1 + exp(-|x|)).

    out: where the loss goes. scratch: what is overwritten on the way. Both are new arrays where they are not given.

    >>> logistic_loss(np.array([1.0, 0.0]), np.array([-1000.0, -1000.0]))
    array([1000.,    0.])
    """
    product, positive = np.multiply(x, y, out=out), np.maximum(x, 0, out=scratch)
    loss = np.subtract(positive, product, out=product)
    loss += log_rest(x, out=positive)
    return loss


def clipped_shares(p: Array, axis: int) -> tuple[Array, Array]:
    """p / Σp, clipped to [ε, 1 - ε], and the sum.

    >>> clipped_shares(np.array([3.0, 1.0]), -1)
    (array([0.75, 0.25]), array([4.]))
    """
    total = p.sum(axis=axis, keepdims=True)
    total += total == 0  # the shares of nothing are 0, not NaN
    return np.clip(p / total, EPSILON, 1 - EPSILON), total


def log_probabilities(y_pred: Array, axis: int, from_logits: bool) -> Array:
    """log softmax of logits; the logarithm of the clipped shares of what is said to be probabilities.

    >>> log_probabilities(np.array([1.0, 0.0]), -1, from_logits=False).round(4)
    array([ -0.    , -16.1181])
    """
    return log_softmax(y_pred, axis) if from_logits else np.log(clipped_shares(y_pred, axis)[0])


def through_shares(slope: Array, p: Array, share: Array, total: Array, axis: int) -> Array:
    """The derivative with respect to p, given the one with respect to its clipped shares; what is clipped has none."""
    slope = np.where(share == p / total, slope, 0)
    return np.asarray((slope - (slope * share).sum(axis=axis, keepdims=True)) / total, p.dtype)
