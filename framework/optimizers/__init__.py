"""Optimizers; `register` makes an optimizer of your own known by name."""

from .adaptive import Adam, AdamW, RMSprop
from .base import Optimizer, OptimizerSpec, registry
from .sgd import SGD

register = registry.register
get = registry.create

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "OptimizerSpec", "RMSprop", "get", "register", "registry"]
