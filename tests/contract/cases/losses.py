"""Cases of the losses."""

from framework import losses

_P = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]
_Z = [[2.0, -1.0, 0.5], [-0.3, 0.0, 1.7]]
_HOT = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
_W = [1.0, 0.5]

LOSSES = [
    # loss, targets, predictions, sample weights
    (losses.CategoricalCrossentropy(), _HOT, _P, None),
    (losses.CategoricalCrossentropy(True, 0.1, reduction="sum"), _HOT, _Z, _W),
    (losses.SparseCategoricalCrossentropy(), [0, 2], _P, _W),
    (losses.SparseCategoricalCrossentropy(ignore_class=2), [0, 2], _P, None),
    (losses.SparseCategoricalCrossentropy(True), [[0], [2]], _Z, None),
    (losses.BinaryCrossentropy(), _HOT, _P, None),
    (losses.BinaryCrossentropy(True, 0.2, reduction="mean_with_sample_weight"), _HOT, _Z, _W),
    (losses.MeanSquaredError(), [1.0, 2.0], [[0.5], [2.5]], None),
    (losses.MeanAbsoluteError("sum"), _HOT, _Z, _W),
]
