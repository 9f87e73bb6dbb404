"""`python -m apps.mnist.train [CONFIG] [key=value ...]`: trains a model of digits and reports on it."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from framework import Sequential
from framework.callbacks import CSVLogger, History, StopOnSignal
from framework.config import Experiment
from framework.data.datasets import Data, Examples
from framework.data.splits import split
from framework.files import write_atomically
from framework.threads import blas_on_one_thread

from . import command, train_options
from .card import card
from .command import UsageError, reason
from .metadata import calibration_line, dataset_name, describe, figure_lines, kind_of, run_of
from .pictures import PICTURES, save_plots
from .report import Report, share
from .retraining import Retraining
from .run_folder import KeptNote, Record, RunFolder, new_folder, refuse_used, taken, telling_how_to_go_on

FILES = ("card.md", "config.yaml", "history.csv", "history.json", "model.json", "run.json")
"""What every run leaves in its folder, beside pictures."""


def main(arguments: list[str] | None = None) -> int:
    options = train_options.options_parser().parse_intermixed_args(arguments)
    only_looks = options.check or options.print_config
    train_options.check(options)
    if options.run_dir is not None and not only_looks:
        refuse_used(options.run_dir)
    command.import_modules(options.imports)
    if options.resume is not None and not only_looks:
        return _resume(options)
    retraining = None if options.corrections is None else Retraining.read(options.corrections)
    experiment, path = train_options.experiment_of(options, look=not only_looks)
    if options.print_config:
        print(experiment.to_yaml(), end="")
        return 0
    if options.check:
        print(f"{path}: no problems found")
        if retraining is not None:
            print(f"{options.corrections}: no problems found in {len(retraining.corrections):,} corrections")
        return 0
    print(f"Config: {path}")
    folder = options.run_dir or new_folder(path.stem)
    run = RunFolder.of(
        experiment, folder, train_options.recipe_of(path), train_options.overrides_of(options), options.corrections
    )
    with telling_how_to_go_on(folder), taken(folder):
        refuse_used(folder)  # somebody may have been faster
        return train(experiment, run, options.verbose, retraining)


def _resume(options: argparse.Namespace) -> int:
    """Goes on with the run in a folder, unless it is done, or was another one."""
    folder: Path = options.resume
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}; begin a run with --run-dir {folder}")
    with telling_how_to_go_on(folder), taken(folder):
        run = RunFolder.read(folder)
        if run.finished and (folder / "model.json").exists():
            if options.arguments:
                raise UsageError(f"the run in {folder} is done; to train otherwise, begin another with --run-dir")
            print(f"The run in {folder} is done, nothing is left to do: {folder / 'model.json'}")
            return 0
        experiment, path = train_options.experiment_of(options, look=True, default=run)
        corrections = options.corrections or (None if run.corrections is None else Path(run.corrections))
        recipe, overrides = (
            (train_options.recipe_of(path), train_options.overrides_of(options))
            if train_options.paths_of(options)
            else (run.recipe, [*run.overrides, *train_options.overrides_of(options)])
        )
        now = RunFolder.of(experiment, folder, recipe, overrides, corrections)
        now.images = run.images
        if (changed := run.changed(now)) and not options.force:
            raise UsageError(
                f"the run in {folder} was another one, what differs is {'; '.join(changed)}: leave that as it was, or "
                f"go on nevertheless with --force"
            )
        retraining = None if corrections is None else Retraining.read(corrections)
        if not any(run.checkpoint.glob("*.json")):
            print(f"Nothing was kept in {run.checkpoint}: the run in {folder} starts over")
        return train(experiment, now, options.verbose, retraining, options.force)


def train(
    experiment: Experiment,
    run: RunFolder,
    verbose: int | None = None,
    retraining: Retraining | None = None,
    force: bool = False,
) -> int:
    """Runs an experiment, or goes on with it, and fills its folder; returns the exit status.

    That is 128 + signal when it was interrupted. retraining: corrections to learn from, too. force: whether to go on
    with a run that was begun with other settings or data. Raises UsageError when the corrections do not fit the
    experiment's data, or the data are not those with which the run was begun; OSError when the folder cannot be
    written.
    """
    folder = run.path
    examples = _with_validation(experiment)
    print(f"Data:   {examples.source}")
    if retraining is not None:
        examples, told = retraining.mixed(examples)
        print(told)
    experiment.data = examples
    if run.images not in (None, len(examples.train)) and not force:
        raise UsageError(
            f"the run in {folder} was begun with {run.images:,} images to train on, now there are "
            f"{len(examples.train):,}: say with --data where they are, or go on nevertheless with --force"
        )
    run.images = len(examples.train)
    run.write()
    experiment.build().summary()
    stop, record = StopOnSignal(), Record()
    callbacks = [CSVLogger(str(folder / "history.csv")), record, KeptNote(run), stop]
    with blas_on_one_thread():  # these products are too small to share
        history = experiment.run(callbacks, verbose, run.checkpoint, force)

    model = experiment.model
    assert model is not None
    model.metadata["run"] = run_of(experiment, run.recipe, len(record.rows), record.seconds, run.overrides)
    if retraining is not None:
        model.metadata["corrections"] = len(retraining.corrections)
    model.save(folder / "model.json")  # before it is judged: an impatient Ctrl-C shall not cost the training
    write_atomically(folder / "history.json", record.to_json().encode())
    if stop.received is not None:
        ending = f"Stopped by {signal.Signals(stop.received).name} {stop.place}"
        print(f"{ending}; the model as it is now was saved in {folder / 'model.json'}")
        if run.checkpoint.exists():
            print(f"To go on with it: python -m apps.mnist.train --resume {folder}")
        return 128 + stop.received

    epochs = len(record.rows)
    print(f"Trained for {epochs} epoch{'s' * (epochs > 1)} in {record.seconds:.1f} s: {folder / 'model.json'}")
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
    if not (folder / "model.json").exists():
        print(f"{folder} has gone, with all that was in it; the model is saved once more", file=sys.stderr)
        model.save(folder / "model.json")
    run.finish()
    files = [name for name in FILES if (folder / name).exists()]
    print(f"Saved: {', '.join([*files, *pictures])} in {folder}")
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
    except OSError as error:
        draw = f"python -m apps.mnist.evaluate {folder} --plots {folder}"
        print(f"No plots: {reason(error)}; to draw them: {draw}", file=sys.stderr)
        for name in PICTURES:  # the note that the run is done needs room, too
            with suppress(OSError):
                (folder / name).unlink(missing_ok=True)
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
    experiment, recipe = train_options.default_experiment([])
    examples = experiment.data = _with_validation(experiment)
    if verbose:
        print(f"Data: {examples.source}")
    with blas_on_one_thread():
        begin = time.perf_counter()
        history = experiment.run(verbose=verbose)
        seconds = time.perf_counter() - begin
        model = experiment.model
        assert model is not None
        model.metadata["run"] = run_of(experiment, train_options.recipe_of(recipe), len(history.epoch), seconds)
        describe(model, examples, dataset_name(experiment.settings.data))
    model.save(path)
    if verbose and (line := calibration_line(model, examples)):
        print(line)


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


if __name__ == "__main__":
    command.run(main)
