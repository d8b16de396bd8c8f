"""The lab's forest: an LDIF file that is sound, and a table that speaks of what is in it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from adsyncdiag.connectors.ad.ldif import LdifDirectory
from adsyncdiag.connectors.lab.scenarios.domains import PILOT_GROUP
from adsyncdiag.connectors.lab.scenarios.entries import Entry, LabObject, escaped
from adsyncdiag.connectors.lab.scenarios.forest import forest
from adsyncdiag.connectors.lab.scenarios.identifiers import sid_bytes, source_anchor
from adsyncdiag.connectors.lab.scenarios.ldif_text import ldif
from adsyncdiag.model.configuration import ServerConfiguration
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Image, Unreadable
from adsyncdiag.model.trace import Status

TESTOBJECT = "CN=testobject,OU=corp,DC=contoso,DC=com"


@pytest.fixture(scope="module")
def records(lab_folder: Path) -> dict[Dn, dict[str, list[bytes]]]:
    """The file as a reader of its own sees it: unfolded lines, base64 decoded, comments left out ([RFC 2849])."""
    import base64

    text = (lab_folder / "forest.ldif").read_text(encoding="ascii").replace("\n ", "")
    found: dict[Dn, dict[str, list[bytes]]] = {}
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith(("#", "version:"))]
        pairs = []
        for line in lines:
            name, _, value = line.partition(":")
            coded = value.startswith(":")
            pairs.append((name, base64.b64decode(value[1:].strip()) if coded else value.strip().encode()))
        if not pairs:
            continue
        name, value = pairs[0]
        assert name == "dn"
        dn = Dn.parse(value.decode())
        assert dn not in found
        entry = found.setdefault(dn, {})
        for name, value in pairs[1:]:
            entry.setdefault(name, []).append(value)
    return found


def _directory(configuration: ServerConfiguration, lab_folder: Path, dn: Dn) -> LdifDirectory:
    fabrikam = dn.domain == Dn.parse("DC=fabrikam,DC=com")
    connector = configuration.active_directory[1 if fabrikam else 0]
    return LdifDirectory(connector, lab_folder / "forest.ldif")


def test_every_row_names_an_object_of_the_file(
    records: dict[Dn, dict[str, list[bytes]]], rows: tuple[LabObject, ...]
) -> None:
    """Each row's DN is in the file, no DN is there twice, and no object has two rows."""
    assert all(Dn.parse(row.dn) in records for row in rows)
    assert len({Dn.parse(row.dn) for row in rows}) == len(rows)


def test_what_a_row_needs_first_is_in_the_table_too(rows: tuple[LabObject, ...]) -> None:
    """Objects to be synchronised before arrive themselves, without anything before them but what is named."""
    by_dn = {row.dn: row for row in rows}
    for row in rows:
        assert all(by_dn[dn].expected_step == 0 for dn in row.after)


def test_the_table_begins_with_testobject_and_agrees_with_itself(rows: tuple[LabObject, ...]) -> None:
    """A failing row has step and code, the others neither; the purpose is one sentence."""
    assert rows[0].dn == TESTOBJECT
    for row in rows:
        assert (row.expected_status == Status.FAILURE.value) == (row.expected_step > 0) == bool(row.expected_code)
        assert row.purpose.endswith(".")


def test_the_table_shows_every_code_that_an_object_alone_can_bring_about(rows: tuple[LabObject, ...]) -> None:
    """Each code of report.md is there, except those that need another configuration, another tenant or an earlier state."""
    assert {row.expected_code for row in rows} == {
        "",
        "source-partition-not-found",
        "source-partition-not-selected",
        "run-profile-step-missing",
        "container-excluded",
        "object-not-readable",
        "object-type-not-included",
        "group-filter-not-member",
        "no-metaverse-object",
        "no-target-object",
        "sync-rule-error-function-triggered",
        "mv-constraint-violation",
        "flow-multi-values-to-single-value",
        "InvalidSoftMatch",
        "attributevaluemustbeunique",
        "objecttypemismatch",
        "datavalidationfailed",
        "graph-cannot-create",
        "graph-read-only",
    }


@pytest.mark.parametrize("attribute", ["objectGUID", "objectSid", "distinguishedName"])
def test_identities_are_unique(records: dict[Dn, dict[str, list[bytes]]], attribute: str) -> None:
    """No two objects share a GUID, a SID or a name; a foreign principal repeats the SID of its account on purpose."""
    foreign = Dn.parse("CN=ForeignSecurityPrincipals,DC=contoso,DC=com")
    found = Counter(
        value
        for dn, entry in records.items()
        for value in entry.get(attribute, ())
        if not (attribute == "objectSid" and dn.is_under(foreign))
    )
    assert found
    assert max(found.values()) == 1


