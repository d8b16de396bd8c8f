"""`single-object-sync`: the document on standard output, messages on standard error, the report in its folder."""

from __future__ import annotations

import json
import os
import re
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SYNC = "single-object-sync"
REPORT = re.compile(r"ADSyncSingleObjectSyncResult-\d{14}(-\d+)?\.htm")


def mode(path: Path) -> int:
    """The permission bits of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def reports(folder: Path) -> list[Path]:
    """The reports below *folder*."""
    return sorted(folder.rglob("*.htm"))


def test_one_line_of_json_and_nothing_else_is_the_result(program: Any, workspace: Path, cli: ModuleType) -> None:
    """Standard output is one line of UTF-8 JSON; the report's path is the one thing said beside it to a script."""
    done = program(SYNC, "--workspace", str(workspace), "--dn", cli.TESTOBJECT)
    assert done.code == 0
    assert done.out.endswith(b"}\n")
    assert done.out.count(b"\n") == 1
    document = json.loads(done.out)
    assert document["provisioningAction"] == "create"
    statuses = [step["status"] for step in document["provisioningSteps"]]
    assert statuses == [*["success"] * 7, "skipped", "success", "success"]  # it is not in Entra yet
    [report] = reports(workspace)
    assert done.err == f"Report: {report}\n"
    assert report.parent == workspace / "reports" / "ADSyncObjectDiagnostics"
    assert REPORT.fullmatch(report.name)
    assert mode(report) == 0o600
    assert mode(report.parent) == 0o700


def test_verbose_tells_steps_scheduler_and_summary_on_standard_error(
    here: Callable[..., Any], workspace: Path, cli: ModuleType
) -> None:
    """With --verbose the scheduler's suspension, each step and a summary go to standard error; the result is the same."""
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--verbose", "--no-html-report")
    assert done.code == 0
    assert done.out.count(b"\n") == 1
    assert json.loads(done.out)["provisioningStatusInfo"]["status"] == "success"
    lines = done.err.splitlines()
    assert lines[0].startswith("The scheduler is enabled; it is suspended while")
    assert [line[:5] for line in lines[1:11]] == [f"{number:2}/10" for number in range(1, 11)]
    assert lines[11].startswith("SUCCESS  Created in Microsoft Entra ID")
    assert "\x1b" not in done.err


def test_a_disabled_scheduler_is_not_said_to_be_suspended(
    here: Callable[..., Any], workspace: Path, cli: ModuleType
) -> None:
    """Where no cycle would run anyway there is nothing to say about the scheduler."""
    assert here("set-scheduler", "--workspace", str(workspace), "--no-sync-cycle-enabled").code == 0
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--verbose", "--no-html-report")
    assert done.code == 0
    assert "scheduler" not in done.err


def test_without_a_report_nothing_is_written_for_it(here: Callable[..., Any], workspace: Path, cli: ModuleType) -> None:
    """--no-html-report writes no report and says nothing of one."""
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--no-html-report")
    assert (done.code, done.err) == (0, "")
    assert not (workspace / "reports").exists()


def test_the_report_goes_where_it_is_asked_to(
    here: Callable[..., Any], workspace: Path, tmp_path: Path, cli: ModuleType
) -> None:
    """--report-dir is made when needed, for its owner only; a second report of one second gets a name of its own."""
    folder = tmp_path / "to" / "share"
    for count in (1, 2, 3):
        done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--report-dir", str(folder))
        assert done.code == 0
        assert len(reports(folder)) == count
    assert all(REPORT.fullmatch(report.name) and mode(report) == 0o600 for report in reports(folder))
    assert sorted(folder.iterdir()) == reports(folder)
    assert mode(folder) == 0o700
    assert not (workspace / "reports").exists()


def test_a_failed_run_has_its_report_too(here: Callable[..., Any], workspace: Path) -> None:
    """The verdict about an object is in the report, which is what one sends to whoever has to act on it."""
    done = here(SYNC, "OU=corp,DC=contoso,DC=com", "--workspace", str(workspace))
    assert done.code == 1
    [report] = reports(workspace)
    assert "no-metaverse-object" in report.read_text(encoding="utf-8")
    assert done.err == f"Report: {report}\n"


def test_output_takes_the_document_whole_and_private(
    here: Callable[..., Any], workspace: Path, tmp_path: Path, cli: ModuleType
) -> None:
    """--output FILE replaces what was there at once, readable by its owner only, and leaves standard output empty."""
    file = tmp_path / "result.json"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o644)
    before = file.stat().st_ino
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--no-html-report", "--output", str(file))
    assert (done.code, done.out, done.err) == (0, b"", "")
    assert json.loads(file.read_bytes())["provisioningAction"] == "create"
    assert mode(file) == 0o600
    assert file.stat().st_ino != before, "written in place: a reader could have seen half of it"
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


def test_output_through_a_link_keeps_the_link(
    here: Callable[..., Any], workspace: Path, tmp_path: Path, cli: ModuleType
) -> None:
    """A link given as --output still points at its file afterwards, which has the document."""
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--no-html-report", "--output", str(link))
    assert done.code == 0
    assert link.is_symlink()
    assert json.loads(target.read_bytes())["provisioningAction"] == "create"


