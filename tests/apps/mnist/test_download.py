"""Downloads, from a little server on this machine: the first address that serves what is wanted whole is kept."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.mnist import download as module
from apps.mnist.download import MIRRORS, DownloadError, cache_folder, download, download_fashion, download_pen_digits
from apps.mnist.files import FILES, read_npz, write_idx, write_npz
from framework.data.datasets import Examples

pytest.importorskip("pooch")

IMAGES = np.arange(2 * 784, dtype=np.uint8).reshape(2, 28, 28)
EXAMPLES = Examples(IMAGES, np.array([4, 2], np.uint8))
IDX = [f"{name}.gz" for name in FILES]


@dataclass
class Server:
    """Serves `content` by path; `seen` are the requests, `watch` is called at each."""

    base: str
    content: dict[str, bytes] = field(default_factory=dict)
    promised: dict[str, int] = field(default_factory=dict)  # a Content-Length that is not true
    seen: list[str] = field(default_factory=list)
    watch: Callable[[], None] = lambda: None


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.seen.append(self.path)
            served.watch()
            body = served.content.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(served.promised.get(self.path, len(body or b""))))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Server(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def mirrors(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """The list of mirrors, empty, to be filled by the test."""
    empty: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(module, "MIRRORS", empty)
    return empty


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "keras" / "datasets" / "mnist.npz"


@pytest.fixture
def npz(tmp_path: Path) -> bytes:
    write_npz(tmp_path / "served.npz", EXAMPLES, EXAMPLES)
    return (tmp_path / "served.npz").read_bytes()


@pytest.fixture
def idx(tmp_path: Path) -> dict[str, bytes]:
    arrays = (EXAMPLES.x, EXAMPLES.y) * 2
    for name, array in zip(IDX, arrays, strict=True):
        write_idx(tmp_path / name, array)
    return {name: (tmp_path / name).read_bytes() for name in IDX}


@pytest.fixture
def pens(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Both files of pen digits, packed, and a list of addresses to be filled; two writers are enough for the test."""
    monkeypatch.setattr(module, "PEN_DIGITS", [])
    monkeypatch.setattr(module, "PEN_SUM", hashlib.sha256(pen_digits(3)).hexdigest())
    monkeypatch.setattr(module, "PEN_TEST", (20, 2))
    return {"pendigits-orig.tra.Z": packed(pen_digits(3)), "pendigits-orig.tes.Z": packed(pen_digits(2))}


def pen_digits(writers: int, labels: int = 10) -> bytes:
    """A file of digits that are all dots."""
    lines = []
    for number in range(labels * writers):
        label, writer = number % labels, number // labels
        lines += [f'.SEGMENT DIGIT {number} ? "{label}"', f".COMMENT {label} {writer} 1", ".PEN_DOWN", "1 2", ".PEN_UP"]
    return "\n".join(lines).encode()


