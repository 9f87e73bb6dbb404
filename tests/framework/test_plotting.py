"""Pictures: what is drawn and written, not what it looks like."""

import subprocess
import sys

import numpy as np
import pytest

from framework import plotting

Text = pytest.importorskip("matplotlib.text").Text

HISTORY = {
    "loss": [0.9, 0.5, 0.3, 0.2],
    "accuracy": [0.7, 0.8, 0.9, 0.95],
    "val_loss": [0.8, 0.6, 0.5, 0.7],
    "val_accuracy": [0.75, 0.85, 0.8, 0.84],
}
PNG = b"\x89PNG\r\n\x1a\n"


def texts(axes):
    return [text.get_text() for text in axes.texts]


def undrawn_labels(figure):
    """The labels of ticks outside the range of their axis."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            yield from (tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high)


def assert_no_overlap(figure):
    """All texts lie within the figure, and no two of those that are level or upright touch each other."""
    figure.canvas.draw()
    undrawn = set(undrawn_labels(figure))
    found = {text for text in figure.findobj(Text) if text.get_text() and text.get_visible()} - undrawn
    boxes = [(t.get_text(), t.get_window_extent(), t.get_rotation() % 90) for t in found]
    for n, (one, box, tilt) in enumerate(boxes):
        assert box.x0 >= -1, one
        assert box.x1 <= figure.bbox.x1 + 1, one
        assert box.y0 >= -1, one
        assert box.y1 <= figure.bbox.y1 + 1, one
        for other, other_box, other_tilt in boxes[n + 1 :]:
            if not tilt and not other_tilt:
                assert not box.padded(-1).overlaps(other_box.padded(-1)), (one, other)


class TestLearningCurves:
    def test_a_picture_for_each_metric_with_its_validation(self):
        figure = plotting.learning_curves(HISTORY)
        assert [axes.get_title(loc="left") for axes in figure.axes] == ["loss", "accuracy"]
        training, validation = figure.axes[0].lines[:2]
        np.testing.assert_array_equal(training.get_xdata(), [1, 2, 3, 4])
        np.testing.assert_array_equal(training.get_ydata(), HISTORY["loss"])
        np.testing.assert_array_equal(validation.get_ydata(), HISTORY["val_loss"])
        assert [text.get_text() for text in figure.legends[0].get_texts()] == ["training", "validation"]

    def test_the_best_epoch_is_the_lowest_loss_and_the_highest_accuracy(self):
        figure = plotting.learning_curves(HISTORY)
        best = [axes.get_title(loc="right") for axes in figure.axes]
        assert best == ["best 0.5 in epoch 3", "best 0.85 in epoch 2"]

    def test_without_validation(self):
        figure = plotting.learning_curves({"loss": [0.9, 0.4]})
        assert figure.axes[0].get_title(loc="right") == "best 0.4 in epoch 2"
        assert [text.get_text() for text in figure.legends[0].get_texts()] == ["training"]

    def test_a_learning_rate_has_no_best(self):
        figure = plotting.learning_curves({"loss": [0.9, 0.4], "learning_rate": [0.1, 0.05]})
        assert figure.axes[1].get_title(loc="left") == "learning rate"
        assert figure.axes[1].get_title(loc="right") == ""

    def test_validation_every_second_epoch(self):
        figure = plotting.learning_curves({"loss": [4.0, 3.0, 2.0, 1.0, 0.5], "val_loss": [3.0, 2.0]})
        np.testing.assert_array_equal(figure.axes[0].lines[1].get_xdata(), [2, 4])
        assert figure.axes[0].get_title(loc="right") == "best 2 in epoch 4"

    @pytest.mark.parametrize("epochs", [1, 2, 3, 5])
    def test_epochs_are_whole_numbers(self, epochs):
        figure = plotting.learning_curves({"loss": [0.5] * epochs})
        figure.canvas.draw()
        low, high = figure.axes[0].get_xlim()
        shown = [tick for tick in figure.axes[0].get_xticks() if low <= tick <= high]
        assert shown == list(range(1, epochs + 1))

    def test_nan_is_never_the_best(self):
        figure = plotting.learning_curves({"loss": [0.5, float("nan"), 0.7], "other": [float("nan")] * 3})
        assert figure.axes[0].get_title(loc="right") == "best 0.5 in epoch 1"
        assert figure.axes[1].get_title(loc="right") == ""

    def test_long_names_do_not_overlap(self):
        names = ["loss", "sparse_categorical_accuracy", "mean_absolute_percentage_error", "precision"]
        history = {name: [0.12345, 0.23456] for name in names}
        assert_no_overlap(plotting.learning_curves(history | {f"val_{name}": [0.5, 0.4] for name in names}))

    @pytest.mark.parametrize("history", [{}, {"loss": []}])
    def test_nothing_to_draw(self, history):
        with pytest.raises(ValueError, match="no epochs"):
            plotting.learning_curves(history)


class TestConfusionMatrix:
    MATRIX = ((95, 5, 0), (2, 96, 2), (0, 1, 9_999))

    def test_counts_and_shares_of_the_row(self):
        figure = plotting.confusion_matrix(self.MATRIX)
        assert figure.get_suptitle() == "Confusion matrix: 10,190 of 10,200 right (99.90 %)"
        assert texts(figure.axes[0]) == [
            *("95", "95.0 %", "5", "5.0 %"),
            *("2", "2.0 %", "96", "96.0 %", "2", "2.0 %"),
            *("1", "< 0.1 %", "9,999", "99.9 %"),
        ]

    def test_only_errors_are_coloured(self):
        shown = plotting.confusion_matrix(self.MATRIX).axes[0].collections[0].get_array()
        np.testing.assert_array_equal(np.diag(shown), 0.0)
        assert shown[0, 1] == 0.05

    def test_names_of_classes(self):
        figure = plotting.confusion_matrix(self.MATRIX, ["aeroplane", "automobile", "ship"])
        labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
        assert labels == ["aeroplane", "automobile", "ship"]
        assert [t.get_text() for t in plotting.confusion_matrix(self.MATRIX).axes[0].get_xticklabels()] == list("012")

    @pytest.mark.parametrize("classes", [2, 10])
    def test_texts_do_not_overlap(self, classes):
        matrix = np.full((classes, classes), 1234)
        assert_no_overlap(plotting.confusion_matrix(matrix))
        assert_no_overlap(plotting.confusion_matrix(matrix, [f"a long name {n}" for n in range(classes)]))

    def test_perfect_empty_and_missing_classes(self):
        assert texts(plotting.confusion_matrix(np.eye(2, dtype=int) * 7).axes[0]) == ["7", "100 %"] * 2
        assert texts(plotting.confusion_matrix(np.zeros((3, 3), int)).axes[0]) == []

    def test_what_does_not_fit(self):
        with pytest.raises(ValueError, match="not the shape \\(2, 3\\)"):
            plotting.confusion_matrix(np.zeros((2, 3)))
        with pytest.raises(ValueError, match="1 class names for a confusion matrix of 3 classes"):
            plotting.confusion_matrix(self.MATRIX, ["a"])


class TestGallery:
    def test_one_picture_an_image(self):
        images = np.random.default_rng(0).random((5, 6, 4))
        figure = plotting.gallery(images, list("abcde"), columns=3)
        assert [axes.get_title() for axes in figure.axes] == list("abcde")
        np.testing.assert_array_equal(figure.axes[4].images[0].get_array(), images[4])
        assert figure.axes[4].get_subplotspec().get_geometry()[:2] == (2, 3)

    def test_one_scale_of_brightness(self):
        images = np.stack([np.full((4, 4), 0.1), np.full((4, 4), 0.9)])
        for axes in plotting.gallery(images, ["dark", "light"]).axes:
            assert axes.images[0].get_clim() == (0.0, 0.9)
        assert plotting.gallery(np.zeros((1, 4, 4)), ["black"]).axes[0].images[0].get_clim() == (0.0, 1.0)

    def test_an_axis_of_one_channel_is_taken(self):
        assert plotting.gallery(np.zeros((2, 4, 4, 1)), ["a", "b"]).axes[0].images[0].get_array().shape == (4, 4)

    def test_titles_do_not_overlap(self):
        images = np.random.default_rng(0).random((20, 28, 28))
        assert_no_overlap(plotting.gallery(images, ["true 9, said 4 (98 %)"] * 20))
        assert_no_overlap(plotting.gallery(images, ["the true class is 9\nand it said 4"] * 20))

    def test_what_does_not_fit(self):
        with pytest.raises(ValueError, match="not \\(28, 28\\)"):
            plotting.gallery(np.zeros((28, 28)), [])
        with pytest.raises(ValueError, match="not \\(0, 28, 28\\)"):
            plotting.gallery(np.zeros((0, 28, 28)), [])
        with pytest.raises(ValueError, match="2 images need as many titles, got 1"):
            plotting.gallery(np.zeros((2, 28, 28)), ["a"])
        with pytest.raises(ValueError, match="at least one column"):
            plotting.gallery(np.zeros((2, 28, 28)), ["a", "b"], columns=0)


class TestImageRows:
    def test_the_images_of_a_row_side_by_side(self):
        images = np.random.default_rng(0).random((3, 28, 28))
        figure = plotting.image_rows([images[:1], images[1:]], ["one", "two"])
        assert [axes.get_title(loc="left") for axes in figure.axes] == ["one", "two"]
        shorter, longer = (axes.images[0].get_array().filled(np.nan) for axes in figure.axes)
        assert shorter.shape == longer.shape
        np.testing.assert_array_equal(shorter[:, :28], images[0])
        assert np.isnan(shorter[:, 28:]).all()
        np.testing.assert_array_equal(longer[:, :28], images[1])
        np.testing.assert_array_equal(longer[:, -28:], images[2])

    def test_one_scale_of_brightness(self):
        figure = plotting.image_rows([np.full((2, 4, 4), 0.1), np.full((1, 4, 4), 0.9)], ["dark", "light"])
        assert [axes.images[0].get_clim() for axes in figure.axes] == [(0.0, 0.9)] * 2
        assert plotting.image_rows([np.zeros((1, 4, 4))], ["none"]).axes[0].images[0].get_clim() == (0.0, 1.0)

    @pytest.mark.parametrize("count", [1, 12])
    def test_titles_do_not_overlap(self, count):
        rows = [np.ones((count, 28, 28))] * 8
        assert_no_overlap(plotting.image_rows(rows, ["T-shirt/top read as Pullover: 112 of 1,000"] * 8))

    def test_what_does_not_fit(self):
        one = np.zeros((1, 4, 4))
        for rows in ([], [one[0]], [one, np.zeros((1, 4, 5))], [one[:0]]):
            with pytest.raises(ValueError, match="rows of images need shapes"):
                plotting.image_rows(rows, ["a"] * len(rows))
        with pytest.raises(ValueError, match="1 rows need as many titles, got 2"):
            plotting.image_rows([one], ["a", "b"])


class TestReliabilityDiagram:
    BEFORE = ((0, 0, 0), (5, 0.6, 0.2), (95, 0.97, 0.9))
    AFTER = ((0, 0, 0), (50, 0.6, 0.58), (50, 0.9, 0.92))

    def test_a_point_for_each_bin_that_has_answers(self):
        upper, lower = plotting.reliability_diagram({"before": self.BEFORE, "after": self.AFTER}).axes
        drawn = [line.get_xydata().tolist() for line in upper.lines[1:]]
        assert drawn == [[[0.97, 0.9]], [[0.6, 0.2]], [[0.6, 0.58], [0.9, 0.92]], []]
        assert upper.lines[2].get_markerfacecolor() == "white"  # of few answers
        assert [patch.get_data().values.tolist() for patch in lower.patches] == [[0, 5, 95], [0, 50, 50]]
        np.testing.assert_allclose(lower.patches[0].get_data().edges, [0, 1 / 3, 2 / 3, 1])

    def test_names_do_not_overlap_anything(self):
        tables = {"before the temperature: ECE 5.44 %": self.BEFORE, "after it (1.35): ECE 4.27 %": self.AFTER}
        figure = plotting.reliability_diagram(tables)
        assert [text.get_text() for text in figure.legends[0].get_texts()] == list(tables)
        assert_no_overlap(figure)
        assert_no_overlap(plotting.reliability_diagram({"as it is": self.AFTER}))

    def test_what_does_not_fit(self):
        for tables in ({}, {"a": np.ones((3, 2))}, {"a": np.ones(3)}, dict.fromkeys("abc", np.ones((3, 3)))):
            with pytest.raises(ValueError, match="takes one or two tables of shape"):
                plotting.reliability_diagram(tables)
        with pytest.raises(ValueError, match="takes one or two tables of shape"):
            plotting.reliability_diagram({"a": np.ones((3, 3)), "b": np.ones((4, 3))})
        with pytest.raises(ValueError, match="holds no answers"):
            plotting.reliability_diagram({"a": np.zeros((3, 3))})


class TestWeights:
    def test_one_picture_a_neuron(self):
        kernel = np.random.default_rng(0).normal(size=(6, 25))
        image = plotting.weights(kernel, shape=(2, 3)).axes[0].collections[0]
        mosaic = image.get_array().filled(np.nan)
        np.testing.assert_array_equal(mosaic[:2, :3], kernel[:, 0].reshape(2, 3))
        np.testing.assert_array_equal(mosaic[4:6, 5:8], kernel[:, 11].reshape(2, 3))  # ten in a row
        assert np.isfinite(mosaic).sum() == kernel.size

    def test_the_colours_are_symmetric_about_zero(self):
        low, high = plotting.weights(np.full((784, 4), -0.3)).axes[0].collections[0].get_clim()
        assert (low, high) == (-0.3, 0.3)
        assert plotting.weights(np.zeros((784, 1))).axes[0].collections[0].get_clim() == (-1.0, 1.0)

    @pytest.mark.parametrize("neurons", [1, 10, 128, 512])
    def test_texts_do_not_overlap(self, neurons):
        assert_no_overlap(plotting.weights(np.ones((784, neurons)) * 0.123))

    def test_what_does_not_fit(self):
        with pytest.raises(ValueError, match="it needs 784 rows; pass shape="):
            plotting.weights(np.zeros((100, 10)))
        with pytest.raises(ValueError, match="holds no pictures"):
            plotting.weights(np.zeros(784))


class TestFiles:
    def draw(self, path):
        return [
            plotting.learning_curves(HISTORY, path / "curves.png"),
            plotting.confusion_matrix([[1, 2], [3, 4]], path=str(path / "confusion.png")),
            plotting.gallery(np.eye(4)[None], ["one"], path / "gallery.png"),
            plotting.weights(np.ones((4, 3)), (2, 2), path / "weights.png"),
            plotting.image_rows([np.eye(4)[None]], ["one"], path / "rows.png"),
            plotting.reliability_diagram({"it": [[1, 1, 1]]}, path / "reliability.png"),
        ]

    def test_pictures_are_written_whole(self, tmp_path):
        self.draw(tmp_path)
        names = sorted(file.stem for file in tmp_path.iterdir())
        assert names == ["confusion", "curves", "gallery", "reliability", "rows", "weights"]
        assert all(file.read_bytes().startswith(PNG) for file in tmp_path.iterdir())

    def test_the_suffix_says_the_format(self, tmp_path):
        plotting.learning_curves(HISTORY, tmp_path / "curves.svg")
        assert b"<svg" in (tmp_path / "curves.svg").read_bytes()
        plotting.learning_curves(HISTORY, tmp_path / "curves")
        assert (tmp_path / "curves").read_bytes().startswith(PNG)

    def test_a_failure_leaves_the_old_file_and_nothing_else(self, tmp_path):
        (tmp_path / "curves.what").write_text("old")
        with pytest.raises(ValueError, match="what"):
            plotting.learning_curves(HISTORY, tmp_path / "curves.what")
        assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]

    def test_the_settings_of_matplotlib_are_left_alone(self, tmp_path):
        import matplotlib

        before = dict(matplotlib.rcParams)
        self.draw(tmp_path)
        assert dict(matplotlib.rcParams) == before

    def test_matplotlib_is_imported_late_and_pyplot_never(self):
        program = (
            "import sys, framework.plotting as p\n"
            "assert 'matplotlib' not in sys.modules\n"
            "p.learning_curves({'loss': [1.0]}).canvas.draw()\n"
            "assert 'matplotlib.pyplot' not in sys.modules\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True)

    def test_without_matplotlib_it_says_what_to_install(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
        with pytest.raises(ImportError, match=r"pip install numpy-sequential\[mnist\]"):
            plotting.learning_curves(HISTORY)
