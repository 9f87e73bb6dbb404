"""Finds the digits on a photo or a scan of many: lines of them, each cut out as an MNIST image, in reading order.

Ink is what stands out from the paper, as in `ink.py`. Its connected parts are put together to digits by how near
they come to each other, as pen strokes are; lines of the page are followed from digit to digit, so they may rise.
All lengths are in digits' heights: the height that the typical part has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from framework.parameters import Array

from .grouping import group_clouds
from .ink import CLEAR, FAINT, LEAST, as_grey, components, contrast_of, otsu_threshold, reduced
from .preprocess import normalise
from .ruled import on_a_rule

ANALYSED = 2048
"""Pictures with a longer side are first reduced, by averaging whole blocks."""
CLOSE = 0.06
"""Pieces of a digit that was broken, or its strokes, come as near as this, edge to edge."""
SHARED = 0.5
"""What lies above something else with this part of its width belongs to it."""
REACH = 0.2
"""What is too low for a digit belongs to the nearest one, if that is as near as this."""
DUST = 0.15
"""What is smaller than this is no part of a digit."""
LONG, THIN = 3.0, 0.15
"""What is longer than this and no thicker than that is a ruled line or the edge of the paper, and no digit."""
CORE = 0.5
"""What is at least as high as this tells where the lines of the page run; what is lower goes with them."""
STRAY = 0.6
"""A digit's middle lies no farther than this above or below its line."""
WIDE = 1.3
"""What is wider than this, in its own height, may be digits that touch, ..."""
EACH = 0.8
"""... each about as wide as this, ..."""
PLAY = 0.3
"""... by this share more or less; they are cut where there is the least ink, ..."""
ASIDE = 0.15
"""... of which a cut saves at least this much, in pixels, for each that it lies aside from the even one."""
FOLLOWED = 6
"""Parts of a line that tell where it goes on."""
MOST_PARTS = 3000
"""What has more parts than this is no page of digits."""
EDGE_POINTS = 80
"""Points of a part's edge by which its distance to others is measured."""


Box = tuple[float, float, float, float]
"""Around ink: x, y, width and height."""


@dataclass(frozen=True, eq=False)
class Spot:
    """A digit on the page. box: x, y, width and height in pixels of the picture. image: (28, 28) float32 in [0, 1].

    pieces: of ink so wide that it may be digits that touch: these digits, from left to right.
    """

    box: Box
    image: Array
    pieces: tuple[Spot, ...] = ()


@dataclass(frozen=True, eq=False)
class Part:
    """A connected part of the ink: its pixels' rows and columns, and those of its edge (n, 2) as x and y.

    box: left, top, right, bottom; the last two lie behind it.
    """

    rows: Array
    columns: Array
    edge: Array
    box: tuple[int, int, int, int]

    @property
    def middle(self) -> tuple[float, float]:
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1]

    @property
    def width(self) -> int:
        return self.box[2] - self.box[0]


def find_digits(array: ArrayLike) -> list[list[Spot]]:
    """The digits of a picture: lines from top to bottom, in each the digits from left to right; [] for a blank one.

    array: as for `image_from_pixels`; uneven light, noise, specks and the lines of ruled paper are dealt with.
        Digits that touch are one spot, which says what its pieces may be.

    Raises ValueError for what is no picture, as `as_grey`, and where more than 3,000 parts are as large as digits.

    >>> page = np.full((60, 120), 250, np.uint8)
    >>> page[10:50, 20:25] = page[12:52, 60:65] = 10
    >>> [[spot.box for spot in line] for line in find_digits(page)]
    [[(20.0, 10.0, 5.0, 40.0), (60.0, 12.0, 5.0, 40.0)]]
    """
    grey = as_grey(array)
    small = reduced(grey, ANALYSED)
    scale = grey.shape[0] // small.shape[0]
    found = _ink(small)
    if found is None:
        return []
    ink, strong = found
    mask = ink > 0
    parts, height = _parts(mask, strong)
    if _take_out_rules(mask, parts, height):
        parts, height = _parts(mask, strong)
    parts = [part for part in parts if not _is_line(part, height)]
    lines = [_digits(line, height) for line in _lines(parts, height)]
    spots = [[_spot(ink, digit, scale) for digit in line] for line in lines if line]
    return sorted(spots, key=lambda line: float(np.mean([spot.box[1] + spot.box[3] / 2 for spot in line])))


