"""Secrets appear nowhere: no stream, document, report, database, defect file or process list, however a run ends (quality.md R8)."""

from __future__ import annotations

import base64
import binascii
import json
import os
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from adsyncdiag.cli.defects import defect
from adsyncdiag.connectors.lab.journal import write_tenant

PASSWORD = "AdP4ss~wörd-7431+with/odd=chars"
WRONG_PASSWORD = "Wr0ng~AdP4ss-8842+with/odd=chars"
CLIENT_SECRET = "Cl13nt~S3cret-9953+with/odd=chars"
WRONG_SECRET = "Wr0ng~Cl13nt-1064+with/odd=chars"
SYNC = ("single-object-sync", "--verbose", "--dn")


def spellings(secret: str) -> Iterator[bytes]:
    """Every way in which a program tends to write a secret down without meaning to."""
    raw = secret.encode()
    yield raw
    yield secret.encode("utf-16-le")
    yield binascii.hexlify(raw)
    yield binascii.hexlify(raw).upper()
    yield quote(secret, safe="").encode()
    yield quote_plus(secret).encode()
    yield json.dumps(secret)[1:-1].encode()
    yield repr(secret)[1:-1].encode()
    yield repr(raw)[2:-1].encode()
    for shift in range(3):  # base64 of a text that has the secret somewhere in it
        piece = base64.b64encode(b"\0" * shift + raw)
        yield piece[4 if shift else 0 : len(piece) - 4]
        yield base64.urlsafe_b64encode(b"\0" * shift + raw)[4 if shift else 0 : len(piece) - 4]


