"""What is found inside of any model: its groups, their values, weights, contributions and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from apps.mnist.recognizer import Recognizer
from apps.mnist.ui.inside import Group, evidence, groups, look, neuron
from framework import Input, Sequential
from framework.inspection import gradients
from framework.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPooling2D,
    ReLU,
    Reshape,
    Softmax,
)
from framework.layers.base import LayerSpec


class Conv(Layer):
    """A convolution by 3x3, as somebody might write it: maps (H, W, C) or one (H, W) -> (H-2, W-2, filters)."""

    def __init__(self, filters: int) -> None:
        self.filters = filters

    def build(self, shape: Any) -> Any:
        self.shape = (*shape, 1)[:3]
        self.kernel = self.add_parameter("kernel", (9 * self.shape[2], self.filters), "he_normal")
        return self.shape[0] - 2, self.shape[1] - 2, self.filters

    def forward(self, x: Any, training: bool = False) -> Any:
        self.x = x.reshape(len(x), *self.shape)
        windows = np.lib.stride_tricks.sliding_window_view(self.x, (3, 3), axis=(1, 2))
        return windows.reshape(*windows.shape[:3], -1) @ self.kernel.value

    def backward(self, dy: Any) -> Any:
        rows, columns, channels = self.shape
        d = (dy @ self.kernel.value.T).reshape(*dy.shape[:3], channels, 3, 3)
        dx = np.zeros_like(self.x)
        for i in range(3):
            for j in range(3):
                dx[:, i : i + rows - 2, j : j + columns - 2] += d[..., i, j]
        return dx.reshape(len(dx), *(self.input_shape or ()))


class Halve(Layer):
    """Every second row and column; no weights, and no backward."""

    def build(self, shape: Any) -> Any:
        return ((shape[0] + 1) // 2, (shape[1] + 1) // 2, *shape[2:])

    def forward(self, x: Any, training: bool = False) -> Any:
        return x[:, ::2, ::2]


class Transpose(Layer):
    def build(self, shape: Any) -> Any:
        return shape[2], shape[0], shape[1]

    def forward(self, x: Any, training: bool = False) -> Any:
        return x.transpose(0, 3, 1, 2)


class Raises(Layer):
    def forward(self, x: Any, training: bool = False) -> Any:
        return x

    def backward(self, dy: Any) -> Any:
        raise TypeError("not for you")


def model_of(*layers: LayerSpec, shape: Sequence[int] = (28, 28)) -> Sequential:
    """In float64, so that small differences can be compared; biases of 0 leave no neuron of a rectifier alone."""
    return Sequential([Input(shape), *layers], seed=1, dtype="float64")


def mlp(*end: LayerSpec, shape: Sequence[int] = (28, 28)) -> Sequential:
    return model_of(Flatten(), Dense(12), ReLU(), Dense(8), Activation("tanh"), Dense(10), *end, shape=shape)


def conv() -> Sequential:
    nested = Sequential([Dense(16, activation="relu")], name="head")
    return model_of(Conv(3), ReLU(), Conv(2), Flatten(), nested, Dense(10), Softmax())


def staged() -> Sequential:
    """Convolutions with all that goes with them; the normalization has seen something."""
    first = [Reshape((28, 28, 1)), Conv2D(3, 5), MaxPooling2D(2), BatchNormalization(), ReLU()]
    second = [Conv2D(4, 3, activation="relu"), AveragePooling2D(2), Dropout(0.3), Flatten()]
    model = model_of(*first, *second, Dense(10), Softmax())
    rng = np.random.default_rng(8)
    model.layers[3].set_weights([rng.uniform(0.5, 2, 3) for _ in range(4)])
    return model


MODELS = {
    "mlp": lambda: mlp(Softmax()),
    "logits": mlp,
    "784": lambda: model_of(Dense(12, activation="relu"), Dense(10, activation="softmax"), shape=(784,)),
    "channel": lambda: mlp(Softmax(), shape=(28, 28, 1)),
    "conv": conv,
    "staged": staged,
    "rows": lambda: model_of(Dense(5), ReLU(), Flatten(), Dense(10)),
    "no backward": lambda: model_of(Halve(), Flatten(), Dense(9), ReLU(), Dense(10), Softmax()),
    "raises": lambda: model_of(Flatten(), Dense(9), Raises(), Dense(10), Softmax()),
    "one layer": lambda: model_of(Dense(10), shape=(784,)),
    "deep": lambda: model_of(Flatten(), *(Dense(6, activation="tanh") for _ in range(20)), Dense(10)),
    "frozen": lambda: model_of(Flatten(), Dense(9, trainable=False), Dropout(0.5), Dense(10), Softmax()),
}


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> Sequential:
    return MODELS[request.param]()


@pytest.fixture
def image() -> Any:
    picture = np.random.default_rng(3).random((28, 28))
    picture[:4] = 0
    return picture.astype(np.float32)


def logits(model: Sequential, image: Any) -> Any:
    """Of a model that ends in a softmax of its own."""
    x = image.reshape(1, *model.input_shape).astype(model.dtype)
    for layer in model.layers[:-1]:
        x = np.array(layer.forward(x, False))
    return x[0]


def test_layers_that_only_change_values_join_the_group_before():
    found = [(group.title, group.first, group.last, group.shape) for group in groups(conv())]
    assert found == [
        ("input 28×28", -1, -1, (28, 28)),
        ("conv 26×26×3 + relu", 0, 1, (26, 26, 3)),
        ("conv 24×24×2", 2, 3, (24, 24, 2)),
        ("head 16", 4, 4, (16,)),
        ("dense 10 + softmax", 5, 6, (10,)),
    ]


def test_an_activation_inside_of_a_layer_is_named():
    assert [g.title for g in groups(MODELS["784"]())][1:] == ["dense 12 + relu", "dense 10 + softmax"]
    assert groups(mlp())[2].title == "dense 8 + tanh"


def test_what_may_have_changed_the_order_is_a_group_of_its_own():
    model = model_of(Conv(3), Transpose(), Flatten(), Dense(10))
    assert [group.title for group in groups(model)][1:3] == ["conv 26×26×3", "transpose 3×26×26"]


def test_a_convolution_and_what_finishes_it_are_one_group():
    found = [(group.title, group.first, group.last, group.shape, group.direct) for group in groups(staged())]
    assert found == [
        ("input 28×28×1", -1, 0, (28, 28, 1), True),
        ("conv2d 12×12×3 + max pool + batch norm + relu", 1, 4, (12, 12, 3), False),
        ("conv2d 5×5×4 + relu + average pool", 5, 8, (5, 5, 4), False),
        ("dense 10 + softmax", 9, 10, (10,), True),
    ]


def test_what_finishes_nothing_is_a_group_of_its_own():
    model = model_of(BatchNormalization(), MaxPooling2D(2), Flatten(), Dense(10), shape=(28, 28, 1))
    titles = [group.title for group in groups(model)]
    assert titles == ["input 28×28×1", "batch norm 14×14×1 + max pool", "dense 10"]
    model = model_of(MaxPooling2D(2), Flatten(), Dense(10), shape=(28, 28, 1))
    assert [group.title for group in groups(model)] == ["input 28×28×1", "max pool 14×14×1", "dense 10"]


def test_a_group_shows_what_its_last_layer_gives(image):
    model = staged()
    x = image.reshape(1, 28, 28).astype(model.dtype)
    outputs = []
    for layer in model.layers:
        x = np.array(layer.forward(x, False))
        outputs.append(x)
    _, first, second, _ = look(Recognizer(model), image)
    assert np.array_equal(first, outputs[4][0])  # after the rectifier
    assert np.array_equal(second.ravel(), outputs[8][0])


def test_the_effective_weights_of_a_pooled_neuron_are_the_slope_of_what_goes_into_its_activation(image):
    model = staged()
    index = (5 * 12 + 6) * 3 + 1
    incoming = neuron(model, image, 1, index).incoming
    assert incoming is not None

    def before_relu(picture: Any) -> float:
        x = picture.reshape(1, 28, 28)
        for layer in model.layers[:4]:
            x = np.array(layer.forward(x, False))
        return float(x.flat[index])

    assert np.count_nonzero(incoming) == 25  # the window of the largest of the four
    for place in np.argwhere(incoming)[::6]:
        step = np.zeros((28, 28))
        step[tuple(place)] = 1e-5
        slope = (before_relu(image + step) - before_relu(image - step)) / 2e-5
        assert incoming[tuple(place)] == pytest.approx(slope, rel=1e-5)


def test_a_silent_neuron_past_pooling_has_its_effective_weights():
    model = staged()
    model.layers[5].bias.assign(np.full(4, -1e3))
    view = neuron(model, np.ones((28, 28), np.float32), 2, 7)
    assert view.value == 0
    assert view.incoming is not None
    assert view.incoming.any()


def test_each_group_has_the_values_that_the_model_gives_it(model, image):
    recognizer = Recognizer(model)
    values = look(recognizer, image)
    assert [v.shape for v in values[1:]] == [group.shape for group in groups(model)[1:]]
    assert values[0] is image
    assert np.array_equal(values[-1], recognizer.classify(image).probabilities)
    x = image.reshape(1, *model.input_shape).astype(model.dtype)
    for layer in model.layers[: groups(model)[1].last + 1]:
        x = np.array(layer.forward(x, False))
    assert len(values) == 2 or np.array_equal(values[1].ravel(), x.ravel())


@pytest.mark.parametrize("name", ["mlp", "784", "channel", "frozen"])
def test_the_weights_of_a_dense_neuron_on_the_pixels_are_its_column_of_the_kernel(name, image):
    model = MODELS[name]()
    kernel = next(layer for layer in model.layers if isinstance(layer, Dense)).kernel.value
    for index in (0, 5):
        incoming = neuron(model, image, 1, index).incoming
        assert incoming is not None
        assert np.array_equal(incoming, kernel[:, index].reshape(28, 28))
        assert np.array_equal(neuron(model, np.zeros_like(image), 1, index).incoming, incoming)


def test_a_silent_neuron_has_its_weights_and_adds_nothing(image):
    model = MODELS["784"]()
    model.layers[0].bias.assign(np.full(12, -1e3))
    view = neuron(model, image, 1, 3)
    assert view.value == 0
    assert view.incoming is not None
    assert view.incoming.any()
    assert not view.totals.any()
    assert view.strongest(5) == []


def test_the_weights_of_a_deeper_neuron_are_the_slope_of_what_goes_into_its_activation(image):
    model = mlp(Softmax())
    incoming = neuron(model, image, 2, 4).incoming
    assert incoming is not None

    def before_tanh(picture: Any) -> float:
        x = picture.reshape(1, 28, 28)
        for layer in model.layers[:4]:
            x = np.array(layer.forward(x, False))
        return float(x[0, 4])

    for place in ((5, 5), (12, 20)):
        step = np.zeros((28, 28))
        step[place] = 1e-5
        slope = (before_tanh(image + step) - before_tanh(image - step)) / 2e-5
        assert incoming[place] == pytest.approx(slope, rel=1e-5)


def test_the_weights_of_a_convolution_are_its_window(image):
    model = conv()
    incoming = neuron(model, image, 1, (4 * 26 + 7) * 3 + 2).incoming
    assert incoming is not None
    assert np.array_equal(incoming[4:7, 7:10].ravel(), model.layers[0].kernel.value[:, 2])
    assert np.count_nonzero(incoming) == 9


@pytest.mark.parametrize("group", [1, 2, 3])
def test_contributions_in_a_linear_network_are_what_the_logits_lose(group, image):
    model = model_of(Flatten(), Dense(12), Dense(8), Dense(7), Dense(10), Softmax())
    before = logits(model, image)
    view = neuron(model, image, group, 5)
    layer = model.layers[groups(model)[group].last]
    forward = layer.forward

    def silenced(x: Any, training: bool = False) -> Any:
        y = forward(x, training).copy()
        y[:, 5] = 0
        return y

    layer.forward = silenced
    np.testing.assert_allclose(view.totals, before - logits(model, image), rtol=1e-9, atol=1e-12)


def test_a_contribution_is_the_loss_of_the_next_neuron_times_the_slope_of_the_logit(image):
    model = mlp(Softmax())
    view = neuron(model, image, 1, int(look(Recognizer(model), image)[1].argmax()))
    assert view.through == 2
    assert view.contribution.shape == (8, 10)
    slopes = gradients(model, np.repeat(image[None], 10, axis=0), np.eye(10))[5]
    lost = view.contribution / slopes.T
    assert np.ptp(lost, axis=1).max() < 1e-9  # one number for each neuron, whatever the digit
    assert np.abs(lost).max() > 0


def test_the_strongest_connections_come_first(image):
    view = neuron(mlp(Softmax()), image, 1, 2)
    sizes = [abs(share) for _, _, share in view.strongest(6)]
    assert sizes == sorted(sizes, reverse=True)
    for k, digit, share in view.strongest(6):
        assert view.contribution[k, digit] == share
    assert sizes[-1] >= np.sort(np.abs(view.contribution).ravel())[-6]
    assert len(view.strongest(1000)) == np.count_nonzero(view.contribution)


def test_every_hidden_neuron_of_any_model_can_be_asked_about(model, image):
    found = groups(model)
    for group in range(1, len(found) - 1):
        view = neuron(model, image, group, found[group].size - 1)
        assert view.incoming is None or view.incoming.shape == (28, 28)
        assert view.contribution.shape == (found[view.through].size, 10)
        assert np.isfinite(view.totals).all()


@pytest.mark.parametrize("name", ["no backward", "raises"])
def test_without_gradients_the_digits_lose_what_they_lose(name, image):
    model = MODELS[name]()
    index = int(look(Recognizer(model), image)[-2].argmax())
    group = len(groups(model)) - 2
    view = neuron(model, image, group, index)
    own = groups(model)[group].last
    outgoing = model.layers[-2].kernel.value[index] * view.value
    assert view.through == group + 1
    assert own < len(model.layers)
    if name == "raises":  # past what raises there is no gradient either
        assert evidence(model, image, 3) is None
    np.testing.assert_allclose(view.totals - view.totals.mean(), outgoing - outgoing.mean(), atol=1e-9)


def test_a_layer_without_backward_hides_the_pixels_but_not_the_neurons_themselves(image):
    model = MODELS["no backward"]()
    assert evidence(model, image, 3) is None
    assert neuron(model, image, 2, 0).incoming is None
    assert neuron(MODELS["raises"](), image, 1, 0).incoming is not None  # its weights need no backward


def test_evidence_is_the_slope_of_the_logit_times_the_ink(image):
    model = mlp(Softmax())
    found = evidence(model, image, 7)
    assert found is not None
    assert not found[:4].any()
    for place in ((6, 6), (20, 11)):
        step = np.zeros((28, 28))
        step[place] = 1e-5
        slope = (logits(model, image + step)[7] - logits(model, image - step)[7]) / 2e-5
        assert found[place] == pytest.approx(slope * image[place], rel=1e-5)


def test_asking_changes_no_weight(image):
    model = conv()
    before = [w.copy() for w in model.get_weights()]
    neuron(model, image, 1, 0)
    evidence(model, image, 1)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_neurons_are_named_by_where_they_are():
    assert Group("", 0, 0, (64,)).neuron(17) == "neuron 17"
    assert Group("", 0, 0, (26, 26, 8)).neuron((3 * 26 + 4) * 8 + 5) == "neuron 3,4 of map 5"
    assert Group("", 0, 0, (28, 12)).neuron(13) == "neuron 1,1"


def test_a_silent_neuron_of_a_convolution_that_rectifies_shows_its_window():
    model = Sequential([Input((28, 28, 1)), Conv2D(2, 5, activation="relu"), Flatten(), Dense(10)], seed=0)
    model.layers[0].bias.assign(np.full(2, -9.0))
    assert groups(model)[1].title == "conv2d 24×24×2 + relu"
    view = neuron(model, np.zeros((28, 28), np.float32), 1, 1)  # of map 1, in the upper left corner
    assert view.value == 0
    assert view.incoming is not None
    np.testing.assert_allclose(view.incoming[:5, :5], model.layers[0].kernel.value[:, :, 0, 1])
    assert np.count_nonzero(view.incoming) == 25
