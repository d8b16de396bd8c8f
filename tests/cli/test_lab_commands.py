"""`lab init` and `lab serve` from the outside."""

from __future__ import annotations

import json
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests


def test_the_lab_comes_with_its_table_and_the_next_command(lab_init: tuple[Path, Any]) -> None:
    """`lab init` prints one line for each object with what to expect, and on standard error a command that can be pasted."""
    folder, done = lab_init
    assert done.code == 0
    heading, rule, *rows = done.text.splitlines()
    assert heading.split() == ["Object", "Purpose", "Step", "Status", "Code"]
    assert set(rule) == {"-", " "}
    assert len(rows) > 60
    first = rows[0]
    assert first.startswith("CN=testobject,OU=corp,DC=contoso,DC=com ")
    assert first.split()[-3:] == ["-", "success", "-"]
    [greta] = [row for row in rows if row.startswith("CN=Greta Closed,")]
    assert greta.split()[-3:] == ["3", "failure", "container-excluded"]
    assert done.err == (
        f"\nNext: adsyncdiag single-object-sync --workspace '{folder}' "
        '--dn "CN=testobject,OU=corp,DC=contoso,DC=com"\n'
    )


def test_nothing_in_the_table_reaches_the_terminal_raw(lab_init: tuple[Path, Any]) -> None:
    """Names of the lab that turn text round are shown as escapes."""
    text = lab_init[1].text
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\\u202e" in text


def test_the_lab_is_whole_and_keeps_its_secrets(lab_init: tuple[Path, Any]) -> None:
    """The folder has what cli.md lists; the tenant and the client secret are for the owner only."""
    folder = lab_init[0]
    names = {file.name for file in folder.iterdir()}
    assert {"adsyncdiag.toml", "forest.ldif", "unreadable.txt", "export", "tenant.json", "client_secret"} <= names
    for name in ("tenant.json", "client_secret"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_programs_get_the_table_as_json(here: Callable[..., Any], tmp_path: Path, lab_init: tuple[Path, Any]) -> None:
    """--json is an array of objects, one for each line of the table; a failure has its step and code."""
    done = here("lab", "init", str(tmp_path / "new" / "lab"), "--json")
    assert done.code == 0
    rows = json.loads(done.out)
    assert len(rows) == len(lab_init[1].text.splitlines()) - 2
    assert set(rows[0]) == {"dn", "purpose", "expectedStep", "expectedStatus", "expectedCode"}
    assert {row["expectedStatus"] for row in rows} == {"success", "warning", "failure"}
    assert all(row["expectedStep"] and row["expectedCode"] for row in rows if row["expectedStatus"] == "failure")
    assert "Next: adsyncdiag single-object-sync" in done.err


def test_a_folder_with_something_in_it_is_left_alone(here: Callable[..., Any], tmp_path: Path) -> None:
    """A non-empty folder, or a file, is exit 3 and stays exactly as it was."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    for place in (tmp_path, tmp_path / "mine.txt", tmp_path / "mine.txt" / "below"):
        done = here("lab", "init", str(place))
        assert (done.code, done.out) == (3, b"")
        assert str(place) in done.err
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT])
def test_the_served_tenant_is_found_by_its_line_and_ends_by_signal(
    program: Any, workspace: Path, way: signal.Signals
) -> None:
    """`lab serve` prints one JSON line, answers over HTTPS with its own CA, and ends with 0 when it is told to."""
    serving = program.start("lab", "serve", "--workspace", str(workspace))
    with serving:
        assert serving.stdout is not None
        facts = json.loads(serving.stdout.readline())
        assert set(facts) == {
            "graph_root", "authority", "tenant_id", "client_id", "client_secret_file", "ca_file", "verified_domains", "pid",
        }  # fmt: skip
        assert facts["pid"] == serving.pid
        with requests.Session() as session:
            session.trust_env = False
            session.verify = facts["ca_file"]
            answer = session.get(f"{facts['authority']}/v2.0/.well-known/openid-configuration", timeout=10)
            refused = session.get(f"{facts['graph_root']}/v1.0/users", timeout=10)
        assert answer.json()["token_endpoint"].startswith(facts["graph_root"])
        assert refused.status_code == 401
        serving.send_signal(way)
        out, err = serving.communicate(timeout=20)
    assert (serving.returncode, out, err) == (0, b"", b"")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--fault", "429"], 2, "KIND:RATE"),
        (["--fault", "boom:1"], 2, "names no kind of fault"),
        (["--fault", "429:2"], 2, "from 0 to 1"),
        (["--port", "70000"], 2, "65535"),
        (["--workspace", "/nowhere"], 3, "tenant.json"),
    ],
)
def test_what_cannot_be_served_is_a_message(
    here: Callable[..., Any], workspace: Path, words: list[str], code: int, message: str
) -> None:
    """A wrong fault or port is exit 2, a folder without a tenant exit 3."""
    done = here("lab", "serve", "--workspace", str(workspace), *words)
    assert (done.code, done.out) == (code, b"")
    assert message in done.err
