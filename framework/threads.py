"""The one setting for threads, and the pool over which large pieces of work are spread.

NumPy lets other threads run while it computes. So convolutions and pooling cut what is worth it into parts, which the
caller and the threads of the pool do at the same time. The linear algebra (BLAS) has threads of its own, which follow
the same setting; but they wait by turning round and round, and ours would have to share the cores with them. From the
first convolution on BLAS is therefore held to one thread, until the next `set_threads`.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .arguments import is_whole
from .registry import ArgumentError

if TYPE_CHECKING:
    from contextvars import Context
    from queue import SimpleQueue

Part = TypeVar("Part")
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Environment variables of which any with the value 1 keeps the BLAS that reads it to one thread."""


def set_threads(n: int | None) -> None:
    """Sets how many threads the whole framework works on, in this process; None for one on each core it may use.

    That is the default, too. BLAS gets as many where threadpoolctl is installed; without it BLAS stays as it is, and
    nothing is spread unless the environment keeps BLAS to one thread. What the framework spreads itself has the same
    results, to the bit, on any number of threads; large products of BLAS may differ in the rounding.

    Raises ArgumentError unless n is a positive whole number or None.

    >>> set_threads(2)
    >>> get_threads()
    2
    >>> set_threads(None)
    """
    if n is not None and not is_whole(n, 1):
        raise ArgumentError(f"threads must be a positive whole number, or None for all cores, got {n!r}", "threads")
    with _changing:
        _setting.number = _cores() if n is None else int(n)
        _setting.blas_is_held = False
        for library in _blas(anew=True) or ():
            library.set_num_threads(_setting.number)


def get_threads() -> int:
    """How many threads the framework works on."""
    if _setting.number is None:
        _setting.number = _cores()
    return _setting.number


def get_blas_threads() -> int:
    """How many threads the linear algebra works on, as far as the framework has set it."""
    return 1 if _setting.blas_is_held else get_threads()


@contextmanager
def limited_to(n: int | None) -> Iterator[None]:
    """Inside, the framework works on n threads; afterwards all is as before. None changes nothing.

    The setting is that of the process: threads that are inside at once share what the last of them has set.

    >>> with limited_to(1):
    ...     get_threads()
    1
    """
    if n is None:
        yield
        return
    with _restored():
        set_threads(n)
        yield


@contextmanager
def blas_on_one_thread() -> Iterator[None]:
    """Inside, BLAS works on one thread, unless `set_threads` is called there; afterwards all is as before."""
    with _restored():
        hold_blas()
        yield


@contextmanager
def _restored() -> Iterator[None]:
    with _changing:
        scope = _Scope()
        _scopes.append(scope)
    try:
        yield
    finally:
        with _changing:
            place = _scopes.index(scope)
            del _scopes[place]
            if place == len(_scopes):
                scope.restore()
            else:  # another thread has entered since: it will restore what this one found
                _scopes[place].before = scope.before


def spread(function: Callable[[Part], object], parts: Sequence[Part]) -> None:
    """Calls the function with each part, on several threads at a time; returns when all calls have.

    It costs some 50 microseconds, so each part should take several hundred. Which thread does which part is not known;
    parts must not depend on each other. Inside of a part everything is done by the thread that is at it. When calls
    raise, no new ones begin, and what the first of them in order has raised is raised here.

    >>> found = [0, 0]
    >>> def square(n):
    ...     found[n] = (n + 1) ** 2
    >>> spread(square, range(2))
    >>> found
    [1, 4]
    """
    helpers = min(get_threads(), len(parts)) - 1
    if helpers < 1 or _here.is_at_work or not hold_blas():
        for part in parts:
            function(part)
        return
    work = _Work(function, parts)
    _helpers().call(work, helpers)
    work.help()
    work.wait()


