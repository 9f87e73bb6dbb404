"""Padding, cropping and enlarging images, against Keras 3.15 (TensorFlow, float32)."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.buffers import is_batch_last
from framework.layers import Cropping2D, MaxPooling2D, UpSampling2D, ZeroPadding2D
from framework.registry import ArgumentError


def batch_last(x):
    return np.ascontiguousarray(x.swapaxes(0, -1)).swapaxes(0, -1)


def images(*shape):
    return np.random.default_rng(0).random(shape, np.float32)


both_orders = pytest.mark.parametrize("laid_out", [np.array, batch_last])
WRONG_SIDES = [(1,), (1, 2, 3), "1", ((1, 2), (3, 4, 5)), ((1, 2), (3, -4)), ((1, 2), "3"), -1, 1.5, None, True]
"""From Keras's zero_padding2d_test.py and cropping2d_test.py, and some more."""


# Paddings of Keras's zero_padding2d_test.py, and two more.
@both_orders
@pytest.mark.parametrize(
    ("padding", "sides"),
    [
        (((1, 2), (3, 4)), ((1, 2), (3, 4))),
        (((2, 2), (2, 2)), ((2, 2), (2, 2))),
        ((2, 2), ((2, 2), (2, 2))),
        (2, ((2, 2), (2, 2))),
        ([1, [0, 2]], ((1, 1), (0, 2))),
        (0, ((0, 0), (0, 0))),
    ],
)
def test_zeros_stand_around_the_image_in_every_step(padding, sides, laid_out):
    layer = ZeroPadding2D(padding)
    x = images(3, 2, 3, 4)
    layer(x)
    expected = np.pad(x, ((0, 0), *sides, (0, 0)))
    for n in (3, 1, 3):
        np.testing.assert_array_equal(layer.forward(laid_out(x[:n])), expected[:n])
        np.testing.assert_array_equal(layer.backward(laid_out(expected[:n])), x[:n])
    assert layer.output_shape == expected.shape[1:]


# From Keras's cropping2d_test.py: images of 7 x 9, and which rows and columns are left.
@both_orders
@pytest.mark.parametrize(
    ("cropping", "rows", "columns"),
    [
        (((1, 2), (3, 4)), (1, 5), (3, 5)),
        (((2, 2), (2, 2)), (2, 5), (2, 7)),
        ((2, 2), (2, 5), (2, 7)),
        (2, (2, 5), (2, 7)),
        (((0, 2), (0, 4)), (0, 5), (0, 5)),
        (((1, 0), (3, 0)), (1, 7), (3, 9)),
        (((1, 0), (3, 4)), (1, 7), (3, 5)),
        (((1, 2), (3, 0)), (1, 5), (3, 9)),
    ],
)
def test_rows_and_columns_are_cropped_as_in_kerass_test(cropping, rows, columns, laid_out):
    layer = Cropping2D(cropping)
    x = images(3, 7, 9, 5)
    kept = (slice(None), slice(*rows), slice(*columns))
    np.testing.assert_array_equal(layer(x), x[kept])
    y = layer.forward(laid_out(x))
    np.testing.assert_array_equal(y, x[kept])
    expected = np.zeros_like(x)
    expected[kept] = x[kept]
    for _ in range(2):
        dx = layer.backward(y.copy())
        np.testing.assert_array_equal(dx, expected)
        dx[...] = 7  # as whoever gets it may


# From Keras's cropping2d_test.py.
@pytest.mark.parametrize(
    ("cropping", "shape"),
    [
        (((3, 6), (0, 0)), (7, 9, 5)),
        (((0, 0), (5, 4)), (7, 9, 5)),
        (((4, 5), (0, 0)), (8, 9, 5)),
        (((0, 0), (5, 5)), (8, 9, 5)),
    ],
)
def test_cropping_that_leaves_nothing_is_refused_when_built(cropping, shape):
    with pytest.raises(ValueError, match=r"'cropping2d' .* leaves nothing of images of [78] x 9"):
        Cropping2D(cropping).declare(shape)


@pytest.mark.parametrize("value", WRONG_SIDES, ids=repr)
def test_sides_that_are_no_counts_are_refused(value):
    rule = "must be a whole number of at least 0, a pair of such, or a pair of pairs, got "
    with pytest.raises(ArgumentError, match=f"ZeroPadding2D: padding {rule}"):
        ZeroPadding2D(value)
    with pytest.raises(ArgumentError, match=f"Cropping2D: cropping {rule}"):
        Cropping2D(value)


def test_pixels_are_repeated_as_in_kerass_test():
    # test_upsampling_2d_correctness of up_sampling2d_test.py.
    y = UpSampling2D((1, 2))(np.arange(12).reshape(2, 2, 1, 3))
    expected = [[[[0, 1, 2]] * 2, [[3, 4, 5]] * 2], [[[6, 7, 8]] * 2, [[9, 10, 11]] * 2]]
    np.testing.assert_array_equal(y, expected)


X = np.array([[1, 2, 4], [8, 16, 32]], np.float32).reshape(1, 2, 3, 1)
DY = np.arange(36, dtype=np.float32).reshape(1, 6, 6, 1)
BILINEAR = [
    [1, 1.25, 1.75, 2.5, 3.5, 4],
    [1, 1.25, 1.75, 2.5, 3.5, 4],
    [3.3333335, 4.1666667, 5.8333335, 8.333334, 11.666667, 13.333333],
    [5.6666665, 7.0833335, 9.916667, 14.166667, 19.833334, 22.666666],
    [8, 10, 14, 20, 28, 32],
    [8, 10, 14, 20, 28, 32],
]


