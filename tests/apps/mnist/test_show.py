"""`python -m apps.mnist.show`: the picture of what a network is trained on, and its answer to mistakes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.mnist import data, show
from framework import config
from framework.data import Batches, Data, Dataset, Examples, datasets

CONFIG = """
seed: 3
data: {mnist: {path: sample}}
augment: [{random_affine: {shift: 2}}, {sometimes: stroke_thickness}]
model: {layers: [flatten, {dense: 10}, softmax]}
loss: sparse_categorical_crossentropy
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an experiment, from which the command is called."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "few.yaml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dataset of things that have names, registered for the time of a test."""
    monkeypatch.setattr(datasets.registry, "_classes", dict(datasets.registry._classes))
    monkeypatch.setattr(datasets.registry, "_names", dict(datasets.registry._names))

    class Things(Dataset):
        def __init__(self, side: int = 6, channels: int = 0) -> None:
            self.side = side
            self.channels = channels

        def load(self) -> Data:
            shape = (4, self.side, self.side) + (self.channels,) * (self.channels > 0)
            x = np.random.default_rng(0).random(shape, np.float32)
            return Data(Examples(x, np.array([0, 0, 1, 1])), classes=("ankle boot", "bag"))

    datasets.registry.register(Things)


def sheet(*overrides: str, count: int = 3) -> tuple[Any, list[str]]:
    return show.contact_sheet(config.loads(CONFIG, overrides), count)


def test_draws_a_sheet_and_says_where(call: Any, here: Path) -> None:
    status, out, err = call(show.main, "few.yaml", "--count", 1)
    assert (status, err) == (0, "")
    assert "Data:  the 5,000 real digits that come with the project" in out
    assert "Saved: few.contact.png (each row an original and 9 changed versions, seed 3)" in out
    assert (here / "few.contact.png").read_bytes().startswith(b"\x89PNG")


def test_a_second_sheet_is_written_beside_the_first(call: Any, here: Path) -> None:
    (here / "few.contact.png").write_text("mine")
    (here / "few.contact-2.png").write_text("mine, too")
    assert "Saved: few.contact-3.png" in call(show.main, "few.yaml", "--count", 1).out
    assert (here / "few.contact.png").read_text() == "mine"


def test_output_goes_where_it_is_told(call: Any, here: Path) -> None:
    status, out, _ = call(show.main, "few.yaml", "augment=[]", "--count", 1, "--output", here / "sheet.svg")
    assert status == 0
    assert f"Saved: {here / 'sheet.svg'} (nothing changes them, seed 3)" in out
    assert "<svg" in (here / "sheet.svg").read_text()


def test_rows_are_an_original_and_what_training_makes_of_it() -> None:
    images, titles = sheet()
    assert (images.shape, images.dtype) == ((30, 28, 28), np.float32)
    assert titles == [text for digit in "012" for text in [digit, *[""] * 9]]
    train, digits = data.find("sample").train, images.reshape(3, 10, 28, 28)
    for digit, row in enumerate(digits):
        [[number]] = np.nonzero((np.abs(train.x / 255 - row[0]) < 1e-6).all(axis=(1, 2)))
        assert train.y[number] == digit
        assert len(np.unique(row, axis=0)) == 10
    originals = np.repeat(digits[:, 0], 9, axis=0)
    settings = config.loads(CONFIG).settings
    [(changed,)] = Batches(originals, batch_size=32, transforms=settings.augment, transform_seed=3)
    np.testing.assert_allclose(digits[:, 1:].reshape(27, 28, 28), changed, atol=1e-6)


def test_a_seed_says_which_images_and_how_they_are_changed() -> None:
    np.testing.assert_array_equal(sheet()[0], sheet()[0])
    assert not np.array_equal(sheet()[0], sheet("seed=4")[0])
    assert not np.array_equal(sheet("seed=null")[0], sheet("seed=null")[0])


def test_without_augmentation_all_are_different_images() -> None:
    images, titles = sheet("augment=[]", count=2)
    assert titles == [str(digit) for digit in range(10)] * 2
    assert len(np.unique(images, axis=0)) == 20


def test_each_part_of_a_mixture_has_rows_under_its_name() -> None:
    images, titles = sheet("data={mix: [{mnist: {path: sample}}, {mnist: {path: sample}}]}", count=2)
    assert titles[::10] == ["mnist 0", "mnist 1", "mnist_2 0", "mnist_2 1"]
    assert len(images) == 40
    assert len(np.unique(images[1::10], axis=0)) == 4  # the parts are not changed alike


def test_classes_are_called_by_their_names_and_long_titles_have_two_lines(things: Any) -> None:
    images, titles = sheet("data=things", count=9)
    assert titles[::10] == ["ankle boot", "bag"] * 2  # there are no more
    assert images.shape == (40, 6, 6)
    _, titles = sheet("data={mix: [things]}", "augment=[]")
    assert titles == ["things\nankle boot", "things bag"] * 2


def test_images_may_have_one_channel_but_no_colours(call: Any, things: Any) -> None:
    assert sheet("data={things: {channels: 1}}")[0].shape == (30, 6, 6)
    answer = call(show.main, "few.yaml", "data={things: {channels: 3}}")
    assert (answer.status, answer.err) == (
        2,
        "error: only grey images (height, width) can be shown; the examples of this data are (6, 6, 3)\n",
    )


@pytest.mark.parametrize("spec", ["{mnist: {validation: 100}}", "mnist", "{mix: [{mix: [mnist]}, mnist]}"])
def test_data_says_where_mnist_is_wherever_it_is_named(call: Any, here: Path, no_mnist: None, spec: str) -> None:
    answer = call(show.main, "few.yaml", f"data={spec}", "--data", "nowhere")
    assert answer.status == 2
    assert str(here / "nowhere") in answer.err
    answer = call(show.main, "few.yaml", f"data={spec}", "--data", "sample", "--count", 1)
    assert (answer.status, answer.err) == (0, "")
    assert "no MNIST found" not in answer.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["few.yaml", "--count", 0], "error: --count 0: give a number of rows from 1 to 100"),
        (["few.yaml", "other.yaml"], "error: one config file at a time, got few.yaml and other.yaml"),
        (["other.yaml"], "other.yaml:1:1: error: there is no such file; did you mean few.yaml?"),
        (["few.yaml", "augment=[random_afine]"], "did you mean 'random_affine'?"),
        (
            ["few.yaml", "data=things", "--data", "sample"],
            "error: --data says where MNIST is, but the data of few.yaml",
        ),
        (["few.yaml", "data={mix: [mnist, mnist]}", "--data=sample", "--count=51"], "2 parts of 51 rows are more than"),
        (["few.yaml", "data="], "error: missing key 'data' at the top level; add 'data: …' (a dataset)"),
        (["few.yaml", "--count=1", "--output=few.yaml/sheet.png"], "few.yaml"),
        (["few.yaml", "--output", "sheet.docx"], "error: --output sheet.docx: "),
        (["few.yaml", "--import", "no_such_module"], "error: --import no_such_module: "),
    ],
)
def test_mistakes_are_answered_in_a_sentence(call: Any, things: Any, arguments: list[Any], said: str) -> None:
    status, _, err = call(show.main, *arguments)
    assert status == 2
    assert said in err
    assert "Traceback" not in err


def test_runs_as_a_command(environment: dict[str, str], here: Path) -> None:
    command = [sys.executable, "-m", "apps.mnist.show", "few.yaml", "--count", "1"]
    done = subprocess.run(command, env=os.environ | environment, cwd=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr  # where Matplotlib speaks when it runs for the first time
    assert (here / "few.contact.png").exists()
