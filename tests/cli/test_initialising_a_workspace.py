"""`init` writes adsyncdiag.toml for a server export, from options or from answers; `test-connectivity` says what is missing."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from adsyncdiag.settings import load

URL, USER = "ldaps://dc1.contoso.com", "svc@contoso.com"
TENANT, CLIENT = "11111111-2222-3333-4444-555555555555", "99999999-8888-7777-6666-555555555555"


@pytest.fixture
def lab_export(workspace: Path) -> Path:
    """The lab's server export: two forests."""
    return workspace / "export"


def test_options_make_a_workspace_for_a_real_export(here: Callable[..., Any], contoso: Path, tmp_path: Path) -> None:
    """With options nothing is asked; the file loads, is private, says what comes next, and exports nothing."""
    place = tmp_path / "new folder" / "work"
    done = here(
        "init", str(contoso), "--workspace", str(place), "--ad-url", f"contoso.com={URL}", "--ad-user", f"contoso.com={USER}",
        "--ad-ca-file", "contoso.com=ca.pem", "--tenant-id", TENANT, "--client-id", CLIENT,
    )  # fmt: skip
    assert (done.code, done.out) == (0, b"")
    assert f"Wrote {place / 'adsyncdiag.toml'}: 62 rules, 2 connectors. Export is off." in done.err
    assert f"test-connectivity --workspace '{place}'" in done.err, "a folder with a blank is quoted"
    assert stat.S_IMODE((place / "adsyncdiag.toml").stat().st_mode) == 0o600
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert [file.name for file in place.iterdir()] == ["adsyncdiag.toml"]
    settings = load(place)
    assert settings.server.export == contoso.resolve()
    assert (settings.entra.tenant_id, settings.entra.client_id, settings.entra.export) == (TENANT, CLIENT, False)
    forest = settings.ad["contoso.com"]
    assert (forest.url, forest.user, forest.ldif, forest.export) == (URL, USER, None, False)
    assert forest.ca_file == Path.cwd() / "ca.pem", "a relative path is meant from the current folder"


def test_the_only_forest_needs_no_name(here: Callable[..., Any], contoso: Path, tmp_path: Path) -> None:
    """With one AD connector a bare value is for that one; an LDIF file is kept as an absolute path."""
    done = here("init", str(contoso), "--workspace", str(tmp_path / "w"), "--ad-ldif", "forest.ldif")
    assert done.code == 0, done.err
    forest = load(tmp_path / "w").ad["contoso.com"]
    assert (forest.ldif, forest.url) == (Path.cwd() / "forest.ldif", "")