# What Keras gives for the same images and gradients of the output.
@both_orders
@pytest.mark.parametrize(
    ("interpolation", "y", "dx"),
    [
        ("nearest", X[0, ..., 0].repeat(3, 0).repeat(2, 1), [[39, 51, 63], [147, 159, 171]]),
        ("bilinear", BILINEAR, [[43.75, 55, 66.25], [143.75, 155, 166.25]]),
    ],
)
def test_enlarged_images_and_their_gradients_are_those_of_keras(interpolation, y, dx, laid_out):
    layer = UpSampling2D((3, 2), interpolation=interpolation)
    many = [np.tile(a, (3, 1, 1, 2)) for a in (X, DY)]
    layer(many[0])
    for n in (3, 1, 3):
        got = layer.forward(laid_out(many[0][:n]))
        np.testing.assert_allclose(got, np.tile(np.asarray(y)[None, ..., None], (n, 1, 1, 2)), rtol=3e-7)
        got = layer.backward(laid_out(many[1][:n]))
        np.testing.assert_allclose(got, np.tile(np.asarray(dx)[None, ..., None], (n, 1, 1, 2)), rtol=3e-7)


# The laws that hold whatever the size of images and factors.
@given(
    st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.sampled_from([np.array, batch_last])
)
def test_straight_lines_keep_means_ends_and_adjointness(height, width, rows, columns, laid_out):
    layer = UpSampling2D((rows, columns), interpolation="bilinear")
    layer.set_dtype("float64")
    random = np.random.default_rng(height * width)
    x = random.standard_normal((2, height, width, 3))
    y = layer(x)
    assert y.shape == (2, rows * height, columns * width, 3)
    np.testing.assert_allclose(y.mean(axis=(1, 2)), x.mean(axis=(1, 2)), atol=1e-12)
    assert (y <= x.max() + 1e-12).all()
    assert (y >= x.min() - 1e-12).all()
    dy = random.standard_normal(y.shape)
    dx = layer.backward(laid_out(dy))
    assert np.vdot(dx, x) == pytest.approx(np.vdot(dy, y))  # the map is linear, so its gradient is its transpose


@given(st.integers(1, 4), st.integers(1, 4))
def test_pooling_takes_back_what_repeating_pixels_has_made(rows, columns):
    x = images(2, 3, 2, 2)
    np.testing.assert_array_equal(MaxPooling2D((rows, columns))(UpSampling2D((rows, columns))(x)), x)


@pytest.mark.parametrize(
    "layer", [ZeroPadding2D(), Cropping2D(1), UpSampling2D(), UpSampling2D(interpolation="bilinear")], ids=repr
)
def test_what_comes_batch_last_goes_on_batch_last_also_after_cropping(layer):
    layer(images(5, 6, 4, 3))
    crop = Cropping2D(1)
    crop(images(5, 8, 6, 3))
    x = crop.forward(batch_last(images(5, 8, 6, 3)))  # memory with gaps
    y = layer.forward(x)
    dx = layer.backward(np.ascontiguousarray(y))
    assert y.strides[0] < y.strides[-1]
    assert dx.shape == x.shape
    if not isinstance(layer, ZeroPadding2D):  # which returns a view of what it gets
        assert is_batch_last(dx)


@both_orders
@pytest.mark.parametrize(
    "layer", [ZeroPadding2D(), Cropping2D(1), UpSampling2D(), UpSampling2D(interpolation="bilinear")], ids=repr
)
def test_a_step_allocates_nothing_of_the_size_of_a_batch(layer, laid_out):
    x = laid_out(images(32, 12, 12, 8))
    layer(x)
    dy = np.ones_like(layer.forward(x))
    layer.backward(dy)
    tracemalloc.start()
    try:
        layer.forward(x, training=True)
        layer.backward(dy)
        assert tracemalloc.get_traced_memory()[1] < x.nbytes / 4
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("layer", [Cropping2D(1), UpSampling2D(), UpSampling2D(2, None, "bilinear")], ids=repr)
def test_nothing_is_computed_that_nobody_needs(layer):
    y = layer(images(2, 4, 4, 1))
    layer.plan_backward(False)
    assert layer.backward(y) is None


@pytest.mark.parametrize("value", [0, -1, 1.5, "2", None, (2,), (2, 0), (1, 2, 3), True])
def test_factors_that_are_no_counts_are_refused(value):
    with pytest.raises(ArgumentError, match="UpSampling2D: size must be a positive whole number or a list of 2 such"):
        UpSampling2D(value)


@pytest.mark.parametrize("value", ["bicubic", "lanczos3", "lanczos5", "Nearest", None, []])
def test_other_interpolations_are_refused_with_those_that_there_are(value):
    with pytest.raises(
        ArgumentError, match=r"UpSampling2D: interpolation must be one of nearest, bilinear \(the others"
    ):
        UpSampling2D(interpolation=value)


@pytest.mark.parametrize("make", [ZeroPadding2D, Cropping2D, UpSampling2D])
def test_another_order_of_axes_is_refused_and_so_are_examples_that_are_no_images(make):
    with pytest.raises(ArgumentError, match=f"{make.__name__}: data_format must be None or 'channels_last'"):
        make(data_format="channels_first")
    with pytest.raises(ValueError, match=r"needs examples of shape \(height, width, channels\), got \(4, 4\)"):
        make().declare((4, 4))
