"""`python -m benchmarks`: an epoch of plain SGD, and the import, against plain NumPy measured in the same run.

Below them, for want of a peer, the bare figures of what a training run does besides.

Work: 784-128-64-10, 60,000 random images kept as float32, learning rate 0.1. The two take turns, so that whatever
else the machine does strikes both; the figure is the median of the turns' ratios.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

IMAGES = 60_000
LEARNING_RATE = 0.1
CHECKPOINT = Path(__file__).parents[1] / "checkpoints" / "mnist_mlp.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeats", type=int, default=7, help="turns of each (default 7)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the linear algebra (default 1)")
    options = parser.parse_args()
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(options.threads)  # read when NumPy is loaded, which is further down

    import numpy as np

    versions = f"Python {sys.version.split()[0]}, NumPy {np.__version__}"
    print(f"{versions}, {options.threads} thread(s), median of {options.repeats}")
    print(f"{'work':<28}{'framework':>12}{'plain NumPy':>14}{'ratio':>8}")
    for batch_size in (32, 128):
        ours, theirs = _epochs(batch_size)
        _report(f"epoch of SGD, batch {batch_size}", ours, theirs, options.repeats)
    _report("import (whole process)", _import("framework"), _import("numpy"), options.repeats * 3)
    print(f"{'RandomAffine, 28x28':<28}{_affine(options.repeats):>10,.0f} images/s")
    print(f"{'load_model, 109,386':<28}{1e3 * _load(options.repeats * 3):>10.1f} ms")


def _report(work: str, ours: Callable[[], float], theirs: Callable[[], float], repeats: int) -> None:
    pairs = [(ours(), theirs()) for _ in range(repeats)]
    ratio = statistics.median(a / b for a, b in pairs)
    a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{work:<28}{a:>10.3f} s{b:>12.3f} s{ratio:>8.2f}", flush=True)


def _epochs(batch_size: int) -> tuple[Callable[[], float], Callable[[], float]]:
    """One epoch with the framework and one by hand, as functions that return the seconds."""
    import numpy as np

    import framework

    from . import plain_numpy

    rng = np.random.default_rng(0)
    x = rng.random((IMAGES, 784), np.float32)
    y = rng.integers(0, 10, IMAGES)
    parameters = plain_numpy.initial()
    model = framework.Sequential(
        [framework.Input((784,)), {"dense": 128}, "relu", {"dense": 64}, "relu", {"dense": 10}, "softmax"], seed=0
    )
    model.set_weights(parameters)
    model.compile({"sgd": LEARNING_RATE}, "sparse_categorical_crossentropy")

    def ours() -> float:
        begin = time.perf_counter()
        model.fit(x, y, batch_size=batch_size, verbose=0)
        return time.perf_counter() - begin

    def theirs() -> float:
        begin = time.perf_counter()
        plain_numpy.train_epoch(parameters, x, y, batch_size, LEARNING_RATE, rng)
        return time.perf_counter() - begin

    ours(), theirs()  # warm up
    return ours, theirs


def _affine(repeats: int) -> float:
    """Images a second through the augmentation of the default recipe, in batches of 128."""
    import numpy as np

    from framework.data.transforms import RandomAffine

    affine, rng = RandomAffine(rotation=8, scale=0.08, shear=5, shift=1), np.random.default_rng(0)
    images = rng.random((128, 28, 28), np.float32)

    def seconds() -> float:
        begin = time.perf_counter()
        for _ in range(50):
            affine(images, rng)
        return time.perf_counter() - begin

    return 50 * len(images) / statistics.median(seconds() for _ in range(repeats))


def _load(repeats: int) -> float:
    """Seconds to read the shipped checkpoint."""
    import framework

    def seconds() -> float:
        begin = time.perf_counter()
        framework.load_model(CHECKPOINT)
        return time.perf_counter() - begin

    return statistics.median(seconds() for _ in range(repeats))


def _import(module: str) -> Callable[[], float]:
    def run() -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
        return time.perf_counter() - begin

    return run


if __name__ == "__main__":
    main()
