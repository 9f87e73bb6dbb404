"""`python -m apps.mnist.train [CONFIG] [key=value ...]`: trains a model of digits and reports on it."""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import time
from pathlib import Path

from framework import config
from framework.callbacks import CSVLogger, StopOnSignal
from framework.config import Experiment
from framework.files import write_atomically

from . import command, data
from .command import UsageError
from .report import judge, save_plots

CONFIGS = Path(__file__).parents[2] / "configs"
DEFAULT = CONFIGS / "mnist_mlp.yaml"
FOR_SAMPLE = CONFIGS / "mnist_sample.yaml"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_intermixed_args(arguments)
    for module in options.imports:
        importlib.import_module(module)
    experiment, name = _experiment(options)
    if options.print_config:
        print(experiment.to_yaml(), end="")
        return 0
    if options.check:
        print(f"{name}: no problems found")
        return 0
    folder = _run_folder(options.run_dir, name)
    return train(experiment, folder, options.verbose)


def train(experiment: Experiment, folder: Path, verbose: int | None = None) -> int:
    """Runs an experiment and fills its folder; returns the exit status, 128 + signal when it was interrupted."""
    examples = experiment.load_data()
    print(f"Data:  {examples.source}")
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "config.yaml", experiment.to_yaml().encode())
    experiment.build().summary()
    stop = StopOnSignal()
    begin = time.perf_counter()
    history = experiment.run([CSVLogger(str(folder / "history.csv")), stop], verbose=verbose)
    seconds = time.perf_counter() - begin

    model = experiment.model
    assert model is not None
    figures = {"epoch": history.epoch, **history.history}
    write_atomically(folder / "history.json", (json.dumps(figures, indent=1) + "\n").encode())
    model.save(folder / "model.json")
    if stop.received is not None:
        ending = f"Stopped by {signal.Signals(stop.received).name} in epoch {len(history.epoch)}"
        print(f"{ending}; the model as it is now was saved in {folder / 'model.json'}")
        return 128 + stop.received

    print(f"Trained for {len(history.epoch)} epochs in {seconds:.1f} s")
    judged = examples.test or examples.validation
    if judged is not None:
        report = judge(model, judged, examples.scale)
        print(f"\n{report.table()}\n\nAccuracy on {len(judged):,} images never trained on: {100 * report.accuracy:.2f} %")
        try:
            save_plots(folder, report, judged, model, history.history)
        except ImportError as error:
            print(f"No plots: {error}")
    print(f"Saved: {', '.join(sorted(path.name for path in folder.iterdir()))} in {folder}")
    return 0


def train_model(path: str | Path, verbose: int = 1) -> None:
    """Trains with the default recipe and saves the model there, as .json or .safetensors.

    Without MNIST it trains on the sample that comes with the project, and says so.
    """
    experiment = _default_experiment(None, [])[0]
    print(f"Data:  {experiment.load_data().source}")
    experiment.run(verbose=verbose)
    assert experiment.model is not None
    experiment.model.save(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m apps.mnist.train",
        description="Trains a model of handwritten digits as a YAML file describes it.",
        epilog="Any value of the file can be replaced: optimizer.learning_rate=0.01 train.epochs=3 model.layers.1.units=64",
    )
    parser.add_argument("arguments", nargs="*", metavar="CONFIG | key=value", help="at most one file, and overrides")
    parser.add_argument("--data", metavar="PATH", help="a folder with MNIST's files, an mnist.npz, or 'sample'")
    parser.add_argument("--run-dir", metavar="DIR", type=Path, help="where everything is saved (default: runs/NAME-TIME)")
    parser.add_argument(
        "--import",
        dest="imports",
        metavar="MODULE",
        action="append",
        default=[],
        help="a Python module with layers, losses ... of your own, so that the file can name them",
    )
    parser.add_argument("--check", action="store_true", help="check the file and stop; no data is loaded")
    parser.add_argument("--print-config", action="store_true", help="print the experiment with all its defaults and stop")
    parser.add_argument("--verbose", type=int, choices=(0, 1, 2), help="0 silent, 1 progress bars, 2 a line an epoch")
    return parser


def _experiment(options: argparse.Namespace) -> tuple[Experiment, str]:
    overrides = [text for text in options.arguments if "=" in text]
    paths = [text for text in options.arguments if "=" not in text]
    if len(paths) > 1:
        raise UsageError(f"one config file at a time, got {' and '.join(paths)}; overrides are written key=value")
    if not paths and not (options.check or options.print_config):
        return _default_experiment(options.data, overrides)
    path = Path(paths[0]) if paths else DEFAULT
    return config.load(path, [*_data_override(options.data), *overrides]), path.stem


def _default_experiment(place: str | None, overrides: list[str]) -> tuple[Experiment, str]:
    """The default recipe, or that for the sample when there is nothing else to train on."""
    source = data.find(place)
    path = FOR_SAMPLE if source.is_sample else DEFAULT
    experiment = config.load(path, [*_data_override("sample" if source.is_sample else place), *overrides])
    if source.is_sample:
        print(f"{source.description[0].upper()}{source.description[1:]}, with {path}")
    return experiment, path.stem


def _data_override(place: str | None) -> list[str]:
    return [] if place is None else [f"data.mnist.path={json.dumps(place)}"]


def _run_folder(folder: Path | None, name: str) -> Path:
    """Where the run goes; raises UsageError when there is one already."""
    if folder is None:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        return Path("runs", f"{name}-{stamp}")
    if (folder / "config.yaml").exists() or (folder / "model.json").exists():
        raise UsageError(f"{folder} holds a run already; choose another --run-dir, or delete that one")
    return folder


if __name__ == "__main__":
    command.run(main)
