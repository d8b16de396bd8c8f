"""Exit codes as cli.md promises them, each with the message that goes with it."""

from __future__ import annotations

import json
import re
import signal
import socket
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from adsyncdiag.cli.defects import defect

SYNC = "single-object-sync"


def failing(document: dict[str, Any]) -> tuple[int, str]:
    """The step that failed and the code."""
    steps = [s["details"]["number"] for s in document["provisioningSteps"] if s["status"] == "failure"]
    return steps[0], document["provisioningStatusInfo"]["errorInformation"]["errorCode"]


# --- 0 and 1: the object ------------------------------------------------------------------------------------------


def test_the_verdict_about_an_object_decides_between_zero_and_one(
    here: Callable[..., Any], workspace: Path, cli: ModuleType
) -> None:
    """An object that arrives is exit 0; one that does not is 1, with a document that says why."""
    for dn, code in ((cli.TESTOBJECT, 0), ("CN=Greta Closed,OU=Excluded,OU=corp,DC=contoso,DC=com", 1)):
        done = here(SYNC, dn, "--workspace", str(workspace), "--no-html-report")
        assert done.code == code
        assert done.err == ""
        assert json.loads(done.out)["provisioningStatusInfo"]["status"] == ("failure" if code else "success")


def test_a_dn_in_no_partition_is_a_verdict_with_ten_steps(here: Callable[..., Any], workspace: Path) -> None:
    """A well-formed DN of a domain nobody synchronises is no usage error: ten steps, of which the first failed."""
    done = here(SYNC, "CN=Ann,DC=elsewhere,DC=net", "--workspace", str(workspace), "--no-html-report")
    assert done.code == 1
    document = json.loads(done.out)
    assert failing(document) == (1, "source-partition-not-found")
    assert [step["status"] for step in document["provisioningSteps"]] == ["failure", *["skipped"] * 9]


# --- 2: usage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no distinguished name is given"),
        (["--dn", ""], "the distinguished name is empty"),
        (["--dn", "   "], "the distinguished name is empty"),
        (["Ann"], "'Ann' at character 1 is not attribute=value"),
        (["CN=Ann,corp,DC=contoso"], "'corp' at character 8 is not attribute=value"),
        (["CN=Ann,OU=corp", "CN=Ben,OU=corp"], "2 distinguished names are given"),
        (["--dn", "CN=Ann,OU=corp", "--dn", "CN=Ben,OU=corp"], "2 distinguished names are given"),
        (["--dn", "CN=Ann,OU=corp", "CN=Ben,OU=corp"], "2 distinguished names are given"),
        (["CN=Ann,OU=corp", "--stagingmode"], "--stagingmode"),
        (["CN=Ann,OU=corp", "--json-format", "yaml"], "'yaml' is not one of 'graph', 'cmdlet', 'provision-on-demand'"),
        (["CN=Ann,OU=corp", "--report-dir"], "'--report-dir' requires an argument"),
        (["CN=Ann,OU=corp", "--report-dir", ""], "a path is empty"),
        (["CN=Ann,OU=corp", "--output", ""], "a path is empty"),
        (["CN=Ann,OU=corp", "--workspace", ""], "a path is empty"),
    ],
)
def test_a_wrong_command_line_is_exit_two_without_a_document(
    here: Callable[..., Any], workspace: Path, words: list[str], message: str
) -> None:
    """What cannot be meant is said with the part it is about; nothing is read, written or printed."""
    done = here(SYNC, "--workspace", str(workspace), *words)
    assert (done.code, done.out) == (2, b"")
    assert message in done.err
    assert not (workspace / "state.db").exists()


def test_pydantics_words_do_not_reach_the_user(here: Callable[..., Any]) -> None:
    """A bad value is described in our words, not as a 'Value error' of a library."""
    assert "Value error" not in here(SYNC, "CN=Ann,OU=corp", "--json-format", "yaml").err


# --- 3: configuration ---------------------------------------------------------------------------------------------


def test_without_a_workspace_the_message_says_how_to_make_one(program: Any, tmp_path: Path, cli: ModuleType) -> None:
    """Neither option nor variable nor the platform's folder: exit 3, the place that was looked at, and init."""
    done = program(SYNC, cli.TESTOBJECT)
    assert (done.code, done.out) == (3, b"")
    assert str(tmp_path / "data" / "adsyncdiag" / "adsyncdiag.toml") in done.err
    assert "adsyncdiag init EXPORT_DIR" in done.err
    named = program("get-scheduler", ADSYNCDIAG_HOME=str(tmp_path / "named"))
    assert named.code == 3
    assert str(tmp_path / "named" / "adsyncdiag.toml") in named.err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lab = true", "lab = perhaps", "line 8: Invalid value"),
        ("lab = true", "lab = true\nexprot = true", "line 9: [entra] exprot: unknown key 'exprot'"),
        ("lab = true", 'lab = "yes"', "line 8: [entra] lab: expected true or false, found text"),
        ("lab = true", "lab = true\npassword = 'x'", "Secrets do not stand in this file"),
    ],
)
def test_broken_settings_are_named_with_their_line(
    here: Callable[..., Any], workspace: Path, cli: ModuleType, old: str, new: str, message: str
) -> None:
    """A mistake in adsyncdiag.toml is exit 3 with the file and the line, for every command that reads it."""
    settings = workspace / "adsyncdiag.toml"
    text = settings.read_text(encoding="utf-8")
    assert old in text
    settings.write_text(text.replace(old, new), encoding="utf-8")
    for words in ([SYNC, cli.TESTOBJECT], ["get-scheduler"], ["test-connectivity"]):
        done = here(*words, "--workspace", str(workspace))
        assert (done.code, done.out) == (3, b"")
        assert f"{settings}, line " in done.err
        assert message in done.err


