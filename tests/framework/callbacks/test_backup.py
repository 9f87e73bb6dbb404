"""A run that is cut off goes on as if nothing had happened."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import (
    BackupAndRestore,
    Callback,
    EarlyStopping,
    History,
    LambdaCallback,
    ModelCheckpoint,
    ReduceLROnPlateau,
    StopOnSignal,
    SwapEMAWeights,
)
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


def test_of_two_checkpoints_the_older_one_helps_out(tmp_path: Path) -> None:
    crashed(tmp_path, double_checkpoint=True)
    (tmp_path / "latest.json").write_text("{")
    resumed = fit(build(), BackupAndRestore(str(tmp_path), double_checkpoint=True))
    np.testing.assert_array_equal(resumed.parameters.value, fit(build()).parameters.value)


def test_a_damaged_backup_is_named(tmp_path: Path) -> None:
    (tmp_path / "latest.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"latest\.json: line 1, column 2: it is not JSON"):
        fit(build(), BackupAndRestore(str(tmp_path)))


def test_a_backup_of_another_model_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    crashed(tmp_path)
    other = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=0)
    other.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    before = other.parameters.value.copy()
    says = (
        r"latest\.json: .* differs .* in model\.sequential\.layers \(3 entries then, 1 now\); optimizer\.adam\.use_ema"
    )
    with pytest.raises(CheckpointError, match=says):
        fit(other, BackupAndRestore(str(tmp_path)))
    with pytest.raises(CheckpointError, match=r"a weight 'dense/kernel' of shape \(4, 3\), .* one of shape \(4, 8\)"):
        fit(other, BackupAndRestore(str(tmp_path), force=True))
    np.testing.assert_array_equal(other.parameters.value, before)


RATES = [1.0, 0.9, 0.95, 0.91, 0.8, 0.85, 0.81, 0.82, 0.83, 0.84]


class Figure(Callback):
    """Logs a figure that falls now and then."""

    log_names = ("figure",)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["figure"] = RATES[epoch]


class CrashInEpochEnd(Callback):
    """Raises when an epoch has ended for the others, before or after the backup is made."""

    def __init__(self, epoch: int, after_backup: bool) -> None:
        self.epoch = epoch
        self.comes_last = after_backup

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.epoch:
            raise KeyboardInterrupt


def company(folder: Path, swap: bool | None) -> list[Callback]:
    watching: list[Callback] = [
        Figure(),
        EarlyStopping("figure", patience=3, restore_best_weights=True),
        ReduceLROnPlateau("figure", factor=0.5, patience=1),
        ModelCheckpoint(f"{folder}/best.json", monitor="figure", save_best_only=True),
        BackupAndRestore(f"{folder}/backup"),
    ]
    return watching if swap is None else [*watching[:1], SwapEMAWeights(swap), *watching[1:]]


@pytest.mark.parametrize("swap", [None, False, True], ids=["no swap", "swap", "swap on epoch"])
@pytest.mark.parametrize("when", ["batch", "before backup", "after backup"])
@pytest.mark.parametrize("epoch", range(8))
def test_wherever_it_is_cut_off_a_run_in_company_ends_like_a_whole_one(
    tmp_path: Path, epoch: int, when: str, swap: bool | None
) -> None:
    whole = fit(build(), *company(tmp_path / "whole", swap), epochs=10)
    crash = Crash(epoch) if when == "batch" else CrashInEpochEnd(epoch, when == "after backup")
    with pytest.raises(KeyboardInterrupt):
        fit(build(), *company(tmp_path, swap), crash, epochs=10)
    saved = (tmp_path / "backup" / "latest.json").exists()
    assert saved is (epoch > 0 or when == "after backup")
    resumed = build()
    if saved:
        fit(resumed, epochs=1)  # whatever it is now, the backup puts it right
    fit(resumed, *company(tmp_path, swap), epochs=10)
    assert resumed.history is not None
    assert whole.history is not None
    assert resumed.history.epoch == whole.history.epoch == [*range(8)]  # the best was the fifth
    assert resumed.history.history == whole.history.history
    assert whole.history.history["learning_rate"][-1] < 0.0005
    np.testing.assert_array_equal(resumed.parameters.value, whole.parameters.value)
    np.testing.assert_array_equal(resumed.optimizer.slots["ema"], whole.optimizer.slots["ema"])
    assert resumed.optimizer.learning_rate == whole.optimizer.learning_rate
    assert (tmp_path / "best.json").read_bytes() == (tmp_path / "whole" / "best.json").read_bytes()
    assert not (tmp_path / "backup").exists()


def test_the_same_model_can_go_on_itself(tmp_path: Path) -> None:
    model, others = build(), company(tmp_path, swap=True)
    with pytest.raises(KeyboardInterrupt):
        fit(model, *others, Crash(5), epochs=10)
    fit(model, *others, epochs=10)
    whole = fit(build(), *company(tmp_path / "whole", swap=True), epochs=10)
    np.testing.assert_array_equal(model.parameters.value, whole.parameters.value)


def test_an_epoch_that_a_signal_cuts_short_goes_on_with_the_next_batch(tmp_path: Path) -> None:
    class Signal(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self.model.optimizer.steps == 10:  # in the third epoch
                signals._handle(2, None)

    signals = StopOnSignal()
    cut_off = fit(build(), BackupAndRestore(str(tmp_path)), signals, Signal())
    assert cut_off.history is not None
    assert cut_off.history.epoch == [0, 1]  # the third is not over
    rest = Batchwise()
    resumed, whole = fit(build(), rest, BackupAndRestore(str(tmp_path))), fit(build())
    assert rest.batches == 20 - 10
    np.testing.assert_array_equal(resumed.parameters.value, whole.parameters.value)


class Batchwise(Callback):
    """Counts what it is told of."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.batches = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1


