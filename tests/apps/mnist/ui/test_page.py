"""Pages: what undo takes back."""

from dataclasses import replace

import numpy as np

from apps.mnist.corrections import Correction
from apps.mnist.recognizer import Prediction
from apps.mnist.ui.drawing import Stroke
from apps.mnist.ui.page import Label, Page


def label(sheet: int, digit: int) -> Label:
    prediction = Prediction(3, np.eye(10)[3], np.zeros((28, 28), np.float32))
    return Label(sheet, Correction.of(prediction, digit, [], model="a.json"))


def test_a_page_begins_empty_and_without_labels():
    page = Page()
    assert page.drawing.is_empty
    assert page.label_of(page.sheet) is None


def test_the_last_label_of_a_digit_counts():
    page = Page(labels=(label(1, 4), label(2, 7), label(1, 9)))
    assert [page.label_of(sheet) for sheet in (0, 1, 2)] == [None, 9, 7]


def test_a_label_is_that_of_the_digit_with_its_first_stroke():
    seven, one = (Stroke((((x, 0.1, 0.0), (x, 0.9, 0.1)),)) for x in (0.2, 0.8))
    page = Page(labels=(replace(label(1, 4), stroke=seven),))
    assert [page.label_of(1, strokes) for strokes in ((seven, one), (one,), ())] == [4, None, 4]


def test_a_label_can_be_taken_out_as_if_it_had_never_been_given():
    first, second = label(1, 4), label(1, 9)
    page = Page(labels=(first, second))
    assert page.without(second).labels == (first,)
    assert page.without(label(2, 4)) is page
    assert page.without(second).shows_the_same(Page(page.drawing, (first,)))
    assert not page.shows_the_same(Page(page.drawing, (first,)))


def test_pages_are_told_apart_by_what_they_are_and_not_by_what_they_hold():
    assert Page() != Page()
