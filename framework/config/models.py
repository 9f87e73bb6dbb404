"""A model alone, from YAML and to YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..layers import Input, Layer, registry
from ..registry import first_argument, spec, writable_specs
from ..sequential import Sequential
from .errors import Problems
from .loading import read_file, read_text, settings_of
from .reader import Node
from .settings import Settings
from .writer import document

_OF_TRAINING = ("data", "augment", "train", "callbacks")
"""Keys of an experiment that say nothing about its model."""


def build(settings: Settings) -> Sequential:
    """The model that the settings describe, fresh; compiled where they name a loss."""
    section = settings.model
    first, *others = section.layers
    begin = registry.create(first)
    shape, layers = (begin.shape, others) if isinstance(begin, Input) else (section.input_shape, [first, *others])
    model = Sequential(layers, name=section.name, seed=settings.seed, dtype=section.dtype, trainable=section.trainable)
    if shape is not None:
        model.build((None, *shape))
    if settings.loss is not None:
        model._compile(settings.optimizer, settings.loss, settings.metrics, settings.weighted_metrics)
    return model


def model_from_yaml(source: str | Path) -> Sequential:
    """The model in a YAML text or file: a whole experiment, its `model` part, or what `model_to_yaml` gave.

    source: a path, a one-line text that ends in .yaml or .yml (a path as well), or YAML. The model is compiled
    where a loss is named; without a `seed` in the file its first weights are new each time. What an experiment
    says about data and training is not looked at.
    Raises ConfigError with everything that is wrong.

    >>> model_from_yaml("{input: 4, layers: [{dense: 3}, softmax]}").count_params()
    15
    """
    problems = Problems()
    root = _read(source, problems)
    if isinstance(root.value, dict):
        entries = {"model": root} if "layers" in root.value else root.value
        kept = {key: node for key, node in entries.items() if key not in _OF_TRAINING}
        root = Node({"seed": Node(None, root.mark), **kept}, root.mark, root.key_marks)
    return build(settings_of(root, problems, needs_loss=False))


def _read(source: str | Path, problems: Problems) -> Node:
    is_name = isinstance(source, str) and "\n" not in source and source.strip().endswith((".yaml", ".yml"))
    if isinstance(source, Path) or is_name:
        return read_file(source, problems)
    return read_text(source, "<text>", problems)


def model_to_yaml(model: Sequential) -> str:
    """A model, with loss, optimizer and metrics once it is compiled, as YAML that `model_from_yaml` reads.

    Raises TypeError for a layer that is not registered.

    >>> print(model_to_yaml(Sequential([Input((4,)), {"dense": 3}, "softmax"], name="small")))
    model:
      name: small
      input: [4]
      layers:
        - dense: 3
        - softmax
    <BLANKLINE>
    """
    values: dict[str, Any] = {} if model.seed is None else {"seed": model.seed}
    values["model"] = _described(model)
    if model.compiled and model.trainer.loss is not None:
        values["loss"] = spec(model.trainer.loss)
        values["optimizer"] = spec(model.optimizer)
        values["metrics"] = writable_specs(model.trainer.metrics)
        values["weighted_metrics"] = writable_specs(model.trainer.weighted_metrics)
    return document({key: value for key, value in values.items() if value != []})


def _described(model: Sequential) -> dict[str, Any]:
    values: dict[str, Any] = {"name": model.name}
    if model.built:
        values["input"] = list(model.input_shape)
    if model.dtype != "float32":
        values["dtype"] = model.dtype
    if not model.trainable:
        values["trainable"] = False
    return values | {"layers": _layers(model.sublayers)}


def _layers(layers: Sequence[Layer]) -> list[Any]:
    """The layers in the short grammar, without the names that they get anyway when they are read."""
    written: list[Any] = []
    twin = Sequential()
    for layer in layers:
        if isinstance(layer, Input):
            continue  # written as the model's `input`
        nameless = _written(layer)
        twin.add(nameless)
        if twin.layers[-1].name != layer.name:
            twin.pop()
            nameless = _named(nameless, layer)
            twin.add(nameless)
        written.append(nameless)
    return written


def _written(layer: Layer) -> Any:
    """A layer without its name."""
    if isinstance(layer, Sequential):
        rest = {k: v for k, v in layer.changed_arguments().items() if k not in ("name", "layers", "dtype")}
        return {layer.registered_name: {"layers": _layers(layer.sublayers), **rest}}
    return spec(type(layer).from_config(layer.get_config() | {"name": None}))


def _named(written: Any, layer: Layer) -> Any:
    name, arguments = registry.parse(written)
    if not isinstance(arguments, Mapping):
        arguments = {first_argument(type(layer)): arguments}
    return {name: {"name": layer.name, **arguments}}
