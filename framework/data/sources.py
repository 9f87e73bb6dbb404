"""What users hand to `fit`, `evaluate` and `predict`, as batches with or without a known number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sized
from typing import Any

import numpy as np

from ..parameters import Array
from .batches import Batches

Batch = tuple[Array, Array | None, Array | None]
DEFAULT_BATCH_SIZE = 32


class Source:
    """Batches (x, y, sample_weight), an epoch at a time.

    Arrays and sized iterables begin anew each epoch. A generator cannot: with `steps` it is continued
    from epoch to epoch, without it must last for one.
    """

    def __init__(
        self,
        batches: Iterable[Any],
        steps: int | None = None,
        class_weight: Mapping[int, float] | None = None,
        dtype: str = "float32",
    ) -> None:
        if steps is not None and (isinstance(steps, bool) or not isinstance(steps, int) or steps < 1):
            raise ValueError(f"the number of steps must be a positive whole number, got {steps!r}")
        self.batches = batches
        self.dtype = dtype
        self.class_weight = None if class_weight is None else checked_class_weight(class_weight)
        size = len(batches) if isinstance(batches, Sized) else None
        self.endless = iter(batches) is batches  # a generator: there is only one pass
        self.steps = steps if size is None or (steps is not None and steps < size) else size
        self._pass: Iterator[Any] | None = None

    def epoch(self) -> Iterator[Batch]:
        """The batches of one epoch; raises ValueError when there are none left."""
        if self.steps is None or not self.endless:
            passing = iter(self.batches)
        else:
            self._pass = passing = self._pass or iter(self.batches)
        count = 0
        while count != self.steps:
            try:
                batch = next(passing)
            except StopIteration:
                break
            count += 1
            yield self._unpack(batch)
        if count == 0:
            raise ValueError(
                "the data ran out: the iterable gave no batch for this epoch; pass steps_per_epoch, or more data"
            )

    def _unpack(self, batch: Any) -> Batch:
        parts = batch if isinstance(batch, tuple | list) else (batch,)
        if not 1 <= len(parts) <= 3:
            raise ValueError(f"a batch must be (x,), (x, y) or (x, y, sample_weight), got {len(parts)} parts")
        x, y, weight = (*parts, None, None)[:3]
        x = np.asarray(x, self.dtype)
        y = None if y is None else np.asarray(y)
        weight = None if weight is None else np.asarray(weight, self.dtype)
        if self.class_weight is not None and y is not None:
            weight = weights_of_classes(y, self.class_weight)
        return x, y, weight


def as_source(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    batch_size: int | None = None,
    shuffle: bool = False,
    seed: np.random.Generator | None = None,
    steps: int | None = None,
    class_weight: Mapping[int, float] | None = None,
    dtype: str = "float32",
) -> Source:
    """A source from arrays, or from an iterable of batches, which brings its own y, weights and batch size.

    Raises ValueError for arguments that contradict each other.
    """
    if class_weight is not None and sample_weight is not None:
        raise ValueError("give either class_weight or sample_weight, not both")
    if is_array(x):
        if batch_size is None:
            batch_size = -(-len(x) // steps) if steps else DEFAULT_BATCH_SIZE
        batches = Batches(x, y, sample_weight, batch_size, shuffle, seed, dtype=dtype)
        return Source(batches, steps, class_weight, dtype)
    if x is None or not hasattr(x, "__iter__"):
        raise ValueError(f"x must be an array or an iterable of batches, got {x!r}")
    for name, value in (("y", y), ("sample_weight", sample_weight), ("batch_size", batch_size)):
        if value is not None:
            raise ValueError(f"{name} goes with arrays: an iterable of batches brings its own")
    return Source(x, steps, class_weight, dtype)


def is_array(x: Any) -> bool:
    """Whether x is an array or a list of numbers, and no iterable of batches."""
    if isinstance(x, Batches | Iterator):
        return False
    return hasattr(x, "__array__") or (isinstance(x, list) and not (x and isinstance(x[0], tuple)))


def split(arrays: tuple[Any, Any, Any], share: float) -> tuple[tuple[Any, Any, Any], tuple[Any, Any, Any]]:
    """Cuts (x, y, sample_weight) in two: the last `share` of the examples is for validation.

    Raises ValueError when a side would be empty.
    """
    n = len(arrays[0])
    at = int(n * (1 - share))
    if not 0 < share < 1 or at in (0, n):
        raise ValueError(
            f"validation_split={share!r} leaves {at} of {n} examples for training and {n - at} for validation; "
            f"both sides need some"
        )
    first, last = zip(*((None, None) if a is None else (a[:at], a[at:]) for a in arrays), strict=True)
    return first, last


def checked_class_weight(class_weight: Mapping[int, float]) -> dict[int, float]:
    """The mapping with whole classes and float weights; raises ValueError for anything else."""
    try:
        return {int(c): float(w) for c, w in class_weight.items()}
    except (TypeError, ValueError, AttributeError):
        raise ValueError(f"class_weight must map class numbers to weights, got {class_weight!r}") from None


def weights_of_classes(y: Array, class_weight: Mapping[int, float]) -> Array:
    """Each sample's weight by its class; classes that are not named weigh 1. One-hot targets count by argmax."""
    labels = y.argmax(axis=-1) if y.ndim > 1 and y.shape[-1] > 1 else y.reshape(len(y), -1)[:, 0]
    weights = np.ones(len(labels), np.float32)
    for number, weight in class_weight.items():
        weights[labels == number] = weight
    return weights
