"""Cases of the callbacks."""

from framework import callbacks

CALLBACKS = [
    callbacks.BackupAndRestore("backup", save_freq=100, double_checkpoint=True),
    callbacks.CSVLogger("history.csv", append=True),
    callbacks.EarlyStopping("val_accuracy", patience=3, mode="max", restore_best_weights=True),
    callbacks.History(),
    callbacks.LambdaCallback(on_epoch_end=print),
    callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
    callbacks.ModelCheckpoint("best-{epoch}.json", save_best_only=True),
    callbacks.ProgressBar(2),
    callbacks.ReduceLROnPlateau("loss", factor=0.5, cooldown=2),
    callbacks.StopOnSignal(),
    callbacks.SwapEMAWeights(),
    callbacks.TensorBoard("logs", update_freq=100),
    callbacks.TerminateOnNaN(True),
]

PYTHON_ONLY = (callbacks.LambdaCallback, callbacks.LearningRateScheduler)
"""Classes whose arguments are functions, which no file can hold."""
