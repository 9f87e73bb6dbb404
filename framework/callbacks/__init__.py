"""Callbacks; `register` makes a callback of your own known by name."""

from .base import Callback, CallbackList, CallbackSpec, Logs, registry
from .csv_logger import CSVLogger
from .early_stopping import EarlyStopping
from .history import History
from .lambda_callback import LambdaCallback
from .learning_rate import LearningRateScheduler
from .model_checkpoint import ModelCheckpoint
from .progress import ProgressBar
from .stop_on_signal import StopOnSignal

register = registry.register
get = registry.create

__all__ = [
    "CSVLogger",
    "Callback",
    "CallbackList",
    "CallbackSpec",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "Logs",
    "ModelCheckpoint",
    "ProgressBar",
    "StopOnSignal",
    "get",
    "register",
    "registry",
]
