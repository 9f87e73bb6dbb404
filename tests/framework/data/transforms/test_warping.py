"""Moving pixels: exact where it must be, and like a loop over pixels elsewhere."""

import math

import numpy as np
import pytest

from framework.buffers import Buffered
from framework.data.transforms import RandomAffine, warp, warping

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


@pytest.mark.parametrize("shape", [(5, 28, 28), (3, 7, 10), (2, 10, 7), (1, 1, 1), (4, 2, 1)])
@pytest.mark.parametrize("fill", [0.0, 0.7])
def test_agrees_with_a_loop_over_pixels(shape, fill):
    images = some_images(*shape)
    strong = RandomAffine(rotation=180, scale=(0.3, 3.0), shear=40, shift=6)
    matrices = strong.draw(len(images), rng())
    expected = naive_warp(images, matrices, fill)
    np.testing.assert_allclose(warp(images, matrices, fill), expected, atol=1e-5)


def test_identity_is_exact():
    for shape in [(70, 28, 28), (3, 5, 8), (2, 6, 5, 3)]:
        images = some_images(*shape)
        np.testing.assert_array_equal(warp(images, translation(0, 0, len(images)), fill=0.5), images)


@pytest.mark.parametrize(("x", "y"), [(1, 0), (0, 1), (-2, 3), (4, -1)])
def test_whole_shifts_move_pixels_unchanged(x, y):
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
def test_quarter_turns(quarters, size):
    images = some_images(3, size, size)
    angle = quarters * math.pi / 2
    # Counter-clockwise with y pointing down; the inverse map turns back.
    turn = [[math.cos(angle), -math.sin(angle), 0.0], [math.sin(angle), math.cos(angle), 0.0]]
    turned = warp(images, np.tile(np.array(turn), (3, 1, 1)))
    np.testing.assert_allclose(turned, np.rot90(images, quarters, axes=(1, 2)), atol=1e-5)


def test_half_a_pixel_is_the_mean_of_two():
    images = some_images(1, 4, 6)
    moved = warp(images, translation(0.5, 0))
    np.testing.assert_allclose(moved[..., 1:], (images[..., 1:] + images[..., :-1]) / 2, rtol=1e-6)
    np.testing.assert_allclose(moved[..., 0], images[..., 0] / 2, rtol=1e-6)


def test_far_away_there_is_only_fill():
    assert np.all(warp(some_images(1, 8, 8), translation(1e9, -1e9), fill=0.25) == 0.25)


def test_each_image_has_its_own_matrix_also_across_chunks():
    images = some_images(200, 10, 10)
    matrices = RandomAffine(**EVERYTHING).draw(200, rng())
    together = warp(images, matrices)
    alone = [warp(images[n : n + 1], matrices[n : n + 1])[0] for n in range(200)]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("pixels", [1, 250, 1000])
def test_the_size_of_chunks_makes_no_difference(pixels, monkeypatch):
    images, matrices = some_images(25, 10, 10), RandomAffine(**EVERYTHING).draw(25, rng())
    expected = warp(images, matrices)
    monkeypatch.setattr(warping, "CHUNK_PIXELS", pixels)
    np.testing.assert_array_equal(warp(images, matrices), expected)


def test_channels_are_warped_alike():
    images = some_images(6, 9, 11, 3)
    matrices = RandomAffine(**EVERYTHING).draw(6, rng())
    colour = warp(images, matrices, fill=0.3)
    for channel in range(3):
        grey = warp(images[..., channel], matrices, fill=0.3)
        np.testing.assert_array_equal(colour[..., channel], grey)


def test_other_types_and_layouts_come_out_as_float32():
    images = some_images(3, 8, 8)
    matrices = RandomAffine(**EVERYTHING).draw(3, rng())
    every_second = np.repeat(images, 2, axis=2)[:, :, ::2]
    for other in (images.astype(np.float64), np.asfortranarray(images), every_second):
        warped = warp(other, matrices)
        assert warped.dtype == np.float32
        np.testing.assert_array_equal(warped, warp(images, matrices))


def test_no_images():
    assert warp(np.empty((0, 8, 8), np.float32), np.empty((0, 2, 3))).shape == (0, 8, 8)


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="not \\(8, 8\\)"):
        warp(some_images(8, 8), translation(0, 0, 8))
    with pytest.raises(ValueError, match="3 images need as many 2 by 3 matrices"):
        warp(some_images(3, 8, 8), translation(0, 0, 2))


def test_displacements_say_how_much_farther_a_pixel_comes_from():
    images = some_images(3, 9, 12)
    displacements = rng(1).uniform(-3, 3, (2, 3, 9, 12)).astype(np.float32)
    moved = warp(images, fill=0.5, displacements=displacements)
    for n, row, column in [(0, 0, 0), (1, 4, 7), (2, 8, 11), (2, 3, 2)]:
        right, down = displacements[:, n, row, column]
        alone = warp(images[n : n + 1], translation(-right, -down), fill=0.5)
        assert moved[n, row, column] == pytest.approx(alone[0, row, column], abs=1e-5)


def test_displacements_count_on_top_of_the_matrices():
    images = some_images(4, 10, 10)
    matrices = RandomAffine(**EVERYTHING).draw(4, rng())
    farther = matrices.copy()
    farther[:, :, 2] += [1.25, -2.5]
    displacements = np.empty((2, 4, 10, 10), np.float32)
    displacements[0], displacements[1] = 1.25, -2.5
    np.testing.assert_allclose(warp(images, matrices, displacements=displacements), warp(images, farther), atol=1e-5)


def test_without_displacements_or_with_none_at_all_images_stay_exactly_as_they_are():
    images = some_images(70, 28, 28)
    np.testing.assert_array_equal(warp(images), images)
    np.testing.assert_array_equal(warp(images, displacements=np.zeros((2, 70, 28, 28), np.float32)), images)


def test_images_with_more_pixels_than_float32_can_count_are_read_in_the_same_places(monkeypatch):
    images, matrices = some_images(60, 10, 10), RandomAffine(**EVERYTHING).draw(60, rng())
    expected, memory = warp(images, matrices), Buffered()
    monkeypatch.setattr(warping, "EXACT", 60 * 13 * 12)
    np.testing.assert_array_equal(warp(images, matrices, memory=memory), expected)
    assert memory.buffer("warp whole", (0,), np.float64).base is not None, "counted in double precision"


def test_scratch_memory_that_is_kept_makes_no_difference():
    memory = Buffered()
    for batch, fill in [(60, 0.0), (7, 0.5), (70, 0.25)]:
        images = some_images(batch, 10, 10)
        matrices = RandomAffine(**EVERYTHING).draw(batch, rng())
        np.testing.assert_array_equal(warp(images, matrices, fill, memory=memory), warp(images, matrices, fill))


def test_displacements_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"need displacements of shape \(2, 3, 8, 8\), not \(2, 3, 8\)"):
        warp(some_images(3, 8, 8), displacements=np.zeros((2, 3, 8), np.float32))
