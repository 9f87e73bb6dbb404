"""`python -m benchmarks [SUITE ...]`: the framework and its peers, side by side, in one run.

Every peer has a process of its own on the same cores and does the same work; they take turns. README.md, beside this
file, says what is measured and how.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from . import machine, mnist
from .peers import OURS, PEERS, chosen
from .processes import cores_for, worker
from .results import Run
from .session import Session
from .suites import conv, latency, memory, mlp, pipeline, scaling, startup

SUITES: dict[str, Callable[[Session], None]] = {
    "mlp": mlp.run,
    "job": mlp.jobs,
    "conv": conv.run,
    "latency": latency.run,
    "startup": startup.run,
    "memory": memory.run,
    "scaling": scaling.run,
    "pipeline": pipeline.run,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_intermixed_args(arguments)
    for suite in options.suites:
        if suite not in SUITES:
            parser.error(f"there is no suite {suite!r}; choose from {', '.join(SUITES)}")
    try:
        peers = chosen(options.peers)
        for threads in options.threads:
            cores_for(threads)
        data, description = mnist.place(options.data)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    missing = {peer.label: f"pip install {' '.join(peer.missing)}" for peer in peers if peer.missing}
    peers = [peer for peer in peers if not peer.missing]
    versions = {package: number for peer in peers for package, number in peer.versions.items()}
    repeats = options.repeats or (3 if options.quick else 7)
    run = Run(_command(options), machine.describe(), description, repeats, versions, missing)
    folder = options.output or Path("runs", f"benchmarks-{time.strftime('%Y%m%d-%H%M%S')}")
    folder.mkdir(parents=True, exist_ok=True)
    session = Session(peers, options.threads, repeats, options.quick, str(data), run, folder / "results.json")
    for label, remedy in missing.items():
        session.say(f"{label} is not installed and left out: {remedy}")

    with worker(OURS.module, 1) as process:
        about = process.ask("about")
        run.machine["blas"] = about["blas"]
        run.versions = {"this framework": about["framework"], "numpy": about["numpy"], **versions}
    for name, suite in SUITES.items():
        if name in options.suites or not options.suites:
            suite(session)
    run.machine["load_after"] = machine.load()
    from .report import write

    print(write(run, folder))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)}; all without a name")
    parser.add_argument(
        "--peers", type=_words, default=[], metavar="A,B", help=f"of {', '.join(_groups())}; all without"
    )
    parser.add_argument("--threads", type=_counts, default=[1], metavar="1,2", help="on so many, in turn (default 1)")
    parser.add_argument("--repeats", type=_count, metavar="N", help="rounds (default 7)")
    parser.add_argument("--data", metavar="PATH", help="folder or npz file with MNIST, or 'sample'")
    parser.add_argument("--output", type=Path, metavar="DIR", help="for results (default runs/benchmarks-TIME)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work and three rounds, for a first look")
    return parser


def _command(options: argparse.Namespace) -> str:
    """What has to be called for the same measurement; where its data are and where it goes does not matter."""
    words = ["python -m benchmarks", *options.suites, *(["--quick"] if options.quick else [])]
    words += [f"--peers {','.join(options.peers)}"] if options.peers else []
    words += [f"--threads {','.join(map(str, options.threads))}"]
    words += [f"--repeats {options.repeats}"] if options.repeats else []
    return " ".join(words)


def _groups() -> list[str]:
    return list(dict.fromkeys(peer.name.partition("-")[0] for peer in PEERS if peer != OURS))


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def _count(text: str) -> int:
    if (count := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} must be 1 or more")
    return count


def _counts(text: str) -> list[int]:
    return [_count(word) for word in _words(text)]


if __name__ == "__main__":
    sys.exit(main())
