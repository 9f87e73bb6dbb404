"""Pictures of a training: its curves, its mistakes, how sure it may be, and its weights.

Every function returns a `matplotlib.figure.Figure`, and writes it when it is given a path: as a PNG, or as
what else the suffix says. They need no display and leave pyplot alone. matplotlib is imported when the first
picture is drawn.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .files import write_atomically
from .metrics import registry as metrics
from .parameters import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure

INK = "#333333"
MUTED = "#9aa5b1"
STRONG = "#1f5fa8"


def learning_curves(history: Mapping[str, Sequence[float]], path: str | Path | None = None) -> Figure:
    """The loss and each metric over the epochs, training and validation together, the best epoch marked.

    history: one number an epoch under each name, as in `History.history`; `val_x` is drawn into the picture
        of `x`. The best epoch is that of the validation, where there is one. A metric that is registered
        says which way is better; for any other name it is down.

    Raises ValueError when there is nothing to draw.

    >>> figure = learning_curves({"loss": [0.9, 0.4, 0.3], "val_loss": [0.8, 0.5, 0.6]})
    >>> figure.axes[0].get_title(loc="right")
    'best 0.5 in epoch 2'
    """
    names = [name for name in history if not (name.startswith("val_") and name[4:] in history)]
    names = [name for name in names if len(history[name])]
    if not names:
        raise ValueError("the history holds no epochs; draw it after training")
    columns = 2 if len(names) == 4 else min(len(names), 3)
    rows = math.ceil(len(names) / columns)
    width = max(4.0, 0.085 * max(map(len, names)) + 2.2)  # inches: wide enough for the titles
    figure = _figure(width * columns, 3.0 * rows + 0.3)
    for number, name in enumerate(names, start=1):
        axes = figure.add_subplot(rows, columns, number)
        _curves(axes, name, history[name], history.get("val_" + name, ()))
    legends = [axes.get_legend_handles_labels() for axes in figure.axes]
    handles, labels = max(legends, key=lambda legend: len(legend[1]))
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return _saved(figure, path)


def _curves(axes: Axes, name: str, training: Sequence[float], validation: Sequence[float]) -> None:
    """One picture of `learning_curves`."""
    from matplotlib.ticker import MaxNLocator

    epochs = np.arange(1, len(training) + 1)
    line: dict[str, Any] = {"marker": "o" if len(epochs) <= 15 else "", "markersize": 3, "linewidth": 1.8}
    axes.plot(epochs, training, color=MUTED, label="training", **line)
    watched, watched_epochs = np.asarray(training, np.float64), epochs
    if len(validation):
        # With validation every n-th epoch there are fewer values, the last of them in epoch n, 2n, ...
        watched = np.asarray(validation, np.float64)
        watched_epochs = np.arange(1, len(watched) + 1) * max(1, len(epochs) // len(watched))
        axes.plot(watched_epochs, watched, color=STRONG, label="validation", **line)

    axes.set_title(name.replace("_", " "), loc="left", fontsize=11, color=INK)
    if name not in ("learning_rate", "lr") and np.isfinite(watched).any():
        upwards = name in metrics and metrics[name].direction == "max"
        best = int(np.nanargmax(watched) if upwards else np.nanargmin(watched))
        axes.axvline(watched_epochs[best], color=STRONG, linewidth=0.8, linestyle=(0, (2, 3)))
        ring: dict[str, Any] = {"marker": "o", "markersize": 8, "markerfacecolor": "none"}
        axes.plot(watched_epochs[best], watched[best], markeredgecolor=STRONG, **ring)
        title = f"best {watched[best]:.4g} in epoch {watched_epochs[best]}"
        axes.set_title(title, loc="right", fontsize=9, color=STRONG)
    axes.set_xlabel("epoch", fontsize=9, color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    axes.tick_params(labelsize=8, colors=INK, length=3)
    axes.grid(axis="y", color="#e6e8eb", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)


def confusion_matrix(matrix: Any, class_names: Sequence[str] | None = None, path: str | Path | None = None) -> Figure:
    """How often each true class (row) was taken for each class (column), with the share of the row.

    The errors are coloured by that share. The diagonal is left pale: it would outshine them.

    matrix: (classes, classes), counts. class_names: 0, 1, ... when None.

    Raises ValueError for a matrix that is not square, or names that do not match it.

    >>> figure = confusion_matrix([[95, 5], [2, 98]], class_names=["cat", "dog"])
    >>> figure.get_suptitle()
    'Confusion matrix: 193 of 200 right (96.50 %)'
    """
    counts = np.asarray(matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not counts.size:
        raise ValueError(f"a confusion matrix has one row and one column a class, not the shape {counts.shape}")
    classes = len(counts)
    names = [str(name) for name in (range(classes) if class_names is None else class_names)]
    if len(names) != classes:
        raise ValueError(f"{len(names)} class names for a confusion matrix of {classes} classes")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    errors = np.where(np.eye(classes, dtype=bool), 0.0, shares)

    side = max(3.6, 0.58 * classes)
    longest = max(map(len, names))
    figure = _figure(side + 0.7 + 0.08 * longest, side + 0.9 + (0.06 * longest if longest > 5 else 0.0))
    axes = figure.add_subplot()
    # Even the worst error stays light enough for the figures in it.
    _squares(axes, errors, "Reds", 0.0, 2 * float(errors.max()) or 1.0)
    for row, column in np.argwhere(counts):
        count, share = counts[row, column], shares[row, column]
        is_right = row == column
        if is_right:
            axes.add_patch(_square(row, column))
        colour = "#8a939d" if is_right else INK
        axes.text(column, row - 0.02, f"{count:,.6g}", ha="center", va="bottom", fontsize=8.5, color=colour)
        axes.text(column, row + 0.08, _percent(share), ha="center", va="top", fontsize=6.5, color=colour)
    right, total = np.trace(counts), counts.sum()
    title = f"Confusion matrix: {right:,.9g} of {total:,.9g} right ({100 * right / max(total, 1):.2f} %)"
    figure.suptitle(title, x=0.02, ha="left", fontsize=11, color=INK)
    axes.set_xlabel("predicted class", fontsize=9, color=INK)
    axes.set_ylabel("true class, each row 100 %", fontsize=9, color=INK)
    axes.set_xticks(range(classes), names)
    if longest > 5:
        axes.tick_params(axis="x", labelrotation=40)
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axes.set_yticks(range(classes), names)
    axes.tick_params(labelsize=9, colors=INK, length=0)
    axes.set_xticks(np.arange(1, classes) - 0.5, minor=True)
    axes.set_yticks(np.arange(1, classes) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_color("#e6e8eb")
    return _saved(figure, path)


def _square(row: int, column: int) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor="#f1f3f5", edgecolor="none", zorder=1)


def _percent(share: float) -> str:
    """With one decimal; only all is 100 %, and only nothing is 0 %."""
    if share in (0.0, 1.0):
        return f"{100 * share:.0f} %"
    return "< 0.1 %" if share < 0.0005 else f"{min(100 * share, 99.9):.1f} %"


def gallery(
    images: Array,
    titles: Sequence[str],
    path: str | Path | None = None,
    columns: int = 8,
    cmap: str = "gray_r",
) -> Figure:
    """Small images side by side, each under its title, such as the worst mistakes of a model.

    images: (count, height, width) or (count, height, width, 1), all drawn on one scale of brightness.
    titles: one an image, such as "true 9, said 4 (98 %)".
    columns: images in a row, at most.
    cmap: a matplotlib colour map; "gray_r" draws ink on paper, "gray" light on dark.

    Raises ValueError when there are no images, or not as many titles.

    >>> figure = gallery(np.random.default_rng(0).random((3, 28, 28)), ["one", "two", "three"])
    >>> [axes.get_title() for axes in figure.axes]
    ['one', 'two', 'three']
    """
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != 3 or not images.size:
        raise ValueError(f"a gallery takes images of shape (count, height, width), not {images.shape}")
    if len(titles) != len(images):
        raise ValueError(f"{len(images)} images need as many titles, got {len(titles)}")
    if columns < 1:
        raise ValueError(f"a gallery needs at least one column, not {columns}")
    columns = min(columns, len(images))
    rows = math.ceil(len(images) / columns)
    lines = [line for title in titles for line in title.split("\n")]
    title_height = 0.16 * max(title.count("\n") + 1 for title in titles)
    width = max(1.0, 0.068 * max(map(len, lines)) + 0.1)  # inches an image: wide enough for its title
    figure = _figure(width * columns, (width + title_height) * rows)
    low, high = min(0.0, float(images.min())), float(images.max())
    for number, (image, title) in enumerate(zip(images, titles, strict=True), start=1):
        axes = figure.add_subplot(rows, columns, number)
        axes.imshow(image, cmap=cmap, vmin=low, vmax=high if high > low else low + 1)
        axes.set_title(title, fontsize=8, color=INK, pad=3)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_color("#d5d9dd")
    return _saved(figure, path)


def image_rows(rows: Sequence[Array], titles: Sequence[str], path: str | Path | None = None) -> Figure:
    """Small images in rows, each row under one title, such as the images that were confused in the same way.

    rows: each (count, height, width), any count from 1 up; images have one size, and one scale of brightness.
    titles: one a row.

    Raises ValueError without rows, for images of different sizes, or not as many titles.

    >>> images = np.random.default_rng(0).random((5, 28, 28))
    >>> figure = image_rows([images[:2], images[2:]], ["4 read as 9", "7 read as 1"])
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['4 read as 9', '7 read as 1']
    """
    rows = [np.asarray(row) for row in rows]
    shapes = [row.shape for row in rows]
    sizes = {shape[1:] for shape in shapes}
    if len(sizes) != 1 or not all(row.ndim == 3 and row.size for row in rows):
        raise ValueError(f"rows of images need shapes (count, height, width) of one size, not {shapes}")
    if len(titles) != len(rows):
        raise ValueError(f"{len(rows)} rows need as many titles, got {len(titles)}")
    [(height, width)] = sizes
    gap = max(1, width // 14)
    most = max(map(len, rows))
    # Each row is one picture, white (nan) where there is no image: that takes a tenth of the time.
    mosaics = [np.full((height, most * (width + gap) - gap), np.nan) for _ in rows]
    for mosaic, row in zip(mosaics, rows, strict=True):
        for number, image in enumerate(row):
            mosaic[:, number * (width + gap) : number * (width + gap) + width] = image
    low, high = min(0.0, *(float(row.min()) for row in rows)), max(float(row.max()) for row in rows)

    inches = 0.62  # the width of an image
    wide = max(inches * most, 0.075 * max(map(len, titles)) + 0.1)
    figure = _figure(wide + 0.1, (inches * height / width + 0.26) * len(rows) + 0.1)
    for number, (mosaic, title) in enumerate(zip(mosaics, titles, strict=True), start=1):
        axes = figure.add_subplot(len(rows), 1, number)
        axes.imshow(mosaic, cmap="gray_r", vmin=low, vmax=high if high > low else low + 1)
        axes.set_anchor("W")
        axes.set_title(title, loc="left", fontsize=9, color=INK, pad=3)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
    return _saved(figure, path)


def reliability_diagram(tables: Mapping[str, Any], path: str | Path | None = None) -> Figure:
    """How often answers are right that are sure to the same degree, and below how many there are of each degree.

    On the diagonal a probability is what it says; below it the model is surer than it may be. Hollow points,
    which no line joins, are of fewer than 20 answers: their share says little.

    tables: by name, at most two, such as before and after a calibration. Each is (bins, 3), with a row for each
        part of (0, 1] of equal width: how many answers have their probability in it, the mean of these
        probabilities, and the share of these answers that are right.

    Raises ValueError for other tables, or tables without any answers.

    >>> figure = reliability_diagram({"the model": [[10, 0.4, 0.5], [90, 0.9, 0.8]]})
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['share that is right', 'answers']
    """
    arrays = {name: np.asarray(table, np.float64) for name, table in tables.items()}
    shapes = [array.shape for array in arrays.values()]
    if not 1 <= len(arrays) <= 2 or len(set(shapes)) > 1 or len(shapes[0]) != 2 or shapes[0][1] != 3:
        raise ValueError(f"a reliability diagram takes one or two tables of shape (bins, 3), not {shapes}")
    if not all(array[:, 0].any() for array in arrays.values()):
        raise ValueError("a table of reliability holds no answers; count some first")
    figure = _figure(4.6, 5.4 + 0.2 * len(arrays))
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    upper.plot([0, 1], [0, 1], color="#d5d9dd", linewidth=1.2, zorder=0)
    edges = np.linspace(0, 1, shapes[0][0] + 1)
    points: dict[str, Any] = {"marker": "o", "markersize": 5, "clip_on": False, "in_layout": False}
    colours = [STRONG] if len(arrays) == 1 else [MUTED, STRONG]
    for (name, (count, sure, right)), colour in zip(((n, a.T) for n, a in arrays.items()), colours, strict=True):
        many, few = count >= 20, (count > 0) & (count < 20)
        upper.plot(sure[many], right[many], color=colour, linewidth=1.4, label=name, **points)
        upper.plot(sure[few], right[few], color=colour, linewidth=0, markerfacecolor="white", **points)
        lower.stairs(count, edges, color=colour, linewidth=1.6)
    figure.legend(loc="outside lower center", frameon=False, fontsize=9, labelcolor=INK)
    upper.set_ylabel("share that is right", fontsize=9, color=INK)
    upper.set(xlim=(0, 1.02), ylim=(0, 1.02))
    upper.set_title("Reliability", loc="left", fontsize=11, color=INK)
    lower.set_yscale("log")
    lower.set_ylim(bottom=0.7)
    lower.yaxis.set_major_formatter("{x:,.0f}")
    lower.set_ylabel("answers", fontsize=9, color=INK)
    lower.set_xlabel("probability of the answer", fontsize=9, color=INK)
    for axes in (upper, lower):
        axes.tick_params(labelsize=8, colors=INK, length=3)
        axes.tick_params(which="minor", length=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(MUTED)
    return _saved(figure, path)


def weights(kernel: Any, shape: tuple[int, int] = (28, 28), path: str | Path | None = None) -> Figure:
    """The weights of a first layer: for each neuron a picture of what it adds (red) and takes away (blue).

    kernel: (height * width, neurons), as in a Dense layer on flattened images.
    shape: (height, width) of the images.

    Raises ValueError when the two do not match.

    >>> figure = weights(np.random.default_rng(0).normal(size=(784, 16)))
    >>> figure.axes[0].get_title(loc="left")
    'Weights of 16 neurons'
    """
    kernel = np.asarray(kernel)
    height, width = shape
    if kernel.ndim != 2 or len(kernel) != height * width or not kernel.size:
        raise ValueError(
            f"a kernel of shape {kernel.shape} holds no pictures of {height} by {width}: it needs "
            f"{height * width} rows; pass shape=(height, width) for images of another size"
        )
    neurons = kernel.shape[1]
    columns = min(neurons, max(10, math.ceil(math.sqrt(2 * neurons))))
    rows = math.ceil(neurons / columns)
    gap = 2
    # One large picture, white (nan) between the small ones: a hundred axes would take seconds to draw.
    mosaic = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan)
    for neuron in range(neurons):
        top, left = neuron // columns * (height + gap), neuron % columns * (width + gap)
        mosaic[top : top + height, left : left + width] = kernel[:, neuron].reshape(height, width)

    inches = min(1.2, max(0.6, 9 / columns))  # the width of one small picture
    wide = inches * columns
    tall = wide * mosaic.shape[0] / mosaic.shape[1]
    # Margins of so many inches, whatever the size: the automatic layout cuts the labels of wide pictures.
    left, right, top, bottom = 0.6, 0.9, 0.35, max(0.1, (0.8 - tall) / 2)
    figure = _figure(left + wide + right, bottom + tall + max(top, bottom))
    figure.set_layout_engine("none")
    size = np.tile(figure.get_size_inches(), 2)
    axes = figure.add_axes(tuple((left, bottom, wide, tall) / size))
    limit = float(np.abs(kernel).max()) or 1.0
    image = _squares(axes, mosaic, "RdBu_r", -limit, limit)
    axes.set_title(f"Weights of {neurons:,} neuron{'s' if neurons > 1 else ''}", loc="left", fontsize=11, color=INK)
    axes.set_xticks([])
    first = np.arange(rows)
    axes.set_yticks(first * (height + gap) + height / 2, [str(n) for n in first * columns])
    axes.set_ylabel("neuron", fontsize=9, color=INK)
    axes.tick_params(labelsize=8, colors=INK, length=0)
    axes.spines[:].set_visible(False)
    # Beside the picture and exactly as high.
    bar_axes = figure.add_axes(tuple((left + wide + 0.1, bottom, 0.12, tall) / size))
    bar = figure.colorbar(image, cax=bar_axes, ticks=[-limit, 0.0, limit], format="{x:.2g}")
    bar.set_label("weight", fontsize=9, color=INK)
    bar_axes.tick_params(labelsize=8, colors=INK, length=3)
    bar_axes.spines[:].set_visible(False)
    return _saved(figure, path)


def _squares(axes: Axes, numbers: Array, colours: str, low: float, high: float) -> QuadMesh:
    """Numbers as coloured squares, the first row on top; `imshow` would take several times the memory."""
    height, width = numbers.shape
    edges = np.arange(width + 1) - 0.5, np.arange(height + 1) - 0.5
    mesh = axes.pcolormesh(*edges, numbers, cmap=colours, vmin=low, vmax=high, antialiased=False)
    axes.set(aspect="equal", xlim=edges[0][[0, -1]], ylim=edges[1][[-1, 0]])
    return mesh


def _figure(width: float, height: float) -> Figure:
    """An empty figure of this size in inches, on a canvas of its own."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("pictures need matplotlib; get it with: pip install numpy-sequential[mnist]") from error
    figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _saved(figure: Figure, path: str | Path | None) -> Figure:
    """The figure, after writing it to the path, if there is one, so that no half file is ever seen."""
    if path is not None:
        content = io.BytesIO()
        figure.savefig(content, format=Path(path).suffix.lstrip(".") or "png")
        write_atomically(path, content.getvalue())
    return figure
