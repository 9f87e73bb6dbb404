"""Where the neurons of a network lie: their cells fit, are found where they are drawn, and have the right levels."""

import numpy as np
import pytest

from apps.mnist.ui.inside import Group
from apps.mnist.ui.layout import Rect, arrange
from apps.mnist.ui.mosaic import BESIDE, ZERO, Mosaic, Plan, levels

SHAPES = [(1,), (7,), (64,), (128,), (3000,), (28, 28), (26, 26, 8), (5, 5, 64), (1, 1, 40), (60, 60, 3), (2, 2, 2, 2)]
PLACES = [Rect(3, 5, 428, 80), Rect(0, 0, 310, 50), Rect(9, 9, 200, 9), Rect(0, 0, 1000, 300)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_mosaic_fits_its_place_and_is_found_where_it_is_drawn(shape, place):
    group = Group("", 0, 0, shape)
    mosaic = Mosaic.fitted(group.maps, place, most=20)
    assert mosaic.place.w > 0
    assert mosaic.place.h > 0
    assert mosaic.place.x >= place.x
    assert mosaic.place.right <= place.right
    assert mosaic.place.y >= place.y
    assert mosaic.place.bottom <= place.bottom
    for index in {0, group.size // 3, group.size - 1}:
        cell = mosaic.cell_of(index)
        assert mosaic.scale < 1 or mosaic.at(cell.x, cell.y) == index
        assert mosaic.scale < 1 or mosaic.at(cell.x + cell.w // 2, cell.y + cell.h // 2) == index
    assert mosaic.at(place.x - 1, place.y) is None


def test_a_mosaic_paints_each_neuron_in_its_cell():
    mosaic = Mosaic.fitted((3, 4, 5), Rect(0, 0, 300, 100), most=20)
    values = np.arange(60).reshape(4, 5, 3)
    pixels = mosaic.picture(values)
    assert pixels.shape == (mosaic.place.h, mosaic.place.w)
    for index in range(60):
        cell = mosaic.cell_of(index)
        x, y = cell.x - mosaic.place.x, cell.y - mosaic.place.y
        assert (pixels[y : y + cell.h, x : x + cell.w] == values.flat[index]).all()
    assert (pixels == BESIDE).any()


@pytest.mark.parametrize("place", [Rect(0, 0, 0, 0), Rect(0, 0, 5, 0), Rect(0, 0, 2, 2)], ids=str)
def test_no_room_is_no_error(place):
    for shape in SHAPES:
        Mosaic.fitted(Group("", 0, 0, shape).maps, place, most=20).at(1, 1)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.0], [ZERO, ZERO]),
        ([-4.0, 2.0], [0, 191]),
        ([np.nan, 1.0], [ZERO, 254]),
        ([], []),
    ],
)
def test_levels_are_relative_to_the_largest(values, expected):
    assert levels(np.array(values)).tolist() == pytest.approx(expected, abs=1)


def test_a_map_surrounds_its_cells():
    for place in (Rect(3, 5, 428, 80), Rect(0, 0, 900, 300)):  # with cells of fractions of pixels, and of whole ones
        mosaic = Mosaic.fitted((6, 4, 5), place, most=20)
        for index in range(120):
            cell, around = mosaic.cell_of(index), mosaic.map_of(index)
            assert around.x <= cell.x < cell.right <= around.right
            assert around.y <= cell.y < cell.bottom <= around.bottom
            assert around == mosaic.map_of(index % 6)
        assert len({mosaic.map_of(index) for index in range(120)}) == 6


def test_a_few_bright_cells_do_not_darken_the_others_of_maps():
    maps = np.full((10, 10, 5), 0.5)
    maps[0, 0, :3] = 40
    assert levels(maps)[5, 5, 0] == 254
    assert levels(maps.ravel())[-1] < 140
    lonely = np.zeros((10, 10, 5))
    lonely[3, 3, 3] = -2
    assert levels(lonely)[3, 3, 3] == 0


@pytest.mark.parametrize("size", [(720, 480), (1000, 660), (1600, 900), (859, 900)], ids=str)
def test_the_maps_of_all_stages_have_cells_of_about_the_same_size(size):
    stages = [Group("", 0, 0, shape) for shape in ((28, 28), (12, 12, 24), (6, 6, 48), (4, 4, 96), (10,))]
    layout = arrange(*size)
    plan = Plan.of(stages, layout.network, layout.unit)
    assert plan is not None
    cells = [mosaic.cell * mosaic.scale for mosaic in plan.hidden]
    assert min(cells) > 1.9
    assert max(cells) < 1.3 * min(cells)
    assert plan.image.place.w >= 84


def test_rows_of_vectors_are_equally_high():
    layout = arrange(1000, 660)
    plan = Plan.of([Group("", 0, 0, shape) for shape in ((28, 28), (128,), (64,), (10,))], layout.network, layout.unit)
    assert plan is not None
    first, second, output = plan.captions
    assert abs((first.y - second.y) - (plan.image.place.y - first.y)) <= 1
    assert output.y < second.y
