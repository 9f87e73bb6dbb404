"""Looking inside any model of digits: its layers as groups of neurons, and what one of them is good for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from framework import Input, Sequential, activations
from framework.inspection import activations as outputs_of
from framework.inspection import gradients
from framework.layers import Activation, Conv2D, Dense, Flatten, Layer, Reshape
from framework.layers.normalization import NormalizationLayer
from framework.layers.pooling import Pooling
from framework.layers.regularization import RandomLayer
from framework.parameters import Array, Shape
from framework.registry import snake_case

from ..preprocess import SIDE
from ..recognizer import CLASSES, Recognizer, as_probabilities

STAGE = (Pooling, NormalizationLayer)
"""Layers that finish what the one before them makes, as after a convolution."""
UNSEEN = (Flatten, Reshape, RandomLayer)
"""Layers that change no value of what is recognized; titles do not name them."""


@dataclass(frozen=True)
class Group:
    """Layers that are drawn as one: one that makes its neurons, and those that finish them or change their values.

    title: "dense 128 + relu". first, last: indices into `model.layers`; the group of the input begins at -1.
    shape: of its neurons. direct: whether its neurons are those of the first layer, with nothing but activations
    after them; no pooling, no normalization.
    """

    title: str
    first: int
    last: int
    shape: Shape
    direct: bool = True

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def maps(self) -> tuple[int, int, int]:
        """Its neurons as pictures, (how many, rows, columns): maps (H, W, C) as C of them, a vector as n of 1x1.

        >>> Group("conv2d", 0, 0, (26, 26, 8)).maps, Group("dense", 1, 1, (64,)).maps
        ((8, 26, 26), (64, 1, 1))
        """
        if len(self.shape) == 3:
            return self.shape[2], self.shape[0], self.shape[1]
        return (1, self.shape[0], self.shape[1]) if len(self.shape) == 2 else (self.size, 1, 1)

    def neuron(self, index: int) -> str:
        """What a neuron is called, by its index in the group's flattened values."""
        count, _, columns = self.maps
        place, channel = divmod(index, count)
        if (count, columns) == (self.size, 1):
            return f"neuron {index}"
        return f"neuron {place // columns},{place % columns}" + (f" of map {channel}" if count > 1 else "")


def groups(model: Sequential) -> list[Group]:
    """The model's layers as groups, the input first and the output last.

    A layer without weights whose output has as many numbers as its input joins the group before it, unless it
    may have put them in another order, as a transposition does. So do pooling and normalization: a convolution, its
    pooling, its normalization and its activation are one group, with the values that the last of them gives.

    >>> from framework import Input
    >>> model = Sequential([Input((28, 28)), "flatten", {"dense": 32}, "relu", {"dense": 10}, "softmax"])
    >>> [(group.title, group.first, group.last, group.shape) for group in groups(model)][1:]
    [('dense 32 + relu', 1, 2, (32,)), ('dense 10 + softmax', 3, 4, (10,))]
    """
    before = model.input_shape
    found = [Group("input", -1, -1, before)]
    kinds = [["input"]]
    for index, layer in enumerate(model.layers):
        shape = layer.output_shape
        if _joins(layer, before, found[-1]):
            # Flattened maps stay maps to look at.
            kept = found[-1].shape if len(shape) == 1 else shape
            direct = found[-1].direct and not isinstance(layer, STAGE)
            found[-1] = replace(found[-1], last=index, shape=kept, direct=direct)
            kinds[-1] += [] if isinstance(layer, UNSEEN) else _kinds(layer)
        else:
            found.append(Group("", index, index, shape))
            kinds.append(_kinds(layer))
        before = shape
    return [
        replace(group, title=" + ".join([f"{kind} {_times(group.shape)}", *others]))
        for group, (kind, *others) in zip(found, kinds, strict=True)
    ]


def _joins(layer: Layer, before: Shape, group: Group) -> bool:
    """Whether a layer belongs to the group before it, whose last layer gives that shape."""
    shape = layer.output_shape
    if isinstance(layer, STAGE):
        return group.first >= 0 and (shape == before or len(shape) == len(group.shape))
    same_order = shape == before or len(shape) != len(before)
    return not layer.weights and math.prod(shape) == math.prod(before) and same_order


def look(recognizer: Recognizer, image: Array) -> list[Array]:
    """What each group makes of an image (28, 28): the image, the values of the hidden groups in their shapes,
    and the probabilities (10,) that the recognizer gives.
    """
    model = recognizer.model
    found = outputs_of(model, _batch(model, image))
    _, *hidden, _ = groups(model)
    values = [found[group.last].reshape(group.shape) for group in hidden]
    return [image, *values, recognizer.classify(image).probabilities]


@dataclass(frozen=True, eq=False)
class NeuronView:
    """What a neuron is good for, at the present drawing.

    value: its activation. incoming: (28, 28), its weights on the pixels, effective ones where layers lie between;
    None when the layers give no gradient. contribution: (neurons of group `through`, 10), what its activation
    adds to each digit's logit by way of each of these neurons.
    """

    value: float
    incoming: Array | None
    through: int
    contribution: Array

    @cached_property
    def totals(self) -> Array:
        """What its activation adds to each digit's logit, (10,)."""
        return np.asarray(self.contribution.sum(axis=0))

    def strongest(self, n: int) -> list[tuple[int, int, float]]:
        """The n connections that carry most, the strongest first: neuron of group `through`, digit, contribution."""
        size = np.abs(self.contribution).ravel()
        best = np.argpartition(-size, n)[:n] if n < len(size) else np.arange(len(size))
        best = best[np.argsort(-size[best], kind="stable")]
        return [(*divmod(int(i), CLASSES), float(self.contribution.flat[i])) for i in best if size[i] > 0]


