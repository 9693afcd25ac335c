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
        self.commands.update(dict.fromkeys(self.table, _UNREAD))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Give a command or group to list; its help is read when it is asked for."""
        if self.commands.get(cmd_name) is _UNREAD:
            entry = self.table[cmd_name]
            self.commands[cmd_name] = (
                _group(cmd_name, entry)
                if isinstance(entry, Group)
                else _placeholder(cmd_name, entry)
            )
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the arguments name, and import it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, self.loaded(name) if name else command, rest

    def loaded(self, name: str) -> Any:
        """Import the command of a name; a group within this group is given as it is."""
        entry = self.table[name]
        if isinstance(entry, Group):
            return self.get_command(None, name)
        module, function = entry.split(":")
        app = typer.Typer(add_completion=False)
        app.command(name)(getattr(importlib.import_module(module), function))
        return typer.main.get_command(app)


_UNREAD = TyperCommand(None)


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
