"""`python -m apps.mnist.train [CONFIG] [key=value ...]`: trains a model of digits and reports on it."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from framework import Sequential, config
from framework.callbacks import CSVLogger, History, LambdaCallback, StopOnSignal
from framework.config import Experiment
from framework.data.datasets import Data, Examples
from framework.data.datasets import registry as datasets
from framework.data.splits import split
from framework.files import write_atomically
from framework.threads import blas_on_one_thread

from . import command, data
from .card import card
from .command import UsageError
from .data_option import add_data_option, with_place
from .metadata import calibration_line, dataset_name, describe, figure_lines, kind_of, run_of
from .pictures import save_plots
from .report import Report, share
from .retraining import Retraining

CONFIGS = Path(__file__).parents[2] / "configs"
DEFAULT = CONFIGS / "mnist_mlp.yaml"
FOR_SAMPLE = CONFIGS / "mnist_sample.yaml"
FILES = ("card.md", "config.yaml", "history.csv", "history.json", "model.json")
"""What every run leaves in its folder, beside pictures."""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_intermixed_args(arguments)
    only_looks = options.check or options.print_config
    if options.run_dir is not None and not only_looks:
        _refuse_used(options.run_dir)
    command.import_modules(options.imports)
    retraining = None if options.corrections is None else Retraining.read(options.corrections)
    experiment, path = _experiment(options, look=not only_looks)
    if options.print_config:
        print(experiment.to_yaml(), end="")
        return 0
    if options.check:
        print(f"{path}: no problems found")
        if retraining is not None:
            print(f"{options.corrections}: no problems found in {len(retraining.corrections):,} corrections")
        return 0
    print(f"Config: {path}")
    folder = options.run_dir or _new_folder(path.stem)
    return train(experiment, folder, options.verbose, retraining, _recipe(path), _overrides(options))


def train(
    experiment: Experiment,
    folder: Path,
    verbose: int | None = None,
    retraining: Retraining | None = None,
    recipe: str | None = None,
    overrides: Sequence[str] = (),
) -> int:
    """Runs an experiment and fills its folder; returns the exit status, 128 + signal when it was interrupted.

    retraining: corrections to learn from, too. recipe, overrides: for the model's card, what the experiment's file is
    called, the model's name when None, and what was replaced in it. Raises UsageError when the corrections do not fit
    the experiment's data.
    """
    examples = _with_validation(experiment)
    print(f"Data:   {examples.source}")
    if retraining is not None:
        examples, told = retraining.mixed(examples)
        print(told)
    experiment.data = examples
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "config.yaml", experiment.to_yaml().encode())
    experiment.build().summary()
    stop, rows = StopOnSignal(), list[dict[str, Any]]()
    keep = LambdaCallback(on_epoch_end=lambda epoch, logs: rows.append({"epoch": epoch, **logs}))
    begin = time.perf_counter()
    with blas_on_one_thread():  # these products are too small to share
        history = experiment.run([CSVLogger(str(folder / "history.csv")), keep, stop], verbose=verbose)
    seconds = time.perf_counter() - begin

    model = experiment.model
    assert model is not None
    model.metadata["run"] = run_of(experiment, recipe or str(model.name), len(rows), seconds, overrides)
    if retraining is not None:
        model.metadata["corrections"] = len(retraining.corrections)
    model.save(folder / "model.json")  # before it is judged: an impatient Ctrl-C shall not cost the training
    figures = json.dumps(_columns(rows), indent=1, allow_nan=False)
    write_atomically(folder / "history.json", (figures + "\n").encode())
    if stop.received is not None:
        ending = f"Stopped by {signal.Signals(stop.received).name} in epoch {len(rows)}"
        print(f"{ending}; the model as it is now was saved in {folder / 'model.json'}")
        return 128 + stop.received

    print(f"Trained for {len(rows)} epoch{'s' * (len(rows) > 1)} in {seconds:.1f} s: {folder / 'model.json'}")
    if not math.isfinite(rows[-1]["loss"]):
        print(f"warning: the loss became {rows[-1]['loss']}; try a smaller learning rate", file=sys.stderr)
    with blas_on_one_thread():
        report = describe(model, examples, dataset_name(experiment.settings.data))
    model.save(folder / "model.json")
    size = (folder / "model.json").stat().st_size
    write_atomically(folder / "card.md", card(model, str(folder / "model.json"), size).encode())
    if line := calibration_line(model, examples):
        print(line)
    pictures = []
    if report is not None:
        experiment.data, examples = None, _to_judge(examples)  # pictures need the memory of what was trained on
        pictures = _show(report, model, examples, history, folder)
        if retraining is not None:
            print(f"\n{retraining.comparison(model, examples)}\n")
    print(f"Saved: {', '.join([*FILES, *pictures])} in {folder}")
    return 0


def _show(report: Report, model: Sequential, examples: Data, history: History, folder: Path) -> list[str]:
    """Prints how good the model is and draws it; returns the names of the pictures."""
    judged = examples.test or examples.validation
    assert judged is not None
    print(f"\n{report.table()}\n")
    print(f"Accuracy on {len(judged):,} images never trained on: {share(report.right, len(report))}")
    print("\n".join([*figure_lines(model), *report.writer_lines(), *report.calibration_lines()]))
    try:
        return [path.name for path in save_plots(folder, report, judged, model, history.history)]
    except ImportError as error:
        print(f"No plots: {error}")
        return []


def train_model(path: str | Path, verbose: int = 1) -> None:
    """Trains with the default recipe, calibrates, and saves the model there, as .json or .safetensors.

    Without MNIST it trains on the sample that comes with the project, and says so. verbose: 0 shows nothing,
    1 progress bars, 2 a line an epoch. Raises, before it trains, ValueError for a path with another ending,
    OSError for a folder that cannot be made.
    """
    path = Path(path)
    if path.suffix not in (".json", ".safetensors"):
        raise ValueError(f"cannot save a model as {path.name!r}: the name must end in .json or .safetensors")
    path.parent.mkdir(parents=True, exist_ok=True)
    experiment, recipe = _default_experiment([])
    examples = experiment.data = _with_validation(experiment)
    if verbose:
        print(f"Data: {examples.source}")
    with blas_on_one_thread():
        begin = time.perf_counter()
        history = experiment.run(verbose=verbose)
        seconds = time.perf_counter() - begin
        model = experiment.model
        assert model is not None
        model.metadata["run"] = run_of(experiment, _recipe(recipe), len(history.epoch), seconds)
        describe(model, examples, dataset_name(experiment.settings.data))
    model.save(path)
    if verbose and (line := calibration_line(model, examples)):
        print(line)


def _parser() -> argparse.ArgumentParser:
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


def _experiment(options: argparse.Namespace, look: bool) -> tuple[Experiment, Path]:
    """The experiment that the command line asks for, and its file."""
    overrides = _overrides(options)
    paths = [text for text in options.arguments if "=" not in text]
    if len(paths) > 1:
        raise UsageError(f"one config file at a time, got {' and '.join(paths)}; overrides are written key=value")
    overrides = with_place(options.data, Path(paths[0]) if paths else DEFAULT, overrides)
    if paths:
        return config.load(paths[0], overrides), Path(paths[0])
    return _default_experiment(overrides, look)


def _overrides(options: argparse.Namespace) -> list[str]:
    return [text for text in options.arguments if "=" in text]


def _recipe(path: Path) -> str:
    """What a config is called: of ours the name alone, of another the file's."""
    return path.stem if path.resolve().parent == CONFIGS.resolve() else path.name


