"""A run that is cut off between any two batches goes on with the next one, and ends as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers, schedules
from framework.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    StopOnSignal,
    SwapEMAWeights,
    TerminateOnNaN,
)
from framework.checkpoint import CheckpointError
from framework.data import Batches
from framework.locks import FolderInUseError, FolderLock

X = np.random.default_rng(0).random((40, 6, 6), np.float32)
Y = np.arange(40) % 3
BATCHES, EPOCHS = 5, 4


class PowerCut(Callback):
    """Ends it all after so many batches: before the backup is told of the batch, or after."""

    def __init__(self, batches: int, after_backup: bool) -> None:
        self.left = batches
        self.comes_last = after_backup

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def build() -> Sequential:
    parts: list[Any] = [
        Input((6, 6)), layers.Flatten(), layers.Dense(8), layers.BatchNormalization(), layers.ReLU(),
        layers.Dropout(0.3), layers.GaussianNoise(0.1), layers.Dense(3, "softmax"),
    ]  # fmt: skip
    model = Sequential(parts, seed=3)
    rate = schedules.OneCycle(0.01, BATCHES * EPOCHS)
    optimizer = {"adam": {"learning_rate": rate, "use_ema": True, "gradient_accumulation_steps": 2}}
    model.compile(optimizer, "sparse_categorical_crossentropy", ["accuracy", {"confusion_matrix": 3}, "crossentropy"])
    return model


def batches(model: Sequential, prefetch: bool = True) -> Batches:
    return Batches(
        X, Y, batch_size=8, shuffle=True, seed=model.shuffle_rng, transform_seed=model.augment_rng,
        transforms=["random_affine"], prefetch=prefetch,
    )  # fmt: skip


def company(folder: Path) -> list[Callback]:
    return [
        SwapEMAWeights(),
        EarlyStopping("val_loss", patience=9, restore_best_weights=True),
        ModelCheckpoint(f"{folder}/best.json", monitor="val_accuracy", save_best_only=True),
        ModelCheckpoint(f"{folder}/some.json", save_freq=3, save_weights_only=True),
        CSVLogger(f"{folder}/history.csv"),
    ]


def fit(
    folder: Path, *more: Callback, model: Sequential | None = None, save_freq: Any = 2, **changes: Any
) -> Sequential:
    model = build() if model is None else model
    backup = BackupAndRestore(f"{folder}/backup", save_freq=save_freq)
    arguments = {"x": batches(model), "epochs": EPOCHS, "validation_data": (X[:9], Y[:9]), "verbose": 0} | changes
    model.fit(callbacks=[*company(folder), backup, *more], **arguments)
    return model


def same(one: Sequential, other: Sequential) -> None:
    assert one.history is not None
    assert other.history is not None
    assert repr(one.history.history) == repr(other.history.history)
    assert one.history.epoch == other.history.epoch
    np.testing.assert_array_equal(one.parameters.value, other.parameters.value)
    np.testing.assert_array_equal(one.state.value, other.state.value)
    assert one.optimizer.slots.keys() == other.optimizer.slots.keys()
    for name, slot in one.optimizer.slots.items():
        np.testing.assert_array_equal(slot, other.optimizer.slots[name])
    for stream in ("shuffle_rng", "augment_rng"):
        assert getattr(one, stream).bit_generator.state == getattr(other, stream).bit_generator.state


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sequential, Path]:
    folder = tmp_path_factory.mktemp("whole")
    return fit(folder), folder


@pytest.mark.parametrize("after_backup", [False, True], ids=["before backup", "after backup"])
@pytest.mark.parametrize("save_freq", [1, 3, "epoch"])
@pytest.mark.parametrize("batch", range(1, BATCHES * EPOCHS + 1, 2))
def test_wherever_it_is_cut_off(
    tmp_path: Path, whole: tuple[Sequential, Path], batch: int, save_freq: Any, after_backup: bool
) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, PowerCut(batch, after_backup), save_freq=save_freq)
    same(fit(tmp_path, save_freq=save_freq), whole[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.json", "history.csv", "some.json"]
    for name in ("best.json", "history.csv", "some.json"):
        assert (tmp_path / name).read_bytes() == (whole[1] / name).read_bytes()


def test_however_often_it_is_cut_off(tmp_path: Path, whole: tuple[Sequential, Path]) -> None:
    for _ in range(BATCHES * EPOCHS):
        try:
            model = fit(tmp_path, PowerCut(2, after_backup=True), save_freq=1)
        except KeyboardInterrupt:
            continue
        break
    same(model, whole[0])


@pytest.mark.parametrize("number", range(1, BATCHES * EPOCHS + 1, 3))
def test_a_signal_after_any_batch_saves_and_another_process_goes_on(
    tmp_path: Path, whole: tuple[Sequential, Path], number: int
) -> None:
    signals = StopOnSignal()
    told = []

    def on_batch(batch: int, logs: Any) -> None:
        told.append(batch)
        if len(told) == number:
            signals._handle(2, None)

    fit(tmp_path, signals, LambdaCallback(on_train_batch_end=on_batch), save_freq="1h")
    assert len(told) == number
    same(fit(tmp_path, LambdaCallback(on_train_batch_end=on_batch), save_freq="1h"), whole[0])
    assert len(told) == BATCHES * EPOCHS


def test_a_learning_rate_that_an_epochs_beginning_changes_is_changed_once(tmp_path: Path) -> None:
    def halved() -> Sequential:
        model = Sequential([Input((6, 6)), layers.Flatten(), layers.Dense(3, "softmax")], seed=1)
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model

    def run(folder: Path, *more: Callback) -> Sequential:
        model = halved()
        model.fit(
            X, Y, batch_size=8, epochs=EPOCHS, verbose=0,
            callbacks=[LearningRateScheduler(lambda epoch, rate: rate / 2), *more,
                       BackupAndRestore(str(folder), save_freq=1)],
        )  # fmt: skip
        return model

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "a", PowerCut(8, after_backup=True))
    one, other = run(tmp_path / "a"), run(tmp_path / "b")
    assert one.optimizer.learning_rate == other.optimizer.learning_rate == pytest.approx(0.01 / 2**EPOCHS)
    np.testing.assert_array_equal(one.parameters.value, other.parameters.value)


def test_an_end_that_was_decided_in_mid_epoch_is_not_forgotten(tmp_path: Path) -> None:
    def run(*more: Callback) -> Sequential:
        stop = LambdaCallback(
            on_train_batch_end=lambda batch, logs: batch == 2 and setattr(model, "stop_training", True)
        )
        model = build()
        return fit(tmp_path, stop, *more, model=model, save_freq=1)

    ended = run()
    with pytest.raises(KeyboardInterrupt):
        run(PowerCut(3, after_backup=True))
    resumed = run()
    assert resumed.optimizer.steps == ended.optimizer.steps == 3
    same(resumed, ended)


class Same:
    """An iterable that gives the same batches in every pass, and knows nothing of its place."""

    def __len__(self) -> int:
        return BATCHES

    def __iter__(self) -> Iterator[Any]:
        return iter(Batches(X, Y, batch_size=8, shuffle=True, seed=5))


def endless() -> Iterator[Any]:
    many = Batches(X, Y, batch_size=8, shuffle=True, seed=5)
    while True:
        yield from many


SOURCES = {
    "arrays": lambda: {"x": X, "y": Y, "batch_size": 8},
    "own stream": lambda: {"x": Batches(X, Y, batch_size=8, shuffle=True, seed=11)},
    "part of a pass": lambda: {"x": Batches(X, Y, batch_size=5, shuffle=True, seed=11), "steps_per_epoch": 5},
    "generator": lambda: {"x": endless(), "steps_per_epoch": 5},
    "iterable": lambda: {"x": Same()},
    "validated by a generator": lambda: {
        "x": Same(), "validation_data": endless(), "validation_steps": 2,
    },
    "split": lambda: {"x": X, "y": Y, "batch_size": 6, "validation_split": 0.25, "validation_data": None},
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("batch", [2, 5, 7, 10, 14])
def test_whatever_the_batches_come_from(tmp_path: Path, source: str, batch: int) -> None:
    undisturbed = fit(tmp_path / "whole", **SOURCES[source]())
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, PowerCut(batch, after_backup=True), save_freq=1, **SOURCES[source]())
    same(fit(tmp_path, save_freq=1, **SOURCES[source]()), undisturbed)


def test_the_bar_goes_on_where_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, PowerCut(8, after_backup=True), save_freq=1)
    fit(tmp_path, save_freq=1, verbose=1)
    shown = capsys.readouterr()
    assert "Going on in epoch 2 of 4, after batch 3 of 5: " in shown.out
    assert "Epoch 2/4  5/5 batches" in shown.out
    assert " 4/5 " in shown.err
    assert not any(f" {n}/5 " in shown.err.split("Epoch 3/4")[0] for n in (1, 2))


def test_other_data_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, PowerCut(8, after_backup=True), save_freq=1)
    with pytest.raises(
        CheckpointError, match=r"differs from this one in data\.checksum \('\w+' then, '\w+' now\): make"
    ):
        fit(tmp_path, x=Batches(X + 1, Y, batch_size=8, shuffle=True, transforms=["random_affine"]))


def test_by_force_it_goes_on_with_other_settings_and_callbacks(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, PowerCut(8, after_backup=True), save_freq=1)
    model = build()
    more = batches(model)
    more.batch_size = 4
    model.fit(
        more, epochs=EPOCHS, verbose=0,
        callbacks=[TerminateOnNaN(), BackupAndRestore(f"{tmp_path}/backup", force=True)],
    )  # fmt: skip
    assert model.optimizer.steps == 8 + 7 + 10 * 2


def test_a_folder_that_another_run_uses_is_refused_and_free_after_any_end(tmp_path: Path) -> None:
    with FolderLock(tmp_path / "backup"), pytest.raises(FolderInUseError, match="is used by this process already"):
        fit(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, PowerCut(2, after_backup=True))
    with FolderLock(tmp_path / "backup") as lock:
        assert lock.held


def test_a_disk_that_fills_up_ends_no_run_and_loses_no_checkpoint(
    tmp_path: Path, whole: tuple[Sequential, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from framework.callbacks import backup

    true_write, writes = backup.write, []

    def write(*arguments: Any) -> None:
        writes.append(arguments)
        if 3 <= len(writes) <= 5:
            raise OSError(28, "No space left on device", str(arguments[1]))
        true_write(*arguments)

    monkeypatch.setattr(backup, "write", write)
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, PowerCut(5, after_backup=True), save_freq=1)
    said = capsys.readouterr().err
    assert said.count("BackupAndRestore: ") == 1
    assert "latest.json cannot be written (no space left on device); training goes on, and it is tried again" in said
    resumed = fit(tmp_path, save_freq=1)  # from the second batch on
    same(resumed, whole[0])


def test_an_error_says_where_the_last_good_state_is(tmp_path: Path) -> None:
    backup = BackupAndRestore(f"{tmp_path}/backup", save_freq=2)
    model = build()
    with pytest.raises(KeyboardInterrupt):
        model.fit(batches(model), epochs=EPOCHS, verbose=0, callbacks=[backup, PowerCut(8, after_backup=True)])
    assert backup.last_good == f"{tmp_path}/backup/latest.json (in epoch 2 of 4, after batch 3 of 5)"
