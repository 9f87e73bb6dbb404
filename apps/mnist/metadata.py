"""What a trained model's file says about the model: how sure it may be, how good it was on which images, its run."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

import numpy as np

from framework import Sequential
from framework.config import Experiment
from framework.config.writer import flow
from framework.data import Examples
from framework.data.datasets import Data
from framework.data.datasets import registry as datasets
from framework.data.mix import Mix

from .calibration import expected_calibration_error, fit_temperature, reliability, with_temperature
from .figures import Figure, figures_of
from .report import Report, can_judge, judge, share

Part = Literal["train", "validation", "test"]

MNIST_TEST = "c3f9adf9c66efb572b1f9326c3a511b45910c7173b97be66ceceeeeaef6b802b"
"""SHA-256 of the bytes of MNIST's 10,000 official test images, and then of their labels."""


def describe(model: Sequential, data: Data, name: str = "data") -> Report | None:
    """Calibrates and judges a trained model and notes the outcome in `model.metadata`; returns the judgement.

    temperature: fitted on the validation examples, never on those that were trained on or only judge. Each part of
        a mixture weighs the same, however many examples it has.
    ece: the expected calibration error that is left on them.
    test_accuracy, test_images: the share that was read right, and of how many; where there are no images that
        nothing was chosen by, validation_accuracy and validation_images instead.
    test_set: "MNIST" when they were MNIST's official test images, to the bit.
    figures: a mapping for each part of a mixture, or the only one for the dataset `name`: its `set`, the `kind` of
        its examples, "test", or "validation" where it has no others, how many `images`, `accuracy`, `ece`, the
        share of answers that are `sure`, and of these the share that is right, `sure_right`, None without any.

    What there are no examples for, or none with class numbers as labels, is left out; None without a judgement.
    """
    _calibrate(model, data)
    judged = data.test or data.validation
    if not judged or not can_judge(model, judged):
        return None
    parts = examples_by_part(data, "test" if data.test else "validation", name)
    reports = {part: judge(model, examples, data.scale, data.classes) for part, examples in parts.items()}
    report = Report.together(list(reports.values()))
    kind = kind_of(judged, data)
    model.metadata[f"{kind}_accuracy"] = round(report.accuracy, 4)
    model.metadata[f"{kind}_images"] = len(judged)
    if kind == "test" and is_mnists_test(judged):
        model.metadata["test_set"] = "MNIST"
    for part, examples in examples_by_part(data, "validation", name).items():  # of parts without a test
        if part in data.parts and part not in reports:
            parts[part], reports[part] = examples, judge(model, examples, data.scale, data.classes)
    if all(own.is_finite for own in reports.values()):
        model.metadata["figures"] = [
            _figure(part, kind_of(parts[part], data.parts.get(part, data)), reports[part])
            for part in sorted(reports, key=[*data.parts, name].index)
        ]
    return report


def examples_by_part(data: Data, kind: Part, name: str) -> dict[str, Examples]:
    """The examples of that kind: of each part of a mixture that has some, else all under `name`; or nothing."""
    whole = getattr(data, kind)
    if not whole:
        return {}
    parts = {part: examples for part, one in data.parts.items() if (examples := getattr(one, kind))}
    # A share that training held back is of the whole.
    return parts if sum(map(len, parts.values())) == len(whole) else {name: whole}


def run_of(
    experiment: Experiment, recipe: str, epochs: int, seconds: float, overrides: Sequence[str] = ()
) -> dict[str, Any]:
    """How a model came about, for `model.metadata["run"]`: what `card` says about it.

    recipe: one of ours by its name, another by that of its file. overrides: what was replaced in it, other than the
    seed and places of files. data: a line of YAML for each dataset, without such places. images: how many there were
    to train on.
    """
    others = [text for text in overrides if not re.match(r"seed=|data\.(.*\.)?path=", text)]
    run = {
        "recipe": recipe,
        "seed": experiment.settings.seed,
        "epochs": epochs,
        "seconds": round(seconds, 1),
        "date": time.strftime("%Y-%m-%d"),
        "data": data_lines(experiment.settings.data),
    }
    images = {} if experiment.data is None else {"images": len(experiment.data.train)}
    return run | images | ({"overrides": others} if others else {})


