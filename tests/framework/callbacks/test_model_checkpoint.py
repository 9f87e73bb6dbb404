"""Saving while training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers, load_model
from framework.callbacks import Callback, ModelCheckpoint
from framework.registry import ArgumentError

X, Y = np.linspace(-1, 1, 40, dtype=np.float32).reshape(10, 4), np.arange(10) % 3


@pytest.fixture
def model() -> Sequential:
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    return net


class Figures(Callback):
    """Replaces the loss of each epoch by one from a list."""

    log_names = ("figure",)

    def __init__(self, figures: list[float]) -> None:
        self.figures = figures

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["figure"] = self.figures[epoch]


def fit(model: Sequential, *callbacks: Callback, epochs: int = 1, **arguments: Any) -> None:
    model.fit(X, Y, batch_size=4, epochs=epochs, verbose=0, callbacks=list(callbacks), **arguments)


def test_every_epoch_is_saved_under_its_number_counted_from_1(model: Sequential, tmp_path: Path) -> None:
    fit(model, ModelCheckpoint(f"{tmp_path}/new/folder/{{epoch:02d}}-{{loss:.2f}}.json"), epochs=2)
    assert [path.name[:3] for path in sorted((tmp_path / "new/folder").iterdir())] == ["01-", "02-"]


def test_what_is_saved_predicts_as_the_model_does(model: Sequential, tmp_path: Path) -> None:
    fit(model, ModelCheckpoint(tmp_path / "model.json"))  # type: ignore[arg-type]
    assert np.array_equal(load_model(tmp_path / "model.json").predict(X), model.predict(X))


@pytest.mark.parametrize(
    ("figures", "mode", "kept"),
    [
        ([3.0, 2.0, 2.5, 2.0, 1.0], "min", [1, 2, 5]),
        ([1.0, 3.0, 2.0, 3.0, 4.0], "max", [1, 2, 5]),
        ([float("nan"), 2.0, float("nan"), 3.0, 1.0], "min", [2, 5]),
    ],
)
def test_only_improvements_are_saved(
    model: Sequential, tmp_path: Path, figures: list[float], mode: Any, kept: list[int]
) -> None:
    saver = ModelCheckpoint(f"{tmp_path}/{{epoch}}.json", monitor="figure", save_best_only=True, mode=mode)
    fit(model, Figures(figures), saver, epochs=5)
    assert sorted(int(path.stem) for path in tmp_path.iterdir()) == kept


def test_the_best_value_outlives_a_fit(model: Sequential, tmp_path: Path) -> None:
    saver = ModelCheckpoint(f"{tmp_path}/best.json", monitor="figure", save_best_only=True)
    fit(model, Figures([1.0]), saver)
    (tmp_path / "best.json").unlink()
    fit(model, Figures([2.0]), saver)
    assert not (tmp_path / "best.json").exists()


def test_a_first_threshold_has_to_be_beaten(model: Sequential, tmp_path: Path) -> None:
    path = f"{tmp_path}/{{epoch}}.json"
    saver = ModelCheckpoint(path, monitor="figure", save_best_only=True, initial_value_threshold=1.5)
    fit(model, Figures([2.0, 1.0]), saver, epochs=2)
    assert [path.name for path in tmp_path.iterdir()] == ["2.json"]


def test_epochs_without_validation_save_nothing(model: Sequential, tmp_path: Path) -> None:
    saver = ModelCheckpoint(f"{tmp_path}/{{epoch}}.json", save_best_only=True)
    fit(model, saver, epochs=3, validation_split=0.2, validation_freq=2)
    assert [path.name for path in tmp_path.iterdir()] == ["2.json"]


def test_epochs_that_lack_a_figure_of_the_name_save_nothing(model: Sequential, tmp_path: Path) -> None:
    saver = ModelCheckpoint(f"{tmp_path}/{{epoch}}-{{val_loss:.1f}}.json")
    fit(model, saver, epochs=4, validation_split=0.2, validation_freq=2)
    assert sorted(path.name[:2] for path in tmp_path.iterdir()) == ["2-", "4-"]


def test_nor_do_they_count_for_the_best(model: Sequential, tmp_path: Path) -> None:
    saver = ModelCheckpoint(f"{tmp_path}/{{epoch}}-{{val_loss:.1f}}.json", monitor="figure", save_best_only=True)
    fit(model, Figures([1.0, 2.0]), saver, epochs=2, validation_split=0.2, validation_freq=2)
    assert [path.name[:2] for path in tmp_path.iterdir()] == ["2-"]
    assert saver.best == 2.0


def test_figures_of_other_callbacks_are_not_there_in_the_middle_of_an_epoch(model: Sequential) -> None:
    with pytest.raises(ArgumentError, match="available fields: epoch, loss, accuracy, batch"):
        fit(model, Figures([1.0]), ModelCheckpoint("{figure}.json", save_freq=2))


def test_a_figure_of_several_numbers_in_the_name_is_an_error_that_names_it(tmp_path: Path) -> None:
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy", ["f1_score"])
    with pytest.raises(ArgumentError, match=r"cannot fill in filepath .*f1_score:\.2f"):
        fit(net, ModelCheckpoint(f"{tmp_path}/{{f1_score:.2f}}.json"))


def test_its_state_is_the_best_value_and_the_count(model: Sequential, tmp_path: Path) -> None:
    saver, other = (ModelCheckpoint(f"{tmp_path}/{{epoch}}-{{batch}}.json", save_freq=5) for _ in range(2))
    fit(model, saver)
    assert saver.get_state() == {"best": None, "batches": 3}
    other.set_state({"best": 0.5, "batches": 3})
    assert other.get_state() == {"best": 0.5, "batches": 3}


def test_saving_by_batches_counts_through_the_epochs(model: Sequential, tmp_path: Path) -> None:
    fit(model, ModelCheckpoint(f"{tmp_path}/{{epoch}}-{{batch}}.json", save_freq=2), epochs=3)  # 3 batches an epoch
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["1-2", "2-1", "2-3", "3-2"]


def test_verbose_says_where(model: Sequential, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fit(model, ModelCheckpoint(f"{tmp_path}/model.json", verbose=1))
    assert capsys.readouterr().out == f"Epoch 1: saved {tmp_path}/model.json\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"filepath": "m-{val_loss}.json"},
            r"cannot fill in filepath .*'val_loss'.*available fields: epoch, loss, accuracy",
        ),
        ({"filepath": "m-{}.json"}, "cannot fill in filepath"),
        ({"filepath": "m-{epoch:q}.json"}, "cannot fill in filepath"),
        ({"filepath": "m.json", "save_best_only": True}, "'val_loss' will not be there; there is no validation data"),
        ({"filepath": "m.json", "save_best_only": True, "monitor": "acuracy"}, "did you mean 'accuracy'"),
        ({"filepath": "m.json", "save_best_only": True, "monitor": "learning_rate"}, "will not be there"),
    ],
)
def test_fields_and_monitors_that_will_not_be_there_stop_fit_before_training(
    model: Sequential, arguments: dict[str, Any], message: str
) -> None:
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        fit(model, ModelCheckpoint(**arguments))
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_validation_figures_cannot_be_watched_in_the_middle_of_an_epoch(model: Sequential) -> None:
    with pytest.raises(ValueError, match="'val_loss' will not be there"):
        fit(model, ModelCheckpoint("m.json", save_best_only=True, save_freq=2), validation_split=0.2)


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ({"filepath": "model.h5"}, "filepath"),
        ({"filepath": "model.json", "save_freq": 0}, "save_freq"),
        ({"filepath": "model.json", "save_freq": "batch"}, "save_freq"),
        ({"filepath": "model.json", "save_freq": True}, "save_freq"),
        ({"filepath": "model.json", "mode": "best"}, "mode"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, Any], culprit: str) -> None:
    with pytest.raises(ArgumentError, match=f"ModelCheckpoint: {culprit} must be") as caught:
        ModelCheckpoint(**arguments)
    assert caught.value.argument == culprit


def test_a_disk_that_is_full_for_a_while_does_not_end_the_run_and_what_was_not_saved_is_not_the_best(
    model: Sequential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written, epochs = [], iter(range(5))

    def save(path: Path) -> None:
        epoch = next(epochs)
        if epoch in (1, 2):
            raise OSError(28, "No space left on device", str(path))
        written.append(epoch)

    monkeypatch.setattr(model, "save", save)
    checkpoint = ModelCheckpoint(str(tmp_path / "best.json"), monitor="figure", save_best_only=True, verbose=1)
    fit(model, Figures([5.0, 3.0, 4.0, 4.5, 4.0]), checkpoint, epochs=5)
    assert written == [0, 3, 4]
    assert checkpoint.best == 4.0
    told = capsys.readouterr()
    assert [line[:8] for line in told.out.splitlines() if "saved" in line] == ["Epoch 1:", "Epoch 4:", "Epoch 5:"]
    assert len(told.err.splitlines()) == 2
    assert "best.json cannot be written (no space left on device); training goes on" in told.err


def test_a_place_where_nothing_can_be_written_is_noticed_by_the_first_model(model: Sequential, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OSError, match="file"):
        fit(model, ModelCheckpoint(str(tmp_path / "file" / "model.json")), epochs=2)
