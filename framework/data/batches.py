"""Examples in shuffled, scaled, augmented batches; one pass is one epoch."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..arguments import is_whole, require
from ..buffers import Buffered
from ..examination import as_array
from ..parameters import Array
from . import transforms as _transforms
from .columns import Column
from .passes import Pass
from .prefetch import Prefetcher
from .transforms import Transform, TransformSpec

WORTH_A_THREAD = 50_000
"""How many values x must have in a batch to be made ahead, such as 64 images of 28x28: with fewer of them, two threads
lose more by waiting for Python's lock than they gain."""


class Batches:
    """Batches of arrays, (x,), (x, y) or (x, y, sample_weight) as far as these are given.

    Arrays stay as they are in memory: images kept as bytes are cast and scaled batch by batch, into one
    buffer. So a batch is valid until the next one, and until other batches use the same transform object;
    copy what you want to keep. The last batch holds what is left. Each pass draws a new
    order from one seeded stream, and a second object with the same seed gives the same batches.

    Where it pays, a thread in the background makes up to three batches ahead: with transforms or an x on disk
    (np.memmap), for batches that are not tiny, if the process may use more than one core. The batches are the same
    to the bit, and a pass that ends early leaves the random streams where its last batch left them, if every transform
    is a function of the images and its generator alone, and keeps no count, say. For deep copies of the transforms run
    in that thread (where one cannot be copied, nothing is made ahead): what they raise is raised in the loop, a change
    to one takes effect with the next pass, or epoch of `fit`, and what they note of themselves is lost. A pass whose
    `transform_seed` somebody else draws from meanwhile, such as other batches with the same generator, goes on without
    a thread, and so does a pass in a fork of the process.

    x, y, sample_weight: arrays of the same length. batch_size: a positive count. shuffle: a new order
    for each pass. seed: a number, a generator, or None for fresh entropy. scale: a factor for x, such
    as 1/255; None leaves x as it is, cast to `dtype`. transforms: augmentations of x, in order.
    prefetch: whether to make batches ahead; None decides as said above. transform_seed: of the random numbers of
    the transforms, as `seed` is of the order; None takes a stream of its own from `seed`.
    Raises ValueError for lengths that differ, no examples, values that are no real numbers, a batch size that is no
    count, or one generator as both seeds.

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
        prefetch: bool | None = None,
        transform_seed: int | np.random.Generator | None = None,
    ) -> None:
        require(is_whole(batch_size, 1), self, "batch_size", batch_size, "a positive whole number")
        if y is None and sample_weight is not None:
            raise ValueError("sample_weight weighs targets: give y, too")
        given = {"x": x, "y": y, "sample_weight": sample_weight}
        arrays = {name: as_array(name, array) for name, array in given.items() if array is not None}
        check_lengths(arrays)
        self.x, self.y, self.sample_weight = arrays["x"], arrays.get("y"), arrays.get("sample_weight")
        self.scale = scale
        self.size = len(self.x)
        if not self.size:
            raise ValueError("x holds no examples")
        self._columns = [
            Column(array, dtype, scale if name == "x" else None, keep=name == "y") for name, array in arrays.items()
        ]
        self.batch_size = int(batch_size)
        self.shuffle = shuffle
        self.transforms = [_transforms.get(t) for t in transforms]
        self.prefetch = prefetch
        self.order_rng = np.random.default_rng(seed)
        if transform_seed is None:
            self.transform_rng = self.order_rng.spawn(1)[0] if self.transforms else None
        else:
            self.transform_rng = np.random.default_rng(transform_seed)
            if self.transform_rng.bit_generator is self.order_rng.bit_generator:  # `resume` could not restore both
                raise ValueError(
                    f"{type(self).__name__}: seed and transform_seed must be different generators, got {seed!r} as "
                    "both; leave transform_seed out, and it takes a stream of its own from seed"
                )
        self._results = Buffered()

    prefetcher: Prefetcher | None = None
    """The one thread that makes batches at the moment, if there is one; a pass has started it."""

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"prefetcher": None}

    def __len__(self) -> int:
        """The number of batches in a pass."""
        return -(-self.size // self.batch_size)

    def __iter__(self) -> Pass:
        return Pass(self)

    @property
    def state(self) -> dict[str, Any]:
        """What decides every batch of the pass that would begin now, as `Pass.state` does of one that has begun."""
        return {"order": self.order_rng.bit_generator.state, "batch": 0, "transforms": self.transforms_state}

    @property
    def transforms_state(self) -> Any:
        """The state of the stream of the transforms; None where there is none."""
        return None if self.transform_rng is None else self.transform_rng.bit_generator.state

    def resume(self, state: Mapping[str, Any]) -> Pass:
        """The pass whose `state` this was: it goes on with the batch that came next, and so do the random streams.

        Raises ValueError for a state of other batches: of another generator, say, or behind their end.

        >>> batches = Batches(np.arange(6), batch_size=2, shuffle=True, seed=1)
        >>> one = iter(batches)
        >>> _ = next(one)
        >>> state = one.state
        >>> [x.tolist() for x, in one] == [x.tolist() for x, in batches.resume(state)]
        True
        """
        number = state["batch"]
        if not is_whole(number, 0) or number > len(self):
            raise ValueError(f"a pass over {len(self)} batches cannot go on with batch {number!r}")
        self.order_rng.bit_generator.state = state["order"]
        if self.transform_rng is not None:
            self.transform_rng.bit_generator.state = state["transforms"]
        return Pass(self, number)

    def make(
        self,
        order: Array | None,
        number: int,
        rng: np.random.Generator | None,
        slot: int = 0,
        transforms: Sequence[Transform] | None = None,
    ) -> tuple[Any, ...]:
        """A batch of the pass with this order, valid until the next with the same slot or, with transforms, with any.

        rng: for the transforms. transforms: copies of these for another thread; None for themselves.
        """
        start = number * self.batch_size
        stop = min(start + self.batch_size, self.size)
        rows = slice(start, stop) if order is None else order[start:stop]
        batch = [column.take(rows, slot) for column in self._columns]
        for transform in self.transforms if transforms is None else transforms:
            assert rng is not None
            batch[0] = transform(batch[0], rng)
        return tuple(batch)

    def make_to_keep(
        self,
        order: Array | None,
        number: int,
        rng: np.random.Generator | None,
        slot: int,
        transforms: Sequence[Transform],
    ) -> tuple[Any, ...]:
        """As `make`, but always valid until the next with the same slot."""
        x, *others = self.make(order, number, rng, slot, transforms)
        if transforms:  # each has one buffer for what it returns, at best
            x = np.asarray(x)
            kept = self._results.buffer(f"x {slot}", x.shape, x.dtype)
            np.copyto(kept, x)
            x = kept
        return x, *others

    @property
    def on_disk(self) -> bool:
        """Whether x lies in a file, of which only the batches are read."""
        return self._columns[0].on_disk

    def transformed(self, x: Array) -> Array | None:
        """What copies of the transforms make of these examples; no random stream moves. None where they cannot tell."""
        try:
            rng = np.random.default_rng(0)
            for transform in copy.deepcopy(self.transforms):
                x = transform(x, rng)
            return x
        except Exception:  # it is the user's code; if something is wrong with it, training will say so
            return None

    def pays_to_prefetch(self) -> bool:
        """Whether it pays to make batches ahead in a thread."""
        from ..threads import get_threads

        if self.prefetch is not None:
            return self.prefetch
        takes_time = bool(self.transforms) or self.on_disk
        values = self.batch_size * (self.x.size // self.size)
        return takes_time and values >= WORTH_A_THREAD and get_threads() > 1


def check_lengths(arrays: Mapping[str, Any]) -> None:
    """Raises ValueError unless these are arrays of the same length; None is left out."""
    given = {name: array for name, array in arrays.items() if array is not None}
    for name, array in given.items():
        if np.ndim(array) == 0:
            raise ValueError(f"{name} must be an array of examples, got {array!r}")
    sizes = {name: len(array) for name, array in given.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError("the arrays differ in length: " + ", ".join(f"{k} has {n}" for k, n in sizes.items()))
