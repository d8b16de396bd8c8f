"""Secrets come from the environment, a private file or the keyring, in that order, and are never shown."""

from __future__ import annotations

import logging
import os
import pickle
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.settings import Secret, Settings, ad_password, client_secret

Written = Callable[[str], Settings]

AD = '[ad."contoso.com"]\nuser = "svc@contoso.com"\n'
POSIX = pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")


def private(path: Path, text: str, mode: int = 0o600) -> Path:
    """Write a file of this mode."""
    path.write_bytes(text.encode())
    path.chmod(mode)
    return path


def test_a_secret_shows_itself_on_request_only() -> None:
    """Neither repr, str, format, logging nor an f-string gives it away, and it cannot be pickled."""
    secret = Secret("hunter2")
    record = logging.LogRecord("x", logging.INFO, "x", 1, "secret is %s and %r", (secret, secret), None)
    assert record.getMessage() == "secret is ******** and ********"
    assert f"{secret} {[secret]} {secret!r}" == "******** [********] ********"
    assert secret.reveal() == "hunter2"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_the_connectors_own_variable_comes_first(
    written: Written, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM, then ADSYNCDIAG_AD_PASSWORD, then the file."""
    settings = written(AD + 'password_file = "pw"')
    private(tmp_path / "pw", "from file\n")
    assert ad_password("contoso.com", settings).reveal() == "from file"
    monkeypatch.setenv("ADSYNCDIAG_AD_PASSWORD", "for all")
    assert ad_password("contoso.com", settings).reveal() == "for all"
    monkeypatch.setenv("ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM", "its own")
    assert ad_password("Contoso.com", settings).reveal() == "its own"
    assert ad_password("fabrikam.com", settings).reveal() == "for all"


def test_an_empty_variable_is_none(written: Written, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A variable set to nothing does not hide the file."""
    monkeypatch.setenv("ADSYNCDIAG_AD_PASSWORD", "")
    private(tmp_path / "pw", "from file")
    assert ad_password("contoso.com", written(AD + 'password_file = "pw"')).reveal() == "from file"


def test_other_characters_of_a_name_become_underscores(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable's name is made of letters and digits only."""
    monkeypatch.setenv("ADSYNCDIAG_AD_PASSWORD__CORP_CONTOSO_COM__2_", "x")
    assert ad_password("corp.contoso-com (2)", written("")).reveal() == "x"


def test_a_missing_password_names_variable_and_setting(written: Written) -> None:
    """Whoever reads the message knows the two ways to set it."""
    with pytest.raises(ConfigurationError, match=r"no password for the connector 'contoso\.com'") as caught:
        ad_password("contoso.com", written(AD))
    assert "ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM" in caught.value.hint
    assert 'password_file or password_keyring in [ad."contoso.com"]' in caught.value.hint


@POSIX
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o601])
def test_a_file_others_can_reach_is_refused(written: Written, tmp_path: Path, mode: int) -> None:
    """Any right of group or others refuses the file, with the command that mends it; the secret is not in the message."""
    path = private(tmp_path / "my pw", "hunter2", mode)
    with pytest.raises(ConfigurationError, match=f"mode {mode:04o}") as caught:
        ad_password("contoso.com", written(AD + 'password_file = "my pw"'))
    assert caught.value.hint == f"chmod 600 '{path}'"
    assert "hunter2" not in str(caught.value)


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_read_without_its_line_end(written: Written, tmp_path: Path, mode: int) -> None:
    """Only the editor's line end goes; blanks belong to the password."""
    private(tmp_path / "pw", " pass wörd \r\n", mode)
    assert ad_password("contoso.com", written(AD + 'password_file = "pw"')).reveal() == " pass wörd "


@pytest.mark.parametrize(("text", "words"), [("", "holds no secret"), ("\n", "holds no secret")])
def test_an_empty_file_is_an_error(written: Written, tmp_path: Path, text: str, words: str) -> None:
    """An empty password would make an anonymous bind (RFC 4513 5.1.2)."""
    private(tmp_path / "pw", text)
    with pytest.raises(ConfigurationError, match=words):
        ad_password("contoso.com", written(AD + 'password_file = "pw"'))


