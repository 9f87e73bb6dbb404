"""784-128-64-10 by hand: textbook backpropagation for exactly this network, with nothing around it.

It is the yardstick that the framework's speed is measured with, and the oracle its gradients are compared with.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SIZES = (784, 128, 64, 10)


def initial(seed: int = 0) -> list[Array]:
    """He-normal weights and zero biases: [W0, b0, W1, b1, W2, b2], float32."""
    rng = np.random.default_rng(seed)
    parameters: list[Array] = []
    for inputs, outputs in pairwise(SIZES):
        kernel = (2 / inputs) ** 0.5 * rng.standard_normal((inputs, outputs))
        parameters += [kernel.astype(np.float32), np.zeros(outputs, np.float32)]
    return parameters


def gradients(parameters: list[Array], x: Array, y: Array) -> tuple[float, list[Array]]:
    """Mean cross-entropy of a batch x (n, 784), y (n,), and its derivatives in the order of the parameters."""
    w0, b0, w1, b1, w2, b2 = parameters
    n = len(x)
    h0 = x @ w0
    h0 += b0
    np.maximum(h0, 0, out=h0)
    h1 = h0 @ w1
    h1 += b1
    np.maximum(h1, 0, out=h1)
    p = h1 @ w2
    p += b2
    p -= p.max(axis=1, keepdims=True)
    np.exp(p, out=p)
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(n)
    loss = float(-np.log(p[rows, y]).mean())
    p[rows, y] -= 1
    p /= n
    d1 = p @ w2.T
    d1 *= h1 > 0
    d0 = d1 @ w1.T
    d0 *= h0 > 0
    return loss, [x.T @ d0, d0.sum(axis=0), h0.T @ d1, d1.sum(axis=0), h1.T @ p, p.sum(axis=0)]


def train_epoch(
    parameters: list[Array], x: Array, y: Array, batch_size: int, learning_rate: float, rng: np.random.Generator
) -> float:
    """One epoch of plain SGD in shuffled batches; changes the parameters, returns the mean loss."""
    order = rng.permutation(len(x))
    total = 0.0
    for start in range(0, len(x), batch_size):
        rows = order[start : start + batch_size]
        loss, grads = gradients(parameters, x[rows], y[rows])
        for parameter, grad in zip(parameters, grads, strict=True):
            grad *= learning_rate
            parameter -= grad
        total += loss * len(rows)
    return total / len(x)
