"""The same thing in Keras: components are made from the arguments of ours, which have the same names."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

import framework
from framework import activations, layers
from framework.layers import Layer
from framework.registry import Configurable

NAMESPACES = {
    framework.losses.Loss: keras.losses,
    framework.metrics.Metric: keras.metrics,
    framework.optimizers.Optimizer: keras.optimizers,
    framework.schedules.LearningRateSchedule: keras.optimizers.schedules,
    framework.regularizers.Regularizer: keras.regularizers,
    framework.constraints.Constraint: keras.constraints,
    framework.initializers.Initializer: keras.initializers,
}

PARTS = {
    "regularizer": framework.regularizers.get,
    "constraint": framework.constraints.get,
    "schedule": framework.schedules.get,
}

OURS_ALONE = {"unit", "name", "trainable", "direction"}
"""Arguments that Keras does not have everywhere, or that change no number: names are compared elsewhere."""


class Residual(keras.layers.Layer):  # type: ignore[misc]
    """x + f(x)."""

    def __init__(self, inner: Any, **others: Any) -> None:
        super().__init__(**others)
        self.inner = inner

    def build(self, shape: Any) -> None:
        if not self.inner.built:
            self.inner.build(shape)
        self.built = True

    def call(self, x: Any, training: bool = False) -> Any:
        return x + self.inner(x, training=training)

    def compute_output_shape(self, shape: Any) -> Any:
        return shape


class Embedding(keras.layers.Embedding):  # type: ignore[misc]
    """Keras's own gives optimizers one gradient for each occurrence of a word, which they square, clip and compare one
    by one; as a product, it is the gradient that other layers have."""

    def call(self, words: Any) -> Any:
        one_hot = keras.ops.one_hot(keras.ops.cast(words, "int32"), self.input_dim, dtype=self.compute_dtype)
        return keras.ops.matmul(one_hot, self._embeddings)


@contextmanager
def floatx(dtype: str) -> Iterator[None]:
    """Inside, Keras makes and computes everything in this type."""
    before = keras.config.floatx()
    _set_floatx(dtype)
    try:
        yield
    finally:
        _set_floatx(before)


def _set_floatx(dtype: str) -> None:
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)


def twin(component: Configurable) -> Any:
    """Keras's object for one of ours."""
    if isinstance(component, activations.Activation):
        return _activation(component)
    if isinstance(component, Layer):
        return _layer(component)
    for base, namespace in NAMESPACES.items():
        if isinstance(component, base):
            return _same(component, getattr(namespace, type(component).__name__))
    raise TypeError(f"no twin for {component!r}")


def _layer(layer: Layer) -> Any:
    cls = type(layer)
    if isinstance(layer, layers.Residual):
        return Residual(keras.Sequential([_part(inner) for inner in layer.layers]), trainable=layer.trainable)
    if isinstance(layer, framework.Sequential):
        return keras.Sequential([_part(inner) for inner in layer.layers], trainable=layer.trainable)
    if isinstance(layer, layers.Sigmoid | layers.Tanh):
        return keras.layers.Activation(cls.__name__.lower())
    if isinstance(layer, layers.Input):
        return keras.layers.Identity()
    return _same(layer, getattr(keras.layers, cls.__name__))


def _part(layer: Layer) -> Any:
    """The twin of a layer in a stack, which an optimizer may train."""
    return _same(layer, Embedding) if isinstance(layer, layers.Embedding) else _layer(layer)


def _activation(activation: activations.Activation) -> Any:
    function = getattr(keras.activations, type(activation).registered_name)
    config = {name: _argument(name, activation._argument(name)) for name in activation.signature()}
    return lambda x: function(x, **config)


def _same(component: Configurable, cls: Any) -> Any:
    accepted = inspect.signature(cls.__init__).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in accepted.values())
    arguments = {}
    for name in component.signature():
        if name.endswith("initializer") or (name in OURS_ALONE and not _is_layers(name, component)):
            continue  # weights are copied
        if name in accepted or takes_any:
            arguments[name] = _argument(name, component._argument(name))
    if isinstance(component, framework.metrics.Metric):
        arguments["name"] = component.name
    if isinstance(component, framework.schedules.LearningRateSchedule):
        # A Python float would make Keras compute the schedule in float32.
        arguments = {name: np.float64(a) if type(a) is float else a for name, a in arguments.items()}
    if isinstance(component, layers.LayerNormalization) and isinstance(component.axis, list | tuple):
        # Keras sorts axes as they are written, -1 before 1, and its gamma with them.
        arguments["axis"] = sorted(axis % (1 + len(component.input_shape)) for axis in component.axis)
    return cls(**arguments)


def _is_layers(name: str, component: Configurable) -> bool:
    return name == "trainable" and isinstance(component, Layer)


def _argument(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "activation":
        return _activation(activations.get(value))
    if name == "learning_rate" and not isinstance(value, float | int):
        return twin(framework.schedules.get(value))
    for part, get in PARTS.items():
        if name.endswith(part):
            return twin(get(in_single(get(value))))
    return value


def compiled_twin(model: framework.Sequential) -> Any:
    """Keras's model for one of ours, with the same weights, compiled with the same loss, metrics and optimizer."""
    theirs = _layer(model)
    theirs.build((None, *model.input_shape))
    theirs.set_weights(model.get_weights())
    trainer = model.trainer
    theirs.compile(
        twin(trainer.optimizer),
        _of_names(trainer.loss),
        metrics=[_of_names(metric) for metric in trainer.metrics],
        weighted_metrics=[_of_names(metric) for metric in trainer.weighted_metrics],
        run_eagerly=True,  # a few steps take less time than to compile them
    )
    return theirs


def _of_names(component: Any) -> Any:
    """The twin, or the name of what Keras has no class for."""
    return type(component).registered_name if hasattr(component, "resolve") else twin(component)


def in_single(component: Any) -> Any:
    """A copy whose numbers are those that float32 has: Keras keeps some arguments in float32 even in double precision,
    and must mean the same numbers."""
    twin = copy.deepcopy(component)
    round_numbers(twin)
    return twin


def round_numbers(component: Any) -> None:
    """Rounds all of an object's numbers to float32, in place: defaults, and what its parts keep, included."""
    _round(component, set())


def _round(value: Any, seen: set[int]) -> Any:
    if isinstance(value, float):
        return float(np.float32(value))
    if isinstance(value, tuple):
        return tuple(_round(v, seen) for v in value) if type(value) is tuple else value
    if id(value) in seen:
        return value
    seen.add(id(value))
    if isinstance(value, list):
        value[:] = [_round(v, seen) for v in value]
    elif type(value) is dict:
        value.update({name: _round(v, seen) for name, v in value.items()})
    elif type(value).__module__.startswith("framework.") and hasattr(value, "__dict__"):
        _round(vars(value), seen)
    return value


def weights_of(model: Any) -> list[np.ndarray]:
    """The weights of one of Keras's layers, models or optimizers, as arrays."""
    return [np.asarray(w) for w in model.get_weights()]