def test_a_missing_export_names_the_folder_and_the_cmdlet(
    here: Callable[..., Any], workspace: Path, cli: ModuleType
) -> None:
    """Without the server export there is nothing to run on: exit 3, its path, and how to get it."""
    (workspace / "export").unlink()
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace))
    assert (done.code, done.out) == (3, b"")
    assert f"{workspace / 'export'}: " in done.err
    assert "Get-ADSyncServerConfiguration" in done.err


def test_broken_xml_names_file_and_place(here: Callable[..., Any], own_export: Path, cli: ModuleType) -> None:
    """A cut-off file of the export is named with the line and column where it ends."""
    file = sorted((own_export / "export" / "Connectors").iterdir())[0]
    file.write_bytes(file.read_bytes()[:3000])
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(own_export))
    assert (done.code, done.out) == (3, b"")
    assert f"Connectors/{file.name}: broken XML at line " in done.err


def test_a_wrong_rule_names_file_and_element(here: Callable[..., Any], own_export: Path, cli: ModuleType) -> None:
    """A rule whose precedence is no number is named with its file and the element."""
    file = sorted((own_export / "export" / "SynchronizationRules").iterdir())[0]
    text = re.sub(r"(?s)<precedence>.*?</precedence>", "<precedence>first</precedence>", file.read_text("utf-8"))
    assert "<precedence>first<" in text
    file.write_text(text, encoding="utf-8")
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(own_export))
    assert (done.code, done.out) == (3, b"")
    assert f"SynchronizationRules/{file.name}" in done.err
    assert "precedence" in done.err


# --- 4: the other side --------------------------------------------------------------------------------------------


def test_a_server_that_is_down_fails_step_four_with_a_document(
    here: Callable[..., Any], workspace: Path, cli: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing listens at the domain controller's port: exit 4, and a whole document whose fourth step says so."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    cli.live(workspace, f"ldaps://127.0.0.1:{port}")
    monkeypatch.setenv("ADSYNCDIAG_AD_PASSWORD", "any")
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace))
    assert done.code == 4
    document = json.loads(done.out)
    assert failing(document) == (4, "failed-connection")
    assert len(document["provisioningSteps"]) == 10
    information = document["provisioningStatusInfo"]["errorInformation"]
    assert f"127.0.0.1:{port} refused the connection" in information["reason"]
    assert '[ad."contoso.com"] url' in information["recommendedAction"]
    assert "Report: " in done.err


