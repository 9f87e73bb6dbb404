"""A run that is cut off at an odd moment, or in odd company, goes on as if nothing had happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import (
    BackupAndRestore,
    Callback,
    LambdaCallback,
    ReduceLROnPlateau,
    StopOnSignal,
    TerminateOnNaN,
)
from framework.checkpoint import CheckpointError
from framework.metrics import Metric

from .test_backup import Batchwise, Crash, build, company, crashed, fit


def test_an_early_stop_that_falls_together_with_a_signal_is_not_forgotten(tmp_path: Path) -> None:
    class Signal(Callback):
        def on_test_end(self, logs: Any = None) -> None:
            if len(self.model.history.epoch) == 7:  # in the validation of the epoch that is the last
                signals._handle(2, None)

    signals = StopOnSignal()
    fit(build(), signals, Signal(), *company(tmp_path, None), epochs=10)
    resumed = fit(build(), *company(tmp_path, None), epochs=10)
    whole = fit(build(), *company(tmp_path / "whole", None), epochs=10)
    assert resumed.history is not None
    assert resumed.history.epoch == [*range(8)]
    np.testing.assert_array_equal(resumed.parameters.value, whole.parameters.value)


def test_a_signal_that_comes_while_the_backup_is_read_counts(tmp_path: Path) -> None:
    class Signal(Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            signals._handle(2, None)

    crashed(tmp_path)
    signals, seen = StopOnSignal(), Batchwise()
    fit(build(), signals, Signal(), seen, BackupAndRestore(str(tmp_path)))
    assert seen.batches == 0
    resumed = fit(build(), BackupAndRestore(str(tmp_path)))
    np.testing.assert_array_equal(resumed.parameters.value, fit(build()).parameters.value)


class Thaw(Callback):
    """Lets a layer learn from the second epoch on."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.layers[0].trainable = epoch >= 1


def half_frozen(optimizer: Any = "sgd") -> Sequential:
    model = Sequential([Input((4,)), layers.Dense(8, trainable=False), layers.Dense(3, "softmax")], seed=3)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("epoch", [1, 2])
def test_layers_that_a_callback_has_thawed_stay_so(tmp_path: Path, optimizer: str, epoch: int) -> None:
    model = half_frozen(optimizer)
    with pytest.raises(KeyboardInterrupt):
        fit(model, Thaw(), BackupAndRestore(str(tmp_path), save_freq=1), Crash(epoch, 2))
    resumed = fit(half_frozen(optimizer), Thaw(), BackupAndRestore(str(tmp_path), delete_checkpoint=False))
    whole = fit(half_frozen(optimizer), Thaw())
    np.testing.assert_array_equal(resumed.parameters.value, whole.parameters.value)
    fit(model, Thaw(), BackupAndRestore(str(tmp_path)))  # which is thawed by now
    np.testing.assert_array_equal(model.parameters.value, whole.parameters.value)


def test_by_force_another_learning_rate_and_other_frozen_layers_count(tmp_path: Path) -> None:
    def begun(rate: float) -> Sequential:
        return half_frozen({"adam": {"learning_rate": rate}})

    def go_on(model: Sequential) -> Sequential:
        return fit(model, ReduceLROnPlateau("loss", min_delta=9, patience=1), backup)

    backup = BackupAndRestore(str(tmp_path), save_freq=1, delete_checkpoint=False, force=True)
    with pytest.raises(KeyboardInterrupt):
        fit(begun(0.01), ReduceLROnPlateau("loss", min_delta=9, patience=1), backup, Crash(4))
    state = (tmp_path / "latest.json").read_bytes()
    assert go_on(begun(0.01)).optimizer.learning_rate == pytest.approx(1e-6)  # reduced after epochs 2, 3, 4 and 5
    (tmp_path / "latest.json").write_bytes(state)
    assert go_on(begun(0.5)).optimizer.learning_rate == pytest.approx(0.05)  # in the last epoch
    (tmp_path / "latest.json").write_bytes(state)
    thawed = begun(0.01)
    thawed.layers[0].trainable = True
    assert go_on(thawed).layers[0].trainable


def test_a_rate_that_was_reduced_in_between_is_no_other_run_for_the_next_process(tmp_path: Path) -> None:
    def attempt(model: Sequential, *more: Callback) -> Sequential:
        reduce = ReduceLROnPlateau("loss", min_delta=9, patience=1)
        return fit(model, reduce, BackupAndRestore(str(tmp_path), save_freq=1), *more)

    model = half_frozen()
    for epoch in (3, 4):  # the second time, the model begins with a rate that has been reduced
        with pytest.raises(KeyboardInterrupt):
            attempt(model, Crash(epoch))
    resumed = attempt(half_frozen())
    whole = fit(half_frozen(), ReduceLROnPlateau("loss", min_delta=9, patience=1))
    np.testing.assert_array_equal(resumed.parameters.value, whole.parameters.value)


def test_the_older_checkpoint_that_helped_out_is_not_replaced_by_the_damaged_one(tmp_path: Path) -> None:
    crashed(tmp_path, double_checkpoint=True)
    (tmp_path / "latest.json").write_text("{")
    with pytest.raises(KeyboardInterrupt):
        fit(build(), BackupAndRestore(str(tmp_path), double_checkpoint=True), Crash(3, 0))
    for name in ("latest.json", "previous.json"):
        assert not (tmp_path / name).exists() or (tmp_path / name).read_text() != "{"


