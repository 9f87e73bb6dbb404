"""Documents of plain data and arrays; what damage to them leads to is in test_checkpoint_damage.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from framework.documents import CheckpointError, Document, check_format, mapping, read, write

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
    with pytest.raises(CheckpointError, match="it is no model file of this framework"):
        check_format(document(), {"other": 1})
    with pytest.raises(CheckpointError, match="it has version 2, this program reads version 3"):
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
