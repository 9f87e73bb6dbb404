"""Weights alone in files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import framework
from framework import Input, Sequential, layers
from framework.checkpoint import CheckpointError


def build(units: int = 2, seed: int = 0) -> Sequential:
    return Sequential([Input((3,)), layers.Dense(4, name="first"), layers.Dense(units, name="last")], seed=seed)


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
@pytest.mark.parametrize("whole", [False, True], ids=["weights", "model"])
def test_they_come_back_from_a_file_of_weights_and_from_a_whole_model(tmp_path: Path, suffix: str, whole: bool) -> None:
    path, model, other = tmp_path / f"some{suffix}", build(), build(seed=1)
    (model.save if whole else model.save_weights)(path)
    other.load_weights(path)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_file_of_weights_is_no_model(tmp_path: Path) -> None:
    build().save_weights(tmp_path / "w.json")
    with pytest.raises(CheckpointError, match=r"w\.json: format: it is no model file"):
        framework.load_model(tmp_path / "w.json")


def test_other_shapes_are_refused_and_nothing_changes(tmp_path: Path) -> None:
    build(units=5).save_weights(tmp_path / "w.json")
    model = build(seed=1)
    before = model.get_weights()
    with pytest.raises(CheckpointError, match=r"w\.json: last/kernel: these weights have shape \(4, 5\)"):
        model.load_weights(tmp_path / "w.json")
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_does_not_fit_can_be_skipped(tmp_path: Path) -> None:
    source, model = build(units=5), build(seed=1)
    source.save_weights(tmp_path / "w.json")
    last = model.get_weights()[2]
    model.load_weights(tmp_path / "w.json", skip_mismatch=True)
    np.testing.assert_array_equal(model.get_weights()[0], source.get_weights()[0])
    np.testing.assert_array_equal(model.get_weights()[2], last)


def test_a_model_without_weights_yet_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no weights to save: build it"):
        Sequential([layers.Dense(3)]).save_weights(tmp_path / "w.json")
    with pytest.raises(ValueError, match="has no weights to take: build it"):
        Sequential([layers.Dense(3)]).load_weights(tmp_path / "w.json")


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused_unless_asked_for(tmp_path: Path, suffix: str, value: float) -> None:
    path, model, other = tmp_path / f"bad{suffix}", build(), build(seed=1)
    model.parameters.value[4 + 1] = value  # the second row of first/kernel, (3, 4)
    model.save(path)
    before = other.get_weights()
    message = rf"bad\{suffix}: first/kernel: it is {value} at \[1, 1\], .*allow_nonfinite=True"
    with pytest.raises(CheckpointError, match=message):
        framework.load_model(path)
    with pytest.raises(CheckpointError, match=message):
        other.load_weights(path)
    for a, b in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    other.load_weights(path, allow_nonfinite=True)
    again = framework.load_model(path, allow_nonfinite=True)
    for net in (again, other):
        np.testing.assert_array_equal(net.get_weights()[0], model.get_weights()[0])
