"""`fit`, `evaluate` and `predict`: data and callbacks around the passes of a trainer."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import is_whole
from .data.sources import Source, as_source, is_array
from .data.splits import are_classes, missing_classes, split
from .divergence import DivergenceError, check_weights
from .parameters import Array
from .run import Run
from .trainer import Logs, Trainer

if TYPE_CHECKING:
    from .callbacks import CallbackList, CallbackSpec, History
    from .sequential import Sequential


def fit(
    trainer: Trainer,
    x: Any,
    y: Any,
    *,
    batch_size: int | None,
    epochs: int,
    verbose: str | int,
    callbacks: Sequence[CallbackSpec] | None,
    validation_split: float,
    validation_data: Any,
    shuffle: bool,
    class_weight: Mapping[int, float] | None,
    sample_weight: Any,
    initial_epoch: int,
    steps_per_epoch: int | None,
    validation_steps: int | None,
    validation_batch_size: int | None,
    validation_freq: int,
) -> History:
    """`Sequential.fit`: prepares the data and the callbacks, then runs the epochs."""
    from .callbacks import History
    from .sequential import announce

    model = trainer.model
    trainer.required_loss()
    _check_count("epochs", epochs, 0)
    _check_count("initial_epoch", initial_epoch, 0)
    _check_count("validation_freq", validation_freq, 1)
    shown = _shown(verbose)
    held_back = None
    if validation_split and validation_data is None:
        if not is_array(x):
            raise ValueError("validation_split takes arrays; with an iterable of batches pass validation_data")
        (x, y, sample_weight), validation_data = split((x, y, sample_weight), validation_split)
        held_back = validation_data[1]
    rng, dtype = model.shuffle_rng, model.dtype
    source = as_source(
        x, y, sample_weight, batch_size, shuffle, rng, steps_per_epoch, class_weight, dtype, continued=True
    )
    trainer.check_all(source)
    _check_classes(model, class_weight)
    if held_back is not None:
        warn_of_missing_classes(trainer, y, held_back, validation_split)
    if shown:
        y_all = None if source.arrays is None else source.arrays[1]
        announce(model.name, trainer.news(None if y_all is None else y_all.shape[1:]))
    validation = _validation(trainer, validation_data, validation_batch_size or batch_size, validation_steps)

    history = History()
    params = {"epochs": epochs, "steps": source.steps, "verbose": shown, "validation": validation is not None}
    listeners = _callback_list(model, [*_progress(shown), *_given(callbacks), history], params)
    listeners.check_logs([*trainer.names, *(f"val_{name}" for name in trainer.names if validation)])
    if trainer.optimizer.schedule is not None and source.steps is not None:
        trainer.optimizer.schedule.steps_per_epoch = source.steps

    model.stop_training = model.interrupted = False
    model.history = history
    outer, trainer.run = trainer.run, Run(trainer, source, validation, initial_epoch, epochs, validation_freq)
    try:
        _run_epochs(trainer.run, listeners)
    finally:
        trainer.run = outer  # a callback of which may have called this one; with the run go the data
    return history


def _run_epochs(run: Run, listeners: CallbackList) -> None:
    """Trains, validates and tells the callbacks, in Keras's order of events.

    A signal ends it after the batch: the epoch does not end then, and whoever goes on later is in the middle of it.
    """
    trainer, validation = run.trainer, run.validation
    model, logs, outer = trainer.model, Logs(), trainer.stops_on_nonfinite
    try:
        trainer.stops_on_nonfinite = not any(callback.judges_loss for callback in listeners.callbacks)
        listeners.begin_training()  # a callback that takes up an earlier run changes the place of this one
        while run.epoch < run.epochs and (run.batch or not model.stop_training):
            epoch = run.epoch
            listeners.call("on_epoch_begin", epoch, {})
            logs = trainer.run_epoch(run, listeners)
            if trainer.stops_on_nonfinite:
                check_weights(model, trainer.optimizer.iterations)
            if model.interrupted:
                break
            if validation is not None and (epoch + 1) % run.validation_freq == 0:
                logs |= {f"val_{name}": value for name, value in trainer.run_test(validation, listeners).items()}
            run.end_epoch()
            listeners.call("on_epoch_end", epoch, logs)
        if model.interrupted:
            listeners.call("on_interruption", logs)
        with model.lock:
            trainer.optimizer.finalize()
    except BaseException as error:
        model.interrupted = True
        _put_weights_back(model)
        if isinstance(error, DivergenceError):
            error.epoch = run.epoch
            error.last_good = next((c.last_good for c in listeners.callbacks if c.last_good is not None), None)
        raise
    finally:
        trainer.stops_on_nonfinite = outer
        listeners.end_training(logs)


def evaluate(
    trainer: Trainer,
    x: Any,
    y: Any,
    batch_size: int | None,
    verbose: str | int,
    sample_weight: Any,
    steps: int | None,
    callbacks: Sequence[CallbackSpec] | None,
) -> Logs:
    """`Sequential.evaluate`: the loss and the metrics of all batches, by name."""
    source = as_source(x, y, sample_weight, batch_size, steps=steps, dtype=trainer.model.dtype)
    trainer.check_all(source)
    listeners = _callback_list(trainer.model, _given(callbacks), {"steps": source.steps, "verbose": verbose})
    try:
        logs = trainer.run_test(source, listeners)
    except BaseException:
        _put_weights_back(trainer.model)
        raise
    if verbose not in (0, "auto"):
        print("  ".join(f"{name} {value:.4g}" for name, value in logs.items() if isinstance(value, float)))
    return logs


def predict(
    model: Sequential,
    x: Any,
    batch_size: int | None,
    verbose: str | int,
    steps: int | None,
    callbacks: Sequence[CallbackSpec] | None,
) -> Array:
    """`Sequential.predict`: the outputs of all batches, one after the other."""
    source = as_source(x, batch_size=batch_size, steps=steps, dtype=model.dtype)
    listeners = _callback_list(model, _given(callbacks), {"steps": source.steps, "verbose": verbose})
    outputs = []
    try:
        listeners.call("on_predict_begin", {})
        for number, (batch, _, _) in enumerate(source.epoch()):
            listeners.call("on_predict_batch_begin", number, {})
            outputs.append(model(batch))
            listeners.call("on_predict_batch_end", number, {"outputs": outputs[-1]})
        listeners.call("on_predict_end", {})
    except BaseException:
        if callbacks:  # otherwise they are none of this call's business: another thread may be evaluating
            _put_weights_back(model)
        raise
    return np.concatenate(outputs)


def _put_weights_back(model: Sequential) -> None:
    """After an error: averages that a callback has put in the place of the weights go out again."""
    if model._trainer is not None and model._trainer.optimizer.swapped:
        with model.lock:
            model._trainer.optimizer.swap_ema()


def _validation(trainer: Trainer, data: Any, batch_size: int | None, steps: int | None) -> Source | None:
    if data is None:
        return None
    dtype = trainer.model.dtype
    is_pair = isinstance(data, tuple | list) and len(data) > 0 and is_array(data[0])
    if is_pair and not 2 <= len(data) <= 3:
        raise ValueError(f"validation_data must be (x, y) or (x, y, sample_weight), got {len(data)} parts")
    try:
        if is_pair:
            x, y, weight = (*data, None)[:3]
            source = as_source(x, y, weight, batch_size, steps=steps, dtype=dtype)
        else:
            source = as_source(data, steps=steps, dtype=dtype)
        trainer.check_all(source)
    except ValueError as error:
        raise ValueError(f"validation_data: {error}") from None
    return source


def warn_of_missing_classes(trainer: Trainer, y: Any, y_validation: Any, share: float) -> None:
    """Says so when a split of the data as it lies leaves training or validation without a class."""
    model = trainer.model
    if not model.output_shape or not are_classes(y, model.output_shape[-1]):
        return
    for classes, side in zip(missing_classes(y, y_validation), ("training", "validation"), strict=True):
        if classes:
            shown = ", ".join(map(str, classes[:10])) + (", …" if len(classes) > 10 else "")
            warnings.warn(
                f"validation_split={share!r} holds back the last {len(y_validation)} examples as they lie, which "
                f"leaves no example of class {shown} for {side}: shuffle the data first, or pass validation_data "
                f"from framework.data.stratified_split(x, y, {share!r})",
                stacklevel=4,
            )


def _check_classes(model: Sequential, class_weight: Mapping[int, float] | None) -> None:
    if class_weight and model.built and model.output_shape:
        classes = max(2, model.output_shape[-1])
        for number in class_weight:
            if not 0 <= int(number) < classes:
                raise ValueError(
                    f"class_weight names class {number}, but model {model.name!r} tells {classes} classes apart, "
                    f"numbered 0 to {classes - 1}"
                )


def _shown(verbose: str | int) -> int:
    if verbose == "auto":
        return 1
    if verbose not in (0, 1, 2):
        raise ValueError(f"verbose must be 'auto', 0, 1 or 2, got {verbose!r}")
    return int(verbose)


def _progress(verbose: int) -> list[Any]:
    from .callbacks import ProgressBar

    return [ProgressBar(verbose)] if verbose else []


def _given(callbacks: Sequence[CallbackSpec] | None) -> Sequence[CallbackSpec]:
    """The user's callbacks; raises TypeError when they are no list."""
    if callbacks is None:
        return ()
    if isinstance(callbacks, str | Mapping) or not isinstance(callbacks, Sequence):
        raise TypeError(f"callbacks must be a list, got {callbacks!r}; write [{callbacks!r}]")
    return callbacks


def _callback_list(model: Sequential, callbacks: Sequence[CallbackSpec], params: Mapping[str, Any]) -> CallbackList:
    from . import callbacks as namespace

    return namespace.CallbackList([namespace.get(c) for c in callbacks], model, params)


def _check_count(name: str, value: Any, low: int) -> None:
    if not is_whole(value, low):
        raise ValueError(f"{name} must be a whole number of at least {low}, got {value!r}")