def shares(length: int, number: int) -> list[slice]:
    """The slices that cut an axis into so many parts of like size.

    >>> shares(7, 2)
    [slice(0, 3, None), slice(3, 7, None)]
    """
    ends = [length * k // number for k in range(number + 1)]
    return [slice(first, last) for first, last in itertools.pairwise(ends)]


def hold_blas() -> bool:
    """Holds BLAS to one thread until the next `set_threads`; returns whether it has no more.

    With many products that are small, or that several threads compute at a time, its own threads cost more than they
    bring.
    """
    if not _setting.blas_is_held:
        libraries = _blas()
        if libraries is None:
            return any(os.environ.get(name) == "1" for name in ONE_THREAD)
        for library in libraries:
            library.set_num_threads(1)
        _setting.blas_is_held = True
    return True


class _Setting:
    """What `set_threads` sets; BLAS is left alone until somebody does, or something is spread."""

    number: int | None
    blas_is_held: bool

    def __init__(self) -> None:
        self.number = None
        self.blas_is_held = False


class _Scope:
    """What is to be restored where a setting ends that was made for a while."""

    def __init__(self) -> None:
        blas = [(library, library.get_num_threads()) for library in _blas() or ()]
        self.before = (vars(_setting).copy(), blas)

    def restore(self) -> None:
        setting, blas = self.before
        vars(_setting).update(setting)
        for library, number in blas:
            library.set_num_threads(number)


class _Here(threading.local):
    """What is known of the thread that asks."""

    is_at_work = False
    """Whether it does a part of something, which is then not spread any further."""


class _Work(Generic[Part]):
    """One call of `spread`, of which threads take parts until none is left."""

    def __init__(self, function: Callable[[Part], object], parts: Sequence[Part]) -> None:
        self._function = function
        self._parts = parts
        self._next = self._running = 0
        self._errors: list[tuple[int, BaseException]] = []
        self._lock = threading.Lock()
        self._finished = threading.Lock()
        self._finished.acquire()

    def help(self) -> None:
        """Does parts until none is left, or one has failed."""
        _here.is_at_work = True
        try:
            while (index := self._begin()) is not None:
                try:
                    self._function(self._parts[index])
                except BaseException as error:  # the caller gets it
                    self._errors.append((index, error))
                self._end()
        finally:
            _here.is_at_work = False

    def _begin(self) -> int | None:
        with self._lock:
            if self._errors or self._next == len(self._parts):
                return None
            self._running += 1
            self._next += 1
            return self._next - 1

    def _end(self) -> None:
        with self._lock:
            self._running -= 1
            is_last = not self._running and (bool(self._errors) or self._next == len(self._parts))
        if is_last:
            self._finished.release()

    def wait(self) -> None:
        """Returns when all that has begun has ended; raises what a part has raised."""
        try:
            self._finished.acquire()
        except BaseException:  # Ctrl-C: others are still writing into arrays
            self._finished.acquire()
            raise
        if self._errors:
            raise min(self._errors, key=lambda failed: failed[0])[1]


class _Helpers:
    """Threads that wait for work. They are daemons: a program ends without asking them."""

    def __init__(self) -> None:
        from queue import SimpleQueue

        self._number = 0
        self._waiting: SimpleQueue[tuple[Context, _Work[Any]]] = SimpleQueue()

    def call(self, work: _Work[Any], number: int) -> None:
        """Lets so many of them help with it, in the context of the caller: np.errstate holds for them, too."""
        from contextvars import copy_context

        with _making:
            while self._number < number:
                self._number += 1
                threading.Thread(target=self._run, name=f"framework-{self._number}", daemon=True).start()
        for _ in range(number):
            self._waiting.put((copy_context(), work))

    def _run(self) -> None:
        while True:
            context, work = self._waiting.get()
            context.run(work.help)
            del context, work  # arrays should not live on because this thread waits


def _helpers() -> _Helpers:
    """The threads of this process, none of which begins before it is needed."""
    global _pool
    with _making:
        if _pool is None:
            _pool = _Helpers()
        return _pool


def _cores() -> int:
    """On how many cores this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _blas(anew: bool = False) -> list[Any] | None:
    """What controls the threads of each BLAS that is loaded; None without threadpoolctl."""
    global _libraries
    if anew or _libraries is _UNKNOWN:
        try:
            from threadpoolctl import ThreadpoolController
        except ImportError:
            _libraries = None
        else:
            _libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    return _libraries


def _forget() -> None:
    """In a process that has been forked off, which has none of the threads."""
    global _pool, _making, _changing, _here
    _pool, _making, _changing, _here = None, threading.Lock(), threading.Lock(), _Here()


_UNKNOWN: list[Any] = []
_setting = _Setting()
_here = _Here()
_scopes: list[_Scope] = []
"""Those inside of which somebody is, in the order of their beginnings."""
_changing = threading.Lock()
_making = threading.Lock()
_pool: _Helpers | None = None
_libraries: list[Any] | None = _UNKNOWN
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
