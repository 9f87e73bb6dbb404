"""`python -m benchmarks.errands ARGUMENTS`: things that only we are measured in, each in a process of its own.

ARGUMENTS are in JSON: `do` names a function of this module, the others are what it takes.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from .channel import Channel, attempt
from .mnist import SAMPLE
from .resident import anonymous_megabytes, peak_megabytes

CHECKPOINT = Path(__file__).parents[1] / "checkpoints" / "mnist_mlp.json"


def recipe(data: str, quick: bool) -> dict[str, Any]:
    """The peak in MB of two epochs of the default recipe, with all its reports but the plots."""
    sys.modules["matplotlib"] = None  # type: ignore[assignment]  # as where it is not installed
    from apps.mnist import train

    place = "sample" if Path(data) == SAMPLE else data
    overrides = ["train.epochs=2", *(["data.mnist.validation=54000"] if quick and place != "sample" else [])]
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
        train.main(["--data", place, "--run-dir", f"{folder}/run", "--verbose", "0", *overrides])
    return {"peak": peak_megabytes()}


def file(megabytes: float) -> dict[str, Any]:
    """By how many MB the anonymous memory grows while a model learns from a file of that size, mapped into memory."""
    import numpy as np

    import framework

    n, rng = int(1e6 * megabytes / (784 * 4)), np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        x = np.memmap(f"{folder}/images", np.float32, "w+", shape=(n, 784))
        chunk = rng.random((10_000, 784), np.float32)
        for start in range(0, n, len(chunk)):
            x[start : start + len(chunk)] = chunk[: n - start]
        x.flush()
        model = framework.Sequential([framework.Input((784,)), {"dense": 64}, "relu", {"dense": 10}, "softmax"], seed=0)
        model.compile({"sgd": 0.1}, "sparse_categorical_crossentropy")
        model.fit(chunk[:256], rng.integers(0, 10, 256), batch_size=128, verbose=0)
        seen = before = anonymous_megabytes()
        y = rng.integers(0, 10, n, np.uint8)

        def look(batch: int, logs: object) -> None:
            nonlocal seen
            if batch % 20 == 0:
                seen = max(seen, anonymous_megabytes())

        watch = framework.callbacks.LambdaCallback(on_train_batch_end=look)
        model.fit(x, y, batch_size=128, verbose=0, callbacks=[watch])
    return {"megabytes": seen - before}


def parameters(count: int, optimizer: str) -> dict[str, Any]:
    """The peak of building and training so many parameters, in bytes for each of them."""
    import numpy as np

    import framework

    width, before = math.isqrt(count), peak_megabytes()
    model = framework.Sequential([framework.Input((width,)), {"dense": {"units": width, "use_bias": False}}], seed=0)
    model.compile(optimizer, "mean_squared_error")
    x = np.ones((2, width), np.float32)
    for _ in range(2):
        model.train_on_batch(x, x)
    return {"bytes": 1e6 * (peak_megabytes() - before) / width**2}


def augment(transform: dict[str, Any], images: int) -> dict[str, Any]:
    """The seconds that a transform takes for so many images of 28x28, in batches of 128."""
    import numpy as np

    from framework.data import transforms

    change, rng = transforms.get(transform), np.random.default_rng(0)
    batch = rng.random((128, 28, 28), np.float32)
    change(batch, rng)
    begin = time.perf_counter()
    for _ in range(images // 128):
        change(batch, rng)
    return {"seconds": time.perf_counter() - begin}


def load() -> dict[str, Any]:
    """The seconds that it takes to read the shipped checkpoint."""
    import framework

    framework.load_model(CHECKPOINT)
    begin = time.perf_counter()
    for _ in range(10):
        framework.load_model(CHECKPOINT)
    return {"seconds": (time.perf_counter() - begin) / 10}


def main() -> None:
    channel, arguments = Channel(), json.loads(sys.argv[1])
    del arguments["threads"]
    channel.tell(attempt(globals()[arguments.pop("do")], **arguments))


if __name__ == "__main__":
    main()
