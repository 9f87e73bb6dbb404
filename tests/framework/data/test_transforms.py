"""Augmentation of images."""

import copy
import math

import numpy as np
import pytest

from framework.data import transforms
from framework.data.transforms import RandomAffine, warp
from framework.registry import ArgumentError, spec

EVERYTHING = {"rotation": 30, "scale": 0.2, "shear": 15, "shift": 3}


def rng(seed=0):
    return np.random.default_rng(seed)


def some_images(*shape):
    return rng(5).random(shape, np.float32)


def translation(x, y, count=1):
    """Matrices that show the image moved right by x and down by y."""
    return np.tile(np.array([[1.0, 0.0, -x], [0.0, 1.0, -y]]), (count, 1, 1))


def naive_warp(images, matrices, fill):
    """Pixel by pixel, in double precision."""
    batch, height, width = images.shape
    out = np.empty(images.shape)

    def pixel(n, row, column):
        inside = 0 <= row < height and 0 <= column < width
        return float(images[n, row, column]) if inside else fill

    for n in range(batch):
        for row in range(height):
            for column in range(width):
                x, y = matrices[n] @ (column - (width - 1) / 2, row - (height - 1) / 2, 1.0)
                x, y = x + (width - 1) / 2, y + (height - 1) / 2
                left, top = math.floor(x), math.floor(y)
                fx, fy = x - left, y - top
                upper = (1 - fx) * pixel(n, top, left) + fx * pixel(n, top, left + 1)
                lower = (1 - fx) * pixel(n, top + 1, left) + fx * pixel(n, top + 1, left + 1)
                out[n, row, column] = (1 - fy) * upper + fy * lower
    return out


class TestWarp:
    @pytest.mark.parametrize("shape", [(5, 28, 28), (3, 7, 10), (2, 10, 7), (1, 1, 1), (4, 2, 1)])
    @pytest.mark.parametrize("fill", [0.0, 0.7])
    def test_agrees_with_a_loop_over_pixels(self, shape, fill):
        images = some_images(*shape)
        strong = RandomAffine(rotation=180, scale=(0.3, 3.0), shear=40, shift=6)
        matrices = strong.draw(len(images), rng())
        expected = naive_warp(images, matrices, fill)
        np.testing.assert_allclose(warp(images, matrices, fill), expected, atol=1e-5)

    def test_identity_is_exact(self):
        for shape in [(70, 28, 28), (3, 5, 8), (2, 6, 5, 3)]:
            images = some_images(*shape)
            np.testing.assert_array_equal(warp(images, translation(0, 0, len(images)), fill=0.5), images)

    @pytest.mark.parametrize(("x", "y"), [(1, 0), (0, 1), (-2, 3), (4, -1)])
    def test_whole_shifts_move_pixels_unchanged(self, x, y):
        images = some_images(2, 9, 12)
        moved = warp(images, translation(x, y, 2), fill=-1.0)
        rolled = np.roll(images, (y, x), axis=(1, 2))
        rows = slice(max(y, 0), 9 + min(y, 0))
        columns = slice(max(x, 0), 12 + min(x, 0))
        np.testing.assert_array_equal(moved[:, rows, columns], rolled[:, rows, columns])
        moved[:, rows, columns] = -1.0
        assert np.all(moved == -1.0)

    @pytest.mark.parametrize("quarters", [1, 2, 3])
    @pytest.mark.parametrize("size", [8, 9])
    def test_quarter_turns(self, quarters, size):
        images = some_images(3, size, size)
        angle = quarters * math.pi / 2
        # Counter-clockwise with y pointing down; the inverse map turns back.
        turn = [[math.cos(angle), -math.sin(angle), 0.0], [math.sin(angle), math.cos(angle), 0.0]]
        turned = warp(images, np.tile(np.array(turn), (3, 1, 1)))
        np.testing.assert_allclose(turned, np.rot90(images, quarters, axes=(1, 2)), atol=1e-5)

    def test_half_a_pixel_is_the_mean_of_two(self):
        images = some_images(1, 4, 6)
        moved = warp(images, translation(0.5, 0))
        np.testing.assert_allclose(moved[..., 1:], (images[..., 1:] + images[..., :-1]) / 2, rtol=1e-6)
        np.testing.assert_allclose(moved[..., 0], images[..., 0] / 2, rtol=1e-6)

    def test_far_away_there_is_only_fill(self):
        assert np.all(warp(some_images(1, 8, 8), translation(1e9, -1e9), fill=0.25) == 0.25)

    def test_each_image_has_its_own_matrix_also_across_chunks(self):
        images = some_images(200, 10, 10)
        matrices = RandomAffine(**EVERYTHING).draw(200, rng())
        together = warp(images, matrices)
        alone = [warp(images[n : n + 1], matrices[n : n + 1])[0] for n in range(200)]
        np.testing.assert_array_equal(together, alone)

    @pytest.mark.parametrize("pixels", [1, 250, 1000])
    def test_the_size_of_chunks_makes_no_difference(self, pixels, monkeypatch):
        images, matrices = some_images(25, 10, 10), RandomAffine(**EVERYTHING).draw(25, rng())
        expected = warp(images, matrices)
        monkeypatch.setattr(transforms, "CHUNK_PIXELS", pixels)
        np.testing.assert_array_equal(warp(images, matrices), expected)

    def test_channels_are_warped_alike(self):
        images = some_images(6, 9, 11, 3)
        matrices = RandomAffine(**EVERYTHING).draw(6, rng())
        colour = warp(images, matrices, fill=0.3)
        for channel in range(3):
            grey = warp(images[..., channel], matrices, fill=0.3)
            np.testing.assert_array_equal(colour[..., channel], grey)

    def test_other_types_and_layouts_come_out_as_float32(self):
        images = some_images(3, 8, 8)
        matrices = RandomAffine(**EVERYTHING).draw(3, rng())
        every_second = np.repeat(images, 2, axis=2)[:, :, ::2]
        for other in (images.astype(np.float64), np.asfortranarray(images), every_second):
            warped = warp(other, matrices)
            assert warped.dtype == np.float32
            np.testing.assert_array_equal(warped, warp(images, matrices))

    def test_no_images(self):
        assert warp(np.empty((0, 8, 8), np.float32), np.empty((0, 2, 3))).shape == (0, 8, 8)

    def test_shapes_that_do_not_fit(self):
        with pytest.raises(ValueError, match="not \\(8, 8\\)"):
            warp(some_images(8, 8), translation(0, 0, 8))
        with pytest.raises(ValueError, match="3 images need as many 2 by 3 matrices"):
            warp(some_images(3, 8, 8), translation(0, 0, 2))


