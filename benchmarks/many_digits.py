"""How well numbers and pages of digits are taken apart and read: `python -m benchmarks.many_digits PENDIGITS`.

Numbers are real pen strokes of one writer, set beside each other with gaps of 0.15 to 0.5 of their height, leaning
and rising. Pages are pen strokes, by writers whom no model of ours has seen, and test images of MNIST in lines, in ways
in which photos and scans are bad.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from apps.mnist import data
from apps.mnist.grouping import group_strokes
from apps.mnist.lines import coverage, distances, segments
from apps.mnist.recognizer import SHIPPED, Located, Recognizer
from apps.mnist.scan import Box
from apps.mnist.unipen import PenDigit, read_pen_digits
from framework.parameters import Array

from .strangers import strangers

NUMBERS = ((0.0, 0), (0.15, 0), (0.3, 0), (0.0, 4), (0.0, -4), (0.2, 3))
"""How numbers are written: how far they lean, in heights a height, and by how many degrees they rise."""


class Kind(NamedTuple):
    """A kind of page.

    size: of the digits, in pixels; spread: by which share of it they vary. gaps: between digits, in sizes.
    slope: the most degrees by which lines rise or fall. noise, shade: in grey levels. rules: whether the paper is
    ruled.
    """

    lines: int = 5
    digits: int = 10
    size: float = 48
    spread: float = 0.1
    slope: float = 0
    gaps: tuple[float, float] = (0.15, 0.6)
    noise: float = 0
    shade: float = 0
    specks: int = 0
    rules: bool = False
    dark_ink: bool = True


PAGES = {
    "clean": Kind(),
    "slope up to 5 degrees": Kind(slope=5),
    "sizes 65 to 135 %": Kind(slope=2, spread=0.35),
    "photo": Kind(slope=3, spread=0.35, noise=4, shade=60, specks=20),
    "photo, light on dark": Kind(slope=3, spread=0.35, noise=4, shade=60, specks=20, dark_ink=False),
    "bad photo": Kind(slope=5, spread=0.25, noise=10, shade=100, specks=80),
    "ruled paper": Kind(slope=2, noise=3, shade=30, rules=True),
    "digits nearly touch": Kind(gaps=(-0.05, 0.05)),
    "digits touch": Kind(gaps=(-0.12, -0.02)),
    "small, 24 pixels": Kind(lines=8, digits=16, size=24, slope=3, noise=4, shade=60),
}


def number(
    digits: Sequence[PenDigit], rng: np.random.Generator, lean: float, degrees: float
) -> tuple[list[Array], list[list[int]]]:
    """The strokes of these digits beside each other, and which of them make each digit."""
    strokes: list[Array] = []
    groups, x = [], 0.0
    for digit in digits:
        points = np.concatenate(digit.strokes)
        low, extent = points.min(axis=0), np.ptp(points, axis=0)
        scale = rng.uniform(0.85, 1.15) / extent.max()
        y = 1 - scale * extent[1] + rng.uniform(-0.08, 0.08)
        groups.append(list(range(len(strokes), len(strokes) + len(digit.strokes))))
        strokes += [(stroke - low) * scale + (x, y) for stroke in digit.strokes]
        x += scale * extent[0] + rng.uniform(0.15, 0.5)
    angle = np.deg2rad(degrees)
    turned = np.array([[1, 0], [-lean, 1]]) @ [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return [stroke @ turned for stroke in strokes], groups


def of_a_writer(digits: Sequence[PenDigit], n: int, rng: np.random.Generator) -> list[PenDigit]:
    """So many digits, all of one writer."""
    writer = digits[rng.integers(len(digits))].writer
    own = [digit for digit in digits if digit.writer == writer]
    return [own[i] for i in rng.integers(len(own), size=n)]


def inked(digit: PenDigit, size: float, rng: np.random.Generator) -> Array:
    """A pen digit as an array of ink, drawn with a line of 5 to 12 % of its size."""
    points = np.concatenate(digit.strokes)
    extent, width = np.ptp(points, axis=0), size * rng.uniform(0.05, 0.12)
    scale, margin = size / extent.max(), width / 2 + 1
    columns, rows = (np.arange(n) + 0.5 for n in np.ceil(extent * scale + 2 * margin))
    placed = (points - points.min(axis=0)) * scale + margin
    ends = np.cumsum([len(stroke) for stroke in digit.strokes])
    return coverage(distances(*segments(placed, ends), columns, rows), width)


def enlarged(image: Array, size: float) -> Array:
    """An MNIST image without its margin, of about this size, as an array of ink."""
    from PIL import Image

    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    cut = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = size / max(cut.shape)
    width, height = (max(2, round(scale * n)) for n in cut.shape[::-1])
    return np.asarray(Image.fromarray(cut).resize((width, height), Image.Resampling.BICUBIC)) / np.float32(255)


Truth = list[list[tuple[int, Box]]]
"""Labels and boxes of a page's digits, line by line."""


