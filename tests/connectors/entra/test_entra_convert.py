"""Images of Graph objects, and the names that one object goes by."""

from __future__ import annotations

import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsyncdiag.connectors.entra import anchors, attributes, convert
from adsyncdiag.connectors.entra.attributes import COLLECTIONS, TABLE, Form, Mapped, manual, selected, writability
from adsyncdiag.model.changes import Writability
from adsyncdiag.model.objects import AttributeChange
from adsyncdiag.model.values import Reference

ANCHOR = "+KWG5q7DgkSPL9BMLrxRGQ=="
JSON = st.sampled_from(
    [None, True, False, 0, -1, 1.5, "", "x", "\x00", [], [None], ["", "y"], [[1]], {}, {"extensionAttribute1": []}]
)


def test_the_dn_is_the_documented_one() -> None:
    """The example of engine.md 1.12 comes out, both ways."""
    dn = "CN={2B4B574735713744676B53504C39424D4C72785247513D3D}"
    assert anchors.dn_text(ANCHOR) == dn
    assert anchors.source_anchor_of(dn.lower()) == ANCHOR


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_names_of_an_anchor_lead_back_to_it(anchor: str) -> None:
    """DN and uniqueName spell every anchor so that it can be read again."""
    assert anchors.source_anchor_of(anchors.dn_text(anchor)) == anchor
    assert anchors.from_unique_name(anchors.unique_name(anchor)) == anchor


@pytest.mark.parametrize("name", ["", "Sales", "group-1", "ff", "6162 63", "6A", "616"])
def test_a_unique_name_of_somebody_else_is_no_anchor(name: str) -> None:
    """Names that we would not have written mean that the group is not ours."""
    assert anchors.from_unique_name(name) == ""


def test_a_device_is_known_by_its_object_guid() -> None:
    """A deviceId is the objectGUID, whose bytes in AD's order make the anchor."""
    device = "e6869fe8-2b1a-4c7f-8f2f-d04c2ebc5119"
    anchor = base64.b64encode(uuid.UUID(device).bytes_le).decode()
    assert anchors.device_anchor(device) == anchor
    assert anchors.device_id_of(anchor) == device
    assert anchors.device_id_of("not base64!") == ""
    assert anchors.device_id_of("YQ==") == ""


def test_a_user_becomes_an_image_under_connector_space_names() -> None:
    """Properties are renamed and converted; null, empty and unknown ones are no values."""
    image = convert.image(
        "user",
        {
            "id": "1-2",
            "displayName": "Ann Lee",
            "surname": "",
            "jobTitle": None,
            "mailNickname": "ann",
            "accountEnabled": False,
            "businessPhones": ["+1", "+2"],
            "onPremisesImmutableId": ANCHOR,
            "onPremisesExtensionAttributes": {"extensionAttribute2": "x", "extensionAttribute1": None},
            "onPremisesSecurityIdentifier": "S-1-5-21-1-2-3-1104",
            "onPremisesDomainName": "contoso.com",
            "proxyAddresses": ["SMTP:a@c", "smtp:b@c", "SMTP:a@c"],
            "aboutMe": "hello",
        },
        {"manager": Reference("CN={62}")},
    )
    assert image.attributes == {
        "displayName": "Ann Lee",
        "alias": "ann",
        "accountEnabled": False,
        "telephoneNumber": "+1",
        "sourceAnchor": ANCHOR,
        "extensionAttribute2": "x",
        "onPremiseSecurityIdentifier": bytes.fromhex("010500000000000515000000010000000200000003000000" + "50040000"),
        "dnsDomainName": "contoso.com",
        "proxyAddresses": ("SMTP:a@c", "smtp:b@c"),
        "manager": Reference("CN={62}"),
        "cloudAnchor": "User_1-2",
        "cloudMastered": False,
    }
    assert image.dn.text == anchors.dn_text(ANCHOR)
    assert (image.anchor, image.object_type, image.display_name) == ("User_1-2", "user", "Ann Lee")


def test_an_object_without_an_anchor_is_named_by_its_cloud_anchor() -> None:
    """A cloud-only object has no sourceAnchor, and a DN of its cloud anchor."""
    image = convert.image("group", {"id": "7", "displayName": "Team", "uniqueName": "team"}, {})
    assert "sourceAnchor" not in image.attributes
    assert image.dn.text == "CN={" + b"Group_7".hex().upper() + "}"


def test_a_device_is_ours_only_when_joined_on_premises() -> None:
    """Only trustType ServerAd enters the connector space (4.11)."""
    joined = {"id": "1", "deviceId": "e6869fe8-2b1a-4c7f-8f2f-d04c2ebc5119", "trustType": "ServerAd"}
    assert convert.source_anchor("device", joined)
    assert convert.source_anchor("device", joined | {"trustType": "Workplace"}) == ""
    assert convert.image("device", joined, {}).attributes["deviceId"] == uuid.UUID(joined["deviceId"]).bytes_le