def test_several_forests_are_told_apart_by_name(here: Callable[..., Any], lab_export: Path, tmp_path: Path) -> None:
    """With two AD connectors a value names its connector, in any letter case; a bare one is a usage error that lists them."""
    words = ["init", str(lab_export), "--workspace", str(tmp_path / "w")]
    bare = here(*words, "--ad-url", URL)
    assert (bare.code, bare.out) == (2, b"")
    assert "Write CONNECTOR=VALUE. The export has contoso.com, fabrikam.com." in bare.err
    assert not (tmp_path / "w").exists()
    done = here(*words, "--ad-url", f"CONTOSO.com={URL}", "--ad-ldif", "fabrikam.com=f=1.ldif", "--ad-user", f"contoso.com={USER}")  # fmt: skip
    assert done.code == 0, done.err
    forests = load(tmp_path / "w").ad
    assert forests["contoso.com"].url == URL
    assert forests["fabrikam.com"].ldif == Path.cwd() / "f=1.ldif"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--ad-url", "nonsense.com=ldaps://x"], "this names no connector of the export"),
        (["--ad-url", "contoso.com=dc1.contoso.com"], "not the address of a directory server"),
        (["--ad-url", "contoso.com=https://dc1.contoso.com"], "not the address of a directory server"),
        (["--ad-url", "contoso.com=ldaps://dc1/DC=contoso"], "not the address of a directory server"),
        (["--ad-url", "contoso.com="], "not the address of a directory server"),
        (["--ad-url", f"contoso.com={URL}", "--ad-url", f"Contoso.com={URL}"], "given twice for contoso.com"),
        (["--ad-url", f"contoso.com={URL}", "--ad-ldif", "contoso.com=f.ldif"], "a domain controller and an LDIF file"),
        (["--ad-ldif", "contoso.com="], "a path is empty"),
    ],
)
def test_options_that_make_no_sense_write_nothing(
    here: Callable[..., Any], lab_export: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    """A wrong option is exit 2 with what is wrong; no folder and no file appears."""
    done = here("init", str(lab_export), "--workspace", str(tmp_path / "w"), *words)
    assert (done.code, done.out) == (2, b"")
    assert message in done.err
    assert not (tmp_path / "w").exists()


def test_answers_that_no_file_can_hold_are_refused(here: Callable[..., Any], lab_export: Path, tmp_path: Path) -> None:
    """A control character in an answer is exit 3, and nothing is written."""
    words = ["--ad-user", "contoso.com=svc\x07@contoso.com"]
    done = here("init", str(lab_export), "--workspace", str(tmp_path / "w"), *words)
    assert done.code == 3
    assert "svc\\x07@contoso.com" in done.err
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_settings_that_exist_are_never_overwritten(
    here: Callable[..., Any], lab_export: Path, tmp_path: Path, kind: str
) -> None:
    """Whatever stands in the place of adsyncdiag.toml stays as it is: exit 3."""
    target = tmp_path / "adsyncdiag.toml"
    if kind == "file":
        target.write_text("mine", encoding="utf-8")
    elif kind == "folder":
        target.mkdir()
    else:
        target.symlink_to(tmp_path / "nowhere")
    done = here("init", str(lab_export), "--workspace", str(tmp_path))
    assert (done.code, done.out) == (3, b"")
    assert f"{target} exists already" in done.err
    assert not (tmp_path / "nowhere").exists()
    assert kind != "file" or target.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_no_export_is_refused_first(here: Callable[..., Any], tmp_path: Path) -> None:
    """Without a readable server export nothing is asked and nothing written: exit 3, and what an export is."""
    done = here("init", str(tmp_path), "--workspace", str(tmp_path / "w"))
    assert (done.code, done.out) == (3, b"")
    assert str(tmp_path) in done.err
    assert "Get-ADSyncServerConfiguration" in done.err
    assert not (tmp_path / "w").exists()
    assert here("init", "--workspace", str(tmp_path / "w")).code == 2


@pytest.mark.parametrize("place", ["file", "file/below", "x" * 300])
def test_a_place_that_cannot_be_made_is_a_message(
    here: Callable[..., Any], lab_export: Path, tmp_path: Path, place: str
) -> None:
    """A workspace below a file, or with an impossible name, is exit 3 with the path."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = here("init", str(lab_export), "--workspace", str(tmp_path / place))
    assert (done.code, done.out) == (3, b"")
    assert f"{tmp_path / place}/adsyncdiag.toml" in done.err
    assert "Traceback" not in done.err


def test_without_a_terminal_nothing_is_made_up(
    program: Any, lab_export: Path, tmp_path: Path, here: Callable[..., Any]
) -> None:
    """A script that gives no options gets the domain's own name as address, no account, no tenant; test-connectivity says what is missing, once each."""
    place = str(tmp_path / "w")
    done = program("init", str(lab_export), "--workspace", place)
    assert done.code == 0, done.err
    settings = load(tmp_path / "w")
    assert [(forest.url, forest.user) for forest in settings.ad.values()] == [
        ("ldaps://contoso.com", ""), ("ldaps://fabrikam.com", ""),
    ]  # fmt: skip
    assert (settings.entra.tenant_id, settings.entra.client_id) == ("", "")
    missing = here("test-connectivity", "--workspace", place, "--json")
    assert missing.code == 3
    assert missing.err == ""
    found = {part["part"]: part for part in json.loads(missing.out)}
    assert [name for name, part in found.items() if part["ok"]] == ["Server export", "Rules", "Store"]
    for name in ("contoso.com", "fabrikam.com"):
        assert found[f"Forest {name}"]["error"].startswith(f'[ad."{name}"] user: no account is named')
    assert found["Tenant"]["error"].startswith("[entra] tenant_id is empty")


def test_passwords_that_are_missing_are_named_one_by_one(
    here: Callable[..., Any], lab_export: Path, tmp_path: Path
) -> None:
    """With addresses and accounts there, each forest's line names its variable, and the tenant's its own."""
    place = str(tmp_path / "w")
    users = [word for name in ("contoso.com", "fabrikam.com") for word in ("--ad-user", f"{name}=svc@{name}")]
    assert here("init", str(lab_export), "--workspace", place, *users, "--tenant-id", TENANT, "--client-id", CLIENT).code == 0  # fmt: skip
    done = here("test-connectivity", "--workspace", place)
    assert done.code == 3
    lines = {line.split("  ")[0]: line for line in done.text.splitlines()[2:]}
    assert len(lines) == 6
    assert "Set ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM" in lines["Forest contoso.com"]
    assert "Set ADSYNCDIAG_AD_PASSWORD__FABRIKAM_COM" in lines["Forest fabrikam.com"]
    assert "Set AZURE_CLIENT_SECRET" in lines["Tenant"]


def test_the_lab_is_found_in_order_part_by_part(here: Callable[..., Any], workspace: Path) -> None:
    """In a workspace that has everything each part answers with its facts, and --verbose says what is being tried."""
    done = here("test-connectivity", "--workspace", str(workspace), "--json", "--verbose")
    assert done.code == 0
    found = json.loads(done.out)
    assert [part["ok"] for part in found] == [True] * 6
    assert done.err.splitlines() == [f"Workspace: {workspace}", *(f"{part['part']} ..." for part in found)]
    table = here("test-connectivity", "--workspace", str(workspace))
    assert (table.code, table.err) == (0, "")
    assert table.text.splitlines()[0].split() == ["Part", "Result", "Facts"]


# --- at a terminal ------------------------------------------------------------------------------------------------


def test_a_person_is_asked_for_what_no_option_gives(
    terminal: Any, program: Any, contoso: Path, tmp_path: Path, cli: ModuleType
) -> None:
    """At a terminal each missing answer is asked for, a wrong address again; what is suggested is taken by Enter."""
    line = program.line("init", str(contoso), "--workspace", str(tmp_path / "w"), "--client-id", CLIENT)
    done = terminal.run(
        line,
        cli.environment(program.home),
        [
            ("Domain controller of contoso.com [ldaps://contoso.com]: ", "dc1.contoso.com\n"),
            ("is not the address of a directory server", ""),
            ("Domain controller of contoso.com [ldaps://contoso.com]: ", f"{URL}\n"),
            ("Account to read contoso.com with [svc-adsyncdiag@contoso.com]: ", "\n"),
            ("Directory (tenant) ID", f"{TENANT}\n"),
        ],
    )
    assert done.code == 0, done.shown
    assert done.out == b""
    assert "Application (client) ID" not in done.shown, "an option gave it"
    settings = load(tmp_path / "w")
    assert (settings.ad["contoso.com"].url, settings.ad["contoso.com"].user) == (URL, "svc-adsyncdiag@contoso.com")
    assert (settings.entra.tenant_id, settings.entra.client_id) == (TENANT, CLIENT)


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl+C", "Ctrl+D"])
def test_leaving_a_question_writes_nothing(
    terminal: Any, program: Any, contoso: Path, tmp_path: Path, cli: ModuleType, key: str
) -> None:
    """Ctrl+C or Ctrl+D at a question is exit 130, one line, and no workspace."""
    line = program.line("init", str(contoso), "--workspace", str(tmp_path / "w"))
    done = terminal.run(
        line, cli.environment(program.home), [("Domain controller of contoso.com [ldaps://contoso.com]: ", key)]
    )
    assert done.code == 130
    assert "adsyncdiag: interrupted" in done.shown
    assert "Traceback" not in done.shown
    assert not (tmp_path / "w").exists()
