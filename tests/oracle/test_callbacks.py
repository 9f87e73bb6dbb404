"""The order of events, and what the callbacks do at them, recorded from both."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras: pip install -e '.[oracle]'")

import keras

import framework
from framework import Input, Sequential
from framework.callbacks.base import EVENTS

from .agreement import RECORD, agree
from .twins import compiled_twin, weights_of

RNG = np.random.default_rng(9)
X, Y = RNG.standard_normal((10, 3)), RNG.integers(0, 2, 10)


def models(**options: Any) -> tuple[Sequential, Any]:
    ours = Sequential([Input((3,)), {"dense": 4}, "tanh", {"dense": {"units": 2, "activation": "softmax"}}],
                      seed=1, dtype="float64")  # fmt: skip
    ours._compile({"sgd": {"learning_rate": 0.125, **options}}, "sparse_categorical_crossentropy", ["accuracy"], None)
    return ours, compiled_twin(ours)


def recorder(base: type) -> tuple[Any, list[Any]]:
    """A callback that writes down what it is told: the event, the epoch or batch, and the names in the logs."""
    events: list[Any] = []

    def told(event: str) -> Any:
        def of_number(self: Any, number: int, logs: Any = None) -> None:
            events.append((event, number, sorted(logs or {})))

        def of_all(self: Any, logs: Any = None) -> None:
            events.append((event, sorted(logs or {})))

        return of_number if "batch" in event or "epoch" in event else of_all

    return type("Recorder", (base,), {event: told(event) for event in EVENTS})(), events


class Scripted:
    """Puts figures of ours in the place of the loss, for the callbacks that come after."""

    def __init__(self, figures: list[float]) -> None:
        super().__init__()
        self.figures = figures

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        assert logs is not None
        logs["loss"] = self.figures[epoch]


def scripted(base: type, figures: list[float]) -> Any:
    return type("ScriptedCallback", (Scripted, base), {})(figures)


def trained(figures: list[float], name: str, **arguments: Any) -> list[tuple[Any, Any, Any]]:
    """Model, history and callback of both after as many epochs as there are figures, or fewer."""
    results = []
    for model, callbacks in zip(models(), (framework.callbacks, keras.callbacks), strict=True):
        callback = getattr(callbacks, name)(**arguments)
        given = [scripted(callbacks.Callback, figures), callback]
        history = model.fit(X[:4], Y[:4], epochs=len(figures), verbose=0, shuffle=False, callbacks=given)
        results.append((model, history.history, callback))
    RECORD.note("callbacks: runs", 1, 0.0)
    return results


@pytest.mark.parametrize(
    "options",
    [
        {"epochs": 2},
        {"epochs": 3, "validation_batch_size": 3},
        {"epochs": 4, "validation_freq": 2},
        {"epochs": 4, "initial_epoch": 2, "validation_steps": 1},
        {"epochs": 5, "initial_epoch": 5},
        {"epochs": 2, "steps_per_epoch": 2},
    ],
    ids=repr,
)
def test_events_of_fit_come_in_the_same_order(options: dict[str, Any]) -> None:
    recorded = []
    if any("validation" in name for name in options):
        options = options | {"validation_data": (X[:7], Y[:7])}
    for model, base in zip(models(), (framework.callbacks.Callback, keras.callbacks.Callback), strict=True):
        callback, events = recorder(base)
        model.fit(X, Y, batch_size=4, verbose=0, shuffle=False, callbacks=[callback], **options)
        recorded.append(events)
    assert recorded[0] == recorded[1]
    RECORD.note("callbacks: events", len(recorded[0]), 0.0)


def test_events_of_evaluate_and_predict_come_in_the_same_order() -> None:
    recorded = []
    for model, base in zip(models(), (framework.callbacks.Callback, keras.callbacks.Callback), strict=True):
        callback, events = recorder(base)
        model.evaluate(X, Y, batch_size=4, verbose=0, callbacks=[callback])
        model.predict(X, batch_size=4, verbose=0, callbacks=[callback])
        recorded.append(events)
    assert recorded[0] == recorded[1]
    RECORD.note("callbacks: events", len(recorded[0]), 0.0)


@pytest.mark.parametrize("at", ["on_train_batch_end", "on_epoch_begin", "on_epoch_end"])
def test_events_after_a_stop_come_in_the_same_order(at: str) -> None:
    recorded = []
    for model, base in zip(models(), (framework.callbacks.Callback, keras.callbacks.Callback), strict=True):
        callback, events = recorder(base)

        def stop(self: Any, number: int, logs: Any = None) -> None:
            self.model.stop_training = self.model.stop_training or number == 1

        stopping = type("Stopping", (base,), {at: stop})()
        validation = (X[:7], Y[:7])
        model.fit(X, Y, 4, 3, 0, [stopping, callback], validation_data=validation, shuffle=False)
        recorded.append(events)
    assert recorded[0] == recorded[1]
    RECORD.note("callbacks: events", len(recorded[0]), 0.0)


FIGURES = [
    [0.9, 0.7, 0.71, 0.6, 0.61, 0.62, 0.63, 0.5, 0.64, 0.65],
    [0.5, 0.6, 0.7, 0.8, 0.9, 0.4, 0.3],
    [0.9, 0.8, 0.7, 0.6],
    [0.9, 0.85, 0.84, 0.83, 0.82, 0.5, 0.49],
]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"patience": 2},
        {"patience": 3, "restore_best_weights": True},
        {"patience": 1, "min_delta": 0.05, "restore_best_weights": True},
        {"patience": 2, "baseline": 0.65, "restore_best_weights": True},
        {"patience": 2, "start_from_epoch": 3, "restore_best_weights": True},
        {"patience": 2, "mode": "max", "restore_best_weights": True},
    ],
    ids=repr,
)
@pytest.mark.parametrize("figures", FIGURES, ids=repr)
def test_early_stopping_stops_and_restores_alike(figures: list[float], arguments: dict[str, Any]) -> None:
    (ours, history, stopper), (theirs, their_history, their_stopper) = trained(
        figures, "EarlyStopping", monitor="loss", **arguments
    )
    assert len(history["loss"]) == len(their_history["loss"])
    assert (stopper.stopped_epoch, stopper.best) == (their_stopper.stopped_epoch, their_stopper.best)
    agree("callbacks: weights", ours.get_weights(), weights_of(theirs), 1e-13)


@pytest.mark.parametrize(
    "arguments",
    [
        {"patience": 1},
        {"patience": 2, "factor": 0.5},
        {"patience": 1, "factor": 0.5, "cooldown": 2, "min_delta": 0.05},
        {"patience": 1, "factor": 0.25, "min_lr": 0.02},
        {"patience": 1, "factor": 0.5, "mode": "max"},
    ],
    ids=repr,
)
@pytest.mark.parametrize("figures", FIGURES, ids=repr)
def test_rates_fall_alike_on_a_plateau(figures: list[float], arguments: dict[str, Any]) -> None:
    (ours, history, _), (theirs, their_history, _) = trained(figures, "ReduceLROnPlateau", monitor="loss", **arguments)
    # Keras says the rate to the callbacks in float32.
    np.testing.assert_allclose(history["learning_rate"], their_history["learning_rate"], rtol=1e-6)
    agree("callbacks: weights", ours.get_weights(), weights_of(theirs), 1e-7)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"save_best_only": True},
        {"save_best_only": True, "mode": "max"},
        {"save_best_only": True, "initial_value_threshold": 0.65},
        {"save_freq": 4},
    ],
    ids=repr,
)
@pytest.mark.parametrize("figures", FIGURES[:2], ids=repr)
def test_checkpoints_are_written_alike(figures: list[float], arguments: dict[str, Any], tmp_path: Path) -> None:
    name = "{epoch:02d}" if "save_freq" in arguments else "{epoch:02d}-{loss:.2f}"
    written = []
    for kind, suffix in (("framework", ".safetensors"), ("keras", ".weights.h5")):
        (tmp_path / kind).mkdir()
        model, callbacks = dict(
            zip(("framework", "keras"), zip(models(), (framework.callbacks, keras.callbacks), strict=True), strict=True)
        )[kind]
        path = str(tmp_path / kind / name) + suffix
        checkpoint = callbacks.ModelCheckpoint(path, monitor="loss", save_weights_only=True, **arguments)
        model.fit(X, Y, 4, len(figures), 0, [scripted(callbacks.Callback, figures), checkpoint], shuffle=False)
        written.append(sorted(path.name.removesuffix(suffix) for path in (tmp_path / kind).iterdir()))
    assert written[0] == written[1]
    RECORD.note("callbacks: files", len(written[0]), 0.0)


@pytest.mark.parametrize("append", [False, True])
def test_csv_files_agree(append: bool, tmp_path: Path) -> None:
    tables = []
    for kind, model, callbacks in zip(
        ("ours", "theirs"), models(), (framework.callbacks, keras.callbacks), strict=True
    ):
        path = str(tmp_path / f"{kind}.csv")
        for _ in range(2):
            logger = callbacks.CSVLogger(path, separator=";", append=append)
            model.fit(X, Y, 4, 3, 0, [logger], validation_data=(X[:7], Y[:7]), validation_freq=2, shuffle=False)
        with open(path, newline="") as file:  # noqa: PTH123 - the csv module wants a file
            tables.append(list(csv.reader(file, delimiter=";")))
    assert [len(row) for row in tables[0]] == [len(row) for row in tables[1]]
    for mine, other in zip(*tables, strict=True):
        for a, b in zip(mine, other, strict=True):
            try:
                assert float(a) == pytest.approx(float(b), rel=1e-12)
            except ValueError:
                assert a == b
    RECORD.note("callbacks: rows of CSV", len(tables[0]), 0.0)


@pytest.mark.parametrize("bad", [3e38, -3e38])
def test_nan_ends_training_alike(bad: float) -> None:
    """The loss becomes NaN or infinite; data that are so to begin with are refused here, and not in Keras."""
    x = X.copy()
    x[5] = bad
    lengths = []
    for model, callbacks in zip(models(), (framework.callbacks, keras.callbacks), strict=True):
        callback, events = recorder(callbacks.Callback)
        terminate = callbacks.TerminateOnNaN()
        with np.errstate(all="ignore"):
            history = model.fit(x, Y, 4, 3, 0, [terminate, callback], shuffle=False)
        lengths.append((len(history.history["loss"]), events))
    assert lengths[0] == lengths[1]


def test_rates_follow_the_scheduler_alike() -> None:
    rates = []
    for model, callbacks in zip(models(), (framework.callbacks, keras.callbacks), strict=True):
        scheduler = callbacks.LearningRateScheduler(lambda epoch, rate: rate / (1 + epoch))
        rates.append(model.fit(X, Y, 4, 4, 0, [scheduler], shuffle=False).history["learning_rate"])
    np.testing.assert_allclose(*rates, rtol=1e-6)


@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_averages_are_swapped_alike(swap_on_epoch: bool) -> None:
    ours, theirs = models(use_ema=True, ema_momentum=0.75)
    logs = []
    for model, callbacks in zip((ours, theirs), (framework.callbacks, keras.callbacks), strict=True):
        swap = callbacks.SwapEMAWeights(swap_on_epoch=swap_on_epoch)
        validation = (X[:7], Y[:7])
        logs.append(model.fit(X, Y, 4, 3, 0, [swap], validation_data=validation, shuffle=False).history)
    for name in logs[0]:
        np.testing.assert_allclose(logs[0][name], logs[1][name], rtol=1e-7, err_msg=name)
    agree("callbacks: weights", ours.get_weights(), weights_of(theirs), 1e-13)
