"""Every peer that is installed does the same work: the same weights and images bring it to the same accuracy."""

from __future__ import annotations

import configparser
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import mnist
from benchmarks.peers import OURS, PEERS, Peer, chosen
from benchmarks.processes import PeerError, worker

ROOT = Path(__file__).parents[2]
TOLERANCE = 0.01


def test_names_and_groups_choose_and_ours_is_always_there() -> None:
    assert chosen([]) == list(PEERS)
    assert [peer.name for peer in chosen(["torch"])] == ["ours", "torch"]
    assert [peer.name for peer in chosen(["jax", "keras-jax"])] == ["ours", "jax-scan", "jax-step", "keras-jax"]
    assert chosen(["numpy"])[:2] == [OURS, PEERS[1]]


def test_a_name_that_nobody_has_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"there is no peer 'tinygrad'; choose from ours, numpy, .*torch, jax, "):
        chosen(["tinygrad"])


def test_what_is_not_installed_is_named() -> None:
    peer = Peer("x", "X", "x", {"json": "json", "a_module_that_nobody_has": "a-package"})
    assert peer.missing == ["a-package"]
    assert OURS.missing == []


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_every_peer_has_its_module_and_its_packages_are_in_the_extra(peer) -> None:
    assert find_spec(peer.module) is not None
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    extra = setup["options.extras_require"]["bench"]
    wanted = set(peer.needs.values()) - {"tensorflow-cpu"}  # large, and Keras has it only as one of its backends
    assert wanted <= {line.partition(">")[0] for line in extra.split()}


TRAININGS = {
    # All images in one batch, so that the order, which is everybody's own, makes no difference.
    "descent": {"net": "mlp", "epochs": 12, "images": 1500, "batch_size": 1500, "learning_rate": 0.3},
    "convolutions": {"net": "conv", "epochs": 10, "images": 300, "batch_size": 300, "learning_rate": 0.002},
    # The last batch is smaller than the others. On few images chance alone would make more than a point.
    "batches": {"net": "mlp", "epochs": 2, "images": 59_900, "batch_size": 250, "learning_rate": 0.05},
}


@cache
def accuracies(training: str) -> dict[str, float | str]:
    """The accuracies of all installed peers after the same training, by name; or why there is none."""
    task = dict(TRAININGS[training])
    net, epochs = task["net"], task.pop("epochs")
    data = os.environ["MNIST_DIR"] if training == "batches" else str(mnist.SAMPLE)
    found: dict[str, float | str] = {}
    for peer in PEERS:
        if net in peer.nets and not peer.missing:
            with worker(peer.module, 1) as process:
                try:
                    process.ask("start", data=data, **task)
                    for _ in range(epochs):
                        process.ask("epoch")
                    found[peer.name] = process.ask("accuracy")["accuracy"]
                except PeerError as error:
                    found[peer.name] = str(error)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
@pytest.mark.parametrize("training", TRAININGS)
def test_the_same_work_ends_at_the_same_accuracy(peer, training) -> None:
    if TRAININGS[training]["net"] not in peer.nets:
        pytest.skip(f"{peer.label} does not train this net")
    if peer.missing:
        pytest.skip(f"{peer.label} is not installed: pip install {' '.join(peer.missing)}")
    if training == "batches" and "MNIST_DIR" not in os.environ:
        pytest.skip("MNIST_DIR is not set")
    found = accuracies(training)
    own, others = found[peer.name], [value for value in found.values() if isinstance(value, float)]
    assert isinstance(own, float), own
    assert own > 0.4  # it has learned
    assert max(abs(own - other) for other in others) <= TOLERANCE, found
