"""Scratch arrays keep their memory from call to call, and never the wrong shape."""

import copy
import pickle

import numpy as np
import pytest

from framework.buffers import Buffered, is_batch_last


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


def test_batch_last_arrays_are_runs_of_batches():
    owner = Buffered()
    y = owner.batch_last("y", (5, 4, 3, 2))
    assert y.shape == (5, 4, 3, 2)
    assert y.swapaxes(0, -1).flags.c_contiguous
    assert owner.batch_last("y", (5, 4, 3, 2)) is y
    assert y.dtype == np.float32


@pytest.mark.parametrize("second", [(3, 4, 3, 2), (1, 4, 3, 2), (5, 2, 2, 2)])
def test_smaller_batch_last_arrays_use_the_memory_of_larger_ones(second):
    owner = Buffered()
    large = owner.batch_last("y", (5, 4, 3, 2))
    small = owner.batch_last("y", second)
    assert small.shape == second
    assert is_batch_last(small)
    assert np.shares_memory(small, large)
    assert np.shares_memory(owner.batch_last("y", large.shape), large)


def test_larger_and_other_batch_last_arrays_get_memory_of_their_own():
    owner = Buffered()
    y = owner.batch_last("y", (2, 3))
    assert owner.batch_last("y", (4, 3)).shape == (4, 3)
    assert owner.batch_last("y", (4, 3), np.float64).dtype == np.float64
    others = [owner.batch_last("z", (2, 3)), owner.buffer("y", (2, 3)), Buffered().batch_last("y", (2, 3))]
    assert not any(np.shares_memory(y, other) for other in others)


def test_what_is_batch_last_already_is_not_copied():
    owner = Buffered()
    x = np.arange(24.0).reshape(4, 3, 2)
    copy = owner.to_batch_last("x", x)
    assert is_batch_last(copy)
    np.testing.assert_array_equal(copy, x)
    assert owner.to_batch_last("x", copy) is copy
    assert owner.to_batch_last("y", copy) is copy


def test_buffers_are_laid_out_like_what_they_are_made_from():
    owner = Buffered()
    x = np.zeros((4, 3, 2), np.float64)
    assert owner.buffer_like("y", x).strides == x.strides
    assert owner.buffer_like("y", x).dtype == np.float64
    last = owner.to_batch_last("x", x)
    assert owner.buffer_like("y", last).strides == last.strides
    assert owner.buffer_like("y", x[::2]).flags.c_contiguous
    assert owner.buffer_like("y", x[:, 0, 0]).shape == (4,)
    assert owner.buffer_like("mask", last, np.bool_).dtype == np.bool_
    assert is_batch_last(owner.buffer_like("mask", last, np.bool_))


def test_an_array_with_gaps_in_memory_has_the_order_of_the_whole():
    x = Buffered().batch_last("x", (4, 3, 5, 2))[:, 1:]
    assert is_batch_last(x)
    assert is_batch_last(Buffered().buffer_like("y", x))
    assert Buffered().to_batch_last("x", x) is not x  # which promises memory without gaps
    assert not is_batch_last(np.zeros((4, 3, 5, 2))[:, 1:])


@pytest.mark.parametrize("x", [np.zeros(3), np.zeros((3, 2, 1))[:, :, 0], np.zeros((3, 2, 4))[1][None]])
def test_where_both_orders_are_the_same_it_is_the_usual_one(x):
    assert not is_batch_last(x)


class Keeps(Buffered):
    kept_for_backward = ("x",)
    x = None


class KeepsMore(Keeps):
    kept_for_backward = ("mask",)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda owner: pickle.loads(pickle.dumps(owner))])
def test_copies_leave_out_what_the_classes_name_as_kept_for_backward(copied):
    owner = KeepsMore()
    owner.x = owner.mask = owner.constant = np.ones(3)
    twin = copied(owner)
    assert twin.x is None
    assert not hasattr(twin, "mask")
    np.testing.assert_array_equal(twin.constant, np.ones(3))
    assert owner.x is owner.mask is owner.constant


class TestSettled:
    def test_an_array_that_stays_the_same_is_taken_as_it_is(self):
        owner, x = Buffered(), np.ones((3, 2))
        assert owner.settled("x", x) is x
        assert owner.settled("x", x, x) is x

    @pytest.mark.parametrize("laid_out", [np.ascontiguousarray, np.asfortranarray])
    def test_arrays_that_only_look_alike_are_copied_into_one(self, laid_out):
        owner, settled = Buffered(), np.empty(0)
        seen = []
        for n in range(4):
            x = laid_out(np.full((3, 2, 4), n, np.float32))
            settled = owner.settled("x", x, settled)
            assert (settled == n).all()
            assert is_batch_last(settled) == is_batch_last(x)
            seen.append(settled)
        assert seen[1] is seen[2] is seen[3] is not seen[0]

    @pytest.mark.parametrize("other", [np.ones((2, 2)), np.ones((3, 2), np.float32), np.ones(6)])
    def test_an_array_of_another_kind_begins_anew(self, other):
        assert Buffered().settled("x", other, np.ones((3, 2))) is other
