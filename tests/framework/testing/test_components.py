"""What all components promise is checked, and each broken promise is found."""

from __future__ import annotations

import pytest

from framework.layers import Dense
from framework.layers import registry as layers
from framework.registry import Configurable, Registry
from framework.testing import CheckFailedError, check_component

things: Registry[Configurable] = Registry("thing", Configurable)


@things.register
class Right(Configurable):
    def __init__(self, size: int = 1) -> None:
        self.size = size


class Nameless(Right):
    pass


class Forgetful(Configurable):
    def __init__(self, size: int = 1) -> None:
        self.length = size


class Growing(Configurable):
    def __init__(self, size: int = 1) -> None:
        self.size = size + 1


class Uncopied(Right):
    def __deepcopy__(self, memo: object) -> Uncopied:
        return self


class Mute(Right):
    def __repr__(self) -> str:
        return "<thing>"


class Boasting(Right):
    def __repr__(self) -> str:
        return f"Boasting(size={self.size + 1})"


@things.register
class Mistaken(Right):
    pass


def test_a_right_one_passes() -> None:
    assert check_component(Right, things) == ["configuration", "deep copy", "repr", "written form"]
    assert check_component(Right(3), things)[-1] == "written form"
    assert check_component(lambda: Dense(3, activation={"leaky_relu": 0.1}), layers)[-1] == "written form"


def test_what_no_file_can_name_is_not_written() -> None:
    assert "written form" not in check_component(Nameless, things)


@pytest.mark.parametrize(
    ("cls", "said"),
    [
        (Forgetful, r"configuration: AttributeError: Forgetful\.__init__ must store its argument 'size' as self\.size"),
        (Growing, r"configuration: from_config\(get_config\(\)\) gives Growing\(size=3\), not Growing\(size=2\)"),
        (Uncopied, r"deep copy: a deep copy gives"),
        (Mute, r"repr: repr shows <thing>, which Python does not read \(SyntaxError"),
        (Boasting, r"repr: repr shows Boasting\(size=2\), which makes another one: \{'size': 2\}"),
    ],
)
def test_a_broken_promise_is_named(cls: type[Configurable], said: str) -> None:
    with pytest.raises(CheckFailedError, match=f"^{cls.__name__}, {said}"):
        check_component(cls, things)


def test_a_name_that_leads_to_another_class_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(things._classes, "mistaken", Right)
    with pytest.raises(CheckFailedError, match=r"^Mistaken, written form: 'mistaken', as it is written in a file, mak"):
        check_component(Mistaken, things)
