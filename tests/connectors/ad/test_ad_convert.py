"""Raw LDAP values become typed values, or are left out."""

from __future__ import annotations

import logging
from dataclasses import replace
from uuid import UUID

import pytest

from adsyncdiag.connectors.ad.convert import Decoder, Entry, Missing
from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.objects import Image
from adsyncdiag.model.values import Reference, Value

GUID = UUID("00112233-4455-6677-8899-aabbccddeeff")
SID = bytes.fromhex("01020000000000052000000020020000")
IDENTITY = {"objectGUID": [GUID.bytes_le], "objectClass": [b"top", b"person", b"organizationalPerson", b"user"]}


def decoded(connector: Connector, attributes: dict[str, list[bytes]], *, owner: str | None = None) -> Image:
    """Return the image of a user with these raw attributes."""
    image = Decoder(connector, lambda sid: owner).image(Entry("CN=Ann,DC=contoso,DC=com", {**IDENTITY, **attributes}))
    assert isinstance(image, Image)
    return image


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("mail", [b"ann@x"], "ann@x"),
        ("MAIL", ["Åse".encode()], "Åse"),
        ("whenCreated", [b"20260302120000.0Z"], "20260302120000.0Z"),
        ("userAccountControl", [b"512"], 512),
        ("groupType", [b"-2147483646"], -2147483646),
        ("pwdLastSet", [b"9223372036854775807"], 9223372036854775807),
        ("isCriticalSystemObject", [b"TRUE"], True),
        ("isCriticalSystemObject", [b"false"], False),
        ("userCertificate", [b"\x00\xff", b"\x01"], (b"\x00\xff", b"\x01")),
        ("userCertificate;binary", [b"\x00"], (b"\x00",)),
        ("proxyAddresses", [b"smtp:b@x", b"SMTP:a@x", b"smtp:b@x", b""], ("smtp:b@x", "SMTP:a@x")),
        ("member", [b"CN=A,DC=x", b"cn=a,dc=X"], (Reference("CN=A,DC=x"),)),
        ("manager", [b"CN=Boss, OU=corp ,DC=x"], Reference("CN=Boss,OU=corp,DC=x")),
        ("authOrig", [b"B:4:00FF:CN=A,DC=x", b"S:3:abc:CN=B,DC=x"], (Reference("CN=A,DC=x"), Reference("CN=B,DC=x"))),
        ("objectSid", [SID], SID),
    ],
)
def test_values_have_the_schemas_type_and_order(
    connector: Connector, name: str, raw: list[bytes], expected: Value
) -> None:
    """Types from the schema, multi-valued as tuples in the order they came, duplicates and empty values dropped."""
    attributes = decoded(connector, {name: raw}).attributes
    spelt = connector.schema.spelling(name.split(";")[0])
    assert spelt is not None
    assert attributes[spelt] == expected
    assert type(attributes[spelt]) is type(expected)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("mail", [b"\xff\xfe"]),
        ("userAccountControl", [b"0x200"]),
        ("userAccountControl", [b"1_000"]),
        ("userAccountControl", ["１２".encode()]),
        ("pwdLastSet", [b"9223372036854775808"]),
        ("isCriticalSystemObject", [b"perhaps"]),
        ("manager", [b"the boss"]),
        ("manager", [b"B:nine:00:CN=A,DC=x"]),
        ("member", [b"\xff"]),
    ],
)
def test_a_value_its_type_cannot_hold_is_left_out_and_logged_without_it(
    connector: Connector, caplog: pytest.LogCaptureFixture, name: str, raw: list[bytes]
) -> None:
    """One broken value does not hide the object; the log names object and attribute, not the value."""
    with caplog.at_level(logging.WARNING, logger="adsyncdiag.connectors.ad"):
        image = decoded(connector, {name: raw, "cn": [b"Ann"]})
    assert name not in image.attributes
    assert image.attributes["cn"] == "Ann"
    assert "invalid-attribute-value" in caplog.text
    assert name in caplog.text
    assert "CN=Ann,DC=contoso,DC=com" in caplog.text
    assert raw[0].decode("utf-8", "replace") not in caplog.text


