"""The checker of layers: every planted fault is caught, and by the check of the right name."""

import numpy as np
import pytest

from framework.layers import Dense, Dropout, Flatten, Layer, Softmax
from framework.testing import CheckFailedError, check_layer


class Affine(Layer):
    """A right layer, y = tanh(x) W + b, for the faults to be planted in."""

    def __init__(self, units=3):
        self.units = units

    def build(self, shape):
        self.kernel = self.add_parameter("kernel", (shape[-1], self.units))
        self.bias = self.add_parameter("bias", (self.units,), "zeros")
        return (*shape[:-1], self.units)

    def forward(self, x, training=False):
        self.t = np.tanh(x)
        return self.t @ self.kernel.value + self.bias.value

    def backward(self, dy):
        self.kernel.grad[...] = self.t.T @ dy
        self.bias.grad[...] = dy.sum(axis=0)
        return (1 - self.t**2) * (dy @ self.kernel.value.T)


class MissingDerivative(Affine):
    def backward(self, dy):
        super().backward(dy)
        return dy @ self.kernel.value.T


class AccumulatedGradient(Affine):
    def backward(self, dy):
        before = self.bias.grad.copy()
        dx = super().backward(dy)
        self.bias.grad[...] += before
        return dx


class MeanInsteadOfSum(Affine):
    def backward(self, dy):
        dx = super().backward(dy)
        self.bias.grad[...] = dy.mean(axis=0)
        return dx


class UnwrittenGradient(Affine):
    def backward(self, dy):
        kept = self.bias.grad.copy()
        dx = super().backward(dy)
        self.bias.grad[...] = kept
        return dx


class ReturnsTooEarly(Affine):
    def backward(self, dy):
        if not self.needs_dx:
            self.kernel.grad[...] = self.t.T @ dy
            return None
        return super().backward(dy)


class ReturnsNothing(Affine):
    def backward(self, dy):
        super().backward(dy)


class StaleOutput(Layer):
    """Writes only what is above zero, into an array that once was all zeros."""

    def forward(self, x, training=False):
        if not hasattr(self, "y"):
            self.y = np.zeros((16, *x.shape[1:]), x.dtype)
        self.mask = x > 0
        y = self.y[: len(x)]
        y[self.mask] = x[self.mask]
        return y

    def backward(self, dy):
        return dy * self.mask


class StaleGradient(Affine):
    """Remembers the largest batch so far instead of the last."""

    def forward(self, x, training=False):
        if not hasattr(self, "largest") or len(x) > len(self.largest):
            self.largest = x.copy()
        y = super().forward(x)
        if len(x) < len(self.largest):
            self.t = np.tanh(self.largest[: len(x)])
        return y


class Float64Leak(Affine):
    def forward(self, x, training=False):
        return super().forward(x) * np.sqrt(2)


class Float64LeakBackwards(Affine):
    def backward(self, dy):
        return super().backward(dy) * np.float64(1)


class ChangesInput(Affine):
    def forward(self, x, training=False):
        if training:
            x *= 0.5
        return super().forward(x)


class ChangesInputBackwards(Layer):
    def forward(self, x, training=False):
        self.x = x
        return np.tanh(x)

    def backward(self, dy):
        self.x *= 2
        return dy * (1 - np.tanh(self.x / 2) ** 2)


class WrongPromise(Affine):
    def build(self, shape):
        super().build(shape)
        return shape


class DiagonalSoftmax(Softmax):
    def backward(self, dy):
        return dy * self.y * (1 - self.y)


class RowsReversed(Affine):
    def forward(self, x, training=False):
        return super().forward(x)[::-1]

    def backward(self, dy):
        return super().backward(dy[::-1])


class GradientRowsReversed(Affine):
    def backward(self, dy):
        return super().backward(dy)[::-1]


class AltersArgument(Affine):
    def __init__(self, units=3):
        self.units = units + 1


class ForgetsArgument(Layer):
    def __init__(self, slope=0.1):
        pass

    def forward(self, x, training=False):
        return 2 * x

    def backward(self, dy):
        return 2 * dy


