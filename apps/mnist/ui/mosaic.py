"""Where the network's parts lie in its picture, down to every neuron's cell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from framework.parameters import Array

from ..preprocess import SIDE
from ..recognizer import CLASSES
from .inside import Group
from .layout import Rect

SMALLEST = (150, 140)
"""Pixels, width and height, below which there is no room for a network."""
LINE, BARS, DIGIT, GAP, CELL = 15, 42, 18, 8, 20
"""Units: heights of a line of words and of an output's bar and digit; between the groups; the largest cell."""
ALONE = 4
"""How much larger than a map's cells those of a vector are beside maps."""
ZERO, BESIDE = 127, 255
"""Levels of cells: of a value of 0, and of the gaps; below ZERO lie negative values, above it positive ones."""


def levels(values: Array) -> Array:
    """Values as levels of cells, uint8: the one with the largest magnitude becomes 0 or 254.

    Of maps (H, W, C), where a few cells outshine all others, the brightest 1 % are equally bright.

    >>> levels(np.array([-1.0, 0.0, 2.0]))
    array([ 64, 127, 254], dtype=uint8)
    """
    finite = np.nan_to_num(values)
    size = np.abs(finite).ravel()
    most = float(size.max(initial=0.0))
    if values.ndim == 3 and len(size) > 100:
        most = float(np.partition(size, -len(size) // 100)[-len(size) // 100]) or most
    shares = finite / most if most else finite
    found: Array = np.rint(ZERO + ZERO * shares.clip(-1, 1)).astype(np.uint8)
    return found


@dataclass(frozen=True)
class Mosaic:
    """Where a group's cells lie: its maps side by side in rows.

    maps: how many, and their rows and columns. columns: maps in a row. cell: pixels of a cell's side; gap: between
    maps; scale: by which all is then scaled to fit its place, other than 1 only where cells are a few pixels or less:
    those of maps have 2 pixels then, and half a cell between them, before they are scaled.

    >>> mosaic = Mosaic.fitted((64, 1, 1), Rect(0, 0, 420, 90), most=20)
    >>> mosaic.columns, mosaic.at(90, 35), mosaic.cell_of(18)
    (16, 18, Rect(x=84, y=24, w=20, h=20))
    """

    place: Rect
    maps: tuple[int, int, int]
    columns: int
    cell: int
    gap: int
    scale: float

    @classmethod
    def fitted(cls, maps: tuple[int, int, int], place: Rect, most: int) -> Mosaic:
        """In the middle of a place, with the largest cells that fit it, of at most that many pixels."""
        count, height, width = maps
        columns = np.arange(1, count + 1)
        rows = -(-count // columns)
        gap = 1 if height * width == 1 else 2
        sizes = np.minimum(((place.w + gap) // columns - gap) // width, ((place.h + gap) // rows - gap) // height)
        cell = min(most, int(sizes.max()))
        fills = count == 1 and (cell * width, cell * height) == place[2:]
        scaled = cell < (1 if height * width == 1 else 8) and not fills  # fractions of pixels count
        if scaled:
            cell, gap = (1, 0) if height * width == 1 else (2, 1)
            sizes = np.minimum(place.w / (columns * (cell * width + gap)), place.h / (rows * (cell * height + gap)))
        fits = sizes >= (sizes.max() if scaled else cell)
        best = int(columns[fits][np.argmin((rows * columns)[fits])])  # with the fewest places empty
        wide, high = (n * (side * cell + gap) - gap for n, side in ((best, width), (-(-count // best), height)))
        scale = min(place.w / wide, place.h / high) if scaled else 1.0
        w, h = min(place.w, math.ceil(wide * scale)), min(place.h, math.ceil(high * scale))
        return cls(Rect(place.x + (place.w - w) // 2, place.y + (place.h - h) // 2, w, h), maps, best, cell, gap, scale)

    def picture(self, levels: Array) -> Array:
        """The cells with these levels as pixels, (height, width) uint8, not scaled."""
        count, height, width = self.maps
        rows, high, wide = -(-count // self.columns), height * self.cell, width * self.cell
        tiles = np.full((rows * self.columns, height, width), BESIDE, np.uint8)
        tiles[:count] = levels.reshape(height, width, count).transpose(2, 0, 1)
        grid = tiles.reshape(rows, self.columns, height, width).transpose(0, 2, 1, 3)
        pixels = np.full((rows, high + self.gap, self.columns, wide + self.gap), BESIDE, np.uint8)
        pixels[:, :high, :, :wide] = grid.repeat(self.cell, axis=1).repeat(self.cell, axis=3)
        whole = pixels.reshape(rows * (high + self.gap), -1)
        return whole[: len(whole) - self.gap, : whole.shape[1] - self.gap]

    def at(self, x: int, y: int) -> int | None:
        """The index of the neuron that lies here; the gap after one is its own."""
        if not self.place.holds(x, y):
            return None
        count, height, width = self.maps
        column, right = divmod(int((x - self.place.x) / self.scale), width * self.cell + self.gap)
        row, down = divmod(int((y - self.place.y) / self.scale), height * self.cell + self.gap)
        channel = row * self.columns + column
        i, j = min(height - 1, down // self.cell), min(width - 1, right // self.cell)
        return (i * width + j) * count + channel if channel < count else None

    def cell_of(self, index: int) -> Rect:
        """Where a neuron lies."""
        count, height, width = self.maps
        row, column = divmod(index % count, self.columns)
        i, j = divmod(index // count, width)
        x = column * (width * self.cell + self.gap) + j * self.cell
        y = row * (height * self.cell + self.gap) + i * self.cell
        return self._scaled(x, y, self.cell, self.cell)

    def map_of(self, index: int) -> Rect:
        """Where the map with a neuron lies."""
        count, height, width = self.maps
        row, column = divmod(index % count, self.columns)
        wide, high = width * self.cell, height * self.cell
        return self._scaled(column * (wide + self.gap), row * (high + self.gap), wide, high)

    def _scaled(self, x: int, y: int, w: int, h: int) -> Rect:
        left, right, top, bottom = (math.ceil(self.scale * at) for at in (x, x + w, y, y + h))
        return Rect(self.place.x + left, self.place.y + top, max(1, right - left), max(1, bottom - top))


class Plan(NamedTuple):
    """Where the parts lie: the captions of all groups but the input, the hidden groups, ten outputs, the rest."""

    captions: list[Rect]
    hidden: list[Mosaic]
    outputs: list[Rect]
    image: Mosaic
    words: Rect
    picture: Mosaic

    @classmethod
    def of(cls, all_groups: list[Group], place: Rect, unit: float) -> Plan | None:
        """The parts from the input at the bottom to the outputs on top; None where there is no room."""
        if place.w < SMALLEST[0] or place.h < SMALLEST[1]:
            return None
        gap, line = max(1, round(GAP * unit)), round(LINE * unit)
        maps = [group.maps for group in all_groups[1:-1]]
        magnified = int(min(0.32 * place.w, 0.33 * place.h)) // SIDE
        if any(height * width > 1 for _, height, width in maps):  # which need the room
            magnified = min(magnified, max(3, int(0.26 * place.h) // SIDE))
        side = SIDE * magnified
        foot = place.below(place.h - side)
        rest = place.top(place.h - side - gap)
        n = len(all_groups) - 2
        top = rest.top(2 * line + (BARS + DIGIT) * unit) if n else rest
        middle = rest.below(top.h + gap)
        apart = min(gap, middle.h // (6 * n)) if n else 0
        rows = middle.rows(n, apart) if n else []
        above = all(row.h >= 3 * line for row in rows)
        most = max(1, round(CELL * unit))
        if above:
            rows = _fair(rows, maps[::-1], line, most)
        captions, hidden = [], []
        for group, row in zip(all_groups[1:-1], reversed(rows), strict=True):
            captions.append(row.top(line) if above else row.left(0.3 * row.w))
            cells = row.below(line) if above else row.beside(0.3 * row.w + gap)
            hidden.append(Mosaic.fitted(group.maps, cells, most))
        return cls(
            [*captions, top.top(line)],
            hidden,
            top.below(line).columns(CLASSES, max(1, gap // 2)),
            Mosaic.fitted((1, SIDE, SIDE), foot.left(side), side),
            foot.beside(side + gap).left(foot.w - 2 * (side + gap)),
            Mosaic.fitted((1, SIDE, SIDE), foot.beside(foot.w - side), side),
        )


def _fair(rows: list[Rect], maps: list[tuple[int, int, int]], line: int, most: int) -> list[Rect]:
    """The rows, each with a line of words, made as high as lets the cells of all their maps be equally large.

    Where there are none but vectors, all stay as they are.
    """
    if all(height * width == 1 for _, height, width in maps):
        return rows
    low, high = 0.0, float(most)
    room = sum(row.h - line for row in rows)
    for _ in range(20):
        cell = (low + high) / 2
        fits = sum(_height(shape, rows[0].w, cell, most) for shape in maps) <= room
        low, high = (cell, high) if fits else (low, cell)
    heights = np.array([_height(shape, rows[0].w, low, most) for shape in maps])
    moved = np.cumsum([0.0, *(line + heights * room / heights.sum())]) - np.cumsum([0, *(row.h for row in rows)])
    ends = np.rint(moved).astype(int).tolist()
    return [
        Rect(row.x, row.y + start, row.w, row.h + end - start)
        for row, start, end in zip(rows, ends, ends[1:], strict=False)
    ]


def _height(maps: tuple[int, int, int], width: int, cell: float, most: int) -> float:
    """What maps with cells of this size need in a place of this width; vectors have larger cells."""
    count, *sides = maps
    alone = min(float(most), ALONE * cell)
    high, wide = (alone if maps[1:] == (1, 1) else cell * (side + 0.5) for side in sides)
    return high * math.ceil(count / max(1, width // wide))
