"""Cases of the activations."""

from framework import activations

ACTIVATIONS = [
    activations.Linear(),
    activations.Relu(),
    activations.Relu(0.1, 6.0, 0.2),
    activations.LeakyRelu(),
    activations.LeakyRelu(0.05),
    activations.Sigmoid(),
    activations.Tanh(),
    activations.Softmax(),
]
