"""RandomBlur: how wide it smears, and what it leaves alone."""

import math

import numpy as np
import pytest

from framework.data.transforms import RandomBlur
from framework.registry import ArgumentError, spec


def rng(seed=0):
    return np.random.default_rng(seed)


def some_images(*shape):
    return rng(5).random(shape, np.float32)


def dots(count, size=9):
    images = np.zeros((count, size, size), np.float32)
    images[:, size // 2, size // 2] = 1
    return images


def test_without_sigma_images_stay_exactly_as_they_are():
    for shape in [(70, 28, 28), (2, 9, 5, 3), (1, 1, 1)]:
        images = some_images(*shape)
        np.testing.assert_array_equal(RandomBlur(0)(images, rng()), images)


def test_a_dot_becomes_as_wide_as_the_drawn_standard_deviations_say():
    blurred = RandomBlur(sigma=0.7)(dots(4000), rng(1)).astype(np.float64)
    place = np.arange(9) - 4.0
    for axis in (1, 2):
        deviations = np.sqrt(blurred.sum(axis=axis) @ place**2)
        expected = rng(1).uniform(0, 0.7, 4000)
        np.testing.assert_allclose(deviations, expected, atol=1e-4)


def test_rows_and_columns_are_smeared_independently():
    [blurred] = RandomBlur(sigma=0.7)(dots(1), rng(1)).copy()
    np.testing.assert_allclose(blurred, np.outer(blurred.sum(axis=1), blurred.sum(axis=0)), atol=1e-6)
    np.testing.assert_allclose(blurred, blurred[::-1, ::-1], atol=1e-7)


def test_no_ink_is_lost_at_the_border_and_paper_stays_paper():
    images = some_images(50, 6, 4)
    blurred = RandomBlur(sigma=0.7)(images, rng())
    np.testing.assert_allclose(blurred.sum(axis=(1, 2)), images.sum(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_array_equal(RandomBlur(sigma=0.7)(np.ones((3, 5, 5), np.float32), rng()), 1)


def test_values_stay_between_the_darkest_and_the_brightest():
    blurred = RandomBlur(sigma=math.sqrt(0.5))(some_images(200, 9, 9), rng())
    assert blurred.min() >= -1e-6
    assert blurred.max() <= 1 + 1e-6


def test_channels_are_blurred_alike():
    images = some_images(6, 9, 11, 3)
    colour = RandomBlur()(images, rng()).copy()
    for channel in range(3):
        np.testing.assert_array_equal(colour[..., channel], RandomBlur()(images[..., channel], rng()))


def test_same_generator_same_bits_in_batches_of_any_size():
    blur = RandomBlur()
    large, small = some_images(50, 8, 8), some_images(20, 8, 8)
    expected = blur(large, rng()).copy()
    np.testing.assert_array_equal(blur(small, rng(1)), RandomBlur()(small, rng(1)))
    np.testing.assert_array_equal(blur(large, rng()), expected)
    assert not np.array_equal(blur(large, rng(2)), expected)


def test_input_is_untouched_and_output_is_float32():
    images = some_images(10, 12, 9)
    before = images.copy()
    images.flags.writeable = False
    result = RandomBlur()(images, rng())
    np.testing.assert_array_equal(images, before)
    assert (result.shape, result.dtype) == (images.shape, np.float32)
    assert not np.shares_memory(result, images)


def test_what_are_no_images_is_refused():
    with pytest.raises(ValueError, match=r"images must have the shape .*, not \(3, 64\)"):
        RandomBlur()(some_images(3, 64), rng())


def test_it_is_written_as_the_others_are():
    assert spec(RandomBlur(0.3)) == {"random_blur": 0.3}


@pytest.mark.parametrize("sigma", [-0.1, 0.8, math.nan, True])
def test_a_bad_sigma_is_named(sigma):
    with pytest.raises(ArgumentError, match=r"RandomBlur: sigma must be .* from 0 to 0.7, got ") as caught:
        RandomBlur(sigma)
    assert caught.value.argument == "sigma"
