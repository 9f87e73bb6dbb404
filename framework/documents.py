"""Documents that hold named arrays: one JSON file, or the safetensors format for other tools.

Both keep plain data, and arrays as little-endian bytes, exact to the bit. Reading one runs no code and imports
nothing; sizes and a checksum are compared before anything is made of the bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .files import write_atomically
from .parameters import Array

SUFFIXES = (".json", ".safetensors")
LARGEST_FILE = 4 << 30


class CheckpointError(ValueError):
    """A file that is no whole, unaltered document of this framework; the message names it and what is wrong."""


class Document(NamedTuple):
    """Plain data with a `format` and a `version`, and arrays of one type, by name."""

    description: Mapping[str, Any]
    arrays: Mapping[str, Array]


def write(document: Document, path: str | Path, dtype: str) -> None:
    """Writes the document, whole or not at all; the suffix .json or .safetensors chooses the form.

    Raises ValueError for another suffix, or numbers in the description that JSON does not have, OSError when
    it cannot be written.
    """
    path = Path(path)
    check_suffix(path)
    write_atomically(path, to_json(document, dtype) if path.suffix == ".json" else _to_safetensors(document))


def check_suffix(path: Path) -> None:
    """Raises ValueError for a suffix that stands for no form."""
    if path.suffix not in SUFFIXES:
        raise ValueError(f"cannot save as {path.name!r}: the name must end in {' or '.join(SUFFIXES)}")


def read(path: str | Path) -> Document:
    """The document in a file.

    Raises CheckpointError, saying what is wrong, for anything that is no whole, unaltered document,
    FileNotFoundError when there is no such file.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise CheckpointError(f"a model file ends in {' or '.join(SUFFIXES)}")
    if path.exists() and not path.is_file():  # a pipe would be waited for, a device read without end
        raise CheckpointError("it is not a regular file")
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise CheckpointError(f"{size:,} bytes are more than a model file may have ({LARGEST_FILE:,})")
    content = path.read_bytes()
    return _from_json(content) if path.suffix == ".json" else _from_safetensors(content)


def check_format(document: Document, kinds: Mapping[str, int]) -> str:
    """Which of these formats it has, each with the version that this program reads.

    Raises CheckpointError for another format or version.
    """
    description = document.description
    kind = description.get("format") if isinstance(description, Mapping) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise CheckpointError("it is no model file of this framework")
    if description.get("version") != kinds[kind]:
        raise CheckpointError(
            f"it has version {description.get('version')!r}, this program reads version {kinds[kind]}"
        )
    return kind


def mapping(description: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A part of a description; raises CheckpointError when it is missing or something else."""
    value = description.get(key)
    if not isinstance(value, Mapping):
        raise CheckpointError(f"{key!r} is missing or no mapping")
    return value


def to_json(document: Document, dtype: str) -> bytes:
    """The document as JSON, its arrays in base64."""
    arrays = document.arrays
    data = b"".join(_bytes(array) for array in arrays.values())
    weights = {
        "dtype": dtype,
        "shapes": {name: list(array.shape) for name, array in arrays.items()},
        "sha256": hashlib.sha256(data).hexdigest(),
        "data": base64.b64encode(data).decode("ascii"),
    }
    return (json.dumps({**document.description, "weights": weights}, indent=1, allow_nan=False) + "\n").encode()


def _from_json(content: bytes) -> Document:
    try:
        description = json.loads(content, object_pairs_hook=_without_duplicates)
    except CheckpointError:
        raise
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"it is not JSON, or was cut short ({error})") from None
    if not isinstance(description, Mapping) or "format" not in description:
        raise CheckpointError("it is no model file of this framework")
    weights = mapping(description, "weights")
    dtype = weights.get("dtype")
    if dtype not in ("float32", "float64"):
        raise CheckpointError(f"weights.dtype must be 'float32' or 'float64', got {dtype!r}")
    shapes = {str(name): _shape(name, shape) for name, shape in mapping(weights, "shapes").items()}
    try:
        data = base64.b64decode(weights.get("data", ""), validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise CheckpointError(f"weights.data is no base64 ({error})") from None
    whole = len(data) % np.dtype(dtype).itemsize == 0
    numbers = np.frombuffer(data, np.dtype(dtype).newbyteorder("<")) if whole else None
    expected = sum(math.prod(shape) for shape in shapes.values())
    if numbers is None or numbers.size != expected:
        raise CheckpointError(
            f"weights.data holds {len(data):,} bytes, its shapes ask for {expected:,} {dtype} numbers"
        )
    if hashlib.sha256(data).hexdigest() != weights.get("sha256"):
        raise CheckpointError("the weights do not match their checksum: the file has been altered")
    arrays, start = {}, 0
    for name, shape in shapes.items():
        stop = start + math.prod(shape)
        arrays[name] = numbers[start:stop].reshape(shape)
        start = stop
    return Document({key: value for key, value in description.items() if key != "weights"}, arrays)


def _to_safetensors(document: Document) -> bytes:
    save_bytes = _safetensors().save
    arrays = {name: np.ascontiguousarray(array) for name, array in document.arrays.items()}
    description = json.dumps(document.description, allow_nan=False)
    return bytes(save_bytes(arrays, metadata={"numpy-sequential": description}))


def _from_safetensors(content: bytes) -> Document:
    module = _safetensors()
    try:
        arrays = module.load(content)
        # The header, a JSON document behind its length, was checked by the package just now.
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        description = json.loads(header.get("__metadata__", {}).get("numpy-sequential", "null"))
    except Exception as error:  # the package's own, and whatever damaged JSON leads to
        raise CheckpointError(f"it is no safetensors file, or was cut short ({error})") from None
    if description is None:
        raise CheckpointError("it holds tensors, but no description of a model in its metadata")
    return Document(description, arrays)


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        raise ImportError(
            "the .safetensors format needs the package safetensors: pip install 'numpy-sequential[safetensors]'"
        ) from None
    return safetensors.numpy


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise CheckpointError(f"it holds {max(names, key=names.count)!r} twice")
    return found


def _shape(name: str, shape: Any) -> tuple[int, ...]:
    if not isinstance(shape, list) or any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in shape):
        raise CheckpointError(f"the shape of {name!r} must be a list of counts, got {shape!r}")
    return tuple(shape)


def _bytes(array: Array) -> bytes:
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
