"""Models in files: one JSON document, or the safetensors format for other tools.

Both hold the configuration as plain data and the weights as little-endian bytes, exact to the bit.
Reading one runs no code and imports nothing: only registered names can be reached, and sizes are
compared before anything is allocated. See docs/decisions/0003-model-file.md for the form.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .files import write_atomically
from .layers import Layer
from .parameters import Array, Parameter
from .registry import plain
from .sequential import Sequential
from .layers.stack import declared_only

FORMAT = "numpy-sequential model"
VERSION = 1
LARGEST_FILE = 4 << 30


class CheckpointError(ValueError):
    """A file that is no whole, unaltered model of this framework; the message names it and what is wrong."""


def save(model: Sequential, path: str | Path) -> None:
    """Writes configuration, weights and metadata; the suffix .json or .safetensors chooses the form.

    Raises ValueError for another suffix or a model that is not built, OSError when it cannot be written.
    """
    path = Path(path)
    if not model.built:
        raise ValueError(f"model {model.name!r} has no weights to save: build it, or call it on data, first")
    if path.suffix == ".json":
        content = _to_json(model)
    elif path.suffix == ".safetensors":
        content = _to_safetensors(model)
    else:
        raise ValueError(f"cannot save a model as {path.name!r}: the name must end in .json or .safetensors")
    write_atomically(path, content)


def load_model(path: str | Path, compile: bool = True) -> Sequential:  # noqa: A002 - Keras's name
    """The model in a .json or .safetensors file, compiled as it was saved unless `compile` is False.

    Raises CheckpointError, naming the file, for anything that is no whole, unaltered model, FileNotFoundError
    when there is no such file.
    """
    path = Path(path)
    if path.suffix not in (".json", ".safetensors"):
        raise CheckpointError(f"{path}: a model file ends in .json or .safetensors")
    if path.exists() and not path.is_file():  # a pipe would be waited for, a device read without end
        raise CheckpointError(f"{path}: it is not a regular file")
    if path.stat().st_size > LARGEST_FILE:
        raise CheckpointError(
            f"{path}: {path.stat().st_size:,} bytes are more than a model file may have ({LARGEST_FILE:,})"
        )
    content = path.read_bytes()
    try:
        description, arrays = (_from_json if path.suffix == ".json" else _from_safetensors)(content)
        return _restore(description, arrays, compile)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from None
    except ImportError:
        raise
    except Exception as error:
        # Whatever a constructor says to arguments that nobody sane would have saved.
        raise CheckpointError(f"{path}: the model's description is not valid ({error})") from error


def named_weights(layer: Layer, prefix: str = "") -> Iterable[tuple[str, Parameter]]:
    """Every parameter with its path of layer names, such as `dense_1/kernel`."""
    for parameter in layer._parameters:
        yield f"{prefix}{parameter.name}", parameter
    for inner in layer.sublayers:
        yield from named_weights(inner, f"{prefix}{inner.label}/")


def _describe(model: Sequential) -> dict[str, Any]:
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
            "metrics": plain(trainer.metrics),
            "weighted_metrics": plain(trainer.weighted_metrics),
        }
    return description


def _to_json(model: Sequential) -> bytes:
    weights = list(named_weights(model))
    data = b"".join(_bytes(p.value) for _, p in weights)
    document = _describe(model) | {
        "weights": {
            "dtype": model.dtype,
            "shapes": {name: list(p.shape) for name, p in weights},
            "sha256": hashlib.sha256(data).hexdigest(),
            "data": base64.b64encode(data).decode("ascii"),
        }
    }
    return (json.dumps(document, indent=1, allow_nan=False) + "\n").encode()


def _from_json(content: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    try:
        document = json.loads(content, object_pairs_hook=_without_duplicates)
    except CheckpointError:
        raise
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"it is not JSON, or was cut short ({error})") from None
    _check_format(document)
    weights = _mapping(document, "weights")
    dtype = weights.get("dtype")
    if dtype not in ("float32", "float64"):
        raise CheckpointError(f"weights.dtype must be 'float32' or 'float64', got {dtype!r}")
    shapes = {str(name): _shape(name, shape) for name, shape in _mapping(weights, "shapes").items()}
    try:
        data = base64.b64decode(weights.get("data", ""), validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise CheckpointError(f"weights.data is no base64 ({error})") from None
    whole = len(data) % np.dtype(dtype).itemsize == 0
    numbers = np.frombuffer(data, np.dtype(dtype).newbyteorder("<")) if whole else None
    expected = sum(int(np.prod(shape, dtype=object)) for shape in shapes.values())
    if numbers is None or numbers.size != expected:
        raise CheckpointError(
            f"weights.data holds {len(data):,} bytes, its shapes ask for {expected:,} {dtype} numbers"
        )
    if hashlib.sha256(data).hexdigest() != weights.get("sha256"):
        raise CheckpointError("the weights do not match their checksum: the file has been altered")
    arrays, start = {}, 0
    for name, shape in shapes.items():
        stop = start + int(np.prod(shape))
        arrays[name] = numbers[start:stop].reshape(shape)
        start = stop
    return document, arrays


def _to_safetensors(model: Sequential) -> bytes:
    save_bytes = _safetensors().save
    arrays = {name: np.ascontiguousarray(p.value) for name, p in named_weights(model)}
    return bytes(save_bytes(arrays, metadata={"numpy-sequential": json.dumps(_describe(model), allow_nan=False)}))


def _from_safetensors(content: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    module = _safetensors()
    try:
        arrays = module.load(content)
        # The header, a JSON document behind its length, was checked by the package just now.
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        document = json.loads(header.get("__metadata__", {}).get("numpy-sequential", "null"))
    except Exception as error:  # the package's own, and whatever damaged JSON leads to
        raise CheckpointError(f"it is no safetensors file, or was cut short ({error})") from None
    if document is None:
        raise CheckpointError("it holds tensors, but no description of a model in its metadata")
    _check_format(document)
    return document, arrays


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        raise ImportError(
            "the .safetensors format needs the package safetensors: pip install 'numpy-sequential[safetensors]'"
        ) from None
    return safetensors.numpy


def _restore(description: Mapping[str, Any], arrays: Mapping[str, Array], compiled: bool) -> Sequential:
    with declared_only():
        model = Sequential.from_config(_mapping(description, "model"))
    if not model.built:
        raise CheckpointError("the first of model.layers must be an input, which gives the shape of the examples")
    weights = list(named_weights(model))
    _check_weights(weights, arrays, model.dtype)
    for _, parameter in weights:
        parameter.initializer = None  # the first values are those of the file
    model.weights_changed()
    for name, parameter in weights:
        parameter.assign(arrays[name])
    model.metadata = dict(_mapping(description, "metadata"))
    if compiled and description.get("compile"):
        model.compile(**_mapping(description, "compile"))
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


def _check_format(document: Any) -> None:
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise CheckpointError("it is no model file of this framework")
    if document.get("version") != VERSION:
        raise CheckpointError(f"it has version {document.get('version')!r}, this program reads version {VERSION}")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        names = [name for name, _ in pairs]
        raise CheckpointError(f"it holds {max(names, key=names.count)!r} twice")
    return mapping


def _mapping(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    if not isinstance(value, Mapping):
        raise CheckpointError(f"{key!r} is missing or no mapping")
    return value


def _shape(name: str, shape: Any) -> tuple[int, ...]:
    if not isinstance(shape, list) or any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in shape):
        raise CheckpointError(f"the shape of {name!r} must be a list of counts, got {shape!r}")
    return tuple(shape)


def _bytes(array: Array) -> bytes:
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
