"""Cases of the losses."""

from framework import losses

_P = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]
_Z = [[2.0, -1.0, 0.5], [-0.3, 0.0, 1.7]]
_HOT = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
_COUNTS = [[1.0, 0.0, 4.0], [2.0, 1.0, 0.0]]
_SIGNS = [[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]]
_W = [1.0, 0.5]
_MEAN = "mean_with_sample_weight"

LOSSES = [
    # loss, targets, predictions, sample weights
    (losses.CategoricalCrossentropy(), _HOT, _P, None),
    (losses.CategoricalCrossentropy(True, 0.1, reduction="sum"), _HOT, _Z, _W),
    (losses.CategoricalCrossentropy(axis=1), [_P, _HOT], [_P, _Z[::-1]], [[1.0, 2.0, 0.5], [0.0, 1.0, 1.0]]),
    (losses.SparseCategoricalCrossentropy(), [0, 2], _P, _W),
    (losses.SparseCategoricalCrossentropy(ignore_class=2), [0, 2], _P, None),
    (losses.SparseCategoricalCrossentropy(True), [[0], [2]], _Z, None),
    (losses.BinaryCrossentropy(), _HOT, _P, None),
    (losses.BinaryCrossentropy(True, 0.2, reduction=_MEAN), _HOT, _Z, _W),
    (losses.Crossentropy(), [0, 2], _P, _W),
    (losses.Crossentropy("sum", "ce"), _HOT, _P, None),
    (losses.Crossentropy(_MEAN), [1, 0], [[0.3], [0.8]], _W),
    (losses.BinaryFocalCrossentropy(), _HOT, _P, _W),
    (losses.BinaryFocalCrossentropy(True, 0.7, 3.0, label_smoothing=0.1, reduction="sum"), _HOT, _P, None),
    (losses.BinaryFocalCrossentropy(gamma=0.5, from_logits=True), _HOT, _Z, None),
    (losses.CategoricalFocalCrossentropy(), _HOT, _P, _W),
    (losses.CategoricalFocalCrossentropy([0.2, 0.3, 0.5], 1.5, label_smoothing=0.1, reduction="sum"), _HOT, _P, None),
    (losses.CategoricalFocalCrossentropy(1.0, 0.0, from_logits=True), _HOT, _Z, None),
    (losses.CategoricalGeneralizedCrossEntropy(), [0, 2], _P, _W),
    (losses.CategoricalGeneralizedCrossEntropy(0.8, "sum"), [[1], [1]], _P, None),
    (losses.MeanSquaredError(), [1.0, 2.0], [[0.5], [2.5]], None),
    (losses.MeanAbsoluteError("sum"), _HOT, _Z, _W),
    (losses.MeanAbsolutePercentageError(), _COUNTS, _Z, _W),
    (losses.MeanSquaredLogarithmicError(_MEAN), _COUNTS, _P, _W),
    (losses.Huber(), _HOT, _Z, None),
    (losses.Huber(0.3, name="robust"), _COUNTS, _Z, _W),
    (losses.LogCosh(), _COUNTS, _Z, _W),
    (losses.Hinge(), _HOT, _P, _W),
    (losses.SquaredHinge("sum"), _SIGNS, _P, None),
    (losses.CategoricalHinge(), _HOT, _P, _W),
    (losses.CosineSimilarity(), _COUNTS, _Z, _W),
    (losses.CosineSimilarity(1, "sum"), [_COUNTS, _HOT], [_Z, _P], [[1.0, 2.0, 0.5], [0.0, 1.0, 1.0]]),
    (losses.KLDivergence(), _P[::-1], _P, _W),
    (losses.Poisson(), _COUNTS, _P, _W),
    (losses.Dice(), _HOT, _P, _W),
    (losses.Dice("sum", axis=(1, 2)), [_HOT, _P], [_P, _Z], _W),
    (losses.Tversky(), _HOT, _P, None),
    (losses.Tversky(0.7, 0.2, axis=-1), _HOT, _P, _W),
]
