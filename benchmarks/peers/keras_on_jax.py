"""Keras's `fit` with its JAX backend."""

import os

os.environ["KERAS_BACKEND"] = "jax"  # read when Keras is loaded

from .keras_model import conv, mlp

__all__ = ["conv", "mlp"]
