"""A process for each target: what kills it, kills nothing else, and its input is known."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from tqdm import tqdm

from . import findings, runs
from .runs import Tally
from .target import all_targets


def in_a_process(name: str, seconds: float, examples: int | None, seed: int, folder: Path) -> Tally:
    """Fuzzes a target in a process of its own, with a bar; an input that kills the process is a finding, too."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    tally = Tally(name)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as work:
        current = Path(work) / "input"
        child = context.Process(target=_child, args=(theirs, name, seconds, examples, seed, current, folder))
        child.start()
        theirs.close()
        with tqdm(desc=name, total=examples, unit="", leave=False, disable=None) as bar:
            try:
                while True:
                    tally = ours.recv()
                    bar.update(tally.examples - bar.n)
            except EOFError:
                pass
        child.join()
        if child.exitcode != 0:
            said = f"the process ended with status {child.exitcode}"
            path = findings.keep(name, current.read_bytes(), folder) if current.exists() else folder
            tally.failures.append((str(path), said))
    tally.spent = time.monotonic() - begin if not tally.spent else tally.spent
    return tally


def _child(
    theirs: Connection, name: str, seconds: float, examples: int | None, seed: int, current: Path, folder: Path
) -> None:
    told = 0.0

    def tell(tally: Tally) -> None:
        nonlocal told
        if time.monotonic() - told > 0.2:
            told = time.monotonic()
            theirs.send(tally)

    theirs.send(runs.fuzz(all_targets()[name], seconds, examples, seed, tell, current, folder))
