"""Cases of the callbacks."""

from framework import callbacks

CALLBACKS = [
    callbacks.CSVLogger("history.csv", append=True),
    callbacks.EarlyStopping("val_accuracy", patience=3, mode="max", restore_best_weights=True),
    callbacks.History(),
    callbacks.LambdaCallback(on_epoch_end=print),
    callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
    callbacks.ModelCheckpoint("best-{epoch}.json", save_best_only=True),
    callbacks.ProgressBar(2),
    callbacks.StopOnSignal(),
]

PYTHON_ONLY = (callbacks.LambdaCallback, callbacks.LearningRateScheduler)
"""Classes whose arguments are functions, which no file can hold."""
