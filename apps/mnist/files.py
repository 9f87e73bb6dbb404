"""Reads and writes the two forms in which MNIST travels: four IDX files, and Keras's `mnist.npz`.

Both readers trust nothing: sizes are checked before anything is allocated, checksums are followed to the
end of the file, nothing is ever unpickled, and a file that is wrong anywhere is refused as a whole.
Fashion-MNIST and other sets of 28x28 images in ten classes come in the same files.

The IDX form, all numbers big-endian: two zero bytes, the type of the values (8: unsigned bytes), the number
of dimensions, each dimension in four bytes, and then the values, the last dimension varying fastest.
"""

from __future__ import annotations

import gzip
import io
import math
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from framework.data.datasets import Examples
from framework.documents import printable
from framework.files import write_atomically
from framework.parameters import Array

from .gunzip import MAGIC, Unpacked

SIDE = 28
"""Height and width of an image in pixels."""
CLASSES = 10
LIMIT = 640 << 20
"""The most bytes that a dataset's four arrays may take together; EMNIST's take 640 million, MNIST's 55."""
STEP = 1 << 20
"""Bytes that are read at a time; the directory of an npz file, which lists its arrays, is no longer than this."""
UNSIGNED_BYTES = 8
"""IDX's code for values of one unsigned byte."""
FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
"""The names of the four IDX files, each also with `.gz` behind it."""
NPZ = "mnist.npz"
MEMBERS = ("x_train", "y_train", "x_test", "y_test")
"""The names of the four arrays in Keras's npz file."""

_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # an encrypted member; NotImplementedError: an unknown compression
    MemoryError,
    SyntaxError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the standard library and NumPy raise on files that are not what their names promise."""


class DataError(ValueError):
    """A data file cannot be used: `place` names it, `problem` says what is wrong, `remedy` what to do.

    >>> print(DataError("digits/t10k-labels-idx1-ubyte", "the file is empty", "fetch it again"))
    digits/t10k-labels-idx1-ubyte: the file is empty; fetch it again
    """

    def __init__(self, place: str | Path, problem: str, remedy: str = "fetch the file again") -> None:
        super().__init__(place, problem, remedy)
        self.place = place
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return printable(f"{self.place}: {self.problem}; {self.remedy}")


def expanded(path: str | os.PathLike[str]) -> Path:
    """The path with the folder of the user behind `~` or `~name` written out; where nobody knows that, as it stands."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - that of Path raises RuntimeError for a name nobody knows


def read(path: Path) -> tuple[Examples, Examples]:
    """Training and test examples from a folder (four IDX files or `mnist.npz`) or from an npz file.

    Images are uint8 (n, 28, 28), labels uint8 (n,). Raises DataError, naming the file, for anything else.
    """
    if not path.is_dir():
        return read_npz(path)
    if (path / NPZ).exists() and not any(_candidates(path, FILES[0])):
        return read_npz(path / NPZ)
    paths = [_find(path, name) for name in FILES]
    arrays = _four(lambda number, room: read_idx(paths[number], (3, 1)[number % 2], room))
    return _parts(arrays, paths)


def read_idx(path: Path, dimensions: int, limit: int = LIMIT) -> Array:
    """The uint8 array in an IDX file of this many dimensions, gzipped or not (the file itself tells).

    Raises DataError when the file is not such an array, its length is not what its header promises, or it would take
    more than `limit` bytes.
    """
    refuse_pipe(path)
    try:
        with path.open("rb") as file:
            gzipped = file.read(2) == MAGIC
            file.seek(0)
            return _idx_array(Unpacked(file) if gzipped else file, dimensions, path, limit)
    except DataError:
        raise
    except _BROKEN as error:
        raise DataError(path, f"cannot be read ({_reason(error)})") from error


def write_idx(path: Path, array: Array) -> None:
    """Writes a uint8 array as a gzipped IDX file: no name, no time, so equal arrays make equal files.

    `path` appears only when it is complete.
    """
    if array.dtype != np.uint8:
        raise TypeError(f"an IDX file of bytes needs a uint8 array, got {array.dtype}")
    header = struct.pack(f">HBB{array.ndim}I", 0, UNSIGNED_BYTES, array.ndim, *array.shape)
    content = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, content, mtime=0) as stream:
        stream.write(header + array.tobytes())
    write_atomically(path, content.getvalue())


def read_npz(path: Path) -> tuple[Examples, Examples]:
    """Training and test examples from an npz file with Keras's names: x_train, y_train, x_test, y_test.

    Raises DataError when a member is missing, of another type or shape, damaged, or pickled.
    """
    refuse_pipe(path)
    try:
        with _InSteps(path) as file, zipfile.ZipFile(file) as archive:
            arrays = _four(lambda number, room: _npz_array(archive, MEMBERS[number], path, room))
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(path, "no such file or folder", "check the path") from error
    except _BROKEN as error:
        remedy = f"fetch the file again, or give a folder with {', '.join(FILES)}"
        raise DataError(path, f"cannot be read as an npz file ({_reason(error)})", remedy) from error
    return _parts(arrays, [f"{path} ({name})" for name in MEMBERS])


def write_npz(path: Path, train: Examples, test: Examples) -> None:
    """Writes an npz file that `read_npz` and Keras read; `path` appears only when it is complete."""
    content = io.BytesIO()
    np.savez_compressed(content, x_train=train.x, y_train=train.y, x_test=test.x, y_test=test.y)
    write_atomically(path, content.getvalue())


