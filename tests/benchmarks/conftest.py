"""Peers that are made up, for the tests of how peers are run and compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import mnist
from benchmarks.peers import Peer
from benchmarks.results import Run
from benchmarks.session import Session

PATIENT = """
import numpy as np


class Net:
    def feed(self, x, y, seed):
        self.n = len(x)

    def train(self, batch_size, epochs):
        print("what a peer prints is no answer")

    def scores(self, x):
        return np.eye(10)[np.zeros(len(x), int)]

    def single(self, x):
        return {"": lambda: None}


def mlp(weights, learning_rate):
    return Net()
"""
FAILING = PATIENT.replace('print("what a peer prints is no answer")', 'raise RuntimeError("no luck today")')
DYING = """
import os
import sys

print("Fatal: the library gives up", file=sys.stderr)
sys.stderr.flush()
os._exit(3)
"""
BROKEN = "import a_module_that_nobody_has\n"


@pytest.fixture
def peers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Peer]:
    """Peers by name: one does nothing well, and the others fail in their own ways."""
    folder = tmp_path / "fakes"
    folder.mkdir()
    sources = {"patient": PATIENT, "failing": FAILING, "dying": DYING, "broken": BROKEN}
    for name, source in sources.items():
        (folder / f"{name}_peer.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return {name: Peer(name, name.capitalize(), f"{name}_peer", program="pass") for name in sources}


@pytest.fixture
def session(peers: dict[str, Peer], tmp_path: Path) -> Session:
    """With the patient peer in our place."""
    run = Run("python -m benchmarks", {}, "the sample", 2)
    ours = Peer("ours", "this framework", "patient_peer", program="import framework")
    return Session([ours, *peers.values()], [1], 2, True, str(mnist.SAMPLE), run, tmp_path / "results.json")