@pytest.mark.parametrize(
    ("cls", "check", "said"),
    [
        (MissingDerivative, "gradients", "the gradient of the input is wrong"),
        (AccumulatedGradient, "gradients written", "adds to the gradient of 'bias'; write it with grad"),
        (MeanInsteadOfSum, "gradients", "the gradient of parameter 'bias' is wrong"),
        (UnwrittenGradient, "gradients", "the gradient of parameter 'bias' is wrong"),
        (ReturnsTooEarly, "gradients written", "gives 'bias' another gradient when needs_dx is False"),
        (ReturnsNothing, "gradients", "backward returned None although needs_dx is True"),
        (StaleOutput, "other batch sizes", "a stale buffer"),
        (StaleGradient, "other batch sizes", "a stale buffer"),
        (Float64Leak, "dtype", "float32 in, float64 out of forward"),
        (Float64LeakBackwards, "dtype", "float32 in, float64 out of backward"),
        (ChangesInput, "input unchanged", "forward changed its input"),
        (ChangesInputBackwards, "input unchanged", "backward changed the input of forward"),
        (WrongPromise, "output shape", r"build promised \(5, 4\), forward returned \(5, 3\)"),
        (DiagonalSoftmax, "gradients", "the gradient of the input is wrong"),
        (RowsReversed, "one by one", "a batch gives other outputs than its examples one by one"),
        (GradientRowsReversed, "gradients", "the gradient of the input is wrong"),
        (AltersArgument, "configuration", "from_config"),
        (ForgetsArgument, "configuration", "must store its argument 'slope' as self.slope"),
    ],
)
def test_every_fault_planted_in_a_layer_is_caught_by_name(cls, check, said):
    with pytest.raises(CheckFailedError, match=rf"^{cls.__name__}, {check}: .*{said}"):
        check_layer(cls, (4,))


def test_a_right_layer_of_a_user_passes_without_being_registered():
    passed = check_layer(Affine, (4,))
    assert passed[:4] == ["output shape", "input unchanged", "dtype", "gradients"]
    assert "model file" not in passed


def test_a_subclass_of_a_registered_layer_is_not_taken_for_it():
    own = type("Own", (Dense,), {})
    assert "model file" not in check_layer(lambda: own(3), (4,))


@pytest.mark.parametrize("make", [Flatten, Dense(3), lambda: Dropout(0.5)], ids=["class", "instance", "function"])
def test_a_layer_is_given_as_a_class_an_instance_or_a_function(make):
    assert "model file" in check_layer(make, (4,))


def test_special_inputs_are_used_and_their_gradient_is_checked():
    class Root(Layer):
        factor = 0.5

        def forward(self, x, training=False):
            self.y = np.sqrt(x)
            return self.y

        def backward(self, dy):
            return dy * self.factor / self.y

    def positive(shape):
        return np.random.default_rng(0).uniform(1, 2, shape)

    check_layer(Root, (3,), positive)
    Root.factor = 1.0
    with pytest.raises(CheckFailedError, match="Root, gradients: the gradient of the input is wrong"):
        check_layer(Root, (3,), positive)


def test_indices_have_no_gradient_to_check():
    class Lookup(Layer):
        def build(self, shape):
            self.table = self.add_parameter("table", (10,))
            return shape

        def forward(self, x, training=False):
            self.index = x.astype(int)
            return self.table.value[self.index]

        def backward(self, dy):
            self.table.grad[...] = 0
            np.add.at(self.table.grad, self.index, dy)
            return np.zeros_like(dy)

    check_layer(Lookup, (3,), lambda shape: np.random.default_rng(0).integers(0, 10, shape))


def test_an_error_inside_of_a_layer_is_reported_with_the_check():
    class Broken(Affine):
        def backward(self, dy):
            raise RuntimeError("boom")

    with pytest.raises(CheckFailedError, match="Broken, input unchanged: RuntimeError: boom"):
        check_layer(Broken, (4,))
