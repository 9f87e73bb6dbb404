"""The option `--data PATH` of the commands that read an experiment's file: where MNIST is."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from framework import config
from framework.data.datasets import Dataset
from framework.data.datasets import registry as datasets
from framework.data.mix import Mix

from .command import UsageError
from .data import Mnist
from .files import expanded


def add_data_option(parser: argparse.ArgumentParser) -> None:
    """Gives a command the option; `with_place` then takes `options.data`."""
    parser.add_argument("--data", metavar="PATH", help="a folder with MNIST's files, an mnist.npz, or 'sample'")


def with_place(place: str | None, file: Path, overrides: list[str]) -> list[str]:
    """The overrides of an experiment's file, and that MNIST is in this place, unless that is None.

    The place is that of MNIST wherever the experiment's data names it, in a mixture, too; an experiment without data
    gets MNIST. Raises ConfigError for what is wrong with the file or the overrides, UsageError when there is no MNIST
    in its data.
    """
    if place is None:
        return overrides
    path = json.dumps(place if place == "sample" else str(expanded(place).absolute()))
    dataset = config.load(file, overrides).settings.data
    if dataset is None:
        return [*overrides, f"data.mnist.path={path}"]
    keys = list(_keys_of_mnist(datasets.create(dataset), "data"))
    if not keys:
        raise UsageError(
            f"--data says where MNIST is, but the data of {file} has no mnist in it; leave --data out, or write where "
            f"the data is as an override, as in data.path={path}"
        )
    return [*overrides, *(f"{key}.path={path}" for key in keys)]


def _keys_of_mnist(dataset: Dataset, key: str) -> Iterator[str]:
    """Where the settings of MNIST are in those of a dataset, which is found at this key."""
    if isinstance(dataset, Mnist):
        yield key
    elif isinstance(dataset, Mix):
        for number, inner in enumerate(dataset.datasets):
            yield from _keys_of_mnist(inner, f"{key}.datasets.{number}")
