"""Cases of the optimizers."""

from framework import optimizers

OPTIMIZERS = [
    optimizers.SGD(),
    optimizers.SGD(0.05, momentum=0.9, nesterov=True, weight_decay=0.001),
    optimizers.SGD({"cosine_decay": {"initial_learning_rate": 0.1, "decay_steps": 1000}}, clipnorm=1.0),
    optimizers.Adam(clipvalue=0.5),
    optimizers.Adam(0.01, amsgrad=True),
    optimizers.AdamW(global_clipnorm=1.0),
    optimizers.RMSprop(momentum=0.5, centered=True),
]
