"""Downloads MNIST, Fashion-MNIST and UCI's pen digits into Keras's cache: checked, complete or not at all.

Everything happens in a temporary folder beside the cached files, which are renamed into place at the end.
A host that does not answer costs a moment, because all of them are knocked at together first.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import tempfile
import threading
import time
import urllib.request
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from framework.files import put_in_place

from . import files, unipen
from .compress import DamagedError, unpack

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

FASHION = [
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
]
"""Where Fashion-MNIST is served, best first: Keras's address and the authors'."""
FASHION_SUMS = {
    "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}
"""SHA-256 of each of Fashion-MNIST's files."""

PEN_DIGITS = [
    "https://archive.ics.uci.edu/static/public/81/pen+based+recognition+of+handwritten+digits.zip",
    "https://archive.ics.uci.edu/ml/machine-learning-databases/pendigits/",
]
"""Where UCI serves the pen digits, best first: an archive with their files, or a folder of them."""
PEN_SUM = "a66225d68d7d68591e62944df1ad33b3f5aa608e2df2505844b41f5568a80da4"
"""SHA-256 of the training file's text, unpacked."""
PEN_TEST = (3498, 14)
"""How many digits and how many writers the test file has, for which no sum is known."""


class DownloadError(Exception):
    """What was asked for could not be downloaded; the message gives the reason in a few words."""


def cache_folder() -> Path:
    """The folder in which Keras keeps data: `datasets` in `~/.keras` or in KERAS_HOME."""
    home = os.environ.get("KERAS_HOME") or Path("~", ".keras")
    return Path(home).expanduser() / "datasets"


def download(cache: Path) -> str:
    """Fetches MNIST from the first mirror that serves it whole, keeps it as `cache`, returns the host's name.

    Raises DownloadError when pooch is not installed, the folder cannot be written to, or no mirror works.
    """
    sums = dict(MIRRORS)

    def get(base: str, folder: Path) -> None:
        _get_checked(base, folder, sums[base], "MNIST's")

    return _first_that_works(list(sums), get, cache.parent, lambda folder: _keep(folder, cache))


def download_fashion(cache: Path) -> str:
    """Fetches Fashion-MNIST's four files, keeps them in the folder `cache` as Keras does, returns the host's name.

    Raises DownloadError as `download` does.
    """

    def get(base: str, folder: Path) -> None:
        _get_checked(base, folder, FASHION_SUMS, "Fashion-MNIST's")

    def keep(folder: Path) -> None:
        cache.mkdir(exist_ok=True)
        for name in FASHION_SUMS:
            put_in_place(folder / name, cache / name)

    return _first_that_works(FASHION, get, cache.parent, keep)


def download_pen_digits(cache: Path) -> str:
    """Fetches UCI's two files of pen digits, keeps their texts in the folder `cache`, returns the host's name.

    The training file must have the known SHA-256. For the test file none is known: it must hold 3,498 digits by 14
    writers, each digit from 0 to 9 among them. Raises DownloadError as `download` does.
    """

    def keep(folder: Path) -> None:
        cache.mkdir(exist_ok=True)
        for name in (unipen.TEST_FILE, unipen.FILE):  # that which is looked for comes last
            put_in_place(folder / name, cache / name)

    return _first_that_works(PEN_DIGITS, _get_pen_digits, cache.parent, keep)


def _first_that_works(
    addresses: list[str], get: Callable[[str, Path], None], parent: Path, keep: Callable[[Path], None]
) -> str:
    """Gets from an address after the other into an empty folder in `parent` until one works, and keeps that.

    get: raises OSError, as requests does, for an address that does not work.
    """
    try:
        import pooch  # noqa: F401
    except ImportError:
        raise DownloadError("pooch is not installed: pip install pooch") from None
    awake = _reachable(addresses)
    if not awake:
        raise DownloadError("no network")
    problems = []
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".mnist-", dir=parent) as temporary:
            for number, address in enumerate(addresses):
                if address not in awake:
                    problems.append(f"{_host(address)} does not answer")
                    continue
                folder = Path(temporary) / str(number)
                folder.mkdir()
                try:
                    get(address, folder)
                except OSError as error:
                    problems.append(_summary(address, error))
                    continue
                keep(folder)
                return _host(address)
    except OSError as error:
        raise DownloadError(f"cannot write to {parent} ({error.strerror or error})") from error
    raise DownloadError("; ".join(problems))


def _fetch(url: str, path: Path) -> None:
    import pooch
    from tqdm import tqdm

    with tqdm(  # total=1: pooch takes a bar with no total for no bar, and then sets the true one
        total=1, desc=f"{path.name} from {_host(url)}", unit="B", unit_scale=True, disable=None
    ) as bar:
        timeout = (CONNECT_SECONDS, SILENCE_SECONDS)
        get = pooch.HTTPDownloader(progressbar=bar, chunk_size=1 << 16, timeout=timeout)
        get(url, str(path), None)


def _get_checked(base: str, folder: Path, sums: dict[str, str], whose: str) -> None:
    """Fetches files into a folder; raises OSError for one that has another SHA-256 than is known."""
    for name, sha256 in sums.items():
        _fetch(base + name, folder / name)
        if _sha256(folder / name) != sha256:
            raise OSError(f"sent a {name} whose SHA-256 is not {whose}")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _keep(folder: Path, cache: Path) -> None:
    """Puts what was fetched in place, as Keras's npz file, in one step."""
    npz = folder / files.NPZ
    if not npz.exists():
        files.write_npz(npz, *files.read(folder))
    put_in_place(npz, cache)


def _get_pen_digits(address: str, folder: Path) -> None:
    """Fetches both files, unpacks and checks them; raises OSError when one is not as it must be."""
    archive = folder / "pendigits.zip"
    if address.endswith(".zip"):
        _fetch(address, archive)
    for name in (unipen.FILE, unipen.TEST_FILE):
        packed = folder / f"{name}.Z"
        if archive.exists():
            packed.write_bytes(_member(archive, packed.name))
        else:
            _fetch(address + packed.name, packed)
        try:
            (folder / name).write_bytes(unpack(packed.read_bytes(), unipen.LIMIT))
        except DamagedError as error:
            raise OSError(f"sent a {packed.name} that {error}") from error
    if _sha256(folder / unipen.FILE) != PEN_SUM:
        raise OSError(f"sent a {unipen.FILE} whose SHA-256 is not that of UCI's")
    try:
        digits = unipen.read_pen_digits(folder / unipen.TEST_FILE)
    except files.DataError as error:
        raise OSError(f"sent a {unipen.TEST_FILE} that cannot be used ({error.problem})") from error
    held = (len(digits), len({digit.writer for digit in digits}))
    if held != PEN_TEST or len({digit.label for digit in digits}) < files.CLASSES:
        raise OSError(f"sent a {unipen.TEST_FILE} of {held[0]:,} digits by {held[1]} writers, which is not UCI's")


def _member(archive: Path, name: str) -> bytes:
    """A file of an archive, whichever folder it is in, at most LIMIT bytes."""
    try:
        with zipfile.ZipFile(archive) as opened:
            path = next((path for path in opened.namelist() if path.rpartition("/")[2] == name), None)
            if path is None:
                raise OSError(f"sent an archive without {name}")
            with opened.open(path) as file:
                return file.read(unipen.LIMIT)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise OSError(f"sent an archive that cannot be unpacked ({error})") from error


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
