"""Windows that slide along the axes of an image: what convolutions and pooling share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ..arguments import is_whole, require
from ..parameters import Shape

if TYPE_CHECKING:
    from .base import Layer

Padding = Literal["valid", "same"]
DataFormat = Literal["channels_last"]
MAX_PLACES = 1 << 16
"""Places in a window that a layer goes through one by one: pooling over 256 x 256, or the copies of a pixel."""
AXES = {1: "(steps, channels)", 2: "(height, width, channels)"}
"""What the axes of an example mean, by their number without the channels."""


@dataclass(frozen=True)
class Windows:
    """The windows along one axis: window o has its tap k at o · stride + k · dilation - before.

    length: of the axis. size: taps in a window. before: zeros that stand before the axis; as many as
    the last window needs stand behind it. count: how many windows there are.

    >>> Windows.along(5, size=3, stride=2, padding="same")
    Windows(length=5, size=3, stride=2, dilation=1, before=1, count=3)
    """

    length: int
    size: int
    stride: int
    dilation: int
    before: int
    count: int

    @classmethod
    def along(cls, length: int, size: int, stride: int = 1, dilation: int = 1, padding: str = "valid") -> Windows:
        """The windows on an axis of this length; none where it is shorter than a window of padding `valid`."""
        before, after = padding_of(length, size, stride, dilation, padding)
        count = max(0, (before + length + after - extent(size, dilation)) // stride + 1)
        return cls(length, size, stride, dilation, before, count)

    def tap(self, k: int) -> tuple[slice, slice]:
        """The windows whose tap k lies on the axis and not on padding, and the places where it lies.

        Both slices are empty if there are none. So `y[windows] += x[places]` adds up tap k.

        >>> Windows.along(5, size=3, stride=2, padding="same").tap(0)
        (slice(1, 3, 1), slice(1, 4, 2))
        """
        return places_on_axis(k * self.dilation - self.before, self.stride, self.count, self.length)

    @property
    def hang_over(self) -> bool:
        """Whether some window begins before the axis, or ends behind it."""
        last = (self.count - 1) * self.stride + extent(self.size, self.dilation) - self.before
        return self.before > 0 or last > self.length

    def cut(self, windows: slice) -> Windows:
        """Some of the windows, as if there were no others.

        >>> Windows.along(9, size=3).cut(slice(2, 5))
        Windows(length=9, size=3, stride=1, dilation=1, before=-2, count=3)
        """
        count = windows.stop - windows.start
        return replace(self, before=self.before - windows.start * self.stride, count=count)

    def onto(self, places: slice) -> tuple[slice, Windows]:
        """The windows that reach a part of the axis, and what they are on that part as an axis of its own.

        >>> Windows.along(9, size=3).onto(slice(0, 4))
        (slice(0, 4, None), Windows(length=4, size=3, stride=1, dilation=1, before=0, count=4))
        """
        part = replace(self, length=places.stop - places.start, before=self.before + places.start)
        reaching = [windows for windows, _ in map(part.tap, range(self.size)) if windows.start < windows.stop]
        first = min((windows.start for windows in reaching), default=0)
        last = max((windows.stop for windows in reaching), default=0)
        return slice(first, last), part.cut(slice(first, last))


def places_on_axis(start: int, step: int, count: int, length: int) -> tuple[slice, slice]:
    """Which of the `count` places start, start + step, ... are on an axis of this length, and these places."""
    first = max(0, -(start // step))
    last = min(count - 1, (length - 1 - start) // step)
    if last < first:
        return slice(0, 0, 1), slice(0, 0, step)
    place = start + first * step
    return slice(first, last + 1, 1), slice(place, place + (last - first) * step + 1, step)


def extent(size: int, dilation: int = 1) -> int:
    """The length that a window of `size` taps spans.

    >>> extent(3, dilation=2)
    5
    """
    return (size - 1) * dilation + 1


def padding_of(length: int, size: int, stride: int, dilation: int, padding: str) -> tuple[int, int]:
    """How many zeros stand before and behind an axis: none for `valid`, as in TensorFlow for `same`.

    `same` gives ceil(length / stride) windows, with the odd zero behind. `causal` puts all zeros before,
    so that no window looks ahead.

    >>> padding_of(4, size=2, stride=1, dilation=1, padding="same")
    (0, 1)
    """
    span = extent(size, dilation)
    if padding == "valid":
        return 0, 0
    if padding == "causal":
        return span - 1, 0
    total = max(span - (length % stride or stride), 0)
    return total // 2, total - total // 2


def per_axis(owner: object, argument: str, value: int | Sequence[int], axes: int = 2, low: int = 1) -> tuple[int, ...]:
    """One whole number an axis, from one for all or from one each; ArgumentError for anything else.

    >>> per_axis(None, "strides", 2), per_axis(None, "strides", [2, 1])
    ((2, 2), (2, 1))
    """
    if is_whole(value, low):
        return (int(value),) * axes  # type: ignore[arg-type]
    listed = isinstance(value, Sequence) and len(value) == axes and all(is_whole(n, low) for n in value)
    count = "positive whole number" if low == 1 else f"whole number of at least {low}"
    each = f"a list of {axes} such" if axes > 1 else "a list of one"
    require(listed, owner, argument, value, f"a {count} or {each}")
    return tuple(int(n) for n in value)  # type: ignore[union-attr]


def check_padding(owner: object, padding: object, choices: Sequence[str] = ("valid", "same")) -> None:
    """Raises ArgumentError for a padding that is none of the choices."""
    rule = " or ".join(map(repr, choices))
    require(isinstance(padding, str) and padding in choices, owner, "padding", padding, rule)


def check_data_format(owner: object, data_format: object) -> None:
    """Raises ArgumentError for any order of the axes but that with the channels last."""
    rule = "None or 'channels_last', which is the only order here (np.moveaxis(x, 1, -1) makes it)"
    require(data_format in (None, "channels_last"), owner, "data_format", data_format, rule)


def check_axes(layer: Layer, shape: Shape, axes: int = 2) -> None:
    """Raises ValueError, when a layer is built, unless examples have this many axes and one of channels."""
    if len(shape) != axes + 1:
        missing = f"; a Reshape(({', '.join(map(str, shape))}, 1)) before it adds the channels"
        raise ValueError(
            f"layer {layer.label!r} ({type(layer).__name__}) needs examples of shape {AXES[axes]}, "
            f"got {shape}{missing if len(shape) == axes else ''}"
        )


def windows_of(
    layer: Layer,
    argument: str,
    shape: Shape,
    sizes: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
    padding: str,
) -> list[Windows]:
    """The windows along each axis of examples of this shape, the channels being the last and left out.

    argument: what the layer calls the size of a window, such as `kernel_size`, for the message.
    Raises ValueError when a window does not fit into the image.
    """
    found = [Windows.along(*axis, padding) for axis in zip(shape, sizes, strides, dilation, strict=False)]
    if not all(w.count for w in found):
        spans = " x ".join(str(extent(w.size, w.dilation)) for w in found)
        image = " x ".join(str(w.length) for w in found)
        raise ValueError(
            f"layer {layer.label!r} ({type(layer).__name__}): {argument}={tuple(sizes)} spans {spans}, but its input "
            f"is only {image}; make {argument} smaller, or take padding='same'"
        )
    return found
