"""Modules as a user might write them, right and wrong."""

SCALE = '''
from framework.layers import Layer, register


@register
class Scale(Layer):
    """y = x * factor. Shapes: (batch, ...) -> the same."""

    def __init__(self, start: float = 1.0):
        self.start = start

    def build(self, shape):
        self.factor = self.add_parameter("factor", shape, {"constant": self.start})
        return shape

    def forward(self, x, training=False):
        self.x = x
        return x * self.factor.value

    def backward(self, dy):
        self.factor.grad[...] = (dy * self.x).sum(axis=0)
        return dy * self.factor.value


class Wrong(Scale):
    def backward(self, dy):
        self.factor.grad[...] = dy.sum(axis=0)
        return dy * self.factor.value


class Crashing(Scale):
    def forward(self, x, training=False):
        return x + self.no_such_thing


def scale():
    """No class."""
'''

OTHERS = '''
from framework.activations import Activation
from framework.layers import Layer
from framework.losses import Loss
from framework.metrics import MeanMetric
from framework.optimizers import Optimizer
from framework.schedules import LearningRateSchedule

import numpy as np


class Quartic(Loss):
    def values(self, y_true, y_pred):
        return ((y_pred - y_true) ** 4).mean(axis=-1)

    def gradient(self, y_true, y_pred):
        return 4 * (y_pred - y_true) ** 3 / y_pred.shape[-1]


class WrongQuartic(Quartic):
    def gradient(self, y_true, y_pred):
        return 3 * (y_pred - y_true) ** 3 / y_pred.shape[-1]


class SignDescent(Optimizer):
    def __init__(self, learning_rate: float = 0.01):
        super().__init__(learning_rate)

    def update(self, value, grad, learning_rate):
        value -= learning_rate * np.sign(grad)


class Square(Activation):
    def __call__(self, x, out=None):
        return np.multiply(x, x, out=out)

    def backward(self, dy, x, y):
        return 2 * dy * x


class Halving(LearningRateSchedule):
    def __init__(self, start: float, every: int = 100):
        self.start = start
        self.every = every

    def __call__(self, step):
        return self.start * 0.5 ** (step // self.every)


class Forgetful(LearningRateSchedule):
    def __init__(self, start: float = 0.1):
        self.begin = start

    def __call__(self, step):
        return self.begin


class Images(Layer):
    def build(self, shape):
        rows, columns, channels = shape
        return (rows, columns)

    def forward(self, x, training=False):
        self.channels = x.shape[-1]
        return x.sum(axis=-1)

    def backward(self, dy):
        return np.repeat(dy[..., None], self.channels, axis=-1)


class Lookup(Layer):
    def build(self, shape):
        self.table = self.add_parameter("table", (2, 3), "ones")
        return (*shape, 3)

    def forward(self, x, training=False):
        if (x != np.floor(x)).any():
            raise ValueError("indices only")
        self.indices = x.astype(int)
        return self.table.value[self.indices]

    def backward(self, dy):
        self.table.grad[...] = 0
        np.add.at(self.table.grad, self.indices, dy)
        return np.zeros(self.indices.shape, dy.dtype)


class Doubling(Layer):
    def forward(self, x, training=False):
        return 2 * x

    def backward(self, dy):
        return dy


class Refusing(Layer):
    def __init__(self, size: int = 0):
        if size < 1:
            raise KeyError(size)
        self.size = size


class Silent(Layer):
    pass


class Untrained(Layer):
    def forward(self, x, training=False):
        return x


class Shapeless(Doubling):
    def build(self, shape):
        self.shape = shape


class Picky(Doubling):
    def build(self, shape):
        return (shape[7],)


class AsInKeras(Doubling):
    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units


class AnyNumber(Loss):
    def __init__(self, *args):
        super().__init__(*args)


class Plain:
    """Derives from nothing."""
'''
