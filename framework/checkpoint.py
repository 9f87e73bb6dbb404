"""Models in files, and weights alone.

Reading one runs no code and imports nothing: only registered names can be reached, and sizes are
compared before anything is allocated. See docs/decisions/0003-model-file.md for the form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .documents import CheckpointError as CheckpointError
from .documents import Document, check_format, check_suffix, mapping, read, write
from .layers import Layer
from .layers.base import named_weights as named_weights
from .layers.stack import declared_only
from .parameters import Array, Parameter
from .registry import plain, writable_specs
from .sequential import Sequential

FORMAT = "numpy-sequential model"
VERSION = 1
WEIGHTS_FORMAT = "numpy-sequential weights"


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
) -> Sequential:
    """The model in a .json or .safetensors file, compiled as it was saved unless `compile` is False.

    custom_objects: nothing, since a file may name what is registered and nothing else; decorate classes of your own
    with `@framework.layers.register` and the like. safe_mode: True, since there is no other.

    Raises TypeError for other values of these two, CheckpointError, naming the file, for anything that is no whole,
    unaltered model, FileNotFoundError when there is no such file.
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
        return _restore(document.description, document.arrays, compile)


def save_weights(model: Layer, path: str | Path) -> None:
    """Writes the weights alone, by name; the suffix .json or .safetensors chooses the form.

    Raises ValueError for another suffix or a model that is not built, OSError when it cannot be written.
    """
    _write(model, path, lambda: {"format": WEIGHTS_FORMAT, "version": VERSION})


def load_weights(model: Layer, path: str | Path, skip_mismatch: bool = False) -> None:
    """Reads the weights of a model from a file of weights, or of a whole model, by name.

    skip_mismatch: whether to leave alone what the file does not have, or has in another shape. Raises
    CheckpointError, changing nothing, when the file does not fit, ValueError when the model is not built.
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
        for name, parameter in weights:
            parameter.assign(arrays[name])


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
    try:
        yield
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from None
    except (ImportError, OSError):
        raise
    except Exception as error:
        # Whatever a constructor says to arguments that nobody sane would have saved.
        raise CheckpointError(f"{path}: the model's description is not valid ({error})") from error


def _describe(model: Sequential) -> dict[str, Any]:
    if type(model).signature() != Sequential.signature():
        raise TypeError(
            f"a {type(model).__name__} has a constructor of its own, which no file could call: save its weights with "
            f"save_weights, or make it a function that returns a Sequential"
        )
    description: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "model": model.get_config(),
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
    with declared_only():
        model = Sequential.from_config(mapping(description, "model"))
    if not model.built:
        raise CheckpointError("the first of model.layers must be an input, which gives the shape of the examples")
    weights = list(named_weights(model))
    _check_weights(weights, arrays, model.dtype)
    for _, parameter in weights:
        parameter.initializer = None  # the first values are those of the file
    model.weights_changed()
    for name, parameter in weights:
        parameter.assign(arrays[name])
    model.metadata = dict(mapping(description, "metadata"))
    if compiled and description.get("compile"):
        model._compile(**mapping(description, "compile"))
    return model


def _check_weights(declared: list[tuple[str, Parameter]], arrays: Mapping[str, Array], dtype: str) -> None:
    for name, parameter in declared:
        if name not in arrays:
            raise CheckpointError(f"the weights of {name!r} are missing")
        if arrays[name].shape != parameter.shape:
            raise CheckpointError(
                f"the weights of {name!r} have shape {arrays[name].shape}, the model needs {parameter.shape}"
            )
        if arrays[name].dtype.newbyteorder("=") != dtype:
            raise CheckpointError(f"the weights of {name!r} are {arrays[name].dtype} numbers, the model's are {dtype}")
    extra = set(arrays) - {name for name, _ in declared}
    if extra:
        raise CheckpointError(f"there are weights for {min(extra)!r}, which the model does not have")
