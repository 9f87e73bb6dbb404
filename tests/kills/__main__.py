"""`python -m tests.kills --kills 200`: kills training runs at random moments and compares how they end."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from .power import Outcome, disturbed_runs


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many processes to kill (default: 200)")
    parser.add_argument("--every", default="0.1s", help="how often the runs keep their state (default: 0.1s)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default: 0)")
    parser.add_argument("--folder", type=Path, help="where the runs leave their files (default: a temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        outcome = Outcome()
        with tqdm(total=options.kills, desc="kills") as bar:
            for outcome in disturbed_runs(folder, options.kills, options.every, options.seed):
                bar.n = outcome.kills
                bar.set_postfix(runs=outcome.runs, problems=len(outcome.problems))
    print(
        f"{outcome.kills} processes killed in {outcome.runs} runs, which all went on to the end; the files were read "
        f"{outcome.looks:,} times meanwhile; {len(outcome.problems)} problems"
    )
    for problem in outcome.problems:
        print(problem, file=sys.stderr)
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
