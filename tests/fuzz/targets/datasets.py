"""IDX files and npz files of images and labels."""

from __future__ import annotations

import gzip
import io
import struct
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from apps.mnist.data import DataError
from apps.mnist.files import FILES, MEMBERS, read, write_npz
from framework.data.datasets import Examples

from ..mutations import NUMBERS, Edit, apply, damaged
from ..target import Target, refused, saved

X = np.arange(3 * 28 * 28).reshape(3, 28, 28).astype(np.uint8)
Y = np.array([3, 0, 9], np.uint8)
IMAGES = struct.pack(">4I", 2051, *X.shape) + X.tobytes()
LABELS = struct.pack(">2I", 2049, *Y.shape) + Y.tobytes()

SIZES = st.one_of(st.sampled_from((0, 1, 3, 28)), st.sampled_from([n for n in NUMBERS if n < 1 << 32]))


def _header(kind: int, type_of: int, sizes: Sequence[int]) -> bytes:
    return struct.pack(f">HBB{len(sizes)}I", kind, type_of, len(sizes) % 256, *sizes)


def idx(good: bytes) -> st.SearchStrategy[bytes]:
    """A file of this form: damaged, or with a header of its own; half of the files gzipped, or damaged after that."""
    headers = st.builds(
        _header,
        st.sampled_from((0, 0, 0, 1)),
        st.sampled_from((8, 8, 8, 9, 11, 13, 14, 255)),
        st.lists(SIZES, max_size=4),
    )
    bodies = st.one_of(st.just(good[-784:]), st.sampled_from((0, 1, 3, 784, 2352, 5000)).map(bytes))
    plain = st.one_of(damaged([good]), st.builds(bytes.__add__, headers, bodies))
    packed = plain.map(lambda content: gzip.compress(content, 1, mtime=0))
    twice = st.builds(bytes.__add__, packed, st.one_of(packed, st.binary(max_size=20)))
    return st.one_of(plain, packed, damaged([gzip.compress(good, mtime=0)]), twice)


def _check_idx(number: int) -> Callable[[bytes, Path], bool]:
    """A check of a folder in which this one of the four files is the input."""

    def check(content: bytes, folder: Path) -> bool:
        for name, good in zip(FILES, (IMAGES, LABELS, IMAGES, LABELS), strict=True):
            saved(folder, name, good)
        return _read(folder, saved(folder, FILES[number], content))

    return check


def _read(place: Path, culprit: Path) -> bool:
    try:
        parts = read(place)
    except DataError as error:
        return refused(str(error), culprit)
    for part in parts:
        assert part.x.dtype == part.y.dtype == np.uint8
        assert part.x.shape == (len(part.y), 28, 28)
        assert part.y.max() < 10
    return True


@cache
def archives() -> list[bytes]:
    """Good npz files: packed and plain."""
    examples = Examples(X, Y)
    plain = io.BytesIO()
    np.savez(plain, x_train=X, y_train=Y, x_test=X, y_test=Y)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mnist.npz"
        write_npz(path, examples, examples)
        return [path.read_bytes(), plain.getvalue()]


def npy(shape: str, fortran: str, dtype: str, version: int, padding: int, body: bytes) -> bytes:
    """A member of an npz file, with this written in its header."""
    said = f"{{'descr': {dtype}, 'fortran_order': {fortran}, 'shape': {shape}, }}".ljust(padding) + "\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H", len(said) % 65536) + said.encode() + body


def archive(members: Sequence[tuple[str, bytes]], packing: int) -> bytes:
    """An npz file of these members, whatever their names are."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", packing) as file:
        for name, data in members:
            info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            info.compress_type = packing
            file.NameToInfo.pop(f"{name}.npy", None)  # or it would warn of a second member of that name
            file.writestr(info, data)
    return content.getvalue()


SHAPES = (
    *("(3, 28, 28)", "(3,)", "(28, 28, 3)", "()", "(-1, 28, 28)", "(0, 28, 28)", "(9**9,)", "3", "(1.5,)", "(True,)"),
    *("(99999999999, 28, 28)", "(3, 28, 28,", "__import__('os')", "(" * 300),
)
ORDERS = ("False", "True", "0", "None", "'no'")
TYPES = ("'|u1'", "'|O'", "'<f4'", "'|V0'", "'|u1,|u1'", "[('a', '|u1')]", "'|S99999999999'", "None", "'<u0'")
VERSIONS = (1, 1, 1, 2, 3, 0, 255)
LENGTHS = (53, 117, 20_000)
"""What the header of a member may say, and how long it is."""


def npz() -> st.SearchStrategy[bytes]:
    """An npz file: damaged, or whole but with members that should not be."""
    bodies = st.one_of(st.just(X.tobytes()), st.just(Y.tobytes()), st.sampled_from((0, 1, 2352)).map(bytes))
    written = st.builds(npy, *map(st.sampled_from, (SHAPES, ORDERS, TYPES, VERSIONS, LENGTHS)), bodies)
    good = {name: io.BytesIO() for name in MEMBERS}
    for name, file in good.items():
        np.save(file, X if name[0] == "x" else Y)
    member = st.one_of(damaged([file.getvalue() for file in good.values()]), written)

    def changed(name: str, data: bytes, packing: int, also: bool) -> bytes:
        members = [(other, data if other == name and not also else file.getvalue()) for other, file in good.items()]
        return archive([*members, (name, data)] if also else members, packing)

    packings = st.sampled_from((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    names = st.sampled_from((*MEMBERS, "more", "../x_train", "\u2028" * 300))
    edits = st.lists(
        st.tuples(
            st.sampled_from(("number", "flip", "set")), st.integers(-330, -1), st.integers(0, 255), st.integers(0, 7)
        ),
        min_size=1,
        max_size=3,
    )

    def directory(which: int, changes: list[Edit]) -> bytes:
        return apply(archives()[which], changes)

    return st.one_of(
        damaged(archives()),
        st.builds(directory, st.integers(0, 1), edits),
        st.builds(changed, names, member, packings, st.booleans()),
    )


def check_npz(content: bytes, folder: Path) -> bool:
    path = saved(folder, "mnist.npz", content)
    return _read(path, path)


TARGETS = (
    Target("idx-images", lambda: [IMAGES, gzip.compress(IMAGES)], lambda: idx(IMAGES), _check_idx(0)),
    Target("idx-labels", lambda: [LABELS, gzip.compress(LABELS)], lambda: idx(LABELS), _check_idx(3)),
    Target("npz", archives, npz, check_npz),
)
