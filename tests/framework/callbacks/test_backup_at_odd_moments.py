"""A run that is cut off at an odd moment, or in odd company, goes on as if nothing had happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import BackupAndRestore, Callback, ReduceLROnPlateau, StopOnSignal, TerminateOnNaN

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
