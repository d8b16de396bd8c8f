"""Manners: help, version, suggestions, closed pipes and streams, colours, options before the command."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from adsyncdiag import __version__
from adsyncdiag.cli.tree import COMMANDS

SYNC = "single-object-sync"


def test_the_version_is_one_line(program: Any, here: Callable[..., Any]) -> None:
    """--version prints name and version, alone or among other options."""
    alone = program("--version")
    assert (alone.code, alone.out, alone.err) == (0, f"adsyncdiag {__version__}\n".encode(), "")
    assert here("--workspace", "w", "--version").out == alone.out


def test_help_is_a_result_that_names_every_command_and_exit_code(here: Callable[..., Any]) -> None:
    """--help and -h print the same on standard output, with every command, the cmdlet names and the exit codes."""
    long, short = here("--help"), here("-h")
    assert (long.code, long.err) == (0, "")
    assert long.out == short.out
    words = " ".join(long.text.split())
    for name, (_, summary) in COMMANDS.items():
        assert re.search(rf"^  {name} ", long.text, re.MULTILINE)
        assert summary in words
    assert "Invoke-ADSyncSingleObjectSync -DistinguishedName" in words
    for code in (
        "0 success",
        "1 a verdict",
        "2 usage",
        "3 configuration",
        "4 directory",
        "5 busy",
        "70 a defect",
        "130 int",
    ):
        assert code in words
    assert here("--workspace", "w", "-h").out == long.out


@pytest.mark.parametrize("name", [*COMMANDS, "lab init", "lab serve"])
def test_every_command_explains_itself_in_plain_text(here: Callable[..., Any], name: str) -> None:
    """Each command has help of its own, in ASCII for any terminal, that begins with the sentence of the list of commands."""
    done = here(*name.split(), "--help")
    assert (done.code, done.err) == (0, "")
    assert done.text.startswith(f"Usage: adsyncdiag {name} ")
    assert done.text.isascii()
    if name in COMMANDS:
        assert COMMANDS[name][1] in " ".join(done.text.split())


def test_without_a_command_the_help_is_an_error(here: Callable[..., Any]) -> None:
    """Nothing asked is a usage error that shows what could be; nothing is on standard output."""
    for words in ([], ["lab"]):
        done = here(*words)
        assert (done.code, done.out) == (2, b"")
        assert done.err.lstrip().startswith("Usage: adsyncdiag")


@pytest.mark.parametrize("asked", ["-h", "-?", "--help"])
def test_the_help_of_a_cmdlet_is_that_of_its_command(here: Callable[..., Any], asked: str) -> None:
    """-?, which PowerShell understands for every cmdlet, shows the options too."""
    done = here("Get-ADSyncScheduler", asked)
    assert done.code == 0
    assert done.text.startswith("Usage: adsyncdiag get-scheduler")


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        (["single-object-snyc", "CN=a"], "'single-object-sync'"),
        (["get-schedular"], "'get-scheduler'"),
        (["Get-ADSyncSheduler"], "'Get-ADSyncScheduler'"),
        (["lab", "srve"], "'serve'"),
        ([SYNC, "--staging-mod", "CN=a"], "--staging-mode"),
        (["Invoke-ADSyncSingleObjectSync", "-StagingMod", "CN=a"], "-StagingMode"),
    ],
)
def test_a_misspelt_word_is_answered_with_the_right_one(
    here: Callable[..., Any], words: list[str], suggestion: str
) -> None:
    """An unknown command or option is exit 2 and a suggestion; an abbreviation is never taken for the whole."""
    done = here(*words)
    assert (done.code, done.out) == (2, b"")
    assert suggestion in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["--workspace", "{}", "--json", "get-scheduler"],
        ["--workspace={}", "--json", "Get-ADSyncScheduler"],
        ["--json", "--workspace", "{}", "get-scheduler"],
        ["get-scheduler", "--workspace", "{}", "--json"],
    ],
)
def test_common_options_may_stand_before_the_command(
    here: Callable[..., Any], workspace: Path, words: list[str]
) -> None:
    """`adsyncdiag --workspace DIR command` is what one types with an alias; it means the same."""
    done = here(*(word.format(workspace) for word in words))
    assert done.code == 0
    assert json.loads(done.out)["SyncCycleEnabled"] is True


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--workspace"], "--workspace needs a folder"),
        (["--json", "--workspace"], "--workspace needs a folder"),
        (["--workspace", "w"], "no command is given"),
        (["--workspace", "w", "--nonsense"], "--nonsense"),
        (["--workspace", "w", "lab", "init", "x"], "--workspace"),
        (["--workspace", "w", "lab", "serve", "--fault", "boom:1"], "names no kind of fault"),
    ],
)
def test_common_options_alone_are_explained(here: Callable[..., Any], words: list[str], message: str) -> None:
    """An option before the command that lacks its value or its command is a usage error that says which."""
    done = here(*words)
    assert (done.code, done.out) == (2, b"")
    assert message in done.err


def test_the_workspace_may_come_from_the_environment(
    here: Callable[..., Any], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ADSYNCDIAG_HOME names the workspace, the option comes first, and --verbose says which one it is."""
    monkeypatch.setenv("ADSYNCDIAG_HOME", str(workspace))
    done = here("get-scheduler", "--verbose")
    assert (done.code, done.err) == (0, f"Workspace: {workspace}\n")
    assert here("get-scheduler", "--workspace", str(workspace.parent)).code == 3


# --- pipes and streams --------------------------------------------------------------------------------------------