def packed(content: bytes) -> bytes:
    """In the form of `compress`, though as long as ever: after every 128 bytes, all codes are forgotten."""
    result = bytearray(b"\x1f\x9d\x90")
    for start in range(0, len(content), 128):
        part = content[start : start + 128]
        codes = [*part, 256] if start + 128 < len(content) else part
        bits = sum(code << 9 * place for place, code in enumerate(codes))
        size = -(-9 * len(codes) // 8)
        groups = -(-len(codes) // 8)
        result += bits.to_bytes(9 * groups if len(codes) > len(part) else size, "little")
    return bytes(result)


def zipped(files: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return archive.getvalue()


def sums(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def dead_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def assert_kept(cache: Path) -> None:
    train, test = read_npz(cache)
    np.testing.assert_array_equal(train.x, EXAMPLES.x)
    np.testing.assert_array_equal(test.y, EXAMPLES.y)
    assert list(cache.parent.iterdir()) == [cache]  # nothing temporary is left


def test_npz(server: Server, mirrors: list, cache: Path, npz: bytes) -> None:
    server.content["/keras/mnist.npz"] = npz
    mirrors.append((f"{server.base}/keras/", sums({"mnist.npz": npz})))
    assert download(cache) == "127.0.0.1"
    assert cache.read_bytes() == npz
    assert_kept(cache)


def test_idx_files_become_an_npz_and_that_in_one_step(
    server: Server, mirrors: list, cache: Path, idx: dict[str, bytes]
) -> None:
    def watch() -> None:
        assert not cache.exists()

    server.watch = watch
    server.content = {f"/{name}": content for name, content in idx.items()}
    mirrors.append((f"{server.base}/", sums(idx)))
    download(cache)
    assert server.seen == [f"/{name}" for name in IDX]
    assert_kept(cache)


def test_the_first_mirror_that_works_is_used(
    server: Server, mirrors: list, cache: Path, npz: bytes, idx: dict[str, bytes]
) -> None:
    altered = npz[:-1] + b"?"
    server.content = {"/altered/mnist.npz": altered, "/cut/mnist.npz": npz[:-9]}
    server.promised = {"/cut/mnist.npz": len(npz)}
    server.content |= {f"/good/{name}": content for name, content in idx.items()}
    mirrors += [
        (f"http://127.0.0.1:{dead_port()}/", sums({"mnist.npz": npz})),
        (f"{server.base}/missing/", sums({"mnist.npz": npz})),
        (f"{server.base}/altered/", sums({"mnist.npz": npz})),
        (f"{server.base}/cut/", sums({"mnist.npz": npz})),
        (f"{server.base}/good/", sums(idx)),
        (f"{server.base}/never/", sums(idx)),
    ]
    download(cache)
    assert server.seen[:3] == ["/missing/mnist.npz", "/altered/mnist.npz", "/cut/mnist.npz"]
    assert server.seen[3:] == [f"/good/{name}" for name in IDX]
    assert_kept(cache)


def test_all_reasons_are_given_and_nothing_is_left(
    server: Server, mirrors: list, cache: Path, idx: dict[str, bytes]
) -> None:
    server.content = {f"/{name}": content for name, content in idx.items()} | {f"/{IDX[3]}": b"altered"}
    mirrors += [(f"{server.base}/", sums(idx)), (f"{server.base}/gone/", sums(idx))]
    with pytest.raises(DownloadError) as caught:
        download(cache)
    assert str(caught.value) == (
        "127.0.0.1 sent a t10k-labels-idx1-ubyte.gz whose SHA-256 is not MNIST's; 127.0.0.1 answers with status 404"
    )
    assert list(cache.parent.iterdir()) == []


def test_a_silent_host_is_given_up(
    server: Server, mirrors: list, cache: Path, npz: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        mirrors.append((f"http://127.0.0.1:{silent.getsockname()[1]}/", sums({"mnist.npz": npz})))
        with pytest.raises(DownloadError, match=r"127\.0\.0\.1 fails with ReadTimeout"):
            download(cache)


def test_a_look_up_that_hangs_is_given_up(mirrors: list, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hang(endpoint: tuple[str, int], timeout: float) -> socket.socket:
        over.wait()
        raise OSError("no such host")

    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.01)
    monkeypatch.setattr(socket, "create_connection", hang)
    mirrors.append(("https://mnist.example/", {}))
    try:
        with pytest.raises(DownloadError, match="no network"):
            download(cache)
    finally:
        over.set()
    assert not cache.parent.exists()


def test_no_network(mirrors: list, cache: Path, server: Server) -> None:
    mirrors.append((f"http://127.0.0.1:{dead_port()}/", {}))
    with pytest.raises(DownloadError, match="no network"):
        download(cache)


def test_without_pooch(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DownloadError, match="pooch is not installed: pip install pooch"):
        download(cache)


def test_a_folder_that_cannot_be_written_to(server: Server, mirrors: list, tmp_path: Path, npz: bytes) -> None:
    server.content["/mnist.npz"] = npz
    mirrors.append((f"{server.base}/", sums({"mnist.npz": npz})))
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match=r"cannot write to .*file"):
        download(tmp_path / "file" / "mnist.npz")
    assert server.seen == []


def test_a_proxy_is_knocked_at_instead_of_the_host(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert module._endpoint("https://mnist.example/a/") == ("mnist.example", 443)
    assert module._endpoint("http://mnist.example/a/") == ("mnist.example", 80)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert module._endpoint("https://mnist.example/a/") == ("proxy.example", 3128)
    monkeypatch.setenv("no_proxy", "mnist.example")
    assert module._endpoint("https://mnist.example/a/") == ("mnist.example", 443)


def test_the_public_mirrors_have_sums() -> None:
    assert [base.startswith("https://") for base, _ in MIRRORS] == [True] * 3
    assert [sorted(files) for _, files in MIRRORS] == [["mnist.npz"], sorted(IDX), sorted(IDX)]
    assert all(len(bytes.fromhex(value)) == 32 for _, files in MIRRORS for value in files.values())


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")
def test_the_cache_has_the_usual_permissions(server: Server, mirrors: list, cache: Path, npz: bytes) -> None:
    server.content["/mnist.npz"] = npz
    mirrors.append((f"{server.base}/", sums({"mnist.npz": npz})))
    download(cache)
    (cache.parent / "other").touch()
    assert cache.stat().st_mode == (cache.parent / "other").stat().st_mode


def test_fashion_is_kept_as_keras_keeps_it(
    server: Server, tmp_path: Path, idx: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "keras" / "datasets" / "fashion-mnist"
    monkeypatch.setattr(module, "FASHION_SUMS", sums(idx))
    monkeypatch.setattr(module, "FASHION", [f"{server.base}/altered/", f"{server.base}/good/"])
    server.content = {f"/good/{name}": content for name, content in idx.items()} | {f"/altered/{IDX[0]}": b"altered"}
    assert download_fashion(cache) == "127.0.0.1"
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == idx
    assert list(cache.parent.iterdir()) == [cache]

    del server.content[f"/good/{IDX[3]}"]
    with pytest.raises(DownloadError, match=r"whose SHA-256 is not Fashion-MNIST's; 127.0.0.1 answers with status 404"):
        download_fashion(cache)
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == idx


class TestPenDigits:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "keras" / "datasets" / "pendigits"

    def assert_kept(self, folder: Path) -> None:
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
            "pendigits-orig.tra": pen_digits(3),
            "pendigits-orig.tes": pen_digits(2),
        }
        assert list(folder.parent.iterdir()) == [folder]  # nothing temporary is left

    @pytest.mark.parametrize("inside", ["", "pendigits/"])
    def test_an_archive(self, server: Server, pens: dict[str, bytes], folder: Path, inside: str) -> None:
        server.content["/81/all.zip"] = zipped({"Index": b"..."} | {inside + name: pens[name] for name in pens})
        module.PEN_DIGITS.append(f"{server.base}/81/all.zip")
        assert download_pen_digits(folder) == "127.0.0.1"
        self.assert_kept(folder)

    def test_a_folder_of_files(self, server: Server, pens: dict[str, bytes], folder: Path) -> None:
        server.content = {f"/old/{name}": content for name, content in pens.items()}
        module.PEN_DIGITS += [f"{server.base}/missing.zip", f"{server.base}/old/"]
        folder.mkdir(parents=True)
        download_pen_digits(folder)
        assert server.seen == ["/missing.zip", "/old/pendigits-orig.tra.Z", "/old/pendigits-orig.tes.Z"]
        self.assert_kept(folder)

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            (
                {"pendigits-orig.tra.Z": packed(pen_digits(4))},
                "a pendigits-orig.tra whose SHA-256 is not that of UCI's",
            ),
            ({"pendigits-orig.tra.Z": b"text"}, "a pendigits-orig.tra.Z that does not begin as `compress` begins"),
            ({"pendigits-orig.tes.Z": packed(b"text")}, "a pendigits-orig.tes that cannot be used ('text', expected"),
            ({"pendigits-orig.tes.Z": packed(pen_digits(3))}, "a pendigits-orig.tes of 30 digits by 3 writers, which"),
            (
                {"pendigits-orig.tes.Z": packed(pen_digits(4, 5))},
                "a pendigits-orig.tes of 20 digits by 4 writers, which",
            ),
            ({"pendigits-orig.tes.Z": None}, "an archive without pendigits-orig.tes.Z"),
        ],
    )
    def test_what_is_not_uci_is_refused(
        self, server: Server, pens: dict[str, Any], folder: Path, changed: dict[str, Any], said: str
    ) -> None:
        served = {name: content for name, content in (pens | changed).items() if content is not None}
        server.content["/all.zip"] = zipped(served)
        module.PEN_DIGITS.append(f"{server.base}/all.zip")
        with pytest.raises(DownloadError) as error:
            download_pen_digits(folder)
        assert str(error.value).startswith(f"127.0.0.1 sent {said}")
        assert list(folder.parent.iterdir()) == []

    def test_all_ten_digits_must_be_there(
        self, server: Server, pens: dict[str, bytes], folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "PEN_TEST", (10, 2))
        server.content["/all.zip"] = zipped(pens | {"pendigits-orig.tes.Z": packed(pen_digits(2, 5))})
        module.PEN_DIGITS.append(f"{server.base}/all.zip")
        with pytest.raises(DownloadError, match="10 digits by 2 writers, which is not UCI's"):
            download_pen_digits(folder)

    @pytest.mark.parametrize("damage", ["cut", "no archive"])
    def test_a_damaged_archive(self, server: Server, pens: dict[str, bytes], folder: Path, damage: str) -> None:
        whole = zipped(pens)
        server.content["/all.zip"] = whole[:-30] if damage == "cut" else b"<html>"
        module.PEN_DIGITS.append(f"{server.base}/all.zip")
        with pytest.raises(DownloadError, match=r"sent an archive that cannot be unpacked \("):
            download_pen_digits(folder)

    def test_no_network(self, pens: dict[str, bytes], server: Server, folder: Path) -> None:
        module.PEN_DIGITS.append(f"http://127.0.0.1:{dead_port()}/all.zip")
        with pytest.raises(DownloadError, match="no network"):
            download_pen_digits(folder)
        assert not folder.parent.exists()

    def test_uci_has_an_archive_and_a_folder(self) -> None:
        assert [address.partition("ics.uci.edu/")[0] for address in module.PEN_DIGITS] == ["https://archive."] * 2
        assert [address[-4:] for address in module.PEN_DIGITS] == [".zip", "its/"]
        assert len(bytes.fromhex(module.PEN_SUM)) == 32


def test_kerass_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    assert cache_folder() == tmp_path / "keras" / "datasets"
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert cache_folder() == tmp_path / ".keras" / "datasets"
