"""Every activation far out, at its kinks, and near zero; what lies between is in `test_layers.py`."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras: pip install -e '.[oracle]'")

import tensorflow as tf

from framework import activations, layers
from framework.activations import Activation

from ..contract.cases.activations import ACTIVATIONS
from .agreement import DOUBLE, agree
from .twins import in_single, twin

PLACES = [1e4, 700, 100, 40, 20, 6, 4, 3, 2, 1, 0.5, 1e-3, 1e-9, 0.0]
POINTS = np.array([*(-p for p in PLACES), *PLACES])
OF_SEVERAL = (activations.Sparsemax, activations.Glu, activations.Softmax, activations.LogSoftmax)
"""Functions of a whole row, which one number is not."""

CASES = [function for function in ACTIVATIONS if not isinstance(function, OF_SEVERAL)]
TOLERANCES = {
    activations.Gelu: (1e-7, "Keras keeps the square roots of 2 and of 2/π in float32"),
    activations.Squareplus: (1e-11, "at -10000, Keras subtracts 10000 from a little more than 10000"),
}


@pytest.mark.parametrize("function", CASES, ids=repr)
def test_values_and_slopes_agree_everywhere(function: Activation) -> None:
    ours = in_single(function)
    layer = layers.Activation(ours)
    layer.set_dtype("float64")
    y = layer(POINTS[:, None])
    slopes = layer.backward(np.ones_like(y))
    x = tf.constant(POINTS[:, None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        expected = twin(ours)(x)
    expected_slopes = tape.gradient(expected, x).numpy()
    if isinstance(
        ours, activations.Celu
    ):  # Keras's, a sum of two maxima, has the slope 2 at 0, on both sides of which it is 1
        expected_slopes[POINTS == 0] = 1
    tolerance = TOLERANCES.get(type(ours), (DOUBLE,))[0]
    for found, wanted in ((y, expected.numpy()), (slopes, expected_slopes)):
        for a, b in zip(
            found.ravel(), wanted.ravel(), strict=True
        ):  # one by one, so that large ones hide no small ones
            agree("activations", [a], [b], tolerance)


def test_no_activation_is_left_out() -> None:
    registry = activations.registry
    own = {cls for cls in map(registry.__getitem__, registry) if cls.__module__.startswith("framework.")}
    assert {type(function) for function in ACTIVATIONS} >= own
