"""`python -m apps.mnist.evaluate CHECKPOINT`: how good a trained model is on labelled digits."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import command, data
from .recognizer import Recognizer, model_file
from .report import judge, save_plots


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m apps.mnist.evaluate", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="a model file, or the folder of a run")
    parser.add_argument("--data", metavar="PATH", help="a folder with MNIST's files, an mnist.npz, or 'sample'")
    parser.add_argument("--plots", metavar="DIR", type=Path, help="save confusion matrix, mistakes and weights there")
    command.add_import_option(parser)
    options = parser.parse_args(arguments)

    command.import_modules(options.imports)
    model = Recognizer.load(options.checkpoint).model
    source = data.find(options.data)
    print(f"Model: {model_file(options.checkpoint)} ({model.count_params():,} parameters)")
    print(f"Data:  {source.description}")
    report = judge(model, source.test, scale=1 / 255)
    print(f"\n{report.table()}\n")
    kind = "held-out images of the sample" if source.is_sample else "test images"
    print(f"Accuracy on {len(source.test):,} {kind}: {100 * report.accuracy:.2f} %")
    if source.is_sample:
        print("They are part of MNIST's training set: to a model that was trained on all of it they are not new.")
    if options.plots:
        paths = save_plots(options.plots, report, source.test, model, history=None)
        print("Saved: " + ", ".join(str(path) for path in paths))
    return 0


if __name__ == "__main__":
    command.run(main)
