"""scikit-learn's MLPClassifier; `partial_fit` with all examples is one epoch of batches."""

from __future__ import annotations

from collections.abc import Callable

from sklearn.neural_network import MLPClassifier

from .net import Array, Weights


class Classifier:
    def __init__(self, weights: Weights, learning_rate: float) -> None:
        self.weights, self.learning_rate = weights, learning_rate

    def feed(self, x: Array, y: Array, seed: int) -> None:
        self.x, self.y = x, y
        self.classifier = MLPClassifier(
            [b.size for b in self.weights[1:-1:2]],
            solver="sgd",
            learning_rate_init=self.learning_rate,
            momentum=0.0,
            nesterovs_momentum=False,
            alpha=0.0,
            random_state=seed,
        )
        # It makes its weights when it first sees an example; from then on they are those that all start from.
        self.classifier.partial_fit(x[:1], y[:1], classes=list(range(self.weights[-1].size)))
        for theirs, given in zip(self.classifier.coefs_, self.weights[::2], strict=True):
            theirs[...] = given
        for theirs, given in zip(self.classifier.intercepts_, self.weights[1::2], strict=True):
            theirs[...] = given

    def train(self, batch_size: int, epochs: int) -> None:
        self.classifier.set_params(batch_size=batch_size)
        for _ in range(epochs):
            self.classifier.partial_fit(self.x, self.y)

    def scores(self, x: Array) -> Array:
        return self.classifier.predict_proba(x)

    def single(self, x: Array) -> dict[str, Callable[[], object]]:
        return {"": lambda: self.classifier.predict_proba(x)}


mlp = Classifier
