"""Temperature scaling: what it keeps, what it finds, and what it refuses."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from apps.mnist.calibration import (
    expected_calibration_error,
    fit_temperature,
    mean_negative_log_likelihood,
    reliability,
    with_temperature,
)
from framework.parameters import Array

TEMPERATURES = st.floats(0.05, 20)
ROWS = arrays(np.float64, (3, 10), elements=st.floats(1e-30, 1)).map(lambda p: p / p.sum(axis=1, keepdims=True))


def softmax(z: Array) -> Array:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def drawn(n: int, temperature: float, seed: int = 0) -> tuple[Array, Array]:
    """What a model says of n examples whose labels follow softmax(logits / temperature)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 3, (n, 10))
    odds = softmax(logits / temperature)
    labels = (odds.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    return softmax(logits), labels


def loss(probabilities: Array, labels: Array, temperature: float) -> float:
    scaled = with_temperature(probabilities, temperature)
    return float(-np.log(scaled[np.arange(len(labels)), labels]).mean())


class TestWithTemperature:
    @given(ROWS, TEMPERATURES)
    def test_gives_probabilities_in_the_same_order(self, p: Array, temperature: float) -> None:
        scaled = with_temperature(p, temperature)
        np.testing.assert_allclose(scaled.sum(axis=1), 1, rtol=1e-12)
        assert ((scaled >= 0) & (scaled <= 1)).all()
        for before, after in zip(p, scaled, strict=True):
            ranked = after[np.argsort(before)]
            assert (np.diff(ranked) >= -1e-15).all()

    @given(ROWS, TEMPERATURES)
    def test_the_inverse_takes_it_back(self, p: Array, temperature: float) -> None:
        p = with_temperature(p, 30)  # far enough from 0 that no power of it is 0
        np.testing.assert_allclose(with_temperature(with_temperature(p, temperature), 1 / temperature), p, rtol=1e-9)

    def test_is_the_softmax_of_logits_over_t(self) -> None:
        logits = np.random.default_rng(0).normal(0, 5, (20, 10))
        np.testing.assert_allclose(with_temperature(softmax(logits), 2.5), softmax(logits / 2.5), rtol=1e-10)

    def test_one_changes_nothing(self) -> None:
        p = np.array([[0.2, 0.5, 0.3], [0, 0, 1]], np.float32)
        np.testing.assert_allclose(with_temperature(p, 1), p, rtol=1e-7)

    def test_certainty_and_ties_stay(self) -> None:
        for temperature in (0.05, 20):
            np.testing.assert_array_equal(with_temperature([[0, 1, 0], [0.5, 0, 0.5]], temperature),
                                          [[0, 1, 0], [0.5, 0, 0.5]])  # fmt: skip

    def test_tiny_probabilities_do_not_overflow(self) -> None:
        np.testing.assert_allclose(with_temperature([[1e-300, 1e-310]], 0.05), [[1, 0]], atol=1e-100)

    def test_what_is_not_finite_stays_that_way(self) -> None:
        assert np.isnan(with_temperature([[np.nan, 0.5]], 2)).all()

    @pytest.mark.parametrize("temperature", [0, -1, math.nan, math.inf, True, "2", None])
    def test_refuses_another_temperature(self, temperature: Any) -> None:
        with pytest.raises(ValueError, match=r"^temperature = .*: give a positive number$"):
            with_temperature([[0.5, 0.5]], temperature)

    @pytest.mark.parametrize("shape", [(), (10,), (2, 3, 4)])
    def test_refuses_another_shape(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match=r"^probabilities have shape .*: give \(n, classes\)$"):
            with_temperature(np.ones(shape), 1)


class TestFitTemperature:
    @pytest.mark.parametrize("temperature", [0.5, 1.0, 1.7, 4.0])
    def test_finds_the_one_that_the_labels_follow(self, temperature: float) -> None:
        found = fit_temperature(*drawn(20_000, temperature))
        assert found == pytest.approx(temperature, rel=0.04)  # seven standard errors at the worst

    @given(st.integers(0, 1000), st.sampled_from([0.4, 1.0, 3.0]))
    def test_no_neighbour_is_better(self, seed: int, temperature: float) -> None:
        p, labels = drawn(200, temperature, seed)
        found = fit_temperature(p, labels)
        best = loss(p, labels, found)
        for factor in (0.5, 0.99, 1.01, 2):
            if 0.05 <= found * factor <= 20:
                assert best <= loss(p, labels, found * factor)

    def test_float32_is_as_good(self) -> None:
        p, labels = drawn(1000, 2.0)
        assert fit_temperature(p.astype(np.float32), labels) == pytest.approx(fit_temperature(p, labels), rel=1e-5)

    @pytest.mark.parametrize("sure", [0.3, 0.99, 1.0])
    def test_where_all_is_right_it_is_one(self, sure: float) -> None:
        p = np.full((50, 10), (1 - sure) / 9)
        p[:, 3] = sure
        assert fit_temperature(p, np.full(50, 3)) == 1.0

    @pytest.mark.parametrize("sure", [0.3, 0.99, 1.0])
    def test_where_all_is_wrong_it_is_the_highest(self, sure: float) -> None:
        p = np.full((50, 10), (1 - sure) / 9)
        p[:, 3] = sure
        assert fit_temperature(p, np.full(50, 4)) == pytest.approx(20)

    def test_a_model_that_never_dares_gets_the_lowest(self) -> None:
        p = np.full((100, 10), 0.0999)
        p[:, 0] = 0.1009
        labels = np.zeros(100, int)
        labels[0] = 1
        assert fit_temperature(p, labels) == pytest.approx(0.05)

    def test_probabilities_of_exactly_zero_are_no_catastrophe(self) -> None:
        p = np.eye(10)[np.arange(100) % 10]
        labels = np.arange(100) % 10
        labels[0] = 5
        assert 1 < fit_temperature(p, labels) <= 20

    @pytest.mark.parametrize(
        ("probabilities", "labels", "problem"),
        [
            (np.ones(10), [0], r"have shape \(10,\) and labels \(1,\): give"),
            (np.ones((2, 3)), [0], r"have shape \(2, 3\) and labels \(1,\): give"),
            (np.ones((2, 3)), [[0], [1]], "have shape"),
            (np.ones((0, 3)), np.ones(0, int), "there are no examples to fit a temperature on"),
            ([[0.5, math.nan]], [0], "negative or not finite"),
            ([[0.5, math.inf]], [0], "negative or not finite"),
            ([[1.5, -0.5]], [0], "negative or not finite"),
            ([[0.5, 0.5]], [2], "labels must be whole numbers from 0 to 1"),
            ([[0.5, 0.5]], [-1], "labels must be whole numbers from 0 to 1"),
            ([[0.5, 0.5]], [0.0], "labels must be whole numbers from 0 to 1"),
        ],
    )
    def test_refuses(self, probabilities: Any, labels: Any, problem: str) -> None:
        with pytest.raises(ValueError, match=problem):
            fit_temperature(probabilities, labels)


def test_a_fitted_model_is_as_often_right_as_it_says() -> None:
    p, labels = drawn(20_000, 2.0)
    fresh, truth = drawn(20_000, 2.0, seed=1)
    scaled = with_temperature(fresh, fit_temperature(p, labels))
    edges = np.linspace(0.2, 1, 9)
    sure, right = scaled.max(axis=1), scaled.argmax(axis=1) == truth
    for low, high in itertools.pairwise(edges):
        inside = (sure > low) & (sure <= high)
        assert right[inside].mean() == pytest.approx(sure[inside].mean(), abs=0.05)


class TestWeights:
    def test_count_like_repetition(self) -> None:
        p, y = drawn(300, 2.0)
        times = np.random.default_rng(1).integers(1, 5, 300)
        repeated = fit_temperature(np.repeat(p, times, axis=0), np.repeat(y, times))
        assert fit_temperature(p, y, times) == pytest.approx(repeated, rel=1e-9)
        assert fit_temperature(p, y, 0.1 * times) == pytest.approx(repeated, rel=1e-9)
        np.testing.assert_allclose(
            reliability(p, y, times)[:, 1:], reliability(np.repeat(p, times, axis=0), np.repeat(y, times))[:, 1:]
        )

    def test_equal_shares_keep_a_large_part_from_drowning_a_small_one(self) -> None:
        (p, y), (few, labels) = drawn(4000, 1.0), drawn(100, 5.0, seed=1)
        both, truths = np.concatenate([p, few]), np.concatenate([y, labels])
        shares = np.repeat([1 / 4000, 1 / 100], [4000, 100])
        assert fit_temperature(both, truths) < 1.2 < 2 < fit_temperature(both, truths, shares) < 5

    @pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, -1.0], [1.0, np.nan], [1.0, np.inf], [[1.0, 1.0]]])
    def test_refuses_others(self, weights: Any) -> None:
        for function in (fit_temperature, reliability):
            with pytest.raises(ValueError, match="must be 2 positive numbers, one for each example"):
                function([[0.9, 0.1], [0.1, 0.9]], [0, 0], weights)


