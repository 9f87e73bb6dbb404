"""Layers that only arrange numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..arguments import is_whole, require
from ..buffers import is_batch_last
from ..parameters import Array, Shape
from .base import Layer, registry
from .windows import DataFormat, check_data_format


class _Rearrangement(Layer):
    """The base of layers whose output holds the input's numbers in another shape."""

    kept_for_backward = ("_known", "_view")
    _known: Array | None = None
    _view: Array

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is self._known:
            return self._view
        self.x_shape = x.shape
        self._batch_last = is_batch_last(x)
        if x.flags.c_contiguous:
            self._known, self._view = x, x.reshape(len(x), *self.output_shape)
            return self._view
        self._known = None
        y = self.buffer("y", x.shape, x.dtype)  # such as what convolutions make has no view in another shape
        np.copyto(y, x)
        return y.reshape(len(x), *self.output_shape)

    def backward(self, dy: Array) -> Array:
        dx = dy.reshape(self.x_shape)
        # In the order in which the input came, which the layers before this one are quickest with.
        return self.to_batch_last("dx", dx) if self._batch_last and self.needs_dx else dx


@registry.register
class Flatten(_Rearrangement):
    """All numbers of an example in one row, the last axis running fastest.

    data_format: only "channels_last".

    Shapes: (batch, ...) -> (batch, product of ...). Raises ArgumentError for another data_format.

    >>> import numpy as np
    >>> Flatten()(np.zeros((2, 28, 28))).shape
    (2, 784)
    """

    def __init__(self, data_format: DataFormat | None = None, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        check_data_format(self, data_format)
        self.data_format = data_format

    def build(self, shape: Shape) -> Shape:
        return (math.prod(shape),)


@registry.register
class Reshape(_Rearrangement):
    """The numbers of an example in another shape; one size may be -1, "what is left".

    target_shape: the sizes of an example, without the batch; one of them may be -1.

    Shapes: (batch, ...) -> (batch, *target_shape). Raises ArgumentError for sizes that are neither counts nor -1;
    building raises ValueError when the numbers do not fit.

    >>> import numpy as np
    >>> Reshape((14, -1))(np.zeros((2, 28, 28))).shape
    (2, 14, 56)
    """

    def __init__(self, target_shape: Sequence[int], name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        fits = (
            isinstance(target_shape, Sequence)
            and all(is_whole(n, -1) and n != 0 for n in target_shape)
            and list(target_shape).count(-1) <= 1
        )
        rule = "a list of positive whole numbers, with at most one -1"
        require(fits, self, "target_shape", target_shape, rule)
        self.target_shape = target_shape

    def build(self, shape: Shape) -> Shape:
        target, size = tuple(self.target_shape), math.prod(shape)
        known = math.prod(n for n in target if n != -1)
        if (size % known if -1 in target else size != known) or (size == 0 and -1 in target):
            raise ValueError(f"layer {self.label!r} cannot arrange {shape} ({size} numbers) as {target}")
        return tuple(size // known if n == -1 else n for n in target)


@registry.register
class Permute(Layer):
    """The axes of an example in another order.

    dims: the order, the axes of an example being numbered from 1: (2, 1) turns rows into columns.

    Shapes: (batch, ...) -> (batch, *the sizes in the order of dims). Raises ArgumentError for dims that do not name
    each axis from 1 on once; building raises ValueError for examples with another number of axes.

    >>> Permute((2, 1))(np.zeros((1, 10, 64))).shape
    (1, 64, 10)
    """

    def __init__(self, dims: Sequence[int], name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        fits = isinstance(dims, Sequence) and all(is_whole(n) for n in dims)
        fits = fits and sorted(dims) == list(range(1, len(dims) + 1))
        require(fits, self, "dims", dims, "a list that names each axis, from 1 on, once, such as (2, 1)")
        self.dims = dims

    def build(self, shape: Shape) -> Shape:
        if len(shape) != len(self.dims):
            raise ValueError(
                f"layer {self.label!r} (Permute) orders the axes of examples that have {len(self.dims)}: "
                f"dims={tuple(self.dims)} does not fit examples of shape {shape}"
            )
        order = (0, *self.dims)
        self._order, self._order_back = order, tuple(order.index(axis) for axis in range(len(order)))
        return tuple(shape[axis - 1] for axis in self.dims)

    def forward(self, x: Array, training: bool = False) -> Array:
        return x.transpose(self._order)

    def backward(self, dy: Array) -> Array:
        return dy.transpose(self._order_back)


@registry.register
class RepeatVector(Layer):
    """The same row of numbers n times.

    n: how many times, at least 1.

    Shapes: (batch, features) -> (batch, n, features). Raises ArgumentError for an n that is no count;
    building raises ValueError for examples that are not rows.

    >>> RepeatVector(2)([[1.0, 2.0]])
    array([[[1., 2.],
            [1., 2.]]], dtype=float32)
    """

    def __init__(self, n: int, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        require(is_whole(n, 1), self, "n", n, "a positive whole number")
        self.n = n

    def build(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ValueError(
                f"layer {self.label!r} (RepeatVector) takes examples of shape (features,), got {shape}; "
                f"put a Flatten before it"
            )
        return (self.n, *shape)

    def forward(self, x: Array, training: bool = False) -> Array:
        y = self.buffer("y", (len(x), *self.output_shape), x.dtype)
        y[...] = x[:, None]
        return y

    def backward(self, dy: Array) -> Array | None:
        if not self.needs_dx:
            return None
        dx = self.buffer("dx", (len(dy), *self.input_shape), dy.dtype)
        return np.add.reduce(dy, axis=1, out=dx)
