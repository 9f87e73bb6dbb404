"""Examples in shuffled, scaled, augmented batches; one pass is one epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..arguments import is_whole, require
from ..parameters import Array
from . import transforms as _transforms
from .transforms import TransformSpec


class Batches:
    """Batches of arrays, (x,), (x, y) or (x, y, sample_weight) as far as these are given.

    Arrays stay as they are in memory: images kept as bytes are cast and scaled batch by batch, into one
    buffer. So a batch is valid until the next one; copy what you want to keep. The last batch holds what
    is left. Each pass draws a new order from one seeded stream, and a second object with the same seed
    gives the same batches.

    x, y, sample_weight: arrays of the same length. batch_size: a positive count. shuffle: a new order
    for each pass. seed: a number, a generator, or None for fresh entropy. scale: a factor for x, such
    as 1/255; None leaves x as it is, cast to `dtype`. transforms: augmentations of x, in order.
    Raises ValueError for lengths that differ, no examples, or a batch size that is no count.

    >>> batches = Batches(np.arange(5, dtype=np.uint8)[:, None], np.arange(5), batch_size=2, scale=0.5)
    >>> [x.ravel().tolist() for x, y in batches]
    [[0.0, 0.5], [1.0, 1.5], [2.0]]
    >>> len(batches)
    3
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        batch_size: int = 32,
        shuffle: bool = False,
        seed: int | np.random.Generator | None = None,
        scale: float | None = None,
        transforms: Sequence[TransformSpec] = (),
        dtype: str = "float32",
    ) -> None:
        require(is_whole(batch_size, 1), self, "batch_size", batch_size, "a positive whole number")
        if y is None and sample_weight is not None:
            raise ValueError("sample_weight weighs targets: give y, too")
        given = {"x": x, "y": y, "sample_weight": sample_weight}
        arrays = {name: np.asanyarray(array) for name, array in given.items() if array is not None}
        check_lengths(arrays)
        self.x, self.y = arrays["x"], arrays.get("y")
        self.size = len(self.x)
        if not self.size:
            raise ValueError("x holds no examples")
        self._columns = [
            _Column(array, dtype, scale if name == "x" else None, keep=name == "y") for name, array in arrays.items()
        ]
        self.batch_size = int(batch_size)
        self.shuffle = shuffle
        self.transforms = [_transforms.get(t) for t in transforms]
        self._order_rng = np.random.default_rng(seed)
        self._transform_rng = self._order_rng.spawn(1)[0] if self.transforms else None

    def __len__(self) -> int:
        """The number of batches in a pass."""
        return -(-self.size // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Array, ...]]:
        order = self._order_rng.permutation(self.size) if self.shuffle else None
        for start in range(0, self.size, self.batch_size):
            stop = min(start + self.batch_size, self.size)
            rows = slice(start, stop) if order is None else order[start:stop]
            batch = [column.take(rows) for column in self._columns]
            for transform in self.transforms:
                assert self._transform_rng is not None
                batch[0] = transform(batch[0], self._transform_rng)
            yield tuple(batch)


def check_lengths(arrays: Mapping[str, Any]) -> None:
    """Raises ValueError unless these are arrays of the same length; None is left out."""
    given = {name: array for name, array in arrays.items() if array is not None}
    for name, array in given.items():
        if np.ndim(array) == 0:
            raise ValueError(f"{name} must be an array of examples, got {array!r}")
    sizes = {name: len(array) for name, array in given.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError("the arrays differ in length: " + ", ".join(f"{k} has {n}" for k, n in sizes.items()))


class _Column:
    """One of the arrays, and the buffers into which its batches are gathered."""

    def __init__(self, array: Array, dtype: str, scale: float | None, keep: bool) -> None:
        self.array = array
        whole = array.dtype.kind in "iub"
        self.dtype = array.dtype.newbyteorder("=") if keep and whole else np.dtype(dtype)  # class numbers stay whole
        self.scale = scale
        # Of any other array, `take` would make a whole copy for every batch.
        self._takes = array.flags.c_contiguous and array.flags.aligned and array.dtype.isnative
        self._gathered: Array | None = None
        self._cast: Array | None = None

    def take(self, rows: slice | Array) -> Array:
        if isinstance(rows, slice) or not self._takes:
            batch = self.array[rows]
        else:
            self._gathered = _room(self._gathered, len(rows), self.array)
            # mode="clip" skips a copy that the default, "raise", makes; the rows are in range.
            batch = self.array.take(rows, axis=0, out=self._gathered[: len(rows)], mode="clip")
        if batch.dtype == self.dtype and self.scale is None:
            return batch
        self._cast = _room(self._cast, len(batch), self.array, self.dtype)
        cast = self._cast[: len(batch)]
        np.copyto(cast, batch, casting="unsafe")
        if self.scale is not None:
            cast *= self.scale
        return cast


def _room(buffer: Array | None, rows: int, like: Array, dtype: Any = None) -> Array:
    if buffer is None or len(buffer) < rows:
        return np.empty((rows, *like.shape[1:]), dtype or like.dtype)
    return buffer
