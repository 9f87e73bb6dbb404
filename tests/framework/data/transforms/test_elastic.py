"""ElasticDistortion: how large and how smooth its displacements are, and what it leaves alone."""

import math

import numpy as np
import pytest

from framework.data import transforms
from framework.data.transforms import ElasticDistortion, RandomAffine, elastic, warp
from framework.registry import ArgumentError, spec


def rng(seed=0):
    return np.random.default_rng(seed)


def some_images(*shape):
    return rng(5).random(shape, np.float32)


def test_without_alpha_images_stay_exactly_as_they_are():
    for shape in [(70, 28, 28), (2, 9, 5, 3)]:
        images = some_images(*shape)
        np.testing.assert_array_equal(ElasticDistortion(alpha=0, sigma=4)(images, rng()), images)


def test_pixels_come_from_where_the_displacements_say():
    images, distort = some_images(5, 12, 9), ElasticDistortion(alpha=20, sigma=3, fill=0.5)
    displacements = distort.draw(images.shape, rng(1)).copy()
    expected = warp(images, fill=0.5, displacements=displacements)
    np.testing.assert_array_equal(distort(images, rng(1)), expected)
    assert not np.array_equal(expected, images)


@pytest.mark.parametrize("size", [28, 29, 5])
@pytest.mark.parametrize("sigma", [1.0, 1.7, 4.0, 9.0])
def test_displacements_are_as_large_and_as_smooth_as_noise_under_a_gaussian(sigma, size):
    weights = elastic._smoothing(size, sigma).astype(np.float64)
    covariance = weights @ weights.T  # along one axis, of noise of variance 1 at every knot
    distance = np.arange(size)[:, None] - np.arange(size)
    expected = np.exp(-(distance**2) / (4 * sigma**2)) / (2 * sigma * math.sqrt(math.pi))
    np.testing.assert_allclose(covariance, expected, atol=2e-3 * expected.max())


def test_the_stated_size_of_the_displacements_is_what_they_have():
    displacements = ElasticDistortion(alpha=34, sigma=4).draw((2000, 28, 28), rng())
    assert float((displacements**2).mean()) ** 0.5 == pytest.approx(0.163 * 34 / 4, rel=0.01)
    assert abs(float(displacements.mean())) < 0.02
    # The two directions are independent of each other.
    assert abs(np.corrcoef(displacements[0, :, 14, 14], displacements[1, :, 14, 14])[0, 1]) < 0.1


@pytest.mark.parametrize("sigma", [0.05, 1e-200])
def test_with_a_tiny_sigma_it_is_the_noise_itself(sigma):
    displacements = ElasticDistortion(alpha=2, sigma=sigma).draw((50, 8, 8), rng())
    assert -2 <= displacements.min() < -1.99
    assert 1.99 < displacements.max() <= 2


def test_fields_do_not_depend_on_the_other_axis():
    """Images need not be square, and the size of a field is the same in every place of it."""
    displacements = ElasticDistortion(alpha=10, sigma=2).draw((3000, 6, 17), rng())
    size = (displacements**2).mean(axis=(0, 1)) ** 0.5
    np.testing.assert_allclose(size, 0.163 * 10 / 2, rtol=0.06)


def test_same_generator_same_bits():
    images, distort = some_images(70, 28, 28), ElasticDistortion()
    first = distort(images, rng(1)).copy()
    np.testing.assert_array_equal(first, distort(images, rng(1)))
    np.testing.assert_array_equal(first, ElasticDistortion()(images, rng(1)))
    assert not np.array_equal(first, distort(images, rng(2)))


def test_input_is_untouched_and_output_is_float32():
    images = some_images(10, 12, 9)
    before = images.copy()
    images.flags.writeable = False
    result = ElasticDistortion()(images, rng())
    np.testing.assert_array_equal(images, before)
    assert (result.shape, result.dtype) == (images.shape, np.float32)
    assert not np.shares_memory(result, images)


def test_channels_are_distorted_alike():
    images = some_images(6, 9, 11, 3)
    colour = ElasticDistortion(fill=0.3)(images, rng())
    for channel in range(3):
        grey = ElasticDistortion(fill=0.3)(images[..., channel], rng())
        np.testing.assert_array_equal(colour[..., channel], grey)


def test_batches_of_any_size_share_one_buffer():
    distort = ElasticDistortion()
    large, small = some_images(50, 8, 8), some_images(20, 8, 8)
    expected = distort(large, rng()).copy()
    np.testing.assert_array_equal(distort(small, rng(1)), ElasticDistortion()(small, rng(1)))
    np.testing.assert_array_equal(distort(large, rng()), expected)


def test_values_stay_between_image_and_fill():
    result = ElasticDistortion(alpha=60, fill=-0.5)(some_images(100, 28, 28), rng())
    assert -0.5 - 1e-6 <= result.min() < -0.4
    assert result.max() <= 1 + 1e-6


def test_an_affine_map_joins_in_with_one_interpolation():
    images, affine = some_images(20, 12, 9), RandomAffine(rotation=20, scale=0.1, shift=2)
    distort = ElasticDistortion(alpha=20, sigma=3, affine=affine)
    stream = rng(1)
    displacements = ElasticDistortion(alpha=20, sigma=3).draw(images.shape, stream).copy()
    expected = warp(images, affine.draw(20, stream), displacements=displacements)
    np.testing.assert_array_equal(distort(images, rng(1)), expected)


def test_without_displacements_only_the_affine_map_is_left():
    images = some_images(20, 12, 9)
    affine = {"random_affine": {"shift": 2}}
    moved = ElasticDistortion(alpha=0, affine=affine)(images, rng(1)).copy()
    stream = rng(1)
    ElasticDistortion(alpha=0).draw(images.shape, stream)
    np.testing.assert_array_equal(moved, RandomAffine(shift=2)(images, stream))


def test_what_are_no_images_is_refused():
    with pytest.raises(ValueError, match=r"images must have the shape .*, not \(3, 64\)"):
        ElasticDistortion()(some_images(3, 64), rng())


def test_it_is_written_as_the_others_are():
    assert spec(ElasticDistortion(alpha=20)) == {"elastic_distortion": 20}
    both = [transforms.get(s) for s in ({"elastic_distortion": {"alpha": 20, "sigma": 3}}, {"random_affine": 10})]
    assert [type(t) for t in both] == [ElasticDistortion, RandomAffine]


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ({"affine": "elastic_distortion"}, "affine"),
        ({"alpha": -1}, "alpha"),
        ({"alpha": math.inf}, "alpha"),
        ({"sigma": 0}, "sigma"),
        ({"sigma": math.nan}, "sigma"),
    ],
)
def test_bad_arguments_are_named(arguments, culprit):
    with pytest.raises(ArgumentError, match=f"ElasticDistortion: {culprit} must be .*, got ") as caught:
        ElasticDistortion(**arguments)
    assert caught.value.argument == culprit
