"""Check docstrings with numpydoc: complete where they are the reference, tidy everywhere.

Complete are those of what a package names in its `__all__`, and of public functions over arrays:
types say nothing of a shape, a unit or what NaN means. Elsewhere one good line is enough; but
where parameters are described, they are those of the function, all of them, in its order.

    python .ci/docstrings.py PACKAGE...
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from numpydoc import validate
from numpydoc.hooks.validate_docstrings import AstValidator

TIDY = {"GL01", "GL03", "SS03"}
DESCRIBED = {"PR01", "PR02", "PR03"}
COMPLETE = {*TIDY, *DESCRIBED, "GL08", "RT01", "RT03", "YD01"}
ARRAYS = {"Floats", "Ints", "Bools", "NDArray", "csr_array"}
ATTRIBUTES = {"property", "cached_property"}
SECTION = re.compile(r"^\s*Parameters\n\s*---", re.MULTILINE)
Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | Function


class Item(NamedTuple):
    """A public object: its dotted name, its node, and the nodes around it."""

    name: str
    node: Documented
    around: list[ast.AST]


def main(folders: list[str]) -> int:
    """Print one line a finding; give the exit status."""
    lines = list(findings(map(Path, folders)))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1 if lines else 0


def findings(folders: Iterable[Path]) -> Iterator[str]:
    """Check every module below some packages."""
    modules = {
        path: (_dotted(path, folder.parent), ast.parse(path.read_text(encoding="utf-8")))
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
    }
    exported = set(_exported(modules.values()))
    ARRAYS.update(_tuples_of_arrays(module for _, module in modules.values()))
    for path, (name, module) in modules.items():
        for item in _items(Item(name, module, [])):
            yield from _check(path, item, item.name in exported)


def _dotted(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _exported(modules: Iterable[tuple[str, ast.Module]]) -> Iterator[str]:
    """Give the names in `__all__`, where they are defined."""
    for name, module in modules:
        origins = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in module.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for node in module.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                yield from (origins.get(it, f"{name}.{it}") for it in ast.literal_eval(node.value))


def _tuples_of_arrays(modules: Iterable[ast.Module]) -> Iterator[str]:
    """Name the named tuples of nothing but arrays: whoever takes one takes arrays."""
    for module in modules:
        for node in module.body:
            if isinstance(node, ast.ClassDef) and "NamedTuple" in map(ast.unparse, node.bases):
                fields = [field for field in node.body if isinstance(field, ast.AnnAssign)]
                if all(_is_of_arrays(field.annotation) for field in fields):
                    yield node.name


def _items(item: Item) -> Iterator[Item]:
    """Give an object and the public ones in it; what stands in a function is not public."""
    yield item
    if isinstance(item.node, Function):
        return
    for node in item.node.body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield from _items(Item(f"{item.name}.{node.name}", node, [*item.around, item.node]))


def _check(path: Path, item: Item, is_exported: bool) -> Iterator[str]:  # noqa: FBT001
    text = ast.get_docstring(item.node, clean=False) or ""
    wanted = COMPLETE if is_exported or _is_over_arrays(item.node) else TIDY
    if SECTION.search(text):
        wanted = wanted | DESCRIBED
    report = validate.validate(
        item.name, AstValidator, ast_node=item.node, filename=path, ancestry=item.around
    )
    for code, message in report["errors"]:
        if code in wanted:
            yield f"{path}:{report['file_line']}: {code} {item.name}: {' '.join(message.split())}"


def _is_over_arrays(node: Documented) -> bool:
    if not isinstance(node, Function) or ATTRIBUTES & set(map(_decorator, node.decorator_list)):
        return False
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += filter(None, (arguments.vararg, arguments.kwarg))
    types = filter(None, (*(argument.annotation for argument in every), node.returns))
    return any(map(_is_of_arrays, types))


def _is_of_arrays(annotation: ast.expr) -> bool:
    return not ARRAYS.isdisjoint(re.findall(r"\w+", ast.unparse(annotation)))


def _decorator(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
