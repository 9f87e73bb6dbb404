"""The pages and numbers that reading is measured on are what they are said to be."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from apps.mnist.recognizer import Located
from apps.mnist.unipen import PenDigit
from benchmarks.many_digits import Kind, compared, digits_for, number, page

SEVEN = PenDigit(7, 1, [np.array([[0, 0], [300, 0], [100, 500]], float), np.array([[50, 250], [250, 250]], float)])
IMAGE = np.zeros((1, 28, 28), np.uint8)
IMAGE[0, 4:24, 12:16] = 255


def test_a_number_knows_its_strokes() -> None:
    strokes, groups = number([SEVEN] * 3, np.random.default_rng(0), lean=0.0, degrees=0)
    assert groups == [[0, 1], [2, 3], [4, 5]]
    ends = [(np.concatenate(strokes[a : b + 1])[:, 0]) for a, b in groups]
    gaps = [right.min() - left.max() for left, right in pairwise(ends)]
    assert all(0.15 <= gap <= 0.5 for gap in gaps)


def test_a_page_has_its_digits_where_it_says() -> None:
    rng, kind = np.random.default_rng(0), Kind(lines=2, digits=4)
    picture, truth = page(kind, digits_for(kind, [SEVEN], IMAGE, np.array([1]), rng), rng)
    assert len(truth) == 2
    for label, (x, y, w, h) in (digit for line in truth for digit in line):
        there = picture[int(y) : int(y + h), int(x) : int(x + w)]
        assert label in (1, 7)
        assert there.min() < 100


def test_comparing_tells_what_was_cut_out_and_what_was_read() -> None:
    truth = [[(1, (0.0, 0.0, 10.0, 20.0)), (2, (30.0, 0.0, 10.0, 20.0))]]
    blank = np.zeros((28, 28), np.float32)
    found = [Located(n, np.eye(10)[n], blank, box) for n, (_, box) in zip((1, 5), truth[0], strict=True)]
    assert compared(truth, [found]) == (2, 1, True)
    assert compared(truth, [found[::-1]]) == (2, 1, False)
    assert compared(truth, [found[:1]]) == (1, 1, False)