def dataset_name(spec: Any) -> str:
    """What a dataset is called in `figures`: the name by which it is registered.

    >>> from apps.mnist.data import Mnist
    >>> dataset_name({"mnist": {"path": "sample"}})
    'mnist'
    """
    return "data" if spec is None else datasets.create(spec).registered_name or "data"


def data_lines(spec: Any) -> list[str]:
    """A dataset as a line of YAML, a mixture as one for each of its parts; a path but "sample" is left out.

    >>> from apps.mnist.data import Mnist
    >>> data_lines({"mnist": {"path": "/home/me/mnist", "validation": 5000}})
    ['mnist: {validation: 5000}']
    """
    if spec is None:
        return []
    dataset = datasets.create(spec)
    if isinstance(dataset, Mix):
        return [line for part in dataset.datasets for line in data_lines(part)]
    name = dataset.registered_name or type(dataset).__name__
    try:
        arguments = dataset.changed_arguments()
    except TypeError:  # it holds something from Python
        return [name]
    if arguments.get("path", "sample") != "sample":
        del arguments["path"]
    return [f"{name}: {flow(arguments)}" if arguments else name]


def _calibrate(model: Sequential, data: Data) -> None:
    """Fits the temperature and notes it, and the calibration error that it leaves."""
    model.metadata.pop("temperature", None)  # the answers are to come as they are
    validation = list(examples_by_part(data, "validation", "").values())
    if not validation or not all(can_judge(model, examples) for examples in validation):
        return
    reports = [judge(model, examples, data.scale) for examples in validation]
    report = Report.together(reports)
    if not report.is_finite:  # the training failed, and nothing can be fitted
        return
    weights = np.concatenate([np.full(len(own), 1 / len(own)) for own in reports])
    temperature = round(fit_temperature(report.probabilities, report.labels, weights), 3)
    calibrated = with_temperature(report.probabilities, temperature)
    model.metadata["temperature"] = temperature
    error = expected_calibration_error(reliability(calibrated, report.labels, weights))
    model.metadata["ece"] = round(error, 4)


def kind_of(examples: Examples, data: Data) -> Literal["test", "validation"]:
    """What these examples of the data are: its "test" where nothing was chosen by any of them, else "validation".

    The sample's held-out images serve both ends, and a mixture copies them.
    """
    if examples is not data.test:
        return "validation"
    return "validation" if any(map(_serves_both_ends, [data, *data.parts.values()])) else "test"


def _serves_both_ends(data: Data) -> bool:
    test, validation = data.test, data.validation
    if not test or not validation:
        return False
    return test is validation or np.array_equal(test.x, validation.x)


def _figure(name: str, kind: str, report: Report) -> dict[str, Any]:
    sure, right = report.sure
    figure = Figure(
        name,
        kind,
        images=len(report),
        accuracy=round(report.accuracy, 4),
        ece=round(report.ece, 4),
        sure=round(sure / len(report), 4),
        sure_right=round(right / sure, 4) if sure else None,
    )
    return asdict(figure)


def calibration_line(model: Sequential, data: Data) -> str | None:
    """One line for people on what `describe` fitted; None where it fitted nothing."""
    if "temperature" not in model.metadata or data.validation is None:
        return None
    return (
        f"Calibration: temperature {model.metadata['temperature']:.2f}, "
        f"fitted on {len(data.validation):,} validation images"
    )


def figure_lines(model: Sequential) -> list[str]:
    """A line for people on each part of the mixture that `describe` judged by; none where it was no mixture."""
    figures = figures_of(model.metadata)
    return [
        f"{one.set}: {share(one.right, one.images)} of {one.images:,} {one.kind} images"
        for one in (figures if len(figures) > 1 else [])
    ]


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
