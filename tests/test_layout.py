"""The rooms: imports run one way, never in a circle, no folder is overfull, tests mirror them."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAME = "pickmatte"
# What each room may import of the others.
ALLOWED = {
    "models": set(),
    "interactive": {"models"},
    "service": {"interactive", "models"},
    "page": {"service", "interactive", "models"},
    "commands": {"app", "service", "interactive", "models"},
    "cli": {"commands", "models"},
    "app": {"page", "service", "interactive", "models"},
    "bench": {"interactive", "models"},
    "__main__": {"cli"},
}
# The pipeline: a room imports those before it in this list, and what is shared by all of them.
PIPELINE = (
    "edits",
    "pictures",
    "masks",
    "mattes",
    "files",
    "previews",
    "pipeline",
    "cutouts",
    "subject",
    "session",
)
SHARED = {"cache", "fingerprints", "picture_caches", "timings"}
MOST = 14  # modules of a folder


def name_of(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join([NAME, *(parts[:-1] if parts[-1] == "__init__" else parts)])


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
                # `from pickmatte.models import weights` is of models.weights, not of models.
                target = known(f"{base}.{alias.name}")
                found |= {target} if target else set()
        for child in ast.iter_child_nodes(node):
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            if when == "ever" or not (
                later or (isinstance(child, ast.stmt) and is_for_types(child))
            ):
                waiting.append(child)
    return found - {name, NAME}  # the package itself only names what is public


def room_of(name: str) -> str:
    """The first folder below the root, or the front door itself."""
    return name.split(".")[1] if "." in name else name


def folder_of(name: str) -> str:
    """The folder a module lies in; one that lies beside folders stands for itself."""
    path = MODULES[name]
    folder = path.parent
    inner = [other for other in folder.glob("*/*.py") if name_of(other) in MODULES]
    return name if inner else ".".join([NAME, *folder.relative_to(ROOT).parts])


@pytest.mark.parametrize("name", sorted(set(MODULES) - {NAME}))
def test_a_room_imports_only_what_is_below_it(name: str) -> None:
    room = room_of(name)
    assert room in ALLOWED, f"{name}: say in ALLOWED what this room may import"
    reached = {room_of(target) for target in imports(name)}
    assert reached <= ALLOWED[room] | {room}


@pytest.mark.parametrize(
    "name", [name for name in sorted(MODULES) if name.startswith(f"{NAME}.interactive.")]
)
def test_inside_interactive_the_folders_are_the_pipeline(name: str) -> None:
    stage = name.split(".")[2]
    if stage in SHARED:
        before = {"edits", *SHARED}
    else:
        assert stage in PIPELINE, f"{name}: say in PIPELINE where it stands"
        before = {*PIPELINE[: PIPELINE.index(stage) + 1], *SHARED}
    here = f"{NAME}.interactive."
    reached = {target.split(".")[2] for target in imports(name, when="at once") if here in target}
    assert reached <= before


def test_there_is_no_circle() -> None:
    graph = {name: imports(name, when="at once") for name in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"Imports in a circle: {' <- '.join(error.args[1])}")


def test_there_is_no_circle_between_folders() -> None:
    graph: dict[str, set[str]] = {}
    for name in MODULES:
        targets = {folder_of(target) for target in imports(name, when="at once")}
        graph.setdefault(folder_of(name), set()).update(targets - {folder_of(name)})
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"Folders in a circle: {' <- '.join(error.args[1])}")


def folders() -> list[Path]:
    return sorted({path.parent for path in MODULES.values()} - {ROOT})


@pytest.mark.parametrize(
    "folder", folders(), ids=lambda folder: folder.relative_to(ROOT).as_posix()
)
def test_no_folder_is_overfull(folder: Path) -> None:
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST


def test_tests_mirror_the_tree() -> None:
    """Every folder of tests is a folder of the product, and its other way round."""
    tested = {
        path.parent.relative_to(ROOT / "tests").as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
    }
    rooms = {folder.relative_to(ROOT).as_posix() for folder in folders()}
    assert tested - rooms - {".", "browser"} == set()
    # The page is tested in a browser.
    assert rooms - tested - {"page"} == set()


def test_every_package_is_in_the_wheel() -> None:
    """The list of packages in pyproject.toml is all of them; tests and bench are not installed."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = ast.literal_eval(
        text[text.index("packages = [") :].partition("= ")[2].split("]")[0] + "]"
    )
    wanted = {".".join([NAME, *folder.relative_to(ROOT).parts]) for folder in folders()}
    assert set(listed) == {NAME, *wanted} - {f"{NAME}.bench"}


def test_the_parser_sees_every_form_of_import() -> None:
    assert f"{NAME}.models.errors" in imports(f"{NAME}.models.weights.catalogue")
    assert f"{NAME}.interactive.edits.state" in imports(f"{NAME}.interactive.session")
    assert f"{NAME}.app" in imports(f"{NAME}.commands.ui")
    assert f"{NAME}.app" not in imports(f"{NAME}.commands.ui", when="at once")


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
