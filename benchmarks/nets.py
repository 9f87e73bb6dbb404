"""The nets that all train: their shapes, and the weights that they all start from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MLP = (784, 128, 64, 10)
LENET = ((5, 5, 1, 8), (5, 5, 8, 16), (256, 128), (128, 10))
"""Two convolutions, each with ReLU and 2x2 max pooling after it, and two dense layers, with ReLU between them."""


def dense_weights(sizes: Sequence[int] = MLP, seed: int = 0) -> list[Array]:
    """He-normal weights of a dense net, and biases of zero: [W, b, W, b, ...], float32.

    >>> [w.shape for w in dense_weights((4, 3, 2))]
    [(4, 3), (3,), (3, 2), (2,)]
    """
    return _he_normal(list(pairwise(sizes)), seed)


def lenet_weights(seed: int = 0) -> list[Array]:
    """The same of the convolutional net."""
    return _he_normal(LENET, seed)


def _he_normal(shapes: Sequence[tuple[int, ...]], seed: int) -> list[Array]:
    rng, weights = np.random.default_rng(seed), []
    for shape in shapes:
        kernel = (2 / np.prod(shape[:-1])) ** 0.5 * rng.standard_normal(shape)
        weights += [kernel.astype(np.float32), np.zeros(shape[-1], np.float32)]
    return weights


def channels_first(weights: list[Array]) -> list[Array]:
    """The weights of the convolutional net for peers that keep the channels before rows and columns.

    Kernels become (out, in, height, width), and the first dense layer sees the channels in their order.
    """
    k1, b1, k2, b2, w1, c1, w2, c2 = weights
    side = int((len(w1) / k2.shape[-1]) ** 0.5)
    w1 = w1.reshape(side, side, k2.shape[-1], -1).transpose(2, 0, 1, 3).reshape(w1.shape)
    k1, k2 = (np.ascontiguousarray(k.transpose(3, 2, 0, 1)) for k in (k1, k2))
    return [k1, b1, k2, b2, w1, c1, w2, c2]
