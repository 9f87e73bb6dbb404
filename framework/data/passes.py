"""One pass over the examples: which batch comes next, and who makes it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .prefetch import Prefetcher

if TYPE_CHECKING:
    import numpy as np

    from ..parameters import Array
    from .batches import Batches
    from .transforms import Transform


class Pass(Iterator[tuple[Any, ...]]):
    """The batches of one pass, from batch `number` on, in an order that is drawn at once.

    They are made when they are asked for or, where that pays, ahead of it in a thread. That thread has copies of the
    transforms, and draws from a copy of their stream; the stream itself moves on with every batch that is handed out.
    So it never shows how far ahead the thread is, and a pass that is left early has drawn what its batches needed.
    """

    _prefetcher: Prefetcher | None = None

    def __init__(self, batches: Batches, number: int = 0) -> None:
        self._batches = batches
        self._began = batches.order_rng.bit_generator.state
        self._order = batches.order_rng.permutation(batches.size) if batches.shuffle else None
        self._number = number
        self._count = len(batches)
        self._ahead = self._count - number > 1 and batches.pays_to_prefetch()

    @property
    def state(self) -> dict[str, Any]:
        """Where it is, for `Batches.resume`: plain data that decide every batch that is still to come.

        order: the state of the stream of orders when the pass began. batch: the number of the batch that comes next.
        transforms: the state of the stream of the transforms before that batch, None where there is none.
        """
        return {"order": self._began, "batch": self._number, "transforms": self._batches.transforms_state}

    def __next__(self) -> tuple[Any, ...]:
        batches = self._batches
        if self._number >= self._count:
            self.pause()
            raise StopIteration
        if batches.prefetcher is not self._prefetcher:
            self._take_over()
        try:
            if self._prefetcher is not None and (self._prefetcher.is_elsewhere or self._somebody_drew()):
                self._go_on_alone()
            if self._ahead and self._prefetcher is None:
                self._start()
            if self._prefetcher is not None:
                batch = self._prefetched(self._prefetcher)
            else:
                batch = batches.make(self._order, self._number, batches.transform_rng)
        except BaseException as error:
            self._number = self._count  # as a generator, it is over then
            self.pause()
            if isinstance(error, StopIteration):
                raise RuntimeError("a transform raised StopIteration") from error
            raise
        self._number += 1
        return batch

    def pause(self) -> None:
        """Ends its thread, if it has one, until the next batch is asked for; no batch is another one for that."""
        if self._prefetcher is not None:
            self._prefetcher.stop()
            if self._batches.prefetcher is self._prefetcher:
                self._batches.prefetcher = None
            self._prefetcher = None

    def __del__(self) -> None:
        if self._prefetcher is not None:  # anything may be under way here: it is told to end, but not waited for
            self._prefetcher.tell_to_stop()

    def _take_over(self) -> None:
        """Stops the thread of another pass: both would use the same memory, transforms and streams."""
        if self._batches.prefetcher is not None:
            self._batches.prefetcher.stop()
            self._batches.prefetcher = None
        if self._prefetcher is not None:  # it had been stopped so itself; passes that take turns go without a thread
            self._go_on_alone()

    def _go_on_alone(self) -> None:
        """From now on, makes a batch when it is asked for."""
        self.pause()
        self._ahead = False

    def _somebody_drew(self) -> bool:
        """Whether the stream of the transforms is not where the last batch left it: the thread counts on that."""
        rng = self._batches.transform_rng
        # As text: the state of some generators holds arrays, and those have no one answer to `!=`.
        return rng is not None and repr(rng.bit_generator.state) != repr(self._left)

    def _start(self) -> None:
        """Starts the thread, unless a transform cannot be copied."""
        batches, rng = self._batches, self._batches.transform_rng
        try:
            transforms = copy.deepcopy(batches.transforms)  # others may use them, and their buffers, meanwhile
        except TypeError:  # it holds a lock or an open file, for example
            self._ahead = False
            return
        self._left = None if rng is None else rng.bit_generator.state
        self._copy = copy.deepcopy(rng)
        make = _maker(batches, self._order, self._copy, transforms)
        self._prefetcher = batches.prefetcher = Prefetcher(make, range(self._number, self._count))

    def _prefetched(self, prefetcher: Prefetcher) -> tuple[Any, ...]:
        rng = self._batches.transform_rng
        try:
            batch, state = prefetcher.get()
        except BaseException as error:
            if rng is not None and self._copy is not None and error is prefetcher.error:
                rng.bit_generator.state = self._copy.bit_generator.state  # what failed has drawn, too
            raise
        if rng is not None:
            rng.bit_generator.state = self._left = state
        made: tuple[Any, ...] = batch
        return made


def _maker(
    batches: Batches, order: Array | None, rng: np.random.Generator | None, transforms: Sequence[Transform]
) -> Callable[[int, int], Any]:
    """What the thread calls: it knows the batches, and not the pass, which ends the thread when nobody wants it."""

    def make(number: int, slot: int) -> tuple[tuple[Any, ...], Any]:
        batch = batches.make_to_keep(order, number, rng, slot, transforms)
        return batch, None if rng is None else rng.bit_generator.state

    return make
