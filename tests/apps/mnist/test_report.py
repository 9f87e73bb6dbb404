"""Figures and tables of a model's answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from apps.mnist.calibration import with_temperature
from apps.mnist.recognizer import Recognizer
from apps.mnist.report import Report, can_judge, judge, share
from framework import Input, Sequential
from framework.checkpoint import CheckpointError
from framework.data.datasets import Examples
from framework.layers import Dense, Flatten, Reshape


def report_of(probabilities: list[list[float]], labels: list[int]) -> Report:
    answers = np.argmax(probabilities, axis=1)
    confusion = np.zeros((len(probabilities[0]),) * 2)
    np.add.at(confusion, (labels, answers), 1)
    return Report(np.array(probabilities), np.array(labels), confusion)


def images(n: int, seed: int = 0) -> Examples:
    rng = np.random.default_rng(seed)
    return Examples(rng.integers(0, 256, (n, 28, 28), dtype=np.uint8), np.arange(n) % 10)


def model_for(shape: tuple[int, ...], units: int = 10, activation: str | None = "softmax") -> Sequential:
    return Sequential([Input(shape), Flatten(), Dense(units, activation=activation)], seed=1)


class TestReport:
    def test_accuracy_is_the_share_of_right_answers(self) -> None:
        assert report_of([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], [0, 1, 1]).accuracy == pytest.approx(2 / 3)

    def test_accuracy_of_nothing_is_0(self) -> None:
        assert Report(np.zeros((0, 2)), np.zeros(0, int), np.zeros((2, 2))).accuracy == 0

    def test_mistakes_begin_with_the_most_confident(self) -> None:
        report = report_of([[0.6, 0.4], [0.9, 0.1], [0.3, 0.7], [0.05, 0.95]], [1, 1, 1, 0])
        assert report.mistakes.tolist() == [3, 1, 0]

    def test_table(self) -> None:
        report = report_of([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]], [0, 0, 0, 0, 1])
        assert report.table().splitlines() == [
            "digit   images    recall  precision        F1   taken for",
            "    0        4   25.00 %   100.00 %   40.00 %   1 (2), 2 (1)",
            "    1        1  100.00 %    33.33 %   50.00 %",
            "    2        0         -     0.00 %    0.00 %",
            "  all        5   40.00 %",
        ]

    def test_table_with_names(self) -> None:
        report = replace(report_of([[1, 0], [1, 0], [1, 0]], [0, 0, 1]), classes=("Bag", "T-shirt"))
        assert report.table().splitlines() == [
            "  class   images    recall  precision        F1   taken for",
            "    Bag        2  100.00 %    66.67 %   80.00 %",
            "T-shirt        1    0.00 %          -    0.00 %   Bag (1)",
            "    all        3   66.67 %",
        ]

    def test_confusions_are_the_most_frequent_pairs_with_their_images(self) -> None:
        report = report_of([[0.6, 0.4], [0.9, 0.1], [0.3, 0.7], [0.05, 0.95]], [1, 1, 1, 0])
        found = [(truth, answer, concerned.tolist()) for truth, answer, concerned in report.confusions(5)]
        assert found == [(1, 0, [1, 0]), (0, 1, [3])]
        assert len(report.confusions(1)) == 1

    def test_sure_answers_and_the_right_ones_of_them(self) -> None:
        assert report_of([[0.95, 0.05], [0.9, 0.1], [0.89, 0.11], [0.02, 0.98]], [0, 1, 0, 1]).sure == (3, 2)

    def test_together_is_as_if_judged_at_once(self) -> None:
        examples, model = images(30), model_for((28, 28))
        model.metadata["temperature"] = 2.0
        whole = judge(model, examples, 1 / 255)
        parts = [
            judge(model, Examples(examples.x[rows], examples.y[rows]), 1 / 255) for rows in (slice(9), slice(9, 30))
        ]
        both = Report.together(parts)
        np.testing.assert_allclose(both.probabilities, whole.probabilities, rtol=1e-5)
        np.testing.assert_array_equal(both.labels, whole.labels)
        np.testing.assert_array_equal(both.confusion, whole.confusion)
        assert both.temperature == 2
        assert both.uncalibrated is not None
        assert len(both.uncalibrated) == 30
        assert Report.together(parts[:1]) is parts[0]

    def test_accuracy_by_writer_is_the_lowest_first(self) -> None:
        report = report_of([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.6, 0.4], [0.9, 0.1]], [0, 1, 1, 0, 1])
        assert report.accuracy_by_writer.tolist() == []
        assert report.writer_lines() == []
        by_three = replace(report, writers=np.array([7, 7, 2, 2, 9]))
        assert by_three.accuracy_by_writer.tolist() == [0, 0.5, 1]
        assert by_three.writer_lines() == [
            "By writer, of whom there are 3: lowest 0.00 %, median 50.00 %, highest 100.00 %"
        ]
        assert replace(report, writers=np.array([7] * 5)).writer_lines() == []
        assert Report.together([by_three, by_three]).writers is None  # theirs may be others of the same numbers

    def test_lines_on_calibration(self) -> None:
        report = report_of([[0.95, 0.05], [0.75, 0.25]], [0, 0])
        assert report.calibration_lines() == [
            "Expected calibration error: 15.00 %",
            "Mean negative log-likelihood: 0.1695",
            "Sure, from 90 % on: 50.00 % of the answers, of which 100.00 % (95 % interval 20.65 to 100.00 %) are right",
        ]
        before = np.array([[1.0, 0.0], [1.0, 0.0]])
        [line, *_] = replace(report, uncalibrated=before, temperature=1.5).calibration_lines()
        assert line == "Expected calibration error: 15.00 % (0.00 % before the temperature of 1.50)"

    def test_nothing_is_said_of_the_calibration_of_none(self) -> None:
        assert report_of([[np.nan, np.nan]], [0]).calibration_lines() == []
        assert Report(np.zeros((0, 2)), np.zeros(0, int), np.zeros((2, 2))).calibration_lines() == []


class TestJudge:
    def test_counts_each_answer_under_its_truth(self) -> None:
        examples, model = images(30), model_for((28, 28))
        report = judge(model, examples, 1 / 255)
        answers = model.predict((examples.x / np.float32(255)).astype(np.float32)).argmax(axis=1)
        expected = np.zeros((10, 10))
        np.add.at(expected, (examples.y, answers), 1)
        np.testing.assert_array_equal(report.confusion, expected)
        assert report.labels is examples.y
        assert report.writers is None
        groups = np.arange(30) % 3
        assert judge(model, replace(examples, groups=groups), 1 / 255).writers is groups

    @pytest.mark.parametrize("shape", [(28, 28, 1), (784,)])
    def test_images_come_in_the_shape_that_the_model_takes(self, shape: tuple[int, ...]) -> None:
        examples, usual, other = images(5), model_for((28, 28)), model_for(shape)
        other.set_weights(usual.get_weights())
        expected = judge(usual, examples, 1 / 255).probabilities
        np.testing.assert_array_equal(judge(other, examples, 1 / 255).probabilities, expected)

    def test_logits_become_probabilities(self) -> None:
        examples, usual, logits = images(5), model_for((28, 28)), model_for((28, 28), activation=None)
        logits.set_weights(usual.get_weights())
        expected = judge(usual, examples, 1 / 255).probabilities
        np.testing.assert_allclose(judge(logits, examples, 1 / 255).probabilities, expected, rtol=1e-5)

    def test_probabilities_are_those_after_the_temperature(self) -> None:
        examples, model = images(20), model_for((28, 28))
        raw = judge(model, examples, 1 / 255)
        model.metadata["temperature"] = 3.0
        report = judge(model, examples, 1 / 255)
        np.testing.assert_array_equal(report.probabilities, with_temperature(raw.probabilities, 3.0))
        np.testing.assert_array_equal(report.uncalibrated, raw.probabilities)
        np.testing.assert_array_equal(report.confusion, raw.confusion)
        assert raw.uncalibrated is None
        for image, said in zip(examples.x[:3], report.probabilities, strict=False):
            read = Recognizer(model).classify(image / np.float32(255))
            np.testing.assert_allclose(read.probabilities, said, rtol=1e-5)

    def test_a_temperature_that_cannot_be_is_refused(self) -> None:
        model = model_for((28, 28))
        model.metadata["temperature"] = "hot"
        with pytest.raises(CheckpointError, match=r"metadata\.temperature must be"):
            judge(model, images(3), 1 / 255)


@pytest.mark.parametrize(
    ("units", "labels", "expected"),
    [
        (10, np.arange(10), True),
        (12, np.arange(10), True),
        (9, np.arange(10), False),
        (1, np.zeros(10, int), False),
        (10, np.arange(10) - 1, False),
        (10, np.arange(10.0), False),
        (10, np.eye(10, dtype=int), False),
    ],
)
def test_can_judge(units: int, labels: np.ndarray, expected: bool) -> None:
    assert can_judge(model_for((28, 28), units), Examples(images(10).x, labels)) is expected


def test_can_judge_no_model_with_several_outputs_a_class() -> None:
    model = Sequential([Input((28, 28)), Flatten(), Dense(20), Reshape((10, 2))])
    assert not can_judge(model, images(10))


def test_can_judge_only_examples_that_fit_the_input() -> None:
    assert not can_judge(model_for((28, 27)), images(10))
    assert not can_judge(model_for((28, 28)), images(0))


def test_share_of_all_is_no_certainty() -> None:
    assert share(20, 20) == "100.00 % (95 % interval 83.89 to 100.00 %)"
