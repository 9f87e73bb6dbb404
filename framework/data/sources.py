"""What users hand to `fit`, `evaluate` and `predict`, as batches with or without a known number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sized
from itertools import islice
from typing import Any

import numpy as np

from ..arguments import is_number, is_whole
from ..examination import as_array
from ..parameters import Array
from .batches import Batches
from .passes import Pass
from .splits import class_numbers

Batch = tuple[Array, Array | None, Array | None]
DEFAULT_BATCH_SIZE = 32
_END = object()


class Source:
    """Batches (x, y, sample_weight), an epoch at a time.

    Every epoch is one pass over the batches, and begins anew. With `steps` it has at most that many
    batches. `continued`: an epoch of `steps` goes on where the last one ended, until the pass is over;
    a generator, which has only one pass, always does.
    """

    def __init__(
        self,
        batches: Iterable[Any],
        steps: int | None = None,
        class_weight: Mapping[int, float] | None = None,
        dtype: str = "float32",
        continued: bool = False,
    ) -> None:
        if steps is not None and not is_whole(steps, 1):
            raise ValueError(f"the number of steps must be a positive whole number, got {steps!r}")
        self.batches = batches
        self.dtype = dtype
        self._type = np.dtype(dtype)
        self.class_weight = class_weight
        size = self._size = len(batches) if isinstance(batches, Sized) else None
        self.steps = steps if size is None or (steps is not None and steps < size) else size
        self._continued = continued and steps is not None
        self._pass: Iterator[Any] | None = None
        self._taken = 0
        self._resumed: Any = None

    @property
    def arrays(self) -> tuple[Array, Array | None] | None:
        """All x and y, where they are known."""
        return (self.batches.x, self.batches.y) if isinstance(self.batches, Batches) else None

    @property
    def seen_at_once(self) -> bool:
        """Whether all examples can be looked at before the first batch: they lie in memory."""
        return isinstance(self.batches, Batches) and not self.batches.on_disk

    def epoch(self, count: int = 0) -> Iterator[Batch]:
        """The batches of one epoch, but for the first `count` of them; raises ValueError when there are none left.

        count: how many there were of this epoch before `state`, from which `resume` went on.
        """
        if self._resumed is not None:
            self._pass, self._resumed = self._go_on(self._resumed), None
        elif self._pass is None or not self._continued:
            self._pass = self._begin()
        try:
            batch = _END if count == self.steps else next(self._pass, _END)
            if batch is _END and self._continued and not count:  # the last epoch ended with the pass
                self._pass = self._begin()
                batch = next(self._pass, _END)
            while batch is not _END:
                count += 1
                self._taken += 1
                yield self._unpack(batch)
                batch = _END if count == self.steps else next(self._pass, _END)
        finally:
            if isinstance(self._pass, Pass):
                self._pass.pause()  # nothing is made ahead between epochs
        if not self._continued:
            self._pass = None
        if count == 0:
            raise ValueError(
                "the data ran out: the iterable gave no batch for this epoch; pass steps_per_epoch, or more data"
            )

    def _begin(self) -> Iterator[Any]:
        if self.resumable:
            return iter(self.batches)
        if not isinstance(self.batches, Iterator):
            self._taken = 0
        return islice(self.batches, self._size)  # what has __getitem__ alone may not know its own end

    @property
    def resumable(self) -> bool:
        """Whether the batches can tell where they are, and go on there, as `Batches` do: by `state` and `resume`."""
        return hasattr(self.batches, "resume") and hasattr(self.batches, "state")

    @property
    def state(self) -> Any:
        """What decides all batches that are still to come, for `resume`: plain data.

        Of batches that can tell, their own `state`, or that of the pass at work; of any other iterable, how many it
        has given in this pass.
        """
        if self._resumed is not None:
            return self._resumed
        if not self.resumable:
            return self._taken if self._pass is not None or isinstance(self.batches, Iterator) else 0
        return self.batches.state if self._pass is None else self._pass.state  # type: ignore[attr-defined]

    def resume(self, state: Any) -> None:
        """The next epoch goes on where another source, of the same data, was when its `state` was this.

        An iterable that cannot tell where it is gives the batches of its pass again, and these are skipped. Raises
        ValueError, KeyError or TypeError for a state that is none of this data.
        """
        if self.resumable:
            self._pass = self.batches.resume(state)  # type: ignore[attr-defined]
        elif not is_whole(state, 0):
            raise ValueError(f"an iterable goes on after a number of batches, got {state!r}")
        self._resumed = state

    def _go_on(self, state: Any) -> Iterator[Any]:
        if self.resumable:
            return self.batches.resume(state)  # type: ignore[attr-defined, no-any-return]
        batches = self._begin()
        for _ in range(state):
            next(batches, None)
        self._taken = state
        return batches

    def _unpack(self, batch: Any) -> Batch:
        parts = batch if isinstance(batch, (tuple, list)) else (batch,)
        if not 1 <= len(parts) <= 3:
            raise ValueError(f"a batch must be (x,), (x, y) or (x, y, sample_weight), got {len(parts)} parts")
        x, y, weight = (*parts, None, None)[:3]
        x = np.asarray(as_array("x", x), self._type)
        y = None if y is None else as_array("y", y)
        weight = None if weight is None else np.asarray(as_array("sample_weight", weight), self._type)
        if self.class_weight is not None:
            weight = weights_of_classes(y, self.class_weight, weight)
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
    continued: bool = False,
) -> Source:
    """A source from arrays, or from an iterable of batches, which brings its own y, weights and batch size.

    Raises ValueError for arguments that contradict each other.
    """
    if class_weight is not None:
        class_weight = checked_class_weight(class_weight)
    if is_array(x):
        if class_weight is not None:
            sample_weight = weights_of_classes(None if y is None else np.asarray(y), class_weight, sample_weight)
        if batch_size is None:
            batch_size = -(-len(x) // steps) if steps and len(x) else DEFAULT_BATCH_SIZE
        batches = Batches(x, y, sample_weight, batch_size, shuffle, seed, dtype=dtype)
        return Source(batches, steps, None, dtype, continued)
    for name, value in (("y", y), ("sample_weight", sample_weight), ("batch_size", batch_size)):
        if value is not None:
            raise ValueError(f"{name} goes with arrays: an iterable of batches brings its own")
    if not _is_iterable(x):
        raise ValueError(f"x must be an array or an iterable of batches, got {x!r} ({type(x).__name__})")
    return Source(x, steps, class_weight, dtype, continued)


def is_array(x: Any) -> bool:
    """Whether x is an array or a list of numbers, and no iterable of batches."""
    if isinstance(x, Batches | Iterator):
        return False
    if not isinstance(x, list | tuple) or not x:
        return hasattr(x, "__array__") or isinstance(x, list)
    first = x[0]
    if isinstance(first, tuple):  # an example such as (0, 1), or a batch such as (images, labels)?
        return all(is_number(n) for n in first)
    return isinstance(x, list) or is_number(first) or isinstance(first, list)


def _is_iterable(x: Any) -> bool:
    if isinstance(x, str | bytes | Mapping):
        return False
    return hasattr(x, "__iter__") or (hasattr(x, "__getitem__") and hasattr(x, "__len__"))


def checked_class_weight(class_weight: Mapping[int, float]) -> dict[int, float]:
    """The mapping with whole classes and float weights; raises ValueError for anything else."""
    try:
        checked = {int(c): float(w) for c, w in class_weight.items()}
        if all(int(c) == float(c) for c in class_weight):
            return checked
    except (TypeError, ValueError, AttributeError):
        pass
    raise ValueError(f"class_weight must map class numbers to weights, got {class_weight!r}")


def weights_of_classes(y: Array | None, class_weight: Mapping[int, float], sample_weight: Any = None) -> Array:
    """Each sample's weight by its class; classes that are not named weigh 1. One-hot targets count by argmax.

    Raises ValueError when there are no targets, or sample weights as well.
    """
    if sample_weight is not None:
        raise ValueError("give either class_weight or sample_weight, not both")
    if y is None:
        raise ValueError("class_weight needs targets y")
    labels = class_numbers(y)
    weights = np.ones(labels.shape, np.float32)
    for number, weight in class_weight.items():
        weights[labels == number] = weight
    return weights
