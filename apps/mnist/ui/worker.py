"""Work that no frame waits for: jobs done one after the other in a thread, their results fetched by the loop."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

Done = Callable[[Any], None]
Failed = Callable[[Exception], None]


class Worker:
    """Runs jobs in one thread, in order; `collect` hands the results over in the thread that calls it.

    The models are touched by these jobs alone, so none is ever used by two threads at a time.

    >>> worker, results = Worker(), []
    >>> worker.submit(lambda: 6 * 7, results.append, print)
    >>> worker.close(); worker.collect(); results
    [42]
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[Callable[[], Any], Done, Failed, str | None]] = deque()
        self._finished: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._pending = 0
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="predictions", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], Any], done: Done, failed: Failed, replaces: str | None = None) -> None:
        """Queues a job. Of those that wait under the same name `replaces`, only the latest is done."""
        with self._changed:
            if replaces is not None:
                kept = [item for item in self._waiting if item[3] != replaces]
                self._pending -= len(self._waiting) - len(kept)
                self._waiting = deque(kept)
            self._waiting.append((job, done, failed, replaces))
            self._pending += 1
            self._changed.notify()

    def collect(self) -> None:
        """Calls `done` with the result of each job that has ended, or `failed` with its exception."""
        while self._finished:
            hand_over = self._finished.popleft()
            with self._changed:
                self._pending -= 1
            hand_over()

    @property
    def busy(self) -> bool:
        """Whether there are jobs whose results have not been collected."""
        return self._pending > 0

    def close(self) -> None:
        """Ends the thread once the jobs that wait are done."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                job, done, failed, _ = self._waiting.popleft()
            self._finished.append(_outcome(job, done, failed))


def _outcome(job: Callable[[], Any], done: Done, failed: Failed) -> Callable[[], None]:
    try:
        result = job()
    except BaseException as error:  # a model's layers may be anybody's code: the window tells it and lives on
        problem = error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__}: {error}")
        return lambda: failed(problem)
    return lambda: done(result)
