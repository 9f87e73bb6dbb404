"""Training from Python, and how good the recipe for the sample is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.mnist import train, train_options
from apps.mnist.train import train_model
from framework import config, load_model


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_mnist: None) -> None:
    """The recipe for the sample with a single epoch, in an empty folder."""
    (tmp_path / "quick.yaml").write_text(config.load(train_options.FOR_SAMPLE, ["train.epochs=1"]).to_yaml())
    monkeypatch.setattr(train_options, "FOR_SAMPLE", tmp_path / "quick.yaml")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("verbose", [0, 2])
def test_saves_where_it_is_told(capsys: pytest.CaptureFixture[str], verbose: int) -> None:
    train_model("model.json", verbose=verbose)
    model = load_model("model.json")
    assert model.count_params() == 109_386
    noted = {"temperature", "ece", "validation_accuracy", "validation_images", "figures", "run"}
    assert set(model.metadata) == noted
    assert model.metadata["run"]["recipe"] == "quick.yaml"
    assert model.metadata["run"]["epochs"] == 1
    told = capsys.readouterr().out
    assert (told == "") == (verbose == 0)
    assert told.startswith("Data: no MNIST found" if verbose else "")
    calibration = f"Calibration: temperature {model.metadata['temperature']:.2f}, fitted on 1,000 validation images\n"
    assert told.endswith(calibration if verbose else "")


@pytest.mark.parametrize("name", ["model.h5", "model", "json"])
def test_refuses_another_ending_before_it_looks_for_data(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_options, "default_experiment", None)
    with pytest.raises(ValueError, match=rf"'{name}': the name must end in \.json or \.safetensors"):
        train_model(name)


def test_refuses_a_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_options, "default_experiment", None)
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        train_model(tmp_path / "file" / "model.json")


@pytest.mark.slow
@pytest.mark.usefixtures("no_plots")
def test_the_sample_is_enough_for_97_percent(call: Any, tmp_path: Path, mnist_test: Any) -> None:
    assert call(train.main, "--data", "sample", "--run-dir", tmp_path, "--verbose", 0).status == 0
    probabilities = load_model(tmp_path / "model.json").predict(mnist_test.x.astype(np.float32) / 255)
    assert np.mean(probabilities.argmax(axis=1) == mnist_test.y) >= 0.97
