"""Conv1D and Conv2D against Keras 3.15 (TensorFlow), and against loops."""

import copy
import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework import layers
from framework.buffers import is_batch_last
from framework.layers import Conv1D, Conv2D, Flatten, MaxPooling2D, pooling, spread_correlation
from framework.registry import ArgumentError
from framework.sequential import Sequential
from framework.threads import limited_to

KERAS = [
    # layer, shape of the batch, y, dx, dkernel, dbias: of Keras, for small whole numbers (see `whole`)
    (
        Conv1D(2, 2, padding="causal", dilation_rate=2),
        (1, 6, 2),
        [-7, 14, -4, 14, 13, -10, 16, -13, -14, 17, -11, -8],
        [-1, -1, 5, -4, -4, 5, -1, -1, 3, -2, -2, 2],
        [3, -2, -8, 5, -5, 6, 6, -16],
        [0, 0],
    ),
    (
        Conv1D(2, 3, 2, "same"),
        (2, 5, 1),
        [-10, 1, -5, -8, -10, -1, -4, -5, -14, 8, 12, -3],
        [-2, -3, 3, 3, -1, -2, -3, 3, 3, -1],
        [6, -5, 6, 6, -5, -1],
        [0, 0],
    ),
    (
        Conv2D(2, 2),
        (1, 3, 4, 1),
        [13, -10, -13, 16, 16, -13, -14, 17, 15, -12, -11, -8],
        [2, -4, 3, -1, 1, -1, -1, 1, -1, 3, -4, 2],
        [3, 3, 3, 3, 3, 3, 3, -8],
        [0, 0],
    ),
    (
        Conv2D(2, [2, 3], (2, 1), "same", groups=2),
        (1, 3, 4, 2),
        [-8, -9, 2, 2, -4, -9, -1, -3, -8, 4, 7, 6, -1, -3, -18, -2],
        [-4, 0, 1, 1, 3, 1, -2, -2, 1, -2, 1, 1, -2, 1, 1, 0, 2, 1, 3, 1, -4, -2, 1, 1],
        [-3, 8, -12, -18, 8, 6, -6, -8, -2, 3, 3, 3],
        [0, -1],
    ),
    (
        Conv2D(1, 2, dilation_rate=(2, 3)),
        (1, 4, 5, 1),
        [8, -21, 6, -12],
        [2, 0, 0, 0, 0, -2, 2, 0, 0, 0, -2, 0, 0, 1, 0, 2, -2, 0, -1, 1],
        [-2, -12, 5, 6],
        [-1],
    ),
]


def whole(shape, modulus, offset):
    """Small whole numbers, whose products float32 adds up without rounding."""
    return (np.arange(np.prod(shape)) * 7 % modulus - offset).reshape(shape).astype(np.float32)


@pytest.mark.parametrize(("layer", "shape", "y", "dx", "dkernel", "dbias"), KERAS, ids=lambda v: repr(v)[:60])
def test_outputs_and_gradients_are_those_of_keras(layer, shape, y, dx, dkernel, dbias):
    x = whole(shape, 11, 5)
    layer(x)
    layer.set_weights([whole(w.shape, 5, 2) for w in layer.weights])
    found = layer(x)
    assert found.ravel().tolist() == y
    assert layer.backward(whole(found.shape, 3, 1)).ravel().tolist() == dx
    assert layer.kernel.grad.ravel().tolist() == dkernel
    assert layer.bias.grad.tolist() == dbias


