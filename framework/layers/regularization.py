"""Layers that make training harder so that the model generalizes better."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..parameters import Array
from ..registry import ArgumentError
from .base import Layer, registry


@registry.register
class Dropout(Layer):
    """Sets a random share of the inputs to zero while training, and scales the others by 1 / (1 - rate).

    rate: the share, in [0, 1]. noise_shape: the shape of the mask, batch axis first, with 1 (or None for
    the input's own size) where neighbours share their fate. seed: for a stream of its own.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for a rate outside of [0, 1].
    Source: Srivastava et al. 2014, scaled as in Keras.

    >>> Dropout(0.5)(np.ones((1, 3)))
    array([[1., 1., 1.]], dtype=float32)
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(name, trainable)
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise ArgumentError(f"Dropout: rate must be a number between 0 and 1, got {rate!r}", "rate")
        self.rate = rate
        self.noise_shape = noise_shape
        self.seed = seed
        self._mask: Array | None = None
        if seed is not None:
            self.rng = np.random.default_rng(seed)

    def forward(self, x: Array, training: bool = False) -> Array:
        self._mask = None
        if not training or self.rate == 0:
            return x
        shape = self._mask_shape(x)
        mask = self.buffer("mask", shape, x.dtype)
        if self.rate == 1:
            mask[...] = 0
        else:
            assert self.rng is not None
            draws = self.buffer("draws", shape)
            self.rng.random(out=draws, dtype=np.float32)
            np.multiply(draws >= self.rate, 1 / (1 - self.rate), out=mask, casting="same_kind")
        self._mask = mask
        return np.multiply(x, mask, out=self.buffer("y", x.shape, x.dtype))

    def backward(self, dy: Array) -> Array:
        if self._mask is not None:
            dy *= self._mask
        return dy

    def _mask_shape(self, x: Array) -> tuple[int, ...]:
        if self.noise_shape is None:
            return x.shape
        return tuple(n if m is None else m for m, n in zip(self.noise_shape, x.shape, strict=True))
