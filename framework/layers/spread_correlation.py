"""The products of a convolution in parts, for threads to share."""

from __future__ import annotations

import math

import numpy as np

from ..buffers import Buffered
from ..parameters import Array
from ..threads import get_threads, shares
from .calls import Call, Calls, Stage
from .correlation import Correlation
from .windows import Windows

PRODUCTS, COPIES = 12 * 2**20, 2**19
"""So many multiplications, or numbers of an unfolded image, are worth a thread: a third of a millisecond."""
SUMS = 2**18
"""So many numbers may the parts of a kernel's gradient have, where that leaves at least four parts."""


class SpreadCorrelation(Buffered):
    """The products of `Correlation`, cut across the height of images into a part for each thread that is worth it.

    A part computes some rows of the outputs, or some of the image's gradient, and no bit of them depends on the others.
    The gradient of the kernel is a sum over all rows: what is added to what, and in which order, does not depend on
    the number of threads either. So they change no result. A sequence is an image of one row, and not cut.
    """

    kept_for_backward = ("_parts",)

    def __init__(self, rows: Windows, columns: Windows, groups: int = 1) -> None:
        self.rows = rows
        self.columns = columns
        self.groups = groups
        self._correlations: dict[Windows, Correlation] = {}

    def outputs(self, kernel: Array, x: Array, y: Array | None) -> list[tuple[slice, Calls]]:
        """For each part, its rows of y and the calls that take in x and write these rows, unless y is None."""
        self._together = self._rows_together(kernel)
        self._parts = []
        parts = []
        pieces = math.ceil(self.rows.count / self._together)
        for cut in shares(pieces, min(pieces, self._number(kernel, x))):
            rows = slice(cut.start * self._together, min(cut.stop * self._together, self.rows.count))
            correlation = self._correlation(self.rows.cut(rows))
            calls: Calls = list(correlation.unfold(x))
            if y is not None:
                calls += correlation.outputs(kernel, y[:, rows])
            self._parts.append((rows, correlation))
            parts.append((rows, calls))
        return parts

    @property
    def cuts(self) -> list[slice]:
        """The rows of each part of `outputs`."""
        return [rows for rows, _ in self._parts]

    def kernel_gradient(self, dy: Array, gradient: Array) -> tuple[list[tuple[slice, Calls]], Call[Array]]:
        """For each part of `outputs`, its rows of dy and its calls; then, the call that adds up what they find."""
        shape = (math.ceil(self.rows.count / self._together), *gradient.shape)
        sums = self.buffer("sums", shape, gradient.dtype)
        parts = []
        for rows, correlation in self._parts:
            own = sums[rows.start // self._together : math.ceil(rows.stop / self._together)]
            parts.append((rows, list(correlation.kernel_gradient(dy[:, rows], own, self._together))))
        return parts, Call(np.add.reduce, sums, axis=0, out=gradient)

    def image_gradient(self, kernel: Array, dy: Array, dx: Array, threads: int) -> list[tuple[slice, Calls]]:
        """For each of at most so many parts, its rows of dx and the calls that write them."""
        parts = []
        length = self.rows.length
        for places in shares(length, min(length, threads, self._number(kernel, dx))):
            windows, rows = self.rows.onto(places)
            calls = self._correlation(rows).image_gradient(kernel, dy[:, windows], dx[:, places])
            parts.append((places, list(calls)))
        return parts

    def gradients(self, kernel: Array, dy: Array, gradient: Array, dx: Array) -> tuple[Stage, Call[Array]]:
        """Both of these: half of the threads see to the kernel, and half to the image; then, the call that adds up."""
        parts, total = self.kernel_gradient(dy, gradient)
        threads = self._number(kernel, dx, times=2)
        if threads == 1:
            return [[*parts[0][1], *self.image_gradient(kernel, dy, dx, 1)[0][1]]], total
        of_kernel: Stage = [[] for _ in range(min(threads // 2, len(parts)))]
        for number, (_, calls) in enumerate(parts):
            of_kernel[number % len(of_kernel)] += calls
        of_image = [calls for _, calls in self.image_gradient(kernel, dy, dx, threads - len(of_kernel))]
        return [*of_image, *of_kernel], total

    def _correlation(self, rows: Windows) -> Correlation:
        """The one for these rows, which keeps its memory."""
        if rows not in self._correlations:
            self._correlations[rows] = Correlation(rows, self.columns, self.groups)
        return self._correlations[rows]

    def _number(self, kernel: Array, x: Array, times: int = 1) -> int:
        """How many parts are worth a thread each, for images of such a shape, where so many things are done with it."""
        rows, columns = self.rows, self.columns
        products = kernel.size * rows.count * columns.count * x.shape[-1]
        unfolded = x.size // columns.length * columns.count * columns.size
        worth = times * max(products // PRODUCTS, unfolded // COPIES)
        # Parts unfold the rows that they share once each, so that they should be larger than a window.
        number: int = min(get_threads(), worth, times * (rows.count // rows.size))
        return max(1, number)

    def _rows_together(self, kernel: Array) -> int:
        """How many rows of outputs give one part of the kernel's gradient."""
        count, phases = self.rows.count, Correlation(self.rows, self.columns).row_phases
        together = min(math.ceil(count * kernel.size / SUMS), math.ceil(count / 4))
        return phases * math.ceil(together / phases)
