"""Bad input of every kind: one message that names the thing, a documented exit code, never a traceback (quality.md R6)."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adsyncdiag.cli import app, console

SYNC = "single-object-sync"
BROKEN = b"dn: CN=testobject,OU=corp,DC=contoso,DC=com\nobjectClass: user\nbroken\n"
NOISE = random.Random(20261122).randbytes(4000)


def put(name: str, content: bytes) -> Callable[[Path], None]:
    """Write a file of the workspace anew."""
    return lambda folder: (folder / name).write_bytes(content)


def folder_instead(name: str) -> Callable[[Path], None]:
    """Put a folder where a file is expected."""

    def change(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).mkdir()

    return change


def gone(name: str) -> Callable[[Path], None]:
    """Take a file away."""
    return lambda folder: (folder / name).unlink()


def loop(name: str) -> Callable[[Path], None]:
    """Put a link to itself where a file is expected."""

    def change(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(name)

    return change


def unreadable(name: str) -> Callable[[Path], None]:
    """Put a file there that opens and cannot be read, for root neither."""

    def change(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to("/proc/self/mem")

    return change


def newer_database(folder: Path) -> None:
    """Write a database as a later version would."""
    database = sqlite3.connect(folder / "state.db")
    database.execute("PRAGMA user_version = 99")
    database.commit()
    database.close()


def foreign_database(folder: Path) -> None:
    """Write a database of another program."""
    database = sqlite3.connect(folder / "state.db")
    database.execute("CREATE TABLE lease (holder TEXT)")
    database.commit()
    database.close()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param(put("adsyncdiag.toml", NOISE), "adsyncdiag.toml", id="settings of random bytes"),
        pytest.param(put("adsyncdiag.toml", b"[server\n"), "adsyncdiag.toml, line 1", id="settings cut off"),
        pytest.param(put("adsyncdiag.toml", b"a" * 70_000), "adsyncdiag.toml", id="settings far too long"),
        pytest.param(put("adsyncdiag.toml", b"a = " + b"[" * 900), "adsyncdiag.toml", id="settings nested deeply"),
        pytest.param(put("adsyncdiag.toml", b'[server]\nexport = "a\\u0000b"'), "adsyncdiag.toml", id="NUL in a path"),
        pytest.param(put("adsyncdiag.toml", b""), "adsyncdiag.toml", id="empty settings"),
        pytest.param(folder_instead("adsyncdiag.toml"), "adsyncdiag.toml", id="a folder for the settings"),
        pytest.param(loop("adsyncdiag.toml"), "adsyncdiag.toml", id="a looping link for the settings"),
        pytest.param(put("forest.ldif", NOISE), "forest.ldif", id="LDIF of random bytes"),
        pytest.param(put("forest.ldif", BROKEN), "forest.ldif", id="LDIF with a broken line"),
        pytest.param(put("forest.ldif", b"dn:: !!!\nobjectClass: user\n"), "forest.ldif", id="LDIF with bad base64"),
        pytest.param(put("forest.ldif", b"dn: nonsense\nobjectClass: top\n"), "forest.ldif", id="LDIF with a bad DN"),
        pytest.param(put("forest.ldif", "dn: CN=a\ncn: ü".encode("utf-16-le")), "forest.ldif", id="LDIF without BOM"),
        pytest.param(folder_instead("forest.ldif"), "forest.ldif", id="a folder for the LDIF"),
        pytest.param(gone("forest.ldif"), "forest.ldif", id="no LDIF"),
        pytest.param(put("tenant.json", NOISE), "tenant.json", id="tenant of random bytes"),
        pytest.param(put("tenant.json", b'{"format":'), "tenant.json", id="tenant cut off"),
        pytest.param(put("tenant.json", b"[]"), "tenant.json", id="tenant of another shape"),
        pytest.param(put("tenant.json", b"[" * 100_000), "tenant.json", id="tenant nested deeply"),
        pytest.param(folder_instead("tenant.json"), "tenant.json", id="a folder for the tenant"),
        pytest.param(gone("tenant.json"), "tenant.json", id="no tenant"),
        pytest.param(put("tenant.journal", NOISE), "tenant.journal", id="tenant's journal of random bytes"),
        pytest.param(put("state.db", NOISE), "state.db", id="database of random bytes"),
        pytest.param(put("state.db", b"SQLite format 3\0" + NOISE), "state.db", id="database with a good beginning"),
        pytest.param(newer_database, "state.db", id="database of a newer version"),
        pytest.param(foreign_database, "state.db", id="database of another program"),
        pytest.param(folder_instead("state.db"), "state.db", id="a folder for the database"),
        pytest.param(unreadable("adsyncdiag.toml"), "adsyncdiag.toml", id="settings that cannot be read"),
        pytest.param(unreadable("forest.ldif"), "forest.ldif", id="LDIF that cannot be read"),
        pytest.param(unreadable("tenant.json"), "tenant.json", id="tenant that cannot be read"),
        pytest.param(unreadable("client_secret"), "client_secret", id="secret that cannot be read"),
        pytest.param(put("client_secret", b""), "client_secret", id="empty secret"),
        pytest.param(put("client_secret", b"\xff\xfe\xfd"), "client_secret", id="secret that is no text"),
    ],
)
def test_a_damaged_workspace_is_one_message_that_names_the_file(
    here: Callable[..., Any], workspace: Path, cli: ModuleType, change: Callable[[Path], None], named: str
) -> None:
    """Whatever a file of the workspace holds, the command ends with exit 3, no document, and the file's name."""
    change(workspace)
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--no-html-report")
    assert (done.code, done.out) == (3, b""), done.err
    assert named in done.err
    assert done.err.startswith("adsyncdiag: ")
    assert "Traceback" not in done.err
    assert done.err.isprintable() or set(done.err) - set(filter(str.isprintable, done.err)) == {"\n"}


