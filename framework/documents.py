"""Documents that hold named arrays: one JSON file, or the safetensors format for other tools.

Both keep plain data, and arrays as little-endian bytes, exact to the bit. Reading one runs no code and imports
nothing; sizes and a checksum are compared before anything is made of the bytes.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import math
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .files import write_atomically
from .json_text import JSONError, check, parse
from .parameters import Array

SUFFIXES = (".json", ".safetensors")
LARGEST_FILE = {".json": 1 << 30, ".safetensors": 4 << 30}
"""Bytes; reading takes about twice as much memory."""
MAX_ARRAYS = 100_000
MAX_DIMENSIONS = 32
MAX_MESSAGE = 1_000
"""Characters of a reason, and of a place, that are kept: a file may hold names of any length."""

_DTYPES = {"F32": "float32", "F64": "float64"}
_DESCRIPTION, _CHECKSUM = "numpy-sequential", "numpy-sequential sha256"


def printable(text: str) -> str:
    """A text from a file as a terminal may get it: control characters, and what turns the direction, are written out.

    >>> printable("\x1b[31mred")
    '\\\\x1b[31mred'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


class CheckpointError(ValueError):
    """A file that is no whole, unaltered document of this framework: which, where in it, and what is wrong there.

    reason: one sentence. place: line and column, the path of keys, or the name of a weight, where it can be told.
    file: its path, empty as long as only the reader knows it.

    >>> print(CheckpointError("units must be a positive whole number, got -1", "model.layers[2].dense.units", "a.json"))
    a.json: model.layers[2].dense.units: units must be a positive whole number, got -1
    """

    def __init__(self, reason: str, place: str = "", file: str = "") -> None:
        super().__init__(reason, place, file)
        self.reason = _cut(reason)
        self.place = _cut(place)
        self.file = file

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.file, self.place, self.reason)))


def _cut(text: str) -> str:
    text = printable(text)
    return text if len(text) <= MAX_MESSAGE else f"{text[: MAX_MESSAGE // 2]} … {text[-MAX_MESSAGE // 2 :]}"


@contextmanager
def naming(file: str | Path, place: str = "") -> Iterator[None]:
    """Completes a CheckpointError from inside by the file, and by the place where it names none."""
    try:
        yield
    except CheckpointError as error:
        raise CheckpointError(error.reason, error.place or place, error.file or str(file)) from error.__cause__


class Document(NamedTuple):
    """Plain data with a `format` and a `version`, and arrays of one type, by name."""

    description: Mapping[str, Any]
    arrays: Mapping[str, Array]


def write(document: Document, path: str | Path, dtype: str) -> None:
    """Writes the document, whole or not at all; the suffix .json or .safetensors chooses the form.

    Raises ValueError for another suffix, numbers in the description that JSON does not have, or more than can be read
    back, OSError when it cannot be written.
    """
    path = Path(path)
    check_suffix(path)
    content = to_json(document, dtype) if path.suffix == ".json" else _to_safetensors(document)
    if len(content) > (largest := LARGEST_FILE[path.suffix]):
        raise ValueError(
            f"this could not be read back: {len(content):,} bytes are more than a file may have ({largest:,})"
        )
    write_atomically(path, content)


def check_suffix(path: Path) -> None:
    """Raises ValueError for a suffix that stands for no form."""
    if path.suffix not in SUFFIXES:
        raise ValueError(f"cannot save as {path.name!r}: the name must end in {' or '.join(SUFFIXES)}")


