"""`python -m apps.mnist.train`: what it accepts, what it refuses, and what it leaves behind."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.mnist import data, files, recognizer, run_folder, train, train_options
from apps.mnist.corrections import Correction, append
from apps.mnist.recognizer import Recognizer
from framework import config
from framework.data import Examples, datasets

QUICK = ("--data", "sample", "--verbose", "2", "train.epochs=1")
PICTURES = ["confusion.png", "confusions.png", "curves.png", "mistakes.png", "reliability.png", "weights.png"]
FIVE_MISTAKES = """\
data: {mnist: {validaton: 5000}}
model:
  input: [28, 28]
  layers:
    - flaten
    - dense: {units: many}
    - softmax
loss: sparse_categorical_crossentropy
optimizer: {sgd: {momentun: 0.9}}
train: {epochs: 0}
"""


@pytest.fixture
def no_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks for data, fails."""

    def find(path: object = None) -> None:
        raise AssertionError("looked for data")

    monkeypatch.setattr(data, "find", find)


@pytest.fixture
def small_mnist(tmp_path: Path) -> Path:
    """A file like Keras's with 400 training and 50 test images, which are not MNIST's own."""
    (x, y), (test_x, test_y) = data.load("sample")
    files.write_npz(tmp_path / "mnist.npz", Examples(x[:400], y[:400]), Examples(test_x[::20], test_y[::20]))
    return tmp_path / "mnist.npz"


