"""What keeping the state of a run costs: the share of the training's time that goes into it, and of the file's size.

`python -m benchmarks.checkpointing configs/mnist_mlp.yaml train.epochs=60`
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import apps.mnist.train  # noqa: F401  # registers the datasets that recipes name
from framework import config
from framework.callbacks import BackupAndRestore
from framework.threads import blas_on_one_thread

HOOKS = ("on_train_begin", "on_epoch_begin", "on_train_batch_end", "on_epoch_end", "on_train_end")


@dataclass
class Cost:
    """seconds: of `fit` as a whole. kept: of these, in the callback. saving: of these, in saves.

    saves, batches: how many. size: of the file, in bytes.
    """

    seconds: float = 0.0
    kept: float = 0.0
    saving: float = 0.0
    saves: int = 0
    batches: int = 0
    size: int = 0

    @property
    def share(self) -> float:
        return self.kept / self.seconds


class Stopwatch:
    """Measures a callback from outside: every hook of it, and how often it saves."""

    def __init__(self, cost: Cost) -> None:
        self.cost = cost

    def timed(self, hook: str, method: Callable[..., None]) -> Callable[..., None]:
        cost, clock = self.cost, time.perf_counter
        is_batch = hook == "on_train_batch_end"

        def run(callback: BackupAndRestore, *arguments: Any) -> None:
            begin = clock()
            method(callback, *arguments)
            cost.kept += clock() - begin
            cost.batches += is_batch

        return run

    def counted(self, method: Callable[..., None]) -> Callable[..., None]:
        def save(callback: BackupAndRestore, *arguments: Any, **named: Any) -> None:
            begin = time.perf_counter()
            method(callback, *arguments, **named)
            self.cost.saving += time.perf_counter() - begin
            self.cost.saves += 1
            self.cost.size = callback._latest.stat().st_size

        return save


def cost_of(path: str | Path, overrides: Sequence[str] = ()) -> Cost:
    """Trains the recipe once, keeping its state as it says, and measures what that takes."""
    experiment = config.load(path, [*overrides, "train.verbose=0"])
    experiment.load_data()
    cost = Cost()
    watch = Stopwatch(cost)
    replaced = {hook: watch.timed(hook, getattr(BackupAndRestore, hook)) for hook in HOOKS}
    replaced["_save"] = watch.counted(BackupAndRestore._save)
    with tempfile.TemporaryDirectory() as folder, patch.multiple(BackupAndRestore, **replaced), blas_on_one_thread():
        begin = time.perf_counter()
        experiment.run(backup_dir=Path(folder) / "checkpoint")
        cost.seconds = time.perf_counter() - begin
    return cost


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkpointing", description=__doc__)
    parser.add_argument("config", help="a recipe")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="what to replace in it")
    parser.add_argument("--every", nargs="+", default=["30s"], help="how often to save (default: 30s, the default)")
    options = parser.parse_intermixed_args(arguments)
    print(f"{'every':>8}  {'seconds':>8}  {'batches':>8}  {'saves':>6}  {'MB':>6}  {'ms a save':>9}  {'share':>7}")
    for every in options.every:
        cost = cost_of(options.config, [*options.overrides, f"checkpoint.every={every}"])
        a_save = f"{1000 * cost.saving / cost.saves:.0f}" if cost.saves else "-"
        print(
            f"{every:>8}  {cost.seconds:8.1f}  {cost.batches:8,}  {cost.saves:6}  {cost.size / 1e6:6.1f}  "
            f"{a_save:>9}  {100 * cost.share:5.2f} %",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
