"""The rules of the tree: which way imports point, what they may reach, and where things lie."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import framework
from framework import layers

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("framework", "apps") for path in (ROOT / folder).rglob("*.py"))
MODULES = [path for path in SOURCES if path.is_relative_to(ROOT / "framework")]

LEVELS = [
    {"registry", "comparison", "files", "json_text", "on_first_use", "version"},
    {"arguments", "locks", "parameters"},
    {"buffers", "documents", "examination", "intervals", "threads"},
    {"initializers", "regularizers", "constraints", "activations", "schedules"},
    {"layers", "data"},
    {"losses", "optimizers"},
    {"metrics", "meanings"},
    {"summary"},
    {"sequential"},
    {"replay"},
    {"divergence", "input_scale"},
    {"trainer"},
    {"run"},
    {"loops"},
    {"checkpoint"},
    {"training_state"},
    {"callbacks"},
    {"config", "inspection", "plotting", "testing"},
    {"commands"},
    {"__main__"},
]
"""Imports at the top of a module point at its own package, or at a level above it in this list."""

FACADES = {
    "sequential": {"trainer", "loops", "checkpoint", "config"},  # Keras's verbs
    "loops": {"callbacks"},  # `fit` takes callbacks by name
    "testing": {"checkpoint", "sequential"},  # proves that a layer survives a model file
}
"""Imports inside of functions that may point down the list: what a verb needs is loaded when it is used."""

EXTERNAL = {"config": {"yaml"}}
"""What a part may import at the top beyond NumPy and the standard library."""

ON_FIRST_USE = {
    "callbacks": {"tqdm", "tensorboardX"},
    "plotting": {"matplotlib"},
    "documents": {"safetensors"},
    "threads": {"threadpoolctl"},
}
"""What a part may import inside of functions."""

KEPT_IN_MODULES = {
    "registry._constructors",  # what signatures say, read once
    "locks._files",  # the folders that this process has locked
    *(f"threads.{name}" for name in ("_scopes", "_changing", "_making", "_here", "_pool", "_libraries")),
}
"""What changes while a program runs and belongs to no object, beside the registries: that of the process as a whole."""

UNTESTED = {"version"}
"""Modules that need no test of their own, beside `__init__`."""


class Import(NamedTuple):
    line: int
    module: str  # absolute, as far as it can be told: `framework.layers.base`
    deferred: bool


def imports_of(path: Path) -> list[Import]:
    """All imports of a file, except those for type checkers only."""
    return list(_imports(ast.parse(path.read_text()), path, False))


def _imports(node: ast.AST, path: Path, deferred: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(child.lineno, alias.name, deferred) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = path.relative_to(ROOT).with_suffix("").parts[: -child.level] if child.level else ()
            module = ".".join([*base, *([child.module] if child.module else [])])
            if child.module:
                yield Import(child.lineno, module, deferred)
            else:  # from . import a, b
                yield from (Import(child.lineno, f"{module}.{alias.name}", deferred) for alias in child.names)
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield from _imports(ast.Module([other], []), path, deferred)
        else:
            yield from _imports(child, path, deferred or isinstance(child, ast.FunctionDef | ast.Lambda))


def part(path: Path) -> str:
    """Which part of the framework a file belongs to: `layers`, `trainer`, ..."""
    return path.relative_to(ROOT / "framework").parts[0].removesuffix(".py")


def level(name: str) -> int:
    found = [i for i, names in enumerate(LEVELS) if name in names]
    assert found, f"framework/{name} has no place in LEVELS of {Path(__file__).name} yet"
    return found[0]


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_imports_point_one_way():
    wrong = []
    for path in MODULES:
        own = part(path)
        if own == "__init__":
            continue  # the top, which shows everything
        for line, module, deferred in imports_of(path):
            head, _, rest = module.partition(".")
            other = rest.partition(".")[0]
            if head != "framework" or other == own:
                continue
            allowed = other in FACADES.get(own, ()) if deferred else False
            if not (level(other) < level(own) or allowed):
                wrong.append(f"{where(path, line)} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_facades_are_needed():
    used = {(part(path), module.split(".")[1]) for path in MODULES for _, module, deferred in imports_of(path)
            if deferred and module.startswith("framework.")}  # fmt: skip
    listed = {(own, other) for own, others in FACADES.items() for other in others}
    assert listed <= used


def test_the_framework_knows_no_application():
    wrong = [where(p, line) for p in MODULES for line, module, _ in imports_of(p) if module.split(".")[0] == "apps"]
    assert not wrong


@pytest.mark.parametrize("deferred", [False, True], ids=["at the top", "inside of functions"])
def test_the_framework_needs_little_beyond_numpy(deferred):
    extra = ON_FIRST_USE if deferred else EXTERNAL
    known = sys.stdlib_module_names | {"framework", "numpy"}
    wrong = [
        f"{where(path, line)} imports {module}"
        for path in MODULES
        for line, module, is_deferred in imports_of(path)
        if is_deferred is deferred and module.split(".")[0] not in known | extra.get(part(path), set())
    ]
    assert not wrong, "\n".join(wrong)


def test_importing_the_framework_loads_only_what_every_program_needs():
    unwanted = ["yaml", "tqdm", "matplotlib", "safetensors", "apps", "framework.config", "framework.plotting"]
    program = f"import framework, sys; print(*(m for m in {unwanted} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_importing_the_framework_loads_no_part_of_numpy_that_numpy_does_not_load_itself():
    program = "import {}, sys; print(*sorted(m for m in sys.modules if m.startswith('numpy.')))"
    numpy, ours = (
        subprocess.run(
            [sys.executable, "-c", program.format(name)], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split()
        for name in ("numpy", "framework")
    )
    assert numpy == ours


def test_nothing_unpickles():
    unsafe = {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve", "marshal"}
    wrong = [where(p, line) for p in SOURCES for line, module, _ in imports_of(p) if module.split(".")[0] in unsafe]
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
                wrong.append(where(path, node.value.lineno))
    assert not wrong


def test_modules_keep_nothing_that_changes_but_what_is_listed_here():
    found = set()
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        names = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
        for node in tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                target = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
                made = ast.unparse(node.value.func) if isinstance(node.value, ast.Call) else ast.unparse(node.value)[0]
                is_changeable = made in ("{", "[", "dict", "list", "set", "defaultdict", "deque")
                if is_changeable and target.isidentifier() and not target.isupper() and target != "__all__":
                    names.add(target)
        found |= {f"{path.stem}.{name}" for name in names}
    assert found == KEPT_IN_MODULES


def test_every_module_has_its_test_where_one_looks_for_it():
    missing = []
    for path in MODULES:
        if path.stem in {"__init__", *UNTESTED}:
            continue
        mirror = ROOT / "tests" / path.relative_to(ROOT).with_name(f"test_{path.stem.strip('_')}.py")
        if not mirror.exists():
            missing.append(str(mirror.relative_to(ROOT)))
    assert not missing, "missing:\n" + "\n".join(missing)


@pytest.mark.parametrize("path", [p for p in MODULES if p.name == "__init__.py"], ids=lambda p: p.parent.name)
def test_packages_show_exactly_what_they_list(path):
    module = importlib.import_module(".".join(path.parent.relative_to(ROOT).parts))
    if not hasattr(module, "__all__"):
        assert not module.__doc__ or len(path.read_text().splitlines()) == 1, f"{path} shows names without an __all__"
        return
    assert sorted(module.__all__) == sorted(set(module.__all__))
    for name in module.__all__:
        assert getattr(module, name) is not None
    if module is framework:
        return  # shows part of its names when they are first used
    body = ast.parse(path.read_text()).body
    later = [node for part in body if isinstance(part, ast.If) for node in part.body]  # for type checkers
    shown = {
        name.asname or name.name
        for node in [*body, *later]
        if isinstance(node, ast.ImportFrom) and node.module not in ("__future__", "typing", "on_first_use")
        for name in node.names
    }
    shown |= {
        target.id
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert {name for name in shown if not name.startswith("_")} == set(module.__all__)


@pytest.mark.parametrize("folder", ["framework", "apps", "tests", "benchmarks"])
def test_files_can_be_read_in_one_sitting(folder):
    long = {
        str(path.relative_to(ROOT)): count
        for path in (ROOT / folder).rglob("*.py")
        if (count := len(path.read_text().splitlines())) > 500
    }
    assert not long


def test_the_trainer_asks_nobody_which_layer_it_is():
    path = ROOT / "framework" / "trainer.py"
    concrete = {name for name in layers.__all__ if isinstance(getattr(layers, name), type)}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass"):
            asked = {n.id for n in ast.walk(node.args[1]) if isinstance(n, ast.Name)}
            asked |= {n.attr for n in ast.walk(node.args[1]) if isinstance(n, ast.Attribute)}
            assert not asked & concrete, f"{where(path, node.lineno)}: {ast.unparse(node)}"


@pytest.mark.parametrize("name", [n for n in layers.registry if layers.registry[n].__module__.startswith("framework.")])
def test_every_layer_says_which_shapes_it_takes_and_gives(name):
    doc = layers.registry[name].__doc__ or ""
    _, found, rest = doc.partition("Shapes:")
    assert found, f"{name}: the docstring has no line 'Shapes: ... -> ...'"
    assert "->" in rest.partition("\n\n")[0]