class TestRunFolder:
    def test_holds_everything(self, run_folder: Path) -> None:
        names = [*train.FILES, *PICTURES]
        assert sorted(path.name for path in run_folder.iterdir()) == sorted(names)

    def test_the_histories_agree(self, run_folder: Path) -> None:
        history = json.loads((run_folder / "history.json").read_text())
        with (run_folder / "history.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert set(rows[0]) == set(history) == {"epoch", "loss", "accuracy", "val_loss", "val_accuracy"}
        assert history["epoch"] == [0, 1, 2]
        for name, values in history.items():
            assert [float(row[name]) for row in rows] == values

    def test_validation_that_was_left_out_is_null(self, call: Any, no_plots: None, tmp_path: Path) -> None:
        options = ("train.epochs=3", "train.validation_freq=2", "--run-dir", tmp_path / "run")
        assert call(train.main, "--data", "sample", *options).status == 0
        history = json.loads((tmp_path / "run" / "history.json").read_text())
        assert [value is None for value in history["val_loss"]] == [True, False, True]
        assert [len(values) for values in history.values()] == [3] * 5

    def test_its_config_repeats_the_run_to_the_bit(
        self, call: Any, no_plots: None, run_folder: Path, tmp_path: Path
    ) -> None:
        assert call(train.main, run_folder / "config.yaml", "--run-dir", tmp_path / "again").status == 0
        for name in ("config.yaml", "history.csv", "history.json"):
            assert (tmp_path / "again" / name).read_bytes() == (run_folder / name).read_bytes(), name
        again, first = (json.loads((folder / "model.json").read_text()) for folder in (tmp_path / "again", run_folder))
        assert again["metadata"].pop("run")["recipe"] == "config.yaml"
        assert first["metadata"].pop("run")["recipe"] == "mnist_sample"
        assert again == first

    def test_only_what_was_saved_is_listed(self, call: Any, tmp_path: Path) -> None:
        (tmp_path / "letters.txt").touch()
        out = call(train.main, *QUICK, "--run-dir", tmp_path).out
        names = [*train.FILES, *PICTURES]
        listed = out.splitlines()[-1].removeprefix("Saved: ").removesuffix(f" in {tmp_path}")
        assert sorted(listed.split(", ")) == sorted(names)

    def test_default_folders_are_new_ones(
        self, call: Any, no_plots: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(run_folder.time, "strftime", lambda _: "20300102-030405")
        for name in ("mnist_sample-20300102-030405", "mnist_sample-20300102-030405-2"):
            assert call(train.main, *QUICK).out.endswith(f"run.json in runs/{name}\n")
            assert Path("runs", name, "model.json").exists()

    def test_one_that_is_used_is_refused(self, call: Any, no_looking: None, run_folder: Path) -> None:
        before = (run_folder / "model.json").read_bytes()
        problem = f"{run_folder} holds a run already; choose another --run-dir, or delete that one"
        assert call(train.main, *QUICK, "--run-dir", run_folder) == (2, "", f"error: {problem}\n")
        assert (run_folder / "model.json").read_bytes() == before

    @pytest.mark.parametrize(
        ("folder", "problem"),
        [("file", "file is a file; choose another --run-dir"), ("file/in", "file/in: not a directory")],
    )
    def test_one_that_cannot_be_is_refused(
        self, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, problem: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("file").touch()
        outcome = call(train.main, *QUICK, "--run-dir", folder)
        assert (outcome.status, outcome.err) == (2, f"error: {problem}\n")


class TestMetadata:
    def test_of_the_sample_is_a_calibration_and_no_test(self, run_folder: Path) -> None:
        noted = json.loads((run_folder / "model.json").read_text())["metadata"]
        history = json.loads((run_folder / "history.json").read_text())
        assert set(noted) == {"temperature", "ece", "validation_accuracy", "validation_images", "figures", "run"}
        assert noted["figures"][0]["set"] == "mnist"
        assert noted["figures"][0]["kind"] == "validation"
        assert noted["validation_accuracy"] == pytest.approx(history["val_accuracy"][-1], abs=1e-4)
        assert noted["validation_images"] == 1000
        assert Recognizer.load(run_folder).temperature == noted["temperature"]
        assert noted["temperature"] != 1

    @pytest.mark.usefixtures("no_plots")
    def test_examples_held_back_from_training_calibrate_too(self, call: Any, tmp_path: Path, small_mnist: Path) -> None:
        options = ("--data", small_mnist, "--verbose", 2, "train.epochs=1", "data.mnist.validation=0")
        out = call(train.main, *options, "train.validation_split=0.25", "--run-dir", tmp_path / "run").out
        noted = json.loads((tmp_path / "run" / "model.json").read_text())["metadata"]
        assert f"Calibration: temperature {noted['temperature']:.2f}, fitted on 100 validation images\n" in out
        assert set(noted) == {"temperature", "ece", "test_accuracy", "test_images", "figures", "run"}
        assert noted["run"]["data"] == ["mnist"]
        assert noted["run"]["overrides"] == ["train.epochs=1", "data.mnist.validation=0", "train.validation_split=0.25"]
        assert noted["run"]["images"] == 300
        assert noted["test_images"] == 50
        assert f"Accuracy on 50 images never trained on: {100 * noted['test_accuracy']:.2f} %" in out

    @pytest.mark.usefixtures("no_plots")
    def test_without_validation_there_is_no_calibration(self, call: Any, tmp_path: Path, small_mnist: Path) -> None:
        options = ("--data", small_mnist, "--verbose", 2, "train.epochs=1", "data.mnist.validation=0")
        assert "Calibration" not in call(train.main, *options, "--run-dir", tmp_path / "run").out
        assert set(json.loads((tmp_path / "run" / "model.json").read_text())["metadata"]) == {
            "test_accuracy", "test_images", "figures", "run",
        }  # fmt: skip


class TestCorrections:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """Five sevens of the sample that somebody calls twos."""
        _, test = files.read(data.SAMPLE)
        for image in test.x[test.y == 7][:5]:
            fields: dict[str, Any] = {"time": "2030-01-02", "label": 2, "predicted": 7, "probabilities": [0.1] * 10}
            append(tmp_path / "c.jsonl", Correction(**fields, strokes=(), image=image, model="", version=""))
        return tmp_path / "c.jsonl"

    @pytest.mark.usefixtures("no_plots")
    def test_are_learnt_and_compared(
        self, call: Any, run_folder: Path, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(recognizer, "SHIPPED", run_folder / "model.json")
        run = ("--data", "sample", "--verbose", "2", "train.epochs=4", "augment=[]", "--run-dir", tmp_path / "run")
        status, out, err = call(train.main, *run, "--corrections", file)
        assert (status, err) == (0, "")
        assert "Corrections: 5, each taken 17 times, are 2.1 % of 4,085 training images\n" in out
        before, after = (
            json.loads((folder / "model.json").read_text())["metadata"] for folder in (run_folder, tmp_path / "run")
        )
        assert after["corrections"] == 5
        table = out[out.index("Accuracy  ") :].splitlines()
        shares = [float(number) for number in table[1].replace("%", "").split()[2:]]
        assert shares[0] <= 40 < 60 <= shares[1]
        assert table[2].startswith("1,000 validation images ")
        assert table[2].split()[3::2] == [f"{100 * noted['validation_accuracy']:.2f}" for noted in (before, after)]

    @pytest.mark.usefixtures("no_looking")
    @pytest.mark.parametrize("option", [[], ["--check"], ["--print-config"]])
    def test_a_malformed_file_is_told_before_anything_else(self, call: Any, file: Path, option: list[str]) -> None:
        file.write_bytes(file.read_bytes() + b'{"label": 3}\n')
        problem = f"error: {file}, line 6: time is missing; mend that line, or delete it\n"
        assert call(train.main, "--corrections", file, *option) == (2, "", problem)

    @pytest.mark.usefixtures("no_looking")
    def test_a_file_that_is_not_there(self, call: Any, tmp_path: Path) -> None:
        problem = f"error: {tmp_path / 'none'}: no such file or directory\n"
        assert call(train.main, "--corrections", tmp_path / "none") == (2, "", problem)

    @pytest.mark.usefixtures("no_looking")
    def test_are_checked(self, call: Any, file: Path) -> None:
        out = call(train.main, "--check", "--corrections", file).out
        assert out == f"{train_options.DEFAULT}: no problems found\n{file}: no problems found in 5 corrections\n"

    def test_that_do_not_fit_the_data_are_told_before_the_training(
        self, call: Any, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load = data.Mnist.load
        monkeypatch.setattr(data.Mnist, "load", lambda self: replace(load(self), scale=1.0))
        status, _, err = call(train.main, *QUICK, "--corrections", file, "--run-dir", tmp_path / "run")
        assert status == 2
        assert err.startswith("error: --corrections are uint8 images of shape (28, 28), to be scaled by 1/255, but ")
        assert not (tmp_path / "run").exists()


class TestRecipe:
    @pytest.mark.usefixtures("no_mnist", "no_plots")
    def test_without_mnist_it_is_that_for_the_sample_and_is_told(self, call: Any, tmp_path: Path) -> None:
        status, out, err = call(train.main, "--verbose", 2, "train.epochs=1", "--run-dir", tmp_path / "run")
        assert (status, err) == (0, "")
        assert out.splitlines()[:2] == [
            f"Config: {train_options.FOR_SAMPLE}",
            "Data:   no MNIST found and no download possible (no network): using the 5,000 real digits "
            "that come with the project (4,000 to train, 1,000 held out)",
        ]
        assert "Accuracy on 1,000 images never trained on: " in out

    @pytest.mark.usefixtures("no_looking")
    @pytest.mark.parametrize(
        ("arguments", "environment", "name", "place"),
        [
            ([], "", "mnist_mlp", None),
            (["--data", "sample"], "", "mnist_sample", "sample"),
            (["data.mnist.path=sample"], "", "mnist_sample", "sample"),
            ([], "sample", "mnist_sample", "sample"),
            ([], "somewhere", "mnist_mlp", None),
            (["--data", "digits"], "sample", "mnist_mlp", "{here}/digits"),
            (["data.mnist.path=digits"], "", "mnist_mlp", "digits"),
            (["CONFIG", "--data", "sample"], "", "mnist_mlp", "sample"),
        ],
    )
    def test_follows_the_data_that_is_named(
        self,
        call: Any,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        arguments: list[str],
        environment: str,
        name: str,
        place: str | None,
    ) -> None:
        """A path on the command line is written down in full, so that the config works anywhere."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("MNIST_DIR", environment)
        arguments = [str(train_options.DEFAULT) if text == "CONFIG" else text for text in arguments]
        resolved = config.loads(call(train.main, "--print-config", *arguments).out).settings
        assert resolved.model.name == name
        assert datasets.registry.create(resolved.data).path == (place and place.format(here=tmp_path))


@pytest.mark.usefixtures("no_looking")
class TestLooking:
    """--check and --print-config work where there is no data."""

    @pytest.mark.parametrize("arguments", [[], ["--data", "/nowhere"], [train_options.FOR_SAMPLE], ["train.epochs=3"]])
    def test_check(self, call: Any, arguments: list[str]) -> None:
        status, out, err = call(train.main, "--check", *arguments)
        assert (status, err) == (0, "")
        assert out.endswith(".yaml: no problems found\n")

    @pytest.mark.parametrize("arguments", [[], ["--data", "sample"], ["optimizer=adam", "model.layers.1.units=7"]])
    def test_what_print_config_prints_is_a_config(self, call: Any, tmp_path: Path, arguments: list[str]) -> None:
        printed = call(train.main, "--print-config", *arguments).out
        (tmp_path / "printed.yaml").write_text(printed)
        assert call(train.main, tmp_path / "printed.yaml", "--print-config") == (0, printed, "")
        assert call(train.main, tmp_path / "printed.yaml", "--check").status == 0


@pytest.mark.usefixtures("no_looking")
class TestMistakes:
    """All of them are told before any data is looked for."""

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            (["none.yaml"], "none.yaml:1:1: error: there is no such file"),
            (["."], ".:1:1: error: this file cannot be read: Is a directory"),
            (
                ["a.yaml", "b.yaml"],
                "error: one config file at a time, got a.yaml and b.yaml; overrides are written key=value",
            ),
            (["train.epochs=0"], "command line: train.epochs=0: error: epochs of train must be at least 1, got 0"),
            (["optimizr.momentum=1"], "command line: optimizr.momentum=1: error: unknown key 'optimizr'"),
            (["data=cifar"], "command line: data=cifar: error: unknown dataset 'cifar'"),
            (["--import", "there_is_none"], "error: --import there_is_none: there is no module there_is_none"),
        ],
    )
    @pytest.mark.parametrize("option", [[], ["--check"], ["--print-config"]])
    def test_is_told(self, call: Any, arguments: list[str], problem: str, option: list[str]) -> None:
        status, out, err = call(train.main, *arguments, *option)
        assert (status, out) == (2, "")
        assert err.startswith(problem)

    def test_five_are_told_at_once(self, call: Any, tmp_path: Path) -> None:
        (tmp_path / "five.yaml").write_text(FIVE_MISTAKES)
        status, out, err = call(train.main, tmp_path / "five.yaml")
        assert (status, out) == (2, "")
        headings = [line.removeprefix(f"{tmp_path / 'five.yaml'}:") for line in err.splitlines() if ": error: " in line]
        assert [heading.split(": error: ")[0] for heading in headings] == ["1:16", "5:7", "6:22", "9:19", "10:17"]

    @pytest.mark.parametrize("arguments", [["--epochs", "3"], ["--verbose", "7"]])
    def test_options_that_there_are_not(self, call: Any, arguments: list[str]) -> None:
        status, out, err = call(train.main, *arguments)
        assert (status, out) == (2, "")
        assert "python -m apps.mnist.train: error: " in err


def test_data_that_is_not_there(call: Any, tmp_path: Path) -> None:
    status, _, err = call(train.main, "--data", tmp_path / "none", "--run-dir", tmp_path / "run")
    assert (status, err) == (2, f"error: {tmp_path / 'none'}: no such file or folder; check the path\n")
    assert not (tmp_path / "run").exists()


def test_too_much_for_the_memory(call: Any, tmp_path: Path) -> None:
    status, _, err = call(train.main, *QUICK, "model.layers.1.units=100000000000", "--run-dir", tmp_path)
    assert status == 2
    assert err.startswith("error: 84,900,000,000,714 parameters and their gradients need 632,554 GiB, ")


@pytest.mark.usefixtures("no_plots")
def test_a_training_that_diverges_is_told(call: Any, tmp_path: Path) -> None:
    status, _, err = call(train.main, *QUICK, "optimizer.learning_rate=1e9", "--run-dir", tmp_path)
    assert status == 1
    assert re.fullmatch(r"error: the loss is (nan|inf) in batch \d+ of epoch 1 .* a smaller learning rate.*\n", err)
    assert not (tmp_path / "model.json").exists()


def test_a_model_that_reads_no_digits_is_only_trained(call: Any, tmp_path: Path) -> None:
    shape = ("model.layers=[flatten, dense: 1]", "loss=mse", "metrics=[mae]", "optimizer=adam")
    status, out, err = call(train.main, *QUICK, *shape, "--run-dir", tmp_path)
    assert (status, err) == (0, "")
    assert out.endswith(f"Saved: card.md, config.yaml, history.csv, history.json, model.json, run.json in {tmp_path}\n")