class TestRandomAffine:
    def test_zero_ranges_are_the_identity(self):
        images = some_images(40, 28, 28)
        np.testing.assert_array_equal(RandomAffine()(images, rng()), images)

    def test_same_generator_same_bits(self):
        images, augment = some_images(70, 28, 28), RandomAffine(**EVERYTHING)
        first = augment(images, rng(1)).copy()
        np.testing.assert_array_equal(first, augment(images, rng(1)))
        np.testing.assert_array_equal(first, RandomAffine(**EVERYTHING)(images, rng(1)))
        assert not np.array_equal(first, augment(images, rng(2)))

    def test_input_is_untouched_and_output_is_float32(self):
        images = some_images(10, 12, 9)
        before = images.copy()
        images.flags.writeable = False
        result = RandomAffine(**EVERYTHING)(images, rng())
        np.testing.assert_array_equal(images, before)
        assert result.shape == images.shape
        assert result.dtype == np.float32
        assert not np.shares_memory(result, images)

    def test_batches_of_any_size_share_one_buffer(self):
        augment = RandomAffine(**EVERYTHING)
        large, small = some_images(50, 8, 8), some_images(20, 8, 8)
        expected = augment(large, rng()).copy()
        partial = augment(small, rng(1))
        assert partial.shape == small.shape
        np.testing.assert_array_equal(partial, RandomAffine(**EVERYTHING)(small, rng(1)))
        np.testing.assert_array_equal(augment(large, rng()), expected)
        assert augment(some_images(2, 8, 8, 3), rng()).shape == (2, 8, 8, 3)

    def test_values_stay_between_image_and_fill(self):
        images = some_images(100, 28, 28)
        result = RandomAffine(**EVERYTHING)(images, rng())
        assert result.min() >= 0
        assert result.max() <= 1 + 1e-6

    def test_ranges(self):
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
    def test_scale_enlarges_by_its_factor(self, scale, low, high):
        inverse = RandomAffine(rotation=90, scale=scale).draw(10_000, rng())
        factors = np.linalg.det(inverse[:, :, :2]) ** -0.5
        assert factors.min() == pytest.approx(low, abs=0.001)
        assert factors.max() == pytest.approx(high, abs=0.001)

    def test_shear_slants_vertical_lines_and_keeps_areas(self):
        inverse = RandomAffine(shear=30).draw(10_000, rng())
        forward = np.linalg.inv(inverse[:, :, :2])
        np.testing.assert_allclose(forward[:, :, 0], np.tile([1.0, 0.0], (10_000, 1)), atol=1e-12)
        np.testing.assert_allclose(forward[:, 1, 1], 1.0)
        slants = np.degrees(np.arctan(forward[:, 0, 1]))
        assert slants.min() == pytest.approx(-30, abs=0.1)
        assert slants.max() == pytest.approx(30, abs=0.1)

    def test_matrices_compose_scale_rotation_shear_and_shift(self):
        config = {"rotation": 25, "scale": 0.3, "shear": 20, "shift": 4}
        [inverse] = RandomAffine(**config).draw(1, rng(3))
        turn, size, slant, right, down = rng(3).uniform(-1, 1, (5, 1))[:, 0]
        angle, k = math.radians(25 * turn), math.tan(math.radians(20 * slant))
        rotation = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        forward = (1 + 0.3 * size) * rotation @ np.array([[1.0, k], [0.0, 1.0]])
        point = np.array([3.0, -5.0])
        shown_at = forward @ point + 4 * np.array([right, down])
        np.testing.assert_allclose(inverse @ [*shown_at, 1.0], point)

    def test_changing_one_range_leaves_the_other_amounts_as_they_were(self):
        without = RandomAffine(shift=3).draw(10, rng())
        with_shear = RandomAffine(shift=3, shear=10).draw(10, rng())
        np.testing.assert_array_equal(without[:, 1, 2], with_shear[:, 1, 2])

    def test_config_round_trip(self):
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
        ],
    )
    def test_bad_arguments_are_named(self, arguments, culprit):
        with pytest.raises(ArgumentError, match=f"{culprit} must be .*, got ") as caught:
            RandomAffine(**arguments)
        assert caught.value.argument == culprit


def test_users_transform_needs_only_a_call():
    class Invert(transforms.Transform):
        def __call__(self, images, rng):
            return 1 - images

    images = some_images(2, 4, 4)
    np.testing.assert_array_equal(Invert()(images, rng()), 1 - images)
    with pytest.raises(NotImplementedError, match="must define __call__"):
        transforms.Transform()(images, rng())
