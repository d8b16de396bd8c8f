"""`adsyncdiag.toml` read and checked; every error names the line.

With the standard library alone: every command passes here, and pydantic would cost each of them 80 ms.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.settings.model import (
    FILE_NAME,
    AdSettings,
    EntraSettings,
    GuardSettings,
    ServerSettings,
    Settings,
    StoreSettings,
)
from adsyncdiag.settings.workspace import INIT_HINT

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_SIZE_LIMIT = 64 * 1024
_LINE_LIMIT = 2048
"""Characters; tomllib needs the square of a key's length, 18 s for one of 64,000 characters."""
_CANDIDATES = 25
_ERROR_LINE = re.compile(r"line \d+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TITLES = {
    bool: "true or false",
    int: "a whole number",
    str: "text",
    dict: "a table",
    list: "a list",
    float: "a number",
}

_Section = TypeVar("_Section", bound="DataclassInstance")


def load(workspace: Path) -> Settings:
    """Return the settings of *workspace*, empty ones filled from AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_AUTHORITY_HOST.

    Raises:
        ConfigurationError: The file is missing, is no TOML, or says something unknown or impossible; with the line.
    """
    workspace = workspace.absolute()
    return _Reader(workspace, _text(workspace / FILE_NAME)).settings()


def _text(path: Path) -> str:
    """Return the text of the settings file; a byte order mark, as Windows editors write it, is dropped."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise ConfigurationError("the workspace has no settings", file=str(path), hint=INIT_HINT) from None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot be read: {_reason(error)}", file=str(path), hint=INIT_HINT) from None
    if len(data) > _SIZE_LIMIT:
        raise ConfigurationError(f"larger than {_SIZE_LIMIT:,} bytes", file=str(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            "not UTF-8", file=str(path), element=f"line {line}", hint="Save the file as UTF-8."
        ) from None


class _Reader:
    """One settings file while it is checked; knows on which line a key stands."""

    def __init__(self, workspace: Path, text: str) -> None:
        self.workspace = workspace
        self.file = str(workspace / FILE_NAME)
        self.lines = text.replace("\r\n", "\n").split("\n")
        if long := next((number for number, line in enumerate(self.lines, 1) if len(line) > _LINE_LIMIT), 0):
            raise ConfigurationError("the line is too long", file=self.file, element=f"line {long}")
        try:
            self.table: Mapping[str, object] = tomllib.loads(text)
        except RecursionError:
            raise ConfigurationError("nested too deeply", file=self.file) from None
        except ValueError as error:  # TOMLDecodeError, and a number too long for int()
            message, _, place = str(error).partition(" (at ")
            if place.startswith("end of document"):
                place = f"line {len(text.rstrip().splitlines())}"
            line = _ERROR_LINE.match(place)
            raise ConfigurationError(message, file=self.file, element=line[0] if line else "") from None

    def settings(self) -> Settings:
        """Return the file's settings, each section checked, with the environment's values where the file has none."""
        self.check_keys((), self.table, [entry.name for entry in fields(Settings) if entry.name != "workspace"])
        return Settings(
            self.workspace,
            self.section(ServerSettings, ("server",), {"export": self.workspace / ServerSettings().export}),
            self.section(EntraSettings, ("entra",), _from_environment()),
            self.directories(),
            self.section(GuardSettings, ("guards",), {}),
            self.section(StoreSettings, ("store",), {}),
        )

    def directories(self) -> dict[str, AdSettings]:
        """Return the forests by the names of their connectors, which are unique whatever their case."""
        found: dict[str, AdSettings] = {}
        for name in self.content(("ad",)):
            entry = self.section(AdSettings, ("ad", name), {})
            if name.lower() in map(str.lower, found):
                raise self.error(("ad", name), "this connector has a section already")
            if entry.url and entry.ldif:
                raise self.error(("ad", name, "ldif"), "a forest is read from url or from ldif, not from both")
            found[name] = entry
        return found

    def section(self, kind: type[_Section], path: tuple[str, ...], defaults: Mapping[str, object]) -> _Section:
        """Return one section; a key that is missing or "" has its value of *defaults*, else that of the class."""
        types = {entry.name: str(entry.type) for entry in fields(kind)}
        content = self.content(path)
        self.check_keys(path, content, list(types))
        given = {key: self.value((*path, key), types[key], value) for key, value in content.items()}
        return kind(**{**defaults, **{key: value for key, value in given.items() if value != ""}})

    def content(self, path: tuple[str, ...]) -> Mapping[str, object]:
        """Return the table at *path*; empty where there is none."""
        found: object = self.table
        for number, name in enumerate(path, 1):
            found = found.get(name, {}) if isinstance(found, Mapping) else {}
            if not isinstance(found, Mapping):
                raise self.error(path[:number], f"expected a table, found {_title(found)}")
        return found if isinstance(found, Mapping) else {}

    def check_keys(self, path: tuple[str, ...], content: Mapping[str, object], known: Sequence[str]) -> None:
        """Refuse a key that does not exist."""
        for key in content:
            if key not in known:
                raise self.error((*path, key), f"unknown key {key!r}", hint=_hint(key, known))

    def value(self, path: tuple[str, ...], kind: str, value: object) -> object:
        """Return the value of a key in the type its section declares."""
        expected = {"bool": bool, "int": int}.get(kind, str)
        if type(value) is not expected:
            raise self.error(path, f"expected {_TITLES[expected]}, found {_title(value)}")
        if wrong := _wrong(path[0], path[-1], value):
            raise self.error(path, wrong)
        text = str(value)
        if text and kind.startswith("Path"):
            return self.workspace / text
        return text.rstrip("/") if path[-1] in ("graph_root", "authority") else value

    def error(self, path: tuple[str, ...], message: str, hint: str = "") -> ConfigurationError:
        """Return an error about the key at *path*, with its line."""
        number = self.line(path)
        names = [name if name.isprintable() else repr(name) for name in path]
        place = f"[{'.'.join(names[:-1])}] {names[-1]}" if len(names) > 1 else f"[{names[0]}]"
        element = f"line {number}" if number else place
        return ConfigurationError(
            f"{place}: {message}" if number else message, file=self.file, element=element, hint=hint
        )

    def line(self, path: tuple[str, ...]) -> int:
        """Return the number of the line that brings the key at *path*; 0 where that cannot be told.

        It is the first line that makes the text up to it hold the key, a value over several lines cut to its first.
        """
        numbers = [number for number, line in enumerate(self.lines) if path[-1] in line or "\\" in line]
        for number in numbers[:_CANDIDATES]:
            before, line = "\n".join(self.lines[:number]), self.lines[number]
            if _holds(f"{before}\n{line.partition('=')[0]}= 0", path) or _holds(f"{before}\n{line}", path):
                return number + 1
        return 0


def _holds(text: str, path: Sequence[str]) -> bool:
    """Say whether *text* is TOML and has a key at *path*."""
    try:
        found: object = tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    for name in path:
        if not isinstance(found, dict) or name not in found:
            return False
        found = found[name]
    return True


def _wrong(section: str, key: str, value: object) -> str:
    """Return what is wrong with a value of the right type, or ""."""
    if isinstance(value, bool) or value == "":
        return ""
    if isinstance(value, int):
        highest = 100 if key.endswith("_percent") else 2**31 - 1
        return "" if 0 <= value <= highest else f"expected a number from 0 to {highest}, found {value}"
    text = str(value)
    if _CONTROL.search(text):
        return "holds a control character"
    starts = {
        ("entra", "graph_root"): ("https://",),
        ("entra", "authority"): ("https://",),
        ("ad", "url"): ("ldaps://", "ldap://"),
    }.get((section, key), ("",))
    if not text.lower().startswith(starts):
        return f"expected an address that starts with {' or '.join(starts)}"
    return 'expected "" or "displayName"' if key == "adopt_groups" and text != "displayName" else ""


def _from_environment() -> dict[str, object]:
    """Return what the AZURE_ variables say for `[entra]` (cmdlets-and-graph.md, *Env conventions*)."""
    names = {"tenant_id": "AZURE_TENANT_ID", "client_id": "AZURE_CLIENT_ID", "authority": "AZURE_AUTHORITY_HOST"}
    found = {key: value.strip() for key, name in names.items() if (value := os.environ.get(name, "").strip())}
    if authority := found.get("authority", "").rstrip("/"):
        # The Azure SDKs accept a bare host name here.
        found["authority"] = authority if "://" in authority else f"https://{authority}"
        if wrong := _wrong("entra", "authority", found["authority"]):
            raise ConfigurationError(wrong, file="AZURE_AUTHORITY_HOST")
    return dict(found)


def _hint(key: str, known: Sequence[str]) -> str:
    """Return what to write instead of an unknown key."""
    if key in ("password", "client_secret"):
        return f"Secrets do not stand in this file; use {key}_file, or the environment."
    from difflib import get_close_matches  # 10 ms that only an error has to pay

    close = get_close_matches(key, known, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(known)}."


def _title(value: object) -> str:
    return next((title for kind, title in _TITLES.items() if type(value) is kind), "a date or time")


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
