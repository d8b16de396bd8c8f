"""`adsyncdiag.toml`: defaults, values, paths, the environment, and errors with their line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.settings import AdSettings, Settings, load

Written = Callable[[str], Settings]

WHOLE = """\
[server]
export = "export"            # the Get-ADSyncServerConfiguration folder, relative to this file
staging = true
[entra]
graph_root = "https://graph.microsoft.us/"
authority = "https://login.microsoftonline.us/"
tenant_id = "contoso.onmicrosoft.com"
client_id = "11111111-2222-3333-4444-555555555555"
export = true
beside_another_sync = true
ca_file = "tls/ca.pem"
lab = true
adopt_groups = "displayName"
client_secret_file = "/run/secrets/client"
[ad."contoso.com"]
url = "ldaps://dc1.contoso.com"
user = "svc@contoso.com"
ca_file = "ca.pem"
start_tls = true
ldif = ""
export = true
password_file = "password"
password_keyring = "adsyncdiag"
[ad."Fabrikam.com"]
ldif = "fabrikam.ldif"
[guards]
deletion_threshold = 10
deletion_percent = 5
shrink_percent = 0
[store]
url = "sqlite:other.db"
"""


def refusal(written: Written, text: str) -> ConfigurationError:
    """Return the error with which *text* is refused."""
    with pytest.raises(ConfigurationError) as caught:
        written(text)
    return caught.value


def test_an_empty_file_means_the_documented_defaults(written: Written, tmp_path: Path) -> None:
    """Every default of cli.md, and nothing is exported."""
    found = written("")
    assert found.workspace == tmp_path
    assert (found.server.export, found.server.staging) == (tmp_path / "export", False)
    assert found.entra.graph_root == "https://graph.microsoft.com"
    assert found.entra.authority == "https://login.microsoftonline.com"
    assert (found.entra.tenant_id, found.entra.client_id, found.entra.adopt_groups) == ("", "", "")
    assert not any((found.entra.export, found.entra.beside_another_sync, found.entra.lab))
    assert (found.entra.ca_file, found.entra.client_secret_file) == (None, None)
    assert found.ad == {}
    assert (found.guards.deletion_threshold, found.guards.deletion_percent, found.guards.shrink_percent) == (500, 0, 50)
    assert found.store.url == "sqlite:state.db"


def test_every_setting_is_read_and_paths_are_taken_from_the_workspace(written: Written, tmp_path: Path) -> None:
    """A relative path starts at the workspace, an absolute one stays, an empty one is none; addresses lose a final slash."""
    found = written(WHOLE)
    assert (found.server.export, found.server.staging) == (tmp_path / "export", True)
    assert found.entra.graph_root == "https://graph.microsoft.us"
    assert found.entra.authority == "https://login.microsoftonline.us"
    assert found.entra.ca_file == tmp_path / "tls" / "ca.pem"
    assert found.entra.client_secret_file == Path("/run/secrets/client")
    assert (found.entra.export, found.entra.beside_another_sync, found.entra.lab) == (True, True, True)
    assert found.entra.adopt_groups == "displayName"
    assert found.ad["contoso.com"] == AdSettings(
        url="ldaps://dc1.contoso.com",
        user="svc@contoso.com",
        ca_file=tmp_path / "ca.pem",
        start_tls=True,
        ldif=None,
        export=True,
        password_file=tmp_path / "password",
        password_keyring="adsyncdiag",
    )
    assert found.ad["Fabrikam.com"].ldif == tmp_path / "fabrikam.ldif"
    assert (found.guards.deletion_threshold, found.guards.deletion_percent, found.guards.shrink_percent) == (10, 5, 0)
    assert found.store.url == "sqlite:other.db"


def test_a_connector_is_found_whatever_its_case(written: Written) -> None:
    """The section's name is the connector's name in the export, and names there do not differ by case."""
    found = written(WHOLE)
    assert found.connector("FABRIKAM.COM") is found.ad["Fabrikam.com"]
    assert found.connector("nowhere.com") is None


def test_the_environment_fills_what_is_empty(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """AZURE_ variables stand in for missing or empty settings, and for nothing else; a bare host gets its scheme."""
    monkeypatch.setenv("AZURE_TENANT_ID", "from-environment")
    monkeypatch.setenv("AZURE_CLIENT_ID", " client ")
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "login.chinacloudapi.cn/")
    empty = written('[entra]\ntenant_id = ""\nauthority = ""').entra
    assert (empty.tenant_id, empty.client_id) == ("from-environment", "client")
    assert empty.authority == "https://login.chinacloudapi.cn"
    given = written(WHOLE).entra
    assert given.tenant_id == "contoso.onmicrosoft.com"
    assert given.authority == "https://login.microsoftonline.us"


def test_a_wrong_authority_in_the_environment_is_named(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens are not asked for without TLS, whoever says so."""
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "http://login.example")
    assert refusal(written, "").file == "AZURE_AUTHORITY_HOST"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[server]\n\nexprt = 1", 3, "[server] exprt: unknown key 'exprt'"),
        ("colour = 1", 1, "unknown key 'colour'"),
        ("# [servers]\n[servers]\nexport = 'x'", 2, "[servers]: unknown key 'servers'"),
        ("[server]\nexport = 5", 2, "[server] export: expected text, found a whole number"),
        ("[server]\nstaging = 'true'", 2, "[server] staging: expected true or false, found text"),
        ("[server]\nstaging = 1", 2, "expected true or false, found a whole number"),
        ("[server]\nexport = [\n 'a',\n 'b',\n]\n", 2, "expected text, found a list"),
        ("[guards]\n# deletion_threshold\ndeletion_threshold = true", 3, "expected a whole number, found true or false"),
        ("[guards]\ndeletion_threshold = 1.5", 2, "expected a whole number, found a number"),
        ("[guards]\ndeletion_threshold = 2026-01-01", 2, "expected a whole number, found a date or time"),
        ("[guards]\ndeletion_threshold = -1", 2, "expected a number from 0 to 2147483647, found -1"),
        ("[guards]\nshrink_percent = 101", 2, "expected a number from 0 to 100, found 101"),
        ("[entra]\nexport = true\n[guards]\nexport = true", 4, "[guards] export: unknown key"),
        ("[entra]\nadopt_groups = 'mail'", 2, 'expected "" or "displayName"'),
        ("[entra]\ngraph_root = 'http://graph'", 2, "starts with https://"),
        ("[entra]\nauthority = 'login'", 2, "starts with https://"),
        ("entra = {export = 1}", 1, "[entra] export: expected true or false"),
        ("entra.export = 1", 1, "[entra] export: expected true or false"),
        ("entra = 1", 1, "[entra]: expected a table, found a whole number"),
        ("[[entra]]\nexport = true", 1, "[entra]: expected a table, found a list"),
        ("[ad]\nurl = 'ldaps://x'", 2, "[ad] url: expected a table, found text"),
        ('[ad."x.y"]\nurl = "dc1.x.y"', 2, "starts with ldaps:// or ldap://"),
        ('[ad."x.y"]\nuser = "u"\n[ad."X.Y"]\nuser = "v"', 3, "this connector has a section already"),
        ('[ad."x.y"]\nurl = "ldap://x"\nldif = "f"', 3, "from url or from ldif, not from both"),
        ("[server]\nexport = '''\nstaging = 1\n'''\nstaging = 2", 2, "[server] export: holds a control character"),
        ('[entra]\ntenant_id = "a\\u0000b"', 2, "holds a control character"),
        ('["\\u001b[31m"]', 1, "unknown key '\\x1b[31m'"),
        ('[server]\nexport = "a\n', 2, "Illegal character"),
        ("[server]\nexport = 'a\n", 2, "Expected \"'\""),
        ("[server]\nexport = ", 2, "Invalid value"),
        ("[server]\nexport = 'a'\nexport = 'b'", 3, "Cannot overwrite a value"),
        ("[server]\n[server]", 2, "Cannot declare"),
        ("x" * 5000 + " = 1", 1, "the line is too long"),
    ],
)  # fmt: skip
def test_an_error_names_the_line(written: Written, text: str, line: int, words: str) -> None:
    """Unknown keys, wrong types, impossible values and broken TOML: file, line and what was expected."""
    error = refusal(written, text)
    assert words in error.message
    assert error.element == f"line {line}"
    assert error.file.endswith("adsyncdiag.toml")
    assert "\x1b" not in str(error)


