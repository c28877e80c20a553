"""Imports run one way: the doors -> interactive -> models, and never in a circle."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# What each room may import of the others.
ALLOWED = {
    "models": set(),
    "interactive": {"models"},
    "page": {"interactive", "models"},
    "cli": {"commands", "models"},
    "commands": {"app", "interactive", "models"},
    "app": {"page", "interactive", "models"},
    "demo": {"page", "interactive", "models"},
    "bench": {"interactive", "models"},
}


def name_of(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources() -> dict[str, Path]:
    """Every module of the product by its name."""
    files = [*ROOT.glob("*.py")]
    for room in ALLOWED:
        files += (ROOT / room).rglob("*.py")
    return {name_of(path): path for path in files}


MODULES = sources()


def known(name: str) -> str | None:
    """The module of ours that a dotted name is in, or None."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        if ".".join(parts[:count]) in MODULES:
            return ".".join(parts[:count])
    return None


def is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imports(name: str, *, when: str = "ever") -> set[str]:
    """Modules of ours that a module imports: `ever`, or `at once` when it is itself imported."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {target for alias in node.names if (target := known(alias.name))}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parts, *([base] if base else [])])
            for alias in node.names:
                # `from models import weights` is of models.weights, not of models.
                target = known(f"{base}.{alias.name}")
                found |= {target} if target else set()
        for child in ast.iter_child_nodes(node):
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            if when == "ever" or not (
                later or (isinstance(child, ast.stmt) and is_for_types(child))
            ):
                waiting.append(child)
    return found - {name}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_room_imports_only_what_is_below_it(name: str) -> None:
    room = name.partition(".")[0]
    assert room in ALLOWED, f"{name}: say in ALLOWED what this room may import"
    reached = {target.partition(".")[0] for target in imports(name)}
    assert reached <= ALLOWED[room] | {room}


def test_there_is_no_circle() -> None:
    graph = {name: imports(name, when="at once") for name in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"Imports in a circle: {' <- '.join(error.args[1])}")


def test_the_parser_sees_every_form_of_import() -> None:
    assert "models.errors" in imports("models.catalog")
    assert "interactive.prompts" in imports("interactive")
    assert "models.segmenters.loading" in imports("models")
    assert "models.segmenters.loading" not in imports("models", when="at once")


def test_no_test_stands_in_for_a_part_of_ours() -> None:
    """Tests use the real parts: nothing of `unittest.mock` is imported."""
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {node.module or ""}
            else:
                continue
            assert not any(name.startswith("unittest.mock") or name == "mock" for name in names)
