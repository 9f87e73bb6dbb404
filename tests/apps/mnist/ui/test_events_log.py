"""The log of events: one JSON object a line, there at once, and never in the way."""

from __future__ import annotations

import errno
import io
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from apps.mnist.ui.events_log import EventsLog


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def test_each_event_is_a_line_that_is_there_at_once(path: Path) -> None:
    log = EventsLog(path)
    log("ready", window=[1000, 660], canvas=[8, 40, 532])
    assert path.read_text() == '{"event": "ready", "window": [1000, 660], "canvas": [8, 40, 532]}\n'
    log("prediction", digit=None, probabilities=None, strokes=0, points=0, ms=0.0)
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["ready", "prediction"]
    log.close()


def test_is_utf_8_and_no_text_breaks_a_line(path: Path) -> None:
    with closing(EventsLog(path)) as log:
        log("error", message='Ziffer "ä"\r\n\u2028 zwei')
    content = path.read_bytes()
    assert "ä".encode() in content
    assert content.count(b"\n") == 1
    assert json.loads(content)["message"] == 'Ziffer "ä"\r\n\u2028 zwei'


def test_names_that_are_no_text_are_escaped(path: Path) -> None:
    """What Python makes of a file's name that is no UTF-8."""
    with closing(EventsLog(path)) as log:
        log("error", message="caf\udce9.png: no such file")
    assert json.loads(path.read_bytes())["message"] == "caf\udce9.png: no such file"


def test_begins_anew(path: Path) -> None:
    path.write_text("old\n")
    with closing(EventsLog(path)) as log:
        log("quit")
    assert path.read_text() == '{"event": "quit"}\n'


def test_without_a_path_nothing_is_written(tmp_path: Path) -> None:
    log = EventsLog(None)
    log("clear")
    log.close()
    assert list(tmp_path.iterdir()) == []


def test_closed_twice_and_used_afterwards(path: Path) -> None:
    log = EventsLog(path)
    log.close()
    log.close()
    log("clear")
    assert path.read_text() == ""


def test_a_file_that_cannot_be_made_is_told(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        EventsLog(path / "nowhere.jsonl")
    with pytest.raises(IsADirectoryError):
        EventsLog(path.parent)


class FullDisk(io.FileIO):
    """A file of at most so many bytes, which cannot even be closed without complaint."""

    def write(self, content: Any) -> int:
        room = 25 - self.tell()
        if room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(content[:room])

    def close(self) -> None:
        super().close()
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("event", ["clear", "a line that ends where the disk does"])
def test_a_full_disk_silences_it_and_every_line_is_whole(
    path: Path, event: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(path, "wb")
    monkeypatch.setattr(Path, "open", lambda *_, **__: disk)
    log = EventsLog(path)
    for _ in range(3):
        log(event)
    log.close()
    monkeypatch.undo()
    assert path.read_text() == ('{"event": "clear"}\n' if event == "clear" else "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_is_really_full() -> None:
    log = EventsLog(Path("/dev/full"))
    log("clear")
    log("quit")
    log.close()
