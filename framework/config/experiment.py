"""One YAML file is one experiment: checked as a whole, then built and run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..callbacks import BackupAndRestore, CallbackSpec, History
from ..comparison import differences
from ..data.batches import Batches
from ..data.datasets import Data, Examples
from ..data.datasets import registry as datasets
from ..data.splits import split
from ..loops import warn_of_missing_classes
from ..sequential import Sequential
from ..threads import limited_to
from .checks import Checks
from .components import missing_key
from .errors import Problems
from .loading import read_file, read_text, settings_of
from .models import build
from .reader import Node
from .resolve import resolved
from .settings import Settings
from .writer import document


class Experiment:
    """A checked experiment: `build` gives its model, `run` loads its data and trains.

    settings: the values of the file, with defaults for what it leaves out. After `run`, `model` is the
    trained model and `data` what it was trained on.

    >>> experiment = loads('''
    ... model: {input: 4, layers: [{dense: 3}, softmax]}
    ... loss: sparse_categorical_crossentropy
    ... ''', overrides=["model.layers.0.units=5"])
    >>> experiment.build().output_shape
    (5,)
    """

    def __init__(self, settings: Settings, root: Node) -> None:
        self.settings = settings
        self.model: Sequential | None = None
        self.data: Data | None = None
        self._root = root

    def build(self) -> Sequential:
        """A fresh model, compiled; the same first weights each time, unless the seed is null."""
        return build(self.settings)

    def load_data(self) -> Data:
        """Loads the examples, once, and returns them; they are kept as `data`.

        Raises ConfigError when the file names no dataset, and what the dataset raises.
        """
        if self.data is None:
            if self.settings.data is None:
                Problems().stop(self._root.mark, missing_key("data", "", "a dataset"))
            self.data = datasets.create(self.settings.data).load()
        return self.data

    def run(
        self,
        callbacks: Sequence[CallbackSpec] = (),
        verbose: str | int | None = None,
        backup_dir: str | Path | None = None,
        force: bool = False,
    ) -> History:
        """Loads the data, builds the model, trains it and returns the history, on the file's number of threads.

        callbacks: more of them, behind those of the file. verbose: instead of the file's. backup_dir: a folder in which
        the state of the run is kept as `checkpoint` says, and stays; a run that was cut off goes on from what is there,
        as `BackupAndRestore` does. force: whether it does so even where settings or data are other ones.
        Raises ConfigError when the file does not fit the data, what the dataset raises, and what `BackupAndRestore`
        raises for a folder that is in use, damaged, or of another run.
        """
        data, settings, train = self.load_data(), self.settings, self.settings.train
        examples, validation = _parts(data, train.validation_split)
        self._check_against(examples, validation)
        self.model = model = self.build()
        model.build((None, *examples.x.shape[1:]))
        if data.validation is None and validation is not None:
            warn_of_missing_classes(model.trainer, examples.y, validation.y, train.validation_split)
        batches = Batches(
            examples.x,
            examples.y,
            batch_size=train.batch_size,
            shuffle=train.shuffle,
            seed=model.shuffle_rng,
            scale=_scale(data),
            transforms=settings.augment,
            transform_seed=model.augment_rng,
            dtype=model.dtype,
        )
        with limited_to(settings.threads):
            return model.fit(
                batches,
                epochs=train.epochs,
                verbose=train.verbose if verbose is None else verbose,
                callbacks=[*settings.callbacks, *callbacks, *self._backups(backup_dir, force)],
                validation_data=self._validation_batches(validation, _scale(data)),
                class_weight=train.class_weight,
                steps_per_epoch=train.steps_per_epoch,
                validation_steps=train.validation_steps,
                validation_freq=train.validation_freq,
            )

    def _backups(self, folder: str | Path | None, force: bool) -> list[CallbackSpec]:
        every = self.settings.checkpoint.every
        if folder is None or every == "never":
            return []
        return [BackupAndRestore(str(folder), every, delete_checkpoint=False, force=force)]

    def _validation_batches(self, examples: Examples | None, scale: float | None) -> Batches | None:
        if examples is None:
            return None
        train = self.settings.train
        size = train.validation_batch_size or train.batch_size
        return Batches(examples.x, examples.y, batch_size=size, scale=scale, dtype=self.settings.model.dtype)

    def _check_against(self, examples: Examples, validation: Examples | None) -> None:
        """What is known only once the data is there: shapes, targets, and whether there is validation."""
        problems = Problems()
        shape, given = tuple(examples.x.shape[1:]), self.settings.model.input
        if given is not None and self.settings.model.input_shape != shape:
            problems.stop(
                self._root.find("model", "input").mark,
                f"the data has examples of shape {list(shape)}; write input: {list(shape)}, or leave it out",
            )
        checks = Checks(self._root, problems)
        output = checks.model_fits_together(shape)
        checks.targets_fit(examples.y, output)
        checks.monitors_exist(validation is not None)
        problems.raise_if_any()

    def differences(self, other: Experiment) -> list[str]:
        """What differs between this experiment, as it was, and another, as it is now: a key with both values each.

        >>> one, two = (loads("model: {layers: [dense: 3]}\\nloss: mse", [f"seed={n}"]) for n in (1, 2))
        >>> one.differences(two)
        ['seed (1 then, 2 now)']
        """
        return differences(resolved(self.settings), resolved(other.settings))

    def to_yaml(self) -> str:
        """The experiment with every default that matters written out; `loads` reads it back."""
        return document(resolved(self.settings))


def _parts(data: Data, share: float) -> tuple[Examples, Examples | None]:
    """Examples to train on and to choose by; a share of the former where there are none of the latter."""
    if data.validation is not None or not share:
        return data.train, data.validation
    (x, y, _), (last_x, last_y, _) = split((data.train.x, data.train.y, None), share)
    return Examples(x, y), Examples(last_x, last_y)


def _scale(data: Data) -> float | None:
    return None if data.scale == 1.0 else data.scale


def load(path: str | Path, overrides: Iterable[str] = ()) -> Experiment:
    """The experiment in a file, with values replaced by `overrides` such as "train.epochs=3".

    Raises ConfigError with file, line and column of everything that is wrong, before any data is loaded.
    """
    problems = Problems()
    root = read_file(path, problems)
    return Experiment(settings_of(root, problems, overrides), root)


def loads(text: str, overrides: Iterable[str] = (), name: str = "<text>") -> Experiment:
    """The experiment in a text; `name` stands for the file in messages. Raises ConfigError like `load`.

    >>> loads("model: {layers: [{dens: 3}]}\\nloss: mse")
    Traceback (most recent call last):
    framework.config.errors.ConfigError: <text>:1:19: error: unknown layer 'dens'; did you mean 'dense'? ...
    """
    problems = Problems()
    root = read_text(text, name, problems)
    return Experiment(settings_of(root, problems, overrides), root)
