"""Optimizers; `register` makes an optimizer of your own known by name."""

from .. import schedules
from .adafactor import Adafactor
from .adam import Adam, Adamax, AdamW
from .adaptive import Adadelta, Adagrad, RMSprop
from .base import LearningRate, Optimizer, OptimizerSpec, registry
from .ftrl import Ftrl
from .lamb import Lamb
from .lion import Lion
from .nadam import Nadam
from .sgd import SGD

register = registry.register
get = registry.create

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "LearningRate",
    "Lion",
    "Nadam",
    "Optimizer",
    "OptimizerSpec",
    "RMSprop",
    "get",
    "register",
    "registry",
    "schedules",
]
