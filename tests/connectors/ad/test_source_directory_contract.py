"""The promises of the port `SourceDirectory`, kept by both implementations on the same forest."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

import pytest

from adsyncdiag.connectors.ad.ldif import LdifDirectory
from adsyncdiag.connectors.ad.live import LdapDirectory
from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Image, Unreadable
from adsyncdiag.model.values import Reference
from adsyncdiag.ports import SourceDirectory

FOREST = Path(__file__).resolve().parents[2] / "live" / "forest.ldif"
PEOPLE = "OU=People,OU=CORP,DC=contoso,DC=com"
LAB = "OU=Lab,OU=CORP,DC=contoso,DC=com"
UNREADABLE = (f"OU=Secret,{LAB}", f"CN=topsecret,OU=Secret,{LAB}", f"CN=blind,{LAB}")
CROWD = 1600


@dataclass(frozen=True)
class Forest:
    """A directory under test, and the GUIDs its objects really have."""

    directory: SourceDirectory
    guids: dict[str, UUID]


def guid_of(dn: str) -> UUID:
    """Return the GUID of an object in the LDIF forest."""
    return uuid5(UUID(int=0), dn)


def exported() -> str:
    """Return forest.ldif as an export of it would be: with GUIDs and SIDs, without passwords and descriptors."""
    crowd = [f"CN=Guest {number:05d},OU=Crowd,OU=CORP,{{DOMAIN}}" for number in range(CROWD)]
    group = "dn: CN=Crowd,OU=Crowd,OU=CORP,{DOMAIN}\nobjectClass: group\nsAMAccountName: crowd\n"
    administrators = "dn: CN=Administrators,CN=Builtin,{DOMAIN}\nobjectClass: group\nobjectSid: S-1-5-32-544\n"
    text = FOREST.read_text(encoding="utf-8") + f"\n{administrators}\n{group}"
    text += "".join(f"member: {dn}\n" for dn in crowd)
    text = text.replace("{DOMAIN}", "DC=contoso,DC=com").replace("{REALM}", "contoso.com")
    text = re.sub(r"(?m)^(nTSecurityDescriptor|unicodePwd)::? .*\n", "", text)

    def with_guid(match: re.Match[str]) -> str:
        return f"{match[0]}\nobjectGUID:: {base64.b64encode(guid_of(match[1]).bytes_le).decode()}"

    return re.sub(r"(?m)^dn: (.*)$", with_guid, text)


@pytest.fixture(params=["ldif", pytest.param("live", marks=pytest.mark.live)])
def forest(request: pytest.FixtureRequest, tmp_path: Path, connector: Connector) -> Iterator[Forest]:
    """The forest behind each implementation, read by an account that may not read all of it."""
    names = [f"CN=Ann,{PEOPLE}", f"CN=Laptop,{PEOPLE}", f"CN=Staff,{PEOPLE}"]
    if request.param == "ldif":
        path = tmp_path / "forest.ldif"
        path.write_text(exported(), encoding="utf-8")
        path.with_name("unreadable.txt").write_text(
            "# as in the live forest\n" + "\n".join(UNREADABLE), encoding="utf-8"
        )
        directory: SourceDirectory = LdifDirectory(connector, path)
        guids = {name: guid_of(name) for name in names}
    else:
        domain = request.getfixturevalue("domain")
        directory = LdapDirectory(
            connector,
            url=domain.url,
            user=domain.service_user,
            password=lambda: domain.service_password,
            ca_file=domain.ca_file,
        )
        guids = {name: UUID(bytes_le=domain.values(name, "objectGUID")[0]) for name in names}
    yield Forest(directory, guids)
    directory.close()


def image(forest: Forest, dn: str) -> Image:
    """Return the image at *dn*, which has to be readable."""
    found = forest.directory.read(Dn.parse(dn))
    assert isinstance(found, Image), found
    return found


def test_a_user_comes_with_its_values_typed_and_spelt_by_the_schema(forest: Forest) -> None:
    """Strings, numbers of 64 bits, booleans, binaries and references arrive as such, under the schema's names."""
    ann = image(forest, f"CN=Ann,{PEOPLE}")
    wanted = {
        "givenName": "Ann",
        "displayName": "Ann Agren",
        "mail": "ann@contoso.com",
        "mailNickname": "ann",
        "extensionAttribute1": "blue",
        "sAMAccountName": "ann",
        "userPrincipalName": "ann@contoso.com",
        "userAccountControl": 544,
        "msExchRecipientTypeDetails": 2147483648,
        "msExchHideFromAddressLists": False,
        "manager": Reference(f"CN=Boss,{PEOPLE}"),
    }
    assert {name: ann.attributes.get(name) for name in wanted} == wanted
    assert type(ann.attributes["msExchHideFromAddressLists"]) is bool
    assert set(ann.attributes["proxyAddresses"]) == {"SMTP:ann@contoso.com", "smtp:a.agren@contoso.com"}
    assert set(ann.attributes["userCertificate"]) == {b"0\x03\x02\x01\x05", b"0\x03\x02\x01\x06"}
    assert ann.object_type == "user"
    assert ann.display_name == "Ann Agren"


def test_only_included_attributes_arrive(forest: Forest) -> None:
    """The inclusion list limits an image: sn and objectClass are in the schema, not in the list."""
    attributes = image(forest, f"CN=Ann,{PEOPLE}").attributes
    assert "sn" not in attributes
    assert "objectClass" not in attributes


