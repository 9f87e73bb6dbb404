"""What the window writes down: corrections, one JSON object a line, and saved drawings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from apps.mnist import corrections
from apps.mnist.data import DataError
from apps.mnist.ui.storage import open_drawing

from .. import trees
from ..mutations import damaged
from ..target import Target, refused, saved

RECORD: dict[str, Any] = {
    "time": "2030-01-02T03:04:05+00:00",
    "label": 1,
    "predicted": 7,
    "probabilities": [0.0] * 7 + [1.0, 0.0, 0.0],
    "strokes": [[[0.5, 0.1], [0.5, 0.9]], [[0.2, 0.3]]],
    "image": [[0] * 28 for _ in range(28)],
    "model": "mnist_mlp.json",
    "version": "1.0",
}
DRAWING: dict[str, Any] = {
    "format": "numpy-sequential drawing",
    "version": 1,
    "strokes": [[[[0.5, 0.1, 0.0], [0.5, 0.9, 0.25]]], [[[0.2, 0.3, 1.0]], [[0.4, 0.3, 1.5], [0.5, 0.3, 2.0]]]],
    "picture": [[0] * 27 + [255] for _ in range(28)],
}


def correction_seeds() -> list[bytes]:
    line = json.dumps(RECORD).encode() + b"\n"
    return [line, line + b"\n" + line]


def correction_inputs() -> st.SearchStrategy[bytes]:
    line = trees.EDITS.map(lambda edits: trees.text(trees.edited(RECORD, edits)))
    return st.one_of(damaged(correction_seeds()), line, st.builds(lambda *lines: b"\n".join(lines), line, line))


def check_corrections(content: bytes, folder: Path) -> bool:
    path = saved(folder, "corrections.jsonl", content)
    try:
        found = corrections.read(path)
    except DataError as error:
        return refused(str(error), path)
    examples = corrections.examples(found)
    assert len(examples.x) == len(examples.y) == len(found)
    return True


def drawing_inputs() -> st.SearchStrategy[bytes]:
    return st.one_of(
        damaged([json.dumps(DRAWING).encode()]),
        trees.EDITS.map(lambda edits: trees.text(trees.edited(DRAWING, edits))),
    )


def check_drawing(content: bytes, folder: Path) -> bool:
    path = saved(folder, "digit.json", content)
    try:
        drawing = open_drawing(path)
    except DataError as error:
        return refused(str(error), path)
    assert not drawing.is_empty
    return True


TARGETS = (
    Target("corrections", correction_seeds, correction_inputs, check_corrections),
    Target("drawing", lambda: [json.dumps(DRAWING).encode()], drawing_inputs, check_drawing),
)
