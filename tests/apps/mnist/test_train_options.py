"""What the command line of the training asks for; that mistakes are told is in test_train.py and test_resume.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.mnist import train_options
from apps.mnist.command import UsageError
from apps.mnist.run_folder import RunFolder
from framework import config


def parsed(*arguments: str) -> object:
    return train_options.options_parser().parse_intermixed_args(list(arguments))


def test_files_and_overrides_may_come_in_any_order() -> None:
    options = parsed("seed=1", "a.yaml", "--verbose", "2", "train.epochs=3")
    assert train_options.paths_of(options) == ["a.yaml"]  # type: ignore[arg-type]
    assert train_options.overrides_of(options) == ["seed=1", "train.epochs=3"]  # type: ignore[arg-type]


@pytest.mark.parametrize("arguments", [["--resume", "a", "--run-dir", "a"], ["--force"]])
def test_options_that_contradict_each_other(arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        train_options.check(parsed(*arguments))  # type: ignore[arg-type]


def test_a_run_that_was_cut_off_before_its_config_was_there_is_known_by_its_note(tmp_path: Path) -> None:
    first = config.load(train_options.FOR_SAMPLE, ["train.epochs=7"])
    run = RunFolder.of(first, tmp_path, "recipe", [], None)
    options = parsed("seed=3")
    experiment, path = train_options.experiment_of(options, look=False, default=run)  # type: ignore[arg-type]
    assert (experiment.settings.train.epochs, experiment.settings.seed) == (7, 3)
    run.write()
    (tmp_path / "config.yaml").write_text(first.to_yaml().replace("epochs: 7", "epochs: 8"))
    experiment, path = train_options.experiment_of(options, look=False, default=run)  # type: ignore[arg-type]
    assert (experiment.settings.train.epochs, path) == (8, tmp_path / "config.yaml")


def test_ours_are_called_by_their_name_and_others_by_that_of_their_file(tmp_path: Path) -> None:
    assert train_options.recipe_of(train_options.DEFAULT) == "mnist_mlp"
    assert train_options.recipe_of(tmp_path / "mine.yaml") == "mine.yaml"
