"""Regularizers, constraints and initializers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras: pip install -e '.[oracle]'")

import keras
import tensorflow as tf

from framework import constraints, initializers, regularizers

from ..contract.cases.constraints import CONSTRAINTS
from ..contract.cases.initializers import INITIALIZERS
from ..contract.cases.regularizers import REGULARIZERS
from .agreement import DOUBLE, RECORD, agree
from .twins import floatx, in_single, twin

SINGLE = 3e-7
ORTHOGONAL = regularizers.OrthogonalRegularizer
"""In Keras, it computes in float32 only."""
WEIGHTS = np.random.default_rng(7).standard_normal((6, 5), np.float32)
SHAPES = [(200, 100), (3, 3, 40, 60), (4, 100, 50)]
MADE = (initializers.Zeros, initializers.Ones, initializers.Constant, initializers.Identity)


def own(registry: Any) -> set[type]:
    return {cls for cls in map(registry.__getitem__, registry) if cls.__module__.startswith("framework.")}


@pytest.mark.parametrize("regularizer", [*REGULARIZERS, ORTHOGONAL(0.25), regularizers.L1L2(0.5)], ids=repr)
def test_penalties_and_their_gradients_agree(regularizer: Any) -> None:
    dtype = "float32" if isinstance(regularizer, ORTHOGONAL) else "float64"
    w, ours = WEIGHTS.astype(dtype), in_single(regularizer)
    with floatx(dtype):
        x = tf.constant(w)
        with tf.GradientTape() as tape:
            tape.watch(x)
            penalty = twin(ours)(x)
    agree(
        f"regularizers{' (float32)' * (dtype == 'float32')}",
        [ours(w), ours.gradient(w)],
        [penalty, tape.gradient(penalty, x)],
        DOUBLE if dtype == "float64" else SINGLE,
    )


@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=repr)
def test_constraints_agree(constraint: Any, scale: float) -> None:
    w, ours = WEIGHTS.astype(np.float64) * scale, in_single(constraint)
    agree("constraints", [ours(w)], [twin(ours)(tf.constant(w))])


@pytest.mark.parametrize("initializer", [i for i in INITIALIZERS if isinstance(i, MADE)], ids=repr)
def test_values_that_are_made_agree(initializer: Any) -> None:
    theirs = getattr(keras.initializers, type(initializer).__name__)(**initializer.get_config())
    for shape in [(4, 4), (3, 5)]:
        agree("initializers", [initializer(shape, dtype="float64")], [theirs(shape, dtype="float64")])


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference between two distributions (Kolmogorov and Smirnov's)."""
    a, b = np.sort(a.ravel()), np.sort(b.ravel())
    values = np.concatenate([a, b])
    shares = [np.searchsorted(side, values, "right") / side.size for side in (a, b)]
    return float(np.abs(shares[0] - shares[1]).max())


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
@pytest.mark.parametrize("initializer", [i for i in INITIALIZERS if not isinstance(i, MADE)], ids=repr)
def test_values_that_are_drawn_are_distributed_alike(initializer: Any, shape: tuple[int, ...]) -> None:
    theirs = getattr(keras.initializers, type(initializer).__name__)(**initializer.get_config() | {"seed": 1})
    a, b = initializer(shape, np.random.default_rng(8)), np.asarray(theirs(shape, dtype="float32"))
    RECORD.note("initializers: distributions", 1, distance(a, b))
    assert distance(a, b) < 2.5 * np.sqrt(2 / a.size)  # as happens to equal distributions but once in 10^5
    assert np.abs(a).max() == pytest.approx(np.abs(b).max(), rel=0.01 if "Uniform" in repr(initializer) else 0.25)
    if isinstance(initializer, initializers.Orthogonal):
        for kernel in (a, b):
            q = kernel.reshape(-1, shape[-1])
            np.testing.assert_allclose(q.T @ q, np.eye(shape[-1]), atol=1e-5)


@pytest.mark.parametrize("shape", [(7,), (3, 4), (2, 3, 4), (2, 3, 4, 5)], ids=repr)
def test_fans_agree(shape: tuple[int, ...]) -> None:
    from keras.src.initializers.random_initializers import compute_fans

    assert initializers.fans(shape) == compute_fans(shape)


def test_none_is_left_out() -> None:
    assert {type(case) for case in REGULARIZERS} >= own(regularizers.registry)
    assert {type(case) for case in CONSTRAINTS} >= own(constraints.registry)
    assert {type(case) for case in INITIALIZERS} >= own(initializers.registry)
