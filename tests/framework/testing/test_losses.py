"""The checker of losses: every planted fault is caught, and by the check of the right name."""

import numpy as np
import pytest

from framework.losses import CategoricalCrossentropy, Crossentropy, Dice, Loss, MeanSquaredError
from framework.testing import CheckFailedError, check_loss


class Squares(Loss):
    """A right loss: the sum of squares."""

    def values(self, y_true, y_pred):
        return ((y_pred - y_true) ** 2).sum(axis=-1)

    def gradient(self, y_true, y_pred):
        return 2 * (y_pred - y_true)


class HalfGradient(Squares):
    def gradient(self, y_true, y_pred):
        return y_pred - y_true


class ValueOfBatch(Squares):
    def values(self, y_true, y_pred):
        return np.array([super().values(y_true, y_pred).sum()])


class AnotherValue(Squares):
    def value_and_gradient(self, y_true, y_pred, sample_weight=None):
        value, gradient = super().value_and_gradient(y_true, y_pred, sample_weight)
        return 2 * value, gradient


class ChangesPredictions(Squares):
    def gradient(self, y_true, y_pred):
        y_pred -= y_true
        return 2 * y_pred


class IgnoresWeights(Squares):
    def reduce(self, values, sample_weight=None, counted=None):
        return super().reduce(values, None, counted)


class BadlyFused(CategoricalCrossentropy):
    def fused_value_and_gradient(self, y_true, output, y_pred, sample_weight=None):
        value, gradient = super().fused_value_and_gradient(y_true, output, y_pred, sample_weight)
        return value, gradient * len(y_pred)


class BadlyFusedByShape(Crossentropy):
    def fused_value_and_gradient(self, y_true, output, y_pred, sample_weight=None):
        value, gradient = super().fused_value_and_gradient(y_true, output, y_pred, sample_weight)
        return value + 1, gradient


class AltersSmoothing(CategoricalCrossentropy):
    def __init__(self, label_smoothing=0.1):
        super().__init__(label_smoothing=label_smoothing / 2)


@pytest.mark.parametrize(
    ("cls", "check", "said"),
    [
        (HalfGradient, "gradient", "the gradient is wrong"),
        (ValueOfBatch, "value", "values has 1 rows for 2 samples"),
        (AnotherValue, "value", "value_and_gradient says"),
        (ChangesPredictions, "arguments unchanged", "y_pred was changed"),
        (IgnoresWeights, "weights", "weights of zero leave a loss or a gradient"),
        (BadlyFused, "fused form", "the fused gradient differs from the one in two steps"),
        (BadlyFusedByShape, "fused form", "fused it gives"),
        (AltersSmoothing, "configuration", "from_config"),
    ],
)
def test_every_fault_planted_in_a_loss_is_caught_by_name(cls, check, said):
    with pytest.raises(CheckFailedError, match=rf"^{cls.__name__}, {check}: .*{said}"):
        check_loss(cls, [[1.0, 0.0], [0.0, 1.0]], [[0.6, 0.4], [0.3, 0.7]])


@pytest.mark.parametrize(
    ("loss", "fused"),
    [(Squares, False), (MeanSquaredError(), False), (CategoricalCrossentropy, True), (Crossentropy(), True)],
)
def test_a_right_loss_passes_and_only_one_that_absorbs_is_checked_fused(loss, fused):
    passed = check_loss(loss, [[1.0, 0.0], [0.0, 1.0]], [[0.6, 0.4], [0.3, 0.7]], [1.0, 2.0])
    assert ("fused form" in passed) is fused


@pytest.mark.parametrize("loss", [Dice(), Dice(axis=-1)], ids=repr)
def test_a_single_loss_for_the_whole_batch_is_as_good_as_one_a_sample(loss):
    assert "value" in check_loss(loss, [[1.0, 0.0], [0.0, 1.0]], [[0.6, 0.4], [0.3, 0.7]], [1.0, 2.0])
