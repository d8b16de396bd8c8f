"""A `Get-ADSyncServerConfiguration` folder as a whole (server-export.md 0)."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.model.configuration import Connector, ServerConfiguration
from adsyncdiag.model.rules import SyncRule
from adsyncdiag.serverconfig import connector_xml, metaverse_xml, rule_xml
from adsyncdiag.serverconfig.xml import SIZE_LIMIT, Node, parse, shown

CONNECTORS = "Connectors"
SETTINGS = "GlobalSettings"
RULES = "SynchronizationRules"

_EXPECTED = (
    f"Expected is a folder that Get-ADSyncServerConfiguration -Path wrote: {CONNECTORS}, {SETTINGS} and {RULES} with the "
    "*.xml files of the server."
)

_Entry = TypeVar("_Entry")


def load(folder: Path) -> ServerConfiguration:
    """Return the configuration that the export in *folder* holds, its rules in ascending precedence.

    Raises:
        ConfigurationError: *folder* is no export, or one of its files cannot be read or contradicts another; the message
            names the file and the element.
    """
    places = _places(folder)
    with _collector_paused():
        connectors = _read(places[CONNECTORS], connector_xml.ROOT, connector_xml.connector)
        metaverses = _read(places[SETTINGS], metaverse_xml.ROOT, metaverse_xml.metaverse)
        rules = _read(places[RULES], rule_xml.ROOT, rule_xml.rule)
    if len(metaverses) > 1:
        raise ConfigurationError(f"{len(metaverses)} files where one is expected", file=SETTINGS, hint=_EXPECTED)
    _check_connectors(connectors)
    _check_rules(rules, connectors)
    [found] = metaverses
    return ServerConfiguration(
        connectors=tuple(connectors),
        rules=tuple(sorted(rules, key=lambda rule: rule.precedence)),
        metaverse=found.schema,
        settings=found.settings,
        server=found.server,
        version=found.version,
        source=str(folder),
    )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the cyclic garbage collector from searching trees of 50,000 elements that are all alive: a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _places(folder: Path) -> dict[str, Path]:
    """Return the three sub-folders, which are found whatever their letter case."""
    try:
        present = {entry.name.lower(): entry for entry in folder.iterdir() if entry.is_dir()}
    except OSError as error:
        raise ConfigurationError(
            f"the server export cannot be read: {error.strerror}", file=str(folder), hint=_EXPECTED
        ) from None
    missing = [name for name in (CONNECTORS, SETTINGS, RULES) if name.lower() not in present]
    if missing:
        raise ConfigurationError(
            f"this is no server export: it has no folder {' and no folder '.join(missing)}",
            file=str(folder),
            hint=_EXPECTED,
        )
    return {name: present[name.lower()] for name in (CONNECTORS, SETTINGS, RULES)}


def _read(place: Path, root: str, convert: Callable[[Node], _Entry]) -> list[_Entry]:
    """Return what every *.xml of a folder holds, in the order of the file names; at least one has to be there."""
    try:
        paths = sorted(filter(_is_exported, place.iterdir()), key=lambda path: path.name)
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(place), hint=_EXPECTED) from None
    if not paths:
        raise ConfigurationError("holds no *.xml file", file=str(place), hint=_EXPECTED)
    return [convert(parse(_bytes(path), f"{place.name}/{path.name}", root)) for path in paths]


def _is_exported(path: Path) -> bool:
    """Say whether a file belongs to the export; archives packed on a Mac bring a hidden `._name.xml` beside each file."""
    return path.suffix.lower() == ".xml" and not path.name.startswith(".") and path.is_file()


def _bytes(path: Path) -> bytes:
    """Return the bytes of a file, no more than one beyond the limit, at which the parser refuses it."""
    try:
        with path.open("rb") as stream:
            # Reading sets aside what it is asked for: 32 MiB for each of a hundred small files costs more than a look.
            size = os.fstat(stream.fileno()).st_size
            return stream.read(min(size, SIZE_LIMIT) + 1)
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(path)) from None


def _check_connectors(connectors: Iterable[Connector]) -> None:
    """Refuse two connectors with one identifier or one name."""
    seen: dict[object, Connector] = {}
    for connector in connectors:
        for key, element in ((connector.id, "id"), (connector.name.lower(), "name")):
            if (first := seen.setdefault(key, connector)) is not connector:
                raise _twice(connector.file, f"<ma-data/{element}>", first.file)


def _check_rules(rules: Sequence[SyncRule], connectors: Iterable[Connector]) -> None:
    """Refuse two rules with one identifier or one precedence, and a rule of an unknown connector."""
    known = {connector.id for connector in connectors}
    by_id: dict[object, SyncRule] = {}
    by_precedence: dict[int, SyncRule] = {}
    for rule in rules:
        if rule.connector not in known:
            raise ConfigurationError(
                f"the rule {shown(rule.name)} belongs to the connector {rule.connector}, which the export does not hold",
                file=rule.file,
                element=f"<{rule_xml.ROOT}/connector>",
                hint=f"Copy the whole export: every rule needs the file of its connector in {CONNECTORS}.",
            )
        if (first := by_id.setdefault(rule.id, rule)) is not rule:
            raise _twice(rule.file, f"<{rule_xml.ROOT}/id>", first.file)
        if (first := by_precedence.setdefault(rule.precedence, rule)) is not rule:
            raise _twice(rule.file, f"<{rule_xml.ROOT}/precedence>", first.file)


def _twice(file: str, element: str, first: str) -> ConfigurationError:
    return ConfigurationError(
        f"is the same as in {first}",
        file=file,
        element=element,
        hint="Export into an empty folder: one export must not be mixed with another.",
    )
