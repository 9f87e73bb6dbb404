"""Training that has left the numbers: where it happened, and what to do about it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from .examination import all_finite, first_not_finite
from .layers.base import every_layer, named_weights
from .parameters import Array
from .replay import first_layer

if TYPE_CHECKING:
    from .layers import Layer
    from .sequential import Sequential

REMEDY = "a smaller learning rate, or clipnorm=1.0 for the optimizer, keeps the steps within bounds"


class DivergenceError(FloatingPointError):
    """A loss or a weight has become NaN or infinite; the message says where, and what helps.

    reason: what happened, for the message.
    loss: of the batch; None where a weight gave it away.
    step: the update of the optimizer that was about to be made, counted from 1, or the last one where a weight gave
        it away.
    layer: the path of the layer whose output went bad first, such as "block/dense_1"; None where all outputs are
        finite.
    weight: the name of the first weight that is no number, such as "block/dense_1/kernel"; None where all are.
    input_norm: the Euclidean norm of what that layer was given. weight_norms: that of each of its weights, by name.
    remedy: what helps, for the message; an empty text for nothing.

    >>> print(DivergenceError("the output of layer 'dense' holds inf", loss=math.inf, step=7, remedy="learn slower"))
    the loss is inf in step 7: the output of layer 'dense' holds inf; learn slower
    """

    epoch: int | None = None
    """The epoch of `fit`, counted from 0."""
    batch: int | None = None
    """The batch of that epoch, counted from 0."""
    last_good: str | None = None
    """Where the state before the error can be found, as a callback put it (see `Callback.last_good`)."""

    def __init__(
        self,
        reason: str,
        loss: float | None = None,
        step: int | None = None,
        layer: str | None = None,
        weight: str | None = None,
        input_norm: float | None = None,
        weight_norms: dict[str, float] | None = None,
        remedy: str = REMEDY,
    ) -> None:
        super().__init__(reason)  # copies and pickles are made of this, and of the attributes
        self.reason = reason
        self.loss = loss
        self.step = step
        self.layer = layer
        self.weight = weight
        self.input_norm = input_norm
        self.weight_norms = weight_norms or {}
        self.remedy = remedy

    def __str__(self) -> str:
        said = "training has diverged" if self.loss is None else f"the loss is {self.loss}"
        parts = [f"{said}{self._where()}: {self.reason}", self.remedy]
        if self.last_good is not None:
            parts.append(f"last good checkpoint: {self.last_good}")
        return "; ".join(part for part in parts if part)

    def _where(self) -> str:
        step = None if self.step is None else f"step {self.step}"
        if self.epoch is None:
            return "" if step is None else f" in {step}" if self.loss is not None else f" after {step}"
        if self.loss is None or self.batch is None:
            place = f" in epoch {self.epoch + 1}" if self.loss is not None else f" by the end of epoch {self.epoch + 1}"
        else:
            place = f" in batch {self.batch + 1} of epoch {self.epoch + 1}"
        return place if step is None else f"{place} ({step})"


def check_weights(model: Sequential, step: int | None = None) -> None:
    """Raises DivergenceError, naming weight and index, unless all weights and moving averages are finite.

    step: how many updates have been made, for the message.
    """
    if all(all_finite(vector) for vector in (model.parameters.value, model.state.value)):
        return
    found = _bad_weight(model)
    if found is not None:
        name, where = found
        raise DivergenceError(
            f"the weight {name!r} holds {where}", step=step, weight=name, layer=name.rpartition("/")[0]
        )


def diagnosis(
    model: Sequential,
    x: Array,
    y: Array,
    value: float,
    step: int,
    value_again: Callable[[Array], float],
    loss_name: str,
) -> DivergenceError:
    """Why the loss of a batch is not finite: the batch is run again, layer by layer; nothing that lasts is changed.

    value: that loss. step: the number of the update that was about to be made. value_again: gives the loss, without
    penalties, for outputs of the model. What a layer's moving averages took in of the batch stays, NaN or not.
    """
    where = first_not_finite(x)
    if where is not None:
        return DivergenceError(
            f"example {where[0]} of the batch holds {x[where]} at {where[1:]} when it reaches the model",
            loss=value,
            step=step,
            remedy="mend the data, or the transform that made it",
        )
    seen, y_pred = first_layer(model, x, lambda layer, x, y: not all_finite(y), training=True)
    if seen is not None:
        return _of_layer(*seen, value, step)
    assert y_pred is not None
    reason = _of_penalty(model)
    if reason is None and math.isfinite(value_again(y_pred)):
        reason = "run again with other random numbers, the batch gives a finite loss"
    elif reason is None:
        reason = (
            f"all outputs of the layers are finite, it is the loss function {loss_name} that overflows (the largest "
            f"prediction is of size {_largest(y_pred):.3g}, the largest target of {_largest(y):.3g})"
        )
    bad = _bad_weight(model)
    return DivergenceError(reason, loss=value, step=step, weight=None if bad is None else bad[0])


def _of_layer(path: str, layer: Layer, x: Array, y: Array, value: float, step: int) -> DivergenceError:
    where = first_not_finite(y)
    assert where is not None
    input_norm = _norm(x)
    norms = {name: _norm(parameter.value) for name, parameter in named_weights(layer)}
    reason = f"the output of layer {path!r} is the first that holds {y[where]}"
    bad = _bad_weight(layer)
    if bad is not None:
        made = f"the update of step {step - 1} made it so" if step > 1 else "it was so from the start"
        reason += f", because its weight {bad[0]!r} holds {bad[1]}: {made}"
    else:
        sizes = "".join(f", its {name} of norm {norm:.3g}" for name, norm in norms.items())
        reason += f" (its input is of norm {input_norm:.3g}{sizes})"
    weight = None if bad is None else f"{path}/{bad[0]}"
    return DivergenceError(reason, value, step, path, weight, input_norm, norms)


def _of_penalty(model: Sequential) -> str | None:
    for layer in every_layer(model):
        if layer.added_loss is not None and not math.isfinite(layer.added_loss):
            return f"the penalty that layer {layer.label!r} adds for its output overflows"
    for name, parameter in named_weights(model):
        if parameter.regularizer is not None and not math.isfinite(parameter.regularizer(parameter.value)):
            return (
                f"the penalty of {parameter.regularizer!r} on the weight {name!r}, "
                f"of norm {_norm(parameter.value):.3g}, overflows"
            )
    return None


def _bad_weight(layer: Layer) -> tuple[str, str] | None:
    """The name of the first weight that is not finite, and what it holds where; moving averages come last."""
    for name, parameter in sorted(named_weights(layer), key=lambda named: not named[1].trainable):
        index = first_not_finite(parameter.value)
        if index is not None:
            return name, f"{parameter.value[index]} at {index}"
    return None


def _largest(array: Array) -> float:
    return float(np.abs(array).max(initial=0))


def _norm(array: Array) -> float:
    return float(np.linalg.norm(np.asarray(array, np.float64)))
