"""Who is compared: one module a peer, which does the same work the way that peer's own documentation recommends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec


@dataclass(frozen=True)
class Peer:
    """A peer, and what it takes to run it.

    name: as in `--peers`; a first part before a hyphen stands for all that share it.
    label: as in tables and plots. module: what does the work, see `net.py`.
    needs: the modules that must be installed, and the packages that they come in.
    nets: which nets it can train. program: what is timed as its import, if anything.
    """

    name: str
    label: str
    module: str
    needs: Mapping[str, str] = field(default_factory=dict)
    nets: tuple[str, ...] = ("mlp",)
    program: str | None = None

    @property
    def missing(self) -> list[str]:
        """The packages that have to be installed first."""
        return [package for module, package in self.needs.items() if find_spec(module) is None]

    @property
    def versions(self) -> dict[str, str]:
        """What of its packages is installed."""
        found = {}
        for package in self.needs.values():
            try:
                found[package] = version(package)
            except PackageNotFoundError:
                found[package] = "unknown"
        return found


BOTH = ("mlp", "conv")
OURS = Peer("ours", "this framework", "benchmarks.peers.ours", {}, BOTH, "import framework")
PEERS = (
    OURS,
    Peer("numpy-by-hand", "NumPy by hand", "benchmarks.peers.by_hand", program="import numpy"),
    Peer(
        "numpy-nn-digits",
        "neural-network-digits",
        "benchmarks.peers.neural_network_digits",
        {"nn_digits": "neural-network-digits"},
        program="import nn_digits.neural_net.network",
    ),
    Peer(
        "numpy-euclid",
        "euclid-ml",
        "benchmarks.peers.euclid_ml",
        {"euclid": "euclid-ml"},
        BOTH,
        "import euclid",
    ),
    Peer(
        "numpy-mpneuralnetwork",
        "mpneuralnetwork",
        "benchmarks.peers.mp_neural_network",
        {"mpneuralnetwork": "mpneuralnetwork"},
        BOTH,
        "import mpneuralnetwork.model",
    ),
    Peer(
        "torch",
        "PyTorch eager",
        "benchmarks.peers.torch_eager",
        {"torch": "torch"},
        BOTH,
        "import torch",
    ),
    # No convolutions: what XLA makes of them inside of a loop takes ten times as long, on a CPU.
    Peer("jax-scan", "JAX (an epoch in one scan)", "benchmarks.peers.jax_scan", {"jax": "jax"}, program="import jax"),
    Peer("jax-step", "JAX (jit per step)", "benchmarks.peers.jax_step", {"jax": "jax"}, BOTH),
    Peer(
        "keras-jax",
        "Keras on JAX",
        "benchmarks.peers.keras_on_jax",
        {"keras": "keras", "jax": "jax"},
        BOTH,
        "import os; os.environ['KERAS_BACKEND'] = 'jax'; import keras",
    ),
    Peer(
        "keras-tensorflow",
        "Keras on TensorFlow",
        "benchmarks.peers.keras_on_tensorflow",
        {"keras": "keras", "tensorflow": "tensorflow-cpu"},
        BOTH,
        "import os; os.environ['KERAS_BACKEND'] = 'tensorflow'; import keras",
    ),
    Peer(
        "sklearn",
        "scikit-learn",
        "benchmarks.peers.scikit_learn",
        {"sklearn": "scikit-learn"},
        program="import sklearn.neural_network",
    ),
)


def chosen(names: Iterable[str], peers: Iterable[Peer] = PEERS) -> list[Peer]:
    """The peers of these names, ours first in any case; all of them for no name at all.

    Raises ValueError for a name that stands for none, with those there are.

    >>> [peer.name for peer in chosen(["jax", "sklearn"])]
    ['ours', 'jax-scan', 'jax-step', 'sklearn']
    """
    peers, names = list(peers), list(names)
    for name in names:
        if not any(_is_meant(peer, name) for peer in peers):
            groups = dict.fromkeys(part for p in peers for part in (p.name.partition("-")[0], p.name))
            raise ValueError(f"there is no peer {name!r}; choose from {', '.join(groups)}")
    return [p for p in peers if p == OURS or not names or any(_is_meant(p, name) for name in names)]


def _is_meant(peer: Peer, name: str) -> bool:
    return peer.name == name or peer.name.startswith(f"{name}-")
