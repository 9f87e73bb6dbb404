"""Documents of plain data and arrays; what damage to them leads to is in test_checkpoint_damage.py."""

from __future__ import annotations

import copy
import json
import os
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework.documents import CheckpointError, Document, check_format, mapping, naming, read, write

ARRAYS = {"a/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "empty": np.zeros((0, 4), np.float32)}


def document(**description: object) -> Document:
    return Document({"format": "some format", "version": 2, **description}, ARRAYS)


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
def test_data_and_arrays_come_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"some{suffix}"
    write(document(numbers=[1, 2.5], big=2**127), path, "float32")
    description, arrays = read(path)
    assert description == {"format": "some format", "version": 2, "numbers": [1, 2.5], "big": 2**127}
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)


def test_numbers_that_json_does_not_have_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write(document(loss=float("nan")), tmp_path / "some.json", "float32")
    assert not any(tmp_path.iterdir())


def test_formats_and_versions_are_told_apart() -> None:
    assert check_format(document(), {"other": 1, "some format": 2}) == "some format"
    with pytest.raises(CheckpointError, match=r"^format: it is no model file of this framework"):
        check_format(document(), {"other": 1})
    with pytest.raises(CheckpointError, match=r"^version: it has version 2, this program reads version 3"):
        check_format(document(), {"some format": 3})


def test_a_part_that_is_missing_is_named() -> None:
    assert mapping({"part": {"a": 1}}, "part") == {"a": 1}
    with pytest.raises(CheckpointError, match="'part' is missing or no mapping"):
        mapping({"part": [1]}, "part")


@pytest.mark.parametrize("suffix", [".h5", "", ".json.gz"])
def test_another_suffix_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"some{suffix}"
    with pytest.raises(ValueError, match=r"the name must end in \.json or \.safetensors"):
        write(document(), path, "float32")
    with pytest.raises(CheckpointError, match=r"a model file ends in \.json or \.safetensors"):
        read(path)


def test_an_error_names_file_place_and_reason() -> None:
    error = CheckpointError("it is too long", "model.name", "a.json")
    assert (error.file, error.place, error.reason) == ("a.json", "model.name", "it is too long")
    assert str(error) == "a.json: model.name: it is too long"
    for twin in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert (type(twin), vars(twin), str(twin)) == (CheckpointError, vars(error), str(error))
    alone = CheckpointError("it is too long")
    assert (str(alone), alone.file, alone.place) == ("it is too long", "", "")
    with pytest.raises(CheckpointError, match=r"^b\.json: here: it is too long$"), naming("b.json", "here"):
        raise alone
    with pytest.raises(CheckpointError, match=r"^a\.json: model\.name: it is too long$"), naming("b.json", "here"):
        raise error
    assert len(str(CheckpointError("x" * 10**6, "y" * 10**6))) < 2_100


def test_what_no_reader_would_take_is_not_written(tmp_path: Path) -> None:
    deep: Any = []
    for _ in range(120):
        deep = [deep]
    for value in (deep, 10**101, "\ud800", [0] * 600_000):
        for suffix in (".json", ".safetensors"):
            with pytest.raises(ValueError, match="this could not be read back: "):
                write(document(value=value), tmp_path / f"some{suffix}", "float32")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
def test_a_file_that_no_reader_would_take_for_its_size_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr("framework.documents.LARGEST_FILE", {suffix: 1_000})
    large = Document({"format": "test", "version": 1}, {"zeros": np.zeros(1_000, np.float32)})
    with pytest.raises(ValueError, match=r"this could not be read back: .* bytes are more than a file may have"):
        write(large, tmp_path / f"a{suffix}", "float32")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
def test_only_regular_files_are_read(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"folder{suffix}").mkdir()
    (tmp_path / f"device{suffix}").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / f"pipe{suffix}")
    for name in ("folder", "device", "pipe"):
        with pytest.raises(CheckpointError, match="it is not a regular file"):
            read(tmp_path / f"{name}{suffix}")


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "some.json"
    write(document(), path, "float32")
    monkeypatch.setattr(Path, "is_file", lambda self: True)
    status = os.stat_result([*path.stat()[:6], path.stat().st_size - 1, 0, 0, 0])
    monkeypatch.setattr(os, "fstat", lambda _: status)
    with pytest.raises(CheckpointError, match=r"it changed from .* bytes while it was read"):
        read(path)


