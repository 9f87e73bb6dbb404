"""Names for classes, and configurations for free.

A `Registry` maps the names that users type to classes: one instance per concept (layers, losses, ...).
A `Configurable` describes itself by the arguments of its constructor, which is all that YAML files,
saved models, `repr` and the config checks need to know about a class.
"""

from __future__ import annotations

import functools
import inspect
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, overload

T = TypeVar("T", bound="Configurable")
Registered = TypeVar("Registered", bound="type[Configurable]")  # the very class comes out of the decorator

_PACKAGE = f"{__package__}."


class ArgumentError(ValueError):
    """A component was given an argument it cannot take; `argument` is the name of the culprit."""

    def __init__(self, message: str, argument: str | None = None) -> None:
        super().__init__(message)
        self.argument = argument


class UnknownNameError(ValueError):
    """A name that no class is registered under; `suggestion` is the nearest known one, if any is near."""

    def __init__(self, concept: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        self.name = name
        self.suggestion = nearest(name, known)
        hint = f"; did you mean {self.suggestion!r}?" if self.suggestion else ""
        super().__init__(f"unknown {concept} {name!r}{hint} (known: {', '.join(known) or 'none'})")


def canonical(name: str) -> str:
    """The form in which names are compared: `ReLU`, `relu` and `re_lu` are one name.

    >>> canonical("Batch_Normalization")
    'batchnormalization'
    """
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like `name`, or None when nothing is near.

    >>> nearest("learning_rte", ["momentum", "learning_rate"]), nearest("lr", ["momentum", "learning_rate"])
    ('learning_rate', 'learning_rate')
    """
    known = list(known)
    by_initials = {"".join(word[:1] for word in k.split("_")): k for k in known if "_" in k}
    if name in by_initials:  # `lr`
        return by_initials[name]
    import difflib  # only mistakes need it

    by_form = {canonical(k): k for k in known}
    close = difflib.get_close_matches(canonical(name), by_form, n=1, cutoff=0.6)
    return by_form[close[0]] if close else None


def snake_case(class_name: str) -> str:
    """The name under which a class is written: `BatchNormalization` -> `batch_normalization`.

    >>> [snake_case(n) for n in ("ReLU", "LeakyReLU", "MeanSquaredError", "CSVLogger", "Conv2D", "SGD")]
    ['relu', 'leaky_relu', 'mean_squared_error', 'csv_logger', 'conv2d', 'sgd']
    """
    words = class_name.replace("ReLU", "Relu").replace("ELU", "Elu").replace("NaN", "Nan")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", words)
    return words.lower()


class Registry(Generic[T]):
    """The classes of one concept, by name, and the grammar in which a component is written.

    A component is a name (`"relu"`), a one-key mapping (`{"dense": {"units": 128}}`, or `{"dense": 128}`
    for the first argument), a mapping with a `type` key, or an instance. A class stands for its instance
    with default arguments, and Keras's `{"class_name": ..., "config": {...}}` is understood as well. Look-up
    ignores case and underscores.

    >>> shapes = Registry("shape", Configurable)
    >>> @shapes.register
    ... class Circle(Configurable):
    ...     def __init__(self, radius: float = 1.0):
    ...         self.radius = radius
    >>> shapes.create({"CIRCLE": 2.0})
    Circle(radius=2.0)
    >>> shapes.create("cirle")
    Traceback (most recent call last):
    framework.registry.UnknownNameError: unknown shape 'cirle'; did you mean 'circle'? (known: circle)
    """

    def __init__(self, concept: str, base: type[T]) -> None:
        self.concept = concept
        self.base = base
        self._classes: dict[str, type[T]] = {}
        self._names: dict[str, str] = {}  # canonical form -> name as written
        self._not_imported: list[str] = []
        self._importing = threading.RLock()

    def import_when_asked(self, modules: Iterable[str]) -> None:
        """Names modules whose classes belong here too, to be imported when a name is not found without them."""
        self._not_imported.extend(modules)

    def _complete(self) -> None:
        with self._importing:  # whoever comes second waits, and then finds all there
            while self._not_imported:
                import_module(self._not_imported[0])
                self._not_imported.pop(0)

    @overload
    def register(self, cls: Registered, /) -> Registered: ...
    @overload
    def register(
        self, /, *, name: str | None = None, aliases: Iterable[str] = (), replace: bool = False
    ) -> Callable[[Registered], Registered]: ...
    def register(
        self,
        cls: Any = None,
        /,
        *,
        name: str | None = None,
        aliases: Iterable[str] = (),
        replace: bool = False,
    ) -> Any:
        """Class decorator: makes the class known under `name`, or its own in snake case, and under `aliases`.

        Raises ValueError when a name is taken and `replace` is False, TypeError for a class of another kind
        or one whose constructor takes `*args` or `**kwargs`.
        """
        if cls is None:
            return functools.partial(self._add, name=name, aliases=tuple(aliases), replace=replace)
        return self._add(cls, name, (), replace)

    def _add(self, cls: type[T], name: str | None, aliases: tuple[str, ...], replace: bool) -> type[T]:
        if not (isinstance(cls, type) and issubclass(cls, self.base)):
            raise TypeError(f"cannot register {cls!r} as {self._a_concept}: it must derive from {self.base.__name__}")
        if not cls.__module__.startswith(_PACKAGE):
            self._complete()  # so that a name that is taken is found to be so
        _constructor_parameters(cls)  # refuses signatures that say too little, before anybody uses the class
        names = (name or snake_case(cls.__name__), *aliases)
        for name in names:
            taken = self._classes.get(canonical(name))
            if taken is not None and not replace:
                raise ValueError(
                    f"the {self.concept} name {name!r} is taken by {taken.__module__}.{taken.__qualname__}; "
                    f"choose another name, or register with replace=True"
                )
        for name in names:
            replaced = self._classes.get(canonical(name))
            if replaced is not None and replaced.registered_name == name:
                replaced.registered_name = ""  # nothing could read it back under a name that is another's now
            self._classes[canonical(name)] = cls
            self._names[canonical(name)] = name
        cls.registered_name = names[0]
        return cls

    @property
    def _a_concept(self) -> str:
        return f"{'an' if self.concept[0] in 'aeiou' else 'a'} {self.concept}"

    def __contains__(self, name: str) -> bool:
        if canonical(name) not in self._classes:
            self._complete()
        return canonical(name) in self._classes

    def __iter__(self) -> Iterator[str]:
        """The names in alphabetical order, aliases left out."""
        self._complete()
        return iter(sorted(name for key, name in self._names.items() if self._classes[key].registered_name == name))

    def __getitem__(self, name: str) -> type[T]:
        if name in self:
            return self._classes[canonical(name)]
        raise UnknownNameError(self.concept, name, self._names.values())

    def aliases(self, name: str) -> list[str]:
        """The other names of the class of this name.

        >>> from framework import losses
        >>> losses.registry.aliases("mean_squared_error")
        ['mse']
        """
        cls = self[name]
        return [other for key, other in self._names.items() if self._classes[key] is cls and other != name]

    def create(self, spec: Any) -> T:
        """The instance that `spec` describes; an instance is returned as it is.

        Raises UnknownNameError for a name nobody registered, ArgumentError for arguments that do not fit,
        TypeError for anything that is not a spec.
        """
        if isinstance(spec, self.base):
            return spec
        if isinstance(spec, type) and issubclass(spec, self.base):
            return spec.from_config({})
        name, arguments = self.parse(spec)
        cls = self[name]
        if not isinstance(arguments, Mapping):
            arguments = {first_argument(cls): arguments}
        return cls.from_config(arguments)

    def parse(self, spec: Any) -> tuple[str, Any]:
        """Splits a spec into its name and its arguments: a mapping, or the value of the first argument."""
        if isinstance(spec, str):
            return spec, {}
        if isinstance(spec, Mapping):
            if isinstance(spec.get("type"), str):
                return spec["type"], {k: v for k, v in spec.items() if k != "type"}
            if spec.keys() == {"class_name", "config"} and isinstance(spec["class_name"], str):
                return spec["class_name"], spec["config"] or {}
            if len(spec) == 1:
                [(name, arguments)] = spec.items()
                if isinstance(name, str):
                    return name, {} if arguments is None else arguments
        raise TypeError(
            f"expected {self._a_concept}, got {spec!r} ({type(spec).__name__}); write its name, "
            f"a mapping such as {{name: {{argument: value}}}}, or an instance of {self.base.__name__}"
        )


def registered(registry: Registry[Any], module: str, name: str) -> type[Any]:
    """The class of a registered name, as an attribute of its module: `framework.regularizers.l2`, as Keras has it.

    Raises AttributeError for other names.
    """
    if name.startswith("_") or name not in registry:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    return registry[name]


class ComponentType(type):
    """Completes the constructors of components, which need neither list nor check what is not their own.

    An argument that all classes of a family have (`common_arguments`) is taken by name, listed or not; one
    that nobody has is answered with the nearest name.

    >>> class Circle(Configurable):
    ...     def __init__(self, radius: float = 1.0):
    ...         self.radius = radius
    >>> Circle(radios=2.0)
    Traceback (most recent call last):
    TypeError: Circle: unknown argument 'radios'; did you mean 'radius'? (accepted: radius)
    """

    if not TYPE_CHECKING:  # editors and type checkers go by the constructor, and know what it makes

        def __call__(cls, *arguments: Any, **named: Any) -> Any:
            try:
                own: Iterable[str] = _constructor_parameters(cls)
            except TypeError:  # it takes **kwargs, which is refused where it matters: when the class is registered
                own = named
            common = {name: named.pop(name) for name in cls.common_arguments if name in named and name not in own}
            for name in named:
                if name not in own:
                    raise TypeError(_unknown_argument(cls, name))
            instance = super().__call__(*arguments, **named)
            for name, value in common.items():
                setattr(instance, name, value)
            if common:
                instance.check_common_arguments()
            return instance


class Configurable(metaclass=ComponentType):
    """A class whose configuration is the arguments of its constructor.

    The one rule: the constructor stores each argument, unchanged, under its own name (or under `_name`,
    where a property of that name stands in front). `get_config`, `from_config`, `repr` and everything
    built on them follow from the signature. Constructors take no `*args` and no `**kwargs`.

    >>> class Point(Configurable):
    ...     def __init__(self, x: int, y: int = 0):
    ...         self.x, self.y = x, y
    >>> Point(1).get_config()
    {'x': 1, 'y': 0}
    >>> Point.from_config({"x": 1, "y": 5})
    Point(x=1, y=5)
    """

    registered_name: ClassVar[str] = ""
    common_arguments: ClassVar[dict[str, inspect.Parameter]] = {}
    """Settings that every class of a family has, also those whose constructor does not list them."""

    @classmethod
    def signature(cls) -> dict[str, inspect.Parameter]:
        """The arguments by name: the constructor's own, then the family's common ones."""
        own = _constructor_parameters(cls)
        return {**own, **{name: p for name, p in cls.common_arguments.items() if name not in own}}

    def get_config(self) -> dict[str, Any]:
        """The arguments as plain data: numbers, strings, lists and mappings, ready for YAML and JSON."""
        return {name: plain(self._argument(name), f"{type(self).__name__}.{name}") for name in self.signature()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """An instance with these arguments.

        Raises ArgumentError when one is unknown, missing or refused by the constructor.
        """
        cls.check_arguments(config)
        return cls(**config)

    def check_common_arguments(self) -> None:
        """Raises ArgumentError for a common argument that makes no sense; the constructor has not seen them."""

    @classmethod
    def check_arguments(cls, config: Mapping[str, Any]) -> None:
        """Raises ArgumentError when an argument has a name that is unknown, or a required one is missing."""
        known = cls.signature()
        for name in config:
            if name not in known:
                raise ArgumentError(_unknown_argument(cls, str(name)), str(name))
        for name, parameter in known.items():
            if parameter.default is parameter.empty and name not in config:
                raise ArgumentError(f"{cls.__name__}: the argument {name!r} is missing", name)

    def changed_arguments(self) -> dict[str, Any]:
        """The part of the configuration that differs from the defaults."""
        config, signature = self.get_config(), self.signature()
        return {
            name: value
            for name, value in config.items()
            if signature[name].default is inspect.Parameter.empty or plain(signature[name].default) != value
        }

    def _argument(self, name: str) -> Any:
        stored = vars(self)
        if name in stored:
            return stored[name]
        if "_" + name in stored:
            return stored["_" + name]
        try:
            return getattr(self, name)  # a class attribute, or a slot set in __new__
        except AttributeError:
            raise AttributeError(
                f"{type(self).__name__}.__init__ must store its argument {name!r} as self.{name}"
            ) from None

    def __repr__(self) -> str:
        # Also for arguments that have no plain form, such as functions: messages show components.
        arguments = []
        for name, parameter in self.signature().items():
            value = _plain_or_itself(self._argument(name))
            if parameter.default is parameter.empty or value != _plain_or_itself(parameter.default):
                arguments.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(arguments)})"


def _unknown_argument(cls: type[Configurable], name: str) -> str:
    known = cls.signature()
    near = nearest(name, known)
    hint = f"; did you mean {near!r}?" if near else ""
    return f"{cls.__name__}: unknown argument {name!r}{hint} (accepted: {', '.join(known) or 'none'})"


_constructors: dict[type, dict[str, inspect.Parameter]] = {}


def _constructor_parameters(cls: type) -> Mapping[str, inspect.Parameter]:
    if cls not in _constructors:
        _constructors[cls] = _read_constructor(cls)
    return _constructors[cls]


def _read_constructor(cls: type) -> dict[str, inspect.Parameter]:
    if cls.__init__ is object.__init__:  # type: ignore[misc]
        return {}
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]  # type: ignore[misc]
    for parameter in parameters:
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TypeError(
                f"{cls.__name__}.__init__ takes {parameter} ({parameter.kind.description}): give every argument "
                f"a name of its own, the configuration is read off the signature"
            )
    return {parameter.name: parameter for parameter in parameters}


def first_argument(cls: type[Configurable]) -> str:
    """The name of the constructor's first argument, which a bare value in a spec stands for."""
    for name in _constructor_parameters(cls):
        if name not in cls.common_arguments:
            return name
    raise ArgumentError(f"{cls.__name__} takes no bare value; name the argument, as in {{argument: value}}")


def spec(component: Configurable) -> Any:
    """The shortest way to write a component: its name, `{name: first}`, or `{name: {changed arguments}}`.

    Raises TypeError for a class that is not registered: nothing could read it back.
    """
    cls = type(component)
    registered_name = vars(cls).get("registered_name")  # its own: a subclass is not its parent
    if not registered_name:
        raise TypeError(f"{cls.__name__} is not registered, so it cannot be written down; register it first")
    arguments = component.changed_arguments()
    if not arguments:
        return registered_name
    if len(arguments) == 1:
        [(name, value)] = arguments.items()
        may_be_bare = name not in cls.common_arguments and not isinstance(value, dict) and value is not None
        if may_be_bare and name == first_argument(cls):
            return {registered_name: value}
    return {registered_name: arguments}


def writable_specs(components: Iterable[Configurable]) -> list[Any]:
    """The specs of those that can be written down; what is made of a function, which no file can hold, is left out.

    Raises TypeError for a class that is not registered.
    """
    found = []
    for component in components:
        try:
            found.append(spec(component))
        except TypeError:
            if not vars(type(component)).get("registered_name"):
                raise
    return found


def _plain_or_itself(value: Any) -> Any:
    try:
        return plain(value)
    except TypeError:
        return value


def plain(value: Any, where: str = "value") -> Any:
    """`value` as plain data; components become specs, tuples lists, NumPy scalars Python numbers.

    Raises TypeError, naming `where`, for what has no plain form.
    """
    if isinstance(value, Configurable):
        return spec(value)
    if hasattr(value, "tolist"):  # NumPy scalars and arrays, without importing NumPy here; np.float64 is a float
        return value.tolist()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if callable(value) and isinstance(getattr(value, "registered_name", None), str):
        return value.registered_name  # the plain function of a class, such as framework.activations.relu
    if isinstance(value, Mapping):
        return {str(k): plain(v, f"{where}.{k}") for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v, f"{where}[{i}]") for i, v in enumerate(value)]
    raise TypeError(f"{where} = {value!r} cannot be written as plain data")
