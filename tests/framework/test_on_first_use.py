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
