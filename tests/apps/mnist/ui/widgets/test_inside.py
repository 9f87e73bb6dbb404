"""The inside view on a dummy screen: any size, any model, and what is pointed at explains itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pygame
import pytest

from apps.mnist.recognizer import Recognizer
from apps.mnist.ui import text, theme
from apps.mnist.ui.inside import NeuronView, evidence, groups, look, neuron
from apps.mnist.ui.layout import Rect, arrange
from apps.mnist.ui.widgets import inside
from apps.mnist.ui.widgets.inside import InsideView
from framework import Input, Sequential
from framework.layers import BatchNormalization, Conv2D, Dense, Flatten, Layer, MaxPooling2D, ReLU, Reshape, Softmax

WINDOWS = [(1920, 1080), (1000, 660), (720, 480), (320, 240), (120, 90), (40, 30)]


class Blocks(Layer):
    """Means over 4x4 pixels as one map, and their negatives as another; no backward."""

    def build(self, shape: Any) -> Any:
        return 7, 7, 2

    def forward(self, x: Any, training: bool = False) -> Any:
        means = x.reshape(len(x), 7, 4, 7, 4).mean(axis=(2, 4))
        return np.stack([means, -means], axis=-1)


class Broken(Layer):
    """Fails on everything."""

    def forward(self, x: Any, training: bool = False) -> Any:
        raise IndexError("oh no")


def model_of(*layers: Any, shape: tuple[int, ...] = (28, 28)) -> Recognizer:
    return Recognizer(Sequential([Input(shape), *layers], seed=1))


MODELS = {
    "mlp": lambda: model_of(Flatten(), Dense(24), ReLU(), Dense(12), ReLU(), Dense(10), Softmax()),
    "maps": lambda: model_of(Blocks(), Flatten(), Dense(12, activation="tanh"), Dense(10)),
    "stages": lambda: model_of(
        *(Reshape((28, 28, 1)), Conv2D(12, 5), MaxPooling2D(2), BatchNormalization(), ReLU()),
        *(Conv2D(24, 3), MaxPooling2D(2), ReLU(), Flatten(), Dense(10), Softmax()),
    ),
    "one layer": lambda: model_of(Dense(10), shape=(784,)),
    "wide": lambda: model_of(Flatten(), Dense(3000, activation="relu"), Dense(10)),
    "deep": lambda: model_of(Flatten(), *(Dense(30, activation="relu") for _ in range(20)), Dense(10)),
    "crowded": lambda: model_of(Flatten(), Dense(3000, activation="relu"), *(Dense(5) for _ in range(12)), Dense(10)),
    "broken": lambda: model_of(Flatten(), Dense(12), Broken(), Dense(10)),
}


class Inline:
    """A worker that does its jobs when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], Any], Callable[[Any], None], Callable[[Exception], None]]] = []
        self.jobs = 0

    def submit(self, job: Any, done: Any, failed: Any, replaces: str | None = None) -> None:
        assert replaces == "inside"
        self.waiting.append((job, done, failed))
        self.jobs += 1

    def work(self) -> None:
        while self.waiting:
            job, done, failed = self.waiting.pop(0)
            try:
                result = job()
            except Exception as error:
                failed(error)
            else:
                done(result)


