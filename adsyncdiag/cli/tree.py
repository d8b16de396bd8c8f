"""The commands by name: one is imported when it is called, and none for the list of all.

A start imports only what it needs; reading every command's options for `--help` alone would double its time. A test keeps
the sentences here equal to those of the commands themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from adsyncdiag.cli.cmdlets import CMDLETS

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

COMMANDS: Mapping[str, tuple[str, str]] = {
    "single-object-sync": ("single_object_sync", "Take one Active Directory object through the ten steps of synchronisation to Microsoft Entra ID."),
    "get-scheduler": ("scheduler", "Show the eleven properties of the scheduler."),
    "set-scheduler": ("scheduler", "Change settings of the scheduler, and show the result."),
    "init": ("initialise", "Write adsyncdiag.toml for a server export."),
    "test-connectivity": ("connectivity", "Try the configuration, the store, every forest and the tenant, and say what each answered."),
    "test-expression": ("expressions", "Evaluate an expression of a synchronisation rule over attributes you give, or over an object."),
    "functions": ("expressions", "Show the manual of the expression language: every function, or the entry of one."),
    "lab": ("lab", "A forest, a tenant and a server export to try everything on."),
}  # fmt: skip
"""Command, the module that registers it, and its first sentence."""

SETTINGS: Mapping[str, Any] = {
    "no_args_is_help": True,
    "rich_markup_mode": None,  # plain help: rich alone costs 75 ms at every start
    "add_completion": False,
    "pretty_exceptions_enable": False,
}


class LazyGroup(TyperGroup):
    """Finds a command's module when the command is called."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Return the names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Return a command, imported now; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        part = typer.Typer(**SETTINGS)
        part.callback()(_nothing)  # a Typer with one command would else be that command, without its name
        import_module(f"adsyncdiag.cli.{COMMANDS[cmd_name][0]}").register(part)
        return get_group(part).commands[cmd_name]

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Return the command that *args* begin with; fail with the name that comes closest when there is none."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"No such command {args[0]!r}.{_suggestion(args[0])}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


def _suggestion(word: str) -> str:
    from difflib import get_close_matches  # only an error pays for it

    names = {name.lower(): name for name in (*COMMANDS, *CMDLETS)}
    close = get_close_matches(word.lower(), names, n=1)
    return f" Did you mean {names[close[0]]!r}?" if close else ""


def _nothing() -> None:
    """Stand for the callback of a group that is never called."""
