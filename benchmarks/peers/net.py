"""What a module of a peer gives: functions that make a net, and what can then be asked of it.

A peer's module has

- `mlp(weights, learning_rate)`: Dense and ReLU in turn, softmax at the end, cross-entropy, plain SGD;
- `conv(weights, learning_rate)`: the LeNet-like net of `nets.py`, with Adam; not every peer has it;
- `set_threads(n)`, where the environment variables of `processes.py` are not enough.

Every net starts from the weights that it is given: [W, b, W, b, ...], dense ones (in, out), kernels of convolutions
(height, width, in, out).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

Array = NDArray[Any]
Weights = list[Array]


class Net(Protocol):
    """A net of some peer."""

    def feed(self, x: Array, y: Array, seed: int) -> None:
        """Takes the examples to learn from and keeps them in the form that suits the peer best.

        x: float32, (n, inputs), or (n, height, width, channels) for convolutions. y: the classes, int64 (n,).
        seed: of the order in which it will learn from them.
        """

    def train(self, batch_size: int, epochs: int) -> None:
        """Learns from all examples, in a new order in each epoch; has really finished when it returns."""

    def scores(self, x: Array) -> Array:
        """What the net makes of images; the class is where a row is largest."""

    def single(self, x: Array) -> Mapping[str, Callable[[], object]]:
        """The ways to judge the one image x, each a call that has really finished when it returns.

        The image is in the peer's own form already, and so may the probabilities be.
        """
