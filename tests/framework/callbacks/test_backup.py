"""A run that is cut off goes on as if nothing had happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import BackupAndRestore, Callback, StopOnSignal
from framework.checkpoint import CheckpointError
from framework.registry import ArgumentError

X, Y = np.random.default_rng(0).random((40, 4), np.float32), np.arange(40) % 3


class Crash(Callback):
    """Raises in the middle of an epoch."""

    def __init__(self, epoch: int, batch: int = 1) -> None:
        self.at = (epoch, batch)
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if (self.epoch, batch) == self.at:
            raise KeyboardInterrupt


def build(seed: int = 3) -> Sequential:
    parts: list[Any] = [Input((4,)), layers.Dense(8, "relu"), layers.Dropout(0.3), layers.Dense(3, "softmax")]
    model = Sequential(parts, seed=seed)
    model.compile({"adam": {"use_ema": True}}, "sparse_categorical_crossentropy", ["accuracy"])
    return model


def fit(model: Sequential, *callbacks: Callback, epochs: int = 5) -> Sequential:
    model.fit(X, Y, epochs=epochs, batch_size=8, verbose=0, validation_split=0.2, callbacks=callbacks)
    return model


def crashed(folder: Path, epoch: int = 3, **arguments: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(build(), BackupAndRestore(str(folder), **arguments), Crash(epoch))


def test_a_run_that_crashed_ends_like_one_that_did_not(tmp_path: Path) -> None:
    crashed(tmp_path / "backup")
    resumed = fit(build(seed=99), BackupAndRestore(str(tmp_path / "backup")))
    whole = fit(build())
    np.testing.assert_array_equal(resumed.parameters.value, whole.parameters.value)
    assert resumed.history is not None
    assert whole.history is not None
    assert resumed.history.epoch == whole.history.epoch == [0, 1, 2, 3, 4]
    assert resumed.history.history == whole.history.history
    assert resumed.optimizer.iterations == whole.optimizer.iterations


def test_a_run_that_ends_well_leaves_nothing_behind(tmp_path: Path) -> None:
    fit(build(), BackupAndRestore(str(tmp_path / "backup")))
    assert list(tmp_path.iterdir()) == []


def test_files_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    fit(build(), BackupAndRestore(str(tmp_path)))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_the_backup_can_be_kept(tmp_path: Path) -> None:
    fit(build(), BackupAndRestore(str(tmp_path), delete_checkpoint=False))
    assert [path.name for path in tmp_path.iterdir()] == ["latest.json"]
    again = fit(build(), BackupAndRestore(str(tmp_path)))
    assert again.optimizer.iterations == 20  # all epochs were done


def test_a_signal_leaves_the_backup_there(tmp_path: Path) -> None:
    class Signal(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 2:
                signals._handle(2, None)

    signals = StopOnSignal()
    fit(build(), BackupAndRestore(str(tmp_path)), signals, Signal())
    assert (tmp_path / "latest.json").exists()
    resumed = fit(build(), BackupAndRestore(str(tmp_path)))
    np.testing.assert_array_equal(resumed.parameters.value, fit(build()).parameters.value)


def test_saving_by_batches_begins_the_epoch_again(tmp_path: Path) -> None:
    crashed(tmp_path, epoch=2, save_freq=3)
    resumed = build()
    fit(resumed, BackupAndRestore(str(tmp_path), save_freq=3), epochs=2)
    assert resumed.optimizer.iterations == 9  # epoch 3 had not begun to be saved: there is nothing left to do


def test_of_two_checkpoints_the_older_one_helps_out(tmp_path: Path) -> None:
    crashed(tmp_path, double_checkpoint=True)
    (tmp_path / "latest.json").write_text("{")
    resumed = fit(build(), BackupAndRestore(str(tmp_path), double_checkpoint=True))
    np.testing.assert_array_equal(resumed.parameters.value, fit(build()).parameters.value)


def test_a_damaged_backup_is_named(tmp_path: Path) -> None:
    (tmp_path / "latest.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"latest\.json: it is not JSON"):
        fit(build(), BackupAndRestore(str(tmp_path)))


def test_a_backup_of_another_model_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    crashed(tmp_path)
    other = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=0)
    other.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    before = other.parameters.value.copy()
    with pytest.raises(CheckpointError, match=r"a weight 'dense/kernel' of shape \(4, 3\), .* one of shape \(4, 8\)"):
        fit(other, BackupAndRestore(str(tmp_path)))
    np.testing.assert_array_equal(other.parameters.value, before)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ArgumentError, match="backup_dir must be the path of a folder"):
        BackupAndRestore("")
    with pytest.raises(ArgumentError, match="save_freq must be 'epoch' or a positive number"):
        BackupAndRestore("backup", save_freq=0)