def test_a_file_that_is_none(written: Written, tmp_path: Path) -> None:
    """A missing file, a folder, a pipe and bytes that are no text are errors that name the path."""
    settings = written(AD + 'password_file = "pw"')
    for make in (lambda path: None, Path.mkdir, os.mkfifo if hasattr(os, "mkfifo") else Path.mkdir):
        make(tmp_path / "pw")
        with pytest.raises(ConfigurationError, match="is missing, or is no file") as caught:
            ad_password("contoso.com", settings)
        assert caught.value.file == str(tmp_path / "pw")
        if (tmp_path / "pw").is_dir():
            (tmp_path / "pw").rmdir()
    (tmp_path / "pw").unlink(missing_ok=True)
    private(tmp_path / "pw", "").write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        ad_password("contoso.com", settings)


def test_the_client_secret(written: Written, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """AZURE_CLIENT_SECRET, then client_secret_file, else an error that names both."""
    with pytest.raises(ConfigurationError, match="no client secret") as caught:
        client_secret(written(""))
    assert caught.value.hint == "Set AZURE_CLIENT_SECRET, or client_secret_file in [entra]."
    settings = written('[entra]\nclient_secret_file = "secret"')
    private(tmp_path / "secret", "from file\n")
    assert client_secret(settings).reveal() == "from file"
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "from environment")
    assert client_secret(settings).reveal() == "from environment"


@POSIX
def test_the_client_secret_file_is_checked_too(written: Written, tmp_path: Path) -> None:
    """The same rule for both secrets."""
    private(tmp_path / "secret", "x", 0o644)
    with pytest.raises(ConfigurationError, match="mode 0644"):
        client_secret(written('[entra]\nclient_secret_file = "secret"'))


class LockedError(Exception):
    """Stands for the library's own error."""


def fake_keyring(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str, str], str | None]) -> None:
    """Put a library called keyring in reach whose get_password is *answer*."""
    library, errors = types.ModuleType("keyring"), types.ModuleType("keyring.errors")
    library.get_password = answer  # type: ignore[attr-defined]
    errors.KeyringError = LockedError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", library)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


def test_the_keyring_is_asked_for_the_user_of_the_service(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """`password_keyring` names the service, `user` the account; without a user it is the connector's name."""
    fake_keyring(monkeypatch, lambda service, user: f"{service}/{user}")
    assert ad_password("contoso.com", written(AD + 'password_keyring = "sync"')).reveal() == "sync/svc@contoso.com"
    assert ad_password("x", written('[ad."x"]\npassword_keyring = "sync"')).reveal() == "sync/x"


def test_a_keyring_that_does_not_answer(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own error, one of its back end, and no entry: each an error of ours, without the back end's text."""
    settings = written(AD + 'password_keyring = "sync"')
    for failure in (LockedError("hunter2"), OSError("hunter2")):

        def answer(service: str, user: str, failure: Exception = failure) -> str | None:
            raise failure

        fake_keyring(monkeypatch, answer)
        with pytest.raises(ConfigurationError, match="the keyring did not answer") as caught:
            ad_password("contoso.com", settings)
        assert "hunter2" not in str(caught.value)
    fake_keyring(monkeypatch, lambda service, user: None)
    with pytest.raises(ConfigurationError, match=r"has no password of 'svc@contoso\.com' for 'sync'") as caught:
        ad_password("contoso.com", settings)
    assert caught.value.hint == "keyring set sync svc@contoso.com"


def test_a_missing_keyring_library_is_said(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library is optional; who asks for it learns how to install it."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigurationError, match="not installed") as caught:
        ad_password("contoso.com", written(AD + 'password_keyring = "sync"'))
    assert caught.value.hint == "pip install keyring"
