"""LDIF as the tools write it, and what is refused with file and line."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adsyncdiag.connectors.ad import ldif_file
from adsyncdiag.connectors.ad.ldif import LdifDirectory
from adsyncdiag.connectors.ad.ldif_file import LdifFile
from adsyncdiag.errors import ConfigurationError
from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Image, Unreadable
from adsyncdiag.model.values import Reference

GUID = UUID("00112233-4455-6677-8899-aabbccddeeff")
GUID64 = base64.b64encode(GUID.bytes_le).decode()
ANN = Dn.parse("CN=Ann,DC=contoso,DC=com")
ENTRY = f"dn: CN=Ann,DC=contoso,DC=com\nobjectClass: top\nobjectClass: user\nobjectGUID:: {GUID64}\n"

# ldifde: CRLF, changetype, folding in the middle of base64 and of a word, base64 names
LDIFDE = (
    f"dn: CN=Ann,DC=contoso,DC=com\nchangetype: add\nobjectClass: top\nobjectClass: user\nobjectGUID:: {GUID64[:10]}\n"
    f" {GUID64[10:]}\ncn: Ann\ndescription: not included\nmail: ann@cont\n oso.com\nproxyAddresses: SMTP:ann@contoso.com\n"
    "proxyAddresses:: c210cDphQHg=\nuserAccountControl: 512\n\n"
    f"dn:: {base64.b64encode('CN=Åse,DC=contoso,DC=com'.encode()).decode()}\nchangetype: add\nobjectClass: user\n"
    f"objectGUID:: {base64.b64encode(UUID(int=9).bytes_le).decode()}\ncn:: {base64.b64encode('Åse'.encode()).decode()}\n\n"
)
# ldapsearch without -L: a heading, comments, references and a result
LDAPSEARCH = (
    "# extended LDIF\n#\n# LDAPv3\n# base <dc=contoso,dc=com> with scope subtree\n#\n\n"
    "# Ann, contoso.com\n# and a comment\n  that is folded: dn: CN=No,DC=x\n"
    f"dn: CN=Ann,DC=contoso,DC=com\nobjectClass: top\nobjectClass: user\nobjectGUID:: {GUID64}\ncn: Ann\n"
    "mail:    ann@contoso.com\nproxyAddresses: SMTP:ann@contoso.com\nproxyAddresses: smtp:a@x\nuserAccountControl: 512\n\n"
    "# search reference\nref: ldap://ForestDnsZones.contoso.com/DC=ForestDnsZones,DC=contoso,DC=com\n\n"
    "# Åse, contoso.com\n"
    f"dn:: {base64.b64encode('CN=Åse,DC=contoso,DC=com'.encode()).decode()}\nobjectClass: user\n"
    f"objectGUID:: {base64.b64encode(UUID(int=9).bytes_le).decode()}\ncn:: {base64.b64encode('Åse'.encode()).decode()}\n\n"
    "# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 3\n# numEntries: 2\n"
)


@pytest.mark.parametrize("text", [LDIFDE, "version: 1\n\n" + LDIFDE, "version: 1\n" + LDIFDE, LDAPSEARCH])
@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r\n").encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.rstrip("\n").encode(),
    ],
    ids=["LF", "UTF-8 BOM", "CRLF", "UTF-16LE BOM CRLF", "UTF-16BE BOM", "no line break at the end"],
)
def test_the_tools_dialects_give_the_same_objects(
    ldif: Callable[..., LdifDirectory], text: str, encode: Callable[[str], bytes]
) -> None:
    """Ldifde and ldapsearch, with either line break, encoding and byte order mark, are read alike."""
    directory = ldif(encode(text))
    ann = directory.read(ANN)
    assert isinstance(ann, Image)
    assert ann.attributes == {
        "cn": "Ann",
        "mail": "ann@contoso.com",
        "proxyAddresses": ("SMTP:ann@contoso.com", "smtp:a@x"),
        "userAccountControl": 512,
        "objectGUID": GUID.bytes_le,
    }
    aase = directory.read(Dn.parse("cn=åSE,dc=contoso,dc=com"))
    assert isinstance(aase, Image)
    assert aase.attributes["cn"] == "Åse"
    assert directory.check()["entries"] == "2"


def test_ldbsearchs_text_forms_are_read(ldif: Callable[..., LdifDirectory]) -> None:
    """Samba's ldbsearch writes GUIDs and SIDs as text; the images have the bytes."""
    directory = ldif(
        f"# record 1\ndn: CN=Ann,DC=contoso,DC=com\nobjectClass: user\nobjectGUID: {GUID}\nobjectSid: S-1-5-18\n"
        "mS-DS-CreatorSID: S-1-5-18\n\n# returned 1 records\n"
    )
    ann = directory.read(ANN)
    assert isinstance(ann, Image)
    assert ann.anchor == str(GUID)
    assert ann.attributes["objectSid"] == bytes.fromhex("010100000000000512000000")
    assert ann.attributes["mS-DS-CreatorSID"] == Reference(ANN.text)


