"""An LDIF file for look-ups: one fast pass notes where each entry begins, and only the wanted entries are decoded.

The pass runs on first use and again when the file has changed. It reads in pieces, so memory holds the names and not the
file; a UTF-16 file, which offsets do not suit, is the exception. No index is kept beside the file: the pass takes about
0.65 s for 100,000 entries (measured, 66 MB), and an index that is older than its file would lie.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from adsyncdiag.connectors.ad.convert import Entry
from adsyncdiag.connectors.ad.ldif_record import Malformed, binary_form, dn_text, parse_record, value_of
from adsyncdiag.connectors.ad.names import folded
from adsyncdiag.errors import ConfigurationError, UsageError
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import dn_key

_PIECE = 4 * 1024 * 1024
_LONGEST_RECORD = 256 * 1024 * 1024
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
# The line break in front is the regular expression's literal prefix, which makes the search fast.
_NAMES = re.compile(rb"\n[dD][nN]:([^\r\n]*(?:\r?\n [^\r\n]*)*)")
_FOLD = re.compile(rb"\r?\n ")
_DOMAIN = re.compile(r"(?:\A|\n)(dc=[^\n]*(?:\ndc=[^\n]*)*)\Z")
_END = re.compile(rb"\n\r?\n")
_RESULT = re.compile(rb"\nresult: (\d+) ([^\r\n]*)")
_VERSION = re.compile(rb"\nversion:(?![ ]*1\s)([^\r\n]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Index:
    """Where the entries of one state of the file begin; offsets count in its UTF-8 form."""

    signature: tuple[int, int, int]
    encoding: str
    offsets: dict[str, int]
    """By folded DN, in the order of the file."""
    result: str = ""
    """What ldapsearch says at the end when its search did not end well."""
    converted: bytes | None = field(default=None, repr=False)
    """The file's text in UTF-8, where the file has it otherwise."""


