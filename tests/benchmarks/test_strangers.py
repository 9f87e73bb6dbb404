"""Digits of strangers are by nobody whom the default model was trained on."""

from __future__ import annotations

from pathlib import Path

import apps.mnist.data  # noqa: F401  # registers the datasets
from apps.mnist.strokes import Pendigits
from benchmarks.strangers import JUDGES
from framework import config
from framework.data import Mix
from framework.data.datasets import registry

RECIPE = Path(__file__).parents[2] / "configs" / "digits_everyone.yaml"


def test_the_writers_are_kept_apart_as_in_the_recipe() -> None:
    mix = registry.create(config.load(RECIPE).settings.data)
    assert isinstance(mix, Mix)
    [own] = [part for part in mix.datasets if isinstance(part, Pendigits)]
    assert (own.validation, own.test, own.fold) == (JUDGES.validation, JUDGES.test, JUDGES.fold)
