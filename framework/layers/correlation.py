"""The three products of a convolution, on memory whose fastest axis is the batch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np

from ..buffers import Buffered
from ..parameters import Array
from .windows import Windows, places_on_axis


class Correlation(Buffered):
    """A kernel that slides over images (channels, height, width, batch), its rows and columns being `Windows`.

    y[f, r, o, n] = Σ_ijc kernel[(i, j, c), f] · x[c, row of tap i of window r, column of tap j of window o, n]

    The kernel is a matrix with a row for each tap and channel, and a column for each filter. With several
    groups, channels and filters are split among them in order, and c counts the channels of a group.

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
        self._row_phases = rows.dilation // common
        self._tap_phases = rows.stride // common

    def unfold(self, x: Array) -> None:
        """Takes in the images (channels, height, width, batch) that `outputs` and `kernel_gradient` are about."""
        rows, columns, groups = self.rows, self.columns, self.groups
        x = x.reshape(groups, -1, *x.shape[1:]).transpose(0, 2, 1, 3, 4)
        phases = min(self._row_phases, rows.count)
        height = (len(range(0, rows.count, self._row_phases)) - 1) * self._tap_phases + rows.size
        shape = (groups, phases, height, columns.size, x.shape[2], columns.count, x.shape[-1])
        self.unfolded = self._array("unfolded", shape, x)
        for phase in range(phases):
            taken, places = places_on_axis(phase * rows.stride - rows.before, rows.dilation, height, rows.length)
            block = self.unfolded[:, phase]
            block[:, : taken.start] = 0
            block[:, taken.stop :] = 0
            for j in range(columns.size):
                windows, where = columns.tap(j)
                block[:, taken, j, :, : windows.start] = 0
                block[:, taken, j, :, windows.stop :] = 0
                np.copyto(block[:, taken, j, :, windows], x[:, places, :, where])

    def outputs(self, kernel: Array, y: Array) -> None:
        """Writes y (filters, rows, columns, batch)."""
        kernel = self._split(kernel).swapaxes(1, 2)
        for matrices, lines in zip(self._matrices(), self._phases(y), strict=True):
            np.matmul(kernel[:, None], matrices, out=lines)

    def kernel_gradient(self, dy: Array, gradient: Array) -> None:
        """Writes the gradient of the kernel, as the matrix that it is, from dy (filters, rows, columns, batch)."""
        gradient = self._split(gradient)
        gradient[...] = 0
        product = self._array("product", gradient.shape, gradient)
        for matrices, lines in zip(self._matrices(), self._phases(dy), strict=True):
            for row in range(lines.shape[1]):
                gradient += np.matmul(matrices[:, row], lines[:, row].swapaxes(1, 2), out=product)

    def image_gradient(self, kernel: Array, dy: Array, dx: Array) -> None:
        """Writes dx (channels, height, width, batch) from dy (filters, rows, columns, batch)."""
        rows, columns, groups = self.rows, self.columns, self.groups
        kernel = self._split(kernel)
        taps = kernel.reshape(groups, rows.size, -1, kernel.shape[-1])
        dx[...] = 0
        dx = dx.reshape(groups, -1, *dx.shape[1:]).transpose(0, 2, 1, 3, 4)
        step = math.lcm(rows.stride, rows.dilation)
        for row_phase, tap_phase in itertools.product(range(self._row_phases), range(self._tap_phases)):
            lines = self._lines(dy)[:, row_phase :: self._row_phases]
            own_taps = taps[:, tap_phase :: self._tap_phases]
            reach, start = own_taps.shape[1], row_phase * rows.stride + tap_phase * rows.dilation - rows.before
            count = lines.shape[1] + reach - 1
            taken, places = places_on_axis(start, step, count, rows.length)
            if not reach or not lines.shape[1] or taken.start == taken.stop:
                continue
            flipped = self._flipped(own_taps)
            matrices = _stacked(self._padded(lines, reach - 1), count, 1, reach)[:, taken]
            shape = (groups, matrices.shape[1], columns.size, dx.shape[2], columns.count, dx.shape[-1])
            folded = self._array("folded", shape, dx)
            np.matmul(flipped[:, None], matrices, out=folded.reshape(*shape[:2], -1, matrices.shape[-1]))
            for j in range(columns.size):
                windows, where = columns.tap(j)
                target = dx[:, places, :, where]
                target += folded[:, :, j, :, windows]

    def _flipped(self, taps: Array) -> Array:
        """The taps (groups, kh, kw · channels, filters), last row first, as a matrix (kw · channels, kh · filters)."""
        groups, reach, _, filters = taps.shape
        flipped = self._array("flipped", (groups, taps.shape[2], reach, filters), taps)
        np.copyto(flipped, taps[:, ::-1].swapaxes(1, 2))
        return flipped.reshape(groups, -1, reach * filters)

    def _padded(self, lines: Array, padding: int) -> Array:
        """A copy of lines (groups, rows, filters, ...) with rows of zeros before and behind."""
        groups, count = lines.shape[:2]
        padded = self._array("padded", (groups, count + 2 * padding, *lines.shape[2:]), lines)
        padded[:, :padding] = 0
        padded[:, padding + count :] = 0
        np.copyto(padded[:, padding : padding + count], lines)
        return padded

    def _split(self, kernel: Array) -> Array:
        """The kernel matrix (taps · channels, filters) of each group."""
        return kernel.reshape(len(kernel), self.groups, -1).swapaxes(0, 1)

    def _lines(self, y: Array) -> Array:
        """Outputs (filters, rows, columns, batch) as matrices (filters, columns · batch) by group and row."""
        return y.reshape(self.groups, -1, y.shape[1], y.shape[2] * y.shape[3]).swapaxes(1, 2)

    def _phases(self, y: Array) -> Iterator[Array]:
        """The lines of outputs that belong to each phase of `unfold`."""
        lines = self._lines(y)
        return (lines[:, phase :: self._row_phases] for phase in range(self.unfolded.shape[1]))

    def _matrices(self) -> Iterator[Array]:
        """For each phase and row of outputs, the matrix (taps · channels, windows · batch) that is multiplied."""
        shape = self.unfolded.shape
        for phase in range(shape[1]):
            count = len(range(phase, self.rows.count, self._row_phases))
            lines = self.unfolded[:, phase].reshape(shape[0], shape[2], shape[3] * shape[4], -1)
            yield _stacked(lines, count, self._tap_phases, self.rows.size)

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
