"""Names and sizes: one class a name, nothing private across packages, files that fit in a head."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("mapping", "ingest", "api")
FILE_LINES, BODY_LINES = 500, 50
SAME_THING = {("api", "main"): "the entry point of a program: of `prossima`, of the benchmark"}
"""Modules of one name in sibling packages, each with the reason; no more than five."""
COMMANDS = {"api/cli", "api/jobs"}
"""A command's options stand in one of them, what it does in the other, under its name."""

VAGUE = {"asked", "firm", "found", "given", "held", "kept", "made", "one", "said", "those", "told"}
"""Words that say that something was found or told, and not what it is: no names of ours."""
EXEMPT = {
    ("mapping/catalogue/reports.py", "said"): "a column of the database, and a field of the JSON",
}
"""Where such a word is public data, each with its reason; no more than three."""

TREES = {
    path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8"))
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
Node = tuple[Path, ast.AST]


def nodes(*kinds: type[ast.AST]) -> Iterator[Node]:
    for path, tree in TREES.items():
        yield from ((path, node) for node in ast.walk(tree) if isinstance(node, kinds))


def body_lines(node: ast.FunctionDef) -> int:
    """Count the lines of a function below its docstring."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return node.body[-1].end_lineno - first.lineno + 1


def twice(found: Iterator[tuple[object, Path]]) -> dict[object, list[str]]:
    places = defaultdict(list)
    for name, path in found:
        places[name].append(str(path))
    return {name: paths for name, paths in places.items() if len(paths) > 1}


def test_there_is_something_to_look_at():
    assert {path.parts[0] for path in TREES} == set(PACKAGES)
    assert len(list(nodes(ast.ClassDef))) > 200


def test_no_two_classes_have_one_name():
    assert twice((node.name, path) for path, node in nodes(ast.ClassDef)) == {}


def test_no_module_name_stands_twice_in_sibling_packages():
    modules = (((path.parts[0], path.stem), path) for path in TREES if path.name != "__init__.py")
    found = {
        name: paths
        for name, paths in twice(modules).items()
        if {Path(path).parent.as_posix() for path in paths} != COMMANDS
    }
    assert set(found) == set(SAME_THING)
    assert len(SAME_THING) <= 5


def test_nothing_private_is_imported_from_another_module():
    private = [
        f"{path}: {node.module}.{alias.name}"
        for path, node in nodes(ast.ImportFrom)
        for alias in node.names
        if alias.name.startswith("_") or any(part[0] == "_" for part in node.module.split("."))
    ]
    assert [line for line in private if "__future__" not in line] == []


def bound_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Give each name that is defined or assigned, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name.strip("_"), node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr.strip("_"), node.lineno


def test_names_say_what_they_hold():
    vague = [
        f"{path}:{line}: {name}"
        for path, tree in TREES.items()
        for name, line in bound_names(tree)
        if name in VAGUE and (path.as_posix(), name) not in EXEMPT
    ]
    assert vague == []
    assert len(EXEMPT) <= 3


@pytest.mark.parametrize(
    "code",
    ["def f(told): ...", "for one in rows: ...", "self._held = 1", "class C:\n    said: str"],
)
def test_a_vague_name_is_seen_wherever_it_is_bound(code):
    assert VAGUE & {name for name, _ in bound_names(ast.parse(code))}


def test_a_file_fits_in_a_head():
    lines = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in TREES}
    assert {str(path): count for path, count in lines.items() if count >= FILE_LINES} == {}


def test_a_function_fits_on_a_screen():
    long = {
        f"{path}: {node.name}": body_lines(node)
        for path, node in nodes(ast.FunctionDef, ast.AsyncFunctionDef)
        if body_lines(node) >= BODY_LINES
    }
    assert long == {}


@pytest.mark.parametrize("body", ["return 1", '"""Doc."""\n    return 1', '"""Doc\n    b\n    """'])
def test_lines_of_a_docstring_are_not_counted(body):
    (function,) = ast.parse(f"def f():\n    {body}\n").body
    assert body_lines(function) == (3 if "b\n" in body else 1)
