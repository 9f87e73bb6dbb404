"""A file that is no whole, unaltered model is a CheckpointError that names it, and nothing else."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framework import Input, Sequential, layers, load_model, optimizers
from framework.checkpoint import CheckpointError

SUFFIXES = [
    ".json",
    pytest.param(
        ".safetensors",
        marks=pytest.mark.skipif(not find_spec("safetensors"), reason="needs the package safetensors"),
    ),
]


def build(dtype: str = "float32") -> Sequential:
    inner = Sequential([layers.Dense(5, "tanh", name="hidden")], name="inner")
    net = Sequential([Input((4,)), inner, layers.Dropout(0.5), layers.Dense(3, "softmax")], "net", seed=3, dtype=dtype)
    net.compile(optimizers.Adam(0.01), "sparse_categorical_crossentropy", ["acc"], ["acc"])
    net.metadata = {"classes": ["a", "b"], "best": 0.5}
    return net


def saved(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    build().save(tmp_path / "model.json")
    return tmp_path / "model.json", json.loads((tmp_path / "model.json").read_text())


def refused(path: Path, content: bytes | str | dict[str, Any]) -> str:
    """What is said about a file with this content."""
    text = json.dumps(content) if isinstance(content, dict) else content
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CheckpointError) as caught:
        load_model(path)
    error = caught.value
    assert (error.file, str(error)) == (str(path), f"{path}: {error.place}: {error.reason}")
    assert error.place
    return str(caught.value).removeprefix(f"{path}: ")


Damage = Callable[[dict[str, Any]], Any]


def at(*path: Any, value: Any) -> Damage:
    """Replaces what stands there."""

    def damage(document: dict[str, Any]) -> None:
        place: Any = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return damage


OUTPUT, LAYERS = ("model", "layers", -1), ("model", "layers")
DAMAGES: list[tuple[Damage, str]] = [
    (at("format", value="another"), "format: it is no model file of this framework"),
    (at("version", value=2), "version: it has version 2, this program reads version 1"),
    (at("model", value=None), "model: 'model' is missing or no mapping"),
    (at("weights", value=[]), "weights: 'weights' is missing or no mapping"),
    (at("weights", "shapes", value=[]), r"weights\.shapes: 'shapes' is missing or no mapping"),
    (at("metadata", value=3), "metadata: 'metadata' is missing or no mapping"),
    (at("compile", value=[3]), "compile: 'compile' is missing or no mapping"),
    (at("compile", "optimizer", value="adm"), r"compile\.optimizer: .*unknown optimizer 'adm'; did you mean 'adam'"),
    (at("compile", "loss", value="mze"), r"compile\.loss: .*unknown loss 'mze'"),
    (at("compile", "metrics", value=["acc", "ac"]), r"compile\.metrics: .*unknown metric 'ac'"),
    (at("compile", "speed", value=1), "compile: .*unexpected keyword argument 'speed'"),
    (at(*LAYERS, value=[]), r"model\.layers: .*must be an input"),
    (at(*LAYERS, value="dense"), r"model\.layers: the layers of a model must be a list"),
    (at(*LAYERS, value=["dense"] * 2), r"model\.layers\[0\]\.dense\.units: .*the argument 'units' is missing"),
    (at(*LAYERS, 0, value="flatten"), r"model\.layers: .*must be an input"),
    (at(*LAYERS, 2, value=7), r"model\.layers\[2\]: .*expected a layer, got 7"),
    (at(*OUTPUT, value={"os.system": "echo"}), r"model\.layers\[3\]\.os\.system: .*unknown layer 'os\.system'"),
    (
        at(*OUTPUT, value={"dense": {"units": 10**12}}),
        r"dense/kernel: these weights have shape \(5, 3\), the model needs \(5, 1000000000000\)",
    ),
    (at(*OUTPUT, value={"dense": {"units": 10**400}}), r"line \d+, column \d+: the number .* has 401 characters"),
    (at(*OUTPUT, value={"dense": {"units": -1}}), r"model\.layers\[3\]\.dense\.units: .* got -1"),
    (
        at(*LAYERS, 1, "sequential", "layers", 0, value={"dense": {"units": 5, "activation": "tanhh"}}),
        r"model\.layers\[1\]\.sequential\.layers\[0\]\.dense: .*unknown activation 'tanhh'",
    ),
    (
        at(*LAYERS, 1, "sequential", "layers", 0, value={"dense": 0.5}),
        r"model\.layers\[1\]\.sequential\.layers\[0\]\.dense\.units: ",
    ),
    (at(*OUTPUT, value={"dense": {"units": 3, "use_bias": False}}), "dense/bias: there are weights of this name"),
    (at(*OUTPUT, value={"dense": {"units": 3, "name": "other"}}), "other/kernel: these weights are missing"),
    (at(*OUTPUT, value={"dense": {"units": 3, "name": "inner"}}), r"model\.layers\[3\]\.dense: .*must be unique"),
    (
        at(*OUTPUT, value={"dense": {"units": 3, "name": "x" * 10**6}}),
        "^x{400,} … x{400,}/kernel: these weights are missing",
    ),
    (at(*OUTPUT, value={"x" * 10**6: {"units": 3}}), r"model\.layers\[3\]\.x{400,} … x{400,}: .*unknown layer"),
    (
        at(*LAYERS, 1, value={"sequential": {"layers": [{"input": [[4]]}, {"dense": 10**12}], "name": "inner"}}),
        r"model\.layers\[1\]\.sequential",
    ),
    (
        at(*LAYERS, 1, value={"sequential": {"layers": [{"input": {"shape": [4]}}, {"dense": 10**12}]}}),
        "dense/kernel: these weights are missing",
    ),
    (
        at(*LAYERS, 0, value={"input": {"shape": [10**12]}}),
        r"model\.layers\[1\]\.sequential: .*was built for examples of shape \(4,\), not \(1000000000000,\)",
    ),
    (at(*LAYERS, value=["relu"] * 10_000), r"model: .*at most 1,000 layers in a row, got 10,000"),
    (at(*LAYERS, value=[[["relu"] * 900] * 12]), r"model: .*at most 10,000 values"),
    (at("model", "dtype", value="float64"), "are float32 numbers, the model's are float64"),
    (at("model", "dtype", value="float16"), "model: .*dtype must be 'float32' or 'float64'"),
    (at("model", "seed", value="x"), "model: the model's description is not valid"),
    (at("model", "surprise", value=1), "model: .*unknown argument 'surprise'"),
    (at("weights", "dtype", value="float16"), r"weights\.dtype: it must be 'float32' or 'float64', got 'float16'"),
    (at("weights", "dtype", value="float64"), r"weights\.data: .*its shapes ask for"),
    (at("weights", "shapes", "dense/bias", value=[10**8]), "its shapes ask for 100,000,040 float32 numbers"),
    (at("weights", "shapes", "dense/bias", value=[10**12]), r"weights\.shapes\['dense/bias'\]: no file holds an array"),
    (at("weights", "shapes", "dense/bias", value=[0, 10**12]), r"weights\.shapes\['dense/bias'\]: no file holds"),
    (
        at("weights", "shapes", "dense/bias", value=[1] * 33),
        r"weights\.shapes\['dense/bias'\]: .*at most 32 dimensions",
    ),
    (
        at("weights", "shapes", "dense/bias", value=[-3]),
        r"weights\.shapes\['dense/bias'\]: a shape must be a list of counts, got \[-3\]",
    ),
    (at("weights", "shapes", "dense/bias", value=[True]), r"weights\.shapes\['dense/bias'\]: .*list of counts"),
    (at("weights", "shapes", "dense/bias", value="3"), r"weights\.shapes\['dense/bias'\]: .*list of counts"),
    (at("weights", "shapes", "dense/bias", value=[1, 3]), r"dense/bias: .*have shape \(1, 3\), the model needs \(3,\)"),
    (at("weights", "shapes", value={str(i): [0] for i in range(100_001)}), r"weights\.shapes: 100,001 arrays are more"),
    (at("weights", "data", value="!!"), r"weights\.data: it holds 2 characters of base64"),
    (at("weights", "data", value="ä" + "A" * 226), r"weights\.data: it is no base64"),
    (at("weights", "data", value="!" * 232), r"weights\.data: it is no base64"),
    (at("weights", "data", value="=" * 232), r"weights\.data: it is no base64"),
    (at("weights", "data", value="A" * 231 + "="), r"weights\.data: "),
    (at("weights", "data", value=None), r"weights\.data: it is no base64 text"),
    (at("weights", "data", value={"data": "A" * 232}), r"weights\.data: it is no base64 text"),
    (at("weights", "data", value="AAAA"), r"weights\.data: it holds 4 characters of base64, its shapes ask for 43"),
    (at("weights", "sha256", value="0" * 64), r"weights\.sha256: .*the file has been altered"),
    (at("weights", "sha256", value=["0"]), r"weights\.sha256: .*the file has been altered"),
]


@pytest.mark.parametrize(("damage", "message"), DAMAGES)
def test_a_damaged_description_is_refused_by_name_and_allocates_nothing(
    tmp_path: Path, damage: Damage, message: str
) -> None:
    path, document = saved(tmp_path)
    damage(document)
    tracemalloc.start()
    try:
        said = refused(path, document)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert re.search(message, said), said
    assert peak < 5_000_000 + 50 * path.stat().st_size


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1, column 1: it is not JSON, or was cut short"),
        (b"\xff\xfe\xfa", "line 1, column 1: it is not JSON, or was cut short"),
        (b"[1, 2]", "it is no model file of this framework"),
        (b"null", "it is no model file of this framework"),
        (b'{"format": 1,\n "format": 2}', "line 2, column 2: it holds 'format' twice"),
        (b"[" * 100_000, "line 1, column 101: it is nested deeper than 100 levels"),
        (b'{"a":' * 100_000, "line 1, column 501: it is nested deeper than 100 levels"),
        (b"1" * 10_000, "line 1, column 1: the number 111111111111… has 10,000 characters"),
        (b'{"format": NaN}', "line 1, column 12: it is not JSON, or was cut short ('NaN' is no value)"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    assert message in refused(tmp_path / "model.json", content)


def test_models_within_models_without_end_are_refused(tmp_path: Path) -> None:
    path, document = saved(tmp_path)
    layer: Any = {"dense": 3}
    for _ in range(150):
        layer = {"sequential": {"layers": [layer]}}
    document["model"]["layers"][-1] = layer
    refused(path, document)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = saved(tmp_path)
    monkeypatch.setattr("framework.documents.LARGEST_FILE", {".json": 100})
    with pytest.raises(CheckpointError, match=r"bytes are more than a model file may have \(100\)"):
        load_model(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    build().save(path)
    whole = path.read_bytes().rstrip(b"\n")
    for length in range(0, len(whole), 37):
        refused(path, whole[:length])
    refused(path, whole[:-1])


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_altered_file_is_refused_or_still_a_model(tmp_path: Path, suffix: str, data: st.DataObject) -> None:
    path = tmp_path / f"model{suffix}"
    build().save(path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.sampled_from([0, 1, 1, 10]))
        content[start : start + length] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b"9", b"[", b"null", b'"'])
        )
    path.write_bytes(content)
    try:
        assert load_model(path).built
    except CheckpointError as refusal:
        error = refusal
    else:
        return
    assert str(error).startswith(f"{path}: ")
    assert error.place


def test_a_flipped_byte_in_the_weights_is_noticed(tmp_path: Path) -> None:
    path, document = saved(tmp_path)
    text = document["weights"]["data"]
    for i in range(0, len(text) - 4, 5):
        flipped = "B" if text[i] == "A" else "A"
        document["weights"]["data"] = text[:i] + flipped + text[i + 1 :]
        assert "the file has been altered" in refused(path, document)
