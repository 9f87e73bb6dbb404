"""The three products of a convolution, on memory whose fastest axis is the batch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..buffers import Buffered
from ..parameters import Array
from ..threads import shares
from .calls import Call, Calls, make
from .products import SMALL, takes_small_ones_as_they_lie
from .windows import Windows, places_on_axis

LONG_RUN = 512
"""NumPy copies what lies in several runs of memory into buffers of 8192 numbers; those as long as this it need not."""


class Correlation(Buffered):
    """A kernel that slides over images (channels, height, width, batch), its rows and columns being `Windows`.

    y[f, r, o, n] = Σ_ijc kernel[(i, j, c), f] · x[c, row of tap i of window r, column of tap j of window o, n]

    The kernel is a matrix with a row for each tap and channel, and a column for each filter. With several
    groups, channels and filters are split among them in order, and c counts the channels of a group. Each method
    writes down the `calls` that compute what it says, on these very arrays.

    How it is computed: the batch comes last, so all that is copied or added is runs of at least a whole batch.
    The image is unfolded along its width only: each of its rows becomes a matrix (taps · channels, windows ·
    batch). The kh rows under a window lie one behind the other in memory, which makes them the matrix for one
    row of outputs: kh times less is copied than if each window was written out. The gradient of the image goes
    the same way back: what a row of the image gets from all kh rows of the kernel is one product, and only
    the taps along the width have to be added up.

    The rows under one window are neighbours only without dilation d, and those that one row of the image has to do
    with only without stride s. So window rows and kernel rows are dealt out to d / gcd(s, d) and s / gcd(s, d)
    phases: with r = p + d / gcd · t and i = q + s / gcd · k, what tap i of window r meets is row
    p · s + q · d + lcm(s, d) · (t + k), so that within phases p and q all is as without dilation and stride.
    """

    kept_for_backward = ("unfolded",)

    def __init__(self, rows: Windows, columns: Windows, groups: int = 1) -> None:
        self.rows = rows
        self.columns = columns
        self.groups = groups
        common = math.gcd(rows.stride, rows.dilation)
        self.row_phases = rows.dilation // common
        self.tap_phases = rows.stride // common

    def unfold(self, x: Array) -> Iterator[Call[Any]]:
        """Takes in the images (channels, height, width, batch) that `outputs` and `kernel_gradient` are about."""
        rows, columns, groups = self.rows, self.columns, self.groups
        x = x.reshape(groups, -1, *x.shape[1:]).transpose(0, 2, 1, 3, 4)
        phases = min(self.row_phases, rows.count)
        height = (len(range(0, rows.count, self.row_phases)) - 1) * self.tap_phases + rows.size
        shape = (groups, phases, height, columns.size, x.shape[2], columns.count, x.shape[-1])
        self.unfolded = self._array("unfolded", shape, x)
        if columns.hang_over or rows.hang_over:
            self.unfolded[...] = 0  # now, and not at every step: what lies on padding stays as it is
        for phase in range(phases):
            taken, places = places_on_axis(phase * rows.stride - rows.before, rows.dilation, height, rows.length)
            for j in range(columns.size):
                windows, where = columns.tap(j)
                yield Call(np.copyto, self.unfolded[:, phase, taken, j, :, windows], x[:, places, :, where])

    def outputs(self, kernel: Array, y: Array) -> Iterator[Call[Any]]:
        """Writes y (filters, rows, columns, batch)."""
        transposed = self._split(kernel).swapaxes(1, 2)
        kernel = self._array("kernel", transposed.shape, kernel)
        yield Call(np.copyto, kernel, transposed)
        for matrices, lines in zip(self._matrices(), self._phases(y), strict=True):
            yield from _products(kernel[:, None], matrices, lines)

    def kernel_gradient(self, dy: Array, sums: Array, together: int) -> Iterator[Call[Any]]:
        """Writes the gradient of the kernel, as the matrix that it is, from dy (filters, rows, columns, batch).

        It comes in parts that have to be added up: one for each `together` rows of outputs, which are a multiple
        of `row_phases`.
        """
        sums = sums.reshape(*sums.shape[:2], self.groups, -1).transpose(2, 0, 1, 3)
        matrices, lines = list(self._matrices()), [a.swapaxes(2, 3) for a in self._phases(dy)]
        written = False
        for row in range(min(together, self.rows.count)):  # that one of every part, at one go
            phase, first, step = row % self.row_phases, row // self.row_phases, together // self.row_phases
            a, b = matrices[phase][:, first::step], lines[phase][:, first::step]
            parts = sums[:, : a.shape[1]]
            for columns in _pieces(a.shape[3], math.prod(parts.shape[2:]), least=512):
                product = self._array("product", parts.shape, parts) if written else parts
                yield Call(np.matmul, a[..., columns], b[:, :, columns], out=product)
                if written:
                    yield Call(np.add, parts, product, out=parts)
                written = True

    def image_gradient(self, kernel: Array, dy: Array, dx: Array) -> Iterator[Call[Any]]:
        """Writes dx (channels, height, width, batch) from dy (filters, rows, columns, batch)."""
        rows, columns, groups = self.rows, self.columns, self.groups
        kernel = self._split(kernel)
        taps = kernel.reshape(groups, rows.size, -1, kernel.shape[-1])
        yield Call(np.copyto, dx, 0)
        if not dy.size:
            return
        dx = dx.reshape(groups, -1, *dx.shape[1:]).transpose(0, 2, 1, 3, 4)
        step = math.lcm(rows.stride, rows.dilation)
        for row_phase, tap_phase in itertools.product(range(self.row_phases), range(self.tap_phases)):
            lines = self._lines(dy)[:, row_phase :: self.row_phases]
            own_taps = taps[:, tap_phase :: self.tap_phases]
            count, reach = lines.shape[1], own_taps.shape[1]
            start = row_phase * rows.stride + tap_phase * rows.dilation - rows.before
            taken, places = places_on_axis(start, step, count + reach - 1, rows.length)
            if not reach or not count or taken.start == taken.stop:
                continue
            shape = (groups, taken.stop - taken.start, columns.size, dx.shape[2], columns.count, dx.shape[-1])
            folded = self._array("folded", shape, dx)
            matrices = folded.reshape(*shape[:2], -1, lines.shape[-1])
            yield from self._rows_of_image(own_taps, lines, taken.start, matrices)
            yield from self._fold(folded, dx[:, places])

    def _rows_of_image(self, taps: Array, lines: Array, first: int, folded: Array) -> Iterator[Call[Any]]:
        """For each row of the image from the `first` on, the product of the lines that reach it with their taps.

        Row u meets tap k of line u - k: far enough from the ends there are all taps, and these rows are multiplied
        in one go. Each row closer to the ends meets others.
        """
        groups, reach, height, filters = taps.shape
        flipped = self._array("flipped", (groups, height, reach, filters), taps)
        yield Call(np.copyto, flipped, taps[:, ::-1].swapaxes(1, 2))
        flipped = flipped.reshape(groups, 1, height, -1)
        stack = self._array("lines", lines.shape, lines)  # in which the lines are neighbours
        yield Call(np.copyto, stack, lines)
        count, last = lines.shape[1], first + folded.shape[1]
        inner = range(max(first, reach - 1), min(last, count))
        alone = [range(u, u + 1) for u in range(first, last) if u not in inner]
        for rows in [inner, *alone] if inner else alone:
            lowest = rows.start - reach + 1
            low, high = max(0, lowest), min(count, rows.start + 1)
            met = flipped[..., (low - lowest) * filters : (high - lowest) * filters]
            matrices = _stacked(stack[:, low:], len(rows), 1, high - low)
            yield from _products(met, matrices, folded[:, rows.start - first : rows.stop - first])

    def _fold(self, folded: Array, dx: Array) -> Iterator[Call[Any]]:
        """Adds up what each place along the width gets from the taps that lie on it."""
        adds = []
        for j in range(self.columns.size):
            windows, where = self.columns.tap(j)
            target = dx[:, :, :, where]
            adds.append(Call(np.add, target, folded[:, :, j, :, windows], out=target))
        if self.columns.count * folded.shape[-1] >= LONG_RUN:
            yield Call(_make_where_numbers_lie, adds)
        else:
            yield from adds

    def _split(self, kernel: Array) -> Array:
        """The kernel matrix (taps · channels, filters) of each group."""
        return kernel.reshape(len(kernel), self.groups, -1).swapaxes(0, 1)

    def _lines(self, y: Array) -> Array:
        """Outputs (filters, rows, columns, batch) as matrices (filters, columns · batch) by group and row."""
        return y.reshape(self.groups, -1, y.shape[1], y.shape[2] * y.shape[3]).swapaxes(1, 2)

    def _phases(self, y: Array) -> Iterator[Array]:
        """The lines of outputs that belong to each phase of `unfold`."""
        lines = self._lines(y)
        return (lines[:, phase :: self.row_phases] for phase in range(self.unfolded.shape[1]))

    def _matrices(self) -> Iterator[Array]:
        """For each phase and row of outputs, the matrix (taps · channels, windows · batch) that is multiplied."""
        shape = self.unfolded.shape
        for phase in range(shape[1]):
            count = len(range(phase, self.rows.count, self.row_phases))
            lines = self.unfolded[:, phase].reshape(shape[0], shape[2], shape[3] * shape[4], -1)
            yield _stacked(lines, count, self.tap_phases, self.rows.size)

    def _array(self, name: str, shape: tuple[int, ...], like: Array) -> Array:
        """A buffer in the order of its axes, the batch being the last, in the front of the largest one so far."""
        swapped = (shape[-1], *shape[1:-1], shape[0])
        return self.batch_last(name, swapped, like.dtype).swapaxes(0, -1)


def _stacked(matrices: Array, count: int, step: int, size: int) -> Array:
    """Every `step`-th stack of `size` neighbours among matrices (groups, number, height, width): a view.

    Stacks overlap. They are (groups, count, size · height, width).
    """
    groups, _, height, width = matrices.shape
    a, b, c, d = matrices.strides
    return np.lib.stride_tricks.as_strided(matrices, (groups, count, size * height, width), (a, step * b, c, d))


def _make_where_numbers_lie(calls: Calls) -> None:
    """Makes calls on runs of at least LONG_RUN numbers: NumPy takes no more at a time, and has no reason to copy."""
    size = np.setbufsize(LONG_RUN)
    try:
        make(calls)
    finally:
        np.setbufsize(size)


def _products(a: Array, b: Array, out: Array) -> Iterator[Call[Any]]:
    """out = a b, of some columns at a time."""
    for columns in _pieces(b.shape[-1], a.shape[-2] * a.shape[-1], least=128):
        yield Call(np.matmul, a, b[..., columns], out=out[..., columns])


def _pieces(length: int, work: int, least: int) -> list[slice]:
    """How to cut an axis for the linear algebra to be quickest: not at all where pieces would be shorter than `least`.

    work: the multiplications for one place on the axis.
    """
    number = math.ceil(length * work / SMALL) if takes_small_ones_as_they_lie() else 1
    return shares(length, number) if number > 1 and length // number >= least else [slice(0, length)]
