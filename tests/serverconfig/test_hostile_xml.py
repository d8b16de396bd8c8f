"""XML that was made to harm, or was damaged on its way, ends in one clear error and costs next to nothing."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.serverconfig.folder import load
from adsyncdiag.serverconfig.xml import MARKUP_LIMIT, parse

Edited = Callable[[str, str, str], Path]

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">'
    + b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(12))
    + b"]><a>&l12;</a>"
)


def refusal(data: bytes, *, limit: int = 1_000_000) -> ConfigurationError:
    """Return the error with which *data* is refused."""
    with pytest.raises(ConfigurationError) as caught:
        parse(data, "Connectors/x.xml", "a", limit=limit)
    return caught.value


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS,
        b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 50_000 + b'">]><a>' + b"&x;" * 50_000 + b"</a>",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]><a/>',
        b'<!DOCTYPE a PUBLIC "-//x//y" "http://127.0.0.1:9/x.dtd"><a/>',
        b"<!--" + b"x" * 100_000 + b"--><!DOCTYPE a><a/>",
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"),
        codecs.BOM_UTF16_BE + '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16-be"),
        b'<?xml version="1.0" encoding="windows-1252"?><!DOCTYPE a><a/>',
    ],
    ids=["laughs", "quadratic", "system", "external", "parameter", "public", "comment", "utf16", "utf16be", "cp1252"],
)
def test_a_document_type_is_refused_at_once(data: bytes) -> None:
    """No entity is expanded and nothing outside is read, whatever the encoding and wherever the declaration stands."""
    start = time.perf_counter()
    error = refusal(data)
    # Expanding would take seconds to hours; the bound is wide, for machines differ.
    assert time.perf_counter() - start < 1
    assert "<!DOCTYPE>" in error.message
    assert error.file == "Connectors/x.xml"


def test_a_bomb_in_an_export_names_its_file(edited: Edited) -> None:
    """The refusal reaches the caller of `load` with the file's name in the export."""
    folder = edited("mv", "<saved-mv", "<!DOCTYPE a><saved-mv")
    with pytest.raises(ConfigurationError) as caught:
        load(folder)
    assert caught.value.file == "GlobalSettings/MV.xml"


@pytest.mark.parametrize(
    "data",
    [
        "<a>é</a>".encode(),
        codecs.BOM_UTF8 + "<a>é</a>".encode(),
        '<?xml version="1.0" encoding="utf-8"?><a>é</a>'.encode(),
        '<?xml version="1.0" encoding="windows-1252"?><a>é</a>'.encode("cp1252"),
        '<?xml version="1.0" encoding="utf-16"?><a>é</a>'.encode("utf-16"),
        codecs.BOM_UTF16_BE + '<?xml version="1.0" encoding="utf-16"?><a>é</a>'.encode("utf-16-be"),
        "<a>é</a>".encode("utf-16"),
        '<?xml version="1.0" encoding="utf-8"?><a>é</a>'.encode("utf-16"),
        '<?xml version="1.0" encoding="utf-16"?><a>é</a>'.encode(),
        codecs.BOM_UTF8 + '<?xml version="1.0" encoding="utf-16"?><a>é</a>'.encode(),
    ],
    ids=["plain", "bom", "declared", "1252", "utf16le", "utf16be", "bare16", "says8", "says16", "bom-says16"],
)
def test_encodings_are_read_from_the_bytes(data: bytes) -> None:
    """UTF-8 and UTF-16 with and without declaration; a declaration that the bytes contradict does no harm."""
    assert parse(data, "x.xml", "a").text() == "é"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "broken XML at line 1"),
        (b"<a><b></a>", "mismatched tag"),
        (b"<a>\n<b>", "broken XML at line 2, column 4: no element found"),
        (b"<a>\0</a>", "not well-formed"),
        (b"\0" * 1000, "broken XML"),
        (b"<a>&nbsp;</a>", "undefined entity"),
        (b"<a>\xff\xfe</a>", "not well-formed"),
        (b"<a/><a/>", "junk after document element"),
        (b"<b/>", "the root element is <b>, expected <a>"),
        (b'<a xmlns="urn:x"/>', "expected <a>"),
        (b"{}", "broken XML"),
        (b'<?xml version="1.0" encoding="x-unknown"?><a/>', "encoding cannot be read"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "encoding cannot be read"),
        (b'<?xml version="1.0" encoding="base64"?><a/>', "encoding cannot be read"),
        ("<a>é</a>".encode("utf-32"), "broken XML"),
        ("<a>é</a>".encode("utf-16")[:-3], "broken XML"),
    ],
)  # fmt: skip
def test_damaged_xml_is_refused_with_the_place(data: bytes, words: str) -> None:
    """Truncated, mixed up, of another root, in an encoding nobody knows: the message says which, and where."""
    assert words in refusal(data).message


def test_a_file_over_the_limit_is_refused_unread() -> None:
    """The limit counts bytes; a file at the limit is still read."""
    data = b"<a>" + b"x" * 993 + b"</a>"
    assert len(data) == 1000
    assert parse(data, "x.xml", "a", limit=1000).text() == "x" * 993
    error = refusal(data, limit=999)
    assert "larger than the 999 bytes" in error.message


def test_a_huge_file_in_an_export_is_refused_without_reading_it_whole(copied: Path) -> None:
    """A sparse file of 200 MB costs no memory: reading stops one byte behind the limit."""
    with (copied / "GlobalSettings" / "MV.xml").open("r+b") as stream:
        stream.truncate(200 * 2**20)
    with pytest.raises(ConfigurationError, match="larger than the 33,554,432 bytes"):
        load(copied)


@pytest.mark.parametrize("piece", [b"<b/>", b'<b c="" d=""/>'])
def test_a_file_of_nothing_but_tags_is_refused(piece: bytes) -> None:
    """A tree takes thirty times the bytes of such a file, so the number of tags and of attributes is bounded."""
    data = b"<a>" + piece * MARKUP_LIMIT + b"</a>"
    assert "tags or attributes" in refusal(data, limit=len(data)).message


def test_deep_nesting_does_not_overflow() -> None:
    """A hundred thousand levels are read and given back without recursion."""
    depth = 100_000
    node = parse(b"<a>" + b"<b>" * depth + b"</b>" * depth + b"</a>", "x.xml", "a", limit=10_000_000)
    assert node.child("b") is not None


def test_long_and_hostile_values_are_quoted_short(edited: Edited) -> None:
    """A value in a message is escaped and cut: no control character reaches a terminal, no page of text either."""
    folder = edited("in", "<linkType>Provision<", f"<linkType>&#x85;\u202e{'x' * 5000}<")
    with pytest.raises(ConfigurationError) as caught:
        load(folder)
    text = str(caught.value)
    assert "\x85" not in text
    assert "\u202e" not in text
    assert len(text) < 500