def page(kind: Kind, sources: Iterator[tuple[Array, int]], rng: np.random.Generator) -> tuple[Array, Truth]:
    """A page, grey levels (h, w) uint8, and what is on it. sources: ink of a size of 1 to be enlarged, and labels."""
    size, slope = kind.size, np.tan(np.deg2rad(rng.uniform(-kind.slope, kind.slope)))
    width = round(1.8 * size * kind.digits)
    rise = slope * width
    height = round(1.9 * size * (kind.lines + 0.6) + abs(rise))
    ink, truth = np.zeros((height, width)), []
    for number in range(kind.lines):
        x, line = size * rng.uniform(0.5, 1.5), []
        for _ in range(int(rng.integers(kind.digits // 2, kind.digits + 1))):
            digit, label = next(sources)
            h, w = digit.shape
            y = round(1.9 * size * (number + 0.8) + max(0, -rise) + slope * x - h / 2 + size * rng.uniform(-0.08, 0.08))
            if x + w + 2 > width:
                break
            there = ink[y : y + h, round(x) : round(x) + w]
            np.maximum(there, digit, out=there)
            line.append((label, (float(round(x)), float(y), float(w), float(h))))
            x += w + size * (rng.uniform(*kind.gaps) + (rng.random() < 0.1))
        truth.append(line)
    for y, x in rng.integers(0, (height - 2, width - 2), (kind.specks, 2)):
        ink[y : y + rng.integers(1, 3), x : x + rng.integers(1, 3)] = 1
    if kind.rules:
        columns = np.arange(width)
        for y in range(round(0.3 * size), height, round(1.9 * size)):
            rows = np.clip((y + 0.02 * columns).astype(int), 0, height - 1)
            ink[rows, columns] = np.maximum(ink[rows, columns], 0.7)
    turn = rng.uniform(0, 2 * np.pi)
    down, across = np.linspace(0, 1, height)[:, None], np.linspace(0, 1, width)[None, :]
    paper = 225 - kind.shade * (0.5 + 0.5 * (np.cos(turn) * across + np.sin(turn) * down) + 0.3 * (across - 0.5) ** 2)
    levels = paper - 150 * ink + rng.normal(0, kind.noise, ink.shape)
    return (levels if kind.dark_ink else 255 - levels).clip(0, 255).astype(np.uint8), truth


def digits_for(
    kind: Kind, pen: Sequence[PenDigit], images: Array, labels: Array, rng: np.random.Generator
) -> Iterator[tuple[Array, int]]:
    """Ink and labels without end, as many pen digits as images of MNIST."""
    while True:
        size = kind.size * rng.uniform(1 - kind.spread, 1 + kind.spread)
        if rng.random() < 0.5:
            digit = pen[rng.integers(len(pen))]
            yield inked(digit, size, rng), digit.label
        else:
            index = rng.integers(len(images))
            yield enlarged(images[index], size), int(labels[index])


def compared(truth: Truth, found: Sequence[Sequence[Located]]) -> tuple[int, int, bool]:
    """How many digits were cut out rightly (boxes overlap by 60 % of their union) and read rightly, and whether
    all of them were found, nothing else, and in the right order.
    """
    everywhere = [digit for line in found for digit in line]
    cut = read = 0
    for label, box in (digit for line in truth for digit in line):
        best = max(everywhere, key=lambda digit, box=box: _overlap(box, digit.box), default=None)  # type: ignore[misc]
        if best is not None and _overlap(box, best.box) > 0.6:
            cut, read = cut + 1, read + (best.digit == label)
    same = [len(line) for line in truth] == [len(line) for line in found]
    pairs = [(a[1], b.box) for t, f in zip(truth, found, strict=False) for a, b in zip(t, f, strict=False)]
    return cut, read, same and all(_overlap(a, b) > 0.4 for a, b in pairs)


def _overlap(a: Box, b: Box) -> float:
    """The share of two boxes' union that both cover."""
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(0.0, w) * max(0.0, h)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_digits", description=__doc__)
    parser.add_argument("pendigits", type=Path, help="UCI's pendigits-orig.tra, or its folder")
    parser.add_argument("--checkpoint", type=Path, default=SHIPPED)
    parser.add_argument("--numbers", type=int, default=1000, help="how many of each kind (default 1000)")
    parser.add_argument("--pages", type=int, default=20, help="how many of each kind (default 20)")
    options = parser.parse_args()
    everybody, recognizer = read_pen_digits(options.pendigits), Recognizer.load(options.checkpoint)
    pen = strangers(everybody)

    several = [digit for digit in everybody if len(digit.strokes) > 1]
    whole = sum(group_strokes(digit.strokes) == [list(range(len(digit.strokes)))] for digit in several)
    print(f"digits of several strokes that stay together: {whole:,} of {len(several):,}, {whole / len(several):.2%}")
    for lean, degrees in NUMBERS:
        rng, right = np.random.default_rng(0), 0
        for _ in range(options.numbers):
            strokes, groups = number(of_a_writer(everybody, 4, rng), rng, lean, degrees)
            right += group_strokes(strokes) == groups
        said = f"numbers of four, leaning by {lean:.2f}, rising by {degrees:2} degrees, taken apart rightly"
        print(f"{said}: {right / options.numbers:.1%}")

    mnist = data.find(os.environ.get("MNIST_DIR") or "sample").test
    print(f"\n{'pages':24}{'digits':>7}{'cut out':>9}{'read':>8}{'pages in order':>16}{'ms a page':>11}")
    for name, kind in PAGES.items():
        rng, total, cut, read, ordered, seconds = np.random.default_rng(0), 0, 0, 0, 0, 0.0
        for _ in range(options.pages):
            picture, truth = page(kind, digits_for(kind, pen, mnist.x, mnist.y, rng), rng)
            begin = time.perf_counter()
            found = recognizer.read_image(picture)
            seconds += time.perf_counter() - begin
            more_cut, more_read, in_order = compared(truth, found)
            cut, read, ordered = cut + more_cut, read + more_read, ordered + in_order
            total += sum(map(len, truth))
        shares = f"{cut / total:9.1%}{read / total:8.1%}{ordered / options.pages:16.0%}"
        print(f"{name:24}{total:7,}{shares}{1000 * seconds / options.pages:11.0f}", flush=True)


if __name__ == "__main__":
    main()
