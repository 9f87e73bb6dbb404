"""Pictures of a report, and of a training."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framework import Sequential
from framework.data import Examples
from framework.parameters import Array

from .calibration import expected_calibration_error, reliability
from .report import Report
from .ui.verdict import percent

PICTURES = ("confusion.png", "confusions.png", "curves.png", "mistakes.png", "reliability.png", "weights.png")
"""What there is to draw, as far as it makes sense."""
SHOWN_MISTAKES = 40
SHOWN_CONFUSIONS = 8
"""Pairs of truth and answer, and below how many images of each."""
SHOWN_OF_EACH = 12


def save_plots(
    folder: Path,
    report: Report,
    examples: Examples,
    model: Sequential | None,
    history: Mapping[str, Sequence[float]] | None,
) -> list[Path]:
    """Writes the pictures of a report, and of a model and a training history if there are any; returns their paths."""
    from framework import plotting

    folder.mkdir(parents=True, exist_ok=True)
    plots: dict[str, Any] = {
        "confusion.png": lambda path: plotting.confusion_matrix(report.confusion, report.classes or None, path),
    }
    if report.mistakes.size and examples.x.ndim == 3:
        plots["mistakes.png"] = lambda path: _mistakes(report, examples, path)
        plots["confusions.png"] = lambda path: _confusions(report, examples, path)
    if len(report) and report.is_finite:
        plots["reliability.png"] = lambda path: plotting.reliability_diagram(_reliability(report), path)
    curves = {name: values for name, values in (history or {}).items() if np.ndim(values) == 1}  # no matrices
    if curves:
        plots["curves.png"] = lambda path: plotting.learning_curves(curves, path)
    kernel = None if model is None else _first_kernel(model)
    if kernel is not None:
        plots["weights.png"] = lambda path: plotting.weights(kernel, path=path)
    for name, draw in plots.items():
        draw(folder / name)
        gc.collect()  # a figure's parts refer to each other, and would keep its megabytes beside those of the next
    return [folder / name for name in plots]


def _mistakes(report: Report, examples: Examples, path: Path) -> None:
    from framework import plotting

    worst = report.mistakes[:SHOWN_MISTAKES]
    answers = report.probabilities.argmax(axis=1)
    titles = [
        f"{report.name(report.labels[i])} read as {report.name(answers[i])}\n"
        f"{percent(report.probabilities[i, answers[i]])}"
        for i in worst
    ]
    plotting.gallery(examples.x[worst], titles, path)


def _confusions(report: Report, examples: Examples, path: Path) -> None:
    from framework import plotting

    rows, titles = [], []
    for truth, answer, concerned in report.confusions(SHOWN_CONFUSIONS):
        rows.append(examples.x[concerned[:SHOWN_OF_EACH]])
        there_are = int(report.confusion[truth].sum())
        titles.append(f"{report.name(truth)} read as {report.name(answer)}: {len(concerned):,} of {there_are:,}")
    plotting.image_rows(rows, titles, path)


def _reliability(report: Report) -> dict[str, Array]:
    """The tables to draw, under names that say how far off they are."""
    tables = {"probabilities as they are": reliability(report.probabilities, report.labels)}
    if report.uncalibrated is not None:
        [after] = tables.values()
        before = reliability(report.uncalibrated, report.labels)
        tables = {"before the temperature": before, f"after it ({report.temperature:.2f})": after}
    return {f"{name}: ECE {100 * expected_calibration_error(t):.2f} %": t for name, t in tables.items()}


def _first_kernel(model: Sequential) -> Array | None:
    """The weights that look at the pixels, where each neuron of the first layer has one for every pixel."""
    for parameter in model.weights:
        if len(parameter.shape) >= 2:
            return parameter.value if len(parameter.shape) == 2 and parameter.shape[0] == 784 else None
    return None
