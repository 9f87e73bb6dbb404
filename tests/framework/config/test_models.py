"""Models from YAML and to YAML."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.config import ConfigError, model_from_yaml, model_to_yaml
from framework.config.errors import Problem
from framework.data.datasets import registry as datasets


def small() -> Sequential:
    model = Sequential(
        [
            Input((4, 4)),
            "flatten",
            layers.Dense(8, kernel_initializer="he_normal"),
            "relu",
            {"dense": 2},
            "softmax",
        ],
        name="small",
        seed=7,
    )
    model.compile({"adam": 0.01}, "sparse_categorical_crossentropy", metrics=["acc"])
    return model


def test_the_short_grammar() -> None:
    assert (
        model_to_yaml(small())
        == """\
seed: 7
model:
  name: small
  input: [4, 4]
  layers:
    - flatten
    - dense: {units: 8, kernel_initializer: he_normal}
    - relu
    - dense: 2
    - softmax
loss: sparse_categorical_crossentropy
optimizer: {adam: 0.01}
metrics: [{accuracy: acc}]
"""
    )


def test_there_and_back() -> None:
    model = small()
    again = model_from_yaml(model_to_yaml(model))
    assert again.get_config() == model.get_config()
    assert model_to_yaml(again) == model_to_yaml(model)
    assert again.compiled
    assert again.metrics_names == ["loss", "acc"]
    assert np.array_equal(again.parameters.value, model.parameters.value)


@pytest.mark.parametrize(
    "stack",
    [
        [layers.Dense(2, name="first"), layers.Dense(3), layers.Dense(4)],
        [layers.Dense(2), layers.Dense(3, name="dense_2"), layers.Dense(4), layers.Dense(5)],
        [layers.Dense(2, name="dense_1"), layers.Dense(3), layers.Dense(4)],
        [layers.ReLU(name="a"), layers.Dense(2, activation="relu", trainable=False)],
        [Sequential([layers.Dense(2), layers.Dense(3)]), layers.Dense(4)],
        [
            Sequential([layers.Dense(2, name="inner")], name="block"),
            Sequential([layers.Dense(3)], name="other"),
        ],
        [layers.Dropout(0.5, seed=3), layers.LeakyReLU(0.1), layers.Reshape((2, 2))],
    ],
)
def test_layers_and_their_names_there_and_back(stack: list[layers.Layer]) -> None:
    model = Sequential([Input((4,)), *stack])
    again = model_from_yaml(model_to_yaml(model))
    assert [layer.get_config() for layer in again.layers] == [layer.get_config() for layer in model.layers]


def test_only_names_that_matter_are_written() -> None:
    model = Sequential([layers.Dense(2), layers.Dense(3), layers.Dense(4, name="last"), layers.ReLU(name="end")])
    assert (
        model_to_yaml(model)
        == """\
model:
  name: sequential
  layers:
    - dense: 2
    - dense: 3
    - dense: {name: last, units: 4}
    - relu: {name: end}
"""
    )


def test_a_model_without_input_or_compilation() -> None:
    again = model_from_yaml(model_to_yaml(Sequential(["relu", {"dense": 2}])))
    assert not again.built
    assert not again.compiled


def test_the_type_of_the_numbers() -> None:
    text = model_to_yaml(Sequential([Input((2,)), {"dense": 1}], dtype="float64"))
    assert "  dtype: float64\n" in text
    assert model_from_yaml(text).parameters.dtype == np.float64


def test_a_layer_that_is_not_registered_cannot_be_written() -> None:
    class Mine(layers.Layer):
        def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
            return x

    with pytest.raises(TypeError, match="Mine is not registered"):
        model_to_yaml(Sequential([Mine()]))


def test_a_layer_may_be_named_like_the_input() -> None:
    for text in (
        "input: 4\nlayers: [{dense: {units: 2, name: input}}]",
        "layers: [input: [4], dense: {units: 2, name: input}]",
    ):
        assert [layer.name for layer in model_from_yaml(text).layers] == ["input"]


@pytest.mark.parametrize(
    "text",
    [
        "{name: small, input: 4, layers: [{dense: 2}]}",
        "model: {name: small, input: 4, layers: [{dense: 2}]}",
        "name: small\ninput: [4]\nlayers:\n  - dense: 2\n",
    ],
)
def test_the_forms_of_a_document(text: str) -> None:
    model = model_from_yaml(text)
    assert (model.name, model.input_shape, model.output_shape, model.compiled) == ("small", (4,), (2,), False)


def test_a_whole_experiment_is_a_model_too(good: str) -> None:
    datasets._classes.clear()  # its dataset need not be known
    model = model_from_yaml(good)
    assert model.compiled
    assert model.seed == 42


def test_the_first_weights_are_new_without_a_seed() -> None:
    text = "{input: 4, layers: [{dense: 2}]}"
    first, second = model_from_yaml(text), model_from_yaml(text)
    assert first.seed is None
    assert not np.array_equal(first.parameters.value, second.parameters.value)


def test_a_path(tmp_path: Path, good: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(good)
    assert model_from_yaml(path).name == model_from_yaml(str(path)).name == "small"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("nowhere.yml", Problem("nowhere.yml", 1, 1, "there is no such file", "")),
        (
            "layers: []",
            Problem("<text>", 1, 9, "layers of model is empty; list at least one layer", "layers: []"),
        ),
    ],
)
def test_mistakes(source: str, problem: Problem) -> None:
    with pytest.raises(ConfigError) as caught:
        model_from_yaml(source)
    assert caught.value.problems == [problem]


def test_several_mistakes_in_a_bare_model() -> None:
    with pytest.raises(ConfigError) as caught:
        model_from_yaml("input: x\nlayers: [dens, {dense: x}]\nname: 3")
    assert [(p.line, p.column) for p in caught.value.problems] == [(1, 8), (2, 10), (2, 24), (3, 7)]


def test_the_model_s_own_methods() -> None:
    model = small()
    assert Sequential.from_yaml(model.to_yaml()).to_yaml() == model.to_yaml()


def test_a_frozen_model_stays_frozen() -> None:
    model = Sequential([Input((4,)), "relu"], trainable=False)
    assert model_from_yaml(model_to_yaml(model)).trainable is False
