"""Models in files, and weights alone.

Reading one runs no code and imports nothing: only registered names can be reached, and sizes are
compared before anything is allocated. See docs/decisions/0003-model-file.md for the form.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .documents import CheckpointError as CheckpointError
from .documents import Document, check_format, check_suffix, mapping, naming, read, write
from .layers import Layer
from .layers import registry as layers
from .layers.base import named_weights as named_weights
from .layers.stack import declared_only
from .parameters import Array, Parameter
from .registry import ArgumentError, plain, writable_specs
from .sequential import Sequential

FORMAT = "numpy-sequential model"
VERSION = 1
WEIGHTS_FORMAT = "numpy-sequential weights"
MAX_MODEL_VALUES = 10_000
"""Values, lists and mappings in the configuration of a model: some thousand layers, a few kilobytes of memory each."""
MAX_LAYERS = 1_000
"""Items in one list of that configuration, such as the layers: each gets a name that none before it has."""


def save(model: Sequential, path: str | Path, overwrite: bool = True) -> None:
    """Writes configuration, weights and metadata; the suffix .json or .safetensors chooses the form.

    overwrite: whether a file that is there is replaced. Raises ValueError for another suffix or a model that is
    not built, FileExistsError for a file that must stay, OSError when it cannot be written.
    """
    if not overwrite and Path(path).exists():
        raise FileExistsError(f"{path} is there already: choose another name, or overwrite=True")
    _write(model, path, lambda: _describe(model))


def load_model(
    path: str | Path,
    custom_objects: None = None,
    compile: bool = True,  # noqa: A002 - Keras's name
    safe_mode: bool = True,
    allow_nonfinite: bool = False,
) -> Sequential:
    """The model in a .json or .safetensors file, compiled as it was saved unless `compile` is False.

    custom_objects: nothing, since a file may name what is registered and nothing else; decorate classes of your own
    with `@framework.layers.register` and the like. safe_mode: True, since there is no other. allow_nonfinite: whether
    weights may be NaN or infinite, to look at a model that went wrong.

    Raises TypeError for other values of the first two, CheckpointError, naming the file and the place in it, for
    anything that is no whole, unaltered model, or has such weights, FileNotFoundError when there is no such file.
    """
    if custom_objects:
        raise TypeError(
            f"load_model takes no custom_objects: a file may name registered classes only; decorate yours with "
            f"@framework.layers.register, or the like for losses and others, got {custom_objects!r}"
        )
    if not safe_mode:
        raise TypeError("load_model has no unsafe mode: code is never read from a file")
    with _naming(path):
        document = read(path)
        check_format(document, {FORMAT: VERSION})
        if not allow_nonfinite:
            check_finite(document.arrays)
        return _restore(document.description, document.arrays, compile)


def save_weights(model: Layer, path: str | Path) -> None:
    """Writes the weights alone, by name; the suffix .json or .safetensors chooses the form.

    Raises ValueError for another suffix or a model that is not built, OSError when it cannot be written.
    """
    _write(model, path, lambda: {"format": WEIGHTS_FORMAT, "version": VERSION})


def load_weights(model: Layer, path: str | Path, skip_mismatch: bool = False, allow_nonfinite: bool = False) -> None:
    """Reads the weights of a model from a file of weights, or of a whole model, by name.

    skip_mismatch: whether to leave alone what the file does not have, or has in another shape. allow_nonfinite:
    whether weights may be NaN or infinite. Raises CheckpointError, changing nothing, when the file does not fit,
    ValueError when the model is not built.
    """
    _check_built(model, "take")
    with _naming(path):
        document = read(path)
        check_format(document, {FORMAT: VERSION, WEIGHTS_FORMAT: VERSION})
        weights = list(named_weights(model))
        if skip_mismatch:
            shapes = {name: array.shape for name, array in document.arrays.items()}
            weights = [(name, p) for name, p in weights if shapes.get(name) == p.shape]
            arrays: Mapping[str, Array] = {name: document.arrays[name] for name, _ in weights}
        else:
            arrays = document.arrays
        _check_weights(weights, arrays, model.dtype)
        if not allow_nonfinite:
            check_finite(arrays)
        for name, parameter in weights:
            parameter.assign(arrays[name])


def check_finite(arrays: Mapping[str, Array]) -> None:
    """Raises CheckpointError, with the place of the first, when a weight is NaN or infinite."""
    for name, array in arrays.items():
        finite = np.isfinite(array)
        if not finite.all():
            index = tuple(int(i) for i in np.unravel_index(int(finite.argmin()), array.shape))
            raise CheckpointError(
                f"it is {array[index]} at {list(index)}, so that the model can only answer nonsense; to look at it all "
                f"the same, load with allow_nonfinite=True",
                name,
            )


def _write(model: Layer, path: str | Path, describe: Any) -> None:
    check_suffix(Path(path))
    _check_built(model, "save")
    write(Document(describe(), weights_by_name(model)), path, model.dtype)


def weights_by_name(model: Layer) -> dict[str, Array]:
    """The values of all weights, by path; raises ValueError when two have the same."""
    arrays: dict[str, Array] = {}
    for name, parameter in named_weights(model):
        if name in arrays:
            raise ValueError(
                f"two weights of {model.label!r} are called {name!r}, and a file could not tell them apart: give the "
                f"layers that hold them names of their own"
            )
        arrays[name] = parameter.value
    return arrays


def _check_built(model: Layer, verb: str) -> None:
    if not model.built:
        raise ValueError(f"model {model.label!r} has no weights to {verb}: build it, or call it on data, first")


@contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Makes every failure a CheckpointError that names the file, except that it is not there."""
    with naming(path), _placing("model"):
        yield


