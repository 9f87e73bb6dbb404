"""What the names that users give stand for: which class is behind "mse", and which behind "accuracy" here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .losses import Loss
from .parameters import Shape


def meanings(
    parts: Mapping[str, Any], loss: Loss | None, output_shape: Shape | None, target_shape: Shape | None = None
) -> dict[str, str]:
    """The names of the classes of losses and metrics; those that shapes decide about, such as accuracy, resolved.

    output_shape, target_shape: of one example, None while they are not known. What they would have to decide is
    left out then, unless the loss takes targets of one shape only.

    >>> from framework import losses, metrics
    >>> meanings({"acc": metrics.get("accuracy")}, losses.get("sparse_categorical_crossentropy"), (10,))
    {'acc': 'SparseCategoricalAccuracy'}
    """
    depends = any(hasattr(part, "resolve") for part in parts.values())
    if depends and target_shape is None and loss is not None and output_shape:
        target_shape = only_target_shape(loss, output_shape)
    found = {}
    for name, part in parts.items():
        if not hasattr(part, "resolve"):
            found[name] = type(part).__name__
        elif output_shape and target_shape is not None:
            found[name] = part.resolve((1, *target_shape), (1, *output_shape)).__name__
    return found


def only_target_shape(loss: Loss, output_shape: Shape) -> Shape | None:
    """The shape of one target, if the loss takes only one: that of the output, or without its axis of classes.

    >>> from framework import losses
    >>> only_target_shape(losses.get("categorical_crossentropy"), (10,)), only_target_shape(losses.get("mse"), (1,))
    ((10,), (1,))
    """
    fitting = []
    for shape in (output_shape, output_shape[:-1]):
        try:
            loss.check_targets(np.zeros((1, *shape), np.int64), output_shape)
        except Exception:  # a loss of somebody's own may say anything to what it does not expect
            continue
        fitting.append(shape)
    return fitting[0] if len(fitting) == 1 or (fitting and output_shape[-1] == 1) else None