def refuse_pipe(path: Path) -> None:
    """Raises DataError for what would be waited for, or read without end."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise DataError(path, "is not a regular file", "give the file itself")


class _InSteps(io.FileIO):
    """A file of which nobody reads more than a step at once, whatever a directory in it promises."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            size = os.fstat(self.fileno()).st_size - self.tell()
        if size > STEP:
            raise ValueError(f"its directory asks for {size:,} bytes, expected at most {STEP:,}")
        return super().read(size) or b""


def _four(read_one: Callable[[int, int], Array]) -> list[Array]:
    """Reads the arrays with the numbers 0 to 3, each in as many bytes at most as those before have left."""
    arrays: list[Array] = []
    for number in range(4):
        arrays.append(read_one(number, LIMIT - sum(array.nbytes for array in arrays)))
    return arrays


def _parts(arrays: Sequence[Array], places: Sequence[str | Path]) -> tuple[Examples, Examples]:
    """Training and test examples of the four arrays, which come from these places."""
    x_train, y_train, x_test, y_test = arrays
    return _checked(x_train, y_train, places[0], places[1]), _checked(x_test, y_test, places[2], places[3])


def _idx_array(stream: IO[bytes] | Unpacked, dimensions: int, path: Path, limit: int) -> Array:
    head = stream.read(4)
    expected = struct.pack(">HBB", 0, UNSIGNED_BYTES, dimensions)
    if head != expected:
        raise DataError(
            path,
            f"begins with the bytes {head.hex(' ') or '(none)'}, expected {expected.hex(' ')}: "
            f"not an IDX file of unsigned bytes in {dimensions} dimension(s)",
        )
    sizes = stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise DataError(path, "cut short within its header")
    return _values(stream, struct.unpack(f">{dimensions}I", sizes), path, limit)


def _npz_array(archive: zipfile.ZipFile, name: str, path: Path, limit: int) -> Array:
    names = archive.namelist()
    if f"{name}.npy" not in names:
        found = ", ".join(names[:8])[:200] or "nothing"
        raise DataError(path, f"has no array {name!r} (it holds {found})", "give Keras's mnist.npz")
    if names.count(f"{name}.npy") > 1:
        raise DataError(path, f"holds the array {name!r} more than once")
    info = archive.getinfo(f"{name}.npy")
    member = f"{path} ({name})"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(member, f"is packed by method {info.compress_type}, which NumPy does not use")
    with archive.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        if version != (1, 0):
            raise DataError(member, f"is in npy format {version[0]}.{version[1]}, expected 1.0")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        if dtype.hasobject:
            raise DataError(member, "holds pickled Python objects, which are never loaded")
        if dtype != np.uint8:
            raise DataError(member, f"holds {dtype}, expected uint8", "convert it to bytes from 0 to 255")
        if not fortran:
            return _values(stream, shape, member, limit)
        return np.ascontiguousarray(_values(stream, shape[::-1], member, limit // 2).T)  # for a while there are two


def _values(stream: IO[bytes] | Unpacked, shape: tuple[int, ...], place: str | Path, limit: int) -> Array:
    """Exactly the values that the header announced; memory grows with what is read, not what is promised."""
    size = math.prod(shape)
    promise = f"its header promises {' x '.join(map(str, shape))} = {size:,} bytes"
    if min(shape, default=0) < 0 or size > limit:
        raise DataError(place, f"{promise}, expected 0 to {limit:,}")
    values = bytearray()
    while chunk := stream.read(min(size + 1 - len(values), STEP)):  # one more, to see the end and checksum
        values += chunk
    if len(values) < size:
        raise DataError(place, f"{promise} and there are {len(values):,}: the file is cut short")
    if len(values) > size:
        raise DataError(place, f"{promise} and there are more")
    return np.frombuffer(values, np.uint8).reshape(shape)


def _candidates(folder: Path, name: str) -> list[Path]:
    """The files in the folder that go by this name: with `.gz` or without, with `.idx3` or `-idx3`."""
    names = (name, name.replace("-idx", ".idx"))
    paths = (folder / (spelling + suffix) for spelling in names for suffix in (".gz", ""))
    return [path for path in paths if path.exists()]


def _find(folder: Path, name: str) -> Path:
    found = _candidates(folder, name)
    if not found:
        remedy = f"give a folder with {', '.join(FILES)}, gzipped or not, or with {NPZ}"
        raise DataError(folder, f"has no file {name} or {name}.gz", remedy)
    return found[0]


def _checked(x: Array, y: Array, images: str | Path, labels: str | Path) -> Examples:
    if x.ndim != 3 or x.shape[1:] != (SIDE, SIDE):
        raise DataError(images, f"holds an array of shape {x.shape}, expected (n, {SIDE}, {SIDE})")
    if y.ndim != 1:
        raise DataError(labels, f"holds an array of shape {y.shape}, expected (n,)")
    if len(x) == 0:
        raise DataError(images, "holds no images")
    if len(x) != len(y):
        raise DataError(labels, f"holds {len(y):,} labels for the {len(x):,} images of {images}")
    if y.max() >= CLASSES:
        place = int(np.argmax(y >= CLASSES))
        raise DataError(labels, f"label {y[place]} at index {place:,}, expected 0 to {CLASSES - 1}")
    return Examples(x, y)


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= 200 else f"{said[:197]}..."