def test_an_unknown_key_gets_a_suggestion(written: Written) -> None:
    """The nearest key, or all of them where none is near."""
    assert refusal(written, "[entra]\ntenantid = 'x'").hint == "Did you mean 'tenant_id'?"
    assert refusal(written, "[store]\nxyz = 'x'").hint == "Known are: url."


@pytest.mark.parametrize("section", ['[ad."x"]\npassword', "[entra]\nclient_secret"])
def test_a_secret_in_the_file_is_refused_and_not_repeated(written: Written, section: str) -> None:
    """Secrets do not stand in the settings; the message says where they may, and does not show this one."""
    error = refusal(written, f'{section} = "hunter2"')
    assert "_file, or the environment" in error.hint
    assert "hunter2" not in str(error)


def test_a_password_in_an_address_is_not_repeated(written: Written) -> None:
    """A refused address may hold a password, so the message does not show it."""
    assert "hunter2" not in str(refusal(written, '[ad."x"]\nurl = "http://u:hunter2@dc"'))


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    """Without settings there is no workspace; the hint names the command."""
    with pytest.raises(ConfigurationError, match="has no settings") as caught:
        load(tmp_path / "nowhere")
    assert "adsyncdiag init" in caught.value.hint


def test_a_folder_in_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    """The system's reason is passed on."""
    (tmp_path / "adsyncdiag.toml").mkdir()
    with pytest.raises(ConfigurationError, match="Is a directory"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("data", "element", "words"),
    [
        (b"[server]\nexport = '\xff'", "line 2", "not UTF-8"),
        ("[server]".encode("utf-16"), "line 1", "not UTF-8"),
        (b"#" * 70_000, "", "larger than 65,536 bytes"),
        (b"a = " + b"[" * 2000, "", "nested too deeply"),
    ],
    ids=["latin", "utf16", "size", "nesting"],
)
def test_bytes_that_are_no_settings(tmp_path: Path, data: bytes, element: str, words: str) -> None:
    """Another encoding, a file too large, brackets without end."""
    (tmp_path / "adsyncdiag.toml").write_bytes(data)
    with pytest.raises(ConfigurationError, match=words) as caught:
        load(tmp_path)
    assert caught.value.element == element


def test_windows_text_is_read(tmp_path: Path) -> None:
    """A byte order mark and CR LF, as Notepad writes them, change neither values nor line numbers."""
    path = tmp_path / "adsyncdiag.toml"
    path.write_bytes(b"\xef\xbb\xbf[server]\r\nstaging = true\r\n")
    assert load(tmp_path).server.staging
    path.write_bytes(b"\xef\xbb\xbf[server]\r\nstaging = 3\r\n")
    with pytest.raises(ConfigurationError, match="line 2"):
        load(tmp_path)


def test_settings_load_without_pydantic() -> None:
    """Every command reads the settings, so they stay free of libraries that take long to import."""
    code = (
        "import sys, adsyncdiag.settings; print([m for m in ('pydantic', 'requests', 'difflib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
