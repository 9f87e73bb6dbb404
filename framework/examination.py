"""What is wrong with arrays of examples, found without a copy of them: values that are no numbers, and their places."""

from __future__ import annotations

import math
from collections.abc import Iterator
from numbers import Complex, Number, Real
from typing import Any

import numpy as np

from .parameters import Array

CHUNK = 1 << 16
"""How many values are looked at together: enough to be quick, few enough to stay in the processor's cache."""

_KINDS = {"S": "bytes", "U": "text", "c": "complex numbers", "M": "dates", "m": "spans of time"}


def as_array(name: str, values: Any) -> Array:
    """The values as an array of numbers, which is the values themselves where they are one.

    name: what messages call them. Objects that are all real numbers become float64, or int64. Raises ValueError, with
    the index of the first offender, for what is no number, and for lists whose parts differ in shape.

    >>> as_array("x", [[1, 2], [3]])
    Traceback (most recent call last):
    ValueError: x is ragged: example 1 has shape (1,), but example 0 has (2,); all examples need one shape
    """
    try:
        array: Array = np.asarray(values) if isinstance(values, np.matrix) else np.asanyarray(values)
    except ValueError as error:
        raise ValueError(_raggedness(name, values) or f"{name}: {error}") from None
    if array.dtype.kind in "fiub":
        return array
    if array.dtype.kind == "O":
        return _of_objects(name, array)
    what = _KINDS.get(array.dtype.kind)
    if what is None and array.dtype.names is None:
        return array  # a number that NumPy does not know itself, such as a bfloat16
    first = f": the first, at index {_index(0, array.shape)}, is {array.flat[0].item()!r}" if array.size else ""
    raise ValueError(
        f"{name} holds {what or 'records'} (dtype {array.dtype}) and no real numbers{first}; turn it into numbers first"
    )


def _of_objects(name: str, array: Array) -> Array:
    whole = True
    for place, value in enumerate(array.flat):
        if not isinstance(value, Number | np.bool_) or (isinstance(value, Complex) and not isinstance(value, Real)):
            shapes = _raggedness(name, array) if np.shape(array.flat[place]) else None
            raise ValueError(
                shapes
                or f"{name} holds objects (dtype object), and {value!r} at index {_index(place, array.shape)} is no "
                f"number; leave it out, or put a number in its place"
            )
        whole = whole and isinstance(value, int | np.integer) and abs(int(value)) < 1 << 63
    return array.astype(np.int64 if whole and array.size else np.float64)


def _raggedness(name: str, values: Any) -> str | None:
    """Which example is the first of another shape than the one before it."""
    first: Any = None
    if not isinstance(values, list | tuple | np.ndarray):
        return None
    for number, example in enumerate(values):
        try:
            shape = np.shape(example)
        except ValueError:
            return f"{name} is ragged: the parts of example {number} differ in shape; all examples need one shape"
        if number and shape != first:
            return (
                f"{name} is ragged: example {number} has shape {shape}, but example 0 has {first}; "
                f"all examples need one shape"
            )
        first = shape if number == 0 else first
    return None


def chunks(array: Array) -> Iterator[tuple[int, Array]]:
    """Some rows after the others, each time with the number of the first."""
    rows = max(1, CHUNK // max(1, math.prod(array.shape[1:])))
    return ((start, array[start : start + rows]) for start in range(0, len(array), rows))


def all_finite(array: Array) -> bool:
    """Whether no value is NaN or infinite; quick, and without memory of the array's size.

    >>> all_finite(np.ones(3)), all_finite(np.array([1.0, np.nan])), all_finite(np.array([3e38], np.float32))
    (True, False, True)
    """
    if array.dtype.kind != "f":
        return True
    flat = _flat(array)
    if flat is not None and array.dtype in (np.float32, np.float64):
        # NaN and infinity stay in a sum of squares. A sum that is too large for the type says nothing.
        with np.errstate(over="ignore", invalid="ignore"):
            if math.isfinite(np.vdot(flat, flat)):
                return True
    return first_not_finite(array) is None


def first_not_finite(array: Array) -> tuple[int, ...] | None:
    """The index of the first value that is NaN or infinite; None where all are finite."""
    if array.dtype.kind != "f":
        return None
    if array.ndim == 0:
        return None if np.isfinite(array) else ()
    for start, part in chunks(array):
        finite = np.isfinite(part)
        if not finite.all():
            first, *others = _index(int(finite.argmin()), part.shape)
            return (start + first, *others)
    return None


def first_outside(array: Array, low: float, high: float = math.inf) -> tuple[int, ...] | None:
    """The index of the first value that does not lie between these two; None where all do, as NaN does not."""
    for start, part in chunks(array):
        if part.size and not (part.min() >= low and part.max() <= high):
            inside = (part >= low) & (part <= high)
            first, *others = _index(int(inside.argmin()), part.shape)
            return (start + first, *others)
    return None


def first_unscaled(x: Array) -> int | None:
    """The number of the first example that shows that x holds levels of brightness as they come, 0 to 255; or None.

    Those are unsigned bytes with a value above 1, and other numbers of rank 3 and above that are all whole and between
    0 and 255, with one of at least 128.

    >>> first_unscaled(np.array([[0, 1], [7, 0]], np.uint8)), first_unscaled(np.array([[0.0, 200.0]]))
    (1, None)
    """
    if x.dtype == np.uint8:
        beyond = first_outside(x, 0, 1)
        return None if beyond is None else beyond[0]
    if x.dtype.kind not in "fiu" or x.ndim < 3:
        return None
    bright = None
    for start, part in chunks(x):
        if not part.size:
            continue
        high = part.max()
        if not (part.min() >= 0 and high <= 255) or (x.dtype.kind == "f" and (part != np.floor(part)).any()):
            return None
        if bright is None and high >= 128:
            bright = start + int(np.argmax(part >= 128)) // math.prod(part.shape[1:])
    return bright


def check_finite(name: str, array: Array) -> None:
    """Raises ValueError, with the index of the first offender, when the array of that name holds NaN or infinity."""
    if all_finite(array):
        return
    where = first_not_finite(array)
    if where is not None:
        example, *others = where
        value = "not a number (NaN)" if np.isnan(array[where]) else f"not finite ({array[where]})"
        place = f" at {tuple(others)}" if others else ""
        raise ValueError(f"{name} of sample {example} is {value}{place}; mend the sample or leave it out")


def _flat(array: Array) -> Array | None:
    """A view as a vector, in whatever order the values lie in memory; None where that would be a copy."""
    if not array.dtype.isnative:
        return None
    if array.flags.c_contiguous or array.flags.f_contiguous:
        return array.ravel(order="K")
    order = sorted(range(array.ndim), key=lambda axis: -array.strides[axis])
    turned = array.transpose(order)
    return turned.reshape(-1) if turned.flags.c_contiguous else None


def _index(place: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(n) for n in np.unravel_index(place, shape))
