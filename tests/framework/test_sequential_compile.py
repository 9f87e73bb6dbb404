"""What `compile` and `fit` say about the names that they were given."""

from __future__ import annotations

import numpy as np
import pytest

import framework
from framework import Input, Sequential, layers, losses, metrics

X = np.ones((6, 4), np.float32)


def model(units: int = 3, built: bool = True) -> Sequential:
    return Sequential([Input((4,)), layers.Dense(units)] if built else [layers.Dense(units)], name="net")


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("units", "loss", "accuracy"),
    [
        (3, "sparse_categorical_crossentropy", "SparseCategoricalAccuracy"),
        (3, "categorical_crossentropy", "CategoricalAccuracy"),
        (1, "binary_crossentropy", "BinaryAccuracy"),
        (1, "mse", "BinaryAccuracy"),
    ],
)
def test_names_are_explained_at_once(capsys: pytest.CaptureFixture[str], units: int, loss: str, accuracy: str) -> None:
    model(units).compile("sgd", loss, metrics=["acc"])
    assert said(capsys) == [f"net: loss = {type(losses.get(loss)).__name__}, acc = {accuracy}"]


def test_what_only_the_data_can_tell_is_said_when_it_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    net = model(built=False)
    net.compile("sgd", "mse", metrics=["accuracy", "mae"])
    assert said(capsys) == ["net: loss = MeanSquaredError, mae = MeanAbsoluteError"]
    net.fit(X, np.eye(3)[[0, 1, 2, 0, 1, 2]], verbose=2)
    assert said(capsys)[0] == "net: accuracy = CategoricalAccuracy"


def test_a_loss_that_depends_on_shapes_is_explained_with_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    net = model()
    net.compile("sgd", "crossentropy", metrics=["accuracy"])
    assert said(capsys) == []
    net.fit(X, [0, 1, 2, 0, 1, 2], verbose=2)
    assert said(capsys)[0] == "net: loss = SparseCategoricalCrossentropy, accuracy = SparseCategoricalAccuracy"


def test_objects_need_no_explanation(capsys: pytest.CaptureFixture[str]) -> None:
    net = model()
    net.compile("sgd", losses.MeanSquaredError(), metrics=[metrics.MeanAbsoluteError()])
    net.fit(X, np.ones((6, 3)), verbose=0)
    assert said(capsys) == []


def test_loading_is_silent(capsys: pytest.CaptureFixture[str], tmp_path) -> None:
    net = model()
    net.compile("sgd", "mse")
    net.save(tmp_path / "net.json")
    said(capsys)
    assert framework.load_model(tmp_path / "net.json").compiled
    assert said(capsys) == []


def test_a_model_from_a_description_explains_itself_when_it_is_trained(capsys: pytest.CaptureFixture[str]) -> None:
    net = Sequential.from_yaml("{model: {name: net, input: 4, layers: [{dense: 3}]}, loss: mse, metrics: [mae]}")
    assert said(capsys) == []
    net.fit(X, np.ones((6, 3)), verbose=2)
    assert said(capsys)[0] == "net: loss = MeanSquaredError, mae = MeanAbsoluteError"
    net.fit(X, np.ones((6, 3)), verbose=2)
    assert "MeanSquaredError" not in "".join(said(capsys))
