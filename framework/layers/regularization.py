"""Layers that make training harder so that the model generalizes better."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arguments import is_number, is_whole, require
from ..parameters import Array, Shape
from .base import Layer, registry


@registry.register
class Dropout(Layer):
    """Sets a random share of the inputs to zero while training, and scales the others by 1 / (1 - rate).

    rate: the share, in [0, 1]. noise_shape: the shape of the mask, batch axis first, with 1 (or None for
    the input's own size) where neighbours share their fate. seed: for a stream of its own.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for a rate outside of [0, 1], and for a noise_shape
    or a seed that is none; building raises ValueError when noise_shape does not fit the examples.
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
        require(is_number(rate, 0, 1), self, "rate", rate, "a number between 0 and 1")
        fits = noise_shape is None or (
            isinstance(noise_shape, Sequence) and all(n is None or is_whole(n, 1) for n in noise_shape)
        )
        require(fits, self, "noise_shape", noise_shape, "a list of positive whole numbers and None, or None")
        require(seed is None or is_whole(seed, 0), self, "seed", seed, "a whole number of at least 0, or None")
        self.rate = rate
        self.noise_shape = noise_shape
        self.seed = seed
        self._mask: Array | None = None
        if seed is not None:
            self.rng = np.random.default_rng(seed)

    def build(self, shape: Shape) -> Shape:
        if self.noise_shape is not None:
            sizes = (None, *shape)  # any number of examples
            pairs = zip(self.noise_shape, sizes, strict=False)
            if len(self.noise_shape) != len(sizes) or any(m not in (None, 1, n) for m, n in pairs if n is not None):
                raise ValueError(
                    f"layer {self.label!r} (Dropout) cannot spread noise_shape={self.noise_shape} over a batch of "
                    f"examples of shape {shape}: it takes {len(sizes)} sizes, batch first, each 1, None or that of x"
                )
        return shape

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
            np.greater_equal(draws, self.rate, out=mask)
            mask *= 1 / (1 - self.rate)
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
