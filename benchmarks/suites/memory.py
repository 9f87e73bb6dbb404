"""Memory: of a whole job, of training from a file that does not fit, and of very many parameters; on one thread."""

from __future__ import annotations

from functools import partial

from ..processes import errand, once
from ..resident import available_megabytes
from ..results import Comparison, entries_of
from ..session import Session

ERRANDS = "benchmarks.errands"
ROUNDS = 2
"""Little changes from one time to the next."""
ENOUGH = 40.0
"""Bytes that a parameter may take at most for the test of very many to begin."""


def run(session: Session) -> None:
    _job(session)
    _file(session)
    _parameters(session)


def _job(session: Session) -> None:
    images = 6_000 if session.quick else 60_000
    task = {"data": session.data, "net": "mlp", "batch_size": 128, "learning_rate": 0.1, "images": images, "epochs": 2}

    def peak(module: str) -> float:
        with errand("benchmarks.job", 1, module=module, **task) as child:
            child.answer()
            return float(child.answer()["peak"])

    labels = {peer.name: peer.label for peer in session.those_with("mlp")}
    tasks = {peer.name: partial(peak, peer.module) for peer in session.those_with("mlp")}
    labels["recipe"] = "apps.mnist.train, images kept as bytes"
    tasks["recipe"] = partial(once, "peak", ERRANDS, do="recipe", data=session.data, quick=session.quick)
    values, errors = session.measure("Peak memory", tasks, ROUNDS, 1)
    work = f"the largest resident set of a process that trains 784-128-64-10 on {images:,} images, kept as float32"
    session.add(Comparison("memory", "Peak memory", work, 1, "MB", entries_of(labels, values, errors)))


def _file(session: Session) -> None:
    sizes = (16, 64) if session.quick else (64, 256, 1024)
    tasks = {str(size): partial(once, "megabytes", ERRANDS, do="file", megabytes=size) for size in sizes}
    title = "Training from a memory-mapped file"
    values, errors = session.measure(title, tasks, 1, 1)
    labels = {str(size): f"a file of {size:,} MB" for size in sizes}
    work = "by how much the anonymous memory grows during `fit` on a `np.memmap`, shuffled"
    session.add(Comparison("memory", title, work, 1, "MB", entries_of(labels, values, errors), base=None))


def _parameters(session: Session) -> None:
    count, room = 10**7 if session.quick else 10**8, available_megabytes()
    if room is not None and 1e6 * room < ENOUGH * count:
        session.say(f"only {room:,.0f} MB are free: {count:,} parameters are left out")
        return
    labels = {"sgd": "SGD", "adam": "Adam"}
    tasks = {name: partial(once, "bytes", ERRANDS, do="parameters", count=count, optimizer=name) for name in labels}
    title = f"Training {count:,} parameters"
    values, errors = session.measure(title, tasks, 1, 1)
    work = "the peak of building and training one Dense layer, beyond what the imports take"
    session.add(Comparison("memory", title, work, 1, "bytes/parameter", entries_of(labels, values, errors), base=None))
