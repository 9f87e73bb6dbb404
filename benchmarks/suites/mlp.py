"""Training of 784-128-64-10 with plain SGD: epochs, warm, and the whole job from the start of a process."""

from __future__ import annotations

import time
from functools import partial

from ..processes import errand
from ..results import Comparison
from ..session import Session
from .training import epochs

BATCH_SIZES = (32, 128)
LEARNING_RATE = 0.1
JOB_EPOCHS = 10
JOB_BATCH_SIZE = 128


def run(session: Session) -> None:
    images = 6_000 if session.quick else 60_000
    for threads in session.threads:
        with session.workers("mlp", threads) as workers:
            for batch_size in BATCH_SIZES:
                epochs(
                    session,
                    workers,
                    Comparison(
                        "mlp",
                        f"MLP, epoch at batch {batch_size}",
                        f"784-128-64-10, SGD {LEARNING_RATE}, batch {batch_size}: an epoch of {images:,} images",
                        threads,
                        "s",
                        session.labelled("mlp"),
                        images=images,
                    ),
                    net="mlp",
                    batch_size=batch_size,
                    learning_rate=LEARNING_RATE,
                    images=images,
                )


def jobs(session: Session) -> None:
    images = 6_000 if session.quick else 60_000
    for threads in session.threads:
        whole_job(session, threads, images)


def whole_job(session: Session, threads: int, images: int) -> None:
    """From the start of a fresh process to a trained model, everything included; the first time is not counted."""
    count = 2 if session.quick else JOB_EPOCHS
    comparison = Comparison(
        "mlp",
        f"MLP, whole job of {count} epochs",
        f"from the start of the process, over loading MNIST, to the trained model: 784-128-64-10, SGD {LEARNING_RATE}, "
        f"batch {JOB_BATCH_SIZE}, {count} epochs of {images:,} images",
        threads,
        "s",
        session.labelled("mlp"),
        images=count * images,
    )
    task = {"net": "mlp", "batch_size": JOB_BATCH_SIZE, "learning_rate": LEARNING_RATE, "images": images}
    accuracies: dict[str, float] = {}

    def job(name: str, module: str) -> float:
        with errand("benchmarks.job", threads, module=module, data=session.data, epochs=count, **task) as child:
            child.answer()
            seconds = time.perf_counter() - child.begin
            accuracies[name] = child.answer()["accuracy"]
        return seconds

    tasks = {peer.name: partial(job, peer.name, peer.module) for peer in session.those_with("mlp")}
    rounds = 1 + max(2, session.repeats // 2)
    values, errors = session.measure(comparison.title, tasks, rounds, threads)
    for entry in comparison.entries:
        entry.first, entry.values = next(iter(values[entry.name]), None), values[entry.name][1:]
        entry.error, entry.accuracy = errors.get(entry.name), accuracies.get(entry.name)
    session.add(comparison)
