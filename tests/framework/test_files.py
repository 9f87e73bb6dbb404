"""Files that are whole at all times."""

from __future__ import annotations

import os
import random
import signal
import stat
from pathlib import Path
from typing import Any

import pytest

from framework import files
from framework.files import put_in_place, remove_debris, write_atomically, write_new


def test_it_writes_into_folders_that_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.bin"
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_it_takes_a_path_as_text(tmp_path: Path) -> None:
    write_atomically(f"{tmp_path}/file", b"")
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize("fails", ["replace", "fsync"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_when_it_fails_the_old_file_is_whole_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, error: BaseException
) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def failing(*_: Any) -> None:
        raise error

    monkeypatch.setattr(os, fails, failing)
    with pytest.raises(type(error)):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_its_place_is_an_error_without_debris(tmp_path: Path) -> None:
    (tmp_path / "taken" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="taken"):
        write_atomically(tmp_path / "taken", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_it_may_be_read_by_whom_the_umask_allows(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", b"")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_a_link_stays_one_and_its_target_is_written(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_what_is_no_regular_file_is_left_alone(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="pipe"):
        write_atomically(tmp_path / "pipe", b"new")
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_what_is_replaced_hands_on_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "file").chmod(0o604)
    write_atomically(tmp_path / "file", b"new")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o604


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1])
@pytest.mark.parametrize(
    "spoil", [lambda read: read + b"x", lambda read: read[:-1] or b"x", lambda read: b"x" + read[1:]]
)
def test_what_does_not_read_as_it_was_written_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, spoil: Any
) -> None:
    def fsync(file: int, once: Any = []) -> None:  # noqa: B006
        if not once:  # that of the file, not that of the folder
            once.append(file)
            os.pwrite(file, spoil(content), 0)
            os.ftruncate(file, len(spoil(content)))

    content = bytes(size)
    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="Does not read as it was written") as failed:
        write_atomically(path, content)
    assert failed.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_any_size_reads_as_it_was_written(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    write_atomically(tmp_path / "file", content)
    assert (tmp_path / "file").read_bytes() == content


def test_errors_name_the_target_and_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> None:
        raise OSError(28, "No space left on device", "what nobody knows")

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match=r"No space left on device: '.*file'") as failed:
        write_atomically(tmp_path / "file", b"new")
    assert (failed.value.errno, failed.value.filename) == (28, str(tmp_path / "file"))


def test_a_place_below_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    with pytest.raises(OSError, match="below") as failed:
        write_atomically(tmp_path / "file" / "below", b"new")
    assert failed.value.filename == str(tmp_path / "file" / "below")


def test_folders_that_cannot_be_flushed_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def only_files(file: int) -> None:
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(22, "Invalid argument")
        fsync(file)

    monkeypatch.setattr(os, "fsync", only_files)
    write_atomically(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_several_new_files_are_there_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = {tmp_path / "new" / name: name.encode() for name in ("a", "b", "c")}
    replace, done = os.replace, []

    def failing(source: Any, target: Any) -> None:
        if len(done) == 2:
            raise OSError(28, "No space left on device")
        done.append(target)
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", failing)
        with pytest.raises(OSError, match="No space left on device"):
            write_new(contents)
    assert list((tmp_path / "new").iterdir()) == []
    write_new(contents)
    assert all(path.read_bytes() == content for path, content in contents.items())
    with pytest.raises(FileExistsError, match="/b'" if os.name == "posix" else "b'"):
        write_new({tmp_path / "new" / "d": b"", tmp_path / "new" / "b": b""})
    assert not (tmp_path / "new" / "d").exists()


def test_a_file_is_put_in_place(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "source").write_bytes(b"new")
    put_in_place(tmp_path / "source", tmp_path / "target")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("target", b"new")]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_reader_finds_one_whole_content_or_the_other_however_writers_are_killed(tmp_path: Path) -> None:
    path, chance = tmp_path / "file", random.Random(1)
    contents = [bytes([number]) * 300_000 for number in (1, 2)]
    write_atomically(path, contents[0])
    for _ in range(30):
        child = os.fork()
        if not child:
            while True:
                for content in contents:
                    write_atomically(path, content)
        for _ in range(chance.randrange(1, 60)):
            assert path.read_bytes() in contents
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert path.read_bytes() in contents
        others = [other.name for other in tmp_path.iterdir() if other != path]
        assert all(name.startswith(".") and name.endswith(".tmp") for name in others)
    (tmp_path / ".0123456789abcdef.tmp").write_bytes(b"")
    remove_debris(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="needs permissions")
def test_nobody_else_can_read_what_replaces_a_private_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, modes, compare = tmp_path / "file", [], files._compare
    path.touch(0o600)

    def look(temporary: Path, content: bytes) -> None:
        modes.append(stat.S_IMODE(temporary.stat().st_mode))
        compare(temporary, content)

    monkeypatch.setattr(files, "_compare", look)
    write_atomically(path, b"private")
    assert modes == [0o600]
