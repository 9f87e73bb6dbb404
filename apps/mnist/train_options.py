"""What the command line of `python -m apps.mnist.train` asks for: its options, and the experiment that they name."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from framework import config
from framework.config import Experiment
from framework.data.datasets import registry as datasets

from . import command, data
from .command import UsageError
from .data_option import add_data_option, with_place
from .run_folder import RunFolder

CONFIGS = Path(__file__).parents[2] / "configs"
DEFAULT = CONFIGS / "mnist_mlp.yaml"
FOR_SAMPLE = CONFIGS / "mnist_sample.yaml"


def options_parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m apps.mnist.train",
        description="Trains a model of handwritten digits as a YAML file describes it.",
        epilog="Any value of the file can be replaced: optimizer.momentum=0.8 train.epochs=3 model.layers.1.units=64",
    )
    parser.add_argument("arguments", nargs="*", metavar="CONFIG | key=value", help="at most one file, and overrides")
    add_data_option(parser)
    parser.add_argument(
        "--run-dir", metavar="DIR", type=Path, help="where everything is saved (default: runs/NAME-TIME)"
    )
    parser.add_argument(
        "--resume", metavar="DIR", type=Path, help="go on with the run in this folder, as if it had not been cut off"
    )
    parser.add_argument("--force", action="store_true", help="with --resume: go on although something has changed")
    parser.add_argument(
        "--corrections", metavar="FILE", type=Path, help="also learn from digits that were corrected in the window"
    )
    command.add_import_option(parser)
    parser.add_argument("--check", action="store_true", help="check the file and stop; no data is loaded")
    parser.add_argument(
        "--print-config", action="store_true", help="print the experiment with all its defaults and stop"
    )
    parser.add_argument(
        "--verbose",
        type=int,
        choices=(0, 1, 2),
        help="while training show 0 nothing, 1 progress bars (the default), 2 a line an epoch",
    )
    return parser


def check(options: argparse.Namespace) -> None:
    """Raises UsageError for options that contradict each other."""
    if options.resume is not None and options.run_dir is not None:
        raise UsageError("--resume goes on with a run, --run-dir begins one; give one of them")
    if options.force and options.resume is None:
        raise UsageError("--force goes with --resume DIR: it goes on with a run although something has changed")


def experiment_of(options: argparse.Namespace, look: bool, default: RunFolder | None = None) -> tuple[Experiment, Path]:
    """The experiment that the command line asks for, and its file; without one, that of a run, or the default."""
    overrides, paths = overrides_of(options), paths_of(options)
    if len(paths) > 1:
        raise UsageError(f"one config file at a time, got {' and '.join(paths)}; overrides are written key=value")
    if not paths and default is not None and (default.path / "config.yaml").exists():
        paths = [str(default.path / "config.yaml")]
    overrides = with_place(options.data, Path(paths[0]) if paths else DEFAULT, overrides)
    if paths:
        return config.load(paths[0], overrides), Path(paths[0])
    if default is not None:  # it was cut off before its file was there
        return config.loads(default.experiment, overrides), default.path / "config.yaml"
    return default_experiment(overrides, look)


def paths_of(options: argparse.Namespace) -> list[str]:
    """The files among the arguments."""
    return [text for text in options.arguments if "=" not in text]


def overrides_of(options: argparse.Namespace) -> list[str]:
    """The replaced values among the arguments."""
    return [text for text in options.arguments if "=" in text]


def recipe_of(path: Path) -> str:
    """What a config is called: of ours the name alone, of another the file's."""
    return path.stem if path.resolve().parent == CONFIGS.resolve() else path.name


def default_experiment(overrides: list[str], look: bool = True) -> tuple[Experiment, Path]:
    """The default recipe, or that for the sample where the sample is asked for or there is nothing else.

    look: whether to look, and to download, if need be, when no place of the data is given.
    """
    experiment = config.load(DEFAULT, overrides)
    dataset = datasets.create(experiment.settings.data or "mnist")
    if not isinstance(dataset, data.Mnist):
        return experiment, DEFAULT
    place = dataset.path or os.environ.get("MNIST_DIR") or None
    if place == "sample":
        return config.load(FOR_SAMPLE, overrides), FOR_SAMPLE
    if place is None and look and (source := data.find()).is_sample:
        experiment = config.load(FOR_SAMPLE, overrides)
        experiment.data = replace(experiment.load_data(), source=source.description)
        return experiment, FOR_SAMPLE
    return experiment, DEFAULT
