"""The layer that gives every feature mean 0 and variance 1 over the batch."""

from __future__ import annotations

import math

import numpy as np

from .. import initializers
from ..arguments import is_number, require
from ..constraints import ConstraintSpec
from ..initializers import InitializerSpec
from ..parameters import Array, Shape
from ..regularizers import RegularizerSpec
from .base import registry
from .normalization import NormalizationLayer, axes_of, check_axis, sum_over


@registry.register
class BatchNormalization(NormalizationLayer):
    """y = (x - mean) / √(variance + epsilon) · gamma + beta, for each feature along `axis`.

    While training, mean and variance are those of the feature in the batch (over all other axes), and moving
    averages follow them: moving = momentum · moving + (1 - momentum) · batch. Otherwise they are these averages;
    so they are, even in training, when the layer is frozen (trainable=False), and then nothing moves.
    The variance is the mean of the squares, n in the denominator, also in the moving average.

    axis: that of the features, counted in a batch, never its axis 0.
    momentum: how much of the moving averages stays at every step, in [0, 1].

    Defaults and weights are as in Keras; gamma, beta, and in the state moving_mean, moving_variance.

    moving_mean_initializer: makes the first moving mean.
    moving_variance_initializer: makes the first moving variance.

    Shapes: (batch, ..., features) -> the same. Raises ArgumentError for arguments that make no sense,
    UnknownNameError for initializers, regularizers and constraints that are not registered; building raises
    ValueError when the examples have no such axis. Source: Ioffe & Szegedy 2015.

    >>> BatchNormalization()([[0.0, 5.0], [10.0, 5.0]], training=True).round(3)
    array([[-1.,  0.],
           [ 1.,  0.]], dtype=float32)
    """

    kept_for_backward = ("x", "_mean", "_residue", "_inverse")
    axis: int
    _residue: Array | float

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerSpec = "zeros",
        gamma_initializer: InitializerSpec = "ones",
        moving_mean_initializer: InitializerSpec = "zeros",
        moving_variance_initializer: InitializerSpec = "ones",
        beta_regularizer: RegularizerSpec | None = None,
        gamma_regularizer: RegularizerSpec | None = None,
        beta_constraint: ConstraintSpec | None = None,
        gamma_constraint: ConstraintSpec | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(
            axis,
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            name,
            trainable,
        )
        check_axis(self, axis, several=False)
        require(is_number(momentum, 0, 1), self, "momentum", momentum, "a number between 0 and 1")
        for initializer in (moving_mean_initializer, moving_variance_initializer):
            initializers.get(initializer)
        self.momentum = momentum
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer

    def build(self, shape: Shape) -> Shape:
        (axis,) = axes_of(self, self.axis, shape)
        features = shape[axis - 1]
        self._others = tuple(a for a in range(1 + len(shape)) if a != axis)
        self._features_view = tuple(features if a == axis else 1 for a in range(1 + len(shape)))
        self.add_gamma_and_beta((features,))
        self.moving_mean = self.add_parameter("moving_mean", (features,), self.moving_mean_initializer, trainable=False)
        self.moving_variance = self.add_parameter(
            "moving_variance", (features,), self.moving_variance_initializer, trainable=False
        )
        return shape

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x
        self._on_batch = training and self.trainable
        y = self.buffer_like("y", x)
        # Numbers far from zero are brought near it before anything else, which is exact; hence no x · slope first.
        if self._on_batch:
            centered = self.buffer_like("centered", x)
            mean, residue, variance = self._statistics(x, centered, scratch=y)
            self._move_averages(mean + residue, variance)
        else:
            mean, residue, variance = self.moving_mean.value.copy(), 0.0, self.moving_variance.value
            centered = np.subtract(x, self._wide(mean), out=y)
        inverse = 1 / np.sqrt(variance + self.epsilon)
        slope = inverse if self.gamma is None else inverse * self.gamma.value
        offset = -residue * slope
        if self.beta is not None:
            offset += self.beta.value
        np.multiply(centered, self._wide(slope), out=y)
        y += self._wide(offset)
        self._mean, self._residue, self._inverse = mean, residue, inverse
        return y

    def _statistics(self, x: Array, centered: Array, scratch: Array) -> tuple[Array, Array | float, Array]:
        """Mean, residue and variance of the batch; what goes into `centered` is x - mean.

        The residue is what rounding has left of the mean in `centered`: it is cheaper to account for than to subtract.
        """
        mean = self._average(x)
        np.subtract(x, self._wide(mean), out=centered)
        residue = self._average(centered)
        np.multiply(centered, centered, out=scratch)
        variance = self._average(scratch)
        variance -= residue * residue
        return mean, residue, np.maximum(variance, 0, out=variance)

    def _move_averages(self, mean: Array, variance: Array) -> None:
        for moving, batch in ((self.moving_mean.value, mean), (self.moving_variance.value, variance)):
            moving *= self.momentum
            moving += batch * (1 - self.momentum)

    def backward(self, dy: Array) -> Array | None:
        work = self.buffer_like("work", self.x)
        dy = self.lying_like(work, dy)
        if self._on_batch:
            centered = self.buffer_like("centered", self.x)
        else:
            centered = np.subtract(self.x, self._wide(self._mean), out=work)
        sums = sum_over(self, dy, self._others)
        np.multiply(dy, centered, out=work)
        products = sum_over(self, work, self._others)
        products -= self._residue * sums
        products *= self._inverse  # Σ dy · x̂
        if self.gamma is not None:
            self.gamma.grad[...] = products
        if self.beta is not None:
            self.beta.grad[...] = sums
        if not self.needs_dx:
            return None
        slope = self._inverse if self.gamma is None else self._inverse * self.gamma.value
        dy *= self._wide(slope)
        if self._on_batch:
            # What mean and variance of the batch take back: the part of the gradient along 1 and along x̂.
            share = slope / self._count(dy)
            along_centered = share * products * self._inverse
            along_one = share * sums - self._residue * along_centered
            np.multiply(centered, self._wide(along_centered), out=work)
            work += self._wide(along_one)
            dy -= work
        return dy

    def _count(self, x: Array) -> int:
        """Of how many numbers the batch has each feature."""
        return max(1, int(math.prod(x.shape[a] for a in self._others)))

    def _average(self, x: Array) -> Array:
        sums = sum_over(self, x, self._others)
        sums /= self._count(x)
        return sums

    def _wide(self, features: Array) -> Array:
        """One number a feature, in the shape that spreads over a batch."""
        return features.reshape(self._features_view)