def test_a_half_written_journal_is_no_reason_to_stop(
    here: Callable[..., Any], workspace: Path, cli: ModuleType
) -> None:
    """A journal that a killed command left cut off in its last line is read as far as it is whole."""
    assert here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--no-html-report").code == 0
    journal = workspace / "tenant.journal"
    assert journal.stat().st_size > 100
    with journal.open("ab") as file:
        file.write(b'{"op":"cre')
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--no-html-report")
    assert (done.code, json.loads(done.out)["provisioningAction"]) == (0, "other")


@pytest.mark.parametrize(
    ("dn", "code"),
    [
        pytest.param("CN=" + "a" * 10_000 + ",DC=contoso,DC=com", 1, id="a name of 10,000 characters"),
        pytest.param("a" * 10_000, 2, id="10,000 characters and no name"),
        pytest.param(",".join(["OU=a"] * 5_000) + ",DC=contoso,DC=com", 1, id="5,000 levels"),
        pytest.param("CN=a\0b,DC=contoso,DC=com", 1, id="NUL"),
        pytest.param("CN=a\\00b,DC=contoso,DC=com", 1, id="NUL, escaped"),
        pytest.param("CN=\x1b]0;title\x07\x1b[2J,DC=contoso,DC=com", 2, id="terminal escapes, no name"),
        pytest.param("CN=\x1b[31mred\x1b[0m,DC=contoso,DC=com", 1, id="terminal escapes"),
        pytest.param("CN=\u202eevil\u2066,DC=contoso,DC=com", 1, id="text turned round"),
        pytest.param("CN=\udcff\udcfe,OU=corp,DC=contoso,DC=com", 1, id="bytes that are not UTF-8"),
        pytest.param("CN=a\r\nadsyncdiag: all is well,OU=corp,DC=contoso,DC=com", 1, id="line breaks"),
        pytest.param("CN=a\\", 2, id="a lone backslash"),
        pytest.param('CN="a,DC=contoso', 1, id="an open quote"),
        pytest.param("=a,=b", 2, id="no attribute"),
        pytest.param("CN=*)(objectClass=*,OU=corp,DC=contoso,DC=com", 1, id="a filter in the name"),
    ],
)
def test_a_hostile_name_comes_out_harmless(here: Callable[..., Any], workspace: Path, dn: str, code: int) -> None:
    """A name of any length and content gives a verdict or a usage error, and nothing in it reaches the terminal raw."""
    done = here(SYNC, "--workspace", str(workspace), "--verbose", "--no-html-report", "--dn", dn)
    assert done.code == code, done.err[:2000]
    assert "Traceback" not in done.err
    assert all(char.isprintable() or char == "\n" for char in done.err)
    assert "\nadsyncdiag: all is well" not in done.err
    assert len(done.err) < 12_000
    if code == 1:
        assert done.out.count(b"\n") == 1
        assert len(json.loads(done.out)["provisioningSteps"]) == 10
    else:
        assert done.out == b""


@pytest.mark.parametrize(
    "dn",
    [
        pytest.param("CN=\udcff\udcfe,OU=corp,DC=contoso,DC=com", id="bytes that are not UTF-8"),
        pytest.param("CN=a\0b,OU=corp,DC=contoso,DC=com", id="NUL"),
        pytest.param("CN=" + "a" * 10_000 + ",OU=corp,DC=contoso,DC=com", id="10,000 characters"),
        pytest.param("CN=*)(objectClass=*,OU=corp,DC=contoso,DC=com", id="a filter in the name"),
        pytest.param('CN="a b",OU=corp,DC=contoso,DC=com', id="quotation marks"),
        pytest.param("CN=\x1b[31m\u202e,OU=corp,DC=contoso,DC=com", id="terminal escapes"),
    ],
)
def test_a_hostile_name_is_harmless_to_a_live_directory_too(
    here: Callable[..., Any],
    workspace: Path,
    controller: Any,
    cli: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    dn: str,
) -> None:
    """Sent to a domain controller, such a name is one it does not have: a document, and step 4 failed."""
    cli.live(workspace, controller.url, f'ca_file = "{controller.ca_file}"')
    monkeypatch.setenv("ADSYNCDIAG_AD_PASSWORD", "any-password")
    done = here(SYNC, "--workspace", str(workspace), "--verbose", "--no-html-report", "--dn", dn)
    assert done.code in (1, 4), done.err
    assert all(char.isprintable() or char == "\n" for char in done.err)
    document = json.loads(done.out)
    assert [step["status"] for step in document["provisioningSteps"]][3:5] == ["failure", "skipped"]


