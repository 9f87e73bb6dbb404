"""Layers, by family; `register` makes a layer of your own known by name."""

from .activations import Activation, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from .base import Layer, LayerSpec, registry
from .dense import Dense
from .input import Input
from .regularization import Dropout
from .residual import Residual
from .reshaping import Flatten, Reshape

register = registry.register
get = registry.create

__all__ = [
    "Activation",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "Layer",
    "LayerSpec",
    "LeakyReLU",
    "ReLU",
    "Reshape",
    "Residual",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "get",
    "register",
    "registry",
]
