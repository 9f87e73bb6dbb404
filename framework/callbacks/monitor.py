"""Watching one figure of the logs: better or not, and where it went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..metrics import registry as metrics
from ..registry import ArgumentError, nearest
from .base import Logs

if TYPE_CHECKING:
    from ..sequential import Sequential

Mode = Literal["auto", "min", "max"]


def check_mode(owner: str, mode: str) -> Mode:
    """The mode; raises ArgumentError when it is none."""
    if mode not in ("auto", "min", "max"):
        raise ArgumentError(f"{owner}: mode must be 'auto', 'min' or 'max', got {mode!r}", "mode")
    return mode  # type: ignore[return-value]


def check_monitor(owner: str, monitor: str, available: Sequence[str]) -> None:
    """Raises ValueError when the figure will not be in the logs, with those that will."""
    if monitor in available:
        return
    near = nearest(monitor, available)
    hint = f"; did you mean {near!r}?" if near else ""
    missing = ""
    if monitor.startswith("val_") and not any(name.startswith("val_") for name in available):
        missing = "; there is no validation data"
    raise ValueError(
        f"{owner}: the monitored figure {monitor!r} will not be there{missing}{hint} "
        f"(available: {', '.join(available)})"
    )


def watched(owner: str, monitor: str, logs: Logs | None) -> float | None:
    """The figure of this epoch, or None where the logs lack it, as without validation.

    Raises ValueError for one that consists of several numbers, none of which is the better one.
    """
    figure: Any = (logs or {}).get(monitor)
    if np.ndim(figure):
        raise ValueError(
            f"{owner}: the monitored figure {monitor!r} is no single number but has the shape {np.shape(figure)}: "
            f"give its metric an average where it takes one, such as average='macro', or watch another figure"
        )
    return None if figure is None else float(figure)


def direction(monitor: str, mode: str, model: Sequential | None = None) -> Literal["min", "max"]:
    """Which way is better: as `mode` says, else as the metric of that name says, else down, as for losses."""
    if mode in ("min", "max"):
        return mode  # type: ignore[return-value]
    name = monitor.removeprefix("val_")
    for metric in model.metrics if model is not None else ():
        if metric.name == name:
            return metric.direction
    name = name.removeprefix("weighted_")
    return metrics[name].direction if name in metrics else "min"
