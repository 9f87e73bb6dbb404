"""Where the parts of the window lie, at every size that it can have."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.mnist.preprocess import SIDE
from apps.mnist.ui.layout import HISTORY, LOW, NARROW, SMALLEST, WIDEST_PANEL, Layout, Rect, arrange

SIZES = [(1000, 660), (720, 480), (859, 900), (860, 620), (1920, 1080), (3840, 2160), (700, 1400), (200, 120), (40, 30)]
lengths = st.integers(1, 4000)
rects = st.builds(Rect, st.integers(-50, 50), st.integers(-50, 50), st.integers(0, 50), st.integers(0, 50))


def parts(layout: Layout) -> dict[str, Rect]:
    """The parts that are seen together, without those that take no room."""
    return {
        name: part
        for name, part in layout._asdict().items()
        if isinstance(part, Rect) and name not in ("window", "network") and part.w and part.h
    }


def check(layout: Layout, width: int, height: int) -> None:
    assert layout.window == (0, 0, width, height)
    for name, part in layout._asdict().items():
        if isinstance(part, Rect):
            assert part.w >= 0, name
            assert part.h >= 0, name
            assert part.x >= 0, name
            assert part.y >= 0, name
            assert part.right <= width, name
            assert part.bottom <= height, name
    for (one, a), (other, b) in combinations(parts(layout).items(), 2):
        assert not a.overlaps(b), f"{one} {a} overlaps {other} {b}"
    for name in ("title", "canvas", "answer", "buttons", "status"):
        assert not layout.network.overlaps(getattr(layout, name)), name
    assert layout.canvas.w == layout.canvas.h >= 1
    assert layout.canvas.w % SIDE == 0 or layout.canvas.w < SIDE


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_no_part_overlaps_another_or_leaves_the_window(size: tuple[int, int]) -> None:
    check(arrange(*size), *size)


@given(lengths, lengths)
@example(1, 1)
@example(1, 4000)
@example(4000, 1)
def test_nor_does_it_at_any_size(width: int, height: int) -> None:
    check(arrange(width, height), width, height)


def test_at_the_size_of_the_design() -> None:
    layout = arrange(1000, 660)
    assert layout.unit == 1
    assert layout.canvas.w == 19 * SIDE
    assert layout.preview.w == 7 * SIDE
    assert layout.preview.h >= 7 * SIDE
    assert layout.history is not None
    assert layout.title.h == 32
    assert layout.buttons.h == 40


@pytest.mark.parametrize("size", [(1500, 990), (2000, 1320), (3000, 1980)], ids=str)
def test_grows_with_the_window(size: tuple[int, int]) -> None:
    layout, design = arrange(*size), arrange(1000, 660)
    factor = size[0] / 1000
    for name, part in parts(layout).items():
        small = parts(design)[name]
        assert part.w == pytest.approx(small.w * factor, abs=2 * SIDE), name
        assert part.h == pytest.approx(small.h * factor, abs=2 * SIDE), name


@given(st.integers(SMALLEST[0], 4000), st.integers(SMALLEST[1], 4000))
@example(*SMALLEST)
@example(NARROW, SMALLEST[1])
@example(SMALLEST[0], 4000)
def test_everything_is_legible_from_the_smallest_size_up(width: int, height: int) -> None:
    layout = arrange(width, height)
    assert layout.canvas.w >= 13 * SIDE
    least = {
        "title": (300, 20),
        "answer": (200, 60),
        "bars": (100, 100),  # ten rows
        "preview": (SIDE, SIDE),
        "buttons": (600, 24),
        "status": (600, 12),
        "history": (60, 60),
    }
    for name, (w, h) in least.items():
        part = getattr(layout, name)
        if part is not None:
            assert part.w >= w, name
            assert part.h >= h, name
    assert layout.network.w >= 200
    assert layout.network.h >= 200
    assert layout.answer.w <= WIDEST_PANEL * layout.unit + 1


@given(lengths, lengths)
@example(NARROW, 700)
@example(NARROW - 1, 700)
def test_narrow_windows_have_the_preview_under_the_bars(width: int, height: int) -> None:
    layout = arrange(width, height)
    if min(layout.bars.w, layout.bars.h, layout.preview.w, layout.preview.h) < 1:
        return
    if width < NARROW:
        assert layout.preview.y >= layout.bars.bottom
    else:
        assert layout.preview.x >= layout.bars.right
        assert layout.preview.y == layout.bars.y


@given(lengths, lengths)
@example(1000, LOW)
@example(1000, LOW - 1)
def test_low_windows_have_no_history(width: int, height: int) -> None:
    assert (arrange(width, height).history is None) == (height < LOW)


def test_constants() -> None:
    assert (SMALLEST, NARROW, LOW, HISTORY) == ((720, 480), 860, 620, 8)


class TestRect:
    @given(rects, rects)
    def test_overlaps_when_a_pixel_is_in_both(self, a: Rect, b: Rect) -> None:
        def pixels(rect: Rect) -> set[tuple[int, int]]:
            return {(x, y) for x in range(rect.x, rect.right) for y in range(rect.y, rect.bottom)}

        if a.w and a.h and b.w and b.h:
            assert a.overlaps(b) == b.overlaps(a) == bool(pixels(a) & pixels(b))

    @given(rects, st.floats(-20, 80))
    def test_two_parts_are_the_whole(self, rect: Rect, length: float) -> None:
        assert rect.top(length).h + rect.below(length).h == rect.h
        assert rect.top(length).bottom == rect.below(length).y
        assert rect.left(length).w + rect.beside(length).w == rect.w
        assert rect.left(length).right == rect.beside(length).x

    @given(rects, st.integers(1, 12), st.integers(0, 5))
    def test_rows_and_columns_fill_it(self, rect: Rect, n: int, gap: int) -> None:
        rows, columns = rect.rows(n, gap), rect.columns(n, gap)
        assert len(rows) == len(columns) == n
        for cells, start, size in ((rows, "y", "h"), (columns, "x", "w")):
            sizes = [getattr(cell, size) for cell in cells]
            assert max(sizes) - min(sizes) <= 1
            if min(sizes) > 0:
                last = cells[-1]
                assert getattr(cells[0], start) == getattr(rect, start)
                assert getattr(last, start) + getattr(last, size) == getattr(rect, start) + getattr(rect, size)
                for a, b in pairwise(cells):
                    assert getattr(b, start) - getattr(a, start) - getattr(a, size) == gap

    @given(rects)
    def test_square_in_the_middle(self, rect: Rect) -> None:
        square = rect.square()
        assert square.w == square.h == min(rect.w, rect.h)
        assert abs((square.x - rect.x) - (rect.right - square.right)) <= 1
        assert abs((square.y - rect.y) - (rect.bottom - square.bottom)) <= 1

    def test_holds_its_first_and_last_pixel_and_not_the_next(self) -> None:
        rect = Rect(10, 20, 3, 4)
        assert rect.holds(10, 20)
        assert rect.holds(12, 23)
        assert not rect.holds(13, 23)
        assert not rect.holds(12, 24)
        assert not rect.holds(9, 20)

    def test_shrunk_beyond_nothing(self) -> None:
        assert Rect(0, 0, 5, 50).shrunk(4)[2:] == (0, 42)