@given(st.dictionaries(st.sampled_from(selected("user")), JSON))
def test_nothing_a_tenant_sends_breaks_the_image(found) -> None:
    """Properties of unexpected types are left out; what is kept is never empty."""
    image = convert.image("user", {"id": "1"} | {k: v for k, v in found.items() if k != "id"}, {})
    assert all(value not in ("", (), None) for value in image.attributes.values())


@pytest.mark.parametrize(
    "sid", ["", "S-1", "x", "S-1-5-99999999999", "S-1-5-" + "-".join(["1"] * 16), "S-999-5-1", "T-1-5-1", "S-1--5"]
)
def test_a_sid_that_is_none_is_no_value(sid: str) -> None:
    """Texts that are no SID are left out instead of half converted."""
    assert "onPremiseSecurityIdentifier" not in convert.plain("user", {"onPremisesSecurityIdentifier": sid})


def test_references_name_only_what_has_an_anchor() -> None:
    """Users, groups we made, and joined devices are members; cloud-only ones and other types are left out."""
    found = [
        {"@odata.type": "#microsoft.graph.user", "id": "1", "onPremisesImmutableId": "a=="},
        {"@odata.type": "#microsoft.graph.user", "id": "2", "onPremisesImmutableId": None},
        {"@odata.type": "#microsoft.graph.group", "id": "3", "uniqueName": "6162"},
        {"@odata.type": "#microsoft.graph.servicePrincipal", "id": "4"},
        {"@odata.type": "#microsoft.graph.user", "id": "1", "onPremisesImmutableId": "a=="},
        {},
    ]
    assert convert.references_to(found) == (Reference("CN={613D3D}"), Reference("CN={6162}"))


def test_several_values_do_not_fit_one_property() -> None:
    """A rule that flows a list into a single property fails the value, by name."""
    with pytest.raises(convert.Unsendable, match="mobile has 2 values"):
        convert.properties("user", [AttributeChange("mobile", None, ("1", "2"))])


@pytest.mark.parametrize(("value", "expected"), [("True", True), ("false", False), (True, True)])
def test_a_flag_may_be_spelt(value, expected: bool) -> None:
    """A rule that computes the text of a truth value is understood."""
    entry = Mapped("accountEnabled", "accountEnabled", Writability.WRITE, Form.FLAG)
    assert convert.encode(entry, value) is expected
    with pytest.raises(convert.Unsendable, match="'perhaps'"):
        convert.encode(entry, "perhaps")


@pytest.mark.parametrize(
    ("object_type", "attribute", "expected"),
    [
        ("user", "displayName", Writability.WRITE),
        ("user", "manager", Writability.WRITE_REFERENCE),
        ("user", "proxyAddresses", Writability.READ),
        ("user", "onPremisesSamAccountName", Writability.READ),
        ("user", "cloudAnchor", Writability.READ),
        ("user", "countryLetterCode", Writability.NONE),
        ("user", "lastPasswordChangeTimestamp", Writability.NONE),
        ("user", "msExchHideFromAddressLists", Writability.NONE),
        ("group", "member", Writability.WRITE_REFERENCE),
        ("group", "managedBy", Writability.NONE),
        ("group", "mail", Writability.READ),
        ("contact", "displayName", Writability.READ),
        ("device", "deviceId", Writability.READ),
        ("publicFolder", "displayName", Writability.NONE),
    ],
)
def test_what_can_be_done_with_an_attribute(object_type: str, attribute: str, expected: Writability) -> None:
    """The classes are those of cmdlets-and-graph.md 4.1 and 4.3."""
    assert writability(object_type, attribute) is expected


def test_only_users_and_groups_are_written() -> None:
    """No attribute of a contact or device is writable: Graph creates and changes neither."""
    for object_type in COLLECTIONS:
        writable = [
            e for e in TABLE[object_type].values() if e.writability in (Writability.WRITE, Writability.WRITE_REFERENCE)
        ]
        assert bool(writable) is (object_type in ("user", "group"))


def test_the_table_speaks_the_names_of_a_server_export(contoso) -> None:
    """Every attribute of the table is one of the exported Entra schema, but for the later ones that are listed here."""
    (file,) = (contoso / "Connectors").glob("*b891884f*")
    text = file.read_text(encoding="utf-8-sig")
    later = {"employeeId", "employeeType", "preferredDataLocation", "onPremisesDistinguishedName"}
    unknown = {name for rows in TABLE.values() for name in rows if f'id="{name}"' not in text}
    assert unknown == later


def test_the_manual_has_a_row_for_every_attribute() -> None:
    """The docs' table is the code's table."""
    rows = manual()
    assert len(rows) == sum(len(entries) for entries in TABLE.values())
    assert attributes.Row("user", "telephoneNumber", "businessPhones", "write", "-") in rows
    assert attributes.Row("user", "alias", "mailNickname", "write", "64") in rows