def test_the_good_values_beside_a_broken_one_stay(connector: Connector) -> None:
    """Of several values only the broken one is left out."""
    assert decoded(connector, {"member": [b"nonsense", b"CN=A,DC=x"]}).attributes["member"] == (Reference("CN=A,DC=x"),)


@pytest.mark.parametrize("raw", [[], [b""], [b"", b""]])
def test_empty_is_absent(connector: Connector, raw: list[bytes]) -> None:
    """An empty string is no value (engine.md 1.3.6)."""
    assert "mail" not in decoded(connector, {"mail": raw}).attributes


def test_several_values_of_a_single_valued_attribute_keep_the_first(
    connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    """The mismatch is logged by its code."""
    assert decoded(connector, {"mail": [b"a@x", b"b@x"]}).attributes["mail"] == "a@x"
    assert "multi-single-mismatch" in caplog.text


def test_what_is_not_included_unknown_or_a_password_is_left_out(connector: Connector) -> None:
    """The inclusion list limits, the schema types, and an export-only attribute is never read back."""
    included = replace(connector, attribute_inclusion=connector.attribute_inclusion | {"noSuchAttribute", "unicodePwd"})
    image = decoded(
        included, {"sn": [b"Agren"], "noSuchAttribute": [b"x"], "unicodePwd": [b"x"], "mail;lang-de": [b"x"]}
    )
    assert set(image.attributes) == {"objectGUID"}
    assert not {"sn", "unicodePwd", "noSuchAttribute"} & set(Decoder(included, lambda sid: None).wanted)


def test_the_creators_sid_is_resolved_by_its_bytes(connector: Connector) -> None:
    """The owner's DN where there is one, no value where there is none; never the SID."""
    resolved = decoded(connector, {"mS-DS-CreatorSID": [SID]}, owner="CN=Administrators,CN=Builtin,DC=contoso,DC=com")
    assert resolved.attributes["mS-DS-CreatorSID"] == Reference("CN=Administrators,CN=Builtin,DC=contoso,DC=com")
    assert "mS-DS-CreatorSID" not in decoded(connector, {"mS-DS-CreatorSID": [SID]}).attributes


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ([b"top", b"person", b"organizationalPerson", b"user", b"computer"], "computer"),
        ([b"computer", b"user", b"top"], "computer"),
        ([b"TOP", b"GROUP"], "group"),
        ([b"top", b"dMD"], "dMD"),
    ],
)
def test_the_type_is_the_most_derived_class_or_the_last_one(
    connector: Connector, classes: list[bytes], expected: str
) -> None:
    """The order does not matter for classes the schema knows; for one it does not know the last value stands."""
    assert decoded(connector, {"objectClass": classes}).object_type == expected


def test_anchor_and_display_name(connector: Connector) -> None:
    """The anchor reads the GUID's first fields little-endian; the display name is the attribute's."""
    image = decoded(connector, {"displayName": [b"Ann Agren"]})
    assert (image.anchor, image.display_name) == ("00112233-4455-6677-8899-aabbccddeeff", "Ann Agren")


@pytest.mark.parametrize(
    ("attributes", "attribute"),
    [
        ({"objectClass": [b"user"]}, "objectGUID"),
        ({"objectClass": [b"user"], "objectGUID": [b"short"]}, "objectGUID"),
        ({"objectGUID": [GUID.bytes_le]}, "objectClass"),
    ],
)
def test_an_entry_without_identity_is_no_image(
    connector: Connector, attributes: dict[str, list[bytes]], attribute: str
) -> None:
    """What is missing is named."""
    found = Decoder(connector, lambda sid: None).image(Entry("CN=Ann,DC=contoso,DC=com", attributes))
    assert found == Missing(attribute)
