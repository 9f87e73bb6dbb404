"""`python -m apps.mnist.evaluate`: its answer on good models, and on everything else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from apps.mnist import evaluate
from framework import Input, Sequential
from framework.layers import Dense


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
    names = ["confusion.png", "mistakes.png", "weights.png"]
    assert status == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == names
    assert out.splitlines()[-1] == "Saved: " + ", ".join(str(tmp_path / "new" / name) for name in names)


@pytest.mark.usefixtures("no_mnist")
def test_says_when_it_falls_back_to_the_sample(call: Any, run_folder: Path) -> None:
    status, out, _ = call(evaluate.main, run_folder)
    assert status == 0
    assert "Data:  no MNIST found and no download possible (no network): using the 5,000 real digits" in out


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("missing.json", None, "no such file or directory"),
        ("missing.png", None, "a model file ends in .json or .safetensors"),
        ("foreign.json", '{"weights": {}}', "it is no model file of this framework"),
        ("cut.json", '{"format": "numpy', "it is not JSON, or was cut short"),
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
        (["--import", "there_is_none"], "--import there_is_none: there is no module there_is_none"),
        (["--data", "sample", "--plots", "taken"], "taken: file exists"),
    ],
)
def test_an_option_that_cannot_be_used(
    call: Any, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").touch()
    status, _, err = call(evaluate.main, run_folder, *options)
    assert status == 2
    assert err.startswith(f"error: {problem}")
    assert err.count("\n") == 1
