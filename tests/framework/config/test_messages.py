"""Word for word what a user gets to read for the commonest mistakes."""

from __future__ import annotations

import pytest

from framework.config import ConfigError, loads


def shown(text: str, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loads(text, overrides, name="configs/a.yaml")
    return str(caught.value)


def test_a_typo(good: str) -> None:
    assert (
        shown(good.replace("learning_rate", "learning_rte"))
        == """\
configs/a.yaml:15:19: error: unknown key 'learning_rte' in sgd; did you mean 'learning_rate'? \
(accepted: learning_rate, momentum, nesterov, weight_decay, clipnorm, clipvalue, global_clipnorm, \
use_ema, ema_momentum, ema_overwrite_frequency, gradient_accumulation_steps, name)
   15 | optimizer: {sgd: {learning_rte: 0.1, momentum: 0.9}}
      |                   ^"""
    )


def test_a_wrong_type(good: str) -> None:
    assert (
        shown(good.replace("units: 16", "units: many"))
        == """\
configs/a.yaml:8:22: error: units of dense must be an integer, got 'many'
    8 |     - dense: {units: many, kernel_initializer: he_normal}
      |                      ^"""
    )


def test_a_missing_key(good: str) -> None:
    assert (
        shown(good.replace("units: 16, ", ""))
        == """\
configs/a.yaml:8:7: error: missing key 'units' in dense; add 'units: …' (an integer)
    8 |     - dense: {kernel_initializer: he_normal}
      |       ^"""
    )


def test_a_duplicate_key(good: str) -> None:
    assert (
        shown(good.replace("units: 16", "units: 16, units: 32"))
        == """\
configs/a.yaml:8:26: error: duplicate key 'units', first written in line 8, column 15; keep one of the two
    8 |     - dense: {units: 16, units: 32, kernel_initializer: he_normal}
      |                          ^"""
    )


def test_an_impossible_shape(good: str) -> None:
    assert (
        shown(good.replace("- flatten", "- reshape: [5, 5]"))
        == """\
configs/a.yaml:7:7: error: layer 'reshape' cannot arrange (4, 4) (16 numbers) as (5, 5)
    7 |     - reshape: [5, 5]
      |       ^"""
    )


def test_five_mistakes_at_once(good: str) -> None:
    text = (
        good.replace("he_normal", "he_norml")
        .replace("dense: 8", "dense: '8'")
        .replace("momentum", "momentun")
        .replace("batch_size: 16", "batch_size: 1_6")
        .replace("val_loss", "val_los")
    )
    assert (
        shown(text)
        == """\
configs/a.yaml:8:46: error: unknown initializer 'he_norml'; did you mean 'he_normal'? \
(known: constant, glorot_normal, glorot_uniform, he_normal, he_uniform, identity, lecun_normal, \
lecun_uniform, normal, one, ones, orthogonal, random_normal, random_uniform, truncated_normal, uniform, \
variance_scaling, zero, zeros)
    8 |     - dense: {units: 16, kernel_initializer: he_norml}
      |                                              ^
configs/a.yaml:10:14: error: units of dense must be an integer, got '8'; write 8 without quotes
   10 |     - dense: '8'
      |              ^
configs/a.yaml:15:39: error: unknown key 'momentun' in sgd; did you mean 'momentum'? \
(accepted: learning_rate, momentum, nesterov, weight_decay, clipnorm, clipvalue, global_clipnorm, \
use_ema, ema_momentum, ema_overwrite_frequency, gradient_accumulation_steps, name)
   15 | optimizer: {sgd: {learning_rate: 0.1, momentun: 0.9}}
      |                                       ^
configs/a.yaml:17:32: error: batch_size of train must be an integer, got '1_6'; write 16
   17 | train: {epochs: 2, batch_size: 1_6, verbose: 0}
      |                                ^
configs/a.yaml:19:31: error: EarlyStopping: the monitored figure 'val_los' will not be there; \
did you mean 'val_loss'? (available: loss, accuracy, val_loss, val_accuracy)
   19 |   - early_stopping: {monitor: val_los, patience: 3, restore_best_weights: true}
      |                               ^"""
    )


def test_a_mistake_on_the_command_line(good: str) -> None:
    assert (
        shown(good, "optimizer.learning_rte=0.1")
        == """\
command line: optimizer.learning_rte=0.1: error: unknown key 'learning_rte' in sgd; \
did you mean 'learning_rate'? (accepted: learning_rate, momentum, nesterov, weight_decay, clipnorm, \
clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency, gradient_accumulation_steps, name)
      | optimizer.learning_rte=0.1
      |           ^"""
    )


def test_softmax_and_logits(good: str) -> None:
    text = good.replace(
        "loss: sparse_categorical_crossentropy",
        "loss: {sparse_categorical_crossentropy: {from_logits: true}}",
    )
    assert (
        shown(text)
        == """\
configs/a.yaml:14:55: error: from_logits: true is for a model without softmax at its end, and this one has \
it in line 13, column 7; remove one of the two
   14 | loss: {sparse_categorical_crossentropy: {from_logits: true}}
      |                                                       ^"""
    )


def test_an_argument_at_the_indentation_of_its_layer(good: str) -> None:
    assert (
        shown(good.replace("- flatten", "- dense:\n      units: 3"))
        == """\
configs/a.yaml:7:7: error: item 1 of layers of model must be a layer, got {dense: null, units: 3}; \
indent the arguments under 'dense:', or write {dense: {argument: value}}
    7 |     - dense:
      |       ^"""
    )


def test_a_tag(good: str) -> None:
    assert (
        shown(good.replace("small", "!!python/object/apply:os.system [ls]"))
        == """\
configs/a.yaml:4:9: error: the tag '!!python/object/apply:os.system' is not allowed: a file holds plain \
values; remove it
    4 |   name: !!python/object/apply:os.system [ls]
      |         ^"""
    )
