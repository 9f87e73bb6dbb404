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
EDGE_POINTS = 80
"""Points of a part's edge by which its distance to others is measured."""


@dataclass(frozen=True, eq=False)
class Spot:
    """A digit on the page. box: x, y, width and height in pixels of the picture. image: (28, 28) float32 in [0, 1].

    pieces: of ink so wide that it may be digits that touch: these digits, from left to right.
    """

    box: tuple[float, float, float, float]
    image: Array
    pieces: tuple[Spot, ...] = ()


@dataclass(frozen=True, eq=False)
class Part:
    """A connected part of the ink: the pixels' rows and columns, those of its edge (n, 2) as x and y, and its box."""

    rows: Array
    columns: Array
    edge: Array

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom; the last two lie behind it."""
        return int(self.columns.min()), int(self.rows.min()), int(self.columns.max()) + 1, int(self.rows.max()) + 1

    @property
    def middle(self) -> tuple[float, float]:
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2

    @property
    def height(self) -> int:
        return int(np.ptp(self.rows)) + 1

    @property
    def width(self) -> int:
        return int(np.ptp(self.columns)) + 1


def find_digits(array: ArrayLike) -> list[list[Spot]]:
    """The digits of a picture: lines from top to bottom, in each the digits from left to right; [] for a blank one.

    array: as for `image_from_pixels`; uneven light, noise, specks and the lines of ruled paper are dealt with.
        Digits that touch are one spot, which says what its pieces may be.

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
    parts = _parts(mask, strong)
    if parts and _take_out_rules(mask, parts):
        parts = _parts(mask, strong)
    if not parts:
        return []
    height = _typical_height(parts)
    parts = [part for part in parts if _may_be_of_a_digit(part, height)]
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


def _parts(mask: Array, strong: Array) -> list[Part]:
    """The connected parts of a mask that hold a strong pixel."""
    rows, columns = np.nonzero(mask)
    number = components(mask)
    around = np.pad(mask, 1)
    inner = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    edge = ~inner[mask]
    kept = np.bincount(number, strong[mask]) > 0
    order = np.argsort(number, kind="stable")
    places = np.split(order, np.cumsum(np.bincount(number))[:-1])
    parts = []
    for index in np.flatnonzero(kept):
        pixels = places[index]
        rim = pixels[edge[pixels]]
        rim = rim[:: 1 + (len(rim) - 1) // EDGE_POINTS]
        parts.append(Part(rows[pixels], columns[pixels], np.stack([columns[rim], rows[rim]], axis=1)))
    return parts


def _typical_height(parts: Sequence[Part]) -> float:
    """The median of the parts' heights, each counting as much as it is high: much dust does not change it."""
    heights = np.sort([part.height for part in parts])
    return float(heights[np.searchsorted(np.cumsum(heights), heights.sum() / 2)])


def _take_out_rules(mask: Array, parts: Sequence[Part]) -> bool:
    """Takes the lines of ruled paper out of the mask; returns whether there were any."""
    height, changed = _typical_height(parts), False
    for part in parts:
        for length, along, across in ((part.width, part.columns, part.rows), (part.height, part.rows, part.columns)):
            if length > LONG * height and (ruled := on_a_rule(along, across, height)).any():
                mask[part.rows[ruled], part.columns[ruled]] = False
                changed = True
    return changed


def _may_be_of_a_digit(part: Part, height: float) -> bool:
    """Whether a part is neither dust nor a line."""
    longest = max(part.width, part.height)
    thickness = len(part.rows) / (part.width + part.height)
    return longest >= DUST * height and not (longest > LONG * height and thickness < THIN * height)


def _lines(parts: Sequence[Part], height: float) -> list[list[Part]]:
    """The parts of each line of the page, which are followed from left to right; what is far from all is left out."""
    lines: list[list[Part]] = []
    cores = [part for part in parts if part.height >= CORE * height]
    for part in sorted(cores, key=lambda part: part.middle[0]):
        off, line = min(
            ((_off(part, line, height), line) for line in lines), key=lambda pair: pair[0], default=(float("inf"), [])
        )
        if off <= STRAY * max(height, part.height):
            line.append(part)
        else:
            lines.append([part])
    whole = [list(line) for line in lines]
    for part in parts:
        if part.height < CORE * height and lines:
            offs = [_off(part, line, height) for line in lines]
            nearest = int(np.argmin(offs))
            if offs[nearest] <= height:
                whole[nearest].append(part)
    return whole


def _off(part: Part, line: Sequence[Part], height: float) -> float:
    """How far above or below a line a part's middle lies. The line goes on as its parts nearest to this one do."""
    x, y = part.middle
    places = np.array([other.middle for other in line])
    places = places[np.argsort(np.abs(places[:, 0] - x))[:6]]
    centre = places.mean(axis=0)
    run, rise = (places - centre).T
    spread = float(run @ run)
    slope = float(run @ rise) / (spread + 4 * height**2)  # of few digits that lie close together it tells little
    return abs(y - float(centre[1]) - slope * (x - float(centre[0])))


def _digits(line: Sequence[Part], height: float) -> list[list[Part]]:
    """The parts of each digit of a line, from left to right."""
    groups = group_clouds([part.edge for part in line], height, CLOSE, SHARED, REACH)
    return [[line[index] for index in group] for group in groups]


def _spot(ink: Array, digit: Sequence[Part], scale: int) -> Spot:
    boxes = np.array([part.box for part in digit])
    (left, top), (right, bottom) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    cut = np.zeros((bottom - top, right - left))
    for part in digit:
        cut[part.rows - top, part.columns - left] = ink[part.rows, part.columns]
    image = normalise(cut)
    assert image is not None
    x, y, w, h = (float(scale * value) for value in (left, top, right - left, bottom - top))
    wide = right - left > WIDE * (bottom - top)
    return Spot((x, y, w, h), image, tuple(_pieces(ink, digit, scale)) if wide else ())


def _pieces(ink: Array, digit: Sequence[Part], scale: int) -> list[Spot]:
    """The digits that touch, when this is several."""
    rows, columns = (np.concatenate([getattr(part, name) for part in digit]) for name in ("rows", "columns"))
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
            spot = _spot(ink, [Part(rows[own], columns[own], np.zeros((0, 2)))], scale)
            pieces.append(Spot(spot.box, spot.image))
    return pieces
