"""What no signature can say: whether the parts of an experiment fit each other.

Every check works on the parts that are right in themselves, so that it finds its mistakes in one run with
those of the signatures. Nothing is allocated and no data is loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..callbacks import Callback, CallbackSpec
from ..callbacks.base import unmet_needs
from ..checkpoint import MAX_LAYERS
from ..layers import Input, Layer, LayerSpec, Softmax
from ..losses import Loss, LossSpec
from ..metrics import MetricSpec
from ..parameters import Array, Shape
from ..sequential import Sequential
from ..trainer import Trainer
from .components import Component, missing_key
from .errors import Mark, Problems
from .kinds import INVALID
from .reader import Node
from .schema import arguments_of, kind_of
from .settings import ModelSection


class Checks:
    """The checks of one tree; the tree need not be right."""

    def __init__(self, root: Node, problems: Problems) -> None:
        self.root = root
        self.problems = problems

    def loss_is_given(self) -> None:
        """Training needs a loss."""
        loss = self._item("loss")
        if loss.value is None:
            self.problems.add(loss.mark, missing_key("loss", "", "a loss, such as mean_squared_error"))

    def loss_can_be_trained_with(self) -> None:
        """The loss, where there is one, gives a single number to minimize."""
        loss: Loss | None = create(LossSpec, self._item("loss"))
        try:
            Trainer(Sequential(), "sgd", loss)
        except ValueError as error:
            self.problems.add(_mark(LossSpec, self._item("loss"), "reduction"), str(error))

    def model_fits_together(self, input_shape: Shape | None = None) -> Shape | None:
        """Layers in a possible order and with unique names, shapes that fit, an output that suits the loss.

        input_shape: that of the data, once it is known; otherwise the model's own `input` counts.
        Returns the shape of the output, None where it is not known.
        """
        model, nodes = Sequential(), self._items("model", "layers")
        input_shape = input_shape or self._input_shape()
        layers: list[tuple[Layer, Mark]] = []
        for index, node in enumerate(nodes):
            if index == MAX_LAYERS:
                self.problems.add(node.mark, f"a model has at most {MAX_LAYERS:,} layers")
                break
            layer = create(LayerSpec, node)
            if layer is None:
                break
            if isinstance(layer, Input) and index == 0:
                input_shape = self._only_shape(input_shape, layer, node)
            elif not self._add(model, layer, node):
                break
            layers.append((layer, _mark(LayerSpec, node)))
        if nodes and len(layers) == len(nodes) and not model.layers:
            self.problems.add(layers[0][1], "this is all that layers of model has; list at least one layer behind it")
        output = self._output_shape(layers, input_shape)
        loss = create(LossSpec, self._item("loss"))
        if len(layers) == len(nodes) and layers and loss is not None:
            self._loss_suits(loss, *layers[-1], output)
        return output if len(layers) == len(nodes) else None

    def targets_fit(self, targets: Array, output: Shape | None) -> None:
        """Targets that the loss can compare with outputs of this shape."""
        loss: Loss | None = create(LossSpec, self._item("loss"))
        if loss is None or output is None:
            return
        try:
            loss.check_targets(targets, output)
        except ValueError as error:
            self.problems.add(_mark(LossSpec, self._item("loss")), str(error))

    def _input_shape(self) -> Shape | None:
        shape = arguments_of(ModelSection)["input"].kind.check(self._item("model", "input"), "", Problems())
        sizes = [shape] if isinstance(shape, int) else shape
        return tuple(sizes) if isinstance(sizes, list) and all(size > 0 for size in sizes) else None

    def _only_shape(self, given: Shape | None, layer: Input, node: Node) -> Shape:
        if given is not None and given != tuple(layer.shape):
            self.problems.add(
                _mark(LayerSpec, node),
                f"an example has the shape {list(layer.shape)} here, but {list(given)} in the data or in the "
                f"model's 'input'; make them agree",
            )
        return tuple(layer.shape)

    def _add(self, model: Sequential, layer: Layer, node: Node) -> bool:
        try:
            model._append(layer)  # a model without an input shape only takes note of its layers
        except (ValueError, TypeError) as error:
            self.problems.add(_mark(LayerSpec, node), str(error))
            return False
        return True

    def _output_shape(self, layers: Sequence[tuple[Layer, Mark]], shape: Shape | None) -> Shape | None:
        """The shape behind the last layer; None where it is unknown or a layer cannot take what it gets."""
        for layer, mark in layers:
            if shape is None:
                break
            try:
                shape = layer.declare(shape)
                _try_initializers(layer)
            except (ValueError, TypeError, ArithmeticError, LookupError) as error:
                message = str(error)
                if layer.label not in message:
                    message = f"layer {layer.label!r} cannot take examples of shape {shape}: {message}"
                self.problems.add(mark, message)
                shape = None
        return shape

    def _loss_suits(self, loss: Loss, last: Layer, mark: Mark, output: Shape | None) -> None:
        end = last.output_layer()
        makes_probabilities = loss.absorbs is not None and isinstance(end, loss.absorbs)
        if getattr(loss, "from_logits", False) and makes_probabilities:
            self.problems.add(
                _mark(LossSpec, self._item("loss"), "from_logits"),
                f"from_logits: true is for a model without {end.registered_name} at its end, and this one has it "
                f"{mark.words}; remove one of the two",
            )
        if loss.absorbs is Softmax and output is not None and output[-1:] == (1,):
            self.problems.add(
                mark,
                f"{loss.registered_name} needs one output for each class, and the last layer has a single one; "
                f"give it more units, or use the loss binary_crossentropy",
            )

    def monitors_exist(self, has_validation: bool) -> None:
        """Whatever a callback watches is among the figures that training reports."""
        names = self._figures()
        if names is None:
            return
        names += [f"val_{name}" for name in names] if has_validation else []
        nodes = self._items("callbacks")
        created: list[Callback | None] = [create(CallbackSpec, node) for node in nodes]
        node_of = {id(callback): node for node, callback in zip(nodes, created, strict=True)}
        for callback, error in unmet_needs([callback for callback in created if callback is not None], names):
            self.problems.add(_mark(CallbackSpec, node_of[id(callback)], "monitor"), str(error))

    def _figures(self) -> list[str] | None:
        """The names in the logs; None where a metric is wrong, which has been said."""
        specs: dict[str, list[Any]] = {}
        for key in ("metrics", "weighted_metrics"):
            if not isinstance(self._item(key).value, list | None):
                return None
            specs[key] = [kind_of(MetricSpec).check(node, "", Problems()) for node in self._items(key)]
            if INVALID in specs[key]:
                return None
        try:
            return Trainer(Sequential(), "sgd", None, **specs).names
        except ValueError as error:  # two of one name
            self.problems.add(self._item("metrics" if specs["metrics"] else "weighted_metrics").mark, str(error))
            return None

    def _item(self, *path: str) -> Node:
        """The node under these keys, or a null."""
        node = self.root
        for key in path:
            value = node.value if isinstance(node.value, dict) else {}
            node = value.get(key, Node(None, node.mark))
        return node

    def _items(self, *path: str) -> list[Node]:
        node = self._item(*path)
        return node.value if isinstance(node.value, list) else []


def _try_initializers(layer: Layer) -> None:
    """Some draw matrices only: each is tried on the smallest array of as many axes as its parameter."""
    for parameter in layer.weights:
        if parameter.initializer is not None:
            parameter.initializer((1,) * len(parameter.shape), np.random.default_rng(0))


def create(spec: Any, node: Node) -> Any:
    """The component that a node describes, or None when it is wrong, which the signatures' check reports."""
    component = _component(spec)
    value = component.check(node, "", Problems())
    return None if value is INVALID else component.registry.create(value)


def _mark(spec: Any, node: Node, argument: str = "") -> Mark:
    """Where an argument of a component was written, or the component's name when the argument was left out."""
    written = _component(spec).parse(node)
    if written is None:
        return node.mark
    arguments = written.arguments.value
    return arguments[argument].mark if isinstance(arguments, dict) and argument in arguments else written.mark


def _component(spec: Any) -> Component:
    kind = kind_of(spec)
    assert isinstance(kind, Component)
    return kind