def test_a_history_of_ones_own_goes_on_and_figures_need_not_be_finite(tmp_path: Path) -> None:
    class Odd(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["odd"] = [float("nan"), float("inf"), float(epoch)]

    with pytest.raises(KeyboardInterrupt):
        fit(build(), Odd(), History(), BackupAndRestore(str(tmp_path)), Crash(2))
    history = History()
    model = fit(build(), Odd(), history, BackupAndRestore(str(tmp_path)))
    assert model.history is not None
    assert repr(history.history["odd"][:2]) == "[[nan, inf, 0.0], [nan, inf, 1.0]]"
    assert repr(history.history) == repr(model.history.history)
    assert history.epoch == [0, 1, 2, 3, 4]


WATCH = {"loss": EarlyStopping("loss", patience=9), "accuracy": EarlyStopping("accuracy", patience=9)}


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (["loss"], [], "the run that was cut off had EarlyStopping of 'loss', this one has not"),
        ([], ["loss"], "the run that was cut off had no EarlyStopping of 'loss'"),
        (["loss"], ["accuracy"], "had no EarlyStopping of 'accuracy'"),
        (["loss"], ["loss", "loss"], "had no EarlyStopping of 'loss' number 2"),
    ],
)
def test_other_companions_are_refused_by_name_and_nothing_changes(
    tmp_path: Path, before: list[str], after: list[str], message: str
) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(build(), *(copy.copy(WATCH[name]) for name in before), BackupAndRestore(str(tmp_path)), Crash(2))
    model = build(seed=5)
    weights = model.parameters.value.copy()
    with pytest.raises(CheckpointError, match=rf"latest\.json: .*{message}"):
        fit(model, *(copy.copy(WATCH[name]) for name in after), BackupAndRestore(str(tmp_path)))
    np.testing.assert_array_equal(model.parameters.value, weights)


def test_their_order_does_not_matter_and_those_that_keep_nothing_may_come_and_go(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(build(), WATCH["loss"], WATCH["accuracy"], BackupAndRestore(str(tmp_path)), Crash(2))
    kept = WATCH["loss"].best
    fit(build(), WATCH["accuracy"], StopOnSignal(), WATCH["loss"], BackupAndRestore(str(tmp_path)), epochs=2)
    assert WATCH["loss"].best == kept


def test_a_state_that_its_callback_does_not_take_is_refused_by_name(tmp_path: Path) -> None:
    class Picky(Callback):
        def get_state(self) -> dict[str, Any]:
            return {"old": 1}

        def set_state(self, state: Mapping[str, Any]) -> None:
            state["new"]

    with pytest.raises(KeyboardInterrupt):
        fit(build(), Picky(), BackupAndRestore(str(tmp_path)), Crash(2))
    with pytest.raises(CheckpointError, match="the state of Picky does not fit: KeyError"):
        fit(build(), Picky(), BackupAndRestore(str(tmp_path)))


def test_a_model_can_be_copied_after_a_run_with_a_backup_and_functions(tmp_path: Path) -> None:
    backup = BackupAndRestore(str(tmp_path))
    model = fit(build(), backup, LambdaCallback(on_epoch_end=lambda epoch, logs: None), epochs=1)
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copied.predict(X), model.predict(X))
    assert copy.copy(backup)._companions == ()


def test_nonsense_is_refused() -> None:
    with pytest.raises(ArgumentError, match="backup_dir must be the path of a folder"):
        BackupAndRestore("")
    with pytest.raises(ArgumentError, match="save_freq must be 'epoch', a positive number of batches, or a time"):
        BackupAndRestore("backup", save_freq=0)


def test_an_error_at_the_very_end_leaves_the_backup_there(tmp_path: Path) -> None:
    class FullDisk(Callback):
        def on_train_end(self, logs: Any = None) -> None:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fit(build(), FullDisk(), BackupAndRestore(str(tmp_path)))
    assert (tmp_path / "latest.json").exists()