def neuron(model: Sequential, image: Array, group: int, index: int) -> NeuronView:
    """A hidden neuron: the index of its group among `groups(model)`, and its own in the group's flattened values.

    By way of neuron k of the next group it adds to digit c's logit: (what k loses when it is set to zero) times
    (d logit_c / d k). Without gradients, what all logits lose against their mean when it is set to zero.
    """
    x = _batch(model, image)
    all_groups = groups(model)
    own, following, output = all_groups[group], all_groups[group + 1], len(all_groups) - 1
    found = outputs_of(model, x)
    value = float(found[own.last].flat[index])
    incoming = _incoming(model, x, own, index)
    silenced = found[own.last].copy()
    silenced.flat[index] = 0
    slopes = _gradients(model, np.repeat(x, CLASSES, axis=0), np.eye(CLASSES))
    if slopes is None:
        with_it, without_it = (
            np.log(np.maximum(as_probabilities(y)[0], np.finfo(np.float32).tiny))
            for y in (found[-1], _run(model.layers[own.last + 1 :], silenced))
        )
        lost = with_it - without_it
        return NeuronView(value, incoming, output, np.diag(lost - lost.mean()))
    if group + 1 == output:
        # The output's neurons are the digits: their logits, which a softmax hides, are what the slopes are of.
        slope = slopes[own.last + 1].reshape(CLASSES, -1)[:, index]
        return NeuronView(value, incoming, output, np.diag(slope * value))
    rest = _run(model.layers[own.last + 1 : following.last + 1], silenced)
    lost = (found[following.last] - rest).reshape(-1, 1)
    return NeuronView(value, incoming, group + 1, lost * slopes[following.last + 1].reshape(CLASSES, -1).T)


def evidence(model: Sequential, image: Array, digit: int) -> Array | None:
    """Which pixels (28, 28) speak for a digit, and, negative, against it: gradient of its logit times input.

    None when the layers give no gradient.
    """
    slopes = _gradients(model, _batch(model, image), np.eye(CLASSES)[[digit]])
    return None if slopes is None else slopes[0].reshape(SIDE, SIDE) * image


def _incoming(model: Sequential, x: Array, group: Group, index: int) -> Array | None:
    """The gradient, for the pixels, of a neuron before its activation, so that none silences it."""
    dy = np.zeros(group.size, model.dtype)
    dy[index] = 1
    first = group.first
    for i in range(group.last, first, -1):
        if isinstance(model.layers[i], STAGE):  # past all others, each number is the one that it was
            past = _gradients(model, x, dy.reshape(1, *model.layers[i].output_shape), i)
            if past is None:
                return None
            dy = past[i]
    layer = model.layers[first]
    dy = dy.reshape(1, *layer.output_shape)
    if type(layer) is Dense:  # with an activation inside, its output is not what the weights make
        dy = dy @ layer.kernel.value.T
        first -= 1
    elif type(layer) is Conv2D and layer.activation is not None:
        bare = Conv2D.from_config({**layer.get_config(), "activation": None})
        alone = Sequential([Input(layer.input_shape), bare], dtype=model.dtype)
        alone.set_weights(layer.get_weights())
        dy = gradients(alone, np.zeros((1, *layer.input_shape)), dy, 0)[0]
        first -= 1
    slopes = [dy] if first < 0 else _gradients(model, x, dy, first)
    return None if slopes is None else slopes[0].reshape(SIDE, SIDE)


def _gradients(model: Sequential, x: Array, dy: Array, layer: int | None = None) -> list[Array] | None:
    """`inspection.gradients`, None when a layer has no usable `backward`."""
    try:
        return gradients(model, x, dy, layer)
    except (NotImplementedError, TypeError, ValueError):
        return None


def _run(layers: Sequence[Layer], x: Array) -> Array:
    for layer in layers:
        x = layer.forward(x, False)
    return np.array(x)  # the layer will use its own again


def _batch(model: Sequential, image: Array) -> Array:
    return image.reshape(1, *model.input_shape)


def _kinds(layer: Layer) -> list[str]:
    """What a layer does, in a word or two: ["dense"], ["relu"], ["conv2d", "relu"] with an activation inside."""
    own = snake_case(type(layer).__name__)
    if isinstance(layer, STAGE):
        return [own.replace("_pooling2d", " pool").replace("_normalization", " norm")]
    function: Any = layer.activation if type(layer) in (Dense, Conv2D, Activation) else None  # type: ignore[attr-defined]
    if function is None:
        return [layer.label if layer.sublayers else own]
    name = snake_case(type(activations.get(function)).__name__)
    return [name] if isinstance(layer, Activation) else [own, name]


def _times(shape: Shape) -> str:
    return "×".join(map(str, shape))
