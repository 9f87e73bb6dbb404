"""Ending training cleanly when the user or the system asks for it."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from .base import Callback, Logs, registry


@registry.register
class StopOnSignal(Callback):
    """Ctrl-C (SIGINT) or SIGTERM ends training after the batch at work; a second one ends the program at once.

    An epoch that has begun is left where it is, without validation, so that `BackupAndRestore` can save it and go on
    with its next batch; a validation that has begun is finished. `received` is the number of the signal, or None, and
    `place` says in words where training ended. Signals reach only the main thread of a program; elsewhere this
    callback does nothing.

    >>> StopOnSignal().received is None
    True
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self.place = ""
        self._previous: dict[int, Any] = {}

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.received, self.place = None, ""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._handle)

    def on_interruption(self, logs: Logs | None = None) -> None:
        run = self.model.trainer.run
        assert run is not None
        self.place = run.place

    def on_train_end(self, logs: Logs | None = None) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._previous.clear()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.received = number
        self.model.interrupted = True  # whether the run's own rules end it, too, is another matter
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, self._previous.get(signal.SIGTERM) or signal.SIG_DFL)
