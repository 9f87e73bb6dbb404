"""`python -m benchmarks.pen_digits [PATH [CHECKPOINT ...]]`: how well models read pen strokes of real people.

PATH is UCI's pendigits-orig.tra or .tes, or the folder of the former; without it, they are looked for as the dataset
`pendigits` does. All writers of the file count, also those that a model was trained on: what it makes of others,
`python -m apps.mnist.evaluate` tells.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from apps.mnist import command
from apps.mnist.recognizer import SHIPPED, Recognizer
from apps.mnist.strokes import find
from apps.mnist.unipen import PenDigit, read_pen_digits


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pen_digits", description=__doc__)
    parser.add_argument("path", type=Path, nargs="?", help="pendigits-orig.tra, packed or not, or its folder")
    parser.add_argument(
        "checkpoints", type=Path, nargs="*", default=[SHIPPED], help="models; by default the shipped one"
    )
    options = parser.parse_args()
    digits = read_pen_digits(find(options.path)[0])
    print(f"{len(digits):,} digits by {len({digit.writer for digit in digits})} writers\n")
    print(f"{'checkpoint':<27}{'right':>9}{'odd':>9}{'even':>9}{'ms':>7}   by writer    weakest digits")
    for checkpoint in options.checkpoints:
        print(row(checkpoint, digits), flush=True)
    return 0


def row(checkpoint: Path, digits: Sequence[PenDigit]) -> str:
    """The share of right answers, in all and of odd and even writers; the median time of one; where it is weak."""
    recognizer, right, times = Recognizer.load(checkpoint), [], []
    for digit in digits:
        begin = time.perf_counter()
        prediction = recognizer.predict_strokes(digit.strokes)
        times.append(time.perf_counter() - begin)
        right.append(prediction is not None and prediction.digit == digit.label)
    hits = np.array(right)
    writers = np.array([digit.writer for digit in digits])
    labels = np.array([digit.label for digit in digits])
    shares = (hits.mean(), hits[writers % 2 == 1].mean(), hits[writers % 2 == 0].mean())
    by_writer = [hits[writers == writer].mean() for writer in np.unique(writers)]
    by_label = sorted((hits[labels == label].mean(), int(label)) for label in np.unique(labels))
    figures = "".join(f"{100 * share:7.2f} %" for share in shares)
    spread = f"{100 * min(by_writer):.0f} to {100 * max(by_writer):.0f} %"
    weakest = ", ".join(f"{label}: {100 * share:.1f} %" for share, label in by_label[:2])
    return f"{checkpoint.name:<27}{figures}{1000 * np.median(times):7.2f}   {spread:<12} {weakest}"


if __name__ == "__main__":
    command.run(main)