def shell(program: Any, cli: ModuleType, command: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of bash, in which $ADSYNCDIAG is the program; its exit code is the program's in a pipe."""
    line = " ".join(program.line())
    env = cli.environment(program.home, ADSYNCDIAG_LINE=line, **more)
    script = f'set -o pipefail; adsyncdiag() {{ $ADSYNCDIAG_LINE "$@"; }}; {command}'
    return subprocess.run(["bash", "-c", script], env=env, capture_output=True, timeout=60, check=False)


def test_a_reader_that_leaves_early_is_no_error(program: Any, workspace: Path, cli: ModuleType) -> None:
    """`| head -c 10` gets its ten bytes; the program ends with 0 and says nothing about a broken pipe."""
    done = shell(
        program, cli, f'adsyncdiag {SYNC} --workspace "{workspace}" --no-html-report "{cli.TESTOBJECT}" | head -c 10'
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout) == 10


def test_nobody_reading_the_help_is_no_error(program: Any, cli: ModuleType) -> None:
    """A closed pipe under --help and under a table is quiet as well."""
    for words in ("--help", "functions"):
        done = shell(program, cli, f"adsyncdiag {words} | true")
        assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_disk_under_the_result_is_a_message(program: Any, workspace: Path, cli: ModuleType) -> None:
    """When standard output cannot be written the exit code says so, in one line that names it."""
    done = shell(program, cli, f'adsyncdiag get-scheduler --workspace "{workspace}" > /dev/full')
    assert done.returncode == 3
    assert done.stderr == b"adsyncdiag: standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize("closing", ["2>/dev/full", "2>&- <&-"])
def test_closed_streams_do_not_lose_the_result(program: Any, workspace: Path, cli: ModuleType, closing: str) -> None:
    """Without a standard error or input, as under some schedulers, the document is whole and the report is written."""
    done = shell(program, cli, f'adsyncdiag {SYNC} --verbose --workspace "{workspace}" "{cli.TESTOBJECT}" {closing}')
    assert done.returncode == 0
    assert json.loads(done.stdout)["provisioningAction"] == "create"
    assert len(list((workspace / "reports").rglob("*.htm"))) == 1


def test_a_closed_standard_output_harms_no_file(program: Any, workspace: Path, cli: ModuleType) -> None:
    """With standard output closed the result goes nowhere, above all not into a file that got its number."""
    done = shell(program, cli, f'adsyncdiag {SYNC} --workspace "{workspace}" "{cli.TESTOBJECT}" >&-')
    assert (done.returncode, done.stdout) == (0, b"")
    again = shell(program, cli, f'adsyncdiag {SYNC} --workspace "{workspace}" --no-html-report "{cli.TESTOBJECT}"')
    assert json.loads(again.stdout)["provisioningAction"] == "other"


def test_ascii_terminals_are_served(program: Any, workspace: Path, cli: ModuleType) -> None:
    """Under an ASCII locale the document is the same UTF-8, and messages are escaped, not an encoding error."""
    dn = "CN=Zoë 🦉 Ångström-李,OU=odd names,OU=corp,DC=contoso,DC=com"
    words = (SYNC, dn, "--workspace", str(workspace), "--verbose", "--no-html-report")
    done = program(*words, LC_ALL="C", PYTHONIOENCODING="ascii:strict", PYTHONUTF8="1")
    assert done.code == 0, done.err
    assert json.loads(done.text)["sourceIdentity"]["displayName"]


# --- at a terminal ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("no_color", [False, True])
def test_a_person_at_a_terminal_gets_progress_and_a_summary(
    terminal: Any, program: Any, workspace: Path, cli: ModuleType, no_color: bool
) -> None:
    """Steps, verdict and the report's path are shown on a terminal, in colour unless NO_COLOR is set; the JSON is apart."""
    more = {"NO_COLOR": "1"} if no_color else {}
    line = program.line(SYNC, cli.TESTOBJECT, "--workspace", str(workspace))
    done = terminal.run(line, cli.environment(program.home, TERM="xterm", **more))
    assert done.code == 0
    assert json.loads(done.out)["provisioningAction"] == "create"
    assert "10/10 Export object to Microsoft Entra ID" in done.shown
    assert "The scheduler is enabled; it is suspended" in done.shown
    assert "SUCCESS" in done.shown
    assert re.search(r"Report: .*\.htm", done.shown.replace("\r\n", ""))
    assert ("\x1b[" in done.shown) is not no_color


def test_hostile_names_are_harmless_in_the_summary(
    terminal: Any, program: Any, workspace: Path, cli: ModuleType
) -> None:
    """A directory name that turns text round arrives on the terminal as a visible escape."""
    dn = "CN=Abe\u202elevart\u202c Ltd,OU=odd names,OU=corp,DC=contoso,DC=com"
    line = program.line(SYNC, dn, "--no-html-report", "--workspace", str(workspace))
    done = terminal.run(line, cli.environment(program.home, NO_COLOR="1"))
    assert done.code == 0
    assert "\\u202elevart" in done.shown
    assert "\u202e" not in done.shown
    assert "\x1b" not in done.shown


def test_a_version_that_nobody_can_read_is_no_traceback() -> None:
    """Into a full disk `--version` is one line and exit 3; into a closed pipe it is quiet."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [sys.executable, "-m", "adsyncdiag", "--version"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 3
    assert done.stderr.count(b"\n") == 1
    read, write = os.pipe()
    os.close(read)
    closed = subprocess.run(
        [sys.executable, "-m", "adsyncdiag", "--version"], stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert (closed.returncode, closed.stderr) == (0, b"")
