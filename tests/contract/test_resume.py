"""A run with any layer, optimizer, schedule, loss, metric or transform, cut off in mid-epoch, ends like a whole one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential
from framework.callbacks import BackupAndRestore, Callback
from framework.data import Batches
from framework.layers.base import every_layer
from framework.losses import MeanSquaredError

from .cases import LAYERS, LOSSES, METRICS, OPTIMIZERS, SCHEDULES, TRANSFORMS

SIZE, BATCH, CUT = 12, 3, 6  # the sixth batch is the second of the second epoch


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random((SIZE, *shape), np.float32)


NET = [Input((4,)), {"dense": 4}, {"dropout": 0.5}, {"dense": 2}]


class PowerCut(Callback):
    """Ends it all in mid-epoch, after the backup."""

    comes_last = True

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.model.optimizer.steps == CUT:
            raise KeyboardInterrupt


class PredictionsError(MeanSquaredError):
    """A loss for metrics whose targets fit no other: it looks at the predictions alone."""

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
        return super().__call__(np.zeros_like(y_pred), y_pred)

    def value_and_gradient(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return super().value_and_gradient(np.zeros_like(y_pred), y_pred)

    def buffered_value_and_gradient(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return super().buffered_value_and_gradient(np.zeros_like(y_pred), y_pred)

    def check_targets(self, y: Any, output_shape: Any) -> None: ...


class Process:
    """What another process would do again: make copies of the same parts, and train."""

    def __init__(self, layers: list[Any], x: Any = None, y: Any = None, transforms: Any = (), **compiled: Any) -> None:
        self.layers = layers
        self.x = numbers(4) if x is None else x
        self.y = numbers(2) if y is None else y
        self.transforms = transforms
        self.compiled = {"optimizer": {"adam": 0.01}, "loss": "mse"} | compiled

    def train(self, *callbacks: Callback, seed: int = 3) -> dict[str, Any]:
        """All that a run leaves behind."""
        model = Sequential(copy.deepcopy(self.layers), seed=seed)
        model.compile(**copy.deepcopy(self.compiled))
        streams = {"seed": model.shuffle_rng, "transform_seed": model.augment_rng}
        transforms = copy.deepcopy(self.transforms)
        batches = Batches(self.x, self.y, batch_size=BATCH, shuffle=True, transforms=transforms, **streams)
        model.fit(batches, epochs=3, verbose=0, callbacks=callbacks)
        assert model.history is not None
        return {
            "weights": model.get_weights(),
            "slots": list(model.optimizer.slots.values()),
            "learning rate": model.optimizer.learning_rate,
            "history": model.history.history,
            "streams": [layer.rng and layer.rng.bit_generator.state for layer in every_layer(model)],
        }


def check_resume(folder: Path, process: Process) -> None:
    whole = process.train()
    with pytest.raises(KeyboardInterrupt):
        process.train(BackupAndRestore(str(folder), save_freq=CUT), PowerCut())
    resumed = process.train(BackupAndRestore(str(folder), save_freq=CUT), seed=4)
    for name in ("weights", "slots"):
        assert [array.tobytes() for array in resumed.pop(name)] == [array.tobytes() for array in whole.pop(name)], name
    assert repr(resumed) == repr(whole)  # NaN is like NaN


def called(value: Any) -> str:
    return repr(value[0] if isinstance(value, tuple) else value)


@pytest.mark.parametrize("case", [case for case in LAYERS if not isinstance(case[0], Input)], ids=called)
def test_any_layer(tmp_path: Path, case: tuple[Any, ...]) -> None:
    layer, shape, *make = case
    x = make[0]((SIZE, *shape)) if make else numbers(*shape)
    layer = type(layer).from_config(layer.get_config())  # other tests have built this one
    check_resume(tmp_path, Process([Input(shape), layer, "flatten", {"dense": 2}], x))


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=called)
def test_any_optimizer(tmp_path: Path, optimizer: Any) -> None:
    check_resume(tmp_path, Process(NET, optimizer=optimizer))


@pytest.mark.parametrize("schedule", SCHEDULES, ids=called)
def test_any_schedule(tmp_path: Path, schedule: Any) -> None:
    check_resume(tmp_path, Process(NET, optimizer={"sgd": {"learning_rate": schedule}}))


@pytest.mark.parametrize("case", LOSSES, ids=called)
def test_any_loss(tmp_path: Path, case: tuple[Any, ...]) -> None:
    loss, y, p, _ = case
    shape = np.shape(p)[1:]
    layers = [Input((4,)), {"dense": int(np.prod(shape))}, "sigmoid", {"reshape": {"target_shape": list(shape)}}]
    check_resume(tmp_path, Process(layers, y=np.resize(y, (SIZE, *np.shape(y)[1:])), loss=loss))


@pytest.mark.parametrize("case", [case for case in METRICS if case[0].compares], ids=called)
def test_any_metric(tmp_path: Path, case: tuple[Any, ...]) -> None:
    metric, (y, p) = case
    layers = [Input((4,)), {"dense": p.shape[-1]}, "sigmoid"]
    targets = np.resize(y, (SIZE, *y.shape[1:]))
    check_resume(tmp_path, Process(layers, y=targets, loss=PredictionsError(), metrics=[metric]))


@pytest.mark.parametrize("transform", TRANSFORMS, ids=called)
def test_any_transform(tmp_path: Path, transform: Any) -> None:
    net = [Input((6, 6)), "flatten", {"dense": 2}]
    check_resume(tmp_path, Process(net, numbers(6, 6), transforms=[transform]))
