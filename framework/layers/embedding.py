"""The layer that learns a vector for each of a number of things."""

from __future__ import annotations

import numpy as np

from ..arguments import is_whole, require
from ..constraints import ConstraintSpec
from ..initializers import InitializerSpec
from ..parameters import Array, Shape
from ..regularizers import RegularizerSpec
from .base import Layer, check_weight_specs, registry


@registry.register
class Embedding(Layer):
    """y = E[x]: the row of the matrix E (input_dim, output_dim) that each index picks.

    input_dim: how many rows there are, so indices are whole numbers from 0 to input_dim - 1. output_dim: the
    length of a row. The initializer makes E, the regularizer is a penalty on it, the constraint holds after
    every step.

    An index that a batch has several times gets the sum of its gradients, so the layer learns as Dense on one-hot
    rows does (in Keras on TensorFlow, Adam and its kin square each of those gradients by itself). There is no
    masking, and what picks no row is refused: negative indices, which count from the end in Keras, and fractions,
    which it cuts off.

    embeddings_initializer: makes the first values of E.
    embeddings_regularizer: a penalty on E, added to the loss; None for none.
    embeddings_constraint: what E is brought back to after every step; None for no constraint.

    Shapes: (batch, ...) -> (batch, ..., output_dim). Raises ArgumentError for sizes that are no counts,
    UnknownNameError for an initializer, a regularizer or a constraint that is not registered; a pass forward
    raises ValueError for an index that picks no row, building for more rows than the model's type can count.

    >>> layer = Embedding(3, 2, embeddings_initializer="ones")
    >>> layer([[0, 2]])
    array([[[1., 1.],
            [1., 1.]]], dtype=float32)
    """

    kept_for_backward = ("_indices",)

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: InitializerSpec = "uniform",
        embeddings_regularizer: RegularizerSpec | None = None,
        embeddings_constraint: ConstraintSpec | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(name, trainable)
        require(is_whole(input_dim, 1), self, "input_dim", input_dim, "a positive whole number")
        require(is_whole(output_dim, 1), self, "output_dim", output_dim, "a positive whole number")
        check_weight_specs(embeddings_initializer, embeddings_regularizer, embeddings_constraint)
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.embeddings_initializer = embeddings_initializer
        self.embeddings_regularizer = embeddings_regularizer
        self.embeddings_constraint = embeddings_constraint

    def build(self, shape: Shape) -> Shape:
        countable = 2 ** (np.finfo(self.dtype).nmant + 1)  # above, not every whole number has a float of its own
        if self.input_dim > countable:
            raise ValueError(
                f"layer {self.label!r} (Embedding) has {self.input_dim} rows, but indices come as {self.dtype}, "
                f'which counts to {countable}; make a model with dtype="float64"'
            )
        self.embeddings = self.add_parameter(
            "embeddings",
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )
        return (*shape, self.output_dim)

    def forward(self, x: Array, training: bool = False) -> Array:
        self._indices = self._checked_indices(x)
        y = self.buffer("y", (*x.shape, self.output_dim), self.dtype)
        # "clip" because the indices are known to be good: the other modes copy y once more.
        return np.take(self.embeddings.value, self._indices, axis=0, out=y, mode="clip")

    def backward(self, dy: Array) -> Array | None:
        self._sum_rows_by_index(dy.reshape(-1, self.output_dim))
        if not self.needs_dx:
            return None
        dx = self.buffer("dx", self._indices.shape, self.dtype)
        dx[...] = 0  # an index cannot be moved a little, so nothing depends on it in that sense
        return dx

    def _sum_rows_by_index(self, dy_rows: Array) -> None:
        """Writes the gradient of E: each row's is the sum of those dy whose index has picked it."""
        gradient = self.embeddings.grad
        gradient[...] = 0
        indices = self._indices.ravel()
        if not indices.size:
            return
        order = np.argsort(indices, kind="stable")
        picked = indices[order]
        starts = np.flatnonzero(np.concatenate(([True], picked[1:] != picked[:-1])))
        together = np.take(dy_rows, order, axis=0, out=self.buffer("together", dy_rows.shape, self.dtype), mode="clip")
        gradient[picked[starts]] = np.add.reduceat(together, starts, axis=0)

    def _checked_indices(self, x: Array) -> Array:
        indices = self.buffer("indices", x.shape, np.intp)
        if not x.size or (x.min() >= 0 and x.max() < self.input_dim):  # false for NaN, which must not be cast
            np.copyto(indices, x, casting="unsafe")
            if np.equal(indices, x, out=self.buffer("whole", x.shape, np.bool_)).all():
                return indices
        good = (x >= 0) & (x < self.input_dim) & (x == np.floor(x))
        place = tuple(int(i) for i in np.argwhere(~good)[0])
        raise ValueError(
            f"layer {self.label!r} (Embedding) takes whole numbers from 0 to input_dim - 1 = {self.input_dim - 1}, "
            f"got x[{', '.join(map(str, place))}] = {float(x[place])!r}; number your things from 0, or raise input_dim"
        )