@pytest.mark.parametrize("attribute", ["sAMAccountName", "userPrincipalName", "mail"])
def test_names_are_unique_in_their_domain(records: dict[Dn, dict[str, list[bytes]]], attribute: str) -> None:
    """Nobody shares an account name, a UPN or an address with somebody of the same domain, so no clash is accidental."""
    found = Counter((dn.domain, value.lower()) for dn, entry in records.items() for value in entry.get(attribute, ()))
    assert [key for key, count in found.items() if count > 1] == []


def test_account_names_are_legal(records: dict[Dn, dict[str, list[bytes]]]) -> None:
    """A user's sAMAccountName has at most 20 ASCII characters, none of those AD refuses."""
    for entry in records.values():
        if b"user" in entry["objectClass"]:
            for name in entry.get("sAMAccountName", ()):
                assert 0 < len(name) <= 21
                assert len(name.removesuffix(b"$")) <= 20
                assert name.isascii()
                assert not set(name.decode()) & set('"/\\[]:;|=,+*?<>@')


def test_every_object_lies_in_a_container_of_the_file(records: dict[Dn, dict[str, list[bytes]]]) -> None:
    """Each object but a domain's root has its parent in the file, before it."""
    seen: set[Dn] = set()
    for dn in records:
        assert dn == dn.domain or dn.parent in seen
        seen.add(dn)


def test_references_point_at_objects_of_the_file(records: dict[Dn, dict[str, list[bytes]]]) -> None:
    """Every member and every manager exists; two of them manage each other."""
    pairs = {
        (dn, Dn.parse(value.decode()))
        for dn, entry in records.items()
        for name in ("manager", "member", "managedBy")
        for value in entry.get(name, ())
    }
    assert all(target in records for _, target in pairs)
    assert any((target, dn) in pairs for dn, target in pairs)


def test_the_directory_shows_what_may_be_read(
    configuration: ServerConfiguration, lab_folder: Path, rows: tuple[LabObject, ...]
) -> None:
    """The LDIF directory gives every object of the table, except the one that is listed as unreadable."""
    hidden = []
    for row in rows:
        dn = Dn.parse(row.dn)
        found = _directory(configuration, lab_folder, dn).read(dn)
        if isinstance(found, Unreadable):
            hidden.append(row.expected_code)
        else:
            assert found.dn == dn
    assert hidden == ["object-not-readable"]


@pytest.mark.parametrize(
    ("dn", "object_type"),
    [
        (TESTOBJECT, "user"),
        ("CN=Paula Nygaard,OU=people,OU=corp,DC=contoso,DC=com", "inetOrgPerson"),
        ("CN=LAB-PC-01,OU=devices,OU=corp,DC=contoso,DC=com", "computer"),
        ("CN=Xenia Partner,OU=partners,OU=corp,DC=contoso,DC=com", "contact"),
        ("CN=Team Planning,OU=groups,OU=corp,DC=contoso,DC=com", "group"),
        ("CN=PRN-LOBBY,OU=printers,OU=corp,DC=contoso,DC=com", "printQueue"),
        ("CN=All in Graz,OU=groups,OU=corp,DC=contoso,DC=com", "msExchDynamicDistributionList"),
    ],
)
def test_the_schema_tells_the_types_apart(
    configuration: ServerConfiguration, lab_folder: Path, dn: str, object_type: str
) -> None:
    """The most specific class of each kind of object is the one its row speaks of."""
    found = _directory(configuration, lab_folder, Dn.parse(dn)).read(Dn.parse(dn))
    assert isinstance(found, Image)
    assert found.object_type == object_type


def test_the_filter_group_has_three_members_and_one_outsider(
    configuration: ServerConfiguration, lab_folder: Path, records: dict[Dn, dict[str, list[bytes]]]
) -> None:
    """Of the users of fabrikam.com three are direct members of the filter group, and Otto is not."""
    group, root = Dn.parse(PILOT_GROUP), Dn.parse("DC=fabrikam,DC=com")
    directory = _directory(configuration, lab_folder, root)
    assert configuration.active_directory[1].group_filter == PILOT_GROUP
    users = [dn for dn, entry in records.items() if dn.is_under(root) and b"user" in entry["objectClass"]]
    outside = [dn.text for dn in users if not directory.is_member(group, dn)]
    assert len(users) == 4
    assert outside == ["CN=Otto Outside,OU=people,DC=fabrikam,DC=com"]


