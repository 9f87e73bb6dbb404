"""Checks that prove a layer, a loss or an optimizer right, for the built-in classes and for your own.

Each takes a class, a function that makes an instance, or an instance, raises `CheckFailedError` with the
check that failed and the numbers, and returns the names of the checks that passed.
"""

from .base import CheckFailedError
from .layers import check_layer
from .losses import check_loss
from .optimizers import check_optimizer

__all__ = ["CheckFailedError", "check_layer", "check_loss", "check_optimizer"]