def test_the_anchor_is_the_guid_and_the_guid_stays_binary(forest: Forest) -> None:
    """The anchor is objectGUID as canonical text, its first three fields little-endian; the attribute keeps the bytes."""
    for name, guid in forest.guids.items():
        found = image(forest, name)
        assert found.anchor == str(guid)
        assert found.attributes["objectGUID"] == guid.bytes_le


def test_the_dn_is_spelt_as_the_directory_spells_it(forest: Forest) -> None:
    """Whatever case a DN is asked in, the image has the directory's."""
    assert image(forest, f"cn=ANN, {PEOPLE.lower()}").dn.text == f"CN=Ann,{PEOPLE}"


def test_the_type_is_the_most_specific_structural_class(forest: Forest) -> None:
    """A computer is a user too; its type is computer."""
    types = {name: image(forest, f"CN={name},{PEOPLE}").object_type for name in ("Laptop", "Staff", "Shop", "Boss")}
    assert types == {"Laptop": "computer", "Staff": "group", "Shop": "contact", "Boss": "user"}


def test_a_name_full_of_special_characters_is_read_and_referred_to(forest: Forest) -> None:
    """Commas, parentheses, asterisks and number signs in a name harm neither a read nor a membership."""
    doe = rf"CN=Doe\, John (ext) * #1,{PEOPLE}"
    assert image(forest, doe).attributes["displayName"] == "Doe, John (ext) * #1"
    members = image(forest, f"CN=Staff,{PEOPLE}").attributes["member"]
    assert {Dn.parse(one.text) for one in members} == {Dn.parse(doe), Dn.parse(f"CN=Ann,{PEOPLE}")}


def test_a_group_of_more_members_than_a_range_is_whole(forest: Forest) -> None:
    """All 1,600 members arrive, each once, though a domain controller gives 1,500 at a time."""
    members = image(forest, "CN=Crowd,OU=Crowd,OU=CORP,DC=contoso,DC=com").attributes["member"]
    names = {one.text.split(",")[0] for one in members}
    assert len(members) == CROWD
    assert names == {f"CN=Guest {number:05d}" for number in range(CROWD)}


def test_the_creator_sid_is_resolved_to_a_reference(forest: Forest) -> None:
    """mS-DS-CreatorSID, a SID in AD, becomes the DN of that account; of an account nobody knows, no value."""
    laptop = image(forest, f"CN=Laptop,{PEOPLE}").attributes
    assert laptop["mS-DS-CreatorSID"] == Reference("CN=Administrators,CN=Builtin,DC=contoso,DC=com")
    assert "mS-DS-CreatorSID" not in image(forest, f"CN=Orphan,{PEOPLE}").attributes


@pytest.mark.parametrize("dn", [f"CN=Nobody,{PEOPLE}", *UNREADABLE])
def test_what_is_absent_or_hidden_is_unreadable_and_the_reason_does_not_claim_which(forest: Forest, dn: str) -> None:
    """A read that brings no object says so in a sentence with the DN and the account's rights as a possible cause."""
    found = forest.directory.read(Dn.parse(dn))
    assert isinstance(found, Unreadable)
    assert dn in found.reason
    assert "account" in found.reason


def test_a_domain_the_connector_does_not_cover_is_unreadable_and_said_to_be(forest: Forest) -> None:
    """An object of another domain is not there, and the reason names the domains that are."""
    found = forest.directory.read(Dn.parse("CN=Ann,DC=fabrikam,DC=com"))
    assert isinstance(found, Unreadable)
    assert "contoso.com covers DC=contoso,DC=com only" in found.reason


@pytest.mark.parametrize(
    ("group", "member", "expected"),
    [
        (f"CN=Staff,{PEOPLE}", f"cn=ann,{PEOPLE}", True),
        (f"CN=Staff,{PEOPLE}", rf"CN=Doe\, John (ext) * #1,{PEOPLE}", True),
        (f"CN=Staff,{PEOPLE}", rf"CN=Doe\2C John (ext) * #1,{PEOPLE}", True),
        (f"CN=Staff,{PEOPLE}", f"CN=Boss,{PEOPLE}", False),
        (f"CN=Staff,{PEOPLE}", f"CN=*,{PEOPLE}", False),
        (f"CN=Everyone,{PEOPLE}", f"CN=Staff,{PEOPLE}", True),
        (f"CN=Everyone,{PEOPLE}", f"CN=Ann,{PEOPLE}", False),
        ("CN=Crowd,OU=Crowd,OU=CORP,DC=contoso,DC=com", "CN=Guest 01599,OU=Crowd,OU=CORP,DC=contoso,DC=com", True),
        (f"CN=No Group,{PEOPLE}", f"CN=Ann,{PEOPLE}", None),
        (f"CN=blind,{LAB}", f"CN=Ann,{PEOPLE}", None),
        (f"CN=topsecret,OU=Secret,{LAB}", f"CN=Ann,{PEOPLE}", None),
    ],
)
def test_membership_is_direct_and_unknown_where_the_group_cannot_be_read(
    forest: Forest, group: str, member: str, expected: bool | None
) -> None:
    """Members of members do not count; None stands for a group that is absent or hidden."""
    assert forest.directory.is_member(Dn.parse(group), Dn.parse(member)) is expected


def test_check_gives_facts_and_close_may_come_twice(forest: Forest) -> None:
    """The check names what it reached; after a close, even two, the directory may be used again."""
    facts = forest.directory.check()
    assert facts
    assert all(isinstance(value, str) and value for value in facts.values())
    forest.directory.close()
    forest.directory.close()
    assert image(forest, f"CN=Boss,{PEOPLE}").display_name == "The Boss"
