"""Callbacks; `register` makes a callback of your own known by name."""

from .backup import BackupAndRestore
from .base import Callback, CallbackList, CallbackSpec, Logs, registry
from .csv_logger import CSVLogger
from .early_stopping import EarlyStopping
from .history import History
from .lambda_callback import LambdaCallback
from .learning_rate import LearningRateScheduler
from .model_checkpoint import ModelCheckpoint
from .progress import ProgressBar
from .reduce_lr_on_plateau import ReduceLROnPlateau
from .stop_on_signal import StopOnSignal
from .swap_ema_weights import SwapEMAWeights
from .tensorboard import TensorBoard
from .terminate_on_nan import TerminateOnNaN

register = registry.register
get = registry.create

__all__ = [
    "BackupAndRestore",
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
    "ReduceLROnPlateau",
    "StopOnSignal",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
    "get",
    "register",
    "registry",
]
