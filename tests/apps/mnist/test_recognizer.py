"""A checkpoint with preprocessing in front of it: ink in, digit out."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.mnist import data, recognizer
from apps.mnist.preprocess import image_from_strokes
from apps.mnist.recognizer import Prediction, Recognizer, as_probabilities, model_file
from apps.mnist.report import judge
from apps.mnist.strokes import Pendigits
from framework import Input, Sequential, config
from framework.checkpoint import CheckpointError
from framework.layers import Dense, Flatten

SEVEN = [np.array([[10, 10], [60, 10], [30, 90]])]


@pytest.fixture
def short(run_folder: Path) -> Recognizer:
    return Recognizer.load(run_folder)


def linear(shape: tuple[int, ...] = (28, 28), units: int = 10) -> Sequential:
    return Sequential([Input(shape), Flatten(), Dense(units)], seed=0)


class TestLoad:
    @pytest.mark.parametrize("name", ["", "model.json"])
    def test_takes_a_run_folder_or_its_file(self, run_folder: Path, name: str) -> None:
        assert Recognizer.load(run_folder / name).model.count_params() == 109_386
        assert Recognizer.load(str(run_folder / name)).model.name == "mnist_sample"

    def test_takes_the_shipped_checkpoint_when_none_is_named(
        self, run_folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(recognizer, "SHIPPED", run_folder / "model.json")
        assert Recognizer.load().model.name == "mnist_sample"

    def test_knows_the_file(self, run_folder: Path) -> None:
        assert Recognizer.load(run_folder).path == run_folder / "model.json"
        assert Recognizer.load().path == recognizer.SHIPPED
        assert Recognizer(linear()).path is None

    def test_is_not_compiled(self, short: Recognizer) -> None:
        assert not short.model.compiled

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match=r"none\.json"):
            Recognizer.load(tmp_path / "none.json")

    def test_a_folder_without_a_model(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match=r"holds no model\.json; give the folder of a run"):
            Recognizer.load(tmp_path)

    @pytest.mark.parametrize("content", ['{"a": 1}', "[1", '"text"', ""])
    def test_a_file_that_is_no_model(self, tmp_path: Path, content: str) -> None:
        path = tmp_path / "foreign.json"
        path.write_text(content)
        with pytest.raises(CheckpointError, match=r"foreign\.json: (format|line 1, column \d): it is no"):
            Recognizer.load(path)

    @pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
    def test_a_model_that_was_cut_short(self, run_folder: Path, tmp_path: Path, share: float) -> None:
        content = (run_folder / "model.json").read_bytes()
        (tmp_path / "cut.json").write_bytes(content[: int(share * len(content))])
        with pytest.raises(CheckpointError, match=r"cut\.json: line \d+, column \d+: it is not JSON, or was cut short"):
            Recognizer.load(tmp_path / "cut.json")

    @pytest.mark.parametrize(("shape", "units"), [((5,), 10), ((14, 14), 10), ((28, 28), 9)])
    def test_a_model_of_other_things(self, tmp_path: Path, shape: tuple[int, ...], units: int) -> None:
        linear(shape, units).save(tmp_path / "other.json")
        with pytest.raises(CheckpointError, match=r"other\.json: a model of digits takes images of 28x28") as raised:
            Recognizer.load(tmp_path / "other.json")
        assert f"this one takes {shape} and gives {(units,)}" in str(raised.value)


class TestPredict:
    def test_what_a_prediction_holds(self, short: Recognizer) -> None:
        prediction = short.predict_strokes(SEVEN)
        assert prediction is not None
        assert prediction.digit == 7
        assert isinstance(prediction.digit, int)
        assert prediction.probabilities.shape == (10,)
        assert prediction.probabilities.sum() == pytest.approx(1)
        assert prediction.probability == prediction.probabilities.max()
        assert (prediction.image.shape, prediction.image.dtype, prediction.image.max()) == ((28, 28), np.float32, 1)

    def test_reads_mnists_images_as_the_model_alone_does(self, short: Recognizer) -> None:
        test = data.find("sample").test
        answers = judge(short.model, test, 1 / 255).probabilities.argmax(axis=1)
        digits = [prediction.digit for image in test.x[:200] if (prediction := short.predict_image(image))]
        assert digits == answers[:200].tolist()
        assert np.mean(answers == test.y) > 0.88

    def test_dark_on_light_and_light_on_dark_are_the_same(self, short: Recognizer) -> None:
        image = data.find("sample").test.x[0]
        light, dark = short.predict_image(image), short.predict_image(255 - image)
        assert light is not None
        assert dark is not None
        np.testing.assert_array_equal(light.probabilities, dark.probabilities)

    def test_a_prediction_stays_when_the_next_is_made(self, short: Recognizer) -> None:
        first = short.predict_strokes(SEVEN)
        assert first is not None
        kept = first.probabilities.copy(), first.image.copy()
        short.predict_strokes([np.array([[0, 0], [0, 9]])])
        np.testing.assert_array_equal(first.probabilities, kept[0])
        np.testing.assert_array_equal(first.image, kept[1])

    def test_no_ink_is_no_digit(self, short: Recognizer) -> None:
        assert short.predict_strokes([]) is None
        assert short.predict_image(np.full((50, 40), 255, np.uint8)) is None

    @pytest.mark.parametrize("shape", [(28, 28, 1), (784,)])
    def test_models_that_take_the_pixels_in_another_shape(self, shape: tuple[int, ...]) -> None:
        usual, other = linear(), linear(shape)
        other.set_weights(usual.get_weights())
        expected, prediction = Recognizer(usual).predict_strokes(SEVEN), Recognizer(other).predict_strokes(SEVEN)
        assert expected is not None
        assert prediction is not None
        np.testing.assert_array_equal(prediction.probabilities, expected.probabilities)
        assert prediction.probabilities.sum() == pytest.approx(1)


class TestClassify:
    """The two halves of a prediction, for those who show or time them."""

    def test_is_the_second_half(self, short: Recognizer) -> None:
        image = image_from_strokes(SEVEN)
        assert image is not None
        whole, half = short.predict_strokes(SEVEN), short.classify(image)
        assert whole is not None
        assert half.digit == whole.digit
        np.testing.assert_array_equal(half.probabilities, whole.probabilities)
        np.testing.assert_array_equal(half.image, image)

    @pytest.mark.parametrize("options", [{"width": 4.0}, {"smallest": 500.0}])
    def test_width_and_size_are_passed_on(self, short: Recognizer, options: dict[str, float]) -> None:
        prediction, expected = short.predict_strokes(SEVEN, **options), image_from_strokes(SEVEN, **options)
        usual = image_from_strokes(SEVEN)
        assert prediction is not None
        assert expected is not None
        np.testing.assert_array_equal(prediction.image, expected)
        assert not np.array_equal(expected, usual)  # type: ignore[arg-type]

    @pytest.mark.parametrize("shape", [(784,), (1, 28, 28), (28, 27)])
    def test_refuses_another_shape(self, short: Recognizer, shape: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match=r"^image has shape .*: give \(28, 28\), as image_from_strokes makes it$"):
            short.classify(np.zeros(shape, np.float32))


class TestTemperature:
    def test_without_one_it_is_one(self) -> None:
        assert Recognizer(linear()).temperature == 1.0

    @pytest.mark.parametrize("temperature", [2, 0.5, 0.05, 20])
    def test_calibrates_what_is_predicted(self, tmp_path: Path, temperature: float) -> None:
        plain, model = Recognizer(linear()), linear()
        model.metadata["temperature"] = temperature
        model.save(tmp_path / "model.json")
        calibrated = Recognizer.load(tmp_path)
        before, after = plain.predict_strokes(SEVEN), calibrated.predict_strokes(SEVEN)
        assert before is not None
        assert after is not None
        assert calibrated.temperature == temperature
        assert after.digit == before.digit
        expected = before.probabilities ** (1 / temperature)
        np.testing.assert_allclose(after.probabilities, expected / expected.sum(), rtol=1e-9)

    @pytest.mark.parametrize("value", [0, -1, 0.049, 20.1, True, "1.5", None, [1]])
    def test_one_that_cannot_be_is_refused(self, tmp_path: Path, value: Any) -> None:
        model = linear()
        model.metadata["temperature"] = value
        model.save(tmp_path / "odd.json")
        with pytest.raises(CheckpointError, match=r"metadata\.temperature must be a number from 0\.05 to 20") as raised:
            Recognizer.load(tmp_path / "odd.json")
        assert str(raised.value).startswith(f"{tmp_path / 'odd.json'}: ")
        with pytest.raises(CheckpointError, match=r"^sequential: metadata\.temperature must be"):
            Recognizer(model)

    def test_one_that_is_not_finite_is_refused(self, tmp_path: Path) -> None:
        linear().save(tmp_path / "model.json")
        text = (tmp_path / "model.json").read_text()
        for value in ("NaN", "Infinity", "1e999"):
            (tmp_path / "model.json").write_text(
                text.replace('"metadata": {}', f'"metadata": {{"temperature": {value}}}')
            )
            with pytest.raises(CheckpointError, match=r"model\.json: line \d+, column \d+: .*(no value|too large)"):
                Recognizer.load(tmp_path)


class TestAsProbabilities:
    def test_leaves_probabilities_alone(self) -> None:
        outputs = np.array([[0.25, 0.75], [1.0, 0.0]], np.float32)
        np.testing.assert_array_equal(as_probabilities(outputs), outputs)

    @pytest.mark.parametrize(
        "outputs", [[[0.0, np.log(3)]], [[1000.0, 1000.0 + np.log(3)]], [[-9.0, -9.0 + np.log(3)]]]
    )
    def test_takes_the_softmax_of_logits(self, outputs: list[list[float]]) -> None:
        np.testing.assert_allclose(as_probabilities(np.array(outputs)), [[0.25, 0.75]])

    def test_keeps_what_is_not_finite(self) -> None:
        assert np.isnan(as_probabilities(np.array([[np.nan, 1.0], [np.inf, 1.0]]))).any(axis=1).all()


class TestShipped:
    """The checkpoint that comes with the project."""

    def test_is_that_of_its_recipe(self) -> None:
        recipe = recognizer.SHIPPED.parents[1] / "configs" / f"{recognizer.SHIPPED.stem}.yaml"
        assert config.load(recipe).build().get_config() == Recognizer.load().model.get_config()

    @pytest.mark.skipif("MNIST_DIR" not in os.environ, reason="needs MNIST: set MNIST_DIR to its folder")
    def test_reads_mnists_test_images(self) -> None:
        assert judge(Recognizer.load().model, data.find().test, 1 / 255).accuracy >= 0.99

    @pytest.mark.skipif("PENDIGITS_DIR" not in os.environ, reason="needs pen digits: set PENDIGITS_DIR to their folder")
    def test_reads_the_strokes_of_people_it_has_never_seen(self) -> None:
        test = Pendigits(test=3).load().test
        assert test is not None
        report = judge(Recognizer.load().model, test, 1 / 255)
        sure, right = report.sure
        assert report.accuracy >= 0.985
        assert sure >= 0.92 * len(report)
        assert right >= 0.995 * sure


def test_model_file(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    assert model_file(tmp_path) == tmp_path / "model.json"
    assert model_file("a/b.json") == Path("a/b.json")


def test_a_model_is_called_after_its_file_or_its_run() -> None:
    model = recognizer.Recognizer.load().model
    names = {None: model.name, "runs/a/model.json": "a/model.json", "models/a.json": "a.json"}
    for path, name in names.items():
        assert recognizer.Recognizer(model, path and Path(path)).name == name


class TestSeveral:
    """Numbers and pages: all their digits are asked about at once."""

    def test_a_number(self, short: Recognizer) -> None:
        strokes = [np.add(SEVEN[0], (x, 0)) for x in (200, 0, 100)]
        found = short.read_strokes(strokes)
        assert [one.digit for one in found] == [7, 7, 7]
        assert [one.box for one in found] == [(10.0 + x, 10.0, 50.0, 80.0) for x in (0, 100, 200)]
        alone = short.predict_strokes(SEVEN)
        assert alone is not None
        for one in found:
            np.testing.assert_allclose(one.probabilities, alone.probabilities, rtol=1e-4, atol=1e-6)
            np.testing.assert_array_equal(one.image, alone.image)

    def test_one_digit_is_the_same_as_alone(self, short: Recognizer) -> None:
        (found,), alone = short.read_strokes(SEVEN), short.predict_strokes(SEVEN)
        assert alone is not None
        np.testing.assert_array_equal(found.probabilities, alone.probabilities)

    def test_the_model_is_asked_once(self, short: Recognizer, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = []
        predict = short.model.predict_on_batch
        monkeypatch.setattr(short.model, "predict_on_batch", lambda x: asked.append(x.shape) or predict(x))
        short.read_strokes([np.add(SEVEN[0], (x, 0)) for x in (0, 100, 200)])
        assert asked == [(3, *short.model.input_shape)]

    def test_a_page(self, short: Recognizer) -> None:
        test = data.find("sample").test
        page = np.zeros((140, 260), np.uint8)
        places = [(20, 20), (20, 120), (20, 200), (90, 60)]
        for image, (y, x) in zip(test.x, places, strict=False):
            page[y : y + 28, x : x + 28] = image
        lines = short.read_image(page)
        assert [len(line) for line in lines] == [3, 1]
        answers = judge(short.model, test, 1 / 255).probabilities.argmax(axis=1)[:4]
        assert [found.digit for line in lines for found in line] == answers.tolist()
        x, y, w, h = lines[1][0].box
        assert 60 <= x <= x + w <= 88
        assert 90 <= y <= y + h <= 118

    @pytest.mark.parametrize(("shares", "digits"), [((0.8, 0.9, 0.8), [1, 2]), ((0.9, 0.99, 0.8), [0])])
    def test_digits_that_touch_are_told_apart_where_the_model_is_as_sure_of_each(
        self, short: Recognizer, monkeypatch: pytest.MonkeyPatch, shares: tuple[float, ...], digits: list[int]
    ) -> None:
        """The first answer is to the whole, the others are to its pieces."""

        def answered(images: np.ndarray) -> list[Prediction]:
            assert len(images) == len(shares)
            return [Prediction(n, np.eye(10)[n] * share, images[n]) for n, share in enumerate(shares)]

        monkeypatch.setattr(short, "classify_all", answered)
        page = np.full((140, 240), 230, np.uint8)
        page[30:110, 30:40] = page[30:110, 140:150] = page[68:72, 30:150] = 30
        (line,) = short.read_image(page)
        assert [found.digit for found in line] == digits

    def test_several_threads_may_read_at_once(self, short: Recognizer) -> None:
        images = [np.roll(np.pad(np.full((20, 3), 0.9, np.float32), ((4, 4), (12, 13))), n, 1) for n in range(4)]
        expected = [[short.classify_all(np.stack(images)[: 1 + n])[n].probabilities.tobytes()] for n in range(4)]
        page = np.full((140, 240), 230, np.uint8)
        page[30:110, 30:40] = page[30:110, 140:150] = 30
        lines = [[found.digit for found in line] for line in short.read_image(page)]

        def classified(n: int) -> list[bytes]:
            return list({short.classify_all(np.stack(images)[: 1 + n])[n].probabilities.tobytes() for _ in range(100)})

        def read(_: int) -> bool:
            found = [short.read_image(page) for _ in range(10)]
            return all([[digit.digit for digit in line] for line in each] == lines for each in found)

        with ThreadPoolExecutor(6) as pool:
            reading = [pool.submit(read, n) for n in range(2)]
            assert list(pool.map(classified, range(4))) == expected
            assert all(each.result() for each in reading)

    def test_nothing_is_no_digits(self, short: Recognizer) -> None:
        assert short.read_strokes([]) == []
        assert short.read_image(np.full((50, 40), 255, np.uint8)) == []

    @pytest.mark.parametrize("shape", [(28, 28), (0, 28, 28), (2, 28, 27)])
    def test_other_shapes_are_refused(self, short: Recognizer, shape: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match=r"images have shape .*: give \(n, 28, 28\)"):
            short.classify_all(np.zeros(shape, np.float32))
