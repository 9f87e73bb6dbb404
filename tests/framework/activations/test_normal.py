"""The normal distribution function against `math.erfc`."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.activations.normal import approximate_normal_cdf, normal_cdf

X = np.concatenate([np.linspace(-9, 9, 7001), np.random.default_rng(0).standard_normal(2000)])


def cdf(x):
    return normal_cdf(x, *np.empty((3, *x.shape), x.dtype))


def exact(x):
    return np.array([math.erfc(-v / math.sqrt(2)) / 2 for v in x.astype(float)])


@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 2e-7), (np.float64, 3e-16)])
def test_the_absolute_error_is_that_of_rounding(dtype, error):
    x = X.astype(dtype)
    assert np.abs(cdf(x) - exact(x)).max() < error


@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 1e-6), (np.float64, 5e-15)])
def test_tiny_values_keep_their_digits(dtype, error):
    x = X[np.abs(X) <= 5].astype(dtype)
    np.testing.assert_allclose(cdf(x), exact(x), rtol=error)


@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 3e-7), (np.float64, 6e-16)])
def test_erf_follows_from_it(dtype, error):
    x = X[np.abs(X) <= 6]
    erf = 2 * cdf((x * math.sqrt(2)).astype(dtype)) - 1
    assert (
        np.abs(erf - [math.erf(v) for v in (x * math.sqrt(2)).astype(dtype).astype(float) / math.sqrt(2)]).max() < error
    )


@given(st.floats(-45, 45))
def test_both_sides_add_up_to_one(x):
    below, above = cdf(np.array([x, -x]))
    assert below + above == pytest.approx(1, rel=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_ends_at_exactly_0_and_1_and_is_one_half_at_0(dtype):
    y = cdf(np.array([-np.inf, -1e30, -50, 0, 50, 1e30, np.inf], dtype))
    np.testing.assert_allclose(y, [0, 0, 0, 0.5, 1, 1, 1], rtol=2e-7)
    assert y[:3].tolist() == [0, 0, 0]
    assert np.isnan(cdf(np.array([np.nan], dtype))[0])


def test_the_density_comes_with_it():
    x, density = np.array([0.0, 1.0, -2.0]), np.empty(3)
    normal_cdf(x, np.empty(3), density, np.empty(3))
    np.testing.assert_allclose(density, np.exp([0, -0.5, -2]) / math.sqrt(2 * math.pi), rtol=1e-15)


def test_the_approximation_is_the_formula_with_tanh():
    x, y, density = np.linspace(-9, 9, 181), np.empty(181), np.empty(181)
    approximate_normal_cdf(x, y, density, np.empty(181))
    u = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    np.testing.assert_allclose(y, (1 + np.tanh(u)) / 2, rtol=1e-12, atol=2e-16)
    slope = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)
    np.testing.assert_allclose(density, slope / np.cosh(u) ** 2 / 2, rtol=1e-11, atol=1e-300)
