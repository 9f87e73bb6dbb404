"""Side by side with an installed Keras: `pip install -e '.[oracle]'`, otherwise everything here is skipped."""

import importlib.util
import os
import warnings

import pytest

from .agreement import RECORD

PRESENT = all(importlib.util.find_spec(name) for name in ("keras", "tensorflow"))
collect_ignore = [] if PRESENT else ["twins.py"]

if PRESENT:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they warn of is no business of ours
        import keras

    keras.config.set_floatx("float64")


def pytest_collection_modifyitems(items):
    for item in items:
        if "oracle" in item.path.parts:
            item.add_marker(pytest.mark.filterwarnings("ignore"))


def pytest_terminal_summary(terminalreporter):
    if RECORD.count:
        terminalreporter.section("side by side with Keras")
        for line in RECORD.lines():
            terminalreporter.write_line(line)
