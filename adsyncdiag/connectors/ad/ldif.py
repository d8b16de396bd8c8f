"""An LDIF export behind the port `SourceDirectory`: for diagnosing from a file, and for the lab's forest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from adsyncdiag.connectors.ad import answers
from adsyncdiag.connectors.ad.convert import Decoder, Entry, Missing
from adsyncdiag.connectors.ad.ldif_file import LdifFile
from adsyncdiag.connectors.ad.names import folded
from adsyncdiag.connectors.ad.ranges import Part, joined
from adsyncdiag.connectors.ad.target import setting
from adsyncdiag.errors import ConfigurationError, UsageError
from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Image, Unreadable, dn_key


class LdifDirectory:
    """A file written by ldifde or ldapsearch; read on first use, and again when it has changed.

    *unreadable* names objects that are answered as Active Directory answers without rights: a set of DNs, or a file with one
    DN a line (`#` begins a comment line); by default `unreadable.txt` beside the export, where there is one. Every method
    raises `ConfigurationError`, with file and line, for a file that is no export.
    """

    def __init__(self, connector: Connector, path: Path, *, unreadable: frozenset[Dn] | Path | None = None) -> None:
        self._connector = connector
        self._file = LdifFile(path, setting(connector.name, "ldif"))
        self._decoder = Decoder(connector, self._owner)
        self._unreadable_source = unreadable

    def __repr__(self) -> str:
        return f"LdifDirectory({str(self._file.path)!r})"

    def read(self, dn: Dn) -> Image | Unreadable:
        """Return the object at *dn* as the file has it, with its included attributes, or why it is not to be had."""
        where = self._file.path.name
        if dn in self._unreadable:
            return answers.not_shown(where, dn)
        entry, parts = self._entry(dn)
        if entry is None:
            return answers.not_exported(where, dn, self._note(dn))
        wanted = {name.lower() for name in self._decoder.wanted}
        for part in parts:
            if part.name.lower() in wanted:
                return answers.exported_in_part(where, dn, part.name, part.count)
        image = self._decoder.image(entry)
        return answers.exported_without(where, dn, image.attribute) if isinstance(image, Missing) else image

    def is_member(self, group: Dn, member: Dn) -> bool | None:
        """Say whether *member* is a direct member of *group*; None when the group, or the rest of its members, is not there."""
        if group in self._unreadable:
            return None
        entry, parts = self._entry(group)
        if entry is None or not entry.values("objectGUID"):
            return None
        wanted = dn_key(member)
        if any(_key(value) == wanted for value in entry.values("member")):
            return True
        return None if any(part.name.lower() == "member" for part in parts) else False

    def check(self) -> Mapping[str, str]:
        """Read the file; return its path, encoding, number of entries, domains, age, and whether the export was complete."""
        index = self._file.index
        written = datetime.fromtimestamp(index.signature[2] / 1e9, UTC)
        facts = {
            "file": str(self._file.path),
            "encoding": index.encoding,
            "entries": str(len(index.offsets)),
            "domains": "; ".join(self._file.domains()),
            "written": f"{written:%Y-%m-%dT%H:%M:%SZ}",
            "unreadable": str(len(self._unreadable)) if self._unreadable else "",
            "incomplete": f"the search that wrote it ended with result {index.result}" if index.result else "",
        }
        return {name: fact for name, fact in facts.items() if fact}

    def close(self) -> None:
        """Forget the index of the file."""
        self._file.close()

    def _entry(self, dn: Dn) -> tuple[Entry | None, tuple[Part, ...]]:
        """Return the entry with the ranges of each attribute joined, and the attributes that are there in part."""
        entry = self._file.entry(dn)
        if entry is None:
            return None, ()
        whole, parts = joined(entry.attributes)
        return Entry(entry.dn, whole), parts

    def _owner(self, sid: bytes) -> str | None:
        """Return the DN of the account with this SID, if the file has it and it may be read."""
        entry = self._file.entry_with("objectSid", sid)
        if entry is None or Dn.parse(entry.dn) in self._unreadable:
            return None
        return entry.dn

    def _note(self, dn: Dn) -> str:
        """Return what about the file may explain that *dn* is missing."""
        result = self._file.index.result
        if result:
            return f"The export is not complete: the search that wrote it ended with result {result}."
        if note := answers.no_partition(self._connector, dn):
            return note
        domains = self._file.domains()
        if dn.domain is not None and dn_key(dn.domain).replace("\n", ",") not in domains:
            return f"It has objects of {', '.join(domains) or 'no domain'} only."
        return ""

    @cached_property
    def _unreadable(self) -> frozenset[Dn]:
        source = self._unreadable_source
        if isinstance(source, frozenset):
            return source
        path = source or self._file.path.with_name("unreadable.txt")
        if source is None and not path.exists():
            return frozenset()
        return _listed(path)


def _key(value: bytes) -> str | None:
    try:
        return folded(value.decode("utf-8"))
    except (UnicodeDecodeError, UsageError):
        return None


def _listed(path: Path) -> frozenset[Dn]:
    """Return the DNs a file lists."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "the list of unreadable objects cannot be read", file=str(path), hint="UTF-8 text with one DN a line."
        ) from error
    found = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            found.add(Dn.parse(line.strip()))
        except UsageError as error:
            raise ConfigurationError(
                error.message, file=str(path), element=f"line {number}", hint=error.hint
            ) from error
    return frozenset(found)