@pytest.mark.parametrize(
    ("layer", "input_shape", "output_shape"),
    [
        (Conv1D(5, 2), (3, 5, 4), (3, 4, 5)),
        (Conv1D(6, 2, 1, "same", dilation_rate=(2,), groups=2), (3, 4, 4), (3, 4, 6)),
        (Conv1D(6, 2, 1, "causal", dilation_rate=(2,), groups=2), (3, 4, 4), (3, 4, 6)),
        (Conv1D(6, 2, (2,), groups=2), (3, 5, 4), (3, 2, 6)),
        (Conv2D(5, 2), (3, 5, 5, 4), (3, 4, 4, 5)),
        (Conv2D(6, 2, 1, "same", dilation_rate=(2, 2), groups=2), (3, 4, 4, 4), (3, 4, 4, 6)),
        (Conv2D(6, (2, 2), (2, 1), dilation_rate=(1, 1), groups=2), (3, 5, 5, 4), (3, 2, 4, 6)),
    ],
)
def test_shapes_are_those_in_keras_conv_test(layer, input_shape, output_shape):
    assert layer.compute_output_shape(input_shape) == output_shape
    assert layer(np.zeros(input_shape)).shape == output_shape


def direct(x, kernel, strides, padding, dilation, groups):
    """A convolution of images pixel by pixel, with zeros put around them first as TensorFlow's documentation says."""
    spans = [(k - 1) * d + 1 for k, d in zip(kernel.shape, dilation, strict=False)]
    totals = [
        max(span - stride if n % stride == 0 else span - n % stride, 0)
        for n, span, stride in zip(x.shape[1:], spans, strides, strict=False)
    ]
    around = {
        "valid": [(0, 0), (0, 0)],
        "same": [(total // 2, total - total // 2) for total in totals],
        "causal": [(0, 0), (spans[1] - 1, 0)],
    }[padding]
    x = np.pad(x, [(0, 0), *around, (0, 0)])
    counts = [(n - span) // stride + 1 for n, span, stride in zip(x.shape[1:], spans, strides, strict=False)]
    y = np.zeros((len(x), *counts, kernel.shape[-1]))
    channels, filters = kernel.shape[2], kernel.shape[-1] // groups
    for r, o, f in itertools.product(*map(range, y.shape[1:])):
        top, left, first = r * strides[0], o * strides[1], f // filters * channels
        rows, columns = slice(top, top + spans[0], dilation[0]), slice(left, left + spans[1], dilation[1])
        y[:, r, o, f] = (x[:, rows, columns, first : first + channels] * kernel[..., f]).sum((1, 2, 3))
    return y


def check_against_direct(layer, x, expand):
    """Outputs, and gradients by what they are: <dy, y> is linear in the image and in the kernel."""
    rng = np.random.default_rng(2)
    layer.set_dtype("float64")
    y = layer(x)
    dy = rng.standard_normal(y.shape)
    dx = layer.backward(dy.copy())
    bias = 0 if layer.bias is None else layer.bias.value
    kernel = layer.kernel.value
    other_x, other_kernel = rng.standard_normal(x.shape), rng.standard_normal(kernel.shape)
    np.testing.assert_allclose(y, expand(x, kernel) + bias, atol=1e-12)
    np.testing.assert_allclose((dx * other_x).sum(), (expand(other_x, kernel) * dy).sum(), atol=1e-10)
    np.testing.assert_allclose(
        (layer.kernel.grad * other_kernel).sum(), (expand(x, other_kernel) * dy).sum(), atol=1e-10
    )
    if layer.bias is not None:
        np.testing.assert_allclose(layer.bias.grad, dy.sum(tuple(range(dy.ndim - 1))), atol=1e-12)


SIDES = st.tuples(st.integers(1, 4), st.integers(1, 4))


@settings(max_examples=50)
@given(
    st.tuples(st.integers(1, 3), st.integers(4, 9), st.integers(4, 9), st.integers(1, 2)), SIDES, SIDES,
    st.booleans(), st.sampled_from(["valid", "same"]), st.integers(1, 3), st.integers(1, 2), st.booleans(),
)  # fmt: skip
def test_images_are_convolved_as_by_loops(shape, size, steps, dilated, padding, groups, filters, use_bias):
    strides, dilation = ((1, 1), steps) if dilated else (steps, (1, 1))
    if padding == "valid":
        shape = (shape[0], *(n + (k - 1) * d for n, k, d in zip(shape[1:], size, dilation, strict=False)), shape[-1])
    x = np.random.default_rng(1).standard_normal((*shape[:-1], shape[-1] * groups))
    layer = Conv2D(
        filters * groups, size, strides, padding, dilation_rate=dilation, groups=groups, use_bias=use_bias,
        bias_initializer="ones",
    )  # fmt: skip
    check_against_direct(layer, x, lambda x, kernel: direct(x, kernel, strides, padding, dilation, groups))


@settings(max_examples=50)
@given(
    st.tuples(st.integers(1, 3), st.integers(4, 9), st.integers(1, 2)), SIDES, st.booleans(),
    st.sampled_from(["valid", "same", "causal"]), st.integers(1, 2),
)  # fmt: skip
def test_sequences_are_convolved_as_by_loops(shape, size_and_step, dilated, padding, groups):
    size, step = size_and_step
    stride, dilation = (1, step) if dilated else (step, 1)
    x = np.random.default_rng(1).standard_normal((shape[0], shape[1] + (size - 1) * dilation, shape[2] * groups))
    layer = Conv1D(2 * groups, size, stride, padding, dilation_rate=dilation, groups=groups)

    def expand(x, kernel):
        return direct(x[:, None], kernel[None], (1, stride), padding, (1, dilation), groups)[:, 0]

    check_against_direct(layer, x, expand)


def test_causal_outputs_know_nothing_of_later_steps():
    layer = Conv1D(2, 3, padding="causal", dilation_rate=2)
    x = np.random.default_rng(1).standard_normal((1, 8, 2))
    before = layer(x)
    x[:, 5:] += 1
    np.testing.assert_array_equal(layer(x)[:, :5], before[:, :5])
    assert not np.allclose(layer(x)[:, 5:], before[:, 5:])


def test_weights_have_keras_names_shapes_and_first_values():
    layer = Conv2D(6, (3, 2), groups=2)
    layer(np.zeros((1, 5, 5, 4)))
    assert [(p.name, p.shape) for p in layer.weights] == [("kernel", (3, 2, 2, 6)), ("bias", (6,))]
    assert np.abs(layer.kernel.value).max() <= (6 / (6 * (2 + 6))) ** 0.5
    assert layer.kernel.value.any()
    assert not layer.bias.value.any()


def test_penalties_and_constraints_reach_the_weights():
    layer = Conv2D(1, 2, kernel_initializer="ones", kernel_regularizer={"l2": 0.5}, kernel_constraint="non_neg")
    layer(np.zeros((1, 3, 3, 1)))
    assert layer.losses == [2.0]
    assert layer.kernel.constraint is not None
    layer = Conv1D(1, 1, kernel_initializer="ones", activity_regularizer={"l1": 0.5})
    layer(np.full((2, 3, 1), 2.0))
    assert layer.losses == [3.0]  # 12 / 2, by the number of examples


def test_no_input_gradient_is_computed_that_nobody_needs():
    layer = Conv2D(2, 2, activation="relu")
    x = whole((2, 4, 4, 1), 11, 5)
    y = layer(x)
    layer.backward(np.ones_like(y))
    gradient = layer.kernel.grad.copy()
    layer.plan_backward(False)
    layer(x)
    assert layer.backward(np.ones_like(y)) is None
    np.testing.assert_array_equal(layer.kernel.grad, gradient)


def test_outputs_lie_in_memory_with_the_batch_last_whatever_the_input_is():
    layer, same = Conv2D(3, 2, activation="relu"), None
    x = whole((5, 4, 4, 2), 11, 5)
    layer(x)
    layouts = [x, np.asfortranarray(x), np.ascontiguousarray(x.T).T, x[::-1][::-1], np.repeat(x, 2, 0)[::2]]
    for given_x in layouts:
        y = layer.forward(given_x)
        assert is_batch_last(y)
        same = y.copy() if same is None else same
        np.testing.assert_array_equal(y, same)
        assert is_batch_last(layer.backward(np.ones(y.shape, np.float32)))


def test_a_smaller_batch_finds_no_trace_of_a_larger_one():
    layer = Conv2D(2, 3, 2, "same", activation="tanh")
    x = np.random.default_rng(1).standard_normal((7, 5, 6, 2))
    whole_batch = layer(x)
    for part in (slice(0, 3), slice(2, 3), slice(0, 7), slice(1, 6)):
        np.testing.assert_allclose(layer(x[part]), whole_batch[part], atol=1e-6)


def test_training_allocates_nothing_that_grows_with_the_batch():
    layer = Conv2D(2, 2, activation="relu")
    x = np.zeros((3, 4, 4, 1), np.float32)
    layer(x)
    y = layer.forward(x)
    dx = layer.backward(np.ones_like(y))
    assert layer.forward(x) is y
    assert layer.backward(np.ones_like(y)) is dx


@pytest.mark.parametrize("arguments", [{}, {"activity_regularizer": {"l2": 0.1}}, {"use_bias": False}], ids=str)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_its_activation_is_that_of_a_layer_of_its_own(activation, arguments):
    rng = np.random.default_rng(1)
    x, dy = rng.standard_normal((5, 6, 7, 2)), rng.standard_normal((5, 5, 6, 3))
    layer, bare = Conv2D(3, 2, activation=activation, **arguments), Conv2D(3, 2, use_bias=layer_has_bias(arguments))
    apart = layers.get(activation)
    layer(x), apart(bare(x))
    bare.set_weights(layer.get_weights())
    for n in (5, 3, 5, 5):
        batch, slope = x[:n].astype(np.float32), dy[:n].astype(np.float32)
        y = apart.forward(bare.forward(batch))
        np.testing.assert_allclose(layer.forward(batch), y, rtol=1e-6, atol=1e-7)
        if "activity_regularizer" in arguments:
            slope = slope + 2 * 0.1 * y / n
        dx = bare.backward(apart.backward(slope))
        np.testing.assert_allclose(layer.backward(dy[:n].astype(np.float32)), dx, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(layer.kernel.grad, bare.kernel.grad, rtol=1e-4, atol=1e-5)


def layer_has_bias(arguments):
    return arguments.get("use_bias", True)


def test_a_rectifier_with_arguments_is_another_one():
    x = np.array([-2.0, 1.0]).reshape(1, 2, 1, 1)
    layer = Conv2D(1, 1, activation={"relu": {"negative_slope": 0.5}}, kernel_initializer="ones")
    assert layer(x).ravel().tolist() == [-1, 1]
    assert layer.backward(np.ones((1, 2, 1, 1), np.float32)).ravel().tolist() == [0.5, 1]


def test_what_is_no_number_shows_behind_the_rectifier():
    layer = Conv2D(1, 1, activation="relu", kernel_initializer="ones")
    assert np.isnan(layer(np.array([np.nan, 1.0]).reshape(1, 2, 1, 1))).ravel().tolist() == [True, False]


def test_other_arrays_are_noticed():
    """What is written down for some arrays is not done to others."""
    rng = np.random.default_rng(1)
    layer, fresh = Conv2D(3, 3, 2, "same", activation="relu"), Conv2D(3, 3, 2, "same", activation="relu")
    layer(np.zeros((1, 6, 7, 2))), fresh(np.zeros((1, 6, 7, 2)))
    for n, needs_dx in [(4, True), (2, True), (2, False), (4, True), (4, False), (1, True)]:
        x, dy = rng.standard_normal((n, 6, 7, 2), np.float32), rng.standard_normal((n, 3, 4, 3), np.float32)
        fresh = copy.deepcopy(layer)
        for one in (layer, fresh):
            one.plan_backward(needs_dx)
        np.testing.assert_array_equal(layer.forward(x), fresh.forward(x))
        ours, expected = layer.backward(dy.copy()), fresh.backward(dy.copy())
        assert (ours is None) is (expected is None) is not needs_dx
        if needs_dx:
            np.testing.assert_array_equal(ours, expected)
        np.testing.assert_array_equal(layer.kernel.grad, fresh.kernel.grad)
        layer.forward(x[:1])  # a prediction in between
        layer.set_weights([w + 0.5 for w in layer.get_weights()])


def test_parameters_that_move_are_found():
    model = Sequential([Conv2D(2, 2, activation="relu"), Flatten(), {"dense": 1}], seed=1)
    model.compile("sgd", "mse")
    x, y = whole((4, 5, 5, 1), 11, 5), np.zeros((4, 1), np.float32)
    model.train_on_batch(x, y)
    model.layers[-1].trainable = False  # lays all parameters out anew
    layer = model.layers[0]
    before = layer.kernel.value.copy()
    model.train_on_batch(x, y)
    assert not np.array_equal(layer.kernel.value, before)
    layer.set_weights([np.zeros_like(w) for w in layer.get_weights()])
    assert not layer.forward(x).any()


class TestThreads:
    @pytest.fixture(autouse=True)
    def _everything_is_worth_a_thread(self, monkeypatch):
        monkeypatch.setattr(spread_correlation, "PRODUCTS", 1)
        monkeypatch.setattr(spread_correlation, "COPIES", 1)
        monkeypatch.setattr(pooling, "WORTH_A_THREAD", (1, 1))

    def trained(self, threads, layers):
        rng = np.random.default_rng(3)
        x, y = rng.standard_normal((20, 12, 11, 2), np.float32), rng.standard_normal((20, 3), np.float32)
        with limited_to(threads):
            model = Sequential(layers, seed=1)
            model.compile("adam", "mse")
            history = model.fit(x, y, epochs=3, batch_size=8, verbose=0)
            return [*model.get_weights(), model.predict(x), history.history["loss"]]

    CONVOLUTIONAL = (
        {"conv2d": {"filters": 4, "kernel_size": 3, "activation": "relu"}},
        "max_pooling2d",
        {"conv2d": {"filters": 6, "kernel_size": 2, "padding": "same", "strides": 2, "activation": "tanh"}},
        {"depthwise_conv2d": {"kernel_size": 2, "dilation_rate": 2, "padding": "same"}},
        {"average_pooling2d": {"pool_size": 2, "strides": 1}},
        {"conv2d_transpose": {"filters": 3, "kernel_size": 3, "strides": 2, "activation": "relu"}},
        "global_average_pooling2d",
    )

    @pytest.mark.parametrize("threads", [2, 3])
    def test_change_no_bit_of_what_convolutions_and_pooling_learn(self, threads):
        one = self.trained(1, self.CONVOLUTIONAL)
        for found, expected in zip(self.trained(threads, self.CONVOLUTIONAL), one, strict=True):
            np.testing.assert_array_equal(found, expected)

    @pytest.mark.parametrize("threads", [2, 3])
    def test_change_what_a_network_learns_by_no_more_than_rounding(self, threads):
        network = [*self.CONVOLUTIONAL[:2], "flatten", {"dense": 16}, "relu", {"dense": 3}]
        one = self.trained(1, network)
        for found, expected in zip(self.trained(threads, network), one, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)

    def test_do_not_live_in_layers(self):
        with limited_to(2):
            layer = Conv2D(3, 3, activation="relu")
            x = whole((8, 9, 9, 2), 11, 5)
            y = layer(x)
            for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
                np.testing.assert_array_equal(other.forward(x), y)


def test_a_small_network_learns_to_tell_stripes():
    rng = np.random.default_rng(1)
    label = rng.integers(0, 2, 64)
    stripes = np.tile([1.0, 0.0], 4)
    x = np.where(label[:, None, None], stripes[:, None], stripes) + 0.3 * rng.standard_normal((64, 8, 8))
    model = Sequential([Conv2D(4, 3, activation="relu"), MaxPooling2D(2), Flatten(), "sigmoid"], seed=1)
    model.add({"dense": 1})
    model.compile(optimizer={"adam": 0.02}, loss={"binary_crossentropy": {"from_logits": True}})
    history = model.fit(x[..., None], label.astype(float), epochs=15, batch_size=16, verbose=0)
    assert history.history["loss"][-1] < 0.2 < 0.5 < history.history["loss"][0]


@pytest.mark.parametrize("layer", [Conv1D, Conv2D])
class TestArguments:
    @pytest.mark.parametrize("filters", [0, -2, 1.5, "8", None, True, [8]])
    def test_filters_are_counted(self, layer, filters):
        with pytest.raises(ArgumentError, match=f"{layer.__name__}: filters must be a positive whole number, got "):
            layer(filters, 3)

    @pytest.mark.parametrize("argument", ["kernel_size", "strides", "dilation_rate"])
    @pytest.mark.parametrize("value", [0, -1, 1.5, "3", None, [1, 2, 3], [0, 1]])
    def test_sizes_are_counts(self, layer, argument, value):
        with pytest.raises(ArgumentError, match=f"{layer.__name__}: {argument} must be a positive whole") as caught:
            layer(**{"filters": 1, "kernel_size": 3, argument: value})
        assert caught.value.argument == argument

    def test_strides_and_dilation_exclude_each_other_as_in_keras(self, layer):
        with pytest.raises(ArgumentError, match=r"dilation_rate must be 1 with strides=2, as in Keras, got 3"):
            layer(1, 3, strides=2, dilation_rate=3)

    def test_groups_divide_the_filters(self, layer):
        with pytest.raises(ArgumentError, match="groups must be a divisor of filters=5, got 2"):
            layer(5, 3, groups=2)
        with pytest.raises(ArgumentError, match="groups must be a positive whole number, got 0"):
            layer(5, 3, groups=0)

    def test_groups_divide_the_channels(self, layer):
        shape = (1, 5, 3) if layer is Conv1D else (1, 5, 5, 3)
        with pytest.raises(ValueError, match=r"groups=2, which does not divide the 3 channels of its input \(5, "):
            layer(4, 3, groups=2)(np.zeros(shape))

    def test_the_channels_are_last(self, layer):
        with pytest.raises(ArgumentError, match=r"data_format must be .*, got 'channels_first'"):
            layer(1, 3, data_format="channels_first")


def test_only_sequences_are_padded_causally():
    with pytest.raises(ArgumentError, match="Conv2D: padding must be 'valid' or 'same', got 'causal'"):
        Conv2D(1, 3, padding="causal")
    with pytest.raises(ArgumentError, match="Conv1D: padding must be 'valid' or 'same' or 'causal', got 'full'"):
        Conv1D(1, 3, padding="full")


def test_a_window_has_to_fit_into_the_image():
    with pytest.raises(ValueError, match=r"kernel_size=\(5, 5\) spans 5 x 5, but its input is only 4 x 6"):
        Conv2D(1, 5)(np.zeros((1, 4, 6, 1)))
    with pytest.raises(ValueError, match=r"kernel_size=\(3,\) spans 7, but its input is only 6"):
        Conv1D(1, 3, dilation_rate=3)(np.zeros((1, 6, 1)))


def test_images_without_channels_are_told_how_to_get_them():
    with pytest.raises(ValueError, match=r"'conv2d' \(Conv2D\) needs .*; a Reshape\(\(28, 28, 1\)\) before it adds"):
        Conv2D(1, 5)(np.zeros((1, 28, 28)))
