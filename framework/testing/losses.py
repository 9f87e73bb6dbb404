"""The check of a loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..layers import Sigmoid, Softmax
from ..losses import Loss
from ..parameters import Array
from .base import STEP, TOLERANCE, factory, require, run_checks


def check_loss(make: Callable[[], Loss] | Loss, y_true: Any, y_pred: Any, sample_weight: Any = None) -> list[str]:
    """Checks a loss on these targets and predictions, which should be away from kinks such as equal numbers.

    Checked: arguments left alone; value and gradient agree with the loss alone and with central
    differences; sample weights of one change nothing and weights of zero leave nothing; the form fused with
    the output layer it absorbs, if any, equals the two-step one; configuration round trip.

    >>> from framework.losses import MeanSquaredError
    >>> check_loss(MeanSquaredError, [[0.0], [1.0]], [[0.5], [2.0]])[:3]
    ['arguments unchanged', 'value', 'gradient']
    """
    check = _LossCheck(factory(make), np.asarray(y_true), np.asarray(y_pred, np.float64), sample_weight)
    checks: dict[str, Callable[[], None]] = {
        "arguments unchanged": check.arguments_unchanged,  # first: the others use the same arrays
        "value": check.value,
        "gradient": check.gradient,
        "weights": check.weights,
        "configuration": check.configuration,
    }
    if check.output is not None:
        checks["fused form"] = check.fused_form
    return run_checks(checks, check.label)


class _LossCheck:
    def __init__(self, make: Callable[[], Loss], y_true: Array, y_pred: Array, sample_weight: Any) -> None:
        self.make, self.y_true, self.y_pred = make, y_true, y_pred
        self.sample_weight = sample_weight
        loss = make()
        self.label = type(loss).__name__
        # A loss that names no output layer may still absorb one, by its own `can_absorb`.
        outputs = [cls() for cls in (loss.absorbs, Softmax, Sigmoid) if cls is not None]
        self.output = next((output for output in outputs if loss.can_absorb(output)), None)

    def value(self) -> None:
        loss = self.make()
        alone = loss(self.y_true, self.y_pred, self.sample_weight)
        value, _ = loss.value_and_gradient(self.y_true, self.y_pred, self.sample_weight)
        require(isinstance(value, float), f"value_and_gradient gives a {type(value).__name__}, not a float")
        require(bool(np.isclose(alone, value)), f"the loss is {alone}, value_and_gradient says {value}")
        per_sample = loss.values(*loss.aligned(self.y_true, self.y_pred))
        if per_sample.ndim:  # otherwise one loss for the whole batch
            n = len(self.y_pred)
            require(len(per_sample) == n, f"values has {len(per_sample)} rows for {n} samples")

    def gradient(self) -> None:
        loss = self.make()
        _, gradient = loss.value_and_gradient(self.y_true, self.y_pred, self.sample_weight)
        require(
            gradient.shape == self.y_pred.shape, f"the gradient has shape {gradient.shape}, not {self.y_pred.shape}"
        )
        v = np.random.default_rng(0).standard_normal(self.y_pred.shape) * STEP
        above, below = (loss(self.y_true, self.y_pred + side, self.sample_weight) for side in (v, -v))
        numeric, exact = float(above - below) / 2 / STEP, float(np.vdot(gradient, v)) / STEP
        require(
            abs(exact - numeric) <= TOLERANCE * max(1.0, abs(exact)),
            f"the gradient is wrong: it gives {exact:.8g}, differences give {numeric:.8g}",
        )

    def weights(self) -> None:
        loss, n = self.make(), len(self.y_pred)
        plain_value, ones = loss(self.y_true, self.y_pred), loss(self.y_true, self.y_pred, np.ones(n))
        require(bool(np.isclose(plain_value, ones)), f"weights of one change {plain_value} to {ones}")
        zeros, gradient = loss.value_and_gradient(self.y_true, self.y_pred, np.zeros(n))
        require(zeros == 0 and not gradient.any(), "weights of zero leave a loss or a gradient")

    def arguments_unchanged(self) -> None:
        y_true, y_pred = self.y_true.copy(), self.y_pred.copy()
        self.make().value_and_gradient(y_true, y_pred)
        require(np.array_equal(y_true, self.y_true), "y_true was changed")
        require(np.array_equal(y_pred, self.y_pred), "y_pred was changed")

    def fused_form(self) -> None:
        loss, output = self.make(), self.output
        assert output is not None
        output.set_dtype("float64")
        x = np.random.default_rng(1).standard_normal(self.y_pred.shape)
        y_pred = output(x)
        value, dy = loss.value_and_gradient(self.y_true, y_pred, self.sample_weight)
        dx = output.backward(dy.copy())
        output.forward(x)
        weight = None if self.sample_weight is None else np.asarray(self.sample_weight, np.float64)
        fused_value, fused_dx = loss.fused_value_and_gradient(self.y_true, output, y_pred, weight)
        assert dx is not None
        require(bool(np.isclose(value, fused_value)), f"fused it gives {fused_value}, in two steps {value}")
        require(np.allclose(dx, fused_dx), "the fused gradient differs from the one in two steps")

    def configuration(self) -> None:
        loss = self.make()
        again = type(loss).from_config(loss.get_config())
        require(again.get_config() == loss.get_config(), f"from_config(get_config()) gives {again!r}, not {loss!r}")
