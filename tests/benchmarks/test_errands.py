"""What only we are measured in gives sensible figures; small, and each in a process of its own."""

from __future__ import annotations

import pytest

from benchmarks import mnist, resident
from benchmarks.processes import PeerError, once

pytestmark = pytest.mark.slow
ERRANDS = "benchmarks.errands"


def test_an_unknown_errand_fails_in_a_sentence() -> None:
    with pytest.raises(PeerError, match="UnknownNameError: unknown transform 'upside_down'"):
        once("seconds", ERRANDS, do="augment", transform={"upside_down": {}}, images=128)


def test_augmenting_and_loading_take_time() -> None:
    assert once("seconds", ERRANDS, do="augment", transform={"random_affine": {"rotation": 8}}, images=256) > 0
    assert 0 < once("seconds", ERRANDS, do="load") < 10


@pytest.mark.skipif(not resident.STATUS.exists(), reason="this system has no /proc")
def test_training_from_a_file_keeps_none_of_it_in_memory() -> None:
    assert once("megabytes", ERRANDS, do="file", megabytes=96) < 24


def test_parameters_take_what_they_and_their_gradients_need() -> None:
    sgd, adam = (once("bytes", ERRANDS, do="parameters", count=4_000_000, optimizer=name) for name in ("sgd", "adam"))
    assert 8 <= sgd < 24  # value and gradient, 4 bytes each, and what making them takes
    assert 16 <= adam < 32  # two moments more


def test_the_recipe_runs_and_takes_memory() -> None:
    assert 30 < once("peak", ERRANDS, do="recipe", data=str(mnist.SAMPLE), quick=True) < 1000