def test_output_into_a_pipe_is_written_never_replaced(
    here: Callable[..., Any], workspace: Path, tmp_path: Path, cli: ModuleType
) -> None:
    """A named pipe, as /dev/stdout or /dev/null are devices, gets the document and stays what it is."""
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--no-html-report", "--output", str(pipe))
    reader.join(20)
    assert done.code == 0
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert json.loads(got[0])["provisioningAction"] == "create"


def test_a_document_that_cannot_be_saved_is_not_lost(
    here: Callable[..., Any], workspace: Path, cli: ModuleType
) -> None:
    """When the disk turns out to be full after the run, its document goes to standard output and the exit code is 3."""
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--no-html-report", "--output", "/dev/full")
    assert done.code == 3
    assert json.loads(done.out)["provisioningAction"] == "create"
    assert done.err.startswith("adsyncdiag: /dev/full cannot be written: No space left on device")


@pytest.mark.parametrize(
    ("option", "place", "words"),
    [
        ("--output", "missing/result.json", "there is no folder"),
        ("--output", "", "is a folder"),
        ("--output", "file/result.json", "is no folder"),
        ("--report-dir", "file", "is no folder"),
        ("--report-dir", "file/reports", "is no folder"),
        ("--report-dir", "x" * 300, "File name too long"),
    ],
)
def test_a_place_that_cannot_be_written_stops_the_run_before_it_begins(
    here: Callable[..., Any], workspace: Path, tmp_path: Path, cli: ModuleType, option: str, place: str, words: str
) -> None:
    """Nothing is synchronised, let alone exported, when its document or report could not be kept."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), option, str(tmp_path / place))
    assert (done.code, done.out) == (2, b"")
    assert words in done.err
    assert "Traceback" not in done.err
    assert not (workspace / "state.db").exists()


FIRST_KEYS = {
    "graph": ["id", "activityDateTime", "tenantId"],
    "cmdlet": ["Action", "StartTime", "EndTime"],
    "provision-on-demand": [],
}


def test_the_three_shapes_of_the_document(here: Callable[..., Any], workspace: Path, cli: ModuleType) -> None:
    """--json-format chooses among three shapes of one line each; graph is the one without it."""
    found = {}
    for shape in (None, *FIRST_KEYS):
        words = [] if shape is None else ["--json-format", shape]
        done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--staging-mode", "--no-html-report", *words)
        assert done.code == 0
        assert done.out.count(b"\n") == 1
        found[shape] = json.loads(done.out)
    assert list(found[None]) == list(found["graph"])
    assert len({tuple(found[shape]) for shape in FIRST_KEYS}) == 3
    for shape, keys in FIRST_KEYS.items():
        assert list(found[shape])[: len(keys)] == keys


def test_the_cmdlets_name_prints_the_cmdlets_shape(here: Callable[..., Any], workspace: Path, cli: ModuleType) -> None:
    """Invoke-ADSyncSingleObjectSync prints what the cmdlet prints, in any letter case, unless a shape is named."""
    words = ["-DistinguishedName", cli.TESTOBJECT, "-StagingMode", "-NoHtmlReport", "--workspace", str(workspace)]
    done = here("invoke-ADSYNCsingleobjectsync", *words)
    assert done.code == 0
    assert list(json.loads(done.out))[:3] == FIRST_KEYS["cmdlet"]
    assert not (workspace / "reports").exists()
    named = here("Invoke-ADSyncSingleObjectSync", *words, "--json-format", "graph")
    assert list(json.loads(named.out))[:3] == FIRST_KEYS["graph"]
    assert json.loads(named.out)["provisioningSteps"][9]["details"]["staging"] is True


def test_the_cmdlet_takes_verbose_and_our_own_name_for_the_object(
    here: Callable[..., Any], workspace: Path, cli: ModuleType
) -> None:
    """-Verbose, which every cmdlet has, and --dn beside PowerShell parameters mean what they say."""
    done = here(
        "Invoke-ADSyncSingleObjectSync", "--dn", cli.TESTOBJECT, "-NoHtmlReport", "-Verbose", "--workspace", str(workspace)
    )  # fmt: skip
    assert done.code == 0
    assert "10/10 Export" in done.err


def test_long_lists_are_cut_unless_asked_for_whole(here: Callable[..., Any], workspace: Path, cli: ModuleType) -> None:
    """Of 302 addresses the document has the first hundred and the last ten, and all of them with --full-values."""
    forest = workspace / "forest.ldif"
    more = "".join(f"proxyAddresses: smtp:alias{number}@contoso.com\n" for number in range(300))
    text = forest.read_text(encoding="utf-8")
    marker = f"dn: {cli.TESTOBJECT}\n"
    assert marker in text
    forest.write_text(text.replace(marker, marker + more), encoding="utf-8")
    sizes = {}
    for words in ((), ("--full-values",)):
        done = here(SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--no-html-report", "--staging-mode", *words)
        assert done.code == 0
        step = json.loads(done.out)["provisioningSteps"][6]
        [row] = [row for row in step["details"]["attributes"] if row["name"] == "proxyAddresses"]
        sizes[words] = len(row["value"])
    assert sizes[("--full-values",)] == 302
    assert sizes[()] == 110
