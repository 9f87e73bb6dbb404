"""Event files that TensorBoard can read; they are read back record by record."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import TensorBoard
from framework.registry import ArgumentError

pytest.importorskip("tensorboardX", reason="needs the package tensorboardX (extra `tensorboard`)")

X, Y = np.random.default_rng(0).random((20, 3), np.float32), np.arange(20) % 2


def fit(folder: Path, **arguments: Any) -> Any:
    model = Sequential([Input((3,)), layers.Dense(2, "softmax")], seed=0)
    model.compile({"sgd": {"learning_rate": 0.5}}, "sparse_categorical_crossentropy", ["accuracy"])
    return model.fit(
        X,
        Y,
        epochs=3,
        batch_size=5,
        verbose=0,
        validation_split=0.25,
        callbacks=[TensorBoard(str(folder), **arguments)],
    )


def events(folder: Path) -> list[tuple[str, int, float]]:
    """(tag, step, value) of every scalar, and the step of every histogram with a value of NaN."""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for path in sorted(folder.glob("events.*")):
        content, start = path.read_bytes(), 0
        while start < len(content):
            (size,) = struct.unpack("<Q", content[start : start + 8])
            event = Event.FromString(content[start + 12 : start + 12 + size])
            start += 16 + size
            for value in event.summary.value:
                number = value.simple_value if value.WhichOneof("value") == "simple_value" else float("nan")
                found.append((value.tag, event.step, number))
    return found


def test_epochs_are_written_where_keras_writes_them(tmp_path: Path) -> None:
    history = fit(tmp_path).history
    train, validation = events(tmp_path / "train"), events(tmp_path / "validation")
    assert {tag for tag, _, _ in train} == {"epoch_loss", "epoch_accuracy", "epoch_learning_rate"}
    assert {tag for tag, _, _ in validation} == {"epoch_loss", "epoch_accuracy"}
    for folder, name in ((train, "loss"), (validation, "val_loss")):
        steps = [(step, value) for tag, step, value in folder if tag == "epoch_loss"]
        assert [step for step, _ in steps] == [0, 1, 2]
        np.testing.assert_allclose([value for _, value in steps], history[name], rtol=1e-6)
    assert [value for tag, _, value in train if tag == "epoch_learning_rate"] == [0.5] * 3


@pytest.mark.parametrize(("update_freq", "steps"), [("batch", [*range(1, 10)]), (4, [4, 8])])
def test_batches_are_written_on_request(tmp_path: Path, update_freq: Any, steps: list[int]) -> None:
    fit(tmp_path, update_freq=update_freq)
    assert [step for tag, step, _ in events(tmp_path / "train") if tag == "batch_loss"] == steps


def test_batches_are_counted_through_all_runs_where_several_make_an_update(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), layers.Dense(2, "softmax")], seed=0)
    model.compile({"sgd": {"gradient_accumulation_steps": 2}}, "sparse_categorical_crossentropy")
    for run, steps in (("first", [1, 2, 3, 4]), ("second", [5, 6, 7, 8])):
        board = TensorBoard(str(tmp_path / run), update_freq="batch")
        model.fit(X, Y, batch_size=5, verbose=0, callbacks=[board])
        assert [step for tag, step, _ in events(tmp_path / run / "train") if tag == "batch_loss"] == steps


def test_weights_are_written_as_histograms_on_request(tmp_path: Path) -> None:
    fit(tmp_path, histogram_freq=2)
    steps = [step for tag, step, _ in events(tmp_path / "train") if tag == "dense/kernel"]
    assert steps == [0, 2]


def test_a_missing_package_is_said_before_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tensorboardX", None)
    with pytest.raises(ImportError, match=r"pip install 'numpy-sequential\[tensorboard\]'"):
        fit(tmp_path)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ArgumentError, match="histogram_freq must be"):
        TensorBoard(histogram_freq=-1)
    with pytest.raises(ArgumentError, match="update_freq must be"):
        TensorBoard(update_freq="sometimes")  # type: ignore[arg-type]


def test_a_disk_that_is_full_for_a_while_leaves_out_what_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tensorboardX.record_writer import RecordWriter

    flush, flushes = RecordWriter.flush, []

    def failing(writer: Any) -> None:
        flushes.append(writer)
        if len(flushes) == 4:  # once when training begins, then twice an epoch
            raise OSError(28, "No space left on device")
        flush(writer)

    monkeypatch.setattr(RecordWriter, "flush", failing)
    fit(tmp_path)
    losses = [step for tag, step, _ in events(tmp_path / "train") if tag == "epoch_loss"]
    assert {0, 2} <= {*losses}
    assert len([*(tmp_path / "train").iterdir()]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"TensorBoard: {tmp_path} cannot be written (no space left on device); training goes on, and it is tried again",
        f"TensorBoard: {tmp_path} could be written again",
    ]


def test_a_place_where_nothing_can_be_written_is_noticed_when_training_begins(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OSError, match="file"):
        fit(tmp_path / "file")


def test_histograms_have_the_bins_of_tensorflow(tmp_path: Path) -> None:
    from tensorboardX import SummaryWriter

    from framework.callbacks.tensorboard import _limits

    writer = SummaryWriter(str(tmp_path), write_to_disk=False)
    np.testing.assert_allclose(_limits(), writer.default_bins, rtol=1e-9)