MALFORMED = [
    ("dn: CN=Ann,DC=contoso,DC=com\nobjectClass user\n", 2, "is not attribute: value"),
    ("dn: CN=Ann,DC=contoso,DC=com\nobject Class: user\n", 2, "is not attribute: value"),
    ("dn: CN=Ann,DC=contoso,DC=com\n\x1b[31mred: x\n", 2, "is not attribute: value"),
    ("dn: CN=Ann,DC=contoso,DC=com\ncn: Ann\nobjectGUID:: ???\n", 3, "not base64"),
    ("dn: CN=Ann,DC=contoso,DC=com\njpegPhoto:< file:///etc/passwd\n", 2, "not fetched"),
    ("dn: CN=Ann,DC=contoso,DC=com\nchangetype: modify\nreplace: mail\nmail: x\n-\n", 2, "changes"),
    ("dn: CN=Ann,DC=contoso,DC=com\nchangetype: delete\n", 2, "changes"),
    ("dn: CN=Ann,DC=contoso,DC=com\ncontrol: 1.2.3 true\nchangetype: add\n", 2, "changes"),
    ("dn: CN=Ann,DC=contoso,DC=com\ncn: Ann\ndn: CN=Bob,DC=contoso,DC=com\ncn: Bob\n", 3, "second dn"),
    ("\ndn: no name at all\n", 2, "not a distinguished name"),
    ("dn:: ????\n", 1, "not base64"),
    ("# one\n\ndn:: /////w==\n", 3, "not UTF-8"),
    ("version: 2\n\ndn: CN=Ann,DC=contoso,DC=com\n", 1, "another version"),
    ("dn: CN=Ann,DC=contoso,DC=com\ncn: a\n\ndn: cn=ann,dc=contoso,dc=com\ncn: b\n", 4, "twice, first in line 1"),
]


@pytest.mark.parametrize(("text", "line", "words"), MALFORMED)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_is_no_export_is_refused_with_file_and_line(
    ldif: Callable[..., LdifDirectory], text: str, line: int, words: str, encoding: str
) -> None:
    """The message points at the place, whatever the encoding, and shows no control character."""
    with pytest.raises(ConfigurationError, match=words) as caught:
        ldif(text.encode(encoding)).read(ANN)
    assert Path(caught.value.file).name == "forest.ldif"
    assert caught.value.element == f"line {line}"
    assert "\x1b" not in caught.value.message


