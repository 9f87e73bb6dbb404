"""The sections of an experiment file: their defaults, and the values that they refuse by themselves."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from framework import Sequential
from framework.config.settings import ModelSection, Settings, TrainSection
from framework.registry import ArgumentError

LAYERS = ["flatten"]


@pytest.mark.parametrize(("given", "shape"), [(None, None), (4, (4,)), ([4, 3], (4, 3)), ([], ())])
def test_the_input_shape_is_a_tuple(given: Any, shape: Any) -> None:
    assert ModelSection(layers=LAYERS, input=given).input_shape == shape


@pytest.mark.parametrize(
    ("arguments", "culprit", "message"),
    [
        ({"layers": []}, "layers", "layers of model is empty; list at least one layer"),
        ({"input": 0}, "input", "input of model must "),
        ({"input": [4, -1]}, "input", "input of model must "),
        ({"name": "a/b"}, "name", "name of model must be a text without '/'"),
    ],
)
def test_a_model_that_cannot_be_is_refused_in_the_words_of_the_file(
    arguments: dict[str, Any], culprit: str, message: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        ModelSection(**{"layers": LAYERS} | arguments)
    assert str(caught.value).startswith(message)
    assert caught.value.argument == culprit


COUNTS = [
    "epochs", "batch_size", "validation_freq", "validation_batch_size", "validation_steps", "steps_per_epoch",
]  # fmt: skip


@pytest.mark.parametrize("name", COUNTS)
def test_counts_begin_at_one(name: str) -> None:
    assert getattr(TrainSection(**{name: 1}), name) == 1
    with pytest.raises(ArgumentError, match=rf"^{name} of train must be at least 1, got 0$") as caught:
        TrainSection(**{name: 0})
    assert caught.value.argument == name


@pytest.mark.parametrize("share", [-0.1, 1, 1.5])
def test_a_share_to_validate_with_leaves_examples_to_train_on(share: float) -> None:
    with pytest.raises(ArgumentError, match="validation_split of train must be at least 0 and less than 1") as caught:
        TrainSection(validation_split=share)
    assert caught.value.argument == "validation_split"


def test_the_keys_of_train_are_arguments_of_fit_with_its_defaults() -> None:
    arguments = inspect.signature(Sequential.fit).parameters
    for field in fields(TrainSection):
        assert field.name in arguments
        if field.name != "batch_size":  # null there, for data that comes in batches
            assert field.default == arguments[field.name].default


def test_a_seed_is_no_negative_number() -> None:
    model = ModelSection(layers=LAYERS)
    assert [Settings(model=model, seed=seed).seed for seed in (0, None)] == [0, None]
    with pytest.raises(ArgumentError, match=r"^seed must be at least 0, got -1$") as caught:
        Settings(model=model, seed=-1)
    assert caught.value.argument == "seed"


def test_only_the_layers_have_no_default() -> None:
    settings = Settings(model=ModelSection(layers=LAYERS))
    assert (settings.seed, settings.optimizer, settings.train) == (42, "rmsprop", TrainSection())
    assert (settings.data, settings.loss) == (None, None)


@pytest.mark.parametrize("section", [ModelSection(layers=LAYERS), TrainSection()])
def test_sections_do_not_change(section: Any) -> None:
    with pytest.raises(FrozenInstanceError):
        section.name = "other"


def test_there_is_at_least_one_thread() -> None:
    model = ModelSection(layers=LAYERS)
    assert Settings(model=model).threads is None
    assert Settings(model=model, threads=1).threads == 1
    with pytest.raises(ArgumentError, match=r"^threads must be at least 1, got 0$") as caught:
        Settings(model=model, threads=0)
    assert caught.value.argument == "threads"
