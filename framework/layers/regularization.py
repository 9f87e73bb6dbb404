"""Layers that make training harder so that the model generalizes better."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arguments import is_number, is_whole, require
from ..parameters import Array, Shape
from ..regularizers import L1L2
from .base import Layer, registry
from .windows import DataFormat, check_axes, check_data_format


class RandomLayer(Layer):
    """The base of layers that draw random numbers while training, from a stream of their own if they have a seed."""

    def __init__(self, seed: int | None, name: str | None, trainable: bool) -> None:
        super().__init__(name, trainable)
        require(seed is None or is_whole(seed, 0), self, "seed", seed, "a whole number of at least 0, or None")
        self.seed = seed
        if seed is not None:
            self.rng = np.random.default_rng(seed)

    def stream(self) -> np.random.Generator:
        """What the layer draws from."""
        assert self.rng is not None
        return self.rng


def in_memory_order(x: Array) -> Array:
    """A view of a buffer made by `buffer_like` in which its numbers follow each other, as random streams want it."""
    return x if x.flags.c_contiguous else x.swapaxes(0, -1)


@registry.register
class Dropout(RandomLayer):
    """Sets a random share of the inputs to zero while training, and scales the others by 1 / (1 - rate).

    rate: the share, in [0, 1]. noise_shape: the shape of the mask, batch axis first, with 1 (or None for
    the input's own size) where neighbours share their fate. seed: of a random stream of its own; None for the model's.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for a rate outside of [0, 1], and for a noise_shape
    or a seed that is none; building raises ValueError when noise_shape does not fit the examples.
    Source: Srivastava et al. 2014, scaled as in Keras.

    >>> Dropout(0.5)(np.ones((1, 3)))
    array([[1., 1., 1.]], dtype=float32)
    """

    kept_for_backward = ("_mask",)
    _mask: Array | None = None

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(seed, name, trainable)
        require(is_number(rate, 0, 1), self, "rate", rate, "a number between 0 and 1")
        fits = noise_shape is None or (
            isinstance(noise_shape, Sequence) and all(n is None or is_whole(n, 1) for n in noise_shape)
        )
        require(fits, self, "noise_shape", noise_shape, "a list of positive whole numbers and None, or None")
        self.rate = rate
        self.noise_shape = noise_shape

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
        mask = self.buffer_like("mask", x) if shape == x.shape else self.buffer("mask", shape, x.dtype)
        if self.rate == 1:
            mask[...] = 0
        else:
            self.stream().random(out=in_memory_order(mask), dtype=mask.dtype.type)
            np.greater_equal(mask, self.rate, out=mask)
            mask *= 1 / (1 - self.rate)
        self._mask = mask
        return np.multiply(x, mask, out=self.buffer_like("y", x))

    def backward(self, dy: Array) -> Array:
        if self._mask is not None:
            dy *= self._mask
        return dy

    def _mask_shape(self, x: Array) -> tuple[int, ...]:
        if self.noise_shape is None:
            return x.shape
        examples = self.noise_shape[0]
        if examples not in (None, 1, len(x)):
            raise ValueError(
                f"layer {self.label!r} ({type(self).__name__}) has noise_shape={self.noise_shape}, for batches of "
                f"{examples} examples, got one of {len(x)}; write None in place of {examples}, for any number"
            )
        return tuple(n if m is None else m for m, n in zip(self.noise_shape, x.shape, strict=True))


@registry.register
class SpatialDropout1D(Dropout):
    """Dropout of whole channels of a sequence: all its steps share their fate, since neighbours say the same.

    rate: the share, in [0, 1]. seed: of a random stream of its own; None for the model's.

    Shapes: (batch, steps, channels) -> the same. Raises ArgumentError for a rate outside of [0, 1] or a seed
    that is none; building raises ValueError for examples of another number of axes. Source: Tompson et al. 2014.

    >>> SpatialDropout1D(0.5)(np.ones((1, 2, 1))).shape
    (1, 2, 1)
    """

    def __init__(self, rate: float, seed: int | None = None, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(rate, None, seed, name, trainable)

    def build(self, shape: Shape) -> Shape:
        check_axes(self, shape, axes=1)
        return shape

    def _mask_shape(self, x: Array) -> tuple[int, ...]:
        return (len(x), 1, x.shape[2])


@registry.register
class SpatialDropout2D(Dropout):
    """Dropout of whole channels of an image: all its pixels share their fate, since neighbours say the same.

    rate: the share, in [0, 1]. data_format: None or "channels_last". seed: of a random stream of its own; None for the
    model's.

    Shapes: (batch, height, width, channels) -> the same. Raises ArgumentError for a rate outside of [0, 1],
    another data_format or a seed that is none; building raises ValueError for examples of another number of axes.
    Source: Tompson et al. 2014.

    >>> SpatialDropout2D(0.5)(np.ones((1, 2, 2, 1))).shape
    (1, 2, 2, 1)
    """

    def __init__(
        self,
        rate: float,
        data_format: DataFormat | None = None,
        seed: int | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(rate, None, seed, name, trainable)
        check_data_format(self, data_format)
        self.data_format = data_format

    def build(self, shape: Shape) -> Shape:
        check_axes(self, shape, axes=2)
        return shape

    def _mask_shape(self, x: Array) -> tuple[int, ...]:
        return (len(x), 1, 1, x.shape[3])


@registry.register
class ActivityRegularization(Layer):
    """y = x, and l1 · Σ|x| + l2 · Σx², divided by the number of examples, is added to the loss.

    l1: the factor of the sum of sizes, at least 0.
    l2: the factor of the sum of squares, at least 0.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for factors that are negative or not finite.

    >>> layer = ActivityRegularization(l2=0.5)
    >>> _ = layer([[1.0], [3.0]])
    >>> layer.losses
    [2.5]
    """

    kept_for_backward = ("x",)

    def __init__(self, l1: float = 0.0, l2: float = 0.0, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        self._penalty = L1L2(l1, l2)
        self.l1 = l1
        self.l2 = l2

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x
        self.added_loss = self._penalty(x) / max(1, len(x))
        return x

    def backward(self, dy: Array) -> Array:
        self._penalty.add_gradient(self.x, dy, 1 / max(1, len(dy)))
        return dy
