"""StrokeThickness: by how much strokes become wider, and what it leaves alone."""

import math

import numpy as np
import pytest

from framework.data import transforms
from framework.data.transforms import StrokeThickness
from framework.registry import ArgumentError, spec


class Always:
    """A generator that draws this number each time."""

    def __init__(self, amount):
        self.amount = amount

    def uniform(self, low, high, count):
        assert low <= self.amount <= high
        return np.full(count, self.amount)


def rng(seed=0):
    return np.random.default_rng(seed)


def some_images(*shape):
    return rng(5).random(shape, np.float32)


def line(width, degrees=0, size=29):
    """A line through the middle of an image as an exact pen draws it, and how long it is there."""
    y, x = np.indices((size, size)) - (size - 1) / 2
    across = x * math.cos(math.radians(degrees)) + y * math.sin(math.radians(degrees))
    return np.clip(width / 2 + 0.5 - abs(across), 0, 1)[None].astype(np.float32)


def width_of(images):
    """Of a line through the middle: the ink within a circle over its diameter."""
    y, x = np.indices(images.shape[1:3]) - (images.shape[1] - 1) / 2
    return float((images * (np.hypot(x, y) < 10)).sum()) / 19.9


def changed(images, amount):
    return StrokeThickness(thinner=1.5, thicker=2)(images, Always(amount)).copy()


@pytest.mark.parametrize("degrees", [0, 30, 45, 60, 90])
@pytest.mark.parametrize("amount", [-1.2, -0.5, 0.5, 1.2, 2.0])
def test_strokes_become_so_many_pixels_wider_in_all_directions(amount, degrees):
    before = line(4, degrees)
    assert width_of(changed(before, amount)) - width_of(before) == pytest.approx(amount, rel=0.12)


def test_without_a_range_images_stay_exactly_as_they_are():
    for shape in [(70, 28, 28), (2, 9, 5, 3), (1, 1, 1)]:
        images = some_images(*shape)
        np.testing.assert_array_equal(StrokeThickness(0, 0)(images, rng()), images)


def test_dilation_and_erosion_are_those_of_the_definition():
    images = some_images(3, 7, 5)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)), constant_values=np.nan)
    around = [padded[:, 1 + y : 8 + y, 1 + x : 6 + x] for y in (-1, 0, 1) for x in (-1, 0, 1)]
    share = math.sqrt(2) - 1
    cross, square = np.nanmax([*around[1::2], images], axis=0), np.nanmax(around, axis=0)
    np.testing.assert_allclose(changed(images, 2), share * square + (1 - share) * cross, rtol=1e-6)
    cross, square = np.nanmin([*around[1::2], images], axis=0), np.nanmin(around, axis=0)
    eroded = 0.5 * images + 0.5 * (share * square + (1 - share) * cross)
    eroded *= images.max(axis=(1, 2), keepdims=True) / eroded.max(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(changed(images, -1), eroded, rtol=1e-5)


def test_each_image_has_an_amount_of_its_own_drawn_evenly_from_the_range():
    images = np.repeat(line(6), 4000, axis=0)
    thicker = StrokeThickness(thinner=0.8, thicker=1.2)(images, rng())
    amounts = thicker[:, 14].sum(axis=1) - 6
    assert (amounts.min(), amounts.max()) == pytest.approx((-0.8, 1.2), abs=0.01)
    assert amounts.mean() == pytest.approx(0.2, abs=0.03)
    assert amounts.std() == pytest.approx(2 / math.sqrt(12), abs=0.02)


def test_thin_strokes_fade_but_never_vanish_and_the_peak_stays():
    thin = line(1)
    thin[:, 2:5, 2:5] = 0.8  # a blot whose middle stays as bright as it is
    thinner = changed(thin, -1)
    assert thinner.max() == pytest.approx(1)
    np.testing.assert_allclose(changed(line(1), -1.5), line(1), rtol=1e-6)  # brightened all over
    np.testing.assert_array_equal(changed(np.zeros((2, 5, 5), np.float32), -1.5), 0)


def test_values_stay_between_paper_and_ink():
    for amount in (-1.5, -0.3, 0.3, 2.0):
        result = changed(some_images(50, 9, 9), amount)
        assert result.min() >= 0
        assert result.max() <= 1 + 1e-6


def test_images_of_a_batch_do_not_touch_each_other():
    images, transform = some_images(20, 7, 5), StrokeThickness()
    together = transform(images, rng(3)).copy()
    images[:10] = 1
    np.testing.assert_array_equal(transform(images, rng(3))[10:], together[10:])


def test_channels_are_changed_each_by_itself():
    images = some_images(6, 9, 11, 3)
    colour = StrokeThickness(thinner=0)(images, rng()).copy()
    for channel in range(3):
        grey = StrokeThickness(thinner=0)(images[..., channel], rng())
        np.testing.assert_array_equal(colour[..., channel], grey)


def test_same_generator_same_bits():
    images, transform = some_images(70, 28, 28), StrokeThickness()
    first = transform(images, rng(1)).copy()
    np.testing.assert_array_equal(first, transform(images, rng(1)))
    np.testing.assert_array_equal(first, StrokeThickness()(images, rng(1)))
    assert not np.array_equal(first, transform(images, rng(2)))


def test_batches_of_any_size_share_one_buffer():
    transform = StrokeThickness()
    large, small = some_images(50, 8, 8), some_images(20, 8, 8)
    expected = transform(large, rng()).copy()
    np.testing.assert_array_equal(transform(small, rng(1)), StrokeThickness()(small, rng(1)))
    np.testing.assert_array_equal(transform(large, rng()), expected)


def test_input_is_untouched_and_output_is_float32():
    images = some_images(10, 12, 9)
    before = images.copy()
    images.flags.writeable = False
    result = StrokeThickness()(images, rng())
    np.testing.assert_array_equal(images, before)
    assert (result.shape, result.dtype) == (images.shape, np.float32)
    assert not np.shares_memory(result, images)


def test_what_are_no_images_is_refused():
    with pytest.raises(ValueError, match=r"images must have the shape .*, not \(3, 64\)"):
        StrokeThickness()(some_images(3, 64), rng())


def test_it_is_written_as_the_others_are():
    assert spec(StrokeThickness()) == "stroke_thickness"
    assert transforms.get({"stroke_thickness": {"thicker": 2}}).thicker == 2


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ({"thinner": -0.1}, "thinner"),
        ({"thinner": 1.6}, "thinner"),
        ({"thicker": 2.1}, "thicker"),
        ({"thicker": math.nan}, "thicker"),
    ],
)
def test_bad_arguments_are_named(arguments, culprit):
    with pytest.raises(ArgumentError, match=f"StrokeThickness: {culprit} must be .*, got ") as caught:
        StrokeThickness(**arguments)
    assert caught.value.argument == culprit
