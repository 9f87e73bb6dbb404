"""784-128-64-10 by hand, with nothing around it: the textbook's gradients, and the quickest loop one writes by hand.

`gradients` is the oracle that the framework's gradients are compared with. `train_epoch` is the yardstick of its speed:
float32 throughout, buffers for everything that a batch needs, every product and every update in place.
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
    full = len(x) - len(x) % batch_size
    step = Step(parameters, batch_size, learning_rate)
    total = 0.0
    for start in range(0, full, batch_size):
        total += step(x, y, order[start : start + batch_size])
    if full < len(x):
        total += Step(parameters, len(x) - full, learning_rate)(x, y, order[full:])
    return total / len(x)


class Step:
    """A step of plain SGD on `n` examples, with the buffers that it takes."""

    def __init__(self, parameters: list[Array], n: int, learning_rate: float) -> None:
        self.parameters, self.scale = parameters, learning_rate / n
        self.updates = [np.empty_like(p) for p in parameters]
        self.x, *self.hidden, self.p = (np.empty((n, size), np.float32) for size in SIZES)
        self.errors = [np.empty_like(h) for h in self.hidden]
        self.masks = [np.empty(h.shape, bool) for h in self.hidden]
        self.labels, self.starts = np.empty(n, np.int64), np.arange(n) * SIZES[-1]
        self.column, self.right = np.empty((n, 1), np.float32), np.empty(n, np.float32)
        self.one_a_row, self.one_a_class = np.ones(n, np.float32), np.ones((SIZES[-1], 1), np.float32)

    def __call__(self, images: Array, classes: Array, rows: Array) -> float:
        """Learns from these rows of the images (n, 784) and classes (n,); returns the sum of their losses."""
        w0, b0, w1, b1, w2, b2 = self.parameters
        x, (h0, h1), p, column, labels = self.x, self.hidden, self.p, self.column, self.labels
        images.take(rows, axis=0, out=x, mode="clip")  # without a mode, take would go through a copy
        classes.take(rows, out=labels, mode="clip")
        np.matmul(x, w0, out=h0)
        h0 += b0
        np.maximum(h0, 0, out=h0)
        np.matmul(h0, w1, out=h1)
        h1 += b1
        np.maximum(h1, 0, out=h1)
        np.matmul(h1, w2, out=p)
        p += b2
        p -= np.maximum.reduce(p, axis=1, keepdims=True, out=column)
        np.exp(p, out=p)
        p /= np.matmul(p, self.one_a_class, out=column)
        flat = p.reshape(-1)
        labels += self.starts
        np.log(flat.take(labels, out=self.right, mode="clip"), out=self.right)
        loss = -float(np.add.reduce(self.right))
        flat[labels] -= 1
        p *= self.scale  # so that what follows are the updates, and not only the gradients
        d0, d1 = self.errors
        np.matmul(p, w2.T, out=d1)
        d1 *= np.greater(h1, 0, out=self.masks[1])
        np.matmul(d1, w1.T, out=d0)
        d0 *= np.greater(h0, 0, out=self.masks[0])
        u0, c0, u1, c1, u2, c2 = self.updates
        w0 -= np.matmul(x.T, d0, out=u0)
        w1 -= np.matmul(h0.T, d1, out=u1)
        w2 -= np.matmul(h1.T, p, out=u2)
        b0 -= np.matmul(self.one_a_row, d0, out=c0)
        b1 -= np.matmul(self.one_a_row, d1, out=c1)
        b2 -= np.matmul(self.one_a_row, p, out=c2)
        return loss


def predict(parameters: list[Array], x: Array) -> Array:
    """The probabilities (n, 10) of the classes of x (n, 784)."""
    w0, b0, w1, b1, w2, b2 = parameters
    h = x @ w0
    h += b0
    np.maximum(h, 0, out=h)
    h = h @ w1
    h += b1
    np.maximum(h, 0, out=h)
    p = h @ w2
    p += b2
    p -= p.max(axis=1, keepdims=True)
    np.exp(p, out=p)
    p /= p.sum(axis=1, keepdims=True)
    return p
