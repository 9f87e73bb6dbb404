"""`python -m benchmarks.window PENDIGITS`: the real window, and digits that people drew, replayed with the mouse.

PENDIGITS is UCI's `pendigits-orig.tra[.gz]` or its folder; only writers count whom no model was trained on. Needs Xvfb
and xdotool. Prints how many digits are read right, how long the answer takes, what the window costs while nothing
happens, and its own table of frame times.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np

from apps.mnist.recognizer import SHIPPED, Recognizer
from apps.mnist.unipen import read_pen_digits

from .real_window import RealWindow, missing, screen, some
from .strangers import strangers


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.window", description=__doc__)
    parser.add_argument("pendigits", type=Path, help="UCI's pendigits-orig.tra, or its folder")
    parser.add_argument("--checkpoint", type=Path, default=SHIPPED, help="the model that the window opens")
    parser.add_argument("--digits", type=int, default=300, help="how many are drawn (default 300)")
    parser.add_argument("--idle", type=float, default=10, help="seconds in which nothing happens (default 10)")
    options = parser.parse_args()
    if problem := missing():
        parser.error(problem)
    rng, recognizer = np.random.default_rng(0), Recognizer.load(options.checkpoint)
    digits = some(strangers(read_pen_digits(options.pendigits)), options.digits, rng)
    with (
        screen() as display,
        RealWindow(display, "--profile", "--checkpoint", str(options.checkpoint.resolve())) as window,
    ):
        written = [window.write(digit, rng) for digit in digits]
        idle = _idle_share(window.process.pid, options.idle)
        window.key("ctrl+q")
        _, table = window.wait()
    n = len(written)
    sent, arrived = (sum(map(sum, counts)) for counts in zip(*((w.sent, w.arrived) for w in written), strict=True))
    median, p95 = np.percentile([1000 * w.seconds for w in written], [50, 95])
    print(f"{options.checkpoint.name}, {n} digits, window of {window.size[0]}x{window.size[1]} pixels")
    print(f"read right{sum(w.right for w in written) / n:>34.1%}")
    print(f"as without the window{sum(w.as_offline(recognizer) for w in written) / n:>23.1%}")
    print(f"points that arrived{arrived:>25,} of {sent:,}")
    print(f"from lifting the pen and P to the answer{median:>4.0f} ms, 95th percentile {p95:.0f} ms")
    print(f"idle{idle:>40.1%} of a core\n\n{table}")


def _idle_share(process: int, seconds: float) -> float:
    """The share of a core that a process takes while nothing happens."""
    time.sleep(2)  # until it has noticed
    begin, clock = _cpu_seconds(process), time.perf_counter()
    time.sleep(seconds)
    return (_cpu_seconds(process) - begin) / (time.perf_counter() - clock)


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