def _default_experiment(overrides: list[str], look: bool = True) -> tuple[Experiment, Path]:
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


def _with_validation(experiment: Experiment) -> Data:
    """The experiment's data, with the share of the training examples cut off that it holds back to validate by."""
    examples, share = experiment.load_data(), experiment.settings.train.validation_split
    if examples.validation is not None or not share:
        return examples
    (x, y, _), (last_x, last_y, _) = split((examples.train.x, examples.train.y, None), share)
    return replace(examples, train=Examples(x, y), validation=Examples(last_x, last_y))


def _to_judge(examples: Data) -> Data:
    """Nothing but what the model is judged by, and that as a copy: it may be a view of all that there was."""
    judged = examples.test or examples.validation
    assert judged is not None
    own = Examples(judged.x.copy(), judged.y.copy())
    nothing = Examples(own.x[:0], own.y[:0])
    is_test = kind_of(judged, examples) == "test"
    parts = {name: _to_judge(part) for name, part in examples.parts.items() if part.test or part.validation}
    validation, test = (None, own) if is_test else (own, None)
    return replace(examples, train=nothing, validation=validation, test=test, parts=parts)


def _refuse_used(folder: Path) -> None:
    """Raises UsageError when there is a run in the folder already, or something else of that name."""
    if (folder / "history.csv").exists() or (folder / "model.json").exists():
        raise UsageError(f"{folder} holds a run already; choose another --run-dir, or delete that one")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; choose another --run-dir")


def _new_folder(name: str) -> Path:
    """A folder below `runs` that does not exist yet."""
    stem = f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    endings = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    return next(folder for ending in endings if not (folder := Path("runs", stem + ending)).exists())


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """The history by name, one value an epoch; None where there is none, or none that JSON knows."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [_jsonable(row.get(name)) for row in rows] for name in names}


def _jsonable(value: Any) -> Any:
    if isinstance(value, list):
        return [_jsonable(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


if __name__ == "__main__":
    command.run(main)
