"""A callback from plain functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .base import Callback, registry

Hook = Callable[..., Any]


@registry.register
class LambdaCallback(Callback):
    """Calls the given functions at their events: epochs with (epoch, logs), batches with (batch, logs), else (logs).

    on_epoch_begin: called with (epoch, logs) before each epoch, counted from 0.
    on_epoch_end: called with (epoch, logs) after each epoch and its validation.
    on_train_begin: called with (logs) once, before all.
    on_train_end: called with (logs) once, after all.
    on_train_batch_begin: called with (batch, logs) before each batch, counted from 0 in every epoch.
    on_train_batch_end: called with (batch, logs) after each batch.

    >>> printer = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs))
    """

    def __init__(
        self,
        on_epoch_begin: Hook | None = None,
        on_epoch_end: Hook | None = None,
        on_train_begin: Hook | None = None,
        on_train_end: Hook | None = None,
        on_train_batch_begin: Hook | None = None,
        on_train_batch_end: Hook | None = None,
    ) -> None:
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }
        for name, hook in given.items():
            if hook is not None:
                setattr(self, name, hook)

    def __repr__(self) -> str:
        return f"LambdaCallback({', '.join(name for name in vars(self) if name.startswith('on_'))})"