def _ink(grey: Array) -> tuple[Array, Array] | None:
    """The amount of ink (h, w) in [0, 1], and a mask of what is surely some; None for a blank page."""
    contrast, noise = contrast_of(grey)
    floor = CLEAR * noise
    if contrast.max() < max(LEAST, floor):
        return None
    strong = contrast >= otsu_threshold(contrast[contrast > floor])
    full = float(np.median(contrast[strong])) if noise else float(contrast.max())
    return np.where(contrast > max(floor, FAINT * full), np.minimum(contrast / full, 1.0), 0.0), strong


def _parts(mask: Array, strong: Array) -> tuple[list[Part], float]:
    """The connected parts of a mask that hold a strong pixel and are no dust, and the digits' height."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return [], 0.0
    number = components(mask)
    around = np.pad(mask, 1)
    inner = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    edge = ~inner[mask]
    order = np.argsort(number, kind="stable")
    ends = np.cumsum(np.bincount(number))
    begins = ends - np.bincount(number)
    left, top = (np.minimum.reduceat(places[order], begins) for places in (columns, rows))
    right, bottom = (np.maximum.reduceat(places[order], begins) + 1 for places in (columns, rows))
    is_ink = np.bincount(number, strong[mask]) > 0
    height = _typical_height((bottom - top)[is_ink])
    kept = np.flatnonzero(is_ink & (np.maximum(right - left, bottom - top) >= DUST * height))
    if len(kept) > MOST_PARTS:
        raise ValueError(
            f"a page with {len(kept):,} marks as large as digits cannot be read: "
            f"more than {MOST_PARTS:,} are noise or print; cut out the digits"
        )
    parts = []
    for index in kept:
        pixels = order[begins[index] : ends[index]]
        rim = pixels[edge[pixels]]
        rim = rim[:: 1 + (len(rim) - 1) // EDGE_POINTS]
        box = (int(left[index]), int(top[index]), int(right[index]), int(bottom[index]))
        parts.append(Part(rows[pixels], columns[pixels], np.stack([columns[rim], rows[rim]], axis=1), box))
    return parts, height


def _typical_height(heights: Array) -> float:
    """The median of the parts' heights, each counting as much as it is high: much dust does not change it."""
    ascending = np.sort(heights)
    return float(ascending[np.searchsorted(np.cumsum(ascending), ascending.sum() / 2)]) if len(ascending) else 0.0


def _take_out_rules(mask: Array, parts: Sequence[Part], height: float) -> bool:
    """Takes the lines of ruled paper out of the mask; returns whether there were any."""
    changed = False
    for part in parts:
        for length, along, across in ((part.width, part.columns, part.rows), (part.height, part.rows, part.columns)):
            if length > LONG * height and (ruled := on_a_rule(along, across, height)).any():
                mask[part.rows[ruled], part.columns[ruled]] = False
                changed = True
    return changed


def _is_line(part: Part, height: float) -> bool:
    """Whether a part is a ruled line or the edge of the paper."""
    thickness = len(part.rows) / (part.width + part.height)
    return max(part.width, part.height) > LONG * height and thickness < THIN * height