def tensor(start: int, stop: int, shape: Any = (1,), dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


META = {"numpy-sequential": '{"format": "some format"}'}
FOUR = b"\0" * 4
CRAFTED: dict[str, tuple[Any, bytes, str]] = {
    "trailing bytes": ({"a": tensor(0, 4)}, FOUR + b"x", "header: .*not fully covered"),
    "a hole": ({"a": tensor(0, 4), "b": tensor(8, 12)}, FOUR * 3, "header: .*invalid offset"),
    "a hole in front": ({"a": tensor(4, 8)}, FOUR * 2, "header: .*invalid offset"),
    "two in one place": ({"a": tensor(0, 4), "b": tensor(0, 4)}, FOUR, "header: .*invalid offset"),
    "an overlap": ({"a": tensor(0, 8, [2]), "b": tensor(4, 12, [2])}, FOUR * 3, "header: .*invalid offset"),
    "backwards": ({"a": tensor(4, 0)}, FOUR, "tensor 'a': its 4 bytes cannot lie at 4 to 0"),
    "behind the end": ({"a": tensor(0, 8, [2])}, FOUR, "tensor 'a': its 8 bytes cannot lie at 0 to 8 of the 4"),
    "another shape": ({"a": tensor(0, 4, [2])}, FOUR, "tensor 'a': its 8 bytes cannot lie at 0 to 4"),
    "whole numbers": ({"a": tensor(0, 4, dtype="I32")}, FOUR, "tensor 'a': its dtype must be F32 or F64, got 'I32'"),
    "no such type": ({"a": tensor(0, 4, dtype="X9")}, FOUR, "tensor 'a': its dtype must be"),
    "no tensor": ({"a": [1]}, FOUR, "tensor 'a': its dtype must be"),
    "a negative shape": ({"a": tensor(0, 4, [-1])}, FOUR, "tensor 'a': a shape must be a list of counts"),
    "a shape that is none": ({"a": tensor(0, 4, "1")}, FOUR, "tensor 'a': a shape must be a list of counts"),
    "a huge shape": ({"a": tensor(0, 4, [2**63] * 2)}, FOUR, "tensor 'a': no file holds an array"),
    "a huge empty shape": ({"a": tensor(0, 0, [0, 2**60])}, b"", "tensor 'a': no file holds an array"),
    "many dimensions": ({"a": tensor(0, 4, [1] * 65)}, FOUR, "tensor 'a': a shape has at most 32 dimensions"),
    "no offsets": ({"a": {"dtype": "F32", "shape": [1]}}, FOUR, "tensor 'a': its data_offsets must be two counts"),
    "offsets of another kind": ({"a": tensor(False, 4)}, FOUR, "tensor 'a': its data_offsets must be two counts"),
    "two of one name": (b'{"a": {}, "a": {}}', FOUR, "header, line 1, column 11: it holds 'a' twice"),
    "no JSON": (b"{", b"", "header, line 1, column 2: it is not JSON"),
    "nested deep": (b'{"a":' * 5_000, b"", "header, line 1, column 501: it is nested deeper"),
    "a list": (b"[]", b"", "header: .*its header is no mapping"),
    "metadata that are numbers": ({"__metadata__": {"a": 1}}, b"", "header.__metadata__: .*no texts"),
    "metadata that are a list": ({"__metadata__": ["a"]}, b"", "header.__metadata__: .*no texts"),
    "no description": ({"__metadata__": {}}, b"", "header.__metadata__: it holds tensors, but no description"),
    "a description twice": (
        {"__metadata__": {"numpy-sequential": '{"a": 1, "a": 2}'}}, b"",
        r"header.__metadata__\['numpy-sequential'\], line 1, column 10: it holds 'a' twice",
    ),
    "another checksum": (
        {"__metadata__": META | {"numpy-sequential sha256": "0" * 64}, "a": tensor(0, 4)}, FOUR,
        "sha256'.*do not match their checksum",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("header", "data", "message"), CRAFTED.values(), ids=CRAFTED.keys())
def test_safetensors_that_cannot_be_are_refused(tmp_path: Path, header: Any, data: bytes, message: str) -> None:
    if isinstance(header, dict):
        header = json.dumps({"__metadata__": META} | header).encode()
    path = tmp_path / "some.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)
    with pytest.raises(CheckpointError, match=f"^{message}|{message}") as caught:
        read(path)
    assert caught.value.place


@pytest.mark.parametrize("content", [b"", b"\1\0\0", struct.pack("<Q", 2**63) + b"{}", struct.pack("<Q", 3) + b"{}"])
def test_a_header_that_ends_behind_the_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "some.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"^header: it is no safetensors file, or was cut short"):
        read(tmp_path / "some.safetensors")


def test_a_flipped_bit_in_a_tensor_is_noticed_and_a_file_without_a_checksum_is_read(tmp_path: Path) -> None:
    path = tmp_path / "some.safetensors"
    write(document(), path, "float32")
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(CheckpointError, match=r"do not match their checksum"):
        read(path)
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    del header["__metadata__"]["numpy-sequential sha256"]
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + size :])
    np.testing.assert_array_equal(read(path).arrays["a/kernel"], ARRAYS["a/kernel"])


@pytest.mark.parametrize("text", ["\x1b[31mred\x07", "\x9b31m", "a\u202eb", "\r", "\x7f"])
def test_an_error_sends_no_escape_sequences_to_a_terminal(text: str) -> None:
    told = str(CheckpointError(text, f"model.{text}", "a.json"))
    assert told.isprintable()
    assert told.startswith("a.json: model.")


def test_what_can_be_printed_stays_as_it_is() -> None:
    assert str(CheckpointError("größe 日本\nin two lines", "π")) == "π: größe 日本\nin two lines"
