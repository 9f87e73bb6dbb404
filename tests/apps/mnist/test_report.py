"""Figures, table and pictures of a model's answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from apps.mnist.report import Report, can_judge, judge, save_plots
from framework import Input, Sequential
from framework.data.datasets import Examples
from framework.layers import Dense, Flatten, Reshape

PNG = b"\x89PNG\r\n\x1a\n"


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
            "digit   images   right     taken for",
            "    0        4   25.00 %   1 (2), 2 (1)",
            "    1        1  100.00 %",
            "    2        0         -",
            "  all        5   40.00 %",
        ]


class TestJudge:
    def test_counts_each_answer_under_its_truth(self) -> None:
        examples, model = images(30), model_for((28, 28))
        report = judge(model, examples, 1 / 255)
        answers = model.predict((examples.x / np.float32(255)).astype(np.float32)).argmax(axis=1)
        expected = np.zeros((10, 10))
        np.add.at(expected, (examples.y, answers), 1)
        np.testing.assert_array_equal(report.confusion, expected)
        assert report.labels is examples.y

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


@pytest.mark.parametrize(
    ("units", "labels", "expected"),
    [
        (10, np.arange(10), True),
        (12, np.arange(10), True),
        (9, np.arange(10), False),
        (1, np.zeros(10, int), False),
        (10, np.arange(10.0), False),
        (10, np.eye(10, dtype=int), False),
    ],
)
def test_can_judge(units: int, labels: np.ndarray, expected: bool) -> None:
    assert can_judge(model_for((28, 28), units), Examples(images(10).x, labels)) is expected


def test_can_judge_no_model_with_several_outputs_a_class() -> None:
    model = Sequential([Input((28, 28)), Flatten(), Dense(20), Reshape((10, 2))])
    assert not can_judge(model, images(10))


class TestSavePlots:
    def test_draws_everything(self, tmp_path: Path) -> None:
        examples, model = images(30), model_for((28, 28))
        history = {"loss": [2.0, 1.0], "confusion_matrix": [[[1.0, 0.0], [0.0, 1.0]]] * 2}
        paths = save_plots(tmp_path / "new", judge(model, examples, 1 / 255), examples, model, history)
        names = ["confusion.png", "mistakes.png", "curves.png", "weights.png"]
        assert paths == [tmp_path / "new" / name for name in names]
        assert all(path.read_bytes().startswith(PNG) for path in paths)

    def test_leaves_out_what_there_is_nothing_of(self, tmp_path: Path) -> None:
        """No mistakes, no history, and a first layer that does not look at the pixels one by one."""
        model = Sequential([Input((28, 28)), Dense(2), Flatten(), Dense(10)])
        probabilities = np.eye(10)
        report = Report(probabilities, np.arange(10), np.eye(10))
        assert save_plots(tmp_path, report, images(10), model, None) == [tmp_path / "confusion.png"]
