"""`python -m apps.mnist.card CHECKPOINT`: a model's card in Markdown, from what the model's own file says."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import framework
from framework import Sequential

from . import command
from .certainty import SURE
from .recognizer import model_file
from .report import share


def card(model: Sequential, name: str, size: int | None = None) -> str:
    """What the model is, what it was trained on and how good it is, one screen of Markdown.

    name: the model's file, as the commands take it. size: that of the file in bytes. What the metadata does not say
    is left out.

    >>> from framework import Input
    >>> model = Sequential([Input((28, 28)), "flatten", {"dense": 10}, "softmax"], name="small")
    >>> print(card(model, "small.json").splitlines()[2])
    28x28 -> flatten -> dense 10 -> softmax: 7,850 parameters.
    """
    found = model.metadata
    run = found.get("run", {})
    weight = "" if size is None else f", {size / 1000:,.0f} kB"
    file = name if Path(name).name != "model.json" else run.get("recipe", str(model.name))
    lines = [f"# {Path(file).stem}", "", f"{layers_in_a_line(model)}: {model.count_params():,} parameters{weight}.", ""]
    lines += _origin(run, found.get("corrections"))
    lines += _figures(figures_of(found), bool(run))
    if "temperature" in found:
        error = f", with an expected calibration error of {_percent(found['ece'])} left" if "ece" in found else ""
        lines += [
            f"Calibrated: temperature {found['temperature']:g}, fitted on validation images{error}. An answer is "
            f"*sure* from a probability of {100 * SURE:.0f} % on.",
            "",
        ]
    return "\n".join([*lines, *_commands(name, run, found)])


def layers_in_a_line(model: Sequential) -> str:
    """The shape that goes in, and the layers with the size of what comes out of those that have weights."""
    steps = ["x".join(map(str, model.input_shape))] if model.built else []
    for layer in model.layers:
        name = layer.registered_name or type(layer).__name__
        if name != "input":
            size = layer.output_shape[-1] if layer.weights and model.built else None
            steps.append(name if size is None else f"{name} {size}")
    return " -> ".join(steps)


def figures_of(metadata: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """`figures`, or what files from before there were any say instead."""
    if "figures" in metadata:
        return list(metadata["figures"])
    name = metadata.get("test_set", "").lower() or "the data"
    return [
        {"set": name, "kind": kind, "images": metadata[f"{kind}_images"], "accuracy": metadata[f"{kind}_accuracy"]}
        for kind in ("test", "validation")
        if {f"{kind}_images", f"{kind}_accuracy"} <= metadata.keys()
    ]


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


def _figures(figures: list[Mapping[str, Any]], is_ours: bool) -> list[str]:
    if not figures:
        return []
    lines = ["| images | accuracy | calibration error | sure answers | right of these |", "|---|---|---|---|---|"]
    for one in figures:
        right = share(round(one["accuracy"] * one["images"]), one["images"])
        sure = round((one.get("sure") or 0) * one["images"])
        rest = [_percent(one.get("ece")), _percent(one.get("sure"))]
        rest.append(share(round(one["sure_right"] * sure), sure) if sure else "-")
        lines.append(f"| {one['images']:,} {one['kind']} images of {one['set']} | {right} | {' | '.join(rest)} |")
    kinds = {one["kind"] for one in figures}
    notes = []
    if is_ours and "test" in kinds:
        notes.append("Test images were looked at once, after training.")
    if "validation" in kinds:
        notes.append("Validation images are none that it was trained on, but something may have been chosen by them.")
    return [*lines, "", " ".join(notes), ""] if notes else [*lines, ""]


def _commands(name: str, run: Mapping[str, Any], metadata: Mapping[str, Any]) -> list[str]:
    """How to repeat the training and the judgement."""
    lines = []
    if run:
        seed = "null" if run["seed"] is None else run["seed"]
        corrections = " --corrections corrections.jsonl" if metadata.get("corrections") else ""
        recipe = Path(run["recipe"])
        file = f"configs/{recipe}.yaml" if recipe.suffix == "" else recipe
        words = [f"seed={seed}", *map(shlex.quote, run.get("overrides", []))]
        train = f"python -m apps.mnist.train {file} {' '.join(words)}{corrections}"
        lines.append(f"{train} --run-dir runs/{recipe.stem}")
    for line, part in _evaluations(run, figures_of(metadata)):
        data = f' --data "{line}"' if line else ""
        lines.append(f"python -m apps.mnist.evaluate {name}{data}{' --part validation' * (part == 'validation')}")
    return ["```sh", *lines, "```", ""] if lines else []


def _evaluations(run: Mapping[str, Any], figures: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The data, as `evaluate` takes it, and the kind of its examples, for each figure."""
    data = list(run.get("data", []))
    if len(data) == len(figures):
        return [(line, one["kind"]) for line, one in zip(data, figures, strict=True)]
    return [("", one["kind"]) for one in figures]


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
