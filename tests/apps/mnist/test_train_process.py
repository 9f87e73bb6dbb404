"""`python -m apps.mnist.train` in processes of its own: signals, terminals, users' modules, and the same bits."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from apps.mnist import data, train
from framework import load_model

COMMAND = (sys.executable, "-m", "apps.mnist.train", "--data", "sample")
QUIET = ("--verbose", "2")  # lines on stdout alone, no bars on stderr
SECONDS = 120
"""Patience with a process; no test takes as long, unless it fails."""

WITHOUT_MATPLOTLIB = """
import sys
sys.modules["matplotlib"] = None
"""
SWISH = """
import numpy as np
from framework import layers

@layers.register
class Swish(layers.Layer):
    def build(self, shape):
        return shape

    def forward(self, x, training=False):
        self.x, self.gate = x, 1 / (1 + np.exp(-x))
        return x * self.gate

    def backward(self, dy):
        return dy * self.gate * (1 + self.x * (1 - self.gate))
"""
STUCK = """
import threading
from framework import callbacks

@callbacks.register
class Stuck(callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        never = threading.Event()
        print("ready", flush=True)
        while not self.model.stop_training:
            never.wait(0.01)
        print("stuck", flush=True)
        never.wait()
"""


@contextmanager
def started(*arguments: object, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """The training in a process, which is gone when the block ends."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen([*COMMAND, *QUIET, *map(str, arguments)], **pipes, **options)
    patience = threading.Timer(SECONDS, process.kill)  # whoever waits for a line that never comes sees the end
    patience.start()
    try:
        yield process
    finally:
        patience.cancel()
        process.kill()
        process.communicate()


def finished(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    arguments = (*COMMAND, *QUIET, *map(str, arguments))
    return subprocess.run(arguments, capture_output=True, text=True, timeout=SECONDS, check=False, **options)


def wait_for(process: subprocess.Popen[str], beginning: str) -> None:
    """Reads lines until one begins like this; fails when the output ends."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(beginning):
            return
    pytest.fail(f"no line {beginning!r}; stderr: {process.stderr and process.stderr.read()}")


class TestSignals:
    @pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_the_first_one_stops_and_saves(
        self, tmp_path: Path, environment: dict[str, str], number: signal.Signals, status: int
    ) -> None:
        run = tmp_path / "run"
        with started("train.epochs=1000000", "--run-dir", run, env=environment) as process:
            wait_for(process, "Epoch ")
            process.send_signal(number)
            out, err = process.communicate(timeout=SECONDS)
        assert (process.returncode, err) == (status, "")
        stopped, go_on = out.splitlines()[-2:]
        assert re.match(
            rf"Stopped by {number.name} (in epoch \d+ of 1000000, after batch \d+ of 63|after epoch)", stopped
        )
        assert stopped.endswith(f"; the model as it is now was saved in {run / 'model.json'}")
        assert go_on == f"To go on with it: python -m apps.mnist.train --resume {run}"
        assert load_model(run / "model.json").count_params() == 109_386
        assert sorted(path.name for path in run.iterdir()) == [
            "checkpoint",
            "config.yaml",
            "history.csv",
            "history.json",
            "model.json",
            "run.json",
        ]
        epochs = json.loads((run / "history.json").read_text())["epoch"]
        assert len((run / "history.csv").read_text().splitlines()) == 1 + len(epochs)

    @pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_the_second_one_ends_at_once(
        self, tmp_path: Path, environment: dict[str, str], number: signal.Signals, status: int
    ) -> None:
        (tmp_path / "stuck.py").write_text(STUCK)
        options = ("--import", "stuck", "callbacks=[stuck]", "train.epochs=1000000", "--run-dir", "run")
        with started(*options, env=environment, cwd=tmp_path) as process:
            wait_for(process, "ready")
            process.send_signal(number)
            wait_for(process, "stuck")
            process.send_signal(number)
            _, err = process.communicate(timeout=SECONDS)
        assert process.returncode == status
        assert err == ("interrupted\n" if number == signal.SIGINT else "terminated\n")
        assert not (tmp_path / "run" / "model.json").exists()

    @pytest.mark.parametrize(("module", "name", "has_model"), [(data, "find", False), (train, "save_plots", True)])
    def test_ctrl_c_before_and_after_the_training_leaves_no_traceback(
        self, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, has_model: bool
    ) -> None:
        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(module, name, interrupted)
        run = tmp_path / "run"
        status, out, err = call(train.main, "--data", "sample", *QUIET, "train.epochs=1", "--run-dir", run)
        assert (status, err) == (130, "interrupted\n")
        assert (run / "model.json").exists() is has_model
        assert ("Trained for 1 epoch in" in out and str(run / "model.json") in out) is has_model


def test_the_same_seed_gives_the_same_bits_in_another_process(tmp_path: Path, environment: dict[str, str]) -> None:
    """Trained in another folder, and where there is no matplotlib."""
    (tmp_path / "without_matplotlib.py").write_text(WITHOUT_MATPLOTLIB)
    options = ("--import", "without_matplotlib", "train.epochs=1", "--run-dir")
    for run in ("first", "second"):
        end = finished(*options, run, env=environment, cwd=tmp_path)
        assert (end.returncode, end.stderr) == (0, "")
        assert "No plots: pictures need matplotlib; get it with: pip install" in end.stdout
        assert end.stdout.endswith(
            f"Saved: card.md, config.yaml, history.csv, history.json, model.json, run.json in {run}\n"
        )
    first, second = (json.loads((tmp_path / run / "model.json").read_text()) for run in ("first", "second"))
    for model in (first, second):
        for passing in ("seconds", "date"):
            del model["metadata"]["run"][passing]
    assert first == second


def test_a_users_layer_is_trained_and_evaluated(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "swish.py").write_text(SWISH)
    options: dict[str, Any] = {"env": environment, "cwd": tmp_path}
    end = finished("--import", "swish", "model.layers.2=swish", "train.epochs=1", "--run-dir", "run", **options)
    assert (end.returncode, end.stderr) == (0, "")
    assert "swish" in (tmp_path / "run" / "config.yaml").read_text()
    evaluate = [sys.executable, "-m", "apps.mnist.evaluate", "run", "--data", "sample"]
    options |= {"capture_output": True, "text": True, "check": False}
    without = subprocess.run(evaluate, **options)
    assert without.returncode == 2
    assert without.stderr.startswith(
        "error: run/model.json: model.layers[3].swish: the model's description is not valid (unknown layer 'swish'"
    )
    end = subprocess.run([*evaluate, "--import", "swish"], **options)
    assert (end.returncode, end.stderr) == (0, "")


def test_a_terminal_shows_live_bars_with_loss_and_accuracy(tmp_path: Path, environment: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 40, 120, 0, 0))
    (tmp_path / "without_matplotlib.py").write_text(WITHOUT_MATPLOTLIB)
    arguments = [*COMMAND, "--import", "without_matplotlib", "train.epochs=1", "--run-dir", "run"]
    terminal: dict[str, Any] = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with subprocess.Popen(arguments, env=environment, cwd=tmp_path, **terminal) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    assert process.returncode == 0
    frames = shown.decode().replace("\n", "\r").split("\r")
    bars = [frame for frame in frames if frame.startswith("Epoch 1/1") and "/63" in frame and "█" in frame]
    assert any("loss " in bar and "accuracy " in bar for bar in bars)
    assert max(map(len, frames)) <= 120
    assert sum("val_accuracy" in frame for frame in frames) == 1


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux says so when the other end is closed
        return b""
