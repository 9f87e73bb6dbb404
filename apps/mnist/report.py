"""How good a model is on labelled digits: figures, a table, and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from framework import Sequential
from framework.data import Batches, Examples
from framework.metrics import ConfusionMatrix
from framework.parameters import Array

from .recognizer import as_probabilities

BATCH = 1000
SHOWN_MISTAKES = 40


@dataclass(frozen=True)
class Report:
    """A model's answers on labelled digits.

    probabilities: (n, 10) float32. labels: (n,). confusion: (10, 10), row the truth, column the answer.
    """

    probabilities: Array
    labels: Array
    confusion: Array

    @property
    def accuracy(self) -> float:
        """The share of right answers, in [0, 1]."""
        return float(np.trace(self.confusion) / max(self.confusion.sum(), 1))

    @property
    def mistakes(self) -> Array:
        """The indices of the wrong answers, the most confident first."""
        answers = self.probabilities.argmax(axis=1)
        wrong = np.flatnonzero(answers != self.labels)
        return wrong[np.argsort(-self.probabilities[wrong, answers[wrong]], kind="stable")]

    def table(self) -> str:
        """Per digit: how many there are, how many were read right, and what they were taken for instead."""
        lines = ["digit   images   right     taken for"]
        for digit, row in enumerate(self.confusion.astype(int)):
            others = [(count, other) for other, count in enumerate(row) if count and other != digit]
            taken = ", ".join(f"{other} ({count})" for count, other in sorted(others, reverse=True)[:3])
            share = f"{100 * row[digit] / row.sum():.2f} %" if row.sum() else "-"
            lines.append(f"{digit:>5} {row.sum():>8,}  {share:>8}   {taken}".rstrip())
        total = self.confusion.sum()
        lines.append(f"  all {int(total):>8,}  {f'{100 * self.accuracy:.2f} %':>8}")
        return "\n".join(lines)


def can_judge(model: Sequential, examples: Examples) -> bool:
    """Whether the examples have class numbers as labels, and the model an output for each class."""
    y = examples.y
    if y.ndim != 1 or y.dtype.kind not in "ui" or not model.built or len(model.output_shape) != 1:
        return False
    return model.output_shape[0] > max(1, int(y.max()))


def judge(model: Sequential, examples: Examples, scale: float) -> Report:
    """The report of a model on these examples."""
    x = examples.x.reshape(len(examples), *model.input_shape) if model.built else examples.x
    probabilities = as_probabilities(model.predict(Batches(x, batch_size=BATCH, scale=scale, dtype=model.dtype)))
    confusion = ConfusionMatrix(num_classes=probabilities.shape[1])
    return Report(probabilities, examples.y, confusion(examples.y, probabilities))


def save_plots(
    folder: Path, report: Report, examples: Examples, model: Sequential, history: Mapping[str, Sequence[float]] | None
) -> list[Path]:
    """Writes the pictures of a report, and of a training history if there is one; returns their paths."""
    from framework import plotting

    folder.mkdir(parents=True, exist_ok=True)
    plots: dict[str, Any] = {
        "confusion.png": lambda path: plotting.confusion_matrix(report.confusion, path=path),
    }
    if report.mistakes.size and examples.x.ndim == 3:
        plots["mistakes.png"] = lambda path: _mistakes(report, examples, path)
    curves = {name: values for name, values in (history or {}).items() if np.ndim(values) == 1}  # no matrices
    if curves:
        plots["curves.png"] = lambda path: plotting.learning_curves(curves, path)
    kernel = _first_kernel(model)
    if kernel is not None:
        plots["weights.png"] = lambda path: plotting.weights(kernel, path=path)
    for name, draw in plots.items():
        draw(folder / name)
    return [folder / name for name in plots]


def _mistakes(report: Report, examples: Examples, path: Path) -> None:
    from framework import plotting

    worst = report.mistakes[:SHOWN_MISTAKES]
    answers = report.probabilities.argmax(axis=1)
    titles = [
        f"{report.labels[i]} read as {answers[i]}\n{100 * report.probabilities[i, answers[i]]:.0f} %" for i in worst
    ]
    plotting.gallery(examples.x[worst], titles, path)


def _first_kernel(model: Sequential) -> Array | None:
    """The weights that look at the pixels, where each neuron of the first layer has one for every pixel."""
    for parameter in model.weights:
        if len(parameter.shape) == 2:
            return parameter.value if parameter.shape[0] == 784 else None
    return None
