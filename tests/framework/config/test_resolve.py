"""Settings as plain data: which defaults are written out, and which go without saying."""

from __future__ import annotations

from typing import Any

import pytest

from framework.callbacks import LambdaCallback
from framework.callbacks import registry as callbacks
from framework.config.resolve import component, components, resolved
from framework.config.settings import ModelSection, Settings, TrainSection
from framework.layers import registry as layers
from framework.optimizers import registry as optimizers

MODEL = ModelSection(layers=["flatten", {"dense": {"units": 2}}])


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (None, None),
        ("flatten", "flatten"),
        ("Flatten", "flatten"),
        ({"leaky_relu": 0.1}, {"leaky_relu": {"negative_slope": 0.1}}),
        ({"type": "dropout", "rate": 0.5}, {"dropout": {"rate": 0.5}}),
        ({"dropout": {"rate": 0.5, "seed": 3}}, {"dropout": {"rate": 0.5, "seed": 3}}),
        ({"flatten": {"name": "a", "trainable": False}}, {"flatten": {"name": "a", "trainable": False}}),
    ],
)
def test_a_component_has_the_arguments_that_matter(spec: Any, value: Any) -> None:
    assert component(spec, layers) == value


def test_defaults_are_written_out() -> None:
    [sgd] = components(["sgd"], optimizers)
    assert sgd["sgd"]["learning_rate"] == 0.01
    assert "clipnorm" not in sgd["sgd"]  # null


def test_what_python_gave_stays_as_it_was_written() -> None:
    spec = LambdaCallback(on_train_begin=print)
    assert component(spec, callbacks) is spec


def test_the_keys_come_in_their_usual_order_without_what_is_empty() -> None:
    assert list(resolved(Settings(model=MODEL))) == ["seed", "model", "optimizer", "train", "checkpoint"]
    full = Settings(
        model=MODEL, loss="mse", metrics=["mae"], weighted_metrics=["mse"], callbacks=["stop_on_signal"],
        augment=["random_affine"], threads=2,
    )  # fmt: skip
    assert list(resolved(full)) == [
        "seed", "threads", "augment", "model", "loss", "optimizer", "metrics", "weighted_metrics", "train",
        "checkpoint", "callbacks",
    ]  # fmt: skip


def test_no_seed_is_said_because_there_is_a_default() -> None:
    assert resolved(Settings(model=MODEL, seed=None))["seed"] is None


def test_metrics_keep_the_names_that_they_report_under() -> None:
    asked = ["acc", {"accuracy": {"name": "hits"}}]
    assert resolved(Settings(model=MODEL, metrics=asked))["metrics"] == asked


def test_the_sections_hold_what_is_given_and_the_defaults() -> None:
    values = resolved(Settings(model=MODEL, train=TrainSection(epochs=3, class_weight={0: 2.0})))
    assert values["model"]["dtype"] == "float32"
    assert values["model"]["layers"][0] == "flatten"
    assert values["model"]["layers"][1]["dense"]["use_bias"] is True
    assert (values["train"]["epochs"], values["train"]["batch_size"]) == (3, 32)
    assert values["train"]["class_weight"] == {0: 2.0}
    assert "steps_per_epoch" not in values["train"]
