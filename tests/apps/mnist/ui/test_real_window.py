"""The real process on a real screen, used with mouse and keyboard; tests/README.md says what has to be installed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from apps.mnist.recognizer import SHIPPED, Recognizer
from apps.mnist.unipen import FILE, read_pen_digits
from benchmarks.real_window import Line, RealWindow, Written, missing, screen, some
from benchmarks.strangers import strangers

DIGITS = 300
RIGHT = 0.96
"""The share of digits of people it has never seen that the checkpoint which is opened by default has to read right."""
SAME = 0.98
"""The share of answers that are those of the same strokes without a window."""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(missing() is not None, reason=str(missing()))]

SEVEN = [(0.2, 0.2), (0.8, 0.2), (0.5, 0.5), (0.4, 0.9)]
DASH = [(0.3, 0.55), (0.7, 0.55)]


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with screen() as display:
        yield display


@pytest.fixture(scope="module")
def opened(display: str) -> Iterator[RealWindow]:
    with RealWindow(display) as window:
        yield window


@pytest.fixture
def window(opened: RealWindow) -> RealWindow:
    """A window with an empty canvas and nothing to undo that a test would miss."""
    opened.key("Escape", "q")
    opened.wait_for("clear")
    opened.pending()
    return opened


def line(window: RealWindow, points: list[tuple[float, float]]) -> Line:
    """Places of the canvas as pixels of the window."""
    x, y, side = window.canvas
    return [(round(x + a * side), round(y + b * side)) for a, b in points]


@pytest.fixture(scope="module")
def written(opened: RealWindow) -> list[Written]:
    """What became of digits that people drew, replayed at random places and in random sizes."""
    folder = os.environ.get("PENDIGITS_DIR")
    if not folder:
        pytest.skip(f"needs UCI's pen digits: set PENDIGITS_DIR to a folder with {FILE} or {FILE}.gz")
    rng = np.random.default_rng(0)
    return [opened.write(digit, rng) for digit in some(strangers(read_pen_digits(folder)), DIGITS, rng)]


class TestPenDigits:
    def test_every_stroke_and_every_point_arrives(self, written: list[Written]) -> None:
        assert [w.arrived for w in written] == [w.sent for w in written]
        assert [w.answer["strokes"] for w in written] == [len(w.strokes) for w in written]
        assert sum(sum(w.sent) for w in written) > 30 * DIGITS

    def test_the_answers_are_those_of_the_strokes_without_a_window(self, written: list[Written]) -> None:
        recognizer = Recognizer.load()
        assert sum(w.as_offline(recognizer) for w in written) >= SAME * DIGITS

    def test_most_are_read_right(self, written: list[Written]) -> None:
        assert {w.answer["model"] for w in written} == {SHIPPED.name}
        assert sum(w.right for w in written) >= RIGHT * DIGITS

    def test_how_long_the_answers_take_is_told(
        self, written: list[Written], capsys: pytest.CaptureFixture[str]
    ) -> None:
        median, p95 = np.percentile([1000 * w.seconds for w in written], [50, 95])
        with capsys.disabled():
            print(f"\nfrom lifting the pen and P to the answer: median {median:.0f} ms, 95th percentile {p95:.0f} ms")
        assert all(w.answer["ms"] < 1000 * w.seconds for w in written)


class TestKeys:
    def test_p_q_and_z(self, window: RealWindow) -> None:
        window.draw([line(window, SEVEN)])
        window.key("p")
        answer = window.wait_for("prediction")
        assert (answer["digit"], answer["strokes"], answer["points"]) == (7, 1, 4)
        window.key("q", "p")
        window.wait_for("clear")
        assert window.wait_for("prediction")["digit"] is None
        window.key("z")
        assert window.wait_for("undo")["strokes"] == 1
        window.key("p")
        again = window.wait_for("prediction")
        assert again["probabilities"] == answer["probabilities"]
        window.key("z")
        assert window.wait_for("undo")["strokes"] == 0

    def test_the_answer_comes_by_itself_after_a_rest(self, window: RealWindow) -> None:
        window.draw([line(window, SEVEN), line(window, DASH)])
        answers = [window.wait_for("prediction")]
        while answers[-1]["strokes"] < 2:
            answers.append(window.wait_for("prediction"))
        assert answers[-1]["digit"] == 7

    def test_several_digits_are_a_number(self, window: RealWindow) -> None:
        one = [(0.1, 0.3), (0.1, 0.5), (0.1, 0.7)]
        seven = [(0.5, 0.3), (0.75, 0.3), (0.65, 0.5), (0.6, 0.7)]
        window.draw([line(window, one), line(window, seven)])
        answer = window.wait_for("prediction")
        assert (answer["number"], answer["digit"], answer["strokes"]) == ("17", 7, 2)
        assert [found["digit"] for found in answer["digits"]] == [1, 7]
        window.key("z", "p")
        answer = window.wait_for("prediction")
        assert answer["digit"] == 1
        assert "number" not in answer

    def test_letters_with_ctrl_do_nothing(self, window: RealWindow) -> None:
        window.draw([line(window, SEVEN)])
        window.wait_for("prediction")
        window.key("ctrl+w", "ctrl+p", "alt+q", "ctrl+c", "ctrl+s", "p")
        window.wait_for("prediction")
        window.key("p")
        assert window.wait_for("prediction")["strokes"] == 1
        assert window.pending() == []

    def test_full_screen_and_back(self, window: RealWindow) -> None:
        window.draw([line(window, SEVEN)])
        window.key("F11")
        assert window.wait_for("resize")["window"] == [1280, 800]
        window.key("F11")
        assert window.wait_for("resize")["window"] == window.size
        assert window.output() == ""


class TestMouse:
    def test_a_stroke_ends_where_the_button_comes_up_outside_of_the_window(self, window: RealWindow) -> None:
        (x, y), *_ = line(window, [(0.5, 0.5)])
        window.xdotool("mousemove", "--window", window.id, str(x), str(y), "mousedown", "1")
        window.xdotool("mousemove", "5", "5", "mouseup", "1")
        assert window.wait_for("stroke")["points"] >= 2
        window.xdotool("mousemove", "--window", window.id, str(x), str(y))
        window.key("z")
        assert window.wait_for("undo")["strokes"] == 0

    def test_the_right_button_erases(self, window: RealWindow) -> None:
        window.draw([line(window, SEVEN), line(window, DASH)])
        (x, y), *_ = line(window, [(0.65, 0.55)])
        window.xdotool("mousemove", "--window", window.id, str(x), str(y), "click", "3")
        window.key("p")
        while window.wait_for("prediction")["strokes"] != 1:
            window.key("p")


class TestSizes:
    def test_drawing_and_answer_survive(self, window: RealWindow) -> None:
        window.draw([line(window, SEVEN)])
        window.key("p")
        before = window.wait_for("prediction")
        for size in ((720, 480), (200, 120), (40, 30), (1200, 700), (1000, 660)):
            window.xdotool("windowsize", window.id, *map(str, size))
            resized = window.wait_for("resize")
            assert resized["window"] == list(size)
            window.canvas = resized["canvas"]
            if size != (40, 30):
                window.draw([line(window, [(0.6, 0.6)])])
                window.key("z")
                assert window.wait_for("undo")["strokes"] == 1
            window.key("p")
            assert window.wait_for("prediction")["probabilities"] == before["probabilities"]


class TestTrouble:
    def test_a_file_that_is_no_drawing(self, display: str, tmp_path: Path) -> None:
        (tmp_path / "broken.json").write_text('{"format": "numpy-seq')
        with RealWindow(display, folder=tmp_path) as window:
            window.draw([line(window, SEVEN)])
            window.key("o", "Return")
            assert "broken.json" in window.wait_for("error")["message"]
            window.key("p")
            assert window.wait_for("prediction")["digit"] == 7

    @pytest.mark.parametrize("content", [None, b"", b"{}", SHIPPED.read_bytes()[:10_000]])
    def test_a_checkpoint_that_is_none(self, display: str, tmp_path: Path, content: bytes | None) -> None:
        checkpoint = tmp_path / "model.json"
        if content is not None:
            checkpoint.write_bytes(content)
        with RealWindow(display, "--checkpoint", str(checkpoint)) as window:
            assert str(checkpoint) in window.wait_for("error")["message"]
            window.draw([line(window, SEVEN)])
            window.key("ctrl+q")
            assert window.wait() == (0, "")


class TestClosing:
    def test_ctrl_q(self, display: str) -> None:
        with RealWindow(display) as window:
            window.draw([line(window, SEVEN)])
            window.key("ctrl+q")
            assert window.wait() == (0, "")
            assert [event["event"] for event in window.pending() if event["event"] != "prediction"] == ["quit", "end"]

    def test_the_end_of_the_session_closes_it_as_its_button_does(self, display: str) -> None:
        with RealWindow(display) as window:
            window.process.send_signal(signal.SIGTERM)
            assert window.wait() == (0, "")
            assert [event["event"] for event in window.pending()] == ["quit", "end"]

    def test_ctrl_c_in_the_terminal(self, display: str) -> None:
        with RealWindow(display) as window:
            window.process.send_signal(signal.SIGINT)
            assert window.wait() == (130, "interrupted")

    def test_the_frames_are_told(self, display: str) -> None:
        with RealWindow(display, "--profile") as window:
            window.key("ctrl+q")
            status, printed = window.wait()
            assert status == 0
            assert "\nframe " in printed
