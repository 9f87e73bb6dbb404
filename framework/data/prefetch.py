"""Making what comes next in a background thread, while the caller works on what came before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from queue import SimpleQueue

SLOTS = 4
"""How many items there are at a time: one is the caller's, one is being made, two wait."""


class Prefetcher:
    """Calls `make(number, slot)` for each number, in a thread of its own and at most SLOTS - 1 ahead of the caller.

    make: makes an item in the memory of that slot, 0 to SLOTS - 1, which the caller no longer uses.
    numbers: what to call it with, in order; the caller must not ask for more items than that.

    What `make` raises, `get` raises in the place of that item, and keeps it as `error`: then the thread has ended. It
    ends after the last number, too. A caller that wants no more must `stop` it, and not `get` any more.

    >>> squares = Prefetcher(lambda number, slot: number**2, range(5))
    >>> squares.get(), squares.get()
    (0, 1)
    >>> squares.stop()
    """

    def __init__(self, make: Callable[[int, int], Any], numbers: Iterable[int]) -> None:
        from contextvars import copy_context
        from queue import SimpleQueue
        from threading import Thread

        self.error: BaseException | None = None
        self._process = os.getpid()
        self._make = make
        self._free: SimpleQueue[int] = SimpleQueue()
        self._ready: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self._slot: int | None = None
        self._stopped = False
        for slot in range(SLOTS):
            self._free.put(slot)
        # In the context of the caller, so that its np.errstate holds there too; and a daemon, so that a program ends
        # even while somebody keeps a pass that has begun.
        self._thread = Thread(target=copy_context().run, args=(self._run, numbers), name="prefetch", daemon=True)
        self._thread.start()

    @property
    def is_elsewhere(self) -> bool:
        """Whether this process is a fork of the one that has the thread: here, nothing more is made."""
        return os.getpid() != self._process

    def get(self) -> Any:
        """The next item, valid until the next call; waits for it where it must."""
        if self._slot is not None:
            self._free.put(self._slot)
        self._slot, item = self._ready.get()
        if item is self and self.error is not None:
            raise self.error
        return item

    def stop(self) -> None:
        """Ends the thread as soon as it has made the item that it is at, and waits for that."""
        self.tell_to_stop()
        if not self.is_elsewhere:
            self._thread.join()

    def tell_to_stop(self) -> None:
        """Ends the thread without waiting for it."""
        self._stopped = True
        if not self.is_elsewhere:
            self._free.put(0)  # wakes it

    def _run(self, numbers: Iterable[int]) -> None:
        slot = 0
        try:
            for number in numbers:
                slot = self._free.get()
                if self._stopped:
                    return
                self._ready.put((slot, self._make(number, slot)))
        except BaseException as error:  # whatever it is, it is the caller's
            self.error = error
            self._ready.put((slot, self))
