"""`python -m apps.mnist.show CONFIG [key=value ...]`: a picture of what a network is trained on."""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np

from framework import config
from framework.config import Experiment
from framework.data import Batches, Data, Examples
from framework.parameters import Array

from . import command
from .command import UsageError
from .data_option import add_data_option, with_place

COLUMNS = 10
"""Images in a row."""
FORMATS = (".png", ".pdf", ".svg")
MOST_ROWS = 100
"""A picture can be so many rows high before programs have trouble opening it."""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_intermixed_args(arguments)
    if not 1 <= options.count <= MOST_ROWS:
        raise UsageError(f"--count {options.count}: give a number of rows from 1 to {MOST_ROWS}")
    if options.output is not None and options.output.suffix.lower() not in FORMATS:
        raise UsageError(f"--output {options.output}: give a name that ends in {', '.join(FORMATS)}")
    for text in options.overrides:
        if "=" not in text:
            raise UsageError(f"one config file at a time, got {options.config} and {text}; overrides are key=value")
    command.import_modules(options.imports)
    experiment = config.load(options.config, with_place(options.data, options.config, options.overrides))
    loaded = experiment.load_data()
    print(f"Data:  {loaded.source}")
    images, titles = contact_sheet(experiment, options.count)
    path = options.output or _free(Path(f"{options.config.stem}.contact.png"))
    _draw(images, titles, path)
    changes = len(experiment.settings.augment)
    told = f"each row an original and {COLUMNS - 1} changed versions" if changes else "nothing changes them"
    print(f"Saved: {path} ({told}, seed {experiment.settings.seed})")
    return 0


def contact_sheet(experiment: Experiment, count: int) -> tuple[Array, list[str]]:
    """Images of an experiment's training examples, row by row, and a title for each: the part and the label.

    A row is an image as it is and then as its augmentation changes it, time and again; without augmentation all are
    different images. There are `count` rows of each part of the data, each class in turn, as the experiment's seed
    chooses them. Returns images (n, height, width) as the network gets them, float32.

    Raises UsageError when the examples are no grey images, or there are more rows than a picture can have.
    """
    loaded, settings = experiment.load_data(), experiment.settings
    parts = loaded.parts or {"": loaded}
    if count * len(parts) > MOST_ROWS:
        raise UsageError(f"{len(parts)} parts of {count} rows are more than {MOST_ROWS}; use a smaller --count")
    rng, augmented = np.random.default_rng(settings.seed), bool(settings.augment)
    chosen, titles = list[Array](), list[str]()
    for name, part in parts.items():
        _check_images(part.train.x)
        numbers = _of_each_class(part.train, count if augmented else count * COLUMNS, rng)
        chosen.append(part.train.x[numbers])
        titles += [_title(name, label, loaded.classes) for label in part.train.y[numbers]]
    originals = np.concatenate(chosen)
    images = _as_trained(originals, loaded, experiment, augment=False)
    if augmented:
        changed = _as_trained(np.repeat(originals, COLUMNS - 1, axis=0), loaded, experiment, augment=True)
        changed = changed.reshape(len(images), COLUMNS - 1, *changed.shape[1:])
        images = np.concatenate([images[:, None], changed], axis=1).reshape(-1, *changed.shape[2:])
        titles = [text for title in titles for text in [title, *[""] * (COLUMNS - 1)]]
    return images, titles


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m apps.mnist.show",
        description="Draws what a network is trained on: images as they are, and as augmentation changes them.",
        epilog="Any value of the file can be replaced: seed=7 'augment=[{random_affine: {rotation: 30}}]'",
    )
    parser.add_argument("config", type=Path, metavar="CONFIG", help="the YAML file of an experiment")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="values instead of those of the file")
    add_data_option(parser)
    parser.add_argument(
        "--count", type=int, default=10, metavar="N", help="rows of each part of the data (default: 10)"
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="a PNG, PDF or SVG (default: NAME.contact.png here, or NAME.contact-2.png)",
    )
    command.add_import_option(parser)
    return parser


def _check_images(x: Array) -> None:
    if x.ndim != 3 and not (x.ndim == 4 and x.shape[-1] == 1):
        raise UsageError(f"only grey images (height, width) can be shown; the examples of this data are {x.shape[1:]}")


def _of_each_class(examples: Examples, count: int, rng: np.random.Generator) -> Array:
    """So many random examples, by their numbers: one of each class, then another one of each class, and so on."""
    order = rng.permutation(len(examples))
    if examples.y.ndim != 1:
        return order[:count]
    order = order[np.argsort(examples.y[order], kind="stable")]
    _, first, sizes = np.unique(examples.y[order], return_index=True, return_counts=True)
    turn = np.arange(len(order)) - np.repeat(first, sizes)  # the how-manieth of its class each one is
    return order[np.argsort(turn, kind="stable")][:count]


def _as_trained(x: Array, loaded: Data, experiment: Experiment, augment: bool) -> Array:
    """The images (n, height, width) as `Batches` make them for this experiment, with its augmentation or without."""
    settings = experiment.settings
    batches = Batches(
        x,
        batch_size=settings.train.batch_size,
        scale=None if loaded.scale == 1.0 else loaded.scale,
        transforms=settings.augment if augment else (),
        transform_seed=settings.seed,
    )
    return np.concatenate([batch.reshape(batch.shape[:3]).copy() for (batch,) in batches])


def _title(part: str, label: Array, classes: tuple[str, ...]) -> str:
    """What an image shows, behind the name of its part, or below it where one line would be too long."""
    if np.ndim(label):
        said = ""
    elif classes:
        said = classes[int(label)]
    else:
        said = str(label)
    return f"{part} {said}".strip() if len(part + said) <= 12 else f"{part}\n{said}".strip()


def _free(path: Path) -> Path:
    """The path, or the first with a number from 2 up at which there is nothing yet: sheets are there to be compared."""
    paths = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
    return next(free for free in itertools.chain([path], paths) if not free.exists())


def _draw(images: Array, titles: list[str], path: Path) -> None:
    from framework import plotting

    plotting.gallery(images, titles, path, columns=COLUMNS)


if __name__ == "__main__":
    command.run(main)
