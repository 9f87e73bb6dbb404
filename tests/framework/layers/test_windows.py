"""Windows along an axis: where they lie, how many there are, and which arguments make them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.layers import Conv2D
from framework.layers.windows import (
    Windows,
    check_axes,
    check_data_format,
    check_padding,
    extent,
    padding_of,
    per_axis,
    places_on_axis,
    windows_of,
)
from framework.registry import ArgumentError

SIZES = st.integers(1, 6)


@given(st.integers(1, 20), SIZES, SIZES, SIZES)
def test_same_gives_as_many_windows_as_strides_fit(length, size, stride, dilation):
    windows = Windows.along(length, size, stride, dilation, "same")
    assert windows.count == -(-length // stride)
    before, after = padding_of(length, size, stride, dilation, "same")
    assert after - before in (0, 1)
    assert before + after == max((windows.count - 1) * stride + extent(size, dilation) - length, 0)


@given(st.integers(1, 20), SIZES, SIZES, SIZES)
def test_valid_gives_the_windows_that_lie_on_the_axis(length, size, stride, dilation):
    windows = Windows.along(length, size, stride, dilation)
    starts = range(0, max(0, length - extent(size, dilation) + 1), stride)
    assert (windows.before, windows.count) == (0, len(starts))


@given(st.integers(1, 20), SIZES, SIZES)
def test_causal_windows_end_where_they_stand(length, size, dilation):
    windows = Windows.along(length, size, 1, dilation, "causal")
    assert windows.count == length
    assert windows.tap(size - 1) == (slice(0, length, 1), slice(0, length, 1))


@given(st.integers(1, 12), SIZES, SIZES, SIZES, st.sampled_from(["valid", "same", "causal"]))
def test_taps_tell_of_every_place_on_the_axis(length, size, stride, dilation, padding):
    windows = Windows.along(length, size, stride, dilation, padding)
    places = {(o, k): o * stride + k * dilation - windows.before for o in range(windows.count) for k in range(size)}
    on_axis = {key: place for key, place in places.items() if 0 <= place < length}

    by_tap = {}
    for k in range(size):
        taken, where = windows.tap(k)
        found = zip(range(windows.count)[taken], range(length)[where], strict=True)
        by_tap |= {(o, k): place for o, place in found}
    assert by_tap == on_axis


ANY = st.builds(Windows, st.integers(1, 12), SIZES, SIZES, SIZES, st.integers(-4, 8), st.integers(1, 6))


def places(windows, offset=0):
    """(window, tap): place, for all taps that lie on the axis."""
    found = {}
    for k in range(windows.size):
        taken, where = windows.tap(k)
        pairs = zip(range(windows.count)[taken], range(windows.length)[where], strict=True)
        found |= {(o, k): place + offset for o, place in pairs}
    return found


@given(ANY, st.data())
def test_some_of_the_windows_lie_where_they_were(windows, data):
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, windows.count)] * 2)))
    cut = windows.cut(slice(first, last))
    assert cut.count == last - first
    expected = {(o - first, k): p for (o, k), p in places(windows).items() if first <= o < last}
    assert places(cut) == expected


@given(ANY, st.data())
def test_all_that_reaches_a_part_of_the_axis_is_found_there(windows, data):
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, windows.length)] * 2)))
    reaching, part = windows.onto(slice(first, last))
    assert (part.length, part.count) == (last - first, reaching.stop - reaching.start)
    expected = {(o - reaching.start, k): p for (o, k), p in places(windows).items() if first <= p < last}
    assert places(part, offset=first) == expected


@given(ANY)
def test_windows_hang_over_when_some_tap_is_beside_the_axis(windows):
    ends = [-windows.before, (windows.count - 1) * windows.stride + extent(windows.size, windows.dilation) - 1]
    ends[1] -= windows.before
    assert windows.hang_over == (ends[0] < 0 or ends[1] >= windows.length)


def test_places_beyond_the_axis_are_none():
    assert places_on_axis(5, 2, 3, length=4) == (slice(0, 0, 1), slice(0, 0, 2))
    assert places_on_axis(-9, 2, 3, length=4) == (slice(0, 0, 1), slice(0, 0, 2))


@pytest.mark.parametrize(
    ("value", "axes", "expected"), [(3, 2, (3, 3)), ([3, 1], 2, (3, 1)), ((2,), 1, (2,)), (2, 1, (2,))]
)
def test_a_number_stands_for_all_axes(value, axes, expected):
    assert per_axis(None, "strides", value, axes) == expected


@pytest.mark.parametrize("value", [0, -1, 1.0, True, None, "33", [3], [3, 3, 3], [3, 0], [3, 1.5], [True, 1]])
def test_anything_else_than_counts_is_refused(value):
    with pytest.raises(ArgumentError, match="int: strides must be a positive whole number or a list of 2 such, got "):
        per_axis(5, "strides", value)


def test_zero_passes_where_it_is_allowed():
    assert per_axis(None, "output_padding", [0, 1], low=0) == (0, 1)
    with pytest.raises(ArgumentError, match="must be a whole number of at least 0 or a list of one, got -1"):
        per_axis(None, "output_padding", -1, 1, low=0)


@pytest.mark.parametrize("padding", ["full", "SAME", None, 1, ["same"]])
def test_only_known_paddings_pass(padding):
    check_padding(None, "same")
    with pytest.raises(ArgumentError, match="padding must be 'valid' or 'same', got "):
        check_padding(None, padding)


def test_channels_come_last():
    check_data_format(None, None)
    check_data_format(None, "channels_last")
    with pytest.raises(ArgumentError, match=r"data_format must be .*np.moveaxis.*, got 'channels_first'"):
        check_data_format(None, "channels_first")


def test_examples_need_all_their_axes():
    layer = Conv2D(1, 3, name="first")
    check_axes(layer, (4, 4, 1))
    with pytest.raises(
        ValueError, match=r"'first' \(Conv2D\) needs examples of shape \(height, width, channels\), got "
    ):
        check_axes(layer, (4, 4, 1, 1))
    with pytest.raises(ValueError, match=r"got \(28, 28\); a Reshape\(\(28, 28, 1\)\) before it adds the channels"):
        check_axes(layer, (28, 28))


def test_a_window_has_to_fit():
    layer = Conv2D(1, 3, name="first")
    arguments = ((3, 2), (1, 1), (2, 1))
    windows = windows_of(layer, "kernel_size", (5, 2, 7), *arguments, "valid")
    assert [w.count for w in windows] == [1, 1]
    message = r"'first' \(Conv2D\): kernel_size=\(3, 2\) spans 5 x 2, but its input is only 4 x 2; make kernel_size "
    with pytest.raises(ValueError, match=message):
        windows_of(layer, "kernel_size", (4, 2, 7), *arguments, "valid")
