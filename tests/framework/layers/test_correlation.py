"""The products of a convolution, each against loops that do what the definition says."""

import itertools
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from framework.layers.calls import make
from framework.layers.correlation import Correlation
from framework.layers.windows import Windows


@st.composite
def windows(draw):
    """Any windows along an axis, also some that lie on padding alone, or leave places out."""
    size, stride, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    return Windows(draw(st.integers(1, 9)), size, stride, dilation, draw(st.integers(0, 3)), draw(st.integers(1, 5)))


def pairs(rows, columns):
    """All (output row, output column, tap row, tap column, image row, image column)."""
    for r, o, i, j in itertools.product(*map(range, (rows.count, columns.count, rows.size, columns.size))):
        h = r * rows.stride + i * rows.dilation - rows.before
        w = o * columns.stride + j * columns.dilation - columns.before
        if 0 <= h < rows.length and 0 <= w < columns.length:
            yield r, o, i, j, h, w


@given(windows(), windows(), st.integers(1, 3), st.integers(1, 2), st.integers(1, 2), st.integers(1, 3))
def test_all_three_products_are_those_of_the_definition(rows, columns, groups, channels, filters, batch):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((groups * channels, rows.length, columns.length, batch))
    dy = rng.standard_normal((groups * filters, rows.count, columns.count, batch))
    kernel = rng.standard_normal((rows.size, columns.size, channels, groups * filters))

    y, dx, gradient = np.zeros_like(dy), np.zeros_like(x), np.zeros_like(kernel)
    for r, o, i, j, h, w in pairs(rows, columns):
        for f in range(groups * filters):
            first = f // filters * channels
            own = slice(first, first + channels)
            y[f, r, o] += kernel[i, j, :, f] @ x[own, h, w]
            dx[own, h, w] += np.outer(kernel[i, j, :, f], dy[f, r, o])
            gradient[i, j, :, f] += x[own, h, w] @ dy[f, r, o]

    correlation = Correlation(rows, columns, groups)
    matrix = kernel.reshape(-1, groups * filters)
    ours = [np.full_like(a, np.nan) for a in (y, dx, gradient)]
    make(correlation.unfold(x))
    make(correlation.outputs(matrix, ours[0]))
    make(correlation.image_gradient(matrix, dy, ours[1]))
    together = correlation.row_phases * 2
    sums = np.full((math.ceil(rows.count / together), *matrix.shape), np.nan)
    make(correlation.kernel_gradient(dy, sums, together))
    ours[2] = sums.sum(axis=0).reshape(kernel.shape)
    for expected, found in zip((y, dx, gradient), ours, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)
