"""The documentation says what the program does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from adsyncdiag.cli.cmdlets import CMDLETS
from adsyncdiag.cli.tree import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def help_of(*words: str) -> str:
    """Built-in help of a command."""
    done = subprocess.run(
        [sys.executable, "-m", "adsyncdiag", *words, "--help"], capture_output=True, text=True, check=True
    )
    return done.stdout


def commands() -> list[str]:
    """Every command the built-in help lists."""
    listed = re.findall(r"^  ([a-z][a-z-]+)  ", help_of().split("Commands:")[1], re.MULTILINE)
    assert len(listed) > 4
    return listed


def test_every_command_has_help_and_stands_in_the_readme() -> None:
    """Nobody has to guess what a command does."""
    for name in commands():
        text = help_of(name)
        assert len(text.splitlines()) > 4
        assert f"`{name}" in README, name


def test_the_list_of_commands_says_what_the_commands_say() -> None:
    """The sentences of the quick list are the first sentences of the commands' own help."""
    assert commands() == list(COMMANDS)
    for name, (_, summary) in COMMANDS.items():
        own = " ".join(help_of(name).split("\n\n")[1].split())
        assert own.startswith(summary), name


@pytest.mark.parametrize("cmdlet", CMDLETS)
def test_every_cmdlet_stands_in_the_readme_and_leads_to_a_command(cmdlet: str) -> None:
    """The cmdlet's name, its command and its options exist."""
    assert f"`{cmdlet}`" in README
    text = help_of(CMDLETS[cmdlet].command)
    for parameter in CMDLETS[cmdlet].parameters.values():
        if parameter.option != "--scheduler-suspended":  # accepted to be refused with a reason
            assert parameter.option in text


def test_the_exit_codes_in_the_readme_are_those_of_the_program() -> None:
    """README, built-in help and errors.py agree."""
    from adsyncdiag import errors

    codes = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    line = README[README.index("Exit codes:") :].split("\n\n")[0]
    assert {int(n) for n in re.findall(r"(?:Exit codes: |· )(\d+)", line)} == codes
    assert "Exit codes:" in help_of()


def test_the_page_on_graph_attributes_is_up_to_date() -> None:
    """The page is made from the one table in the code."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "graph_attributes.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_changelog_fits_the_version() -> None:
    """Keep a Changelog, with Unreleased on top."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "sync_version.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_code_of_ours_is_explained() -> None:
    """A code that a script may branch on stands in docs/codes.md."""
    from adsyncdiag.model.codes import Code

    page = (ROOT / "docs" / "codes.md").read_text(encoding="utf-8")
    assert [code.value for code in Code if f"`{code.value}`" not in page] == []
