"""Cases of the regularizers."""

from framework import regularizers

REGULARIZERS = [
    regularizers.L1(),
    regularizers.L2(0.1),
    regularizers.L1L2(0.1, 0.2),
    regularizers.OrthogonalRegularizer(0.1, "columns"),
]