@dataclass
class Search:
    """What was said and written so far, and the secrets that must not be in it."""

    places: list[Path]
    secrets: list[str]
    said: list[bytes] = field(default_factory=list)

    def found(self) -> list[tuple[str, bytes]]:
        """Every secret that is somewhere, with the place."""
        texts = [("standard streams", piece) for piece in self.said]
        for place in self.places:
            files = [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
            texts += [(str(file), file.read_bytes()) for file in files]
        assert any(len(text) > 100 for _, text in texts), "nothing was searched"
        needles = {spelling for secret in self.secrets for spelling in spellings(secret)}
        return [(where, needle) for where, text in texts for needle in needles if needle in text]


@pytest.fixture
def forest(workspace: Path, controller: Any, cli: ModuleType) -> Any:
    """contoso.com as a live domain whose controller binds whom it likes and knows no object."""
    cli.live(workspace, controller.url, f'ca_file = "{controller.ca_file}"')
    return controller


def test_the_search_itself_finds_every_spelling(tmp_path: Path) -> None:
    """The net has no hole: a secret hidden in any of these ways is found."""
    hidden = [
        f"password={PASSWORD}",
        base64.b64encode(f"user:{PASSWORD}".encode()).decode(),
        base64.b64encode(f"u:{PASSWORD}".encode()).decode(),
        base64.b64encode(f"us:{PASSWORD}!".encode()).decode(),
        PASSWORD.encode().hex(),
        quote(PASSWORD, safe=""),
        json.dumps({"p": PASSWORD}),
        repr(PASSWORD.encode()),
    ]
    for text in hidden:
        file = tmp_path / "hidden"
        file.write_text(" " * 100 + text, encoding="utf-8")
        assert Search([file], [PASSWORD]).found(), text


@pytest.mark.parametrize(
    ("answer", "code"),
    [((0, ""), 1), ((49, "80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 52e, v4563"), 4),
     ((8, "00002028: LdapErr: DSID-0C09023E, comment: stronger authentication needed"), 4)],
    ids=["bound", "wrong password", "refused"],
)  # fmt: skip
def test_a_bind_password_stays_with_the_bind(
    here: Callable[..., Any], workspace: Path, forest: Any, cli: ModuleType, monkeypatch: pytest.MonkeyPatch,
    answer: tuple[int, str], code: int,
) -> None:  # fmt: skip
    """Whether the bind is accepted or refused, the password is sent over TLS and is nowhere else."""
    forest.bind_answer = answer
    monkeypatch.setenv("ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM", PASSWORD)
    search = Search([workspace], [PASSWORD])
    done = here(*SYNC, cli.TESTOBJECT, "--workspace", str(workspace))
    assert done.code == code
    checked = here("test-connectivity", "--workspace", str(workspace), "--json", "--verbose")
    search.said += [done.out, done.err.encode(), checked.out, checked.err.encode()]
    assert forest.binds
    assert {(bind.password, bind.encrypted) for bind in forest.binds} == {(PASSWORD.encode(), True)}
    assert len(list((workspace / "reports").rglob("*.htm"))) == 1
    assert search.found() == []


def test_a_server_that_quotes_the_password_is_not_quoted(
    here: Callable[..., Any], workspace: Path, forest: Any, cli: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory whose refusal repeats what it was sent does not bring the password into the document."""
    forest.bind_answer = (49, f"user svc@contoso.com password {PASSWORD} rejected, data 52e")
    monkeypatch.setenv("ADSYNCDIAG_AD_PASSWORD", PASSWORD)
    done = here(*SYNC, cli.TESTOBJECT, "--workspace", str(workspace))
    assert done.code == 4
    assert Search([workspace], [PASSWORD], [done.out, done.err.encode()]).found() == []


def test_no_trust_means_no_password(
    here: Callable[..., Any], workspace: Path, controller: Any, cli: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server whose certificate nobody vouches for is refused before it is sent anything."""
    cli.live(workspace, controller.url)
    monkeypatch.setenv("ADSYNCDIAG_AD_PASSWORD", PASSWORD)
    done = here(*SYNC, cli.TESTOBJECT, "--workspace", str(workspace))
    assert done.code == 4
    assert "ca_file" in json.loads(done.out)["provisioningStatusInfo"]["errorInformation"]["recommendedAction"]
    assert controller.binds == []
    assert Search([workspace], [PASSWORD], [done.out, done.err.encode()]).found() == []


def test_without_encryption_no_password_is_sent(
    here: Callable[..., Any], workspace: Path, cli: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ldap:// without StartTLS is refused by its setting, before a connection is made."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        cli.live(workspace, f"ldap://127.0.0.1:{listener.getsockname()[1]}")
        monkeypatch.setenv("ADSYNCDIAG_AD_PASSWORD", PASSWORD)
        done = here(*SYNC, cli.TESTOBJECT, "--workspace", str(workspace))
        with pytest.raises(TimeoutError):
            listener.accept()
    assert (done.code, done.out) == (3, b"")
    assert "clear text" in done.err
    assert Search([workspace], [PASSWORD], [done.out, done.err.encode()]).found() == []


@pytest.mark.parametrize(
    ("secret", "faults", "code"),
    [
        (CLIENT_SECRET, (), 0),
        (WRONG_SECRET, (), 4),
        (CLIENT_SECRET, ("429:1",), 5),
        (CLIENT_SECRET, ("truncate:1",), 4),
        (CLIENT_SECRET, ("expired-token:1",), 4),
    ],
    ids=["granted", "wrong secret", "throttled", "answers cut off", "token always expired"],
)
def test_client_secret_and_token_stay_in_memory(
    here: Callable[..., Any], workspace: Path, serving: Callable[..., Any], monkeypatch: pytest.MonkeyPatch,
    secret: str, faults: tuple[str, ...], code: int,
) -> None:  # fmt: skip
    """However the tenant answers, neither the secret nor an access token is said, reported or stored."""
    served = serving(*faults, retry_after=3600)
    document = json.loads(served.tenant.path.read_text(encoding="utf-8"))
    document["applications"] = [{"client_id": document["applications"][0]["client_id"], "secret": CLIENT_SECRET}]
    write_tenant(served.tenant.path, document)
    served.behind(workspace)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", secret)
    done = here(*SYNC, "CN=testobject,OU=corp,DC=contoso,DC=com", "--workspace", str(workspace))
    assert done.code == code, done.err
    search = Search([workspace], [secret], [done.out, done.err.encode()])
    if not faults:
        checked = here("test-connectivity", "--workspace", str(workspace), "--json", "--verbose")
        search.said += [checked.out, checked.err.encode()]
    tokens = list(served.tenant.tokens)
    assert bool(tokens) is (secret == CLIENT_SECRET)
    search.secrets += tokens + [part for token in tokens for part in token.split(".") if len(part) > 40]
    assert search.found() == []


def test_the_process_list_shows_no_secret(program: Any, workspace: Path, cli: ModuleType) -> None:
    """While a run waits for the directory its command line in /proc has no secret, for secrets are no options."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        cli.live(workspace, f"ldaps://127.0.0.1:{silent.getsockname()[1]}")
        more = {"ADSYNCDIAG_AD_PASSWORD": PASSWORD, "AZURE_CLIENT_SECRET": CLIENT_SECRET}
        running = program.start(*SYNC, cli.TESTOBJECT, "--workspace", str(workspace), **more)
        with running:
            connected, _ = silent.accept()
            with connected:
                shown = Path(f"/proc/{running.pid}/cmdline").read_bytes()
                running.terminate()
                out, err = running.communicate(timeout=20)
    assert b"single-object-sync" in shown
    search = Search([workspace], [PASSWORD, CLIENT_SECRET], [shown * 2, out, err])
    assert search.found() == []


@pytest.mark.parametrize(
    "words",
    [
        ["single-object-sync", "CN=a,DC=b", "--password", PASSWORD],
        ["single-object-sync", "CN=a,DC=b", f"--client-secret={CLIENT_SECRET}"],
        ["init", "export", "--ad-password", PASSWORD],
        ["Invoke-ADSyncSingleObjectSync", "CN=a,DC=b", "-Password", PASSWORD],
        ["Invoke-ADSyncSingleObjectSync", "CN=a,DC=b", f"-Credential:{PASSWORD}"],
    ],
)
def test_secrets_are_no_options_and_are_not_repeated(here: Callable[..., Any], words: list[str]) -> None:
    """Somebody who tries to give a password as an option gets a usage error that does not repeat it."""
    done = here(*words)
    assert (done.code, done.out) == (2, b"")
    assert PASSWORD not in done.err
    assert CLIENT_SECRET not in done.err


def test_a_defect_keeps_the_secrets_of_the_environment_to_itself(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception of a library that quotes a secret, its cause too, is written down without it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM", PASSWORD)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", CLIENT_SECRET)
    cause = ValueError(f"bind failed with {PASSWORD}")
    error = RuntimeError(
        f"POST client_secret={quote(CLIENT_SECRET, safe='')} and {CLIENT_SECRET} {PASSWORD.encode()!r}"
        f" {base64.b64encode(PASSWORD.encode()).decode()} {PASSWORD.encode().hex()} {json.dumps(PASSWORD)}"
    )
    error.__cause__ = cause
    assert defect(error) == 70
    [file] = tmp_path.iterdir()
    assert "bind failed with ********" in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    said = capsys.readouterr().err.encode()
    assert Search([file], [PASSWORD, CLIENT_SECRET], [said]).found() == []


def test_files_with_data_are_for_their_owner_only(
    here: Callable[..., Any], workspace: Path, tmp_path: Path, cli: ModuleType
) -> None:
    """Under the laxest umask the database with its companions, the report and the output are still mode 0600."""
    before = os.umask(0)
    try:
        done = here(*SYNC, cli.TESTOBJECT, "--workspace", str(workspace), "--output", str(tmp_path / "out.json"))
    finally:
        os.umask(before)
    assert done.code == 0
    written = [
        *workspace.glob("state.db*"),
        *workspace.glob("tenant.j*"),
        *workspace.rglob("*.htm"),
        tmp_path / "out.json",
    ]
    assert len(written) >= 4
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in written} == {file.name: "0o600" for file in written}
    [folder] = workspace.rglob("ADSyncObjectDiagnostics")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(("option", "file"), [("password_file", "ad"), ("client_secret_file", "entra")])
def test_a_secret_file_that_others_can_read_is_refused(
    here: Callable[..., Any], workspace: Path, forest: Any, cli: ModuleType, option: str, file: str
) -> None:
    """Mode 0644 is exit 3 with the command that mends it, and the secret is neither sent nor said."""
    secret = workspace / file
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(0o644)
    settings = workspace / "adsyncdiag.toml"
    text = settings.read_text(encoding="utf-8")
    if option == "password_file":
        text = text.replace('user = "svc@contoso.com"', f'user = "svc@contoso.com"\npassword_file = "{file}"')
    else:
        text = text.replace('client_secret_file = "client_secret"', f'client_secret_file = "{file}"')
        text = text.replace(f'url = "{forest.url}"', 'ldif = "forest.ldif"')
    settings.write_text(text, encoding="utf-8")
    done = here(*SYNC, cli.TESTOBJECT, "--workspace", str(workspace))
    assert (done.code, done.out) == (3, b"")
    assert f"chmod 600 {secret}" in done.err
    assert forest.binds == []
    secret.rename(workspace.parent / "away")
    assert Search([workspace], [PASSWORD], [done.err.encode()]).found() == []
    (workspace.parent / "away").rename(secret)
    secret.chmod(0o600)
    again = here(*SYNC, cli.TESTOBJECT, "--workspace", str(workspace))
    assert again.code == (1 if option == "password_file" else 4)
    assert [bind.password for bind in forest.binds] == ([PASSWORD.encode()] if option == "password_file" else [])
