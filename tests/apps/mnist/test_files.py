"""MNIST's files: what is right is read, whatever is wrong is refused by name."""

from __future__ import annotations

import gzip
import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from apps.mnist import files
from apps.mnist.files import FILES, DataError, read, read_idx, read_npz, write_idx, write_npz
from apps.mnist.gunzip import Unpacked
from framework.data.datasets import Examples

RNG = np.random.default_rng(0)
TRAIN = Examples(RNG.integers(0, 256, (3, 28, 28), np.uint8), np.array([3, 0, 9], np.uint8))
TEST = Examples(RNG.integers(0, 256, (2, 28, 28), np.uint8), np.array([1, 7], np.uint8))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four gzipped IDX files."""
    for name, array in zip(FILES, (TRAIN.x, TRAIN.y, TEST.x, TEST.y), strict=True):
        write_idx(tmp_path / f"{name}.gz", array)
    return tmp_path


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    write_npz(tmp_path / "mnist.npz", TRAIN, TEST)
    return tmp_path / "mnist.npz"


def assert_equal(found: tuple[Examples, Examples]) -> None:
    for examples, expected in zip(found, (TRAIN, TEST), strict=True):
        assert examples.x.dtype == examples.y.dtype == np.uint8
        np.testing.assert_array_equal(examples.x, expected.x)
        np.testing.assert_array_equal(examples.y, expected.y)


def unpack(folder: Path, spelling: str = "-idx") -> None:
    for name in FILES:
        packed = folder / f"{name}.gz"
        (folder / name.replace("-idx", spelling)).write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()


class TestGoodFiles:
    def test_gzipped_idx(self, folder: Path) -> None:
        assert_equal(read(folder))

    @pytest.mark.parametrize("spelling", ["-idx", ".idx"])
    def test_plain_idx_in_both_spellings(self, folder: Path, spelling: str) -> None:
        unpack(folder, spelling)
        assert_equal(read(folder))

    def test_the_bytes_tell_what_is_gzipped_not_the_name(self, folder: Path) -> None:
        for name in FILES:
            (folder / f"{name}.gz").rename(folder / name)
        assert_equal(read(folder))

    def test_idx_header_is_mnists(self, folder: Path) -> None:
        unpack(folder)
        images, labels = (folder / name for name in FILES[:2])
        assert images.read_bytes()[:16] == struct.pack(">4I", 2051, 3, 28, 28)
        assert labels.read_bytes()[:8] == struct.pack(">2I", 2049, 3)

    def test_equal_arrays_make_equal_files(self, tmp_path: Path) -> None:
        write_idx(tmp_path / "a.gz", TRAIN.x)
        write_idx(tmp_path / "b.gz", TRAIN.x.copy())
        assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()

    def test_only_bytes_are_written(self, tmp_path: Path) -> None:
        with pytest.raises(TypeError, match="got float64"):
            write_idx(tmp_path / "a.gz", np.zeros(3))

    def test_npz_alone_and_in_a_folder(self, npz: Path) -> None:
        assert_equal(read(npz))
        assert_equal(read(npz.parent))

    def test_npz_is_what_keras_reads(self, npz: Path) -> None:
        with np.load(npz, allow_pickle=False) as arrays:
            assert sorted(arrays) == ["x_test", "x_train", "y_test", "y_train"]

    def test_npz_in_fortran_order(self, tmp_path: Path) -> None:
        x = np.asfortranarray(TRAIN.x)
        np.savez(tmp_path / "a.npz", x_train=x, y_train=TRAIN.y, x_test=TEST.x, y_test=TEST.y)
        assert_equal(read(tmp_path / "a.npz"))

    def test_idx_files_come_before_an_npz_in_the_same_folder(self, folder: Path) -> None:
        (folder / "mnist.npz").write_bytes(b"nonsense")
        assert_equal(read(folder))

    def test_npz_is_written_atomically(self, npz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = npz.read_bytes()

        def fail(file: object, **arrays: object) -> None:
            raise OSError("disk full")

        monkeypatch.setattr(np, "savez_compressed", fail)
        with pytest.raises(OSError, match="disk full"):
            write_npz(npz, TEST, TEST)
        assert npz.read_bytes() == before
        assert list(npz.parent.iterdir()) == [npz]


class TestBadIdx:
    def refused(self, folder: Path, name: str, content: bytes, problem: str) -> None:
        path = folder / f"{name}.gz"
        path.write_bytes(content)
        with pytest.raises(DataError, match=problem) as caught:
            read(folder)
        assert str(path) in str(caught.value)

    def test_missing(self, folder: Path) -> None:
        (folder / f"{FILES[1]}.gz").unlink()
        with pytest.raises(DataError, match=r"has no file train-labels-idx1-ubyte or .*\.gz; give a folder with"):
            read(folder)

    def test_no_such_folder(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="nowhere: no such file or folder; check the path"):
            read(tmp_path / "nowhere")

    def test_a_folder_in_a_files_place(self, folder: Path) -> None:
        (folder / f"{FILES[0]}.gz").unlink()
        (folder / FILES[0]).mkdir()
        with pytest.raises(DataError, match="train-images-idx3-ubyte: cannot be read"):
            read(folder)

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"", "begins with the bytes .none., expected 00 00 08 03"),
            (b"\x00\x00\x08", "begins with the bytes 00 00 08, expected"),
            (struct.pack(">2I", 2049, 3) + b"\1\2\3", "begins with the bytes 00 00 08 01, expected 00 00 08 03"),
            (struct.pack("<4I", 2051, 3, 28, 28) + bytes(2352), "begins with the bytes 03 08 00 00"),
            (struct.pack(">3I", 2051, 3, 28), "cut short within its header"),
            (struct.pack(">4I", 2051, 3, 28, 28) + bytes(2351), "3 x 28 x 28 = 2,352 bytes and there are 2,351"),
            (struct.pack(">4I", 2051, 3, 28, 28) + bytes(2353), "and there are more"),
            (struct.pack(">4I", 2051, 2**32 - 1, 28, 28), "expected 0 to 671,088,640"),
            (struct.pack(">4I", 2051, 0, 28, 28), "holds no images"),
            (struct.pack(">4I", 2051, 3, 32, 32) + bytes(3072), r"shape \(3, 32, 32\), expected \(n, 28, 28\)"),
        ],
    )
    @pytest.mark.parametrize("packed", [False, True])
    def test_images(self, folder: Path, content: bytes, problem: str, packed: bool) -> None:
        self.refused(folder, FILES[0], gzip.compress(content) if packed else content, problem)

    def test_count(self, folder: Path) -> None:
        self.refused(folder, FILES[3], struct.pack(">2I", 2049, 1) + b"\1", "1 labels for the 2 images")

    def test_label(self, folder: Path) -> None:
        self.refused(folder, FILES[1], struct.pack(">2I", 2049, 3) + b"\1\2\x0c", "label 12 at index 2, expected 0")

    def test_every_cut_and_every_altered_byte_of_a_gzipped_file(self, folder: Path) -> None:
        path = folder / f"{FILES[1]}.gz"
        good = path.read_bytes()
        for length in range(len(good)):
            path.write_bytes(good[:length])
            with pytest.raises(DataError, match="train-labels"):
                read_idx(path, 1)
        for place in range(len(good)):
            path.write_bytes(good[:place] + bytes([good[place] ^ 0xFF]) + good[place + 1 :])
            try:
                values = read_idx(path, 1)
            except DataError:
                continue
            np.testing.assert_array_equal(values, TRAIN.y)  # a byte without meaning, such as the time

    def test_more_behind_the_end_of_a_gzipped_file(self, folder: Path) -> None:
        good = (folder / f"{FILES[1]}.gz").read_bytes()
        self.refused(folder, FILES[1], good + b"more", "cannot be read")
        self.refused(folder, FILES[1], good + good, "something behind the end")

    def test_a_promise_costs_no_memory(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A bomb: a small file that would unpack to far more than its header says is left unread."""
        header = struct.pack(">2I", 2049, 3)
        bomb = gzip.compress(header + bytes(50_000_000), 1)
        read_bytes = 0
        plain_read = Unpacked.read

        def counted(self: Unpacked, size: int) -> bytes:
            nonlocal read_bytes
            chunk = plain_read(self, size)
            read_bytes += len(chunk)
            return chunk

        monkeypatch.setattr(Unpacked, "read", counted)
        self.refused(folder, FILES[1], bomb, "3 = 3 bytes and there are more")
        assert read_bytes < 3000

    def test_the_four_arrays_share_the_limit(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = sum(array.nbytes for array in (TRAIN.x, TRAIN.y, TEST.x, TEST.y))
        monkeypatch.setattr(files, "LIMIT", whole)
        assert_equal(read(folder))
        monkeypatch.setattr(files, "LIMIT", whole - 1)
        with pytest.raises(DataError, match=r"t10k-labels.*2 = 2 bytes, expected 0 to 1"):
            read(folder)


class TestBadNpz:
    def save(self, path: Path, **changed: object) -> Path:
        arrays = {"x_train": TRAIN.x, "y_train": TRAIN.y, "x_test": TEST.x, "y_test": TEST.y} | changed
        np.savez(path, **{name: array for name, array in arrays.items() if array is not None})  # type: ignore[arg-type]
        return path

    @pytest.mark.parametrize(
        ("changed", "problem"),
        [
            ({"y_test": None}, r"has no array 'y_test' \(it holds x_train.npy"),
            ({"x_train": TRAIN.x.astype("f4")}, r"\(x_train\): holds float32, expected uint8"),
            ({"y_train": TRAIN.y.astype("i8")}, r"\(y_train\): holds int64, expected uint8"),
            ({"y_train": np.array([{}, [], "a"], object)}, r"\(y_train\): holds pickled Python objects"),
            ({"x_train": TRAIN.x.reshape(3, 784)}, r"shape \(3, 784\), expected \(n, 28, 28\)"),
            ({"x_train": TRAIN.x[:2]}, "3 labels for the 2 images"),
            ({"y_train": TRAIN.y[:, None]}, r"shape \(3, 1\), expected \(n,\)"),
            ({"y_test": np.uint8(3)}, r"shape \(\), expected \(n,\)"),
            ({"y_test": np.array([10, 1], np.uint8)}, r"\(y_test\): label 10 at index 0"),
        ],
    )
    def test_members(self, tmp_path: Path, changed: dict[str, object], problem: str) -> None:
        path = self.save(tmp_path / "a.npz", **changed)
        with pytest.raises(DataError, match=problem) as caught:
            read(path)
        assert str(path) in str(caught.value)

    @pytest.mark.parametrize("shape", ["(-1, 28, 28)", "(99999999999, 28, 28)", "(4, 28, 28)", "(2, 28, 28)", "3"])
    def test_headers_that_lie(self, npz: Path, shape: str) -> None:
        header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
        member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + TRAIN.x.tobytes()
        with zipfile.ZipFile(npz, "w") as archive:
            archive.writestr("x_train.npy", member)
        with pytest.raises(DataError, match=r"mnist\.npz"):
            read_npz(npz)

    def test_other_npy_formats(self, npz: Path) -> None:
        with zipfile.ZipFile(npz, "w") as archive:
            archive.writestr("x_train.npy", b"\x93NUMPY\x03\x00" + bytes(100))
        with pytest.raises(DataError, match=r"npy format 3\.0, expected 1\.0"):
            read_npz(npz)

    def test_a_name_that_is_there_twice(self, npz: Path) -> None:
        with zipfile.ZipFile(npz, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("x_train.npy", b"another")
        with pytest.raises(DataError, match=r"mnist\.npz: holds the array 'x_train' more than once"):
            read_npz(npz)

    def test_packing_that_numpy_does_not_use(self, npz: Path) -> None:
        with zipfile.ZipFile(npz, "w", zipfile.ZIP_LZMA) as archive:
            archive.writestr("x_train.npy", bytes(100))
        with pytest.raises(DataError, match=r"\(x_train\): is packed by method 14"):
            read_npz(npz)

    def test_a_directory_of_many_members(self, npz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(files, "STEP", 10_000)
        with zipfile.ZipFile(npz, "a") as archive:
            for number in range(300):
                archive.writestr(f"{number}", b"")
        with pytest.raises(DataError, match=r"its directory asks for [\d,]+ bytes, expected at most 10,000"):
            read_npz(npz)

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", pickle.dumps({"x_train": 1}), b"<html>not found</html>"])
    def test_no_npz_at_all(self, npz: Path, content: bytes) -> None:
        npz.write_bytes(content)
        with pytest.raises(DataError, match="cannot be read as an npz file"):
            read_npz(npz)

    def test_cut_and_altered_files_are_refused_or_without_effect(self, npz: Path) -> None:
        good = npz.read_bytes()
        for length in range(0, len(good), 61):
            npz.write_bytes(good[:length])
            with pytest.raises(DataError, match=r"mnist\.npz"):
                read_npz(npz)
        for place in range(0, len(good), 5):
            npz.write_bytes(good[:place] + bytes([good[place] ^ (1 + place % 255)]) + good[place + 1 :])
            try:
                found = read_npz(npz)
            except DataError:
                continue
            assert_equal(found)  # a byte without meaning, such as a date


def test_errors_survive_pickling() -> None:
    error = DataError("a", "b", "c")
    assert str(pickle.loads(pickle.dumps(error))) == str(error) == "a: b; c"


def test_limit_leaves_room_for_mnist_and_its_larger_relatives() -> None:
    assert files.LIMIT > 814_255 * 28 * 28  # EMNIST


def test_names_in_a_file_send_no_escape_sequences_to_a_terminal(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("\x1b[31m.npy", b"")
    with pytest.raises(DataError) as told:
        read_npz(tmp_path / "a.npz")
    assert str(told.value).isprintable()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a system with pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / FILES[0]
    os.mkfifo(pipe)
    for read_it in (lambda: read_idx(pipe, 3), lambda: read_npz(pipe)):
        with pytest.raises(DataError, match="is not a regular file"):
            read_it()
