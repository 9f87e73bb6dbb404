"""Changing the learning rate by epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from ..arguments import is_number, require
from .base import Callback, Logs, registry


@registry.register
class LearningRateScheduler(Callback):
    """Sets the learning rate to `schedule(epoch, current rate)`, or `schedule(epoch)`, when an epoch begins.

    Its function makes it something for Python; in YAML give the optimizer a schedule. The logs gain
    `learning_rate`. Raises ValueError when the function returns no number, TypeError when the optimizer
    follows a schedule of its own.

    schedule: the function, of the epoch (counted from 0) and the rate so far, or of the epoch alone.
    verbose: whether to print the rate of every epoch: 0 or 1.

    >>> halve = LearningRateScheduler(lambda epoch, rate: rate / 2)
    """

    log_names = ("learning_rate",)

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        require(callable(schedule), self, "schedule", schedule, "a function of (epoch) or (epoch, current rate)")
        self.schedule = schedule
        self.verbose = verbose
        self._arguments = _arguments(schedule)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        optimizer = self.model.optimizer
        rate = self.schedule(*(epoch, optimizer.learning_rate)[: self._arguments])
        if not is_number(rate, 0):
            raise ValueError(
                f"LearningRateScheduler: the schedule must give a number of at least 0, got {rate!r} for epoch {epoch}"
            )
        optimizer.learning_rate = rate
        if self.verbose:
            print(f"Epoch {epoch + 1}: learning rate {optimizer.learning_rate:g}")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = self.model.optimizer.learning_rate


def _arguments(schedule: Callable[..., float]) -> int:
    """How many arguments it wants: (epoch, rate) when it can take both, otherwise (epoch)."""
    try:
        inspect.signature(schedule).bind(0, 0.0)
    except TypeError:
        return 1
    except ValueError:
        pass  # a function in C that does not tell
    return 2
