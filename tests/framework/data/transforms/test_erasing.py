"""RandomErasing: the rectangles it wipes out, and what it leaves alone."""

import math

import numpy as np
import pytest

from framework.data.transforms import RandomErasing
from framework.registry import ArgumentError, spec


def rng(seed=0):
    return np.random.default_rng(seed)


def some_images(*shape):
    return rng(5).random(shape, np.float32)


def rectangles(count=4000, height=40, width=60, **arguments):
    """Top, bottom, left and right of what is wiped out of so many images, (count, 4); zeros for nothing."""
    wiped = RandomErasing(**arguments)(np.ones((count, height, width), np.float32), rng()) == 0
    rows, columns = wiped.any(axis=2), wiped.any(axis=1)
    np.testing.assert_array_equal(wiped, rows[:, :, None] & columns[:, None, :])
    edges = [rows.argmax(axis=1), height - rows[:, ::-1].argmax(axis=1)]
    edges += [columns.argmax(axis=1), width - columns[:, ::-1].argmax(axis=1)]
    found = np.stack(edges, axis=1) * wiped.any(axis=(1, 2))[:, None]
    top, bottom, left, right = found.T
    np.testing.assert_array_equal(wiped.sum(axis=(1, 2)), (bottom - top) * (right - left))
    return found


def test_without_an_area_images_stay_exactly_as_they_are():
    for shape in [(70, 28, 28), (2, 9, 5, 3)]:
        images = some_images(*shape)
        np.testing.assert_array_equal(RandomErasing(area=0)(images, rng()), images)


@pytest.mark.parametrize(("area", "low", "high"), [(0.2, 0.0, 0.2), ([0.1, 0.3], 0.1, 0.3)])
def test_areas_are_drawn_evenly_from_their_range(area, low, high):
    top, bottom, left, right = rectangles(area=area).T
    shares = (bottom - top) * (right - left) / (40 * 60)
    assert (shares.min(), shares.max()) == pytest.approx((low, high), abs=0.015)
    assert shares.mean() == pytest.approx((low + high) / 2, abs=0.005)


def test_forms_are_upright_or_lying_up_to_the_ratio():
    top, bottom, left, right = rectangles(area=[0.15, 0.15], ratio=2.5).T
    ratios = np.log((bottom - top) / (right - left))
    assert (ratios.min(), ratios.max()) == pytest.approx((-math.log(2.5), math.log(2.5)), abs=0.1)
    assert abs(ratios.mean()) < 0.03
    top, bottom, left, right = rectangles(area=[0.1, 0.1], ratio=1).T
    assert set(bottom - top) == set(right - left) == {15}


def test_places_are_any_inside_the_image():
    top, bottom, left, right = rectangles(area=[0.05, 0.05], ratio=1).T
    assert (top.min(), bottom.max(), left.min(), right.max()) == (0, 40, 0, 60)
    np.testing.assert_allclose(np.bincount(left) * (60 - 11 + 1) / 4000, 1, atol=0.5)
    assert abs(np.corrcoef(top, left)[0, 1]) < 0.05


def test_the_whole_image_can_go():
    images = some_images(5, 9, 9)
    np.testing.assert_array_equal(RandomErasing(area=[1, 1], ratio=1, fill=0.25)(images, rng()), 0.25)
    wiped = RandomErasing(area=[1, 1], ratio=3)(images, rng()) == 0  # a side that would be too long ends at the border
    assert (wiped.all(axis=1).any(axis=1) | wiped.all(axis=2).any(axis=1)).all()


def test_all_channels_are_wiped_out_together():
    wiped = RandomErasing(area=0.3)(np.ones((20, 9, 11, 3), np.float32), rng())
    np.testing.assert_array_equal(wiped, np.repeat(wiped[..., :1], 3, axis=3))
    np.testing.assert_array_equal(wiped[..., 0], RandomErasing(area=0.3)(np.ones((20, 9, 11), np.float32), rng()))


def test_same_generator_same_bits_in_batches_of_any_size():
    erase = RandomErasing()
    large, small = some_images(50, 8, 8), some_images(20, 8, 8)
    expected = erase(large, rng()).copy()
    np.testing.assert_array_equal(erase(small, rng(1)), RandomErasing()(small, rng(1)))
    np.testing.assert_array_equal(erase(large, rng()), expected)
    assert not np.array_equal(erase(large, rng(2)), expected)


def test_input_is_untouched_and_output_is_float32():
    images = some_images(10, 12, 9)
    before = images.copy()
    images.flags.writeable = False
    result = RandomErasing()(images, rng())
    np.testing.assert_array_equal(images, before)
    assert (result.shape, result.dtype) == (images.shape, np.float32)
    assert not np.shares_memory(result, images)


def test_what_are_no_images_is_refused():
    with pytest.raises(ValueError, match=r"images must have the shape .*, not \(3, 64\)"):
        RandomErasing()(some_images(3, 64), rng())


def test_it_is_written_as_the_others_are():
    assert spec(RandomErasing(area=(0.1, 0.2))) == {"random_erasing": [0.1, 0.2]}


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ({"area": -0.1}, "area"),
        ({"area": 1.1}, "area"),
        ({"area": [0.3, 0.1]}, "area"),
        ({"area": [0.1]}, "area"),
        ({"area": "all"}, "area"),
        ({"ratio": 0.5}, "ratio"),
        ({"ratio": math.inf}, "ratio"),
    ],
)
def test_bad_arguments_are_named(arguments, culprit):
    with pytest.raises(ArgumentError, match=f"RandomErasing: {culprit} must be .*, got ") as caught:
        RandomErasing(**arguments)
    assert caught.value.argument == culprit
