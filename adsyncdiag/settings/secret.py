"""Passwords and client secrets: from the environment, a file of mode 0600 or the platform's keyring, never from a flag."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import stat
from pathlib import Path
from typing import NoReturn

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.settings.model import FILE_NAME, AdSettings, Settings

_SIZE_LIMIT = 64 * 1024


class Secret:
    """A password or client secret; only `reveal` shows it, nothing that prints or logs does."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself, for the one call that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "********"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")


def password_variable(connector_name: str) -> str:
    """Return the environment variable for the password of one AD connector, such as ADSYNCDIAG_AD_PASSWORD__CONTOSO_COM."""
    return f"ADSYNCDIAG_AD_PASSWORD__{re.sub('[^A-Z0-9]', '_', connector_name.upper())}"


def ad_password(connector_name: str, settings: Settings) -> Secret:
    """Return the password for the directory of an AD connector.

    It comes from ADSYNCDIAG_AD_PASSWORD__<CONNECTOR> (the name in upper case, other characters as `_`), else from
    ADSYNCDIAG_AD_PASSWORD, else from `password_file`, else from `password_keyring` (cli.md).

    Raises:
        ConfigurationError: None of them has one, the file can be read by others, or the keyring does not answer.
    """
    variable = password_variable(connector_name)
    entry = settings.connector(connector_name) or AdSettings()
    for name in (variable, "ADSYNCDIAG_AD_PASSWORD"):
        if text := os.environ.get(name):
            return Secret(text)
    if entry.password_file:
        return _from_file(entry.password_file)
    if entry.password_keyring:
        return _from_keyring(entry.password_keyring, entry.user or connector_name)
    raise ConfigurationError(
        f"no password for the connector {connector_name!r}",
        file=str(settings.workspace / FILE_NAME),
        hint=f'Set {variable}, or password_file or password_keyring in [ad."{connector_name}"].',
    )


def client_secret(settings: Settings) -> Secret:
    """Return the client secret of the application: AZURE_CLIENT_SECRET, else what `client_secret_file` holds.

    Raises:
        ConfigurationError: Neither has one, or the file can be read by others.
    """
    if text := os.environ.get("AZURE_CLIENT_SECRET"):
        return Secret(text)
    if settings.entra.client_secret_file:
        return _from_file(settings.entra.client_secret_file)
    raise ConfigurationError(
        "no client secret for the tenant",
        file=str(settings.workspace / FILE_NAME),
        hint="Set AZURE_CLIENT_SECRET, or client_secret_file in [entra].",
    )


def _from_file(path: Path) -> Secret:
    """Return the secret that a file holds, without the line end that editors add."""
    try:
        if not path.is_file():
            raise ConfigurationError("is missing, or is no file", file=str(path))
        with path.open("rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            if os.name == "posix" and mode & 0o077:
                raise ConfigurationError(
                    f"others can read the secret (mode {mode:04o})",
                    file=str(path),
                    hint=f"chmod 600 {shlex.quote(str(path))}",
                )
            text = stream.read(_SIZE_LIMIT).decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise ConfigurationError("the secret is not UTF-8 text", file=str(path)) from None
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(path)) from None
    if not text:
        raise ConfigurationError("holds no secret", file=str(path))
    return Secret(text)


def _from_keyring(service: str, user: str) -> Secret:
    """Return the password that the platform's keyring holds; the library is optional."""
    try:
        keyring, errors = importlib.import_module("keyring"), importlib.import_module("keyring.errors")
    except ImportError:
        raise ConfigurationError(
            "password_keyring needs the library keyring, which is not installed", hint="pip install keyring"
        ) from None
    try:
        text: str | None = keyring.get_password(service, user)
    # The library passes on what its back ends raise beside its own errors (D-Bus, Windows, a locked file).
    except (errors.KeyringError, ImportError, RuntimeError, OSError, ValueError) as error:
        raise ConfigurationError(
            f"the keyring did not answer: {type(error).__name__}", hint="Unlock it, or use password_file instead."
        ) from None
    if not text:
        raise ConfigurationError(
            f"the keyring has no password of {user!r} for {service!r}",
            hint=f"keyring set {shlex.quote(service)} {shlex.quote(user)}",
        )
    return Secret(text)