@contextmanager
def _placing(place: str | Callable[[Exception], str]) -> Iterator[None]:
    """Makes every failure a CheckpointError that names a place in the description, or what finds it."""
    try:
        yield
    except (CheckpointError, ImportError, OSError):
        raise
    except Exception as error:
        # Whatever a constructor says to arguments that nobody sane would have saved.
        found = place if isinstance(place, str) else place(error)
        said = str(error) or type(error).__name__
        raise CheckpointError(f"the model's description is not valid ({said})", found) from error


def _describe(model: Sequential) -> dict[str, Any]:
    if type(model).signature() != Sequential.signature():
        raise TypeError(
            f"a {type(model).__name__} has a constructor of its own, which no file could call: save its weights with "
            f"save_weights, or make it a function that returns a Sequential"
        )
    config = model.get_config()
    check_size(config)  # what is written can be read
    description: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "model": config,
        "metadata": plain(model.metadata, "metadata"),
    }
    if model.compiled:
        trainer = model.trainer
        description["compile"] = {
            "optimizer": plain(trainer.optimizer),
            "loss": plain(trainer.loss),
            "metrics": writable_specs(trainer.metrics),
            "weighted_metrics": writable_specs(trainer.weighted_metrics),
        }
    return description


def _restore(description: Mapping[str, Any], arrays: Mapping[str, Array], compiled: bool) -> Sequential:
    model = _declared(mapping(description, "model"))
    weights = list(named_weights(model))
    _check_weights(weights, arrays, model.dtype)
    for _, parameter in weights:
        parameter.initializer = None  # the first values are those of the file
    model.weights_changed()
    for name, parameter in weights:
        parameter.assign(arrays[name])
    model.metadata = dict(mapping(description, "metadata"))
    if compiled and description.get("compile"):
        chosen = mapping(description, "compile")
        with _placing(lambda _: _place_in_compile(chosen)):
            model._compile(**chosen)
    return model


def _declared(config: Mapping[str, Any]) -> Sequential:
    """The model without memory for its weights."""
    try:
        check_size(config)
    except ValueError as error:
        raise CheckpointError(str(error), "model") from None
    specs = config.get("layers")
    if not isinstance(specs, list):
        raise CheckpointError("the layers of a model must be a list", "model.layers")
    with declared_only():
        with _placing("model"):
            model = Sequential.from_config({**config, "layers": []})
        for index, spec in enumerate(specs):
            with _placing(functools.partial(_place_in, spec, f"model.layers[{index}]")):
                model._append(spec)
    if not model.built:
        raise CheckpointError(
            "the first of model.layers must be an input, which gives the shape of the examples", "model.layers"
        )
    return model


def check_size(config: Any) -> None:
    """Raises ValueError for a configuration that is beyond the limits."""
    count = 0
    waiting: list[tuple[Any, Any]] = [(None, config)]
    while waiting:
        key, part = waiting.pop()
        count += 1
        if count > MAX_MODEL_VALUES:
            raise ValueError(f"a model file describes at most {MAX_MODEL_VALUES:,} values, and there are more")
        if key == "layers" and isinstance(part, list) and len(part) > MAX_LAYERS:
            raise ValueError(f"a model file describes at most {MAX_LAYERS:,} layers in a row, got {len(part):,}")
        if isinstance(part, Mapping | list):
            waiting.extend(part.items() if isinstance(part, Mapping) else ((None, item) for item in part))


def _place_in(spec: Any, place: str, error: Exception) -> str:
    """Where in the spec of a layer, which stands at `place`, the culprit is, as far as it can be told."""
    try:
        name, arguments = layers.parse(spec)
    except TypeError:
        return place
    inner = arguments.get("layers") if isinstance(arguments, Mapping) else None
    for index, item in enumerate(inner if isinstance(inner, list) else []):
        try:
            layers.create(item)
        except Exception as own:
            return _place_in(item, f"{place}.{name}.layers[{index}]", own)
    argument = error.argument if isinstance(error, ArgumentError) else None
    return f"{place}.{name}" + (f".{argument}" if argument else "")


def _place_in_compile(chosen: Mapping[str, Any]) -> str:
    """Which of the arguments of `compile` cannot be taken even alone."""
    for key in ("optimizer", "loss", "metrics", "weighted_metrics"):
        try:
            Sequential()._compile(**{"optimizer": "sgd", "loss": None, "metrics": None, "weighted_metrics": None}
                                  | {key: chosen.get(key)})  # fmt: skip
        except Exception:
            return f"compile.{key}"
    return "compile"


def _check_weights(declared: list[tuple[str, Parameter]], arrays: Mapping[str, Array], dtype: str) -> None:
    for name, parameter in declared:
        if name not in arrays:
            raise CheckpointError("these weights are missing, and the model needs them", name)
        if arrays[name].shape != parameter.shape:
            raise CheckpointError(
                f"these weights have shape {arrays[name].shape}, the model needs {parameter.shape}", name
            )
        if arrays[name].dtype.newbyteorder("=") != dtype:
            raise CheckpointError(f"these weights are {arrays[name].dtype} numbers, the model's are {dtype}", name)
    extra = set(arrays) - {name for name, _ in declared}
    if extra:
        name = min(extra)
        raise CheckpointError("there are weights of this name, and the model has none", name)
