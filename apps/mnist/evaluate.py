"""`python -m apps.mnist.evaluate CHECKPOINT`: how good a trained model is on labelled images, and how honest."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from framework import Sequential, config
from framework.data.datasets import Data, Dataset, Examples, registry
from framework.registry import nearest

from . import command
from .command import UsageError
from .data import Mnist
from .metadata import Part, dataset_name, examples_by_part, kind_of
from .pictures import save_plots
from .recognizer import Recognizer, model_file
from .report import Report, can_judge, judge, share

PARTS: tuple[Part, ...] = ("test", "validation", "train")
KINDS = {"test": "test images", "validation": "validation images", "train": "training images"}


@dataclass(frozen=True)
class Judged:
    """Some examples, what they and their kind are called, and what the model made of them."""

    name: str
    kind: str
    examples: Examples
    report: Report


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    command.import_modules(options.imports)
    model = Recognizer.load(options.checkpoint).model
    dataset = chosen(options.data)
    data = dataset.load()
    part = _part(data, options.part)
    is_sample = isinstance(dataset, Mnist) and data.test is not None and data.test is data.validation
    print(f"Model: {model_file(options.checkpoint)} ({model.count_params():,} parameters)")
    print(f"Data:  {data.source}")
    if part != (options.part or "test"):
        print("It has no test images: these are its validation images, by which something may have been chosen.")
    left_out = [name for name, one in data.parts.items() if not getattr(one, part)]
    if left_out:
        print(f"Without any {KINDS[part]}, and so left out here: {', '.join(left_out)}")

    all_judged = _judge(model, data, part, dataset_name(dataset))
    for judged in all_judged:
        print()
        if len(all_judged) > 1:
            print(f"{judged.name}\n")
        kind = "held-out images of the sample" if is_sample and part != "train" else judged.kind
        _tell(judged.report, kind)
    if is_sample:
        print("They are part of MNIST's training set: to a model that was trained on all of it they are not new.")
    if options.plots:
        paths = _save_plots(options.plots, all_judged, model)
        print("Saved: " + ", ".join(str(path) for path in paths))
    return 0


def chosen(text: str | None) -> Dataset:
    """The dataset that `--data` asks for: MNIST, wherever it is found, for None, and otherwise the first that fits of

    1. a component as in an experiment's file, on one line: `pendigits: {test: 3, fold: 1}`; it has a colon and a
       space, or begins with a brace;
    2. the name of a dataset that is registered: `mnist`, `pendigits`;
    3. where MNIST is: a folder, an npz file, or `sample`.

    A file or folder of the same form is written with its path, such as `./mnist`. Raises ConfigError for a component
    that is wrong, UsageError for what is neither a name nor a path.

    >>> chosen("sample"), chosen("mnist"), chosen("mnist: {validation: 5000}")
    (Mnist(path='sample'), Mnist(), Mnist(validation=5000))
    >>> chosen("./mnist")
    Mnist(path='./mnist')
    """
    if text is None:
        return registry.create("mnist")
    is_path = text.startswith((".", "/", "~"))
    if not is_path and (": " in text or text.endswith(":") or text.startswith("{")):
        return config.component(text, registry, name="--data")
    if text in registry:
        return config.component(text, registry, name="--data")  # which says what arguments are missing
    near = nearest(text, registry) if text.isidentifier() and text != "sample" else None
    if near is not None and not Path(text).exists():
        raise UsageError(f"--data {text}: there is no such file or folder, and no such dataset; did you mean {near}?")
    return Mnist(path=text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m apps.mnist.evaluate", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="a model file, or the folder of a run")
    parser.add_argument(
        "--data",
        metavar="WHAT",
        help="a dataset's name (mnist, pendigits, ...) or a line of YAML such as 'mnist: {validation: 5000}'; or where "
        "MNIST is: a folder (./mnist if it is called like a dataset), an mnist.npz, or 'sample'",
    )
    parser.add_argument(
        "--part", choices=PARTS, help="which of its examples (default: test, or validation where there are none)"
    )
    parser.add_argument("--plots", metavar="DIR", type=Path, help="save pictures there")
    command.add_import_option(parser)
    return parser


def _part(data: Data, wanted: Part | None) -> Part:
    """The part that was asked for, or test, or validation; UsageError where there are no such examples."""
    there = [part for part in PARTS if getattr(data, part)]
    if wanted in there:
        return wanted
    if wanted is None and there and there[0] != "train":
        return there[0]
    missing = wanted or "test or validation"
    raise UsageError(f"this data has no {missing} images; choose --part {' or '.join(there) or 'of other data'}")


def _judge(model: Sequential, data: Data, part: Part, name: str) -> list[Judged]:
    """Each part of a mixture, and all of them together in the end; of other data just that."""
    groups = examples_by_part(data, part, name)
    whole: Examples = getattr(data, part)
    if not all(can_judge(model, examples) for examples in groups.values()):
        raise UsageError(
            f"the model takes {model.input_shape} and knows {model.output_shape[0]} classes, but the data holds "
            f"examples of shape {whole.x.shape[1:]}, and {whole.y.dtype} labels of shape {whole.y.shape[1:]} up to "
            f"{whole.y.max()}; choose data like that which it was trained on"
        )
    found = [
        Judged(key, _kind(own, data.parts.get(key, data), part), own, judge(model, own, data.scale, data.classes))
        for key, own in groups.items()
    ]
    if len(found) > 1:
        together = Report.together([judged.report for judged in found])
        found.append(Judged("all together", _kind(whole, data, part), whole, together))
    return found


def _kind(examples: Examples, data: Data, part: Part) -> str:
    """What these examples, that part of the data, are in words."""
    return KINDS[kind_of(examples, data) if part == "test" else part]


def _tell(report: Report, kind: str) -> None:
    print(f"{report.table()}\n")
    print(f"Accuracy on {len(report):,} {kind}: {share(report.right, len(report))}")
    for line in [*report.writer_lines(), *report.calibration_lines()]:
        print(line)


def _save_plots(folder: Path, all_judged: Sequence[Judged], model: Sequential) -> list[Path]:
    """Those of the whole in the folder, those of each part of a mixture in one of its own inside."""
    *parts, whole = all_judged
    paths = save_plots(folder, whole.report, whole.examples, model, None)
    for judged in parts:
        paths += save_plots(folder / judged.name, judged.report, judged.examples, None, None)
    return paths


if __name__ == "__main__":
    command.run(main)
