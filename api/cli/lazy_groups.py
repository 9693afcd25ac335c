"""Command groups that import the module of a command only when that command runs."""

import ast
import importlib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class Group(NamedTuple):
    """A group of commands: its help, and `module:function` of each command by name."""

    help: str
    commands: Mapping[str, str]


class LazyGroup(TyperGroup):
    """A group that lists its commands by placeholders and imports the one that is invoked."""

    table: ClassVar[Mapping[str, str | Group]] = {}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name, entry in self.table.items():
            listed = _group(name, entry) if isinstance(entry, Group) else _placeholder(name, entry)
            self.add_command(listed)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the arguments name, and import it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, self.loaded(name) if name else command, rest

    def loaded(self, name: str) -> Any:
        """Import the command of a name; a group within this group is given as it is."""
        entry = self.table[name]
        if isinstance(entry, Group):
            return self.commands[name]
        module, function = entry.split(":")
        app = typer.Typer(add_completion=False)
        app.command(name)(getattr(importlib.import_module(module), function))
        return typer.main.get_command(app)


def _group(name: str, group: Group) -> LazyGroup:
    commands = type("Commands", (LazyGroup,), {"table": group.commands})
    command_group: LazyGroup = commands(name=name, help=group.help, no_args_is_help=True)
    return command_group


def _placeholder(name: str, entry: str) -> TyperCommand:
    # A docstring is the help of its command: it is read from the source, which imports nothing.
    module, function = entry.split(":")
    spec = find_spec(module)
    source = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    definition = next(node for node in functions if node.name == function)
    return TyperCommand(name, help=ast.get_docstring(definition))