def test_weights_that_are_no_numbers_never_replace_a_backup(tmp_path: Path) -> None:
    class Diverge(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self.model.optimizer.steps == 10:
                self.model.layers[0].weights[0].value[...] = np.nan

    with pytest.raises(KeyboardInterrupt):
        fit(build(), Diverge(), TerminateOnNaN(), BackupAndRestore(str(tmp_path), save_freq=1), Crash(2, 2))
    resumed = fit(build(), BackupAndRestore(str(tmp_path)))
    np.testing.assert_array_equal(resumed.parameters.value, fit(build()).parameters.value)


def test_a_history_that_outgrows_the_file_does_not_end_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framework.json_text.LARGEST_DESCRIPTION", 8_000)

    class Long(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["long"] = "figures" * (2_000 * epoch)

    fit(build(), Long(), BackupAndRestore(str(tmp_path)))
    said = capsys.readouterr().err
    assert said.count("BackupAndRestore: ") == 1
    assert "latest.json cannot be written (this could not be read back: " in said


def test_of_two_backups_the_last_one_counts(tmp_path: Path) -> None:
    crashed(tmp_path / "one", epoch=1)
    crashed(tmp_path / "two", epoch=3, save_freq=1)
    resumed = fit(build(), *(BackupAndRestore(str(tmp_path / name)) for name in ("one", "two")))
    assert resumed.history is not None
    assert resumed.history.epoch == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(resumed.parameters.value, fit(build()).parameters.value)


class Stream:
    """An iterable, so that nothing is known of the shape of its examples before the first batch."""

    def __len__(self) -> int:
        return 5

    def __iter__(self) -> Any:
        rng = np.random.default_rng(3)
        for _ in range(5):
            yield rng.random((8, 4), np.float32), rng.integers(0, 3, 8)


def unbuilt(*metrics: Any) -> Sequential:
    model = Sequential([layers.Dense(8, "relu"), layers.Dropout(0.3), layers.Dense(3, "softmax")], seed=1)
    model.compile("adam", "sparse_categorical_crossentropy", metrics)
    return model


@pytest.mark.parametrize("is_same", [False, True], ids=["another process", "the same model"])
def test_a_model_that_is_built_by_its_first_batch_goes_on(tmp_path: Path, is_same: bool) -> None:
    whole, model = unbuilt(), unbuilt()
    whole.fit(Stream(), epochs=3, verbose=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(Stream(), epochs=3, verbose=0, callbacks=[Crash(1, 2), BackupAndRestore(f"{tmp_path}/b", 1)])
    model = model if is_same else unbuilt()
    model.fit(Stream(), epochs=3, verbose=0, callbacks=[BackupAndRestore(f"{tmp_path}/b", 1)])
    np.testing.assert_array_equal(model.parameters.value, whole.parameters.value)


def test_a_model_of_another_width_is_refused_before_it_is_built(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        unbuilt().fit(Stream(), verbose=0, callbacks=[Crash(0, 2), BackupAndRestore(f"{tmp_path}/b", 1)])
    other = Sequential([layers.Dense(9, "relu"), layers.Dense(3, "softmax")], seed=1)
    other.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(CheckpointError, match="a weight 'dense/kernel' of shape"):
        other.fit(Stream(), verbose=0, callbacks=[BackupAndRestore(f"{tmp_path}/b", force=True)])
    assert not other.built


class Seen(Metric):
    """Gathers what no file can hold."""

    def __init__(self, name: str | None = "seen") -> None:
        self.name = name
        self._labels: set[int] = set()

    def reset_state(self) -> None:
        self._labels = set()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._labels |= set(np.asarray(y_true).tolist())

    def result(self) -> float:
        return float(len(self._labels))


class Count(Metric):
    """Has what it gathers only once there is something."""

    def __init__(self, name: str | None = "count") -> None:
        self.name = name

    def reset_state(self) -> None:
        vars(self).pop("seen", None)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.seen = getattr(self, "seen", 0) + len(y_pred)

    def result(self) -> float:
        return float(getattr(self, "seen", 0))


def test_a_metric_that_cannot_be_saved_is_told_at_once_and_saved_between_epochs(tmp_path: Path) -> None:
    model = unbuilt(Seen())
    with pytest.raises(TypeError, match=r"what the metric 'seen' gathers cannot be saved within an epoch .*'epoch'"):
        model.fit(Stream(), verbose=0, callbacks=[BackupAndRestore(f"{tmp_path}/b", "30s")])
    assert not model.optimizer.steps
    signals = StopOnSignal()
    stop = LambdaCallback(on_train_batch_end=lambda batch, logs: batch == 3 and signals._handle(2, None))
    model.fit(Stream(), epochs=2, verbose=0, callbacks=[signals, stop, BackupAndRestore(f"{tmp_path}/b")])
    assert not (tmp_path / "b" / "latest.json").exists()  # it was in mid-epoch


def test_a_metric_may_have_its_attributes_late(tmp_path: Path) -> None:
    model = unbuilt(Count())
    with pytest.raises(KeyboardInterrupt):
        model.fit(Stream(), verbose=0, callbacks=[Crash(0, 2), BackupAndRestore(f"{tmp_path}/b", 1)])
    history = unbuilt(Count()).fit(Stream(), verbose=0, callbacks=[BackupAndRestore(f"{tmp_path}/b", 1)])
    assert history.history["count"] == [40.0]


def test_a_fit_inside_of_a_fit_takes_nothing_from_it(tmp_path: Path) -> None:
    x, y = next(iter(Stream()))
    inner = LambdaCallback(on_epoch_end=lambda epoch, logs: epoch == 0 and model.fit(x, y, verbose=0))
    model = unbuilt()
    model.fit(Stream(), epochs=2, verbose=0, callbacks=[inner, BackupAndRestore(f"{tmp_path}/b", 1)])
    assert model.optimizer.steps == 5 + 1 + 5
