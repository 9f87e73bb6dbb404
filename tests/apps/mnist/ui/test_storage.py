"""Drawings as files: what is saved comes back, nothing is overwritten, and no file brings the window down."""

from __future__ import annotations

import copy
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from apps.mnist.files import DataError
from apps.mnist.ui import storage
from apps.mnist.ui.drawing import Drawing, Stroke
from apps.mnist.ui.reading import model_image
from apps.mnist.ui.storage import load_json, open_drawing, png, save_beside, save_drawing, to_json

shares = st.floats(0, 1)
points = st.tuples(shares, shares, st.floats(0, 1000))
strokes = st.lists(st.lists(points, min_size=1, max_size=8).map(tuple), min_size=1, max_size=3).map(tuple)
pictures = st.integers(0, 9).map(lambda seed: np.random.default_rng(seed).integers(0, 256, (28, 28)))
drawings = st.builds(
    lambda all_segments, levels: Drawing(
        tuple(Stroke(segments) for segments in all_segments),
        None if levels is None else (levels / 255).astype(np.float32),
    ),
    st.lists(strokes, max_size=3),
    st.none() | pictures,
).filter(lambda drawing: not drawing.is_empty)

SEVEN = Drawing((Stroke((((0.2, 0.2, 0.0), (0.8, 0.2, 0.3), (0.4, 0.9, 0.8)),)), Stroke((((0.3, 0.5, 0.0),),))))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def saved(folder: Path, drawing: Drawing = SEVEN, digit: int | None = 7) -> list[Path]:
    image = model_image(drawing)
    assert image is not None
    return save_drawing(folder, drawing, image, 2.2, digit)


def document(**changes: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_json(SEVEN)) | changes
    return found


def opened(folder: Path, content: bytes | object) -> Drawing:
    """The drawing in a file with this content."""
    path = folder / "a drawing.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return open_drawing(path)


def check_refusal(error: DataError) -> None:
    """One line that names the file."""
    assert Path(error.place).name == "a drawing.json"
    assert str(error).startswith(f"{error.place}: ")
    assert "\n" not in str(error)


class TestRoundTrip:
    @given(drawings)
    def test_what_is_saved_comes_back(self, drawing: Drawing) -> None:
        with TemporaryDirectory() as folder:
            found = opened(Path(folder), to_json(drawing))
        assert len(found.strokes) == len(drawing.strokes)
        for old, new in zip(drawing.strokes, found.strokes, strict=True):
            assert len(old.segments) == len(new.segments)
            for a, b in zip(old.segments, new.segments, strict=True):
                np.testing.assert_allclose(b, a, atol=6e-4)
                np.testing.assert_allclose(np.array(b)[:, :2], np.array(a)[:, :2], atol=6e-6)
        if drawing.picture is None:
            assert found.picture is None
        else:
            np.testing.assert_array_equal(found.picture, drawing.picture)
            assert found.picture is not None
            assert found.picture.dtype == np.float32
        assert to_json(found) == to_json(drawing)

    def test_the_model_sees_the_same(self, tmp_path: Path) -> None:
        found = open_drawing(saved(tmp_path)[0])
        np.testing.assert_allclose(model_image(found), model_image(SEVEN), atol=1e-3)

    def test_the_suffix_may_be_in_capitals(self, tmp_path: Path) -> None:
        path = tmp_path / "SEVEN.JSON"
        path.write_bytes(to_json(SEVEN))
        assert open_drawing(path).points == 4


