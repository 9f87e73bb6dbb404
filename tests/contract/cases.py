"""One or more instances of every registered class; `test_contract.py` puts all of them through the same tests.

A class that is registered and has no case here fails the suite.
"""

import numpy as np

from apps.mnist.data import Mnist
from framework import activations, callbacks, initializers, layers, losses, metrics, optimizers, schedules
from framework.data import datasets, transforms

ACTIVATIONS = [
    activations.Linear(),
    activations.Relu(),
    activations.Relu(0.1, 6.0, 0.2),
    activations.LeakyRelu(),
    activations.LeakyRelu(0.05),
    activations.Sigmoid(),
    activations.Tanh(),
    activations.Softmax(),
]

LAYERS = [
    # layer, shape of its examples
    (layers.Activation("tanh"), (4,)),
    (layers.Activation({"relu": {"max_value": 1.0}}), (3, 2)),
    (layers.Activation("softmax"), (4,)),
    (layers.Dense(3), (4,)),
    (layers.Dense(3, "softmax", use_bias=False, name="out"), (2, 4)),
    (
        layers.Dense(2, {"leaky_relu": 0.2}, kernel_initializer={"he_normal": {"seed": 1}}, bias_initializer="ones"),
        (4,),
    ),
    (layers.Dense(2, "sigmoid", trainable=False), (4,)),
    (layers.Dropout(0.4), (6,)),
    (layers.Dropout(0.5, [None, 1, 3], seed=7), (4, 3)),
    (layers.Dropout(0), (4,)),
    (layers.Flatten(), (3, 2, 4)),
    (layers.Flatten(), ()),
    (layers.Input((3, 2)), (3, 2)),
    (layers.LeakyReLU(), (5,)),
    (layers.ReLU(), (5,)),
    (layers.ReLU(1.0, 0.1, 0.2), (5,)),
    (layers.Reshape((-1, 2)), (3, 4)),
    (layers.Sigmoid(), (5,)),
    (layers.Softmax(), (5,)),
    (layers.Softmax(axis=1), (3, 4)),
    (layers.Tanh(), (5,)),
    (layers.get({"sequential": {"layers": [{"dense": 4}, "tanh", {"dense": 2}], "seed": 3}}), (3,)),
]

_P = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]
_Z = [[2.0, -1.0, 0.5], [-0.3, 0.0, 1.7]]
_HOT = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
_W = [1.0, 0.5]

LOSSES = [
    # loss, targets, predictions, sample weights
    (losses.CategoricalCrossentropy(), _HOT, _P, None),
    (losses.CategoricalCrossentropy(True, 0.1, reduction="sum"), _HOT, _Z, _W),
    (losses.SparseCategoricalCrossentropy(), [0, 2], _P, _W),
    (losses.SparseCategoricalCrossentropy(ignore_class=2), [0, 2], _P, None),
    (losses.SparseCategoricalCrossentropy(True), [[0], [2]], _Z, None),
    (losses.BinaryCrossentropy(), _HOT, _P, None),
    (losses.BinaryCrossentropy(True, 0.2, reduction="mean_with_sample_weight"), _HOT, _Z, _W),
    (losses.MeanSquaredError(), [1.0, 2.0], [[0.5], [2.5]], None),
    (losses.MeanAbsoluteError("sum"), _HOT, _Z, _W),
]

OPTIMIZERS = [
    optimizers.SGD(),
    optimizers.SGD(0.05, momentum=0.9, nesterov=True, weight_decay=0.001),
    optimizers.SGD({"cosine_decay": {"initial_learning_rate": 0.1, "decay_steps": 1000}}, clipnorm=1.0),
    optimizers.Adam(clipvalue=0.5),
    optimizers.Adam(0.01, amsgrad=True),
    optimizers.AdamW(global_clipnorm=1.0),
    optimizers.RMSprop(momentum=0.5, centered=True),
]

INITIALIZERS = [
    initializers.Zeros(),
    initializers.Ones(),
    initializers.Constant(0.5),
    initializers.Identity(2.0),
    initializers.Orthogonal(),
    initializers.RandomNormal(1.0, 0.1, seed=3),
    initializers.RandomUniform(),
    initializers.TruncatedNormal(),
    initializers.VarianceScaling(2.0, "fan_avg", "uniform"),
    initializers.GlorotUniform(),
    initializers.GlorotNormal(seed=1),
    initializers.HeUniform(),
    initializers.HeNormal(),
    initializers.LecunUniform(),
    initializers.LecunNormal(),
]

SCHEDULES = [
    schedules.ExponentialDecay(0.1, 100, 0.5, staircase=True),
    schedules.InverseTimeDecay(0.1, 100, 0.5),
    schedules.PiecewiseConstantDecay([100, 200], [0.1, 0.05, 0.01]),
    schedules.PolynomialDecay(0.1, 100, power=2.0, cycle=True),
    schedules.CosineDecay(0.0, 100, warmup_target=0.1, warmup_steps=20),
    schedules.CosineDecayRestarts(0.1, 50),
]

_LABELS = np.array([0, 2, 1, 1])
_CHANCES = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.5, 0.3], [0.9, 0.1, 0.0]])
_NUMBERS = np.array([[1.0], [0.0], [3.0], [0.5]])

METRICS = [
    # metric, the arrays of a batch
    (metrics.Mean(), [_NUMBERS[:, 0]]),
    (metrics.MeanSquaredError(), [_NUMBERS, _NUMBERS[::-1]]),
    (metrics.MeanAbsoluteError("error"), [_NUMBERS, _NUMBERS[::-1]]),
    (metrics.Accuracy(), [_LABELS, _CHANCES]),
    (metrics.SparseCategoricalAccuracy(), [_LABELS, _CHANCES]),
    (metrics.CategoricalAccuracy(), [np.eye(3)[_LABELS], _CHANCES]),
    (metrics.BinaryAccuracy(threshold=0.25), [np.eye(3)[_LABELS], _CHANCES]),
    (metrics.ConfusionMatrix(3), [_LABELS, _CHANCES]),
    (metrics.ConfusionMatrix(), [_LABELS, _CHANCES]),
]

CALLBACKS = [
    callbacks.CSVLogger("history.csv", append=True),
    callbacks.EarlyStopping("val_accuracy", patience=3, mode="max", restore_best_weights=True),
    callbacks.History(),
    callbacks.LambdaCallback(on_epoch_end=print),
    callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
    callbacks.ModelCheckpoint("best-{epoch}.json", save_best_only=True),
    callbacks.ProgressBar(2),
    callbacks.StopOnSignal(),
]

PYTHON_ONLY = (callbacks.LambdaCallback, callbacks.LearningRateScheduler)
"""Classes whose arguments are functions, which no file can hold."""

TRANSFORMS = [
    transforms.RandomAffine(),
    transforms.RandomAffine(rotation=10.0, scale=[0.9, 1.2], shear=5.0, shift=1.5, fill=0.5),
]

DATASETS = [Mnist(), Mnist("sample", validation=100)]

COMPONENTS = {
    activations.registry: ACTIVATIONS,
    layers.registry: [layer for layer, _ in LAYERS],
    losses.registry: [case[0] for case in LOSSES],
    optimizers.registry: OPTIMIZERS,
    initializers.registry: INITIALIZERS,
    schedules.registry: SCHEDULES,
    metrics.registry: [metric for metric, _ in METRICS],
    callbacks.registry: CALLBACKS,
    transforms.registry: TRANSFORMS,
    datasets.registry: DATASETS,
}