def test_the_creator_of_the_computer_is_shown_as_a_reference(
    configuration: ServerConfiguration, lab_folder: Path
) -> None:
    """mS-DS-CreatorSID, a SID in the file, resolves to the account that has it."""
    dn = Dn.parse("CN=LAB-PC-01,OU=devices,OU=corp,DC=contoso,DC=com")
    found = _directory(configuration, lab_folder, dn).read(dn)
    assert isinstance(found, Image)
    assert getattr(found.attributes["mS-DS-CreatorSID"], "text", "").lower() == TESTOBJECT.lower()


def test_the_certificate_is_one_and_names_the_computer(records: dict[Dn, dict[str, list[bytes]]]) -> None:
    """The computer's certificate parses, and its subject is the computer's objectGUID as hybrid join has it."""
    from uuid import UUID

    from cryptography import x509

    entry = records[Dn.parse("CN=LAB-PC-01,OU=devices,OU=corp,DC=contoso,DC=com")]
    certificate = x509.load_der_x509_certificate(entry["userCertificate"][0])
    assert certificate.subject.rfc4514_string() == f"CN={UUID(bytes_le=entry['objectGUID'][0])}"


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("a, b", "a\\, b"),
        ("#1", "\\#1"),
        (" lead", "\\ lead"),
        ("trail ", "trail\\ "),
        ('a\\b"c+d;e<f>g=h', 'a\\\\b\\"c\\+d\\;e\\<f\\>g\\=h'),
        ("x\nCNF:1", "x\\0ACNF:1"),
    ],
)
def test_names_are_escaped_as_active_directory_does(plain: str, written: str) -> None:
    """Special characters get a backslash, line feeds their hexadecimal ([RFC 4514] 2.4)."""
    assert escaped(plain) == written
    in_hexadecimal = "".join(f"\\{byte:02x}" for byte in plain.encode())
    assert Dn.parse(f"CN={written},DC=x") == Dn.parse(f"CN={in_hexadecimal},DC=x")


def test_a_value_that_is_no_safe_string_is_encoded() -> None:
    """Blanks at either end, colons in front, line feeds and other letters than ASCII go as base64 ([RFC 2849])."""
    values = (" lead", "trail ", ":colon", "<url", "two\nlines", "é", b"raw")
    text = ldif([Entry("CN=é,DC=x", {"v": values, "plain": ("a: b",)})], "none")
    assert text.count("v:: ") == len(values)
    assert "dn:: " in text
    assert "plain: a: b" in text


def test_long_lines_are_folded(lab_folder: Path) -> None:
    """No line of the file is longer than 76 characters."""
    assert max(map(len, (lab_folder / "forest.ldif").read_text().splitlines())) <= 76


def test_a_sid_has_its_binary_form() -> None:
    """S-1-5-32-544, the built-in administrators, is the known sixteen bytes ([MS-DTYP] 2.4.2.4)."""
    assert sid_bytes("S-1-5-32-544").hex() == "01020000000000052000000020020000"


def test_the_tenant_anchors_are_those_of_the_objects(
    lab_folder: Path, records: dict[Dn, dict[str, list[bytes]]]
) -> None:
    """Accounts that the tenant knows already carry the base64 of their objectGUID; testobject and the twins do not."""
    import base64
    import json

    tenant = json.loads((lab_folder / "tenant.json").read_text(encoding="utf-8"))
    anchors = {user["onPremisesImmutableId"] for user in tenant["users"] if "onPremisesImmutableId" in user}
    own = {base64.b64encode(entry["objectGUID"][0]).decode(): dn.rdn for dn, entry in records.items()}
    assert {own[anchor] for anchor in anchors & own.keys()} == {
        "CN=Anton Bergmann",
        "CN=Ida Lindholm",
        "CN=Otis Mastered",
        "CN=Rika Renamed",
    }
    [group] = [group for group in tenant["groups"] if "uniqueName" in group]
    assert own[bytes.fromhex(group["uniqueName"]).decode()] == "CN=Archive readers"
    assert source_anchor(TESTOBJECT) not in anchors


def test_the_builders_give_rows_and_entries_one_spelling() -> None:
    """A row's DN is the very text of its entry's DN."""
    assert all(found.row is None or found.row.dn == found.dn for found in forest())
