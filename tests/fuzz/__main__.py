"""`python -m tests.fuzz --minutes 10`: damages files and sends wild events for as long as you like.

Each target has a process of its own. What fails is made as small as possible and kept in tests/fuzz/findings, where
the test suite tries it again ever after; the exit status is 1 then.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from . import findings
from .processes import in_a_process
from .runs import Tally
from .target import all_targets

HEAD = "target                examples    valid  refused failed  a second   slowest    memory"


def main(arguments: list[str] | None = None) -> int:
    targets = all_targets()
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=1.0, help="for all targets together (default: 1)")
    parser.add_argument("--target", action="append", choices=sorted(targets), metavar="NAME",
                        help=f"only this one; may be given several times: {', '.join(sorted(targets))}")  # fmt: skip
    parser.add_argument("--examples", type=int, metavar="N", help="of each target at most")
    parser.add_argument("--seed", type=int, help="for the same examples once more (default: another one each time)")
    parser.add_argument("--findings", type=Path, default=findings.FOLDER, metavar="DIR", help="where findings are kept")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="only try this finding again, with its traceback")
    options = parser.parse_args(arguments)
    if options.replay is not None:
        return replay(options.replay)
    if not options.minutes > 0:
        parser.error(f"--minutes {options.minutes:g}: give a number above 0")

    names = options.target or list(targets)
    seed = random.randrange(1 << 32) if options.seed is None else options.seed
    print(f"seed {seed}, {len(names)} target(s), {options.minutes:g} minute(s)", flush=True)
    tallies = []
    for done, name in enumerate(names):
        left = 60 * options.minutes - sum(tally.spent for tally in tallies)
        tally = in_a_process(name, max(1.0, left / (len(names) - done)), options.examples, seed, options.findings)
        tallies.append(tally)
        for path, said in tally.failures:
            print(f"{name}: {said:.500}\n  again: python -m tests.fuzz --replay {path}", flush=True)
    print(HEAD)
    for tally in tallies:
        print(row(tally))
    return 1 if any(tally.failures for tally in tallies) else 0


def row(tally: Tally) -> str:
    rate = tally.examples / max(tally.spent, 1e-9)
    return (
        f"{tally.target:<20} {tally.examples:>9,} {tally.valid:>8,} {tally.refused:>8,} {len(tally.failures):>6} "
        f"{rate:>9.0f} {tally.seconds:>7.2f} s {tally.memory >> 20:>5} MiB"
    )


def replay(path: Path) -> int:
    """Gives a finding to its target once more; raises what it raises."""
    from .guard import attempt, warm_up

    target = all_targets()[findings.target_of(path)]
    warm_up(target)
    valid, seconds, memory = attempt(target, path.read_bytes())
    print(f"{path}: {'valid' if valid else 'refused as promised'}, {seconds:.3f} s, {memory >> 20} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
