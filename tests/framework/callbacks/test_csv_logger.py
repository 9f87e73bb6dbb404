"""The history as a table in a file."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import BackupAndRestore, Callback, CSVLogger, csv_logger
from framework.registry import ArgumentError

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


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every epoch took far longer than writing."""
    monkeypatch.setattr(csv_logger, "SHARE", float("inf"))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if epochs took no time at all."""
    monkeypatch.setattr(csv_logger, "SHARE", 0)


@pytest.mark.usefixtures("slow")
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


@pytest.mark.usefixtures("quick")
def test_lines_of_very_short_epochs_are_written_together_and_the_last_at_the_end(
    model: Sequential, tmp_path: Path
) -> None:
    path, seen = tmp_path / "history.csv", []

    class Reads(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append(len(rows(path)))

    model.fit(X, Y, epochs=4, verbose=0, callbacks=[CSVLogger(str(path)), Reads()])
    assert seen == [2, 2, 2, 2]
    assert len(rows(path)) == 5


@pytest.mark.usefixtures("quick")
def test_the_last_lines_are_written_after_an_exception_too_and_the_logger_can_be_copied(
    model: Sequential, tmp_path: Path
) -> None:
    logger = CSVLogger(str(tmp_path / "history.csv"))

    class Fails(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            assert copy.deepcopy(logger).get_state() == logger.get_state()
            if epoch == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, epochs=5, verbose=0, callbacks=[logger, Fails()])
    assert [row[0] for row in rows(tmp_path / "history.csv")] == ["epoch", "0", "1", "2"]


def test_a_run_that_is_cut_off_in_its_first_epoch_leaves_the_old_table(model: Sequential, tmp_path: Path) -> None:
    class Fails(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            raise KeyboardInterrupt

    (tmp_path / "history.csv").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, verbose=0, callbacks=[CSVLogger(str(tmp_path / "history.csv")), Fails()])
    assert (tmp_path / "history.csv").read_text() == "old"


def test_a_table_whose_last_line_has_no_end_gets_one(model: Sequential, tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text("epoch,loss\n0,1.5")
    model.fit(X, Y, verbose=0, callbacks=[CSVLogger(str(tmp_path / "history.csv"), append=True)])
    assert rows(tmp_path / "history.csv")[:2] == [["epoch", "loss"], ["0", "1.5"]]
    assert len(rows(tmp_path / "history.csv")) == 3


def test_what_is_no_text_is_not_continued(model: Sequential, tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(ArgumentError, match=r"history\.csv is no text in UTF-8"):
        model.fit(X, Y, verbose=0, callbacks=[CSVLogger(str(tmp_path / "history.csv"), append=True)])


def test_a_state_that_is_set_twice_around_the_begin_of_an_epoch_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    first, second = CSVLogger(str(path)), CSVLogger(str(path))
    first.on_train_begin()
    first.on_epoch_end(0, {"loss": 2.0})
    state = first.get_state()
    first.on_epoch_end(1, {"loss": 1.5})  # of this, the backup knows nothing
    second.on_train_begin()
    second.set_state(state)
    second.on_epoch_begin(1)
    second.set_state(state)
    second.on_epoch_end(1, {"loss": 1.0})
    second.on_train_end()
    assert path.read_text() == "epoch,loss\n0,2.0\n1,1.0\n"


def test_a_state_is_written_where_no_epoch_is_left_to_do(tmp_path: Path) -> None:
    logger = CSVLogger(str(tmp_path / "history.csv"))
    logger.on_train_begin()
    logger.set_state({"columns": ["loss"], "text": "epoch,loss\n0,2.0\n"})
    logger.on_train_end()
    assert (tmp_path / "history.csv").read_text() == "epoch,loss\n0,2.0\n"


def failing(monkeypatch: pytest.MonkeyPatch, *fails: bool) -> None:
    """Lets these of the next attempts to write fail."""
    attempts = iter(fails)

    def write(path: Any, content: bytes) -> None:
        if next(attempts):
            raise OSError(28, "No space left on device", str(path))
        Path(path).write_bytes(content)

    monkeypatch.setattr(csv_logger, "write_atomically", write)


@pytest.mark.usefixtures("slow")
def test_a_disk_that_is_full_for_a_while_costs_nothing(
    model: Sequential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "history.csv"
    failing(monkeypatch, False, True, True, False)
    model.fit(X, Y, epochs=4, verbose=0, callbacks=[CSVLogger(str(path))])
    assert [row[0] for row in rows(path)] == ["epoch", "0", "1", "2", "3"]
    assert capsys.readouterr().err.splitlines() == [
        f"CSVLogger: {path} cannot be written (no space left on device); training goes on, and it is tried again",
        f"CSVLogger: {path} could be written again",
    ]


@pytest.mark.usefixtures("slow")
def test_a_disk_that_stays_full_costs_the_lines_and_not_the_run(
    model: Sequential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "history.csv"
    failing(monkeypatch, False, True, True, True)
    assert model.fit(X, Y, epochs=3, verbose=0, callbacks=[CSVLogger(str(path))]).epoch == [0, 1, 2]
    assert len(rows(path)) == 2
    assert capsys.readouterr().err.splitlines()[1:] == [
        f"CSVLogger: {path} cannot be written (no space left on device); it stays as it was"
    ]


@pytest.mark.usefixtures("slow")
def test_a_disk_that_is_full_from_the_beginning_is_told(
    model: Sequential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "history.csv"
    failing(monkeypatch, True, True, False)
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[CSVLogger(str(path))])
    assert len(rows(path)) == 3
    assert capsys.readouterr().err.splitlines()[1:] == [f"CSVLogger: {path} could be written again"]


def test_a_place_where_nothing_can_be_written_is_an_error(model: Sequential, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.mkdir()
    with pytest.raises(OSError, match="Is not a regular file"):
        model.fit(X, Y, epochs=3, verbose=0, callbacks=[CSVLogger(str(path))])


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


def test_a_table_that_went_away_in_between_is_there_again(tmp_path: Path) -> None:
    whole = cut_off(tmp_path / "whole", False).read_text()
    with pytest.raises(KeyboardInterrupt):
        cut_off(tmp_path, False, Crash(2))
    (tmp_path / "history.csv").unlink()
    assert cut_off(tmp_path, False).read_text() == whole
