"""Layers that add normally distributed noise while training."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array
from .base import registry
from .regularization import RandomLayer, in_memory_order


@registry.register
class GaussianNoise(RandomLayer):
    """y = x + noise of mean 0 and standard deviation `stddev` while training, otherwise x.

    stddev: of the noise, in [0, 1] as in Keras. seed: of a random stream of its own; None for the model's.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for a stddev outside of [0, 1] or a seed that is none.

    >>> GaussianNoise(0.1)(np.ones((1, 3)))
    array([[1., 1., 1.]], dtype=float32)
    """

    def __init__(self, stddev: float, seed: int | None = None, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(seed, name, trainable)
        require(is_number(stddev, 0, 1), self, "stddev", stddev, "a number between 0 and 1")
        self.stddev = stddev

    def forward(self, x: Array, training: bool = False) -> Array:
        if not training or self.stddev == 0:
            return x
        y = self.buffer_like("y", x)
        self.stream().standard_normal(out=in_memory_order(y), dtype=y.dtype.type)
        y *= self.stddev
        y += x
        return y

    def backward(self, dy: Array) -> Array:
        return dy


@registry.register
class GaussianDropout(RandomLayer):
    """y = x · noise of mean 1 and standard deviation √(rate / (1 - rate)) while training, otherwise x.

    rate: in [0, 1); the noise has the mean and the variance of that of `Dropout`. seed: of a random stream of its own;
    None for the model's.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for a rate outside of [0, 1) or a seed that is none.
    Source: Srivastava et al. 2014, section 10.

    >>> GaussianDropout(0.1)(np.ones((1, 3)))
    array([[1., 1., 1.]], dtype=float32)
    """

    kept_for_backward = ("_noise",)
    _noise: Array | None = None

    def __init__(self, rate: float, seed: int | None = None, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(seed, name, trainable)
        fits = is_number(rate, 0, 1) and rate < 1
        require(fits, self, "rate", rate, "a number of at least 0 and less than 1")
        self.rate = rate

    def forward(self, x: Array, training: bool = False) -> Array:
        self._noise = None
        if not training or self.rate == 0:
            return x
        noise = self.buffer_like("noise", x)
        self.stream().standard_normal(out=in_memory_order(noise), dtype=noise.dtype.type)
        noise *= (self.rate / (1 - self.rate)) ** 0.5
        noise += 1
        self._noise = noise
        return np.multiply(x, noise, out=self.buffer_like("y", x))

    def backward(self, dy: Array) -> Array:
        if self._noise is not None:
            dy *= self._noise
        return dy