def read(path: str | Path) -> Document:
    """The document in a file.

    Raises CheckpointError, saying where and what is wrong, for anything that is no whole, unaltered document,
    FileNotFoundError when there is no such file.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise CheckpointError(f"a model file ends in {' or '.join(SUFFIXES)}", "its name")
    content = _content(path, LARGEST_FILE[path.suffix])
    return _from_json(content) if path.suffix == ".json" else _from_safetensors(content)


def _without_waiting(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _content(path: Path, largest: int) -> bytes:
    """All bytes of a regular file; a pipe would be waited for, a device read without end."""
    if path.exists() and not path.is_file():
        raise CheckpointError("it is not a regular file", "its kind")
    # What stands there may be another file by now, so that what was opened is asked once more.
    with open(path, "rb", opener=_without_waiting) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise CheckpointError("it is not a regular file", "its kind")
        size = status.st_size
        if size > largest:
            raise CheckpointError(f"{size:,} bytes are more than a model file may have ({largest:,})", "its size")
        content = file.read(size + 1)
    if len(content) != size:
        raise CheckpointError(f"it changed from {size:,} bytes while it was read: load it again", "its size")
    return content


_FOREIGN = "it is no model file of this framework"


def check_format(document: Document, kinds: Mapping[str, int]) -> str:
    """Which of these formats it has, each with the version that this program reads.

    Raises CheckpointError for another format or version.
    """
    description = document.description
    kind = description.get("format") if isinstance(description, Mapping) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise CheckpointError(_FOREIGN, "format")
    if description.get("version") != kinds[kind]:
        raise CheckpointError(
            f"it has version {description.get('version')!r}, this program reads version {kinds[kind]}", "version"
        )
    return kind


def mapping(description: Mapping[str, Any], key: str, place: str = "") -> Mapping[str, Any]:
    """A part of a description, which stands at `place`; raises CheckpointError when it is missing or something else."""
    value = description.get(key)
    if not isinstance(value, Mapping):
        raise CheckpointError(f"{key!r} is missing or no mapping", f"{place}.{key}" if place else key)
    return value


def to_json(document: Document, dtype: str) -> bytes:
    """The document as JSON, its arrays in base64; raises ValueError for what no reader would take."""
    arrays = document.arrays
    data = b"".join(_bytes(array) for array in arrays.values())
    weights = {
        "dtype": dtype,
        "shapes": {name: list(array.shape) for name, array in arrays.items()},
        "sha256": hashlib.sha256(data).hexdigest(),
        "data": "",
    }
    text = _described({**document.description, "weights": weights}, indent=1)
    before, after = text.rsplit(b'""', 1)  # the last entry of the last mapping
    return b"".join((before, b'"', binascii.b2a_base64(data, newline=False), b'"', after, b"\n"))


def _described(description: Mapping[str, Any], indent: int | None = None) -> bytes:
    text = json.dumps(description, indent=indent, allow_nan=False).encode()
    try:
        check(text)
    except JSONError as error:
        raise ValueError(f"this could not be read back: {error.reason}") from None
    return text


def _from_json(content: bytes) -> Document:
    description, data = _parsed(content, apart=("weights", "data"))
    if not isinstance(description, Mapping) or "format" not in description:
        raise CheckpointError(_FOREIGN, "format")
    weights = mapping(description, "weights")
    dtype = weights.get("dtype")
    if dtype not in ("float32", "float64"):
        raise CheckpointError(f"it must be 'float32' or 'float64', got {dtype!r}", "weights.dtype")
    listed = mapping(weights, "shapes", "weights")
    _check_number_of_arrays(listed, "weights.shapes")
    shapes = {name: _shape(shape, f"weights.shapes[{name!r}]") for name, shape in listed.items()}
    if not isinstance(weights.get("data"), str):
        raise CheckpointError("it is no base64 text", "weights.data")
    numbers = _numbers(data, sum(map(math.prod, shapes.values())), dtype)
    if hashlib.sha256(numbers.data).hexdigest() != weights.get("sha256"):
        raise CheckpointError("the weights do not match their checksum: the file has been altered", "weights.sha256")
    arrays, start = {}, 0
    for name, shape in shapes.items():
        stop = start + math.prod(shape)
        arrays[name] = numbers[start:stop].reshape(shape)
        start = stop
    return Document({key: value for key, value in description.items() if key != "weights"}, arrays)


def _numbers(data: memoryview, expected: int, dtype: str) -> Array:
    """So many numbers from base64 text; its length is compared before any is decoded."""
    size = expected * np.dtype(dtype).itemsize
    if len(data) != 4 * -(-size // 3):
        raise CheckpointError(
            f"it holds {len(data):,} characters of base64, its shapes ask for {expected:,} {dtype} numbers",
            "weights.data",
        )
    try:
        decoded = binascii.a2b_base64(data, strict_mode=True)
    except ValueError as error:
        raise CheckpointError(f"it is no base64 text ({error})", "weights.data") from None
    if len(decoded) != size:
        raise CheckpointError(
            f"it holds {len(decoded):,} bytes, its shapes ask for {expected:,} {dtype} numbers",
            "weights.data",
        )
    return np.frombuffer(decoded, np.dtype(dtype).newbyteorder("<"))


def _to_safetensors(document: Document) -> bytes:
    save_bytes = _safetensors().save
    arrays = {name: np.ascontiguousarray(array) for name, array in document.arrays.items()}
    metadata = {
        _DESCRIPTION: _described(document.description).decode(),
        _CHECKSUM: _checksum({name: _bytes(array) for name, array in arrays.items()}),
    }
    return bytes(save_bytes(arrays, metadata=metadata))


def _from_safetensors(content: bytes) -> Document:
    module = _safetensors()
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > len(content) - 8:
        raise CheckpointError(f"{_NO_SAFETENSORS} (its header ends behind its end)", "header")
    header, _ = _parsed(content[8 : 8 + size], "header")
    if not isinstance(header, dict):
        raise CheckpointError(f"{_NO_SAFETENSORS} (its header is no mapping)", "header")
    metadata = header.pop("__metadata__", None) or {}
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise CheckpointError(f"{_NO_SAFETENSORS} (its metadata are no texts)", "header.__metadata__")
    if _DESCRIPTION not in metadata:
        raise CheckpointError("it holds tensors, but no description of a model in its metadata", "header.__metadata__")
    tensors = _tensors(header, memoryview(content)[8 + size :])
    description, _ = _parsed(metadata[_DESCRIPTION].encode(), f"header.__metadata__[{_DESCRIPTION!r}]")
    if metadata.get(_CHECKSUM, None) not in (None, _checksum(tensors)):
        raise CheckpointError(
            f"the weights do not match their checksum: the file has been altered; if that was meant, whoever wrote it "
            f"leaves {_CHECKSUM!r} out of the metadata",
            f"header.__metadata__[{_CHECKSUM!r}]",
        )
    try:
        return Document(description, module.load(content))
    except Exception as error:  # the package's own
        raise CheckpointError(f"{_NO_SAFETENSORS} ({error})", "header") from None


_NO_SAFETENSORS = "it is no safetensors file, or was cut short"


def _tensors(header: Mapping[str, Any], data: memoryview) -> dict[str, memoryview]:
    """The bytes of each tensor; what lies between and behind them is looked for by the package."""
    _check_number_of_arrays(header, "header")
    tensors = {}
    for name, entry in header.items():
        place = f"tensor {name!r}"
        if not isinstance(entry, dict) or entry.get("dtype") not in _DTYPES:
            dtype = entry.get("dtype") if isinstance(entry, dict) else entry
            raise CheckpointError(f"its dtype must be F32 or F64, got {dtype!r}", place)
        size = math.prod(_shape(entry.get("shape"), place)) * np.dtype(_DTYPES[entry["dtype"]]).itemsize
        offsets = entry.get("data_offsets")
        if not isinstance(offsets, list) or len(offsets) != 2 or not all(type(n) is int for n in offsets):
            raise CheckpointError(f"its data_offsets must be two counts, got {offsets!r}", place)
        start, stop = offsets
        if not 0 <= start <= stop <= len(data) or stop - start != size:
            raise CheckpointError(
                f"its {size:,} bytes cannot lie at {start:,} to {stop:,} of the {len(data):,} in the file", place
            )
        tensors[name] = data[start:stop]
    return tensors


def _checksum(tensors: Mapping[str, bytes] | Mapping[str, memoryview]) -> str:
    """That of all bytes by the names' order, since the package lays tensors out in an order of its own."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(tensors[name])
    return digest.hexdigest()


