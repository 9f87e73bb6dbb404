"""The contract of a callback: what happens around training, in Keras's order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

from ..registry import Configurable, Registry

if TYPE_CHECKING:
    from ..sequential import Sequential

Logs = dict[str, Any]


class Callback(Configurable):
    """Something to do at the events of `fit`, `evaluate` and `predict`; define the methods you want.

    Order: train begin; for each epoch: epoch begin, then batch begin and end for each batch, validation
    (test begin, its batches, test end), epoch end; train end. `self.model` is the model at work,
    `self.params` a mapping with `epochs`, `steps` and `verbose`. Set `self.model.stop_training = True`
    to end training after the current batch.
    """

    model: Sequential
    params: Mapping[str, Any] = {}
    first_epoch: int | None = None
    """Set in `on_train_begin` by a callback that restores an earlier run: the epoch with which training goes on."""
    comes_last = False
    """Whether it is told of everything after all others, since it keeps what they have done."""
    log_names: Sequence[str] = ()
    """What this callback adds to the logs of an epoch, so that others may watch it."""

    def set_model(self, model: Sequential) -> None:
        self.model = model

    def set_params(self, params: Mapping[str, Any]) -> None:
        self.params = params

    def check_logs(self, available: Sequence[str]) -> None:
        """Called when training begins with the names that the logs will have; raise ValueError if one is missing."""

    def on_train_begin(self, logs: Logs | None = None) -> None: ...

    def on_train_end(self, logs: Logs | None = None) -> None: ...

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None: ...

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None: ...

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None: ...

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None: ...

    def on_test_begin(self, logs: Logs | None = None) -> None: ...

    def on_test_end(self, logs: Logs | None = None) -> None: ...

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None: ...

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None: ...

    def on_predict_begin(self, logs: Logs | None = None) -> None: ...

    def on_predict_end(self, logs: Logs | None = None) -> None: ...

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None: ...

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None: ...


EVENTS = tuple(name for name in vars(Callback) if name.startswith("on_"))


class CallbackList:
    """Several callbacks as one; an event reaches only those that define it, so that the others cost nothing."""

    def __init__(self, callbacks: Iterable[Callback], model: Sequential, params: Mapping[str, Any]) -> None:
        self.callbacks = sorted(callbacks, key=lambda callback: getattr(callback, "comes_last", False))
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                raise TypeError(f"expected a Callback, got {callback!r} ({type(callback).__name__})")
            callback.set_model(model)
            callback.set_params(params)
        self._began: list[Callback] = []
        self._listeners: dict[str, list[Callable[..., None]]] = {
            event: [getattr(c, event) for c in self.callbacks if _defines(c, event)] for event in EVENTS
        }

    def listens(self, event: str) -> bool:
        """Whether anybody wants this event."""
        return bool(self._listeners[event])

    def call(self, event: str, *arguments: Any) -> None:
        """Tells everybody, in order."""
        for listener in self._listeners[event]:
            listener(*arguments)

    def check_logs(self, available: Sequence[str]) -> None:
        """Tells everybody what the logs will hold: these names, and what the callbacks add."""
        names = [*available, *(name for callback in self.callbacks for name in callback.log_names)]
        for callback in self.callbacks:
            callback.check_logs(names)

    def begin_training(self, initial_epoch: int) -> int:
        """Begins it for everybody, and returns the epoch with which it begins."""
        for callback in self.callbacks:
            callback.on_train_begin({})
            self._began.append(callback)
        restored = [callback.first_epoch for callback in self.callbacks if callback.first_epoch is not None]
        return max([initial_epoch, *restored])

    def end_training(self, logs: Logs) -> None:
        """Ends it for everybody for whom it began, even if some of them raise."""
        with ExitStack() as ends:
            for callback in reversed(self._began):
                ends.callback(callback.on_train_end, logs)


def _defines(callback: Callback, event: str) -> bool:
    return getattr(type(callback), event) is not getattr(Callback, event) or event in vars(callback)


registry: Registry[Callback] = Registry("callback", Callback)
CallbackSpec = Annotated[str | Mapping[str, Any] | Callback, registry]
