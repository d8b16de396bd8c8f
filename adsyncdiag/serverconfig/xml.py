"""Safe XML from bytes, and typed access to it; every error names the file and the element.

A document type declaration is refused as a whole: without one there is no entity to expand and nothing external to read
(OWASP *XML External Entity Prevention*). Bytes go to the parser, never decoded text, since exports differ in encoding
and byte order mark (server-export.md 0).
"""

from __future__ import annotations

import codecs
import re
from uuid import UUID

# Safe here: entity attacks need a document type declaration, which `parse` refuses twice; size and count are bounded.
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.parsers.expat import ErrorString

from adsyncdiag.errors import ConfigurationError, UsageError
from adsyncdiag.model.names import Dn, guid

SIZE_LIMIT = 32 * 2**20
"""Bytes in one file; the connector of a forest with the Exchange schema has 1.8 million."""
MARKUP_LIMIT = 1_000_000
"""Tags, and also attributes, in one file; that connector has 60 and 64 thousand. Bounds the memory of the tree."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}\Z")
_SAYS_UTF16 = re.compile(rb"\s*<\?xml[^>]{0,200}encoding\s*=\s*[\"']utf-16", re.IGNORECASE)
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Expat acts on an exception of ours only after the whole text, entities expanded. Every encoding it reads spells the word so.
_DOCTYPE = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_RE_EXPORT = "Export the configuration again with Get-ADSyncServerConfiguration; its files are not meant to be edited."


class _Refused(Exception):
    """The document declares a document type."""


class _Builder(TreeBuilder):
    """Builds the tree of a document without a document type declaration."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise _Refused


def parse(data: bytes, file: str, root: str, *, limit: int = SIZE_LIMIT) -> Node:
    """Return the root element of *data*, which has to be called *root*.

    Args:
        data: The bytes of the file: UTF-8, UTF-16, or what its XML declaration says. A byte order mark wins over the
            declaration, and so do bytes that cannot be the UTF-16 they claim (text writers of .NET leave such files).
        file: The name used in messages.
        root: The name of the root element.
        limit: The greatest size accepted, in bytes.

    Raises:
        ConfigurationError: The file is too large, is not well-formed, declares a document type or has another root.
    """
    if len(data) > limit:
        raise ConfigurationError(f"larger than the {limit:,} bytes that are read of one file", file=file)
    if len(data) > MARKUP_LIMIT and max(data.count(b"<"), data.count(b"=")) > MARKUP_LIMIT:
        raise ConfigurationError(f"more than {MARKUP_LIMIT:,} tags or attributes", file=file)
    if any(mark in data for mark in _DOCTYPE):
        raise _refusal(file)
    parser = XMLParser(target=_Builder(), encoding=_encoding(data))  # noqa: S314
    try:
        parser.feed(data)
        element = parser.close()
    except _Refused:
        raise _refusal(file) from None
    except ParseError as error:
        line, column = error.position
        raise ConfigurationError(
            f"broken XML at line {line}, column {column + 1}: {ErrorString(error.code)}",
            file=file,
            hint=_RE_EXPORT,
        ) from None
    except (ValueError, LookupError) as error:  # an encoding that Python does not know, or cannot map byte by byte
        raise ConfigurationError(f"its text encoding cannot be read: {error}", file=file, hint=_RE_EXPORT) from None
    if element.tag != root:
        raise ConfigurationError(f"the root element is <{_local(element)}>, expected <{root}>", file=file)
    return Node(element, file)


def shown(text: str) -> str:
    """Return *text* as a message quotes it: escaped, and cut where it is long."""
    return repr(text if len(text) <= 80 else f"{text[:77]}...")


class Node:
    """An element of an exported file; every accessor returns a typed value or raises `ConfigurationError`.

    *path* is the name of a child, or a path of names (`filter/object-classes`); only the first match counts.
    """

    __slots__ = ("element", "file")

    def __init__(self, element: Element, file: str) -> None:
        self.element = element
        self.file = file

    def error(self, message: str, path: str = "", *, hint: str = _RE_EXPORT) -> ConfigurationError:
        """Return an error about this element, or about its child at *path*."""
        names = [_local(self.element), *([path] if path else [])]
        return ConfigurationError(message, file=self.file, element=f"<{'/'.join(names)}>", hint=hint)

    def all(self, path: str) -> list[Node]:
        """Return every element at *path*, in the order of the file."""
        return [Node(found, self.file) for found in self.element.findall(path)]

    def child(self, path: str) -> Node | None:
        """Return the element at *path*, or None."""
        found = self.element.find(path)
        return None if found is None else Node(found, self.file)

    def text(self, path: str = "", default: str = "") -> str:
        """Return the text at *path* (of the element itself for ""), without white space around it."""
        found = self.element.text if not path else self.element.findtext(path)
        return (found or "").strip() or default

    def required(self, path: str) -> str:
        """Return the text at *path*, which has to be there."""
        return self.text(path) or self._missing(path)

    def value(self, path: str = "") -> str:
        """Return the text at *path* with its blanks, which may matter in a value; "" where there is only layout."""
        found = (self.element.text if not path else self.element.findtext(path)) or ""
        return "" if found.isspace() and "\n" in found else found

    def flag(self, path: str, default: bool = False) -> bool:
        """Return a Boolean as exports spell it: `True`, `true` or `1`, and `False`, `false` or `0`."""
        found = self.text(path)
        if not found:
            return default
        flag = _FLAGS.get(found.lower())
        if flag is None:
            raise self.error(f"{shown(found)} is neither True nor False", path)
        return flag

    def integer(self, path: str, default: int | None = None) -> int:
        """Return a decimal number; *default* where it is missing, if there is a default."""
        found = self.text(path)
        if not found and default is not None:
            return default
        if not _INTEGER.match(found):
            raise self.error(f"{shown(found)} is not a number" if found else "is missing", path)
        return int(found)

    def identifier(self, path: str) -> UUID:
        """Return a GUID, whatever its case and braces (server-export.md 0)."""
        found = self.required(path)
        try:
            return guid(found)
        except UsageError:
            raise self.error(f"{shown(found)} is not a GUID", path) from None

    def name(self, path: str = "") -> Dn:
        """Return a distinguished name."""
        found = self.required(path) if path else self.text()
        try:
            return Dn.parse(found)
        except UsageError:
            raise self.error(f"{shown(found)} is not a distinguished name", path) from None

    def _missing(self, path: str) -> str:
        raise self.error("is missing or empty", path)


def _refusal(file: str) -> ConfigurationError:
    return ConfigurationError("a document type declaration (<!DOCTYPE>) is not accepted", file=file, hint=_RE_EXPORT)


def _encoding(data: bytes) -> str | None:
    """Return the encoding that the bytes themselves show, or None to believe the XML declaration."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    return "utf-8" if _SAYS_UTF16.match(data) else None


def _local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]