class LdifFile:
    """One export file; *setting* is how messages name the setting that leads to it."""

    def __init__(self, path: Path, setting: str) -> None:
        self.path = path
        self._setting = setting
        self._index: Index | None = None
        self._by_value: dict[str, dict[bytes, int]] = {}

    @property
    def index(self) -> Index:
        """The index of the file as it is now; raises `ConfigurationError` with the line for what is no export."""
        with self._readable():
            status = self.path.stat()
            signature = (status.st_ino, status.st_size, status.st_mtime_ns)
            if self._index is None or self._index.signature != signature:
                self._by_value = {}
                self._index = self._built(signature)
        return self._index

    def entry(self, dn: Dn) -> Entry | None:
        """Return the entry at *dn*, or None when the file has none."""
        index = self.index
        offset = index.offsets.get(dn_key(dn))
        return None if offset is None else self._parsed(index, offset)

    def entry_with(self, attribute: str, value: bytes) -> Entry | None:
        """Return the entry that has *value* in *attribute* (objectSid, objectGUID); the file is searched once for each."""
        index = self.index
        if attribute not in self._by_value:
            with self._readable():
                self._by_value[attribute] = self._values(index, attribute)
        offset = self._by_value[attribute].get(value)
        return None if offset is None else self._parsed(index, offset)

    def domains(self) -> tuple[str, ...]:
        """Return the domains of which the file has objects, folded, in alphabetical order."""
        found = {match[1] for key in self.index.offsets if (match := _DOMAIN.search(key))}
        return tuple(sorted(domain.replace("\n", ",") for domain in found))

    def close(self) -> None:
        """Forget the index; the file itself is never held open."""
        self._index = None
        self._by_value = {}

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Translate what the operating system says of the file."""
        try:
            yield
        except OSError as error:
            raise ConfigurationError(
                f"the export cannot be read ({error.strerror})", file=str(self.path), hint=f"Check {self._setting}."
            ) from error

    def _built(self, signature: tuple[int, int, int]) -> Index:
        with self.path.open("rb") as stream:
            head = stream.read(4)
            if b"\0" in head and head[:2] not in _UTF16_BOMS:
                raise ConfigurationError(
                    "the file is neither UTF-8 nor UTF-16 with a byte order mark",
                    file=str(self.path),
                    hint="Export with ldifde -u, or convert the file to UTF-8.",
                )
            converted = None
            if head[:2] in _UTF16_BOMS:
                converted = self._converted(head + stream.read())
            stream.seek(0)
            source: BinaryIO = stream if converted is None else io.BytesIO(converted)
            offsets, result = self._offsets(source, converted)
        if not offsets:
            raise ConfigurationError(
                "the file has no entry: no line begins with dn:",
                file=str(self.path),
                hint='Export with ldifde -f forest.ldf -d "DC=contoso,DC=com" -l *, or with ldapsearch.',
            )
        encoding = "UTF-8" if converted is None else "UTF-16"
        return Index(signature, encoding, offsets, result, converted)

    def _converted(self, data: bytes) -> bytes:
        try:
            return data.decode("utf-16").encode("utf-8")
        except UnicodeError as error:
            raise ConfigurationError(
                "the file begins as UTF-16 and does not go on so", file=str(self.path), hint="Export it again."
            ) from error

    def _offsets(self, source: BinaryIO, converted: bytes | None) -> tuple[dict[str, int], str]:
        offsets: dict[str, int] = {}
        result = ""
        for base, piece in self._pieces(source):
            if base < 3 and (other := _VERSION.search(piece)):
                raise self._malformed(
                    converted, base + other.start() + 1, Malformed(0, "LDIF of another version than 1")
                )
            for match in _NAMES.finditer(piece):
                offset = base + match.start() + 1
                try:
                    key = _key(match[1])
                except Malformed as error:
                    raise self._malformed(converted, offset, error) from error
                if key and offsets.setdefault(key, offset) != offset:
                    first = self._line(converted, offsets[key])
                    raise self._malformed(converted, offset, _twice(match[1], first))
            if ended := _RESULT.search(piece):
                result = "" if ended[1] == b"0" else (ended[1] + b" " + ended[2]).decode("utf-8", "replace")
        return offsets, result

    def _pieces(self, source: BinaryIO) -> Iterator[tuple[int, bytes]]:
        """Yield the file in pieces that end between records, each with the offset of its first byte.

        The first begins with a line break that is not in the file, so that every record has one before it.
        """
        head = source.read(len(_UTF8_BOM))
        base, buffer = (2, b"\n") if head == _UTF8_BOM else (-1, b"\n" + head)
        while chunk := source.read(_PIECE):
            buffer += chunk
            cut = max(buffer.rfind(b"\n\n"), buffer.rfind(b"\n\r\n")) + 1
            if cut > 0:
                yield base, buffer[:cut]
                base, buffer = base + cut, buffer[cut:]
            elif len(buffer) > _LONGEST_RECORD:
                raise ConfigurationError("256 MB without an empty line: this is no LDIF", file=str(self.path))
        yield base, buffer

    def _values(self, index: Index, attribute: str) -> dict[bytes, int]:
        """Return where the entry of each value of *attribute* begins."""
        either = b"".join(b"[%c%c]" % (char, char ^ 0x20) for char in attribute.lower().encode("ascii"))
        pattern = re.compile(rb"\n" + either + rb":([^\r\n]*(?:\r?\n [^\r\n]*)*)")
        begins = sorted(index.offsets.values())
        found: dict[bytes, int] = {}
        with self._opened(index) as source:
            for base, piece in self._pieces(source):
                for match in pattern.finditer(piece):
                    at = bisect_right(begins, base + match.start())
                    try:
                        value = binary_form(attribute.lower(), value_of(0, _FOLD.sub(b"", match[1])))
                    except Malformed:
                        continue  # the entry itself says so when it is read
                    if at:
                        found.setdefault(value, begins[at - 1])
        return found

    def _opened(self, index: Index) -> BinaryIO:
        return self.path.open("rb") if index.converted is None else io.BytesIO(index.converted)

    def _parsed(self, index: Index, offset: int) -> Entry:
        with self._readable():
            record = self._record(index, offset)
        try:
            return parse_record(record)
        except Malformed as error:
            raise self._malformed(index.converted, offset, error) from error

    def _record(self, index: Index, offset: int) -> bytes:
        """Return the bytes from *offset* to the empty line after it."""
        with self._opened(index) as source:
            source.seek(offset)
            buffer, size = b"", 64 * 1024
            while chunk := source.read(size):
                searched = max(0, len(buffer) - 3)
                buffer += chunk
                if end := _END.search(buffer, searched):
                    return buffer[: end.start()]
                size *= 2
            return buffer

    def _malformed(self, converted: bytes | None, offset: int, error: Malformed) -> ConfigurationError:
        line = self._line(converted, offset) + error.line
        return ConfigurationError(error.message, file=str(self.path), element=f"line {line}", hint=error.hint)

    def _line(self, converted: bytes | None, offset: int) -> int:
        """Return the number of the line at *offset*, from 1; counted only when a message needs it."""
        with self.path.open("rb") if converted is None else io.BytesIO(converted) as source:
            line, left = 1, offset
            while left > 0 and (chunk := source.read(min(_PIECE, left))):
                line += chunk.count(b"\n")
                left -= len(chunk)
            return line


def _key(raw: bytes) -> str:
    """Return the folded DN behind `dn:`, "" for the root DSE's; raise `Malformed` when it is no DN."""
    text = _dn(raw)
    try:
        return folded(text) if text.strip() else ""
    except UsageError as error:
        raise Malformed(0, error.message, error.hint) from error


def _dn(raw: bytes) -> str:
    value = _FOLD.sub(b"", raw) if b"\n" in raw else raw
    return dn_text(0, value_of(0, value))


def _twice(raw: bytes, first: int) -> Malformed:
    return Malformed(0, f"{_dn(raw)!r} is in the file twice, first in line {first}", "Keep one of the two.")
