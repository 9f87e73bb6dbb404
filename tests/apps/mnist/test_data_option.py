"""The option `--data PATH` of the commands that read an experiment's file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from apps.mnist import show, train
from apps.mnist.command import UsageError
from apps.mnist.data_option import with_place
from framework import config
from framework.config import ConfigError
from framework.data import Mix, datasets

MODEL = "\nmodel: {layers: [flatten, {dense: 10}, softmax]}\nloss: sparse_categorical_crossentropy\n"


def experiment(folder: Path, data: str) -> Path:
    """A file with this data."""
    file = folder / "my.yaml"
    file.write_text(f"data: {data}{MODEL}")
    return file


def paths(dataset: Any) -> list[str | None]:
    """The path of each dataset, in the order of the file."""
    return [path for one in dataset.datasets for path in paths(one)] if isinstance(dataset, Mix) else [dataset.path]


@pytest.mark.parametrize(
    ("written", "overrides", "expected"),
    [
        ("{mnist: {validation: 9}}", [], ["a"]),
        ("", [], ["a"]),
        ("{mix: [pendigits, {mnist: {validation: 9}}]}", [], [None, "a"]),
        ("{mix: [mnist, {mix: [pendigits, mnist]}]}", [], ["a", None, "a"]),
        ("{mix: {datasets: [{type: mnist, path: b}]}}", [], ["a"]),
        ("mnist", ["data={mix: [mnist, pendigits]}"], ["a", None]),
    ],
)
def test_says_where_mnist_is_wherever_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, overrides: list[str], expected: list[str | None]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = experiment(tmp_path, written)
    given = with_place("a", file, overrides)
    assert given[: len(overrides)] == overrides
    dataset = datasets.registry.create(config.load(file, given).settings.data)  # type: ignore[arg-type]
    assert paths(dataset) == [path and str(tmp_path / path) for path in expected]


def test_the_word_sample_is_no_path(tmp_path: Path) -> None:
    assert with_place("sample", experiment(tmp_path, "mnist"), []) == ['data.path="sample"']


def test_a_home_folder_is_written_out_and_that_of_a_stranger_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = experiment(tmp_path, "mnist")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert with_place("~/a", file, []) == [f"data.path={json.dumps(str(tmp_path / 'a'))}"]
    assert with_place("~no such user/a", file, []) == [f"data.path={json.dumps(str(tmp_path / '~no such user' / 'a'))}"]


def test_without_it_the_overrides_are_as_they_were(tmp_path: Path) -> None:
    assert with_place(None, tmp_path / "nowhere.yaml", ["seed=7"]) == ["seed=7"]


@pytest.mark.parametrize("written", ["pendigits", "{mix: [pendigits, fashion_mnist]}"])
def test_needs_mnist(tmp_path: Path, written: str) -> None:
    file = experiment(tmp_path, written)
    with pytest.raises(UsageError) as error:
        with_place("sample", file, [])
    assert str(error.value).startswith(f"--data says where MNIST is, but the data of {file} has no mnist in it; leave")


def test_a_wrong_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown dataset 'mnst'"):
        with_place("sample", experiment(tmp_path, "{mix: [mnst]}"), [])


@pytest.mark.parametrize("main", [train.main, show.main])
def test_the_commands_look_there(call: Any, tmp_path: Path, no_mnist: None, main: Any) -> None:
    file = experiment(tmp_path, "{mix: [mnist]}")
    status, _, err = call(main, file, "--data", tmp_path / "nowhere")
    assert (status, err) == (2, f"error: {tmp_path / 'nowhere'}: no such file or folder; check the path\n")