def _parsed(content: bytes, place: str = "", apart: tuple[str, ...] = ()) -> tuple[Any, memoryview]:
    try:
        return parse(content, apart)
    except JSONError as error:
        raise CheckpointError(error.reason, ", ".join(filter(None, (place, error.place)))) from None


def _check_number_of_arrays(arrays: Mapping[str, Any], place: str) -> None:
    if len(arrays) > MAX_ARRAYS:
        raise CheckpointError(f"{len(arrays):,} arrays are more than a file may hold ({MAX_ARRAYS:,})", place)


def _shape(shape: Any, place: str) -> tuple[int, ...]:
    if not isinstance(shape, list) or any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in shape):
        raise CheckpointError(f"a shape must be a list of counts, got {shape!r}", place)
    if len(shape) > MAX_DIMENSIONS:
        raise CheckpointError(f"a shape has at most {MAX_DIMENSIONS} dimensions, got {len(shape)}", place)
    if math.prod(max(n, 1) for n in shape) > max(LARGEST_FILE.values()):  # also where one of them is 0
        raise CheckpointError(f"no file holds an array of shape {shape!r}", place)
    return tuple(shape)


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        raise ImportError(
            "the .safetensors format needs the package safetensors: pip install 'numpy-sequential[safetensors]'"
        ) from None
    return safetensors.numpy


def _bytes(array: Array) -> bytes:
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
