"""Keras's `fit` with its TensorFlow backend."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"  # read when Keras is loaded

import tensorflow

from .keras_model import conv, mlp

__all__ = ["conv", "mlp", "set_threads"]


def set_threads(n: int) -> None:
    tensorflow.config.threading.set_intra_op_parallelism_threads(n)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
