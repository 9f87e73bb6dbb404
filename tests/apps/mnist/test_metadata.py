"""What is noted in a trained model's file, and that none of it says more than is true."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from apps.mnist import data, metadata, train, train_options
from apps.mnist.calibration import (
    expected_calibration_error,
    fit_temperature,
    reliability,
    with_temperature,
)
from apps.mnist.metadata import (
    calibration_line,
    data_lines,
    dataset_name,
    describe,
    examples_by_part,
    figure_lines,
    is_mnists_test,
    kind_of,
    run_of,
)
from apps.mnist.report import judge
from apps.mnist.run_folder import RunFolder
from framework import Input, Sequential, config, load_model
from framework.data import Examples, Mix
from framework.data.datasets import Data, Dataset
from framework.data.datasets import registry as datasets
from framework.layers import Dense, Flatten, Softmax


def digits(n: int, seed: int) -> Examples:
    rng = np.random.default_rng(seed)
    return Examples(rng.integers(0, 256, (n, 28, 28), dtype=np.uint8), rng.integers(0, 10, n, dtype=np.uint8))


def model(units: int = 10) -> Sequential:
    return Sequential([Input((28, 28)), Flatten(), Dense(units), Softmax()], seed=0)


@pytest.fixture
def parts() -> Data:
    return Data(digits(1, 0), validation=digits(60, 1), test=digits(80, 2), scale=1 / 255)


class TestDescribe:
    def test_calibrates_by_validation_and_judges_by_test(self, parts: Data) -> None:
        net = model()
        report = describe(net, parts, "mnist")
        assert parts.validation is not None
        assert parts.test is not None
        assert report is not None
        assert report.accuracy == judge(net, parts.test, 1 / 255).accuracy
        probabilities = judge(model(), parts.validation, 1 / 255).probabilities  # the same weights, not calibrated
        fitted = round(fit_temperature(probabilities, parts.validation.y), 3)
        table = reliability(with_temperature(probabilities, fitted), parts.validation.y)
        sure, right = report.sure
        assert net.metadata == {
            "temperature": fitted,
            "ece": round(expected_calibration_error(table), 4),
            "test_accuracy": round(report.accuracy, 4),
            "test_images": 80,
            "figures": [
                {
                    "set": "mnist",
                    "kind": "test",
                    "images": 80,
                    "accuracy": round(report.accuracy, 4),
                    "ece": round(report.ece, 4),
                    "sure": sure / 80,
                    "sure_right": right / sure if sure else None,
                }
            ],
        }
        assert report.temperature == fitted
        assert calibration_line(net, parts) == f"Calibration: temperature {fitted:.2f}, fitted on 60 validation images"

    def test_what_was_used_to_choose_by_is_no_test(self, parts: Data, monkeypatch: pytest.MonkeyPatch) -> None:
        for given in (replace(parts, test=None), replace(parts, test=parts.validation)):
            net = model()
            monkeypatch.setattr(metadata, "is_mnists_test", lambda _: True)
            describe(net, given)
            assert set(net.metadata) == {"temperature", "ece", "validation_accuracy", "validation_images", "figures"}
            assert net.metadata["validation_images"] == 60
            assert [one["kind"] for one in net.metadata["figures"]] == ["validation"]

    def test_without_validation_nothing_is_calibrated(self, parts: Data) -> None:
        net = model()
        given = replace(parts, validation=None)
        describe(net, given)
        assert set(net.metadata) == {"test_accuracy", "test_images", "figures"}
        assert calibration_line(net, given) is None

    def test_without_any_nothing_is_noted(self, parts: Data) -> None:
        net = model()
        assert describe(net, Data(parts.train)) is None
        assert net.metadata == {}

    def test_what_reads_no_classes_is_not_judged(self, parts: Data) -> None:
        net = model(units=1)
        assert describe(net, parts) is None
        assert net.metadata == {}

    @pytest.mark.filterwarnings("ignore::RuntimeWarning")
    def test_a_training_that_failed_is_not_calibrated(self, parts: Data) -> None:
        net = model()
        net.set_weights([np.full_like(weight, np.nan) for weight in net.get_weights()])
        describe(net, parts)
        assert set(net.metadata) == {"test_accuracy", "test_images"}

    def test_mnists_own_test_images_are_named(self, parts: Data, monkeypatch: pytest.MonkeyPatch) -> None:
        assert parts.test is not None
        content = parts.test.x.tobytes() + parts.test.y.tobytes()
        monkeypatch.setattr(metadata, "MNIST_TEST", hashlib.sha256(content).hexdigest())
        net = model()
        describe(net, parts)
        assert net.metadata["test_set"] == "MNIST"

    def test_an_earlier_temperature_changes_nothing(self, parts: Data) -> None:
        fresh, again = model(), model()
        again.metadata["temperature"] = 5.0
        describe(fresh, parts)
        describe(again, parts)
        assert again.metadata == fresh.metadata


class Given(Dataset):
    """Examples that a test has made."""

    def __init__(self, data: Data) -> None:
        self.data = data

    def load(self) -> Data:
        return self.data


class TestDescribeMixture:
    @pytest.fixture
    def mixture(self) -> Data:
        """Two parts, the second without test examples."""
        large = Data(digits(1, 0), validation=digits(300, 1), test=digits(40, 2), scale=1 / 255)
        small = Data(digits(1, 3), validation=digits(20, 4), scale=1 / 255)
        return Mix([Given(large), Given(small)]).load()

    def test_each_part_weighs_the_same_in_the_temperature(self, mixture: Data) -> None:
        net = model()
        assert mixture.validation is not None
        probabilities = judge(net, mixture.validation, 1 / 255).probabilities
        # The network reads the small part better than the large one, and could be surer of it.
        mixture.validation.y[-14:] = probabilities.argmax(axis=1)[-14:]
        describe(net, mixture)
        weights = np.repeat([1 / 300, 1 / 20], [300, 20])
        expected = fit_temperature(probabilities, mixture.validation.y, weights)
        assert net.metadata["temperature"] == round(expected, 3)
        assert net.metadata["temperature"] < 0.9 * fit_temperature(probabilities, mixture.validation.y)

    def test_each_part_has_its_figures(self, mixture: Data) -> None:
        net = model()
        report = describe(net, mixture)
        assert report is not None
        assert mixture.test is not None
        np.testing.assert_array_equal(report.labels, mixture.test.y)
        assert net.metadata["test_images"] == 40
        assert [(one["set"], one["kind"], one["images"]) for one in net.metadata["figures"]] == [
            ("given", "test", 40),
            ("given_2", "validation", 20),
        ]
        second = mixture.parts["given_2"].validation
        assert second is not None
        reports = [judge(net, one, 1 / 255) for one in (mixture.test, second)]
        assert [one["accuracy"] for one in net.metadata["figures"]] == [round(own.accuracy, 4) for own in reports]

    def test_without_any_test_examples_they_are_those_of_validation(self, mixture: Data) -> None:
        net = model()
        describe(net, replace(mixture, test=None))
        figures = net.metadata["figures"]
        assert [(one["set"], one["kind"], one["images"]) for one in figures] == [
            ("given", "validation", 300),
            ("given_2", "validation", 20),
        ]
        right = sum(one["accuracy"] * one["images"] for one in figures)
        assert right / 320 == pytest.approx(net.metadata["validation_accuracy"], abs=2e-4)
        assert figure_lines(net)[1].startswith("given_2: ")
        assert figure_lines(net)[1].endswith(" %) of 20 validation images")

    def test_the_samples_held_out_images_are_no_test_in_a_mixture_either(self) -> None:
        net = model()
        describe(net, Mix([{"mnist": {"path": "sample"}}]).load())
        assert [one["kind"] for one in net.metadata["figures"]] == ["validation"]
        assert net.metadata["validation_images"] == 1000

    def test_a_mixture_is_no_test_when_something_was_chosen_by_a_part_of_it(self, mixture: Data) -> None:
        net = model()
        tested = Data(digits(1, 0), validation=digits(30, 1), test=digits(40, 2), scale=1 / 255)
        describe(net, Mix([Given(tested), {"mnist": {"path": "sample"}}]).load())
        assert [one["kind"] for one in net.metadata["figures"]] == ["test", "validation"]
        assert net.metadata["validation_images"] == 1040
        assert "test_accuracy" not in net.metadata
        assert mixture.test is not None
        assert kind_of(mixture.test, mixture) == "test"

    def test_what_training_held_back_belongs_to_no_part(self, mixture: Data) -> None:
        held_back = replace(mixture, validation=digits(7, 9))
        assert {name: len(one) for name, one in examples_by_part(held_back, "validation", "all").items()} == {"all": 7}
        assert examples_by_part(replace(mixture, test=None), "test", "all") == {}


class TestRunOf:
    def test_says_how_to_do_it_again_and_not_where(self) -> None:
        experiment = config.load(
            train_options.FOR_SAMPLE,
            ["seed=7", "data={mix: [{mnist: {path: /home/me, validation: 9}}, {mnist: sample}]}"],
        )
        given = ["seed=7", "data.path=/home/me", "data.mix.datasets.0.mnist.path=/home/me", "train.epochs=3"]
        run = run_of(experiment, "mnist_sample", 3, 1.26, given)
        assert len(run.pop("date")) == len("2030-01-02")
        assert run == {
            "recipe": "mnist_sample",
            "seed": 7,
            "epochs": 3,
            "seconds": 1.3,
            "data": ["mnist: {validation: 9}", "mnist: {path: sample}"],
            "overrides": ["train.epochs=3"],
        }

    def test_every_line_on_data_is_a_dataset_again(self) -> None:
        [line] = data_lines({"pendigits": {"path": "/home/me", "width": [1.6, 3.2], "test": 3}})
        again = config.component(line, datasets)
        assert again.get_config() == datasets.create({"pendigits": {"width": [1.6, 3.2], "test": 3}}).get_config()

    def test_datasets_from_python_are_only_named(self, parts: Data) -> None:
        assert data_lines(None) == []
        assert data_lines(Given(parts)) == ["Given"]
        assert dataset_name(None) == dataset_name(Given(parts)) == "data"


def test_test_images_change_nothing_but_the_figures(
    tmp_path: Path, parts: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights, history and calibration are the same whatever a model is judged by in the end."""
    monkeypatch.setattr(train, "save_plots", lambda *_: [])
    assert parts.test is not None
    others = Examples(parts.test.x, (parts.test.y + 1) % 10)
    models, histories = [], []
    for name, test in (("some", parts.test), ("others", others), ("none", None)):
        experiment = config.load(train_options.FOR_SAMPLE, ["train.epochs=2", "train.verbose=0"])
        experiment.data = replace(parts, train=digits(40, 5), test=test)
        assert train.train(experiment, RunFolder.of(experiment, tmp_path / name, "some", [], None)) == 0
        models.append(load_model(tmp_path / name / "model.json"))
        histories.append((tmp_path / name / "history.json").read_bytes())
    assert histories[1:] == histories[:1] * 2
    for net in models[1:]:
        for own, first in zip(net.get_weights(), models[0].get_weights(), strict=True):
            np.testing.assert_array_equal(own, first)
        assert net.metadata["temperature"] == models[0].metadata["temperature"]
    assert models[0].metadata["figures"] != models[1].metadata["figures"]


class TestIsMnistsTest:
    def test_other_digits_are_not(self) -> None:
        assert not is_mnists_test(data.find("sample").test)
        assert not is_mnists_test(Examples(np.zeros((10_000, 784)), np.zeros(10_000, np.uint8)))

    @pytest.mark.skipif("MNIST_DIR" not in os.environ, reason="needs MNIST: set MNIST_DIR to its folder")
    def test_mnists_are_unless_a_single_pixel_differs(self) -> None:
        source = data.find()
        if source.is_sample:
            pytest.skip("MNIST_DIR names the sample")
        assert is_mnists_test(source.test)
        altered = source.test.x.copy()
        altered[5000, 14, 14] ^= 1
        assert not is_mnists_test(Examples(altered, source.test.y))
        assert not is_mnists_test(source.train)
