"""Kills training runs at random moments, looks at every file that they leave, and lets them go on to the end."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from framework import load_model
from framework.documents import read

ROOT = Path(__file__).parents[2]
RECIPE = """\
seed: 7
threads: 2
data: {mnist: {path: sample}}
augment:
  - random_affine: {rotation: 8, scale: 0.08, shear: 5, shift: 1}
model:
  name: unbreakable
  input: [28, 28]
  layers:
    - flatten
    - dense: {units: 32, kernel_initializer: he_normal}
    - batch_normalization
    - relu
    - dropout: 0.2
    - dense: 10
    - softmax
loss: sparse_categorical_crossentropy
optimizer: {adam: {learning_rate: {one_cycle: {max_learning_rate: 0.01, total_steps: 315}}, use_ema: true}}
metrics: [accuracy]
train: {epochs: 5, batch_size: 64}
checkpoint: {every: EVERY}
callbacks:
  - swap_ema_weights
  - early_stopping: {monitor: val_loss, patience: 2, restore_best_weights: true}
"""
"""Dropout, augmentation, Adam, one cycle, early stopping, an average of the weights, batches made in a thread."""
LOOK = 0.05
"""Seconds between two looks at the files of a run that is at work."""


@dataclass
class Outcome:
    """What has happened so far."""

    kills: int = 0
    runs: int = 0
    looks: int = 0
    """How often all files of a run were read, while it ran and after it was killed."""
    problems: list[str] = field(default_factory=list)

    def look(self, folder: Path) -> None:
        """Reads all files of a run."""
        self.problems += broken_files(folder)
        self.looks += 1


def result(folder: Path) -> dict[str, Any]:
    """What a run ended with, without the time that it took."""
    model = json.loads((folder / "model.json").read_bytes())
    del model["metadata"]["run"]
    return {"model": model, "history": (folder / "history.csv").read_bytes() + (folder / "history.json").read_bytes()}


def broken_files(folder: Path) -> Iterator[str]:
    """Each lasting file below the folder that cannot be read as what its name promises, with the reason."""
    # Not rglob: it raises when a folder goes while it is listed, as that of the checkpoint does in the end.
    found = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    for path in sorted(found):
        if path.name.startswith(".") or ".tmp" in path.name:
            continue
        try:
            _look(path)
        except FileNotFoundError:
            pass  # it has gone since it was listed: that of a run that is done, say
        except Exception as error:
            yield f"{path}: {error!r}"


def _look(path: Path) -> None:
    if path.name == "model.json":
        load_model(path)
    elif path.name in ("latest.json", "previous.json"):
        read(path)
    elif path.suffix == ".json":
        json.loads(path.read_bytes())
    elif path.suffix == ".csv":
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode())))
        if any(len(row) != len(rows[0]) for row in rows) or not path.read_bytes().endswith(b"\n"):
            raise ValueError("a line is cut short")
    elif path.suffix == ".png":
        if not path.read_bytes().endswith(b"IEND\xaeB`\x82"):
            raise ValueError("the picture is cut short")
    elif path.suffix == ".yaml":
        if path.read_bytes() and not path.read_bytes().endswith(b"\n"):
            raise ValueError("the text is cut short")
    elif path.suffix != ".md":
        raise ValueError("nobody knows this file")


def start(recipe: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Begins the run, or goes on with it where it has left something to go on with."""
    begun = (folder / "run.json").exists()
    arguments = ["--resume", str(folder)] if begun else [str(recipe), "--run-dir", str(folder)]
    command = [sys.executable, "-m", "apps.mnist.train", *arguments, "--verbose", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
    return subprocess.Popen(
        command, cwd=folder.parent, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def whole_run(recipe: Path, folder: Path) -> tuple[dict[str, Any], float]:
    """The result of a run that nobody disturbs, and how many seconds it takes."""
    begin = time.monotonic()
    process = start(recipe, folder)
    _, said = process.communicate()
    if process.returncode:
        raise RuntimeError(said.decode())
    return result(folder), time.monotonic() - begin


def disturbed_runs(where: Path, kills: int, every: str, seed: int) -> Iterator[Outcome]:
    """Kills as many processes, of as many runs as it takes, and lets the last run end; yields after each process.

    every: how often the runs keep their state. Delays are drawn from the time that a whole run takes.
    """
    rng, outcome = random.Random(seed), Outcome()
    recipe = where / "recipe.yaml"
    recipe.write_text(RECIPE.replace("EVERY", every))
    expected, seconds = whole_run(recipe, where / "whole")
    while outcome.kills < kills:
        folder = where / f"run {outcome.runs}"
        while True:
            delay = rng.uniform(0, seconds) if outcome.kills < kills else float("inf")
            process = start(recipe, folder)
            if _killed(process, delay, folder, outcome):
                outcome.kills += 1
            else:
                _, said = process.communicate()
                if process.returncode:
                    outcome.problems.append(f"{folder}: exit status {process.returncode}: {said.decode()}")
                break
            yield outcome
        outcome.runs += 1
        if not (folder / "model.json").exists() or result(folder) != expected:
            outcome.problems.append(f"{folder}: the result is another one")
        yield outcome


def _killed(process: subprocess.Popen[bytes], delay: float, folder: Path, outcome: Outcome) -> bool:
    """Looks at the files again and again, and kills the process after so many seconds, unless it has ended."""
    end = time.monotonic() + delay
    while process.poll() is None and time.monotonic() < end:
        time.sleep(min(LOOK, max(0.0, end - time.monotonic())))
        outcome.look(folder)
    killed = process.poll() is None
    if killed:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    outcome.look(folder)
    return killed
