"""The contract of a callback: what happens around training, in Keras's order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    to end training after the current batch. What a callback gathers from batch to batch, or from epoch to epoch, it
    hands out in `get_state`, so that `BackupAndRestore` can keep it for a run that is cut off. A run that goes on in
    the middle of an epoch begins that epoch once more for its callbacks, and then goes on with the batch that is next.
    """

    model: Sequential
    params: Mapping[str, Any] = {}
    comes_last = False
    """Whether it is told of everything after all others, since it keeps what they have done."""
    log_names: Sequence[str] = ()
    """What this callback adds to the logs of an epoch, so that those that come later may watch it."""

    judges_loss = False
    """Whether it decides itself what a loss that is NaN or infinite means; otherwise it is an error that ends `fit`."""
    last_good: str | None = None
    """Where the state before an error can be found, for its message."""

    def set_model(self, model: Sequential) -> None:
        self.model = model

    def set_params(self, params: Mapping[str, Any]) -> None:
        self.params = params

    def set_companions(self, callbacks: Sequence[Callback]) -> None:
        """Called with all callbacks of the run, itself included, in their order."""

    def check_logs(self, available: Sequence[str]) -> None:
        """Called when training begins with the names that the logs will have when it is this callback's turn.

        Raise ValueError if one is missing.
        """

    def get_state(self) -> dict[str, Any]:
        """What it takes to go on with a run that was cut off: plain data and arrays, by name."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `get_state` gave; called after `on_train_begin`. Lists come back for tuples.

        Where the run goes on in the middle of an epoch, it is called once more after the `on_epoch_begin` of all.
        """

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

    def on_interruption(self, logs: Logs | None = None) -> None:
        """A signal has ended training after a batch, or after an epoch, and all is as it was left there."""

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
            callback.set_companions(self.callbacks)
        self._began: list[Callback] = []
        self._listeners: dict[str, list[Callable[..., None]]] = {
            event: [getattr(c, event) for c in self.callbacks if defines(c, event)] for event in EVENTS
        }

    def listens(self, event: str) -> bool:
        """Whether anybody wants this event."""
        return bool(self._listeners[event])

    def call(self, event: str, *arguments: Any) -> None:
        """Tells everybody, in order."""
        for listener in self._listeners[event]:
            listener(*arguments)

    def check_logs(self, available: Sequence[str]) -> None:
        """Tells everybody what the logs will hold: these names, and what the callbacks before it, and itself, add.

        Raises ValueError for a callback that needs what is not there, or is logged by one that comes later.
        """
        for _, error in unmet_needs(self.callbacks, available):
            raise error

    def begin_training(self) -> None:
        """Begins it for everybody."""
        for callback in self.callbacks:
            callback.on_train_begin({})
            self._began.append(callback)

    def end_training(self, logs: Logs) -> None:
        """Ends it for everybody for whom it began, even if some of them raise."""
        with ExitStack() as ends:
            for callback in reversed(self._began):
                ends.callback(_end, callback, logs)


def _end(callback: Callback, logs: Logs) -> None:
    try:
        callback.on_train_end(logs)
    except BaseException:
        callback.model.interrupted = True  # those that follow must not take it for a good end
        raise


def defines(callback: Callback, method: str) -> bool:
    """Whether it has a method of its own in place of the one that does nothing."""
    return getattr(type(callback), method) is not getattr(Callback, method) or method in vars(callback)


def unmet_needs(callbacks: Sequence[Callback], available: Iterable[str]) -> Iterator[tuple[Callback, ValueError]]:
    """Each callback that will miss something in the logs when it is its turn, and what it says about it.

    available: what the logs hold before the callbacks, in this order, add to them.
    """
    names = list(available)
    for place, callback in enumerate(callbacks):
        names += callback.log_names
        error = _missed(callback, names)
        if error is None:
            continue
        for later in callbacks[place + 1 :]:
            if later.log_names and _missed(callback, [*names, *later.log_names]) is None:
                who, source = type(callback).__name__, type(later).__name__
                error = ValueError(
                    f"{who} needs what {source} logs ({', '.join(later.log_names)}), and is told of the end of an "
                    f"epoch before it: list {source} before {who}"
                )
                break
        yield callback, error


def _missed(callback: Callback, names: Sequence[str]) -> ValueError | None:
    try:
        callback.check_logs(names)
    except ValueError as error:
        return error
    return None


registry: Registry[Callback] = Registry("callback", Callback)
CallbackSpec = Annotated[str | Mapping[str, Any] | Callback, registry]
