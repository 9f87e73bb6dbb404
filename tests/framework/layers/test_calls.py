"""Lists of calls, which are made in order."""

import threading

import numpy as np

from framework.layers.calls import Call, make, same, work_through
from framework.threads import limited_to


def test_calls_are_made_in_order_with_their_arguments():
    x, y = np.arange(3.0), np.zeros(3)
    calls = [Call(np.copyto, y, x), Call(np.add, y, 1, out=y), Call(np.multiply, y, y, out=y)]
    make(calls)
    assert y.tolist() == [1, 4, 9]
    x[...] = 0
    make(calls)  # the same once more, with what the arrays hold now
    assert y.tolist() == [1, 1, 1]


def test_a_stage_begins_when_the_one_before_has_ended():
    with limited_to(2):
        together = threading.Barrier(2, timeout=60)
        told = []
        first = [[Call(together.wait), Call(told.append, 1)] for _ in range(2)]
        work_through([first, [[Call(told.append, 2)]], first])
    assert told == [1, 1, 2, 1, 1]


def test_only_the_very_same_objects_are_the_same():
    a, b = np.zeros(2), np.zeros(2)
    assert same((a, True), (a, True))
    assert not same((a, True), (b, True))
    assert not same((a, True), (a, False))
    assert not same((a,), ())
