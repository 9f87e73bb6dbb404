"""Processes that are measured: pinned to their cores before they start, and asked one thing at a time."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PATIENCE = 900.0
"""Seconds after which an answer will not come any more."""
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
ON_THE_PROCESSOR = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}
LEFT_OUT = ("PYTHONDONTWRITEBYTECODE", "KERAS_BACKEND", "XLA_FLAGS", "MPNN_BACKEND")
"""Variables of the user's that would change what is measured."""


class PeerError(RuntimeError):
    """A peer's process failed; the message is the last line that it had to say."""


def available_cores() -> list[int]:
    """The cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def cores_for(threads: int) -> list[int]:
    """The cores for so many threads: the last ones, as the first has most of the system's own work.

    Raises ValueError when there are fewer.
    """
    cores = available_cores()
    if not 1 <= threads <= len(cores):
        raise ValueError(f"{threads} threads: this process may use {len(cores)} core(s), so give 1 to {len(cores)}")
    return cores[-threads:]


def environment(threads: int) -> dict[str, str]:
    """The variables that a measured process gets."""
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    path = os.pathsep.join([str(ROOT), *filter(None, [kept.get("PYTHONPATH")])])
    return {**kept, **dict.fromkeys(THREAD_VARIABLES, str(threads)), **ON_THE_PROCESSOR, "PYTHONPATH": path}


@contextmanager
def pinned(threads: int) -> Iterator[None]:
    """While it lasts, new processes begin on the cores for so many threads; on systems that can do that."""
    cores = cores_for(threads)
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)  # which a new process has from its first moment on
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Child:
    """A Python process with a module of ours on so many threads, each on a core.

    begin: when it was started, on the clock of `time.perf_counter`.
    """

    def __init__(self, module: str, arguments: Sequence[str], threads: int, patience: float = PATIENCE) -> None:
        self.patience, self._unread = patience, b""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
        command = [sys.executable, "-m", module, *arguments]
        self.begin = time.perf_counter()
        with pinned(threads):
            self.process = subprocess.Popen(
                command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                cwd=ROOT,
                env=environment(threads),
            )

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Asks, and waits for the answer. Raises PeerError when it fails, and when it ends instead."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write((json.dumps({"do": do, **arguments}) + "\n").encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise PeerError(self._last_words()) from None
        return self.answer()

    def figure(self, answer: str, do: str, **arguments: Any) -> float:
        """Asks, and picks one figure from the answer."""
        return float(self.ask(do, **arguments)[answer])

    def answer(self) -> dict[str, Any]:
        """The next line of JSON that it writes."""
        assert self.process.stdout is not None
        end = time.monotonic() + self.patience
        while b"\n" not in self._unread:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise PeerError(f"no answer within {self.patience:g} s")
            if not (read := os.read(self.process.stdout.fileno(), 65536)):
                raise PeerError(self._last_words())
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PeerError(answer["error"])
        return answer

    def _last_words(self) -> str:
        status = self.process.wait()
        self._log.seek(0)
        lines = [line for line in self._log.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else f"ended with status {status} without a word"

    def end(self) -> None:
        """Ends the process, if it has not ended by itself."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self._log):
            if stream is not None:
                stream.close()


def worker(module: str, threads: int) -> Child:
    """A process of a peer, see `worker.py`."""
    return Child("benchmarks.worker", [module, str(threads)], threads)


def errand(program: str, threads: int, /, **arguments: Any) -> Child:
    """A process that does one thing, which `arguments` describe to it in JSON, and ends."""
    return Child(program, [json.dumps({"threads": threads, **arguments})], threads)


def once(answer: str, program: str, threads: int = 1, /, **arguments: Any) -> float:
    """One figure from what the process of an errand answers."""
    with errand(program, threads, **arguments) as child:
        return float(child.answer()[answer])
