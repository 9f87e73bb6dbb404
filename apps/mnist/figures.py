"""The figures that a model's file holds: how good it was found to be, as far as what the file says can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from framework.arguments import is_number, is_whole

MOST_IMAGES = 10**9
"""More than anybody has judged a model by."""


@dataclass(frozen=True)
class Figure:
    """How good a model was found to be on images that it was not trained on.

    set: the name of the dataset. kind: "test", or "validation" where something may have been chosen by the images.
    images: how many. accuracy, ece: the share read right, and the expected calibration error. sure, sure_right: the
    share of answers that are sure, and of these the share that is right. All in [0, 1]; None for what is not known.
    """

    set: str
    kind: str
    images: int
    accuracy: float
    ece: float | None = None
    sure: float | None = None
    sure_right: float | None = None

    @property
    def right(self) -> int:
        """How many images were read right."""
        return round(self.accuracy * self.images)


def figures_of(metadata: Mapping[str, Any]) -> list[Figure]:
    """The `figures` of a model's metadata, or what files from before there were any say instead.

    A file may say anything: what is no figure is left out.

    >>> figures_of({"test_accuracy": 0.9902, "test_images": 10_000, "test_set": "MNIST"})[0].accuracy
    0.9902
    >>> figures_of({"figures": [{"set": "mnist", "kind": "test", "images": 10_000, "accuracy": 99.02}]})
    []
    """
    given = metadata["figures"] if "figures" in metadata else _before_figures(metadata)
    if not isinstance(given, list):
        return []
    return [
        Figure(**{name: one[name] for name in Figure.__dataclass_fields__ if name in one})
        for one in given
        if _is_figure(one)
    ]


def is_line(value: object) -> bool:
    """Whether it is a text that can stand in a line of others."""
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= 1000


def _before_figures(metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
    name = "mnist" if metadata.get("test_set") == "MNIST" else "the data"
    return [
        {"set": name, "kind": kind, "images": metadata[f"{kind}_images"], "accuracy": metadata[f"{kind}_accuracy"]}
        for kind in ("test", "validation")
        if {f"{kind}_images", f"{kind}_accuracy"} <= metadata.keys()
    ]


def _is_figure(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    return (
        is_line(value.get("set"))
        and value.get("kind") in ("test", "validation")
        and is_whole(value.get("images"), 1)
        and is_number(value.get("images"), high=MOST_IMAGES)
        and is_number(value.get("accuracy"), 0, 1)
        and all(value.get(name) is None or is_number(value[name], 0, 1) for name in ("ece", "sure", "sure_right"))
    )
