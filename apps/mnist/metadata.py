"""What a trained model's file says about the model: how sure it may be, and how good it was on which images."""

from __future__ import annotations

import hashlib

import numpy as np

from framework import Sequential
from framework.data import Examples
from framework.data.datasets import Data

from .calibration import fit_temperature
from .report import Report, can_judge, judge

MNIST_TEST = "c3f9adf9c66efb572b1f9326c3a511b45910c7173b97be66ceceeeeaef6b802b"
"""SHA-256 of the bytes of MNIST's 10,000 official test images, and then of their labels."""


def describe(model: Sequential, data: Data) -> Report | None:
    """Calibrates and judges a trained model and notes the outcome in `model.metadata`; returns the judgement.

    temperature: fitted on the validation examples, never on those that were trained on or only judge.
    test_accuracy, test_images: the share that was read right, and of how many; where there are no images that
        nothing was chosen by, validation_accuracy and validation_images instead.
    test_set: "MNIST" when they were MNIST's official test images, to the bit.

    What there are no examples for, or none with class numbers as labels, is left out; None without a judgement.
    """
    validation, judged = data.validation, data.test or data.validation
    if validation and can_judge(model, validation):
        probabilities = judge(model, validation, data.scale).probabilities
        if np.isfinite(probabilities).all():  # else the training failed, and nothing can be fitted
            model.metadata["temperature"] = round(fit_temperature(probabilities, validation.y), 3)
    if not judged or not can_judge(model, judged):
        return None
    report = judge(model, judged, data.scale)
    kind = "validation" if judged is validation else "test"
    model.metadata[f"{kind}_accuracy"] = round(report.accuracy, 4)
    model.metadata[f"{kind}_images"] = len(judged)
    if kind == "test" and is_mnists_test(judged):
        model.metadata["test_set"] = "MNIST"
    return report


def calibration_line(model: Sequential, data: Data) -> str | None:
    """One line for people on what `describe` fitted; None where it fitted nothing."""
    if "temperature" not in model.metadata or data.validation is None:
        return None
    return (
        f"Calibration: temperature {model.metadata['temperature']:.2f}, "
        f"fitted on {len(data.validation):,} validation images"
    )


def is_mnists_test(examples: Examples) -> bool:
    """Whether these are MNIST's official test images and labels, whatever files they came from.

    >>> is_mnists_test(Examples(np.zeros((10_000, 28, 28), np.uint8), np.zeros(10_000, np.uint8)))
    False
    """
    if examples.x.dtype != np.uint8 or examples.y.dtype != np.uint8:
        return False
    digest = hashlib.sha256(np.ascontiguousarray(examples.x).data)
    digest.update(np.ascontiguousarray(examples.y).data)
    return digest.hexdigest() == MNIST_TEST