class Screen:
    """The view in a window, with all that it needs of a session."""

    def __init__(self, recognizer: Recognizer | None, size: tuple[int, int] = (1000, 660)) -> None:
        self.worker = Inline()
        self.settings = SimpleNamespace(theme=theme.DARK, inside=True)
        self.session: Any = SimpleNamespace(
            recognizer=recognizer, reading=None, settings=self.settings, worker=self.worker
        )
        self.view = InsideView(self.session)
        self.resize(*size)

    def resize(self, width: int, height: int) -> None:
        self.surface = pygame.Surface((width, height))
        self.surface.fill((1, 2, 3))
        self.view.arrange(arrange(width, height))

    def read(self, image: Any) -> None:
        """The drawing is answered."""
        self.session.reading = SimpleNamespace(prediction=SimpleNamespace(image=image))

    def frames(self) -> bool:
        """Shows frames until nothing is missing; returns whether anything was drawn."""
        drawn = False
        for _ in range(3):
            drawn = self.view.show(self.surface) or drawn
            self.worker.work()
        return drawn

    def point(self, group: int, index: int) -> None:
        """Moves the mouse to a neuron, and shows it."""
        plan = self.view._plan
        assert plan is not None
        here = plan.outputs[index] if group > len(plan.hidden) else plan.hidden[group - 1].cell_of(index)
        self.view.hover(here.x + here.w // 2, here.y + here.h // 2)
        self.frames()

    def colour(self, group: int, index: int) -> tuple[int, ...]:
        """Of the middle of a hidden neuron's cell."""
        plan = self.view._plan
        assert plan is not None
        cell = plan.hidden[group - 1].cell_of(index)
        return tuple(self.surface.get_at((cell.x + cell.w // 2, cell.y + cell.h // 2)))[:3]

    def pixels(self, place: Rect | None = None) -> Any:
        return pygame.surfarray.array3d(self.surface if place is None else self.surface.subsurface(place))


@pytest.fixture(autouse=True)
def pygame_without_a_screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    pygame.font.init()
    yield
    text.forget()
    pygame.font.quit()
    pygame.display.quit()


@pytest.fixture
def image() -> Any:
    picture = np.zeros((28, 28), np.float32)
    picture[4:24, 12:16] = 1
    return picture


@pytest.fixture
def screen(image: Any) -> Screen:
    """A small network that has read a drawing."""
    screen = Screen(MODELS["mlp"]())
    screen.read(image)
    screen.frames()
    return screen


def said(screen: Screen) -> list[str]:
    return [line for line, _ in screen.view._said()]


@pytest.mark.parametrize("chosen", [theme.DARK, theme.LIGHT], ids=lambda t: t.name)
@pytest.mark.parametrize("size", WINDOWS, ids=str)
@pytest.mark.parametrize("name", MODELS)
def test_any_model_is_drawn_at_any_size(name, size, chosen, image):
    screen = Screen(MODELS[name](), size)
    screen.settings.theme = chosen
    place = screen.view.place
    assert screen.frames()
    screen.read(image)
    assert screen.frames()
    if screen.view._plan is not None:
        for group in range(1, len(screen.view._groups)):
            screen.point(group, 3)
    assert not screen.worker.waiting
    pixels = screen.pixels()
    pixels[place.x : place.right, place.y : place.bottom] = (1, 2, 3)
    assert (pixels == (1, 2, 3)).all()  # nothing outside of its place


@pytest.mark.parametrize("size", WINDOWS[:3], ids=str)
@pytest.mark.parametrize("name", MODELS)
def test_the_parts_lie_in_their_place_and_beside_each_other(name, size):
    screen = Screen(MODELS[name](), size)
    screen.frames()
    plan, place = screen.view._plan, screen.view.place
    cells = [mosaic.place for mosaic in (*plan.hidden, plan.image, plan.picture)]
    parts = [*plan.captions, *cells, *plan.outputs, plan.words]
    assert all(part.w > 0 and part.h > 0 for part in parts)
    assert all(place.x <= p.x and p.right <= place.right and place.y <= p.y and p.bottom <= place.bottom for p in parts)
    assert not [(a, b) for a, b in combinations(parts, 2) if a.overlaps(b)]
    assert plan.hidden == sorted(plan.hidden, key=lambda mosaic: -mosaic.place.y)  # data flows upward


def test_it_has_a_place_only_while_it_is_switched_on():
    screen = Screen(MODELS["mlp"]())
    screen.settings.inside = False
    screen.view.arrange(arrange(1000, 660))
    screen.view.hover(700, 300)
    assert screen.view.place is None
    assert not screen.frames()


def test_without_a_model_it_says_so_and_asks_nothing():
    screen = Screen(None)
    assert screen.frames()
    screen.view.hover(700, 300)
    assert not screen.frames()
    assert screen.worker.jobs == 0


def test_without_ink_the_network_is_dark_and_asks_for_a_digit():
    screen = Screen(MODELS["mlp"]())
    screen.frames()
    assert {screen.colour(1, index) for index in range(24)} == {theme.DARK.panel}
    assert said(screen)[0] == "draw a digit"
    assert screen.worker.jobs == 0


@pytest.mark.parametrize("group", [1, 2])
def test_a_neuron_is_lit_by_its_activation(screen, image, group):
    values = look(screen.session.recognizer, image)[group]
    best, silent = int(values.argmax()), int(values.argmin())
    assert screen.colour(group, best) == theme.DARK.bar
    assert screen.colour(group, silent) == theme.DARK.panel
    between = int(np.argsort(values)[-2])
    shares = [sum(screen.colour(group, index)) for index in (silent, between, best)]
    assert shares == sorted(shares)
    assert len(set(shares)) == 3


def test_negative_activations_have_the_other_colour(image):
    screen = Screen(MODELS["maps"]())
    screen.read(image)
    screen.frames()
    middle = (3 * 7 + 3) * 2
    assert screen.colour(1, middle) == theme.DARK.bar
    assert screen.colour(1, middle + 1) == theme.DARK.negative


def test_nothing_is_drawn_or_asked_twice(screen):
    jobs = screen.worker.jobs
    assert not screen.frames()
    screen.point(1, 3)
    assert screen.worker.jobs == jobs + 1
    assert not screen.frames()


def test_the_bars_show_what_the_recognizer_answers(screen, image):
    prediction = screen.session.recognizer.classify(image)
    plan = screen.view._plan
    for digit, column in enumerate(plan.outputs):
        found = screen.pixels(column)
        colour = theme.DARK.winner if digit == prediction.digit else theme.DARK.bar
        rows = (found == colour).all(axis=(2,)).all(axis=0).sum()
        high = column.h - round(inside.LINE * 1) - inside.DIGIT
        assert rows == pytest.approx(high * prediction.probabilities[digit], abs=1)


@pytest.mark.parametrize(("group", "index"), [(1, 0), (1, 23), (2, 5), (3, 7)])
def test_pointing_at_a_neuron_explains_it(screen, image, group, index):
    plain = screen.pixels()
    screen.point(group, index)
    assert screen.view._target == screen.view._seen.target == (group, index)
    assert not np.array_equal(plain, screen.pixels())
    model = screen.session.recognizer.model
    found = screen.view._seen.found
    if group == 3:
        assert np.array_equal(found, evidence(model, image, index))
        assert said(screen)[0] == f"for {index} and against"
    else:
        assert isinstance(found, NeuronView)
        assert np.array_equal(found.incoming, neuron(model, image, group, index).incoming)
        assert said(screen)[0] == f"neuron {index}"
    screen.view.hover(0, 0)
    screen.frames()
    assert np.array_equal(plain, screen.pixels())


def test_the_right_picture_has_blue_for_and_orange_against(screen):
    screen.point(1, 3)
    weights = screen.view._seen.found.incoming
    picture = screen.view._plan.picture
    cells = [picture.cell_of(int(index)) for index in (weights.argmax(), weights.argmin())]
    found = [tuple(screen.surface.get_at((cell.x + 1, cell.y + 1)))[:3] for cell in cells]
    strongest = int(abs(weights.min()) > weights.max())
    assert found[strongest] == (theme.DARK.bar, theme.DARK.negative)[strongest]
    for (red, _, blue), positive in zip(found, (True, False), strict=True):
        assert (blue > red) is positive


def test_connections_lead_to_the_digits(screen, image):
    values = look(screen.session.recognizer, image)[2]
    screen.point(2, int(values.argmax()))
    plan = screen.view._plan
    low, high = plan.outputs[0].bottom, plan.hidden[1].place.y
    between = screen.pixels(Rect(plan.outputs[0].x, low, plan.outputs[-1].right - plan.outputs[0].x, 4))
    assert high > low
    assert (between != theme.DARK.background).any()


def test_weights_are_shown_before_anything_is_drawn():
    screen = Screen(MODELS["mlp"]())
    screen.frames()
    screen.point(1, 3)
    kernel = screen.session.recognizer.model.layers[1].kernel.value
    assert np.array_equal(screen.view._seen.found.incoming, kernel[:, 3].reshape(28, 28))
    assert {screen.colour(2, index) for index in range(12)} == {theme.DARK.panel}


def test_weights_past_pooling_and_normalization_are_called_effective(image):
    index = (5 * 12 + 6) * 12 + 3
    screen = Screen(MODELS["stages"]())
    screen.read(image)
    screen.frames()
    screen.point(1, index)
    assert screen.view._target == (1, index)
    assert said(screen)[0] == "neuron 5,6 of map 3"
    assert "its effective weights" in said(screen)
    model = screen.session.recognizer.model
    assert np.array_equal(screen.view._seen.found.incoming, neuron(model, image, 1, index).incoming)


def test_a_pointed_at_cell_of_a_map_has_its_map_marked(image):
    screen = Screen(MODELS["stages"]())
    screen.read(image)
    screen.frames()
    around = screen.view._plan.hidden[0].map_of(3)
    corner = around.x - 1, around.bottom
    assert tuple(screen.surface.get_at(corner))[:3] != theme.DARK.muted
    screen.point(1, (5 * 12 + 6) * 12 + 3)
    assert tuple(screen.surface.get_at(corner))[:3] == theme.DARK.muted


def test_what_has_no_gradient_says_so(image):
    screen = Screen(MODELS["maps"]())
    screen.read(image)
    screen.frames()
    screen.point(3, 4)
    assert said(screen) == ["for 4 and against", "its layers do not tell"]


def test_a_layer_that_fails_is_survived_and_not_asked_again(image):
    screen = Screen(MODELS["broken"]())
    screen.read(image)
    screen.frames()
    screen.point(1, 3)
    jobs = screen.worker.jobs
    screen.frames()
    assert screen.worker.jobs == jobs
    assert said(screen) == ["neuron 3", "its layers do not tell"]


def test_of_many_drawings_the_latest_is_looked_at(screen, image):
    jobs = screen.worker.jobs
    for brightness in (0.2, 0.4, 0.6):
        screen.read(image * np.float32(brightness))
        screen.view.show(screen.surface)  # the worker is busy meanwhile
    assert screen.worker.jobs == jobs + 1
    screen.frames()
    assert screen.worker.jobs == jobs + 2
    assert screen.view._seen.values[0].max() == pytest.approx(0.6)


def test_clearing_makes_it_dark(screen):
    screen.session.reading = None
    screen.frames()
    assert {screen.colour(1, index) for index in range(24)} == {theme.DARK.panel}


def test_an_answer_about_another_model_is_dropped(screen, image):
    screen.read(image / 2)
    screen.view.show(screen.surface)
    screen.session.recognizer = MODELS["maps"]()
    screen.view.show(screen.surface)
    screen.worker.work()
    assert screen.view._seen.values == []
    screen.frames()
    assert [v.shape for v in screen.view._seen.values] == [
        group.shape for group in groups(screen.session.recognizer.model)
    ]
    screen.session.recognizer = None
    assert screen.frames()
