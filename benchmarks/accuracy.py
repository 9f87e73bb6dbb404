"""`python -m benchmarks.accuracy CONFIG [CONFIG ...]`: how accurate recipes are over several seeds.

Each recipe is trained with each seed by `python -m apps.mnist.train`, in a folder of its own below --output; a run
that is there already, of the same experiment, is not trained again. The figures of the recipes in `configs/` are kept
in `benchmarks/accuracy.json` and shown in `configs/README.md`.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framework.config import ConfigError

from . import accuracy_table, machine, trainings
from .processes import ROOT, cores_for
from .trainings import Training

KEPT = Path(__file__).parent / "accuracy.json"
"""The figures that the README of the recipes shows."""
RECIPES = ROOT / "configs"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.report == bool(options.configs):
        parser.error("give recipes to train, or --report alone")
    if wrong := [text for text in options.settings if "=" not in text]:
        parser.error(f"--set {wrong[0]}: write key=value, and the recipes before --set")
    if len(set(names := [path.stem for path in options.configs])) < len(names):
        parser.error("two recipes of the same name; figures are kept by name")
    try:
        cores_for(options.jobs)
    except ValueError as error:
        parser.error(f"--jobs: {error}")
    try:
        if options.report:
            accuracy_table.refresh(KEPT, RECIPES / "README.md")
        elif not options.only_print:
            accuracy_table.load(KEPT)  # which shall not be found to be damaged after hours of training
        output = options.output.expanduser().absolute()
        plans = [trainings.plan(path, options.seeds, options.settings, output) for path in options.configs]
    except (ConfigError, OSError, ValueError) as error:
        parser.error(str(error))
    if options.report:
        return 0
    if options.dry_run:
        for training in (training for plan in plans for training in plan):
            print(shlex.join(training.command) + ("  # done" if training.is_done else ""))
        return 0
    try:
        return measure(plans, options.jobs, keep=not options.only_print)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where this one ended", file=sys.stderr)
        return 130


def measure(plans: Sequence[Sequence[Training]], jobs: int, keep: bool = True) -> int:
    """Trains what is not done yet, prints the figures, and keeps those of the recipes in `configs/`.

    A recipe one of whose seeds failed is left out. Returns the exit status: 1 when anything failed.
    """
    from tqdm import tqdm

    described = {name: value for name, value in machine.describe().items() if name not in ("date", "load_before")}
    plan_of = {training: plan for plan in plans for training in plan}
    left = {plan[0].recipe: len(plan) for plan in plans}
    entries, failed = [], set[str]()
    with tqdm(total=len(plan_of), desc="runs", unit="run", disable=None) as bar:
        for training, error in trainings.run_all(list(plan_of), jobs):
            bar.update()
            plan, recipe = plan_of[training], training.recipe
            left[recipe] -= 1
            if error is not None:
                failed.add(recipe)
                bar.write(f"failed: {error}", file=sys.stderr)
            if left[recipe] or recipe in failed:
                continue
            entries.append(entry(plan, described, jobs))
            if keep and training.path.resolve().parent == RECIPES:
                accuracy_table.keep(KEPT, entries[-1])
                accuracy_table.refresh(KEPT, RECIPES / "README.md")
            elif keep:
                bar.write(f"{recipe}: figures are printed and not kept, as the recipe is not in configs/", sys.stderr)
    if entries:
        print(accuracy_table.markdown(entries))
    return 1 if failed else 0


def entry(plan: Sequence[Training], described: dict[str, Any], jobs: int) -> dict[str, Any]:
    """All that is kept of a recipe whose runs are done; the command is that which measures it alone."""
    path = plan[0].path.resolve()
    place = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    seeds = [training.seed for training in plan]
    command = ["python", "-m", "benchmarks.accuracy", place.as_posix(), "--seeds", in_short(seeds)]
    command += ["--jobs", str(jobs)] if jobs > 1 else []
    command += ["--set", *plan[0].settings] if plan[0].settings else []
    return {
        "recipe": plan[0].recipe,
        "command": shlex.join(command),
        "settings": list(plan[0].settings),
        "seeds": seeds,
        "machine": described,
        "runs": [training.outcome() for training in plan],
    }


def in_short(seeds: Sequence[int]) -> str:
    """What `seeds` reads.

    >>> in_short([1, 2, 3, 4, 5]), in_short([7]), in_short([1, 5, 2])
    ('1-5', '7', '1,5,2')
    """
    first, last = seeds[0], seeds[-1]
    in_a_row = len(seeds) > 1 and list(seeds) == list(range(first, last + 1))
    return f"{first}-{last}" if in_a_row else ",".join(map(str, seeds))


def seeds(text: str) -> list[int]:
    """
    >>> seeds("1-3,7")
    [1, 2, 3, 7]
    """
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()) or int(last or first) < int(first):
            raise argparse.ArgumentTypeError(f"{part!r} is no seed; write 1-5 or 1,2,7")
        found += range(int(first), int(last or first) + 1)
    if len(set(found)) < len(found):
        raise argparse.ArgumentTypeError(f"{text!r} names a seed twice; write 1-5 or 1,2,7")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("configs", type=Path, nargs="*", metavar="CONFIG", help="recipes, YAML files")
    add("--seeds", type=seeds, default=seeds("1-5"), metavar="1-5", help="which seeds (default: 1-5)")
    add(
        "--jobs",
        type=int,
        default=1,
        help="how many trainings at the same time, each on a core of its own (default: 1)",
    )
    add(
        "--set",
        dest="settings",
        nargs="+",
        action="extend",
        default=[],
        metavar="key=value",
        help="values to replace in the recipes; {seed} and {index} stand for a run's seed and its number from 0",
    )
    add("--output", type=Path, default=Path("runs/accuracy"), metavar="DIR", help="the runs (default: runs/accuracy)")
    add("--dry-run", action="store_true", help="print the commands and stop")
    add("--only-print", action="store_true", help="keep no figures and leave the README as it is")
    add(
        "--report", action="store_true", help="write the table in configs/README.md again, of the figures that are kept"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
