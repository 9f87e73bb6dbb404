"""Names that are imported when they are asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from framework.on_first_use import on_first_use

ROOT = Path(__file__).parents[2]


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_family_is_imported_with_the_first_of_its_names() -> None:
    program = """
import framework, sys
before = set(sys.modules)
framework.layers.MaxPool2D
print(*sorted(set(sys.modules) - before))
"""
    imported = run(program).split()
    assert "framework.layers.pooling" in imported
    assert "framework.layers.convolution" not in imported


def test_a_name_in_a_description_finds_its_family() -> None:
    program = (
        "import framework; print(framework.Sequential(['gelu', {'conv2d': {'filters': 2, 'kernel_size': 3}}]).layers)"
    )
    assert "Conv2D(filters=2" in run(program.replace("'gelu', ", "{'activation': {'activation': 'gelu'}}, "))


def test_a_wrong_name_is_answered_with_all_there_are() -> None:
    program = """
import framework
try:
    framework.layers.get("con2d")
except ValueError as error:
    print(error)
"""
    answer = run(program)
    assert "did you mean 'conv2d'?" in answer
    assert "upsampling2d" in answer.replace("_", "")


def test_a_name_of_a_family_that_is_not_imported_yet_is_taken_all_the_same() -> None:
    program = """
from framework import layers
try:
    @layers.register
    class Conv2D(layers.Layer): pass
except ValueError as error:
    print(error)
"""
    assert "the layer name 'conv2d' is taken by framework.layers.convolution.Conv2D" in run(program)


def test_other_names_are_no_attributes() -> None:
    with pytest.raises(AttributeError, match="module 'json' has no attribute 'nothing'"):
        on_first_use("json", {"decoder": ["JSONDecoder"]})("nothing")


def test_threads_that_ask_at_once_all_find_what_they_ask_for() -> None:
    program = """
import framework
from concurrent.futures import ThreadPoolExecutor
names = ["conv2d", "residual", "batch_normalization", "max_pooling2d", "embedding", "identity"] * 4
with ThreadPoolExecutor(8) as pool:
    print(len(list(pool.map(framework.layers.registry.__getitem__, names))))
"""
    assert run(program) == "24"


def test_a_family_that_could_not_be_imported_is_tried_again() -> None:
    program = """
import framework, sys
sys.modules["framework.layers.pooling"] = None
try:
    framework.layers.registry["conv2x"]
except ImportError:
    print("failed")
del sys.modules["framework.layers.pooling"]
print(framework.layers.registry["global_max_pooling2d"].__name__, framework.layers.registry["max_pooling2d"].__name__)
"""
    assert run(program).split() == ["failed", "GlobalMaxPooling2D", "MaxPooling2D"]
