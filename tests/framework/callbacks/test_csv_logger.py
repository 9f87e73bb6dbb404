"""The history as a table in a file."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import BackupAndRestore, Callback, CSVLogger

X, Y = np.linspace(-1, 1, 40, dtype=np.float32).reshape(10, 4), np.arange(10) % 3


@pytest.fixture
def model() -> Sequential:
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    return net


def rows(path: Path, separator: str = ",") -> list[list[str]]:
    return [line.split(separator) for line in path.read_text().splitlines()]


def test_a_line_an_epoch_under_sorted_names(model: Sequential, tmp_path: Path) -> None:
    path = tmp_path / "new" / "history.csv"
    history = model.fit(X, Y, epochs=2, verbose=0, callbacks=[CSVLogger(str(path))]).history
    assert rows(path)[0] == ["epoch", "accuracy", "loss"]
    assert rows(path)[1:] == [[str(i), str(history["accuracy"][i]), str(history["loss"][i])] for i in (0, 1)]


def test_columns_of_validation_are_there_from_the_beginning(model: Sequential, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    model.fit(X, Y, epochs=2, verbose=0, validation_split=0.2, validation_freq=2, callbacks=[CSVLogger(str(path))])
    header, first, second = rows(path)
    assert header == ["epoch", "accuracy", "loss", "val_accuracy", "val_loss"]
    assert first[3:] == ["NA", "NA"]
    assert "NA" not in second


def test_every_line_is_on_disk_when_its_epoch_ends(model: Sequential, tmp_path: Path) -> None:
    path, seen = tmp_path / "history.csv", []

    class Reads(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append(len(rows(path)))

    model.fit(X, Y, epochs=3, verbose=0, callbacks=[CSVLogger(str(path)), Reads()])
    assert seen == [2, 3, 4]


@pytest.mark.parametrize(("append", "epochs"), [(False, ["0"]), (True, ["0", "1", "0"])])
def test_a_file_that_is_there_is_replaced_or_continued_under_one_header(
    model: Sequential, tmp_path: Path, append: bool, epochs: list[str]
) -> None:
    path = tmp_path / "history.csv"
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[CSVLogger(str(path), append=append)])
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[CSVLogger(str(path), append=append)])
    header, *lines = rows(path)
    assert header == ["epoch", "accuracy", "loss"]
    assert [line[0] for line in lines] == epochs


def test_continuing_keeps_the_columns_that_are_there(model: Sequential, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text("epoch,loss,speed\n0,1.5,9\n")
    model.fit(X, Y, epochs=2, initial_epoch=1, verbose=0, callbacks=[CSVLogger(str(path), append=True)])
    assert rows(path)[0] == ["epoch", "loss", "speed"]
    assert rows(path)[2][::2] == ["1", "NA"]


@pytest.mark.parametrize("content", [None, ""])
def test_continuing_nothing_begins_with_a_header(model: Sequential, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "history.csv"
    if content is not None:
        path.write_text(content)
    model.fit(X, Y, verbose=0, callbacks=[CSVLogger(str(path), append=True)])
    assert [row[0] for row in rows(path)] == ["epoch", "0"]


def test_another_separator(model: Sequential, tmp_path: Path) -> None:
    path = tmp_path / "history.tsv"
    for _ in range(2):
        model.fit(X, Y, verbose=0, callbacks=[CSVLogger(str(path), separator="\t", append=True)])
    assert rows(path, "\t")[0] == ["epoch", "accuracy", "loss"]
    assert len(rows(path)) == 3


def test_a_list_stands_in_one_cell_as_in_keras(tmp_path: Path) -> None:
    logger = CSVLogger(str(tmp_path / "history.csv"))
    logger.on_train_begin()
    logger.on_epoch_end(0, {"matrix": [1.0, 2.0]})
    logger.on_train_end()
    assert (tmp_path / "history.csv").read_text() == 'epoch,matrix\n0,"""[1.0, 2.0]"""\n'


def test_the_file_is_closed_after_an_exception_and_the_logger_can_be_copied(model: Sequential, tmp_path: Path) -> None:
    logger = CSVLogger(str(tmp_path / "history.csv"))

    class Fails(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            assert copy.deepcopy(logger)._file is None
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, verbose=0, callbacks=[logger, Fails()])
    assert logger._file is None
    assert len(rows(tmp_path / "history.csv")) == 2


class Crash(Callback):
    """Raises when an epoch ends, after the logger and before the backup."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.epoch:
            raise KeyboardInterrupt


def cut_off(tmp_path: Path, append: bool, *crash: Callback) -> Path:
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    path = tmp_path / "history.csv"
    callbacks = [CSVLogger(str(path), append=append), *crash, BackupAndRestore(str(tmp_path / "backup"))]
    net.fit(X, Y, epochs=4, verbose=0, validation_split=0.2, validation_freq=2, callbacks=callbacks)
    return path


@pytest.mark.parametrize("append", [False, True])
@pytest.mark.parametrize("epoch", [0, 1, 2, 3])
def test_a_run_that_was_cut_off_goes_on_with_its_table(tmp_path: Path, append: bool, epoch: int) -> None:
    whole = cut_off(tmp_path / "whole", append).read_text()
    with pytest.raises(KeyboardInterrupt):
        cut_off(tmp_path, append, Crash(epoch))
    if append and epoch == 0:  # there was no backup yet: a new run goes on with what the old one has left
        assert len(rows(cut_off(tmp_path, append))) == len(whole.splitlines()) + 1
    else:
        assert cut_off(tmp_path, append).read_text() == whole


def test_a_table_that_went_away_in_between_begins_with_a_header(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        cut_off(tmp_path, False, Crash(2))
    (tmp_path / "history.csv").unlink()
    assert [row[0] for row in rows(cut_off(tmp_path, False))] == ["epoch", "2", "3"]