def test_a_service_that_is_down_fails_at_the_tenants_step(
    here: Callable[..., Any], workspace: Path, cli: ModuleType, serving: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Graph answers 503 again and again: exit 4 and a document; steps one to seven are there."""
    served = serving("502:1")
    served.behind(workspace)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", served.secret)
    dn = "CN=Anton Bergmann,OU=people,OU=corp,DC=contoso,DC=com"
    done = here(SYNC, dn, "--workspace", str(workspace), "--no-html-report")
    assert done.code == 4
    step, code = failing(json.loads(done.out))
    assert step in (8, 10)
    assert code == "dropped-connection"


# --- 5: later -----------------------------------------------------------------------------------------------------


def test_a_workspace_in_use_says_by_whom_and_since_when(
    here: Callable[..., Any], workspace: Path, tmp_path: Path, cli: ModuleType
) -> None:
    """While another process holds the workspace: exit 5, no document, its command, process and time; and the scheduler reads suspended."""
    before = json.loads(here("get-scheduler", "--json", "--workspace", str(workspace)).out)
    with cli.lease_of_another_process(workspace, tmp_path) as holder:
        done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace))
        during = json.loads(here("get-scheduler", "--json", "--workspace", str(workspace)).out)
    after = json.loads(here("get-scheduler", "--json", "--workspace", str(workspace)).out)
    assert (done.code, done.out) == (5, b"")
    assert re.search(
        rf"held by single-object-sync, run by \S+ on \S+ \(process {holder.pid}\) since \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
        done.err,
    )
    assert not (workspace / "reports").exists()
    assert [view["SchedulerSuspended"] for view in (before, during, after)] == [False, True, False]


def test_the_lease_of_a_dead_process_is_taken_over(
    here: Callable[..., Any], workspace: Path, tmp_path: Path, cli: ModuleType
) -> None:
    """A holder that was killed leaves its lease behind, and the next command goes on without waiting for its end."""
    with cli.lease_of_another_process(workspace, tmp_path) as holder:
        pass
    assert holder.returncode == -signal.SIGKILL
    with sqlite3.connect(workspace / "state.db") as database:
        assert database.execute("SELECT pid FROM lease").fetchall() == [(holder.pid,)]
    database.close()
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--no-html-report")
    assert done.code == 0


def test_a_run_gives_the_workspace_back_however_it_ends(
    here: Callable[..., Any], workspace: Path, cli: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a success, a verdict and a broken setting in mid-run nobody holds the workspace."""
    for dn, code in ((cli.TESTOBJECT, 0), ("OU=corp,DC=contoso,DC=com", 1)):
        assert here(SYNC, dn, "--workspace", str(workspace), "--no-html-report").code == code
    (workspace / "tenant.json").write_text("garbage", encoding="utf-8")
    assert here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--no-html-report").code == 3
    database = sqlite3.connect(workspace / "state.db")
    assert database.execute("SELECT count(*) FROM lease").fetchone() == (0,)
    database.close()


@pytest.mark.parametrize(
    "dn",
    ["CN=testobject,OU=corp,DC=contoso,DC=com", "CN=Anton Bergmann,OU=people,OU=corp,DC=contoso,DC=com"],
    ids=["new to the tenant", "already there"],
)
def test_a_throttling_service_says_when_to_come_back(
    here: Callable[..., Any], workspace: Path, serving: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, dn: str
) -> None:
    """429 to everything for an hour: exit 5 at once, a valid document, and the moment to try again in it."""
    served = serving("429:1", retry_after=3600)
    served.behind(workspace)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", served.secret)
    done = here(SYNC, dn, "--workspace", str(workspace), "--no-html-report")
    assert done.code == 5
    document = json.loads(done.out)
    assert len(document["provisioningSteps"]) == 10
    step, code = failing(document)
    assert code == "throttled"
    until = document["provisioningSteps"][step - 1]["details"]["until"]
    left = datetime.strptime(until, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(minutes=60)
    assert "throttling" in document["provisioningStatusInfo"]["errorInformation"]["reason"]


# --- 70 and 130 ---------------------------------------------------------------------------------------------------


def test_a_defect_is_short_and_leaves_its_details_in_a_private_file(
    program: Any, workspace: Path, tmp_path: Path, cli: ModuleType
) -> None:
    """A database whose schema somebody changed is something we do not expect: exit 70, no traceback, a file of mode 0600."""
    assert program("get-scheduler", "--workspace", str(workspace)).code == 0
    database = sqlite3.connect(workspace / "state.db")
    database.execute(
        "INSERT INTO lease (only, token, holder, host, pid, since, expires, suspends_scheduler, birth)"
        " VALUES (1, x'01', 'somebody', 'somewhere', 1, 0, 99999999999999999, 0, '')"
    )
    database.commit()
    database.close()
    done = program(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), TMPDIR=str(tmp_path))
    assert (done.code, done.out) == (70, b"")
    found = re.fullmatch(
        r"adsyncdiag: this is a defect of the program \(\w+\)\. Details were written to (\S+)\.\n", done.err
    )
    assert found
    file = Path(found[1])
    assert file.parent == tmp_path
    assert file.stat().st_mode & 0o777 == 0o600
    assert "Traceback (most recent call last)" in file.read_text(encoding="utf-8")


def test_a_defect_that_cannot_be_written_down_is_still_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where no file can be made for the details, that is said, and the exit code stays 70."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    assert defect(RuntimeError("boom")) == 70
    assert capsys.readouterr().err == (
        "adsyncdiag: this is a defect of the program (RuntimeError). "
        "Its details could not be written: No such file or directory.\n"
    )


def test_an_interrupt_ends_quickly_and_quietly(program: Any, workspace: Path, cli: ModuleType) -> None:
    """Ctrl+C while a domain controller does not answer: exit 130, one line, nothing half-written, the workspace free."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        cli.live(workspace, f"ldaps://127.0.0.1:{silent.getsockname()[1]}")
        running = program.start(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), ADSYNCDIAG_AD_PASSWORD="any")
        with running:
            connected, _ = silent.accept()
            with connected:
                running.send_signal(signal.SIGINT)
                out, err = running.communicate(timeout=20)
    assert (running.returncode, out) == (130, b"")
    assert err == b"adsyncdiag: interrupted\n"
    assert not (workspace / "reports").exists()
    database = sqlite3.connect(workspace / "state.db")
    assert database.execute("SELECT count(*) FROM lease").fetchone() == (0,)
    database.close()
