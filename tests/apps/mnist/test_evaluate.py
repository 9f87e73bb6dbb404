"""`python -m apps.mnist.evaluate`: its answer on good models, and on everything else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.mnist import data, evaluate
from framework import Input, Sequential, load_model
from framework.data.datasets import Data, Dataset, Examples
from framework.data.datasets import registry as datasets
from framework.layers import Dense


class Three(Dataset):
    """Three numbers to train on, and nothing else."""

    def load(self) -> Data:
        return Data(Examples(np.zeros((3, 2)), np.arange(3)))


@pytest.mark.parametrize("name", ["", "model.json"])
def test_evaluates_a_run_or_a_model(call: Any, run_folder: Path, name: str) -> None:
    status, out, err = call(evaluate.main, run_folder / name, "--data", "sample")
    assert (status, err) == (0, "")
    assert f"Model: {run_folder / 'model.json'} (109,386 parameters)" in out
    assert "Data:  the 5,000 real digits that come with the project (4,000 to train, 1,000 held out)" in out
    assert "Accuracy on 1,000 held-out images of the sample: " in out
    assert "part of MNIST's training set" in out


def test_finds_the_accuracy_that_training_ended_with(call: Any, run_folder: Path) -> None:
    history = json.loads((run_folder / "history.json").read_text())
    out = call(evaluate.main, run_folder, "--data", "sample").out
    assert f"held-out images of the sample: {100 * history['val_accuracy'][-1]:.2f} %" in out
    assert re.search(rf"all +1,000 +{100 * history['val_accuracy'][-1]:.2f} %", out)


def test_saves_plots_where_it_is_told(call: Any, run_folder: Path, tmp_path: Path) -> None:
    status, out, _ = call(evaluate.main, run_folder, "--data", "sample", "--plots", tmp_path / "new")
    names = ["confusion.png", "mistakes.png", "confusions.png", "reliability.png", "weights.png"]
    assert status == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(names)
    assert out.splitlines()[-1] == "Saved: " + ", ".join(str(tmp_path / "new" / name) for name in names)


def test_figures_are_those_of_the_calibrated_model(call: Any, run_folder: Path) -> None:
    metadata = load_model(run_folder / "model.json").metadata
    [figure] = metadata["figures"]
    out = call(evaluate.main, run_folder, "--data", "sample").out
    assert f"Expected calibration error: {100 * figure['ece']:.2f} % (" in out
    assert f"before the temperature of {metadata['temperature']:.2f})" in out
    assert f"Sure, from 90 % on: {100 * figure['sure']:.2f} % of the answers" in out
    assert f"of which {100 * figure['sure_right']:.2f} % (95 % interval " in out


SAMPLES = "mix: [{mnist: sample}, {mnist: {path: sample}}]"


def test_parts_of_a_mixture_are_judged_one_by_one_and_together(call: Any, run_folder: Path, tmp_path: Path) -> None:
    status, out, err = call(evaluate.main, run_folder, "--data", SAMPLES, "--part", "validation", "--plots", tmp_path)
    assert (status, err) == (0, "")
    shares = re.findall(r"Accuracy on ([\d,]+) validation images: (\S+ %)", out)
    assert [count for count, _ in shares] == ["1,000", "1,000", "2,000"]
    assert len({share for _, share in shares}) == 1
    assert [line for line in out.splitlines() if line in ("mnist", "mnist_2", "all together")] == [
        "mnist", "mnist_2", "all together",
    ]  # fmt: skip
    assert (tmp_path / "mnist_2" / "confusions.png").exists()
    assert (tmp_path / "weights.png").exists()
    assert not (tmp_path / "mnist_2" / "weights.png").exists()


def test_the_samples_held_out_images_are_no_test_in_a_mixture_either(call: Any, run_folder: Path) -> None:
    out = call(evaluate.main, run_folder, "--data", "mix: [{mnist: sample}]").out
    assert "Accuracy on 1,000 validation images: " in out


class Written(Dataset):
    """Digits by three writers, to judge by or to choose by."""

    def __init__(self, is_test: bool = True) -> None:
        self.is_test = is_test

    def load(self) -> Data:
        (x, y), (held_x, held_y) = data.load("sample")
        held = Examples(held_x, held_y, groups=np.arange(1000) % 3)
        validation, test = (None, held) if self.is_test else (held, None)
        return Data(Examples(x, y), validation, test, scale=1 / 255)


def test_tells_how_much_writers_differ(call: Any, run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(datasets._classes, "written", Written)
    plain = call(evaluate.main, run_folder, "--data", "written").out
    mixed = call(evaluate.main, run_folder, "--data", "mix: [written, {mnist: sample}]").out
    for out in (plain, mixed):
        shares = re.findall(r"By writer, of whom there are 3: lowest (\S+) %, median (\S+) %, highest (\S+) %\n", out)
        assert [sorted(map(float, one)) for one in shares] == [[float(share) for share in one] for one in shares]
        assert len(shares) == 1


def test_says_which_parts_of_a_mixture_it_leaves_out(
    call: Any, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(datasets._classes, "written", Written)
    out = call(evaluate.main, run_folder, "--data", "mix: [written, {written: {is_test: false}}]").out
    assert "Without any test images, and so left out here: written_2\n" in out
    assert out.count("Accuracy on 1,000 test images: ") == 1


def test_another_part_can_be_chosen(call: Any, run_folder: Path) -> None:
    out = call(evaluate.main, run_folder, "--data", "sample", "--part", "train").out
    assert "Accuracy on 4,000 training images: " in out


def test_says_when_there_are_no_test_images(call: Any, run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Untested(Dataset):
        def load(self) -> Data:
            (x, y), (held_x, held_y) = data.load("sample")
            return Data(Examples(x, y), Examples(held_x, held_y), scale=1 / 255, classes=tuple("abcdefghij"))

    monkeypatch.setitem(datasets._classes, "untested", Untested)
    out = call(evaluate.main, run_folder, "--data", "untested").out
    assert "It has no test images: these are its validation images, by which something may have been chosen.\n" in out
    assert "Accuracy on 1,000 validation images: " in out
    assert "class   images " in out
    assert "\n    a      100 " in out


class TestChosen:
    @pytest.fixture(autouse=True)
    def folders_called_like_datasets(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("mnist", "mnists", "sample"):
            (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (None, "Mnist()"),
            ("mnist", "Mnist()"),
            ("./mnist", "Mnist(path='./mnist')"),
            ("mnists", "Mnist(path='mnists')"),
            ("sample", "Mnist(path='sample')"),
            ("some/where", "Mnist(path='some/where')"),
            ("C:\\mnist", "Mnist(path='C:\\\\mnist')"),
            ("./a: b", "Mnist(path='./a: b')"),
            ("mnist: {validation: 5}", "Mnist(validation=5)"),
            ("{mnist: {validation: 5}}", "Mnist(validation=5)"),
            ("mnist: sample", "Mnist(path='sample')"),
            ("mnist:", "Mnist()"),
        ],
    )
    def test_is_a_name_a_line_of_yaml_or_a_place(self, text: str | None, expected: str) -> None:
        assert repr(evaluate.chosen(text)) == expected

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            (
                "mnist: {validaton: 5}",
                "--data:1:9: error: unknown key 'validaton' in mnist; did you mean 'validation'?",
            ),
            ("minst: {validation: 5}", "--data:1:1: error: unknown dataset 'minst'; did you mean 'mnist'?"),
            ("mnist: {validation: many}", "--data:1:21: error: validation of mnist must be an integer, got 'many'"),
            ("mnist: {validation: 5", "--data:1:22: error: "),
            ("mix", "--data:1:1: error: missing key 'datasets' in mix"),
        ],
    )
    def test_a_mistake_in_a_line_is_told_as_in_a_file(
        self, call: Any, run_folder: Path, text: str, problem: str
    ) -> None:
        status, _, err = call(evaluate.main, run_folder, "--data", text)
        assert status == 2
        assert err.startswith(problem)


@pytest.mark.usefixtures("no_mnist")
def test_says_when_it_falls_back_to_the_sample(call: Any, run_folder: Path) -> None:
    status, out, _ = call(evaluate.main, run_folder)
    assert status == 0
    assert "Data:  no MNIST found and no download possible (no network): using the 5,000 real digits" in out


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("missing.json", None, "no such file or directory"),
        ("missing.png", None, "its name: a model file ends in .json or .safetensors"),
        ("foreign.json", '{"weights": {}}', "format: it is no model file of this framework"),
        ("cut.json", '{"format": "numpy', "line 1, column 12: it is not JSON, or was cut short"),
    ],
)
def test_a_checkpoint_that_cannot_be_used(
    call: Any, tmp_path: Path, name: str, content: str | None, problem: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    status, out, err = call(evaluate.main, tmp_path / name, "--data", "sample")
    assert (status, out) == (2, "")
    assert err.startswith(f"error: {tmp_path / name}: {problem}")
    assert err.count("\n") == 1


def test_a_model_of_another_shape(call: Any, tmp_path: Path) -> None:
    Sequential([Input((5,)), Dense(3)]).save(tmp_path / "other.json")
    status, out, err = call(evaluate.main, tmp_path / "other.json", "--data", "sample")
    assert (status, out) == (2, "")
    assert err.endswith("this one takes (5,) and gives (3,)\n")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--data", "nowhere"], "nowhere: no such file or folder; check the path"),
        (["--data", "./mnist"], "mnist: no such file or folder; check the path"),
        (
            ["--data", "pendigts"],
            "--data pendigts: there is no such file or folder, and no such dataset; did you mean pen",
        ),
        (["--data", "three"], "this data has no test or validation images; choose --part train"),
        (["--data", "three", "--part", "test"], "this data has no test images; choose --part train"),
        (
            ["--data", "three", "--part", "train"],
            "the model takes (28, 28) and knows 10 classes, but the data holds examples ",
        ),
        (["--import", "there_is_none"], "--import there_is_none: there is no module there_is_none"),
        (["--data", "sample", "--plots", "taken"], "taken: file exists"),
    ],
)
def test_an_option_that_cannot_be_used(
    call: Any, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(datasets._classes, "three", Three)
    (tmp_path / "taken").touch()
    status, _, err = call(evaluate.main, run_folder, *options)
    assert status == 2
    assert err.startswith(f"error: {problem}")
    assert err.count("\n") == 1