class TestSaving:
    def test_three_files_of_a_name(self, tmp_path: Path) -> None:
        paths = saved(tmp_path / "new" / "drawings")
        stem = paths[0].stem
        assert [path.name for path in paths] == [f"{stem}.json", f"{stem}-28x28.png", f"{stem}-560x560.png"]
        assert stem.startswith("digit-2")
        assert stem.endswith("-7")
        assert sorted(paths[0].parent.iterdir()) == sorted(paths)

    def test_a_digit_that_was_not_answered(self, tmp_path: Path) -> None:
        assert saved(tmp_path, digit=None)[0].stem.endswith("-unread")

    def test_the_small_picture_is_what_the_model_sees(self, tmp_path: Path) -> None:
        with Image.open(saved(tmp_path)[1]) as picture:
            assert (picture.size, picture.mode) == ((28, 28), "L")
            levels = np.asarray(picture)
        image = model_image(SEVEN)
        assert image is not None
        np.testing.assert_array_equal(levels, np.rint(255 * image))

    def test_the_large_picture_is_what_the_canvas_shows(self, tmp_path: Path) -> None:
        with Image.open(saved(tmp_path)[2]) as picture:
            assert (picture.size, picture.mode) == ((560, 560), "L")
            levels = np.asarray(picture)
        assert levels[112, 280] == 255  # the bar of the 7
        assert levels[300, 100] == 0

    def test_the_large_picture_of_a_picture_and_strokes(self, tmp_path: Path) -> None:
        levels = np.zeros((28, 28), np.float32)
        levels[20, 3] = 0.5
        with Image.open(saved(tmp_path, Drawing(SEVEN.strokes, levels))[2]) as picture:
            shown = np.asarray(picture)
        assert np.unique(shown[400:420, 60:80]).tolist() == [128]
        assert shown[112, 280] == 255

    def test_nothing_is_overwritten(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(time, "strftime", lambda form: "20300102-030405")
        written = [path for _ in range(3) for path in saved(tmp_path)]
        assert len(set(written)) == len(list(tmp_path.iterdir())) == 9
        assert [path.name for path in written if path.suffix == ".json"] == [
            "digit-20300102-030405-7.json",
            "digit-20300102-030405-7-2.json",
            "digit-20300102-030405-7-3.json",
        ]

    def test_a_name_is_taken_when_any_of_its_files_is_there(self, tmp_path: Path) -> None:
        (tmp_path / "a.png").write_bytes(b"mine")
        assert save_beside(tmp_path, "a", {".json": b"1", ".png": b"2"})[1] == tmp_path / "a-2.png"
        assert (tmp_path / "a.png").read_bytes() == b"mine"
        assert not (tmp_path / "a.json").exists()

    def test_of_a_drawing_all_files_are_saved_or_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        replace, done = os.replace, []

        def failing(source: Path, target: Path) -> None:
            if done:
                raise OSError(28, "No space left on device")
            done.append(target)
            replace(source, target)

        monkeypatch.setattr(os, "replace", failing)
        with pytest.raises(OSError, match="No space left on device"):
            saved(tmp_path)
        assert done
        assert list(tmp_path.iterdir()) == []

    def test_windows_that_save_at_once_take_turns(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(storage, "PATIENCE", 60)
        monkeypatch.setattr(time, "strftime", lambda form: "20300102-030405")
        with ThreadPoolExecutor(4) as pool:
            written = [path for paths in pool.map(lambda _: saved(tmp_path), range(8)) for path in paths]
        assert len(set(written)) == len(list(tmp_path.iterdir())) == 24

    def test_a_folder_that_cannot_be_written_is_an_os_error(self, tmp_path: Path) -> None:
        (tmp_path / "drawings").write_text("a file in the way")
        with pytest.raises(OSError, match="drawings"):
            saved(tmp_path / "drawings")

    def test_colours_as_png(self, tmp_path: Path) -> None:
        levels = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
        (tmp_path / "a.png").write_bytes(png(levels))
        with Image.open(tmp_path / "a.png") as picture:
            np.testing.assert_array_equal(np.asarray(picture), levels)


DAMAGED: dict[str, Any] = {
    "strokes missing": {name: value for name, value in document().items() if name != "strokes"},
    "strokes a number": document(strokes=3),
    "strokes null": document(strokes=None),
    "strokes a word": document(strokes="ink"),
    "strokes an object": document(strokes={"a": 1}),
    "a stroke without segments": document(strokes=[[]]),
    "a segment without points": document(strokes=[[[]]]),
    "a stroke that is a number": document(strokes=[1]),
    "a point of two": document(strokes=[[[[0.5, 0.5]]]]),
    "a point of four": document(strokes=[[[[0.5, 0.5, 0, 0]]]]),
    "a point of words": document(strokes=[[[["a", "b", "c"]]]]),
    "a point of letters": document(strokes=[[["abc"]]]),
    "a point of truths": document(strokes=[[[[True, True, False]]]]),
    "a point outside": document(strokes=[[[[1.01, 0.5, 0]]]]),
    "a point before": document(strokes=[[[[0.5, -0.01, 0]]]]),
    "before the time": document(strokes=[[[[0.5, 0.5, -1]]]]),
    "after all time": document(strokes=[[[[0.5, 0.5, 1e300]]]]),
    "not a number": document(strokes=[[[[float("nan"), 0.5, 0]]]]),
    "infinite": document(strokes=[[[[0.5, 0.5, float("inf")]]]]),
    "astronomic": document(strokes=[[[[10**400, 0.5, 0]]]]),
    "picture a number": document(picture=1),
    "picture of 27 rows": document(picture=[[0] * 28] * 27),
    "picture of uneven rows": document(picture=[[0] * 28] * 27 + [[0] * 27]),
    "picture too bright": document(picture=[[256] * 28] * 28),
    "picture too dark": document(picture=[[-1] * 28] * 28),
    "picture of fractions": document(picture=[[0.5] * 28] * 28),
    "picture of words": document(picture=[["a"] * 28] * 28),
    "picture of astronomic numbers": document(picture=[[10**40] * 28] * 28),
    "picture an object": document(picture={"rows": 28}),
    "nothing in it": document(strokes=[], picture=None),
    "a blank picture": document(strokes=[], picture=[[0] * 28] * 28),
    "another format": document(format="numpy-sequential model"),
    "another version": document(version=2),
    "no format": {"strokes": []},
    "a list": [1, 2],
    "a number": 7,
    "null": None,
    "empty": b"",
    "no text": b"\xff\xfe\x00\xd8",
    "no JSON": b"{'strokes': []}",
    "deep": b"[" * 100_000,
    "a number of ten thousand digits": b'{"format": ' + b"1" * 10_000 + b"}",
}


class TestDamagedFiles:
    @pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
    def test_are_refused_by_name(self, content: Any, tmp_path: Path) -> None:
        with pytest.raises(DataError) as raised:
            opened(tmp_path, content)
        check_refusal(raised.value)

    @given(st.data())
    def test_cut_short_anywhere(self, data: st.DataObject) -> None:
        content = to_json(SEVEN)
        length = data.draw(st.integers(0, len(content) - 2))
        with TemporaryDirectory() as folder, pytest.raises(DataError) as raised:
            opened(Path(folder), content[:length])
        check_refusal(raised.value)

    @given(st.data())
    def test_with_any_byte_changed(self, data: st.DataObject) -> None:
        content = bytearray(to_json(SEVEN))
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        with TemporaryDirectory() as folder:
            self.open_or_refuse(Path(folder), bytes(content))

    @given(st.data())
    def test_with_any_value_in_any_place(self, data: st.DataObject) -> None:
        content = document(picture=np.eye(28, dtype=int).tolist())
        place, value = content, data.draw(json_values)
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = data.draw(st.sampled_from(keys))
            if not isinstance(place[key], list | dict) or not place[key] or data.draw(st.booleans()):
                place[key] = copy.deepcopy(value)
                break
            place = place[key]
        with TemporaryDirectory() as folder:
            self.open_or_refuse(Path(folder), json.dumps(content).encode())

    def open_or_refuse(self, folder: Path, content: bytes) -> None:
        try:
            drawing = opened(folder, content)
        except DataError as error:
            check_refusal(error)
            return
        image = model_image(drawing)
        assert image is not None
        assert np.isfinite(image).all()

    def test_too_large(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(storage, "LARGEST_FILE", 100)
        with pytest.raises(DataError, match="has more than the 100 bytes of a drawing"):
            opened(tmp_path, to_json(SEVEN))

    def test_too_many_points(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(storage, "MOST_POINTS", 3)
        with pytest.raises(DataError, match="has more than 3 points"):
            opened(tmp_path, to_json(SEVEN))

    def test_that_is_not_there(self, tmp_path: Path) -> None:
        for name in ("a.json", "a.png"):
            with pytest.raises(FileNotFoundError, match=name):
                open_drawing(tmp_path / name)
        with pytest.raises(FileNotFoundError):
            load_json(tmp_path / "a.json")


class TestImages:
    def page(self, path: Path, dark: bool = True) -> Path:
        levels = np.full((200, 300), 240 if dark else 10, np.uint8)
        levels[40:160, 140:156] = 20 if dark else 250
        Image.fromarray(levels).save(path)
        return path

    @pytest.mark.parametrize("name", ["one.png", "one.jpg", "one.bmp", "one.gif", "one.webp", "one.TIF", "noname"])
    def test_any_kind_is_a_picture_as_mnist_has_them(self, name: str, tmp_path: Path) -> None:
        path = self.page(tmp_path / "page.png")
        if name != "noname":
            with Image.open(path) as picture:
                picture.save(tmp_path / name)
        else:
            (tmp_path / name).write_bytes(path.read_bytes())
        drawing = open_drawing(tmp_path / name)
        assert drawing.strokes == ()
        assert drawing.picture is not None
        assert drawing.picture.shape == (28, 28)
        assert drawing.picture.max() == 1
        assert np.count_nonzero((drawing.picture > 0.5).any(axis=1)) == 20

    def test_light_on_dark_too(self, tmp_path: Path) -> None:
        dark, light = (open_drawing(self.page(tmp_path / f"{dark}.png", dark)) for dark in (True, False))
        np.testing.assert_allclose(dark.picture, light.picture, atol=0.05)

    def test_what_was_saved_as_the_model_sees_it_comes_back(self, tmp_path: Path) -> None:
        image = model_image(SEVEN)
        assert image is not None
        drawing = open_drawing(saved(tmp_path)[1])
        np.testing.assert_allclose(drawing.picture, image, atol=1 / 255)

    def test_a_blank_one_shows_no_ink(self, tmp_path: Path) -> None:
        Image.new("L", (50, 50), 255).save(tmp_path / "blank.png")
        with pytest.raises(DataError, match=r"blank\.png: shows no ink"):
            open_drawing(tmp_path / "blank.png")

    @pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
    def test_damaged_ones_are_refused_by_name(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "damaged.png").write_bytes(content)
        with pytest.raises(DataError, match=r"damaged\.png: cannot be opened: "):
            open_drawing(tmp_path / "damaged.png")

    def test_cut_short(self, tmp_path: Path) -> None:
        path = self.page(tmp_path / "one.png")
        path.write_bytes(path.read_bytes()[:60])
        with pytest.raises(DataError, match=r"one\.png: cannot be opened: "):
            open_drawing(path)