def test_a_line_number_counts_from_the_top_of_a_large_file(
    ldif: Callable[..., LdifDirectory], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces of the file do not confuse the count."""
    monkeypatch.setattr(ldif_file, "_PIECE", 64)
    padding = "".join(f"dn: CN=P{number},DC=contoso,DC=com\ncn: P{number}\n\n" for number in range(100))
    with pytest.raises(ConfigurationError) as caught:
        ldif(padding + "dn: CN=Ann,DC=contoso,DC=com\nbroken\n").read(ANN)
    assert caught.value.element == "line 302"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no entry"),
        (b"hello\nworld\n", "no entry"),
        (b"d\0n\0:\0 \0", "neither UTF-8 nor UTF-16"),
        (b"\xff\xfed\0n\0:", "does not go on so"),
    ],
)
def test_a_file_that_is_no_ldif_says_so(ldif: Callable[..., LdifDirectory], content: bytes, words: str) -> None:
    """Empty, some other text, UTF-16 without a mark, UTF-16 cut off."""
    with pytest.raises(ConfigurationError, match=words):
        ldif(content).read(ANN)


def test_a_missing_file_names_the_setting(connector: Connector, tmp_path: Path) -> None:
    """The hint is the setting that leads to the file; the constructor does not touch it."""
    directory = LdifDirectory(connector, tmp_path / "nowhere.ldif")
    with pytest.raises(ConfigurationError, match=r"nowhere\.ldif") as caught:
        directory.read(ANN)
    assert '[ad."contoso.com"] ldif' in caught.value.hint


def test_a_file_that_vanishes_after_the_index_was_made_is_an_error_of_ours(
    ldif: Callable[..., LdifDirectory], tmp_path: Path
) -> None:
    """The next read says that the export cannot be read."""
    directory = ldif(ENTRY)
    directory.read(ANN)
    (tmp_path / "forest.ldif").unlink()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        directory.read(ANN)


def test_a_record_larger_than_a_piece_is_read_whole(
    ldif: Callable[..., LdifDirectory], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records may be longer than what is read at once, in the pass and in the look-up, with either line break."""
    monkeypatch.setattr(ldif_file, "_PIECE", 4096)
    members = "".join(f"member: CN=M{number},DC=contoso,DC=com\n" for number in range(9000))
    text = ENTRY + "\n" + ENTRY.replace("CN=Ann", "CN=All") + members + "\n" + ENTRY.replace("CN=Ann", "CN=Last")
    for content in (text, text.replace("\n", "\r\n")):
        directory = ldif(content)
        found = directory.read(Dn.parse("CN=All,DC=contoso,DC=com"))
        assert isinstance(found, Image)
        assert len(found.attributes["member"]) == 9000
        assert isinstance(directory.read(Dn.parse("CN=Last,DC=contoso,DC=com")), Image)
        assert directory.check()["entries"] == "3"


def test_offsets_are_found_at_every_piece_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the reading stops in the middle, every entry and every SID is found."""
    path = tmp_path / "forest.ldif"
    for content in (LDIFDE, LDAPSEARCH, LDIFDE.replace("\n", "\r\n"), "\ufeff" + LDIFDE):
        path.write_bytes(content.replace("userAccountControl: 512", "objectSid: S-1-5-18").encode())
        for size in range(1, 80):
            monkeypatch.setattr(ldif_file, "_PIECE", size)
            file = LdifFile(path, "setting")
            entry = file.entry(ANN)
            assert entry is not None
            assert entry.values("cn") == (b"Ann",)
            owner = file.entry_with("objectSid", bytes.fromhex("010100000000000512000000"))
            assert owner is not None
            assert owner.dn == ANN.text
            assert file.entry(Dn.parse("CN=Åse,DC=contoso,DC=com")) is not None


def test_a_changed_file_is_read_again(ldif: Callable[..., LdifDirectory], tmp_path: Path) -> None:
    """A scheduler that runs for days sees the new export."""
    directory = ldif(ENTRY + "mail: old@x\n")
    assert isinstance(directory.read(ANN), Image)
    replacement = tmp_path / "new.ldif"
    replacement.write_text("dn: CN=Other,DC=contoso,DC=com\n\n" + ENTRY + "mail: newer@x\n", encoding="utf-8")
    replacement.replace(tmp_path / "forest.ldif")
    found = directory.read(ANN)
    assert isinstance(found, Image)
    assert found.attributes["mail"] == "newer@x"


@given(st.binary(max_size=400))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_an_answer_or_an_error_of_ours(ldif: Callable[..., LdifDirectory], data: bytes) -> None:
    """Nothing but our own errors leaves the adapter, whatever the file holds."""
    for content in (data, b"dn: CN=Ann,DC=contoso,DC=com\n" + data):
        with contextlib.suppress(ConfigurationError):  # anything else fails the test
            assert isinstance(ldif(content).read(ANN), Image | Unreadable)


@given(st.lists(st.binary(min_size=1, max_size=90), min_size=1, max_size=4, unique=True), st.integers(1, 80))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_base64_survives_any_folding(ldif: Callable[..., LdifDirectory], values: list[bytes], width: int) -> None:
    """Values written as base64 and folded anywhere come back byte for byte."""
    lines = [f"userCertificate:: {base64.b64encode(value).decode()}" for value in values]
    folded = "".join(
        line[:width] + "".join(f"\n {line[at]}" for at in range(width, len(line))) + "\n" for line in lines
    )
    found = ldif(ENTRY + folded).read(ANN)
    assert isinstance(found, Image)
    assert found.attributes["userCertificate"] == tuple(values)
