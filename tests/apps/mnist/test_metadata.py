"""What is noted in a trained model's file, and that none of it says more than is true."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace

import numpy as np
import pytest

from apps.mnist import data, metadata
from apps.mnist.calibration import fit_temperature
from apps.mnist.metadata import calibration_line, describe, is_mnists_test
from apps.mnist.report import judge
from framework import Input, Sequential
from framework.data import Examples
from framework.data.datasets import Data
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
        report = describe(net, parts)
        assert parts.validation is not None
        assert parts.test is not None
        assert report is not None
        assert report.accuracy == judge(net, parts.test, 1 / 255).accuracy
        fitted = fit_temperature(judge(net, parts.validation, 1 / 255).probabilities, parts.validation.y)
        assert net.metadata == {
            "temperature": round(fitted, 3),
            "test_accuracy": round(report.accuracy, 4),
            "test_images": 80,
        }
        assert calibration_line(net, parts) == f"Calibration: temperature {fitted:.2f}, fitted on 60 validation images"

    def test_what_was_used_to_choose_by_is_no_test(self, parts: Data, monkeypatch: pytest.MonkeyPatch) -> None:
        for given in (replace(parts, test=None), replace(parts, test=parts.validation)):
            net = model()
            monkeypatch.setattr(metadata, "is_mnists_test", lambda _: True)
            describe(net, given)
            assert set(net.metadata) == {"temperature", "validation_accuracy", "validation_images"}
            assert net.metadata["validation_images"] == 60

    def test_without_validation_nothing_is_calibrated(self, parts: Data) -> None:
        net = model()
        given = replace(parts, validation=None)
        describe(net, given)
        assert set(net.metadata) == {"test_accuracy", "test_images"}
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
