"""RandomAffine: the amounts it draws, and what it leaves alone."""

import copy
import math

import numpy as np
import pytest

from framework.data import transforms
from framework.data.transforms import RandomAffine
from framework.registry import ArgumentError, spec

EVERYTHING = {"rotation": 30, "scale": 0.2, "shear": 15, "shift": 3}


def rng(seed=0):
    return np.random.default_rng(seed)


def some_images(*shape):
    return rng(5).random(shape, np.float32)


def test_zero_ranges_are_the_identity():
    images = some_images(40, 28, 28)
    np.testing.assert_array_equal(RandomAffine()(images, rng()), images)


def test_same_generator_same_bits():
    images, augment = some_images(70, 28, 28), RandomAffine(**EVERYTHING)
    first = augment(images, rng(1)).copy()
    np.testing.assert_array_equal(first, augment(images, rng(1)))
    np.testing.assert_array_equal(first, RandomAffine(**EVERYTHING)(images, rng(1)))
    assert not np.array_equal(first, augment(images, rng(2)))


def test_input_is_untouched_and_output_is_float32():
    images = some_images(10, 12, 9)
    before = images.copy()
    images.flags.writeable = False
    result = RandomAffine(**EVERYTHING)(images, rng())
    np.testing.assert_array_equal(images, before)
    assert result.shape == images.shape
    assert result.dtype == np.float32
    assert not np.shares_memory(result, images)


def test_batches_of_any_size_share_one_buffer():
    augment = RandomAffine(**EVERYTHING)
    large, small = some_images(50, 8, 8), some_images(20, 8, 8)
    expected = augment(large, rng()).copy()
    partial = augment(small, rng(1))
    assert partial.shape == small.shape
    np.testing.assert_array_equal(partial, RandomAffine(**EVERYTHING)(small, rng(1)))
    np.testing.assert_array_equal(augment(large, rng()), expected)
    assert augment(some_images(2, 8, 8, 3), rng()).shape == (2, 8, 8, 3)


def test_values_stay_between_image_and_fill():
    images = some_images(100, 28, 28)
    result = RandomAffine(**EVERYTHING)(images, rng())
    assert result.min() >= 0
    assert result.max() <= 1 + 1e-6


def test_ranges():
    augment = RandomAffine(rotation=20, shift=3)
    inverse = augment.draw(10_000, rng())
    angles = np.degrees(np.arctan2(inverse[:, 1, 0], inverse[:, 0, 0]))
    assert -20 <= angles.min() < -19.9
    assert 19.9 < angles.max() <= 20
    forward = np.linalg.inv(inverse[:, :, :2])
    shifts = -np.einsum("nij,nj->ni", forward, inverse[:, :, 2])
    assert shifts.min(axis=0) == pytest.approx([-3, -3], abs=0.01)
    assert shifts.max(axis=0) == pytest.approx([3, 3], abs=0.01)
    # The two directions are independent.
    assert abs(np.corrcoef(shifts.T)[0, 1]) < 0.05


@pytest.mark.parametrize(("scale", "low", "high"), [(0.2, 0.8, 1.2), ((0.5, 0.75), 0.5, 0.75)])
def test_scale_enlarges_by_its_factor(scale, low, high):
    inverse = RandomAffine(rotation=90, scale=scale).draw(10_000, rng())
    factors = np.linalg.det(inverse[:, :, :2]) ** -0.5
    assert factors.min() == pytest.approx(low, abs=0.001)
    assert factors.max() == pytest.approx(high, abs=0.001)


def test_shear_slants_vertical_lines_and_keeps_areas():
    inverse = RandomAffine(shear=30).draw(10_000, rng())
    forward = np.linalg.inv(inverse[:, :, :2])
    np.testing.assert_allclose(forward[:, :, 0], np.tile([1.0, 0.0], (10_000, 1)), atol=1e-12)
    np.testing.assert_allclose(forward[:, 1, 1], 1.0)
    slants = np.degrees(np.arctan(forward[:, 0, 1]))
    assert slants.min() == pytest.approx(-30, abs=0.1)
    assert slants.max() == pytest.approx(30, abs=0.1)


