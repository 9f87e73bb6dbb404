"""Downloads MNIST into Keras's cache: checked against known sums, complete or not at all.

Everything happens in a temporary folder beside the cache file, which is renamed into place at the end.
A host that does not answer costs a moment, because all of them are knocked at together first.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import files

CONNECT_SECONDS = 3.0
"""How long all hosts together have to accept a connection."""
SILENCE_SECONDS = 5.0
"""How long a host that accepted one may then say nothing."""

_IDX_SUMS = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
MIRRORS: list[tuple[str, dict[str, str]]] = [
    (
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        {files.NPZ: "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"},
    ),
    ("https://ossci-datasets.s3.amazonaws.com/mnist/", _IDX_SUMS),
    ("https://storage.googleapis.com/cvdf-datasets/mnist/", _IDX_SUMS),
]
"""Where MNIST is served, best first: a base address, and the SHA-256 of each file to fetch from there."""


class DownloadError(Exception):
    """MNIST could not be downloaded; the message gives the reason in a few words."""


def download(cache: Path) -> str:
    """Fetches MNIST from the first mirror that serves it whole, keeps it as `cache`, returns the host's name.

    Raises DownloadError when pooch is not installed, the folder cannot be written to, or no mirror works.
    """
    try:
        import pooch
    except ImportError:
        raise DownloadError("pooch is not installed: pip install pooch") from None
    awake = _reachable([base for base, _ in MIRRORS])
    if not awake:
        raise DownloadError("no network")
    problems = []
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".mnist-", dir=cache.parent) as folder:
            for number, (base, sums) in enumerate(MIRRORS):
                if base not in awake:
                    problems.append(f"{_host(base)} does not answer")
                    continue
                into = Path(folder) / str(number)
                into.mkdir()
                try:
                    for name, sha256 in sums.items():
                        _fetch(pooch, base + name, into / name, sha256)
                except OSError as error:  # requests' exceptions are OSErrors
                    problems.append(_summary(base, error))
                    continue
                _keep(into, cache)
                return _host(base)
    except OSError as error:
        raise DownloadError(f"cannot write to {cache.parent} ({error.strerror or error})") from error
    raise DownloadError("; ".join(problems))


def _fetch(pooch: Any, url: str, path: Path, sha256: str) -> None:
    from tqdm import tqdm

    with tqdm(  # total=1: pooch takes a bar with no total for no bar, and then sets the true one
        total=1, desc=f"{path.name} from {_host(url)}", unit="B", unit_scale=True, disable=None
    ) as bar:
        timeout = (CONNECT_SECONDS, SILENCE_SECONDS)
        get = pooch.HTTPDownloader(progressbar=bar, chunk_size=1 << 16, timeout=timeout)
        get(url, str(path), None)
    if pooch.file_hash(str(path)) != sha256:
        raise OSError(f"sent a {path.name} whose SHA-256 is not MNIST's")


def _keep(folder: Path, cache: Path) -> None:
    """Puts what was fetched in place, as Keras's npz file, in one step."""
    npz = folder / files.NPZ
    if not npz.exists():
        files.write_npz(npz, *files.read(folder))
    npz.replace(cache)


def _reachable(addresses: list[str]) -> set[str]:
    """The addresses whose hosts accept a connection in time.

    Threads, because looking up a name cannot be interrupted: where there is no network it may hang for long.
    """
    awake: set[str] = set()

    def knock(address: str) -> None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(_endpoint(address), timeout=CONNECT_SECONDS),
        ):
            awake.add(address)

    threads = [threading.Thread(target=knock, args=(address,), daemon=True) for address in addresses]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + CONNECT_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return set(awake)


def _endpoint(address: str) -> tuple[str, int]:
    """Host and port to knock at: the proxy's, where one is set for this address."""
    parts = urlsplit(address)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return parts.hostname or "", parts.port or {"https": 443}.get(parts.scheme, 80)


def _host(address: str) -> str:
    return urlsplit(address).hostname or address


def _summary(base: str, error: OSError) -> str:
    """What went wrong, without requests' long tails."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return f"{_host(base)} answers with status {status}"
    if type(error) is OSError:
        return f"{_host(base)} {error}"
    return f"{_host(base)} fails with {type(error).__name__}"
