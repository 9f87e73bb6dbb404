"""Cases of the layers."""

from framework import layers

LAYERS = [
    # layer, shape of its examples, and a function that makes a batch of a shape where normal numbers do not fit
    (layers.Activation("tanh"), (4,)),
    (layers.Activation({"relu": {"max_value": 1.0}}), (3, 2)),
    (layers.Activation("softmax"), (4,)),
    (layers.Dense(3), (4,)),
    (layers.Dense(3, "softmax", use_bias=False, name="out"), (2, 4)),
    (
        layers.Dense(2, {"leaky_relu": 0.2}, kernel_initializer={"he_normal": {"seed": 1}}, bias_initializer="ones"),
        (4,),
    ),
    (layers.Dense(2, "sigmoid", trainable=False), (4,)),
    (layers.Dense(2, "tanh", kernel_regularizer="l2", bias_regularizer="l1", kernel_constraint="non_neg"), (4,)),
    (layers.Dropout(0.4), (6,)),
    (layers.Dropout(0.5, [None, 1, 3], seed=7), (4, 3)),
    (layers.Dropout(0), (4,)),
    (layers.Flatten(), (3, 2, 4)),
    (layers.Flatten(), ()),
    (layers.Input((3, 2)), (3, 2)),
    (layers.LeakyReLU(), (5,)),
    (layers.ReLU(), (5,)),
    (layers.ReLU(1.0, 0.1, 0.2), (5,)),
    (layers.Reshape((-1, 2)), (3, 4)),
    (layers.Residual([{"dense": 4}, "tanh", {"dense": 4}]), (4,)),
    (layers.Residual(["relu"]), (3, 2)),
    (layers.Sigmoid(), (5,)),
    (layers.Softmax(), (5,)),
    (layers.Softmax(axis=1), (3, 4)),
    (layers.Tanh(), (5,)),
    (layers.get({"sequential": {"layers": [{"dense": 4}, "tanh", {"dense": 2}], "seed": 3}}), (3,)),
]
