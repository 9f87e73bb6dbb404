"""Recipes trained with several seeds by the command that everybody uses, one or a few at the same time."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import framework
from framework import config
from framework.files import write_atomically

from . import machine
from .processes import ROOT, cores_for

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
NOTE = "training.json"
"""In the folder of a run that has finished: how it was trained, and its figures."""


class TrainingError(RuntimeError):
    """A training failed; the message is the last line that it had to say."""


@dataclass(frozen=True)
class Training:
    """A recipe with one seed, and the folder of its run.

    settings: what is replaced in the recipe, with {seed} and {index} as they were written; overrides: filled in.
    The folder's name ends in a digest of the whole experiment, defaults written out. So a folder that is there holds
    the run of just this experiment, and has a NOTE in it once it has finished.
    """

    path: Path
    seed: int
    settings: tuple[str, ...]
    overrides: tuple[str, ...]
    folder: Path

    @property
    def recipe(self) -> str:
        return self.path.stem

    @property
    def command(self) -> list[str]:
        """What a user types to train it, in words."""
        values = [f"seed={self.seed}", *self.overrides]
        return ["python", "-m", "apps.mnist.train", str(self.path), *values, "--run-dir", str(self.folder)]

    @property
    def is_done(self) -> bool:
        return (self.folder / NOTE).exists()

    def outcome(self) -> dict[str, Any]:
        """What the finished run was noted to have come to; see `run`."""
        found: dict[str, Any] = json.loads((self.folder / NOTE).read_text(encoding="utf-8"))
        return found


def plan(path: Path, seeds: Sequence[int], settings: Sequence[str], output: Path) -> list[Training]:
    """A recipe's trainings. In the settings, {seed} and {index} stand for the run's seed and its number from 0.

    Raises ConfigError, before anything is trained, when the recipe or a setting cannot be used.
    """
    import apps.mnist.train  # noqa: F401  # registers the datasets that recipes name

    found = []
    for index, seed in enumerate(seeds):
        overrides = tuple(filled_in(text, seed, index) for text in settings)
        experiment = config.load(path, [f"seed={seed}", *overrides]).to_yaml()
        digest = hashlib.sha256(experiment.encode()).hexdigest()[:8]
        found.append(Training(path, seed, tuple(settings), overrides, output / f"{path.stem}-seed{seed}-{digest}"))
    return found


def filled_in(setting: str, seed: int, index: int) -> str:
    """
    >>> filled_in("data.pendigits.fold={index}", seed=7, index=2)
    'data.pendigits.fold=2'
    """
    return setting.replace("{seed}", str(seed)).replace("{index}", str(index))


def run_all(trainings: Sequence[Training], jobs: int) -> Iterator[tuple[Training, TrainingError | None]]:
    """Trains those that are not done, `jobs` at the same time; yields each as it ends, with what went wrong.

    With one job nothing is pinned; with several, each has a core of its own and one thread. Raises ValueError for more
    jobs than cores.
    """
    free: queue.SimpleQueue[int] = queue.SimpleQueue()
    for core in cores_for(jobs):
        free.put(core)
    with ThreadPoolExecutor(jobs, initializer=None if jobs == 1 else lambda: _stay_on(free.get())) as pool:
        waiting = {pool.submit(run, training, jobs): training for training in trainings if not training.is_done}
        yield from ((training, None) for training in trainings if training not in waiting.values())
        try:
            for future in as_completed(waiting):
                error = future.exception()
                if error is not None and not isinstance(error, TrainingError):
                    raise error
                yield waiting[future], error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # those under way get Ctrl-C from the terminal, too


def _stay_on(core: int) -> None:
    """Keeps this thread, and with it the processes that it starts, on one core; on systems that can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def run(training: Training, jobs: int) -> None:
    """Trains in a process, and notes in the run's folder what it came to.

    Raises TrainingError when the process fails, and for a model that could not be judged.
    """
    folder = training.folder
    if folder.exists():  # of a run that was interrupted, or failed
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    command = [sys.executable, *training.command[1:], "--verbose", "2"]
    load_before = machine.load()
    with (folder / "output.txt").open("wb") as output:
        status = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, env=_environment(jobs)).returncode
    if status:
        said = (folder / "output.txt").read_text(encoding="utf-8", errors="replace").splitlines()
        last = next((line.strip() for line in reversed(said) if line.strip()), f"ended with status {status}")
        raise TrainingError(f"{' '.join(training.command)}: {last} (all that it said is in {folder / 'output.txt'})")
    model = framework.load_model(folder / "model.json", compile=False)
    if "figures" not in model.metadata:
        raise TrainingError(f"{' '.join(training.command)}: there is nothing to judge by, or the training failed")
    note = {
        "seed": training.seed,
        "seconds": model.metadata["run"]["seconds"],
        "jobs": jobs,
        "load_before": load_before,
        "load_after": machine.load(),
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "parameters": model.count_params(),
        "bytes": (folder / "model.json").stat().st_size,
        "figures": model.metadata["figures"],
    }
    write_atomically(folder / NOTE, (json.dumps(note, indent=1) + "\n").encode())


def _environment(jobs: int) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    threads = {} if jobs == 1 else dict.fromkeys(THREAD_VARIABLES, "1")
    return {**os.environ, **threads, "PYTHONPATH": path}