def test_matrices_compose_scale_rotation_shear_and_shift():
    config = {"rotation": 25, "scale": 0.3, "shear": 20, "shift": 4}
    [inverse] = RandomAffine(**config).draw(1, rng(3))
    turn, size, slant, right, down = rng(3).uniform(-1, 1, (5, 1))[:, 0]
    angle, k = math.radians(25 * turn), math.tan(math.radians(20 * slant))
    rotation = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    forward = (1 + 0.3 * size) * rotation @ np.array([[1.0, k], [0.0, 1.0]])
    point = np.array([3.0, -5.0])
    shown_at = forward @ point + 4 * np.array([right, down])
    np.testing.assert_allclose(inverse @ [*shown_at, 1.0], point)


def test_changing_one_range_leaves_the_other_amounts_as_they_were():
    without = RandomAffine(shift=3).draw(10, rng())
    with_shear = RandomAffine(shift=3, shear=10).draw(10, rng())
    np.testing.assert_array_equal(without[:, 1, 2], with_shear[:, 1, 2])


def test_without_stretch_the_random_stream_is_what_it_was():
    stream, plain = rng(), rng()
    RandomAffine(**EVERYTHING).draw(10, stream)
    plain.uniform(-1.0, 1.0, (5, 10))
    assert stream.random() == plain.random()


def test_stretch_changes_the_aspect_ratio_evenly_both_ways_at_the_same_area():
    inverse = RandomAffine(stretch=0.5).draw(10_000, rng())
    np.testing.assert_allclose(np.linalg.det(inverse[:, :, :2]), 1)
    np.testing.assert_array_equal(inverse[:, [0, 1], [1, 0]], 0)
    logarithms = np.log(inverse[:, 1, 1] / inverse[:, 0, 0])  # how many times wider for its height
    assert (logarithms.min(), logarithms.max()) == pytest.approx((-math.log(1.5), math.log(1.5)), abs=0.001)
    assert abs(logarithms.mean()) < 0.01


def test_stretch_comes_before_the_others_and_leaves_their_amounts_as_they_were():
    without = RandomAffine(**EVERYTHING).draw(50, rng())
    inverse = RandomAffine(**EVERYTHING, stretch=0.3).draw(50, rng())
    stretch = inverse[:, :, :2] @ np.linalg.inv(without[:, :, :2])
    np.testing.assert_allclose(stretch[:, [0, 1], [1, 0]], 0, atol=1e-12)
    np.testing.assert_allclose(stretch[:, 0, 0] * stretch[:, 1, 1], 1)
    # What was shown in the middle is still there.
    middles = (
        np.linalg.solve(inverse[:, :, :2], inverse[:, :, 2:]),
        np.linalg.solve(without[:, :, :2], without[:, :, 2:]),
    )
    np.testing.assert_allclose(*middles, atol=1e-12)


def test_config_round_trip():
    augment = RandomAffine(rotation=15, scale=(0.9, 1.2))
    augment(some_images(2, 8, 8), rng())
    assert spec(augment) == {"random_affine": {"rotation": 15, "scale": [0.9, 1.2]}}
    twin = transforms.get(spec(augment))
    np.testing.assert_array_equal(twin.draw(5, rng()), augment.draw(5, rng()))
    assert copy.deepcopy(augment).get_config() == augment.get_config()


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ({"rotation": -1}, "rotation"),
        ({"rotation": 181}, "rotation"),
        ({"scale": 1.0}, "scale"),
        ({"scale": (1.2, 0.9)}, "scale"),
        ({"scale": (0.0, 1.0)}, "scale"),
        ({"scale": (0.5, 1.0, 2.0)}, "scale"),
        ({"shear": 90}, "shear"),
        ({"shift": math.inf}, "shift"),
        ({"shift": math.nan}, "shift"),
        ({"stretch": -0.1}, "stretch"),
        ({"stretch": math.inf}, "stretch"),
    ],
)
def test_bad_arguments_are_named(arguments, culprit):
    with pytest.raises(ArgumentError, match=f"{culprit} must be .*, got ") as caught:
        RandomAffine(**arguments)
    assert caught.value.argument == culprit
