"""Scratch arrays keep their memory from call to call, and never the wrong shape."""

import copy

import numpy as np
import pytest

from framework.buffers import Buffered


def test_the_same_request_gives_the_same_array():
    owner = Buffered()
    assert owner.buffer("y", (4, 2)) is owner.buffer("y", (4, 2))


def test_smaller_batches_use_the_front_of_the_largest():
    owner = Buffered()
    large = owner.buffer("y", (4, 2))
    small = owner.buffer("y", (3, 2))
    assert small.shape == (3, 2)
    assert np.shares_memory(small, large)
    assert small.flags.c_contiguous
    assert owner.buffer("y", (4, 2)) is large


@pytest.mark.parametrize("second", [(5, 2), (4, 3), (4,), (4, 2, 1), ()])
def test_another_shape_gets_what_it_asks_for(second):
    owner = Buffered()
    owner.buffer("y", (4, 2))
    assert owner.buffer("y", second).shape == second
    assert owner.buffer("y", (4, 2)).shape == (4, 2)


def test_a_single_number_and_a_row_do_not_get_in_each_others_way():
    owner = Buffered()
    assert owner.buffer("n", ()).shape == ()
    assert owner.buffer("n", (3,)).shape == (3,)
    assert owner.buffer("n", ()).shape == ()


def test_names_and_types_are_kept_apart():
    owner = Buffered()
    y = owner.buffer("y", (4,))
    assert not np.shares_memory(y, owner.buffer("z", (4,)))
    assert owner.buffer("y", (4,), np.float64).dtype == np.float64
    assert y.dtype == np.float32


def test_two_owners_share_nothing():
    assert not np.shares_memory(Buffered().buffer("y", (4,)), Buffered().buffer("y", (4,)))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_start_without_buffers(copied):
    owner = Buffered()
    array = owner.buffer("y", (4,))
    assert not np.shares_memory(copied(owner).buffer("y", (4,)), array)
    assert owner.buffer("y", (4,)) is array


def test_a_subclass_needs_no_super_init():
    class Owner(Buffered):
        def __init__(self, size):
            self.size = size

    assert Owner(2).buffer("y", (2,)).shape == (2,)
