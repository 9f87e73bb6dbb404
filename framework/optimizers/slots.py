"""What an optimizer keeps from step to step: flat vectors like the parameters (slots), and a count of steps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import numpy as np

from ..arguments import is_whole
from ..buffers import Buffered
from ..parameters import Array, Parameter, ParameterVector, Shape

BLOCK = 2**18
"""How many numbers of a vector are worked on at a time: few enough for the cache, enough for calls to cost nothing."""


class _Slots(dict[str, Array]):
    def __missing__(self, name: str) -> Array:
        raise ValueError(
            f"the optimizer keeps no {name!r}: a setting that needs it was changed behind its back; give the setting "
            f"to the constructor, and compile the model with the new optimizer"
        )


class SlotKeeper(Buffered):
    """At work on a vector of parameters, with slots of its own beside them.

    Slots follow the parameters through `bind`, are copied and pickled with the optimizer, and make up,
    together with the number of steps, all the state there is (`get_state`, `set_state`).

    >>> from framework.optimizers import SGD
    >>> sgd = SGD(momentum=0.9)
    >>> sgd.bind(ParameterVector.from_arrays([[1.0, 2.0]]))
    >>> sgd.slots
    {'momentum': array([0., 0.], dtype=float32)}
    """

    slot_names: tuple[str, ...] = ()
    """Vectors like the parameters, zero at first, that `update` finds in `self.slots`."""

    steps: int
    """How many gradients have come in; with gradient accumulation, not each of them is an update."""
    slots: dict[str, Array]

    _vector: ParameterVector | None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        keeper = super().__new__(cls)
        keeper.steps = 0
        keeper.slots = {}
        keeper._vector = None
        return keeper

    # What a subclass may say about its slots.

    def all_slot_names(self) -> tuple[str, ...]:
        """The slots to keep, those of all optimizers included."""
        return self.slot_names

    def slot_shape(self, name: str, shape: Shape) -> Shape:
        """The shape of the part of a slot that belongs to a parameter of this shape: the same, unless overridden."""
        return shape

    def slot_start(self, name: str, parameter: Parameter) -> float | Array:
        """What that part holds before the first step."""
        return 0.0

    # The parameters.

    @property
    def vector(self) -> ParameterVector:
        """The parameters it is at work on; raises ValueError when there are none yet."""
        if self._vector is None:
            raise ValueError(f"{type(self).__name__} has no parameters yet: bind(vector) or compile a model first")
        return self._vector

    def bind(self, vector: ParameterVector) -> None:
        """Takes charge of these parameters; slots of parameters it had before are kept, others start anew.

        Raises ValueError when it is at work on other parameters, such as those of another model.
        """
        if vector.size:
            self.check_free_for(vector)
        self.slots = _Slots((name, self._new_slot(name, vector)) for name in self.all_slot_names())
        self._vector = vector

    def check_free_for(self, parameters: Iterable[Parameter]) -> None:
        """Raises ValueError when it is at work on other parameters, none of which is among these."""
        if self._vector is None or not self._vector.size:
            return
        ours = {id(p) for p in self._vector}
        if not any(id(p) in ours for p in parameters):
            raise ValueError(
                f"this {type(self).__name__} is at work on other parameters already; make another one with "
                f"{type(self).__name__}.from_config(optimizer.get_config())"
            )

    def parts(self, name: str) -> Iterator[tuple[Parameter, Array]]:
        """Each parameter with its part of a slot, in the part's own shape; what is written there is kept."""
        for parameter, place in self._places(name, self.vector):
            yield parameter, self.slots[name][place].reshape(self.slot_shape(name, parameter.shape))

    def _places(self, name: str, vector: ParameterVector) -> Iterator[tuple[Parameter, slice]]:
        start = 0
        for parameter in vector:
            stop = start + math.prod(self.slot_shape(name, parameter.shape))
            yield parameter, slice(start, stop)
            start = stop

    def _new_slot(self, name: str, vector: ParameterVector) -> Array:
        kept = {id(p): part for p, part in self.parts(name)} if name in self.slots else {}
        places = list(self._places(name, vector))
        slot = np.empty(places[-1][1].stop if places else 0, vector.dtype)
        for parameter, place in places:
            start = kept[id(parameter)] if id(parameter) in kept else self.slot_start(name, parameter)
            slot[place] = np.reshape(start, -1)
        return slot

    @property
    def scratch(self) -> Array:
        """A vector like the parameters, for intermediate results."""
        return self.buffer("scratch", self.vector.value.shape, self.vector.dtype)

    def blocks(self, *vectors: Array, scratch: int = 1) -> Iterable[tuple[Array, ...]]:
        """Vectors of one length block by block, each time with `scratch` arrays for intermediate results beside them.

        A formula that goes block by block finds in the cache what it needs again, and large models need no scratch
        of their size. Vectors of up to `BLOCK` numbers come as a whole.

        >>> from framework.optimizers import SGD
        >>> sgd, vector = SGD(), ParameterVector.from_arrays([[1.0, 2.0]])
        >>> sgd.bind(vector)
        >>> for value, doubled in sgd.blocks(vector.value):
        ...     print(np.multiply(value, 2, out=doubled))
        [2. 4.]
        """
        size = vectors[0].size
        spare = [self.buffer(f"block {i}", (min(size, BLOCK),), vectors[0].dtype) for i in range(scratch)]
        if size <= BLOCK:
            return [(*vectors, *spare)]
        places = [slice(start, min(start + BLOCK, size)) for start in range(0, size, BLOCK)]
        return ((*(v[place] for v in vectors), *(s[: place.stop - place.start] for s in spare)) for place in places)

    # The state.

    def get_state(self) -> dict[str, Any]:
        """All it takes to go on later: `steps`, and copies of the `slots` by name.

        >>> from framework.optimizers import SGD
        >>> SGD().get_state()
        {'steps': 0, 'slots': {}, 'learning_rate': 0.01}
        """
        return {"steps": self.steps, "slots": {name: slot.copy() for name, slot in self.slots.items()}}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on where another optimizer of the same kind was when `get_state` was called.

        Both must have been bound to parameters of the same shapes. Raises ValueError, before anything is
        changed, when the state does not fit.
        """
        kind, steps, slots = type(self).__name__, state.get("steps"), state.get("slots")
        if not is_whole(steps, 0) or not isinstance(slots, Mapping):
            raise ValueError(f"{kind}: a state has steps (a whole number) and slots, got {_brief(state)}")
        if slots.keys() != self.slots.keys():
            raise ValueError(
                f"{kind}: the state has the slots {_listed(slots)}, this optimizer keeps {_listed(self.slots)}; "
                f"bind it first, and make it with the arguments that the other one had"
            )
        arrays = {name: np.asarray(array) for name, array in slots.items()}
        for name, array in arrays.items():
            if array.shape != self.slots[name].shape:
                raise ValueError(
                    f"{kind}: slot {name!r} has the shape {self.slots[name].shape}, in the state it has {array.shape}; "
                    f"it belongs to other parameters"
                )
        self.steps = int(state["steps"])
        for name, array in arrays.items():
            self.slots[name][...] = array


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(sorted(names)) or "none"


def _brief(state: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} ({type(value).__name__})" for name, value in state.items()) or "nothing"