class TestReliability:
    def test_sorts_answers_by_their_probability(self) -> None:
        p = np.array([[0.34, 0.33, 0.33], [0.6, 0.2, 0.2], [0.6001, 0.2, 0.1999], [1.0, 0, 0]])
        table = reliability(p, [1, 0, 1, 0])
        assert table.shape == (15, 3)
        assert table[:, 0].nonzero()[0].tolist() == [5, 8, 9, 14]  # a border belongs to what is below it
        np.testing.assert_allclose(table[[5, 8, 9, 14]], [[1, 0.34, 0], [1, 0.6, 1], [1, 0.6001, 0], [1, 1, 1]])

    def test_error_of_a_calibrated_model_is_small_and_of_an_overconfident_one_is_not(self) -> None:
        p, y = drawn(20_000, 1.0)
        assert expected_calibration_error(reliability(p, y)) < 0.01
        p, y = drawn(20_000, 3.0)
        wrong, mended = (expected_calibration_error(reliability(q, y)) for q in (p, with_temperature(p, 3.0)))
        assert mended < 0.01 < 0.2 < wrong

    def test_error_by_hand(self) -> None:
        p, y = np.array([[0.8, 0.2]] * 10 + [[0.1, 0.9]] * 30), np.array([0] * 6 + [1] * 34)
        assert expected_calibration_error(reliability(p, y)) == pytest.approx(0.25 * 0.2 + 0.75 * 0.1)


class TestMeanNegativeLogLikelihood:
    def test_is_the_loss(self) -> None:
        p, y = drawn(50, 1.0)
        assert mean_negative_log_likelihood(p, y) == pytest.approx(loss(p, y, 1.0))

    def test_stays_finite(self) -> None:
        assert 100 < mean_negative_log_likelihood([[0.0, 1.0]], [0]) < 110
