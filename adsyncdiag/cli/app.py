"""The command tree, and the one place where an error becomes a message and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import StringIO
from typing import Annotated

import typer

from adsyncdiag import __version__
from adsyncdiag.cli.cmdlets import translate
from adsyncdiag.cli.console import note, open_streams, problem, result, silence
from adsyncdiag.cli.tree import SETTINGS, LazyGroup
from adsyncdiag.errors import EXIT_INTERRUPTED, EXIT_SUCCESS, AdSyncDiagError, UsageError

app = typer.Typer(
    name="adsyncdiag",
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    **SETTINGS,
)


def _version(asked: bool) -> None:
    if asked:
        result(f"adsyncdiag {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Find out why an object does not arrive in Microsoft Entra ID, and bring it there.

    A command that has a cmdlet also answers to its name with PowerShell parameters, in any letter case, such as
    Invoke-ADSyncSingleObjectSync -DistinguishedName "CN=Ann,OU=corp,DC=contoso,DC=com" -StagingMode.

    Exit codes: 0 success, 1 a verdict about the object, 2 usage, 3 configuration, 4 directory or tenant did not answer or
    refused, 5 busy or throttled (try again later), 70 a defect of the program, 130 interrupted.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; never a traceback."""
    open_streams()
    try:
        outcome = app(translate(_own_first(arguments)), prog_name="adsyncdiag", standalone_mode=False)
    except AdSyncDiagError as error:
        return problem(error)
    except typer.Exit as leaving:
        outcome = leaving.exit_code
    except (KeyboardInterrupt, typer.Abort):
        outcome = EXIT_INTERRUPTED
    except (BrokenPipeError, SystemExit):  # the command-line library leaves when its help goes into a closed pipe
        silence(sys.stdout)
        return EXIT_SUCCESS
    except Exception as error:  # noqa: BLE001 - the last door: usage errors of the library, and defects of ours
        return _usage(error)
    if outcome == EXIT_INTERRUPTED:
        note("adsyncdiag: interrupted")
    return outcome if isinstance(outcome, int) else EXIT_SUCCESS


def _usage(error: Exception) -> int:
    """Show a usage error of the command-line library (it vendors its own classes); anything else is a defect."""
    show = getattr(error, "show", None)
    if not callable(show) or not hasattr(error, "exit_code"):
        from adsyncdiag.cli.defects import defect

        return defect(error)
    shown = StringIO()
    show(file=shown)
    note(
        shown.getvalue().replace(": Value error, ", ": ").rstrip("\n")
    )  # pydantic's words, which the library passes on
    return int(error.exit_code)


_OWN = ("--workspace", "--verbose", "--json")
_GROUPS = ("lab",)


def _own_first(arguments: Sequence[str]) -> list[str]:
    """Let `adsyncdiag --workspace DIR command` mean `adsyncdiag command --workspace DIR`."""
    rest, moved = list(arguments), []
    while rest and rest[0].partition("=")[0] in _OWN:
        size = 2 if rest[0] == "--workspace" else 1
        if len(rest) < size:
            raise UsageError("--workspace needs a folder", hint=_USAGE)
        moved += rest[:size]
        rest = rest[size:]
    if moved and not rest:
        raise UsageError("no command is given", hint=_USAGE)
    if rest and rest[0].startswith("-"):  # help, the version, or an option that nobody knows
        return rest
    words = 2 if rest and rest[0] in _GROUPS else 1
    return [*rest[:words], *moved, *rest[words:]]


_USAGE = "Usage: adsyncdiag [--workspace DIR] COMMAND ...; adsyncdiag --help lists the commands."
