"""What an import costs: a fresh process that does nothing else, on one thread, with all bytecode at hand."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from ..processes import ROOT, PeerError, environment, pinned
from ..results import Comparison, entries_of
from ..session import Session


def run(session: Session) -> None:
    with tempfile.TemporaryDirectory() as bytecode:
        own = {"ours": ("import framework", "import framework"), "numpy": ("import numpy", "import numpy")}
        own["python"] = ("nothing", "pass")
        _compare(session, "Import, beside NumPy", own, session.repeats * 3, bytecode)
        peers = {p.name: (p.label.partition(" (")[0], p.program) for p in session.peers if p.program}
        if len(peers) > 1:
            _compare(session, "Import", peers, session.repeats, bytecode)


def _compare(session: Session, title: str, programs: dict[str, tuple[str, str]], rounds: int, bytecode: str) -> None:
    """programs: label and text of each. bytecode: a folder for what Python compiles, whatever the user's settings."""
    variables = {**environment(1), "PYTHONPYCACHEPREFIX": str(Path(bytecode))}
    tasks = {name: partial(_seconds, program, variables) for name, (_, program) in programs.items()}
    _, errors = session.measure(title, tasks, 1, 1)  # so that everything is compiled
    alive = {name: task for name, task in tasks.items() if name not in errors}
    values, later = session.measure(title, alive, rounds, 1)
    labels = {name: label for name, (label, _) in programs.items()}
    work = "a Python process that imports one thing, from its start to its end"
    headline = {peer.name for peer in session.peers} >= set(programs)
    entries = entries_of(labels, values, errors | later)
    session.add(Comparison("startup", title, work, 1, "s", entries, headline=headline))


def _seconds(program: str, variables: dict[str, str]) -> float:
    begin = time.perf_counter()
    with pinned(1):
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, check=False)
    seconds = time.perf_counter() - begin
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise PeerError(lines[-1] if lines else f"ended with status {done.returncode}")
    return seconds
