"""Checks that prove a layer, a loss, an optimizer or any other component right, the built-in ones and your own.

Each takes a class, a function that makes an instance, or an instance, raises `CheckFailedError` with the
check that failed and the numbers, and returns the names of the checks that passed.
"""

from .base import CheckFailedError, CheckResult, every_result
from .components import check_component
from .layers import check_layer
from .losses import check_loss
from .optimizers import check_optimizer

__all__ = [
    "CheckFailedError",
    "CheckResult",
    "check_component",
    "check_layer",
    "check_loss",
    "check_optimizer",
    "every_result",
]
