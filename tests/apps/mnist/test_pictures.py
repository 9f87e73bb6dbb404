"""Which pictures of a report there are, and what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.mnist.pictures import save_plots
from apps.mnist.report import Report, judge
from framework import Input, Sequential, plotting
from framework.data.datasets import Examples
from framework.layers import Conv2D, Dense, Flatten

PNG = b"\x89PNG\r\n\x1a\n"


def images(n: int) -> Examples:
    rng = np.random.default_rng(0)
    return Examples(rng.integers(0, 256, (n, 28, 28), dtype=np.uint8), np.arange(n) % 10)


def linear() -> Sequential:
    return Sequential([Input((28, 28)), Flatten(), Dense(10, activation="softmax")], seed=1)


def test_draws_everything(tmp_path: Path) -> None:
    examples, model = images(30), linear()
    history = {"loss": [2.0, 1.0], "confusion_matrix": [[[1.0, 0.0], [0.0, 1.0]]] * 2}
    paths = save_plots(tmp_path / "new", judge(model, examples, 1 / 255), examples, model, history)
    names = ["confusion.png", "mistakes.png", "confusions.png", "reliability.png", "curves.png", "weights.png"]
    assert paths == [tmp_path / "new" / name for name in names]
    assert all(path.read_bytes().startswith(PNG) for path in paths)


def test_leaves_out_what_there_is_nothing_of(tmp_path: Path) -> None:
    """No mistakes, no history, no numbers, and a first layer that does not look at the pixels one by one."""
    model = Sequential([Input((28, 28)), Dense(2), Flatten(), Dense(10)])
    report = Report(np.where(np.eye(10), np.nan, 0), np.arange(10), np.eye(10))
    assert save_plots(tmp_path, report, images(10), model, None) == [tmp_path / "confusion.png"]
    names = [
        path.name for path in save_plots(tmp_path, Report(np.eye(10), np.arange(10), np.eye(10)), images(10), None, {})
    ]
    assert names == ["confusion.png", "reliability.png"]


def test_dense_weights_behind_a_convolution_are_no_pictures(tmp_path: Path) -> None:
    model = Sequential([Input((28, 28, 1)), Conv2D(1, 1), Flatten(), Dense(10)])  # 784 rows, but not of pixels
    report = Report(np.eye(10), np.arange(10), np.eye(10))
    assert tmp_path / "weights.png" not in save_plots(tmp_path, report, images(10), model, None)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the drawing functions are called with, instead of drawing."""
    calls: dict[str, Any] = {}
    for name in ("confusion_matrix", "gallery", "image_rows", "reliability_diagram"):
        monkeypatch.setattr(plotting, name, lambda *arguments, name=name, **_: calls.update({name: arguments}))
    return calls


def test_pictures_name_classes_and_show_the_images_concerned(tmp_path: Path, drawn: dict[str, Any]) -> None:
    probabilities = np.array([[0.6, 0.4], [0.9996, 0.0004], [0.3, 0.7], [0.05, 0.95]])
    labels = np.array([1, 1, 1, 0])
    report = Report(probabilities, labels, np.array([[0, 1], [2, 1]]), ("Bag", "Coat"), probabilities**2, 2.0)
    examples = images(4)
    save_plots(tmp_path, report, examples, None, None)
    assert drawn["confusion_matrix"][1] == ("Bag", "Coat")
    shown, titles = drawn["gallery"][:2]
    np.testing.assert_array_equal(shown, examples.x[[1, 3, 0]])
    assert titles == ["Coat read as Bag\n99.9 %", "Bag read as Coat\n95 %", "Coat read as Bag\n60 %"]
    rows, titles = drawn["image_rows"][:2]
    np.testing.assert_array_equal(rows[0], examples.x[[1, 0]])
    np.testing.assert_array_equal(rows[1], examples.x[[3]])
    assert titles == ["Coat read as Bag: 2 of 3", "Bag read as Coat: 1 of 1"]
    before, after = drawn["reliability_diagram"][0]
    assert before.startswith("before the temperature: ECE ")
    assert after.startswith("after it (2.00): ECE ")