def _lines(parts: Sequence[Part], height: float) -> list[list[Part]]:
    """The parts of each line of the page, which are followed from left to right; what is far from all is left out."""
    cores = sorted((part for part in parts if part.height >= CORE * height), key=lambda part: part.middle[0])
    lines: list[list[Part]] = []
    courses = np.zeros((len(cores), 3))
    for part in cores:
        offs = _offs(part.middle, courses[: len(lines)])
        nearest = int(np.argmin(offs)) if lines else 0
        if not lines or offs[nearest] > STRAY * max(height, part.height):
            nearest = len(lines)
            lines.append([])
        lines[nearest].append(part)
        courses[nearest] = _course(lines[nearest][-FOLLOWED:], height)
    small = [part for part in parts if part.height < CORE * height]
    if not (small and lines):
        return lines
    middles = np.array([part.middle for part in small])
    offs = np.stack([_offs(middles.T, _courses_at(middles[:, 0], line, height)) for line in lines])
    whole = [list(line) for line in lines]
    for part, nearest, off in zip(small, offs.argmin(axis=0), offs.min(axis=0), strict=True):
        if off <= height:
            whole[nearest].append(part)
    return whole


def _course(parts: Sequence[Part], height: float) -> tuple[float, float, float]:
    """How a line runs that neighbouring parts of it lie on: x and y of a point, and the slope."""
    x, y = np.array([part.middle for part in parts]).T
    run = x - x.mean()
    slope = float(run @ y) / (float(run @ run) + 4 * height**2)  # of few digits that lie close together it tells little
    return float(x.mean()), float(y.mean()), slope


def _courses_at(x: Array, line: Sequence[Part], height: float) -> Array:
    """How a line runs at each of these x, (n, 3): as its parts around there do."""
    courses = np.array([_course(line[i : i + FOLLOWED], height) for i in range(max(1, len(line) - FOLLOWED + 1))])
    before = np.searchsorted([part.middle[0] for part in line], x)
    return np.asarray(courses[np.clip(before - FOLLOWED // 2, 0, len(courses) - 1)])


def _offs(middle: Sequence[float] | Array, courses: Array) -> Array:
    """How far above or below lines places lie: (n,) of one place and n lines, or of n places and a line at each."""
    x, y, slope = courses.T
    return np.asarray(np.abs(middle[1] - y - slope * (middle[0] - x)))


def _digits(line: Sequence[Part], height: float) -> list[list[Part]]:
    """The parts of each digit of a line, from left to right."""
    groups = group_clouds([part.edge for part in line], height, CLOSE, SHARED, REACH)
    return [[line[index] for index in group] for group in groups]


def _spot(ink: Array, digit: Sequence[Part], scale: int) -> Spot:
    rows = np.concatenate([part.rows for part in digit])
    columns = np.concatenate([part.columns for part in digit])
    box, image = _cut_out(ink, rows, columns, scale)
    wide = box[2] > WIDE * box[3]
    return Spot(box, image, tuple(_pieces(ink, rows, columns, scale)) if wide else ())


def _cut_out(ink: Array, rows: Array, columns: Array, scale: int) -> tuple[Box, Array]:
    """The box around pixels of the ink, and the image of them alone."""
    top, left = int(rows.min()), int(columns.min())
    height, width = int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
    cut = np.zeros((height, width))
    cut[rows - top, columns - left] = ink[rows, columns]
    image = normalise(cut)
    assert image is not None
    return (float(scale * left), float(scale * top), float(scale * width), float(scale * height)), image


def _pieces(ink: Array, rows: Array, columns: Array, scale: int) -> list[Spot]:
    """The digits that touch, when these pixels are several."""
    left, width = int(columns.min()), int(np.ptp(columns)) + 1
    n = max(2, round(width / (EACH * (int(np.ptp(rows)) + 1))))
    amount = np.bincount(columns - left, minlength=width)
    cuts = [0]
    for middle in np.arange(1, n) * width / n:
        low, high = int(middle - PLAY * width / n), int(middle + PLAY * width / n) + 1
        cuts.append(low + int(np.argmin(amount[low:high] + ASIDE * np.abs(np.arange(low, high) - middle))))
    pieces = []
    for begin, end in pairwise([*cuts, width]):
        own = (columns - left >= begin) & (columns - left < end)
        if own.any():
            pieces.append(Spot(*_cut_out(ink, rows[own], columns[own], scale)))
    return pieces
