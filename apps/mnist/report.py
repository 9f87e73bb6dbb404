"""How good a model is on labelled examples: figures and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from framework import Sequential
from framework.data import Batches, Examples
from framework.metrics import ConfusionMatrix
from framework.parameters import Array

from .calibration import expected_calibration_error, mean_negative_log_likelihood, reliability, with_temperature
from .certainty import SURE, interval, sure_answers
from .recognizer import Recognizer, as_probabilities

BATCH = 1000


@dataclass(frozen=True)
class Report:
    """A model's answers on labelled examples.

    probabilities: (n, classes), calibrated where the model says how. labels: (n,). confusion: (classes, classes),
    row the truth, column the answer. classes: their names; their numbers when empty. uncalibrated: the
    probabilities before the temperature, and that temperature; None where it changes nothing. writers: (n,), who
    wrote each, by number; None where nobody knows.
    """

    probabilities: Array
    labels: Array
    confusion: Array
    classes: tuple[str, ...] = ()
    uncalibrated: Array | None = field(default=None, repr=False)
    temperature: float = 1.0
    writers: Array | None = field(default=None, repr=False)

    @classmethod
    def together(cls, reports: Sequence[Report]) -> Report:
        """One report of several of the same model on the same classes, in their order; of several without writers."""
        first, *others = reports
        if not others:
            return first
        before = [report.uncalibrated for report in reports if report.uncalibrated is not None]
        return cls(
            np.concatenate([report.probabilities for report in reports]),
            np.concatenate([report.labels for report in reports]),
            np.sum([report.confusion for report in reports], axis=0),
            first.classes,
            np.concatenate(before) if before else None,
            first.temperature,
        )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def right(self) -> int:
        """How many answers are right."""
        return int(np.trace(self.confusion))

    @property
    def accuracy(self) -> float:
        """The share of right answers, in [0, 1]."""
        return float(self.right / max(self.confusion.sum(), 1))

    @property
    def precision(self) -> Array:
        """Of what was taken for a class, the share that belongs to it: (classes,); nan where nothing was."""
        return _ratio(self.confusion.diagonal(), self.confusion.sum(axis=0))

    @property
    def recall(self) -> Array:
        """Of what belongs to a class, the share that was taken for it: (classes,); nan where nothing does."""
        return _ratio(self.confusion.diagonal(), self.confusion.sum(axis=1))

    @property
    def f1(self) -> Array:
        """The harmonic mean of precision and recall: (classes,); nan where there is neither."""
        return _ratio(2 * self.confusion.diagonal(), self.confusion.sum(axis=0) + self.confusion.sum(axis=1))

    @property
    def is_finite(self) -> bool:
        """Whether the model gives numbers at all: after a training that failed it does not."""
        return bool(np.isfinite(self.probabilities).all())

    @cached_property
    def ece(self) -> float:
        """The expected calibration error of these probabilities, in [0, 1]; ValueError unless they are finite."""
        return expected_calibration_error(reliability(self.probabilities, self.labels))

    @cached_property
    def nll(self) -> float:
        """The mean negative log-likelihood of the labels; ValueError unless the probabilities are finite."""
        return mean_negative_log_likelihood(self.probabilities, self.labels)

    @cached_property
    def sure(self) -> tuple[int, int]:
        """How many answers are sure, and how many of these are right."""
        sure = sure_answers(self.probabilities)
        return int(sure.sum()), int((self.probabilities[sure].argmax(axis=1) == self.labels[sure]).sum())

    @property
    def accuracy_by_writer(self) -> Array:
        """The share of right answers of each writer, the lowest first: (writers,); of none where nobody knows them."""
        if self.writers is None:
            return np.zeros(0)
        is_right = self.probabilities.argmax(axis=1) == self.labels
        return np.sort([is_right[self.writers == writer].mean() for writer in np.unique(self.writers)])

    @property
    def mistakes(self) -> Array:
        """The indices of the wrong answers, the most confident first."""
        answers = self.probabilities.argmax(axis=1)
        wrong = np.flatnonzero(answers != self.labels)
        return wrong[np.argsort(-self.probabilities[wrong, answers[wrong]], kind="stable")]

    def name(self, label: int) -> str:
        """What a class is called."""
        return self.classes[label] if self.classes else str(label)

    def confusions(self, most: int) -> list[tuple[int, int, Array]]:
        """The most frequent mistakes: truth, answer and the indices concerned, the most confident first."""
        mistakes = self.mistakes
        truths, answers = self.labels[mistakes], self.probabilities[mistakes].argmax(axis=1)
        counts = self.confusion * ~np.eye(len(self.confusion), dtype=bool)
        order = np.argsort(-counts, axis=None, kind="stable")[:most]
        pairs = [divmod(int(place), len(counts)) for place in order if counts.flat[place]]
        return [(truth, answer, mistakes[(truths == truth) & (answers == answer)]) for truth, answer in pairs]

    def table(self) -> str:
        """Per class: how many there are, recall, precision and F1, and what they were taken for instead."""
        head = "class" if self.classes else "digit"
        width = max(5, *(len(self.name(label)) for label in range(len(self.confusion))))
        lines = [f"{head:>{width}}   images    recall  precision        F1   taken for"]
        for label, row in enumerate(self.confusion.astype(int)):
            others = [(count, other) for other, count in enumerate(row) if count and other != label]
            most = sorted(others, key=lambda pair: (-pair[0], pair[1]))[:3]
            taken = ", ".join(f"{self.name(other)} ({count})" for count, other in most)
            recall, precision, f1 = (_percent(values[label]) for values in (self.recall, self.precision, self.f1))
            lines.append(
                f"{self.name(label):>{width}} {row.sum():>8,}  {recall:>8}   {precision:>8}  {f1:>8}   {taken}".rstrip()
            )
        lines.append(f"{'all':>{width}} {int(self.confusion.sum()):>8,}  {_percent(self.accuracy):>8}")
        return "\n".join(lines)

    def writer_lines(self) -> list[str]:
        """For people: how much the accuracy differs from writer to writer, where there are several."""
        shares = self.accuracy_by_writer
        if len(shares) < 2:
            return []
        ends = f"lowest {_percent(shares[0])}, median {_percent(np.median(shares))}, highest {_percent(shares[-1])}"
        return [f"By writer, of whom there are {len(shares):,}: {ends}"]

    def calibration_lines(self) -> list[str]:
        """For people: how far the probabilities can be believed, and what comes of the answers that are sure."""
        if not len(self) or not self.is_finite:
            return []
        before = ""
        if self.uncalibrated is not None:
            error = expected_calibration_error(reliability(self.uncalibrated, self.labels))
            before = f" ({_percent(error)} before the temperature of {self.temperature:.2f})"
        sure, right = self.sure
        of_them = f", of which {share(right, sure)} are right" if sure else ""
        return [
            f"Expected calibration error: {_percent(self.ece)}{before}",
            f"Mean negative log-likelihood: {self.nll:.4f}",
            f"Sure, from {100 * SURE:.0f} % on: {_percent(sure / len(self))} of the answers{of_them}",
        ]


def share(right: float, n: float) -> str:
    """A share for people, with its 95 % interval.

    >>> share(9902, 10_000)
    '99.02 % (95 % interval 98.81 to 99.20 %)'
    """
    low, high = interval(right, n)
    return f"{_percent(right / n)} (95 % interval {100 * low:.2f} to {100 * high:.2f} %)"


def can_judge(model: Sequential, examples: Examples) -> bool:
    """Whether the examples have class numbers as labels and the model's shape, and it has an output for each class."""
    y = examples.y
    if y.ndim != 1 or y.dtype.kind not in "ui" or not model.built or len(model.output_shape) != 1 or not len(y):
        return False
    fits = math.prod(examples.x.shape[1:]) == math.prod(model.input_shape)
    return fits and int(y.min()) >= 0 and model.output_shape[0] > max(1, int(y.max()))


def judge(model: Sequential, examples: Examples, scale: float, classes: tuple[str, ...] = ()) -> Report:
    """The report of a model on these examples, calibrated by the temperature in its metadata.

    Raises CheckpointError for a temperature that cannot be.
    """
    x = examples.x.reshape(len(examples), *model.input_shape) if model.built else examples.x
    raw = as_probabilities(model.predict(Batches(x, batch_size=BATCH, scale=scale, dtype=model.dtype)))
    confusion = ConfusionMatrix(num_classes=raw.shape[1])(examples.y, raw)  # the temperature changes no answer
    temperature = Recognizer(model).temperature
    if temperature == 1:
        return Report(raw, examples.y, confusion, classes, writers=examples.groups)
    calibrated = with_temperature(raw, temperature)
    return Report(calibrated, examples.y, confusion, classes, raw, temperature, examples.groups)


def _ratio(part: Array, whole: Array) -> Array:
    return np.asarray(np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0))


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{100 * value:.2f} %"