def test_a_name_in_bytes_that_are_not_utf8_goes_through_a_real_process(program: Any, workspace: Path) -> None:
    """An argument that is not UTF-8 gives valid JSON and a readable message."""
    done = program(SYNC, b"CN=\xff\xfe,OU=corp,DC=contoso,DC=com", "--verbose", "--workspace", str(workspace))
    assert done.code == 1
    assert json.loads(done.text)["provisioningStatusInfo"]["errorInformation"]["errorCode"] == "object-not-readable"
    assert "\\udcff\\udcfe" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["\x1b[31mred"],
        [SYNC, "--\x1b[31mred"],
        [SYNC, "CN=a", "--json-format", "\x1b[31m"],
        ["get-scheduler", "\u202e\x1b[31m"],
        ["get-scheduler", "--workspace", "/nowhere/\x1b[31m\u202e"],
        ["Set-ADSyncScheduler", "-\x1b[31m"],
        ["Set-ADSyncScheduler", "-SyncCycleEnabled", "\x1b[31m\u202e"],
        ["set-scheduler", "--purge-run-history-interval", "\x1b[31m"],
        ["lab", "serve", "--fault", "\x1b[31m\u202e:1"],
        ["lab", "\x1b[31m"],
        ["lab", "serve", "--port", "\x1b[31m"],
        ["init", "/nowhere/\x1b[31m"],
        ["test-expression", "\x1b[31m("],
        ["functions", "\x1b[31m\u202e"],
    ],
)
def test_no_argument_reaches_the_terminal_raw(here: Callable[..., Any], workspace: Path, words: list[str]) -> None:
    """Control characters and direction overrides of an argument are made visible in every message about it."""
    if words[0].lower().startswith(("set", "get")) and "--workspace" not in words:
        words = [*words, "--workspace", str(workspace)]
    done = here(*words)
    assert done.code in (2, 3)
    assert "Traceback" not in done.err
    assert all(char.isprintable() or char == "\n" for char in done.err)


WORDS = st.one_of(
    st.sampled_from(
        [
            SYNC, "get-scheduler", "set-scheduler", "test-connectivity", "functions", "test-expression", "lab", "init", "serve",
            "Invoke-ADSyncSingleObjectSync", "Get-ADSyncScheduler", "Set-ADSyncScheduler", "-SyncCycleEnabled", "-Verbose", "$false",
            "-DistinguishedName", "-StagingMode", "-StagingMode:", "-NoHtmlReport:maybe", "--dn", "--workspace", "--json", "--verbose",
            "--json-format", "graph", "--help", "-h", "-?", "--version", "--", "-", "--dn=", "--output", "", "CN=a,DC=b",
            "--customized-sync-cycle-interval", "03:00:00", "-CustomizedSyncCycleInterval", "--force", "-Force", "--no-html-report",
        ]
    ),
    st.text(st.characters(exclude_characters="/~"), max_size=12),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(WORDS, max_size=6))
def test_any_command_line_ends_with_a_documented_exit_code(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """However words are put together, the answer is a result or a message, and never a defect."""
    folder = Path(tempfile.mkdtemp(dir=tmp_path))  # `lab init NAME` may make its folder here
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ADSYNCDIAG_HOME", str(tmp_path / "nowhere"))
    code = app.run(words)
    _, err = capfdbinary.readouterr()
    assert code in (0, 1, 2, 3), (words, err)
    assert b"Traceback" not in err
    monkeypatch.chdir(tmp_path)
    shutil.rmtree(folder)


def test_a_long_line_of_an_error_keeps_both_ends(capsys: pytest.CaptureFixture[str]) -> None:
    """A message that quotes something endless is cut in its middle, so that what happened and where stay."""
    from adsyncdiag.errors import UsageError

    code = console.problem(UsageError("begin " + "x" * 9_000 + " end", hint="Do this."))
    shown = capsys.readouterr().err.splitlines()
    assert code == 2
    assert shown[0].startswith("adsyncdiag: begin xxx")
    assert shown[0].endswith("xxx end")
    assert len(shown[0]) < 2_100
    assert shown[1] == "Do this."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Zoë 李 🦉", "Zoë 李 🦉"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\rb\x7f\x85", "a\\x0db\\x7f\\x85"),
        ("\u202eabc\u2069", "\\u202eabc\\u2069"),
        ("\ufeff\udcff\U000e0041", "\\ufeff\\udcff\\ue0041"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
    ],
)
def test_what_a_terminal_would_obey_is_made_visible(text: str, shown: str) -> None:
    """Control characters, direction overrides and invisible tags become escapes; letters of any script stay."""
    assert console.plain(text) == shown
