"""Models, weights and training checkpoints in files, with and without a checksum that fits what was done to them."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

import framework
from framework import layers
from framework.callbacks import BackupAndRestore, LambdaCallback
from framework.checkpoint import CheckpointError, load_model, load_weights, save, save_weights
from framework.data.sources import as_source
from framework.documents import naming, read
from framework.losses import MeanSquaredError
from framework.metrics import MeanAbsoluteError
from framework.run import Run
from framework.training_state import callback_states, restore, settings_of

from .. import trees
from ..mutations import NUMBERS, damaged
from ..target import Target, refused, saved

X, Y = np.ones((8, 4, 4, 1), np.float32), np.ones((8, 3), np.float32)


def network() -> framework.Sequential:
    """A small network with a bit of everything that has a state."""
    model = framework.Sequential(
        [
            layers.Input((4, 4, 1)),
            layers.Conv2D(2, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.25, seed=1),
            layers.Dense(3, kernel_regularizer="l2"),
        ],
        seed=0,
    )
    model.compile(optimizer="adam", loss=MeanSquaredError(), metrics=[MeanAbsoluteError()])
    return model


@cache
def files() -> dict[str, bytes]:
    """A file of every kind, as the framework writes it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = network()
        for suffix in (".json", ".safetensors"):
            save(model, folder / f"model{suffix}")
            save_weights(model, folder / f"weights{suffix}")
        callbacks = [BackupAndRestore(str(folder / "backup"), save_freq=1), LambdaCallback(on_train_batch_end=_cut_off)]
        with suppress(KeyboardInterrupt):
            model.fit(X, Y, batch_size=2, epochs=2, verbose=0, callbacks=callbacks[::-1])
        found = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        return found | {"latest.json": (folder / "backup" / "latest.json").read_bytes()}


def _cut_off(batch: int, logs: Any) -> None:
    if batch == 2:
        raise KeyboardInterrupt


def summed(tree: Any, whole: bool) -> bytes:
    """A changed document with data of the length that its shapes ask for, where that is little, and its checksum."""
    weights = tree.get("weights") if isinstance(tree, dict) else None
    if isinstance(weights, dict) and isinstance(weights.get("shapes"), dict):
        try:
            wanted = sum(math.prod(shape) for shape in weights["shapes"].values()) * (4 + 4 * (not whole))
            data = base64.b64decode(weights.get("data") or "")
            if 0 <= wanted < 1 << 20:
                data = (data + bytes(wanted))[:wanted]
            weights["data"] = base64.b64encode(data).decode()
            weights["sha256"] = hashlib.sha256(data).hexdigest()
        except (TypeError, ValueError, OverflowError):
            pass
    return trees.text(tree)


def documents(seed: bytes) -> st.SearchStrategy[bytes]:
    """The JSON file, damaged as bytes and as a document."""
    tree = json.loads(seed)
    changed = trees.EDITS.map(lambda edits: trees.edited(tree, edits))
    return st.one_of(damaged([seed]), changed.map(trees.text), st.builds(summed, changed, st.just(True)))


def tensors(seed: bytes) -> st.SearchStrategy[bytes]:
    """The safetensors file, damaged as bytes, in its length, in its header, and in the description within that."""
    length = int.from_bytes(seed[:8], "little")
    header, data = json.loads(seed[8 : 8 + length]), seed[8 + length :]
    description = json.loads(header["__metadata__"]["numpy-sequential"])

    def packed(head: Any, said: int | None = None) -> bytes:
        text = trees.text(head, depth=200)
        return (len(text) if said is None else said).to_bytes(8, "little") + text + data

    def described(tree: Any) -> bytes:
        return packed(header | {"__metadata__": {"numpy-sequential": trees.text(tree).decode()}})

    lengths = st.sampled_from([number for number in NUMBERS if 0 <= number < 1 << 64])
    return st.one_of(
        damaged([seed]),
        trees.EDITS.map(lambda edits: packed(trees.edited(header, edits))),
        trees.EDITS.map(lambda edits: described(trees.edited(description, edits))),
        lengths.map(lambda said: packed(header, said)),
    )


def _refuses(path: Path, read: Callable[[], object]) -> bool:
    try:
        read()
    except CheckpointError as error:
        return refused(str(error), path)
    return True


def _model(suffix: str) -> Callable[[bytes, Path], bool]:
    def check(content: bytes, folder: Path) -> bool:
        path = saved(folder, f"model{suffix}", content)
        return _refuses(path, lambda: load_model(path))

    return check


def _weights(suffix: str) -> Callable[[bytes, Path], bool]:
    def check(content: bytes, folder: Path) -> bool:
        path = saved(folder, f"weights{suffix}", content)
        model = network()
        before = [weight.copy() for weight in model.get_weights()]
        valid = _refuses(path, lambda: load_weights(model, path))
        if not valid:
            for then, now in zip(before, model.get_weights(), strict=True):
                np.testing.assert_array_equal(then, now)
        return valid

    return check


def check_training(content: bytes, folder: Path) -> bool:
    path = saved(folder, "latest.json", content)
    model = network()
    run = Run(model.trainer, as_source(X, Y, batch_size=2, shuffle=True), None, 0, 2)

    def read_all() -> None:
        with naming(path):
            document = read(path)
            settings_of(document)
            callback_states(document)
            restore(run, document)

    return _refuses(path, read_all)


def _target(name: str, file: str, check: Callable[[bytes, Path], bool]) -> Target:
    make = documents if file.endswith(".json") else tensors
    return Target(name, lambda: [files()[file]], lambda: make(files()[file]), check)


TARGETS = (
    _target("model-json", "model.json", _model(".json")),
    _target("model-safetensors", "model.safetensors", _model(".safetensors")),
    _target("weights-json", "weights.json", _weights(".json")),
    _target("weights-safetensors", "weights.safetensors", _weights(".safetensors")),
    _target("training", "latest.json", check_training),
)
