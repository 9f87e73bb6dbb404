"""Models in files: exact, whole, and nothing but a CheckpointError from a file that is not."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers, load_model, optimizers
from framework.checkpoint import CheckpointError

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
SUFFIXES = [
    ".json",
    pytest.param(
        ".safetensors",
        marks=pytest.mark.skipif(not find_spec("safetensors"), reason="needs the package safetensors"),
    ),
]


def build(dtype: str = "float32") -> Sequential:
    inner = Sequential([layers.Dense(5, "tanh", name="hidden")], name="inner")
    net = Sequential([Input((4,)), inner, layers.Dropout(0.5), layers.Dense(3, "softmax")], "net", seed=3, dtype=dtype)
    net.compile(optimizers.Adam(0.01), "sparse_categorical_crossentropy", ["acc"], ["acc"])
    net.metadata = {"classes": ["a", "b"], "best": 0.5}
    return net


def saved(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    build().save(tmp_path / "model.json")
    return tmp_path / "model.json", json.loads((tmp_path / "model.json").read_text())


# What is whole.


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_comes_back(tmp_path: Path, suffix: str, dtype: str) -> None:
    net = build(dtype)
    net.save(tmp_path / f"new/folder/model{suffix}")
    again = load_model(tmp_path / f"new/folder/model{suffix}")
    assert np.array_equal(again(X), net(X))
    assert (again.get_config(), again.metadata) == (net.get_config(), net.metadata)
    assert repr(again.optimizer) == repr(net.optimizer)
    assert again.metrics_names == net.metrics_names == ["loss", "acc", "weighted_acc"]
    assert again.parameters.dtype == dtype


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(("dtype", "bits"), [("float32", np.uint32), ("float64", np.uint64)])
def test_weights_come_back_to_the_bit_whatever_they_are(tmp_path: Path, suffix: str, dtype: str, bits: Any) -> None:
    net = build(dtype)
    pattern = np.random.default_rng(1).integers(0, np.iinfo(bits).max, net.parameters.size, bits)
    pattern[:4] = np.array([np.nan, -np.inf, -0.0, np.finfo(dtype).smallest_subnormal], dtype).view(bits)
    pattern[4] = pattern[0] | 1234  # a NaN with something to say
    net.parameters.value.view(bits)[...] = pattern
    net.save(tmp_path / f"model{suffix}")
    again = load_model(tmp_path / f"model{suffix}", allow_nonfinite=True)
    assert np.array_equal(again.parameters.value.view(bits), pattern)


def test_frozen_layers_stay_frozen_and_a_model_without_weights_is_one(tmp_path: Path) -> None:
    net = Sequential([Input((4,)), layers.Dense(3, trainable=False)])
    net.save(tmp_path / "a.json")
    assert load_model(tmp_path / "a.json").parameters.size == 0
    Sequential([Input((2, 2)), layers.Flatten()]).save(tmp_path / "b.json")
    assert load_model(tmp_path / "b.json").predict(X.reshape(3, 2, 2)).shape == (3, 4)


def test_compiling_can_be_left_out(tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    assert not load_model(path, compile=False).compiled


def test_the_digit_network_fits_into_600_kb(tmp_path: Path) -> None:
    sizes = [layers.Dense(n, "relu") for n in (128, 64)]
    Sequential([Input((28, 28)), layers.Flatten(), *sizes, layers.Dense(10, "softmax")]).save(tmp_path / "m.json")
    assert (tmp_path / "m.json").stat().st_size <= 600_000


def test_the_file_is_plain_json_with_the_weights_in_order_as_little_endian_bytes(tmp_path: Path) -> None:
    _, document = saved(tmp_path)
    weights = document["weights"]
    assert (document["format"], document["version"]) == ("numpy-sequential model", 1)
    assert list(weights["shapes"]) == ["inner/hidden/kernel", "inner/hidden/bias", "dense/kernel", "dense/bias"]
    data = base64.b64decode(weights["data"])
    assert hashlib.sha256(data).hexdigest() == weights["sha256"]
    flat = np.concatenate([w.ravel() for w in build().get_weights()])
    assert np.array_equal(np.frombuffer(data, "<f4"), flat)


def test_no_first_values_are_drawn_for_weights_that_are_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framework.initializers import GlorotUniform

    path, _ = saved(tmp_path)
    monkeypatch.setattr(GlorotUniform, "__call__", lambda *_, **__: pytest.fail("values were drawn"))
    load_model(path)


# What cannot be saved.


@pytest.mark.parametrize("name", ["model.h5", "model", "model.json.gz"])
def test_another_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"the name must end in \.json or \.safetensors"):
        build().save(tmp_path / name)
    with pytest.raises(CheckpointError, match=r"a model file ends in \.json or \.safetensors"):
        load_model(tmp_path / name)


def test_a_model_without_weights_yet_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no weights to save: build it, or call it on data, first"):
        Sequential([layers.Dense(3)]).save(tmp_path / "model.json")


def test_a_failed_save_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = saved(tmp_path)
    before = path.read_bytes()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        build("float64").save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["pipe.json", "pipe.safetensors"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(CheckpointError, match="not a regular file"):
        load_model(tmp_path / name)


def test_a_file_that_is_not_there_is_just_that(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "model.json")


@pytest.mark.parametrize("how", ["file", "yaml"])
def test_a_metric_that_is_a_function_stays_in_python(tmp_path: Path, how: str) -> None:
    def error(y_true: Any, y_pred: Any) -> Any:
        return np.abs(y_true - y_pred).mean(axis=-1)

    model = Sequential([Input((4,)), layers.Dense(3)])
    model.compile("sgd", "mse", [error, "mae"])
    model.save(tmp_path / "model.json")
    again = load_model(tmp_path / "model.json") if how == "file" else Sequential.from_yaml(model.to_yaml())
    assert model.metrics_names == ["loss", "error", "mae"]
    assert again.metrics_names == ["loss", "mae"]
