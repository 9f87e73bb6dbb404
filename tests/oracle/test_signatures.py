"""Names, order and defaults of arguments: what a Keras user writes means the same here."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

pytest.importorskip("keras", reason="needs Keras: pip install -e '.[oracle]'")

import keras

import framework
from framework import Sequential

from .agreement import RECORD

NAMESPACES = [
    (framework.layers, keras.layers),
    (framework.losses, keras.losses),
    (framework.metrics, keras.metrics),
    (framework.optimizers, keras.optimizers),
    (framework.schedules, keras.optimizers.schedules),
    (framework.regularizers, keras.regularizers),
    (framework.constraints, keras.constraints),
    (framework.initializers, keras.initializers),
    (framework.callbacks, keras.callbacks),
]

OURS_ALONE = {
    "Residual": "what lets a plain stack train deep",
    "Sequential": "compared below",
    "Sigmoid": "Keras has Activation('sigmoid')",
    "Tanh": "Keras has Activation('tanh')",
    "Crossentropy": "what Keras resolves 'crossentropy' to",
    "ConfusionMatrix": "Keras has none",
    "OneCycle": "Keras has none",
    "ProgressBar": "Keras's ProgbarLogger belongs to fit",
    "StopOnSignal": "Keras has none",
}
ADDED = {
    "force",  # of BackupAndRestore: whether to go on with a run of other settings
    # What ours have besides: what Keras's take as **kwargs, or do not have.
    "name", "trainable", "unit", "direction", "shape", "batch_size",
}  # fmt: skip
LEFT_OUT = {
    # One type for a whole model, NumPy alone, no graphs, no low-rank or quantized weights, and no masks.
    "dtype", "loss_scale_factor", "lora_rank", "lora_alpha", "quantization_config", "mask_zero", "weights",
    "renorm", "renorm_clipping", "renorm_momentum", "synchronized", "input_axes", "output_axes", "write_graph",
    "write_images", "write_steps_per_second", "profile_batch", "embeddings_freq", "embeddings_metadata",
}  # fmt: skip
SAME = [(1, (1, 1)), (0, 0.0)]
"""Defaults that are written differently and mean the same."""

METHODS = {
    "fit": {},
    "train_on_batch": {},
    "test_on_batch": {},
    "predict_on_batch": {},
    "get_layer": {},
    "get_weights": {},
    "set_weights": {},
    "reset_metrics": {},
    "count_params": {},
    "to_json": {"kwargs": "for Python's json module"},
    "evaluate": {"kwargs": "none are used"},
    "predict": {"verbose": "silent unless asked: it is called for single examples, and in loops"},
    "summary": {"print_fn": "print, said in the signature"},
    "add": {"rebuild": "always"},
    "pop": {"rebuild": "always"},
    "compile": {
        "loss_weights": "one output, one loss",
        "run_eagerly": "no graphs",
        "steps_per_execution": "no graphs",
        "jit_compile": "no graphs",
        "auto_scale_loss": "no float16",
    },
}
"""Methods of Sequential, and which of Keras's arguments they do not have, or with another default, and why."""


def arguments(function: Any) -> dict[str, Any]:
    """The defaults by name."""
    every = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in every if p.name != "self" and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}


def equal(a: Any, b: Any) -> bool:
    return repr(a) == repr(b) or any({a, b} == set(pair) for pair in SAME if a.__hash__ and b.__hash__)


def named(registry: Any) -> list[type]:
    classes = [registry[name] for name in registry]
    return [cls for cls in classes if cls.__module__.startswith("framework.") and cls.__name__ not in OURS_ALONE]


CLASSES = [(cls, getattr(theirs, cls.__name__)) for ours, theirs in NAMESPACES for cls in named(ours.registry)]
FUNCTIONS = [(framework.activations.registry[name], name) for name in framework.activations.registry]


@pytest.mark.parametrize(("ours", "theirs"), CLASSES, ids=lambda cls: cls.__name__)
def test_constructors_take_the_same_arguments(ours: type, theirs: type) -> None:
    mine, expected = arguments(ours.__init__), arguments(theirs.__init__)  # type: ignore[misc]
    if ours is framework.layers.Input:
        expected = {}  # its InputLayer is made by the function of this name
    assert [name for name in mine if name not in expected and name not in ADDED] == []
    assert [name for name in expected if name not in mine and name not in LEFT_OUT | {"name"}] == []
    assert [name for name in mine if name in expected] == [name for name in expected if name in mine]
    for name in mine.keys() & expected.keys():
        assert equal(mine[name], expected[name]), f"{name} is {mine[name]!r}, in Keras {expected[name]!r}"
    RECORD.note("signatures", 1, 0.0)


@pytest.mark.parametrize(("ours", "name"), FUNCTIONS, ids=lambda value: str(value))
def test_activations_take_the_same_arguments(ours: type, name: str) -> None:
    _, *expected = arguments(getattr(keras.activations, name)).items()
    assert list(map(repr, arguments(ours.__init__).items())) == list(map(repr, expected))  # type: ignore[misc]
    RECORD.note("signatures", 1, 0.0)


@pytest.mark.parametrize("method", METHODS)
def test_methods_take_the_same_arguments(method: str) -> None:
    exceptions = METHODS[method]
    mine = {n: d for n, d in arguments(getattr(Sequential, method)).items() if n not in exceptions}
    expected = {n: d for n, d in arguments(getattr(keras.Sequential, method)).items() if n not in exceptions}
    assert list(map(repr, mine.items())) == list(map(repr, expected.items()))
    RECORD.note("signatures", 1, 0.0)
