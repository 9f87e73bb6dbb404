"""`python -m apps.mnist.card CHECKPOINT`: a model's card in Markdown, from what the model's own file says."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import framework
from framework import Sequential
from framework.arguments import is_number, is_whole

from . import command
from .certainty import SURE
from .figures import Figure, figures_of, is_line
from .recognizer import Recognizer, model_file
from .report import share


def card(model: Sequential, name: str, size: int | None = None) -> str:
    """What the model is, what it was trained on and how good it is, one screen of Markdown.

    name: the model's file, as the commands take it. size: that of the file in bytes. What the metadata does not say,
    or says in a way that cannot be, is left out; only for a temperature that cannot be it raises CheckpointError.

    >>> from framework import Input
    >>> model = Sequential([Input((28, 28)), "flatten", {"dense": 10}, "softmax"], name="small")
    >>> print(card(model, "small.json").splitlines()[2])
    28x28 -> flatten -> dense 10 -> softmax: 7,850 parameters.
    """
    found, temperature = model.metadata, Recognizer(model, Path(name)).temperature
    run, figures = _run_of(found), figures_of(found)
    corrections = found.get("corrections") if is_whole(found.get("corrections"), 1) else None
    weight = "" if size is None else f", {size / 1000:,.0f} kB"
    file = name if Path(name).name != "model.json" else run.get("recipe", str(model.name))
    lines = [f"# {Path(file).stem}", "", f"{layers_in_a_line(model)}: {model.count_params():,} parameters{weight}.", ""]
    lines += _origin(run, corrections)
    lines += _figures(figures, bool(run))
    if "temperature" in found:
        ece = found.get("ece")
        error = f", with an expected calibration error of {_percent(ece)} left" if is_number(ece, 0, 1) else ""
        lines += [
            f"Calibrated: temperature {temperature:g}, fitted on validation images{error}. An answer is *sure* from a "
            f"probability of {100 * SURE:.0f} % on.",
            "",
        ]
    return "\n".join([*lines, *_commands(name, run, figures, corrections)])


def layers_in_a_line(model: Sequential) -> str:
    """The shape that goes in, and the layers with the size of what comes out of those that have weights."""
    steps = ["x".join(map(str, model.input_shape))] if model.built else []
    for layer in model.layers:
        name = layer.registered_name or type(layer).__name__
        if name != "input":
            size = layer.output_shape[-1] if layer.weights and model.built else None
            steps.append(name if size is None else f"{name} {size}")
    return " -> ".join(steps)


def _run_of(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """`run` as `metadata.run_of` makes it; nothing where there is none, or it is anything else."""
    run = metadata.get("run")
    if not isinstance(run, Mapping):
        return {}
    is_run = (
        is_line(run.get("recipe"))
        and is_line(run.get("date"))
        and (run.get("seed", "") is None or is_whole(run.get("seed"), 0))
        and is_whole(run.get("epochs"), 0)
        and is_number(run.get("seconds"), 0, 1e9)
        and _is_lines(run.get("data"))
        and is_whole(run.get("images", 1), 1)
        and _is_lines(run.get("overrides", []))
    )
    return run if is_run else {}


def _is_lines(value: object) -> bool:
    return isinstance(value, list) and all(map(is_line, value))


def _origin(run: Mapping[str, Any], corrections: int | None) -> list[str]:
    if not run:
        return []
    images = f"{run['images']:,} images of " if "images" in run else ""
    data = " and ".join(f"`{line}`" for line in run["data"]) or "data of its own"
    more = f", and {corrections:,} corrections" if corrections else ""
    seed = "no seed" if run["seed"] is None else f"seed {run['seed']}"
    epochs = f"{run['epochs']} epoch{'s' * (run['epochs'] != 1)}"
    return [
        f"Trained on {run['date']} by the recipe `{run['recipe']}` with {seed}: {epochs} in {run['seconds']:,.1f} s on "
        f"{images}{data}{more}.",
        "",
    ]


def _figures(figures: Sequence[Figure], is_ours: bool) -> list[str]:
    if not figures:
        return []
    lines = ["| images | accuracy | calibration error | sure answers | right of these |", "|---|---|---|---|---|"]
    for one in figures:
        sure = round((one.sure or 0) * one.images)
        sure_right = "-" if one.sure_right is None or not sure else share(round(one.sure_right * sure), sure)
        cells = [f"{one.images:,} {one.kind} images of {one.set}", share(one.right, one.images)]
        lines.append(f"| {' | '.join([*cells, _percent(one.ece), _percent(one.sure), sure_right])} |")
    kinds = {one.kind for one in figures}
    notes = []
    if is_ours and "test" in kinds:
        notes.append("Test images were looked at once, after training.")
    if "validation" in kinds:
        notes.append("Validation images are none that it was trained on, but something may have been chosen by them.")
    return [*lines, "", " ".join(notes), ""] if notes else [*lines, ""]


def _commands(name: str, run: Mapping[str, Any], figures: Sequence[Figure], corrections: int | None) -> list[str]:
    """How to repeat the training and the judgement; no word of it does anything else in a shell."""
    lines = []
    if run:
        seed = "null" if run["seed"] is None else run["seed"]
        recipe = Path(run["recipe"])
        words = ["apps.mnist.train", f"configs/{recipe}.yaml" if recipe.suffix == "" else str(recipe), f"seed={seed}"]
        words += [*run.get("overrides", []), *(["--corrections", "corrections.jsonl"] if corrections else [])]
        lines.append([*words, "--run-dir", f"runs/{recipe.stem}"])
    data = _data_by_set(run)
    for one in figures:
        if one.set in data:
            given = ["--data", data[one.set]] if run else []
            part = ["--part", "validation"] if one.kind == "validation" else []
            lines.append(["apps.mnist.evaluate", name, *given, *part])
    return ["```sh", *(f"python -m {shlex.join(words)}" for words in lines), "```", ""] if lines else []


def _data_by_set(run: Mapping[str, Any]) -> dict[str, str]:
    """The data as `evaluate` takes it, by the name that it has in figures; MNIST for models that say nothing."""
    found: dict[str, str] = {}
    names = [line.partition(":")[0] for line in run.get("data", ["mnist"])]
    for place, (name, line) in enumerate(zip(names, run.get("data", ["mnist"]), strict=True)):
        earlier = names[:place].count(name)  # a mixture calls the second of a name `name_2`
        found[f"{name}_{earlier + 1}" if earlier else name] = line
    return found


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f} %"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m apps.mnist.card", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="a model file, or the folder of a run")
    command.add_import_option(parser)
    options = parser.parse_args(arguments)
    command.import_modules(options.imports)
    file = model_file(options.checkpoint)
    model = framework.load_model(file, compile=False)
    print(card(model, str(file), file.stat().st_size), end="")
    return 0


if __name__ == "__main__":
    command.run(main)
