"""A convolution in parts: the same as in one, whatever the number of threads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.layers import spread_correlation
from framework.layers.calls import make, work_through
from framework.layers.correlation import Correlation
from framework.layers.spread_correlation import SpreadCorrelation
from framework.layers.windows import Windows
from framework.threads import limited_to

from .test_correlation import windows


@pytest.fixture(autouse=True)
def _everything_is_worth_a_thread(monkeypatch):
    monkeypatch.setattr(spread_correlation, "PRODUCTS", 1)
    monkeypatch.setattr(spread_correlation, "COPIES", 1)


class Arrays:
    """Of random numbers, for windows, groups, channels of a group, filters of a group and a batch size."""

    def __init__(self, rows, columns, groups, channels, filters, batch):
        rng = np.random.default_rng(2)
        self.x = rng.standard_normal((groups * channels, rows.length, columns.length, batch), np.float32)
        self.dy = rng.standard_normal((groups * filters, rows.count, columns.count, batch), np.float32)
        self.kernel = rng.standard_normal((rows.size * columns.size * channels, groups * filters), np.float32)
        self.y, self.dx, self.gradient = (np.full_like(a, np.nan) for a in (self.dy, self.x, self.kernel))

    @property
    def results(self):
        return self.y, self.gradient, self.dx


def computed(threads, rows, columns, groups, *sizes):
    """y, the kernel's gradient and dx; and into how many parts the work was cut."""
    arrays = Arrays(rows, columns, groups, *sizes)
    with limited_to(threads):
        whole = SpreadCorrelation(rows, columns, groups)
        outputs = whole.outputs(arrays.kernel, arrays.x, arrays.y)
        work_through([[calls for _, calls in outputs]])
        both, total = whole.gradients(arrays.kernel, arrays.dy, arrays.gradient, arrays.dx)
        work_through([both, [[total]]])
    return arrays.results, (len(outputs), len(both))


GEOMETRIES = st.tuples(windows(), windows(), st.integers(1, 3), st.integers(1, 2), st.integers(1, 2), st.integers(1, 3))


@given(GEOMETRIES)
def test_the_number_of_threads_changes_no_bit(geometry):
    one, parts = computed(1, *geometry)
    assert parts == (1, 1)
    for threads in (2, 3, 5):
        for found, expected in zip(computed(threads, *geometry)[0], one, strict=True):
            np.testing.assert_array_equal(found, expected, strict=True)


@given(GEOMETRIES)
def test_it_is_what_one_correlation_gives(geometry):
    rows, columns, groups, *_ = geometry
    found, _ = computed(3, *geometry)
    arrays, correlation = Arrays(*geometry), Correlation(rows, columns, groups)
    make(correlation.unfold(arrays.x))
    make(correlation.outputs(arrays.kernel, arrays.y))
    together = -(-rows.count // correlation.row_phases) * correlation.row_phases
    make(correlation.kernel_gradient(arrays.dy, arrays.gradient[None], together))
    make(correlation.image_gradient(arrays.kernel, arrays.dy, arrays.dx))
    for ours, expected in zip(found, arrays.results, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("threads", "outputs", "gradients"), [(1, 1, 1), (2, 2, 2), (3, 3, 3), (8, 6, 8), (99, 6, 12)])
def test_there_are_as_many_parts_as_threads_while_they_are_larger_than_a_window(threads, outputs, gradients):
    geometry = Windows.along(20, size=3), Windows.along(9, size=3), 1, 2, 4, 5
    assert computed(threads, *geometry)[1] == (outputs, gradients)


def test_what_is_not_worth_it_is_not_cut(monkeypatch):
    geometry = Windows.along(20, size=3), Windows.along(9, size=3), 1, 2, 4, 5
    monkeypatch.setattr(spread_correlation, "PRODUCTS", 10**6)
    monkeypatch.setattr(spread_correlation, "COPIES", 10**6)
    assert computed(4, *geometry)[1] == (1, 1)


@pytest.mark.parametrize("sums", [1, 2**18])
def test_large_kernels_have_their_gradient_added_up_in_few_parts(monkeypatch, sums):
    monkeypatch.setattr(spread_correlation, "SUMS", sums)
    geometry = Windows.along(11, size=2, dilation=2), Windows.along(4, size=2), 2, 1, 1, 3
    one, _ = computed(1, *geometry)
    for found, expected in zip(computed(3, *geometry)[0], one, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_without_outputs_the_image_is_only_taken_in():
    rows, columns = Windows.along(8, size=3), Windows.along(5, size=2)
    with limited_to(2):
        whole = SpreadCorrelation(rows, columns)
        arrays, other = Arrays(rows, columns, 1, 2, 3, 4), Arrays(rows, columns, 1, 2, 3, 4)
        for target, y in ((arrays, None), (other, other.y)):
            work_through([[calls for _, calls in whole.outputs(target.kernel, target.x, y)]])
            parts, total = whole.kernel_gradient(target.dy, target.gradient)
            work_through([[calls for _, calls in parts], [[total]]])
    np.testing.assert_array_equal(arrays.gradient, other.gradient)
    assert np.isnan(arrays.y).all()
