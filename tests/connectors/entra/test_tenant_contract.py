"""The promises of `ports.Tenant`, kept by GraphTenant against the lab's tenant: in process, and over TLS."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adsyncdiag.connectors.entra.auth import client_secret_token
from adsyncdiag.connectors.entra.graph import GraphTenant, open_tenant
from adsyncdiag.connectors.entra.http import GraphSession
from adsyncdiag.connectors.entra.session import open_session
from adsyncdiag.connectors.lab import inprocess
from adsyncdiag.connectors.lab.document import tenant_document
from adsyncdiag.connectors.lab.faults import Fault, Faults
from adsyncdiag.connectors.lab.journal import write_tenant
from adsyncdiag.connectors.lab.serve import serve
from adsyncdiag.connectors.lab.tenant import LabTenant
from adsyncdiag.errors import ConnectorError, ConnectorRefused, Throttled
from adsyncdiag.model.changes import ExportRequest, ReferenceChange, ReferenceTarget, Writability
from adsyncdiag.model.objects import AttributeChange, ChangeKind, Shadow
from adsyncdiag.model.values import Reference

TENANT_ID = "6e4ac33c-3b8a-4b3f-9a53-0d3c1b7a2f10"
CLIENT_ID = "0f6a7b52-9b43-4a55-8a9a-58e1a6b8b001"
SECRET = "lab~secret.value"
SYNCED = "c0000000-0000-4000-8000-000000000003"
TWIN = "c0000000-0000-4000-8000-000000000004"
CLOUD = "c0000000-0000-4000-8000-000000000005"
LIST = "d0000000-0000-4000-8000-000000000001"
CONTACT = "f0000000-0000-4000-8000-000000000006"
DEVICE = "90000000-0000-4000-8000-000000000007"
DEVICE_ID = "e6869fe8-2b1a-4c7f-8f2f-d04c2ebc5119"
DEVICE_ANCHOR = "6J+G5horf0yPL9BMLrxRGQ=="
USER = {
    "accountEnabled": True,
    "displayName": "Zoë O'Hara <b>",
    "givenName": "Zoë",
    "surname": "O'Hara",
    "alias": "zoe",
    "userPrincipalName": "zoe@contoso.com",
    "mail": "zoe@contoso.com",
    "city": "Ulm",
    "company": "Contoso",
    "country": "Germany",
    "department": "R&D",
    "facsimileTelephoneNumber": "+49 1",
    "mobile": "+49 2",
    "telephoneNumber": "+49 3",
    "physicalDeliveryOfficeName": "4/211",
    "postalCode": "89073",
    "preferredLanguage": "de-DE",
    "state": "BW",
    "streetAddress": "Hafenbad 1\r\n2. Stock",
    "title": "Chief",
    "usageLocation": "DE",
    "extensionAttribute1": "blue",
    "extensionAttribute15": "'; $filter=",
}


def document() -> dict[str, Any]:
    """A tenant with a synchronised user, a twin with another anchor, a cloud-only user, a list, a contact and a device."""
    found: dict[str, Any] = tenant_document(
        tenant_id=TENANT_ID,
        display_name="Contoso",
        domains=["contoso.com", "contoso.onmicrosoft.com"],
        client_id=CLIENT_ID,
        client_secret=SECRET,
    )

    def person(identifier: str, name: str, **values: object) -> dict[str, object]:
        base = {"id": identifier, "accountEnabled": True, "displayName": name.title(), "mailNickname": name}
        return base | {"userPrincipalName": f"{name}@contoso.com"} | values

    found["users"] = [
        person(SYNCED, "cleo", onPremisesImmutableId="c3luY2Vk", onPremisesSyncEnabled=True),
        person(
            TWIN,
            "twin",
            onPremisesImmutableId="dHdpbg==",
            mail="twin@contoso.com",
            proxyAddresses=["SMTP:twin@contoso.com"],
        ),
        person(CLOUD, "cloud"),
    ]
    found["groups"] = [
        {
            "id": LIST,
            "displayName": "Everybody",
            "mailEnabled": True,
            "mailNickname": "all",
            "securityEnabled": False,
            "mail": "all@contoso.com",
            "proxyAddresses": ["SMTP:all@contoso.com"],
            "members": [SYNCED, CLOUD, CONTACT, DEVICE],
        }
    ]
    found["contacts"] = [{"id": CONTACT, "displayName": "Carl", "mail": "carl@partner.example"}]
    found["devices"] = [
        {"id": DEVICE, "displayName": "PC1", "deviceId": DEVICE_ID, "trustType": "ServerAd", "accountEnabled": True}
    ]
    return found


@pytest.fixture
def lab(tmp_path: Path) -> LabTenant:
    """The lab's tenant."""
    write_tenant(tmp_path / "tenant.json", document())
    return LabTenant(tmp_path / "tenant.json")


def in_process(lab: LabTenant, faults: Faults | None = None, **changes: Any) -> GraphTenant:
    """Open the lab's tenant without a network."""
    settings: dict[str, Any] = {
        "graph_root": inprocess.GRAPH_ROOT,
        "authority": inprocess.AUTHORITY,
        "tenant_id": TENANT_ID,
        "client_id": CLIENT_ID,
        "secret": lambda: SECRET,
        "mount": lambda session: inprocess.mount(session, lab, faults=faults),
    }
    return open_tenant(**(settings | changes))


@pytest.fixture
def over_tls(lab: LabTenant, tmp_path: Path) -> Iterator[Callable[[], GraphTenant]]:
    """Serve the lab's tenant on loopback, and open it from there."""
    stop, up = threading.Event(), threading.Event()
    facts: dict[str, Any] = {}

    def ready(found: Any) -> None:
        facts.update(found)
        up.set()

    thread = threading.Thread(target=serve, args=(lab,), kwargs={"tls": tmp_path / "tls", "ready": ready, "stop": stop})
    thread.start()
    assert up.wait(20)
    opened: list[GraphTenant] = []

    def open_it() -> GraphTenant:
        opened.append(
            open_tenant(
                graph_root=facts["graph_root"],
                authority=facts["authority"],
                tenant_id=TENANT_ID,
                client_id=CLIENT_ID,
                secret=lambda: SECRET,
                ca_file=facts["ca_file"],
            )
        )
        return opened[-1]

    yield open_it
    for tenant in opened:
        tenant.close()
    stop.set()
    thread.join(20)


@pytest.fixture(params=["in process", "over TLS"])
def tenant(request: pytest.FixtureRequest, lab: LabTenant) -> Iterator[GraphTenant]:
    """The same tenant, reached in both ways."""
    opened = in_process(lab) if request.param == "in process" else request.getfixturevalue("over_tls")()
    yield opened
    opened.close()


def anchor_of(number: int) -> str:
    """Return a source anchor as objectGUID gives one."""
    return base64.b64encode(number.to_bytes(16)).decode()


def dn_of(anchor: str) -> str:
    """Return the connector-space DN."""
    return "CN={" + anchor.encode().hex().upper() + "}"


def add(object_type: str, number: int, values: dict[str, Any], *references: ReferenceChange) -> ExportRequest:
    """Ask for a new object."""
    anchor = anchor_of(number)
    wanted = values | {"sourceAnchor": anchor}
    changes = tuple(AttributeChange(name, None, value) for name, value in wanted.items())
    return ExportRequest(ChangeKind.ADD, object_type, dn_of(anchor), anchor, "", changes, references, wanted)


def update(
    object_type: str, number: int, cloud_anchor: str, changes: dict[str, Any], *references: ReferenceChange
) -> ExportRequest:
    """Ask for changes; None clears."""
    anchor = anchor_of(number)
    rows = tuple(AttributeChange(name, "?", value) for name, value in changes.items())
    return ExportRequest(ChangeKind.UPDATE, object_type, dn_of(anchor), anchor, cloud_anchor, rows, references)


def state(lab: LabTenant) -> bytes:
    """Return everything on disk, to see whether anything was written."""
    return b"".join(path.read_bytes() for path in sorted(lab.path.parent.glob("tenant*")))


def test_the_organization_is_told(tenant) -> None:
    """Identifier, domains and master are those of the tenant."""
    found = tenant.organization()
    assert (found.tenant_id, found.display_name) == (TENANT_ID, "Contoso")
    assert found.verified_domains == ("contoso.com", "contoso.onmicrosoft.com")
    assert found.initial_domain == "contoso.onmicrosoft.com"
    assert not found.on_premises_sync_enabled


def test_what_was_sent_is_read_again(tenant) -> None:
    """A created user shows every attribute that the result calls sent, by cloud anchor and by source anchor."""
    result = tenant.export(add("user", 1, USER))
    assert result.failure is None
    assert set(result.sent) == {*USER, "sourceAnchor"}
    image = tenant.read("user", result.cloud_anchor)
    assert image is not None
    assert {name: image.attributes.get(name) for name in USER} == USER
    assert image.attributes["sourceAnchor"] == anchor_of(1)
    assert image.dn.text == dn_of(anchor_of(1))
    assert tenant.find("user", anchor_of(1)) == image


def test_a_second_add_changes_nothing(tenant, lab) -> None:
    """The same ADD again adopts, reports everything as sent, and writes nothing."""
    first = tenant.export(add("user", 1, USER))
    before = state(lab)
    again = tenant.export(add("user", 1, USER))
    assert again.adopted
    assert again.cloud_anchor == first.cloud_anchor
    assert set(again.sent) == set(first.sent)
    assert state(lab) == before


def test_every_attribute_can_be_changed_and_cleared(tenant) -> None:
    """Updates arrive; cleared attributes are gone, those that Graph does not clear excepted."""
    anchor = tenant.export(add("user", 1, USER)).cloud_anchor
    fixed = {"accountEnabled", "displayName", "alias", "userPrincipalName", "usageLocation"}
    cleared: dict[str, Any] = {name: None for name in USER if name not in fixed}
    result = tenant.export(update("user", 1, anchor, cleared | {"displayName": "Z", "accountEnabled": False}))
    assert result.failure is None
    image = tenant.read("user", anchor)
    assert image is not None
    assert image.attributes.keys().isdisjoint(cleared)
    assert image.attributes["displayName"] == "Z"
    assert image.attributes["accountEnabled"] is False


def test_managers_come_and_go(tenant) -> None:
    """A manager is set by cloud anchor or DN, read as a DN, and removed; one that is not there stays unresolved."""
    boss = tenant.export(add("user", 1, USER)).cloud_anchor
    to_boss = ReferenceChange("manager", False, (ReferenceTarget(dn_of(anchor_of(1)), boss),))
    ben = USER | {"userPrincipalName": "ben@contoso.com", "mail": "ben@contoso.com", "alias": "ben"}
    made = tenant.export(add("user", 2, ben, to_boss))
    assert "manager" in made.sent
    image = tenant.read("user", made.cloud_anchor)
    assert image is not None
    assert image.attributes["manager"] == Reference(dn_of(anchor_of(1)))
    for _ in range(2):
        gone = ReferenceChange("manager", False, (), to_boss.add)
        assert tenant.export(update("user", 2, made.cloud_anchor, {}, gone)).sent == ("manager",)
    nobody = ReferenceChange("manager", False, (ReferenceTarget(dn_of(anchor_of(9))),))
    result = tenant.export(update("user", 2, made.cloud_anchor, {"city": "Bonn"}, nobody))
    assert result.sent == ("city",)
    assert result.unresolved == (f"manager: {dn_of(anchor_of(9))}",)
    found = tenant.find("user", anchor_of(2))
    assert found is not None
    assert "manager" not in found.attributes


def test_members_come_and_go(tenant) -> None:
    """Members are added in bulk and again, read as DNs, and removed; groups may be members."""
    users = [
        tenant.export(
            add("user", n, {"userPrincipalName": f"u{n}@contoso.com", "accountEnabled": True, "displayName": f"U{n}"})
        )
        for n in range(1, 24)
    ]
    targets = tuple(ReferenceTarget(dn_of(anchor_of(n)), made.cloud_anchor) for n, made in enumerate(users, 1))
    missing = ReferenceTarget(dn_of(anchor_of(999)))
    group = {"displayName": "Sales", "description": "all", "securityEnabled": True}
    made = tenant.export(add("group", 50, group, ReferenceChange("member", True, (*targets, missing))))
    assert made.failure is None
    assert made.unresolved == (f"member: {missing.dn}",)
    assert "member" not in made.sent
    everybody = ReferenceChange("member", True, targets)
    assert "member" in tenant.export(update("group", 50, made.cloud_anchor, {}, everybody)).sent
    image = tenant.find("group", anchor_of(50))
    assert image is not None
    assert set(image.attributes["member"]) == {Reference(target.dn) for target in targets}
    assert {name: image.attributes[name] for name in group} == group
    outer = tenant.export(
        add("group", 51, {"displayName": "All"}, ReferenceChange("member", True, (ReferenceTarget(image.dn.text),)))
    )
    assert "member" in outer.sent
    for _ in range(2):
        fewer = ReferenceChange("member", True, (), targets[1:])
        assert tenant.export(update("group", 50, made.cloud_anchor, {}, fewer)).sent == ("member",)
    left = tenant.read("group", made.cloud_anchor)
    assert left is not None
    assert left.attributes["member"] == (Reference(targets[0].dn),)


def test_a_group_is_made_once(tenant, lab) -> None:
    """The upsert finds the group again, and a second ADD writes nothing."""
    first = tenant.export(add("group", 50, {"displayName": "Sales", "securityEnabled": True}))
    before = state(lab)
    again = tenant.export(add("group", 50, {"displayName": "Sales", "securityEnabled": True}))
    assert again.adopted
    assert again.cloud_anchor == first.cloud_anchor
    assert state(lab) == before


def test_an_unverified_domain_is_replaced(tenant) -> None:
    """The user gets a name under the initial domain, and the image shows the shadow's visible half."""
    result = tenant.export(add("user", 1, USER | {"userPrincipalName": "zoe@corp.local"}))
    assert result.failure is None
    assert result.warnings
    image = tenant.read("user", result.cloud_anchor)
    assert image is not None
    assert (
        image.attributes["userPrincipalName"]
        == result.shadows["userPrincipalName"].visible
        == "zoe@contoso.onmicrosoft.com"
    )


def test_objects_of_another_engine_are_read_and_not_written(tenant, lab) -> None:
    """A synchronised user is read like any other, and fails to be updated or taken over."""
    before = state(lab)
    image = tenant.find("user", "c3luY2Vk")
    assert image is not None
    assert image.attributes["displayName"] == "Cleo"
    request = ExportRequest(
        ChangeKind.UPDATE, "user", dn_of("c3luY2Vk"), "c3luY2Vk", image.anchor, (AttributeChange("city", None, "Ulm"),)
    )
    failure = tenant.export(request).failure
    assert failure is not None
    assert failure.code == "graph-read-only"
    assert state(lab) == before


@pytest.mark.parametrize(
    ("values", "code", "named"),
    [
        ({"userPrincipalName": "twin@contoso.com", "mail": None}, "InvalidSoftMatch", TWIN),
        ({"mail": "twin@contoso.com"}, "InvalidSoftMatch", TWIN),
        ({"userPrincipalName": "cloud@contoso.com", "mail": None}, "attributevaluemustbeunique", CLOUD),
        ({"mail": "all@contoso.com"}, "objecttypemismatch", LIST),
        ({"usageLocation": "Germany"}, "datavalidationfailed", "usageLocation"),
        ({"userPrincipalName": "zoë@contoso.com"}, "datavalidationfailed", "userPrincipalName"),
        ({"title": "x" * 129}, "datavalidationfailed", "title"),
    ],
)
def test_refusals_have_codes_and_name_the_other_object(tenant, lab, values, code: str, named: str) -> None:
    """A refused create leaves nothing behind, and says who or what is in the way."""
    before = state(lab)
    wanted = {name: value for name, value in (USER | values).items() if value is not None}
    result = tenant.export(add("user", 1, wanted))
    assert result.failure is not None
    assert result.failure.code == code
    assert named in result.failure.reason
    assert "request-id" in result.failure.details
    assert result.cloud_anchor == ""
    assert result.sent == ()
    assert state(lab) == before


def test_an_update_into_a_conflict_names_the_other_object(tenant) -> None:
    """On an update a taken name is `attributevaluemustbeunique`, and a name with an accent `datavalidationfailed`."""
    anchor = tenant.export(add("user", 1, USER)).cloud_anchor
    taken = tenant.export(update("user", 1, anchor, {"userPrincipalName": "twin@contoso.com"})).failure
    assert taken is not None
    assert taken.code == "attributevaluemustbeunique"
    invalid = tenant.export(update("user", 1, anchor, {"userPrincipalName": "zoé@contoso.com"})).failure
    assert invalid is not None
    assert invalid.code == "datavalidationfailed"


def test_an_update_to_an_unverified_domain_becomes_what_entra_makes_of_it(tenant) -> None:
    """The name falls back to the initial domain with a warning, and the other changes of the same export arrive."""
    anchor = tenant.export(add("user", 1, USER)).cloud_anchor
    wanted = {"userPrincipalName": "zoe@corp.local", "city": "Bonn"}
    result = tenant.export(update("user", 1, anchor, wanted))
    assert result.failure is None
    assert set(result.sent) == set(wanted)
    shown = tenant.read("user", anchor).attributes
    assert shown["city"] == "Bonn"
    assert str(shown["userPrincipalName"]).endswith(".onmicrosoft.com")
    assert result.shadows["userPrincipalName"] == Shadow("zoe@corp.local", shown["userPrincipalName"])
    assert "corp.local" in result.warnings[0]


def test_what_is_gone_reads_as_none(tenant, lab) -> None:
    """A deleted user is gone by both look-ups, and an update says so."""
    anchor = tenant.export(add("user", 1, USER)).cloud_anchor
    with lab.writing() as writing:
        user = writing.directory.get("users", anchor.partition("_")[2])
        writing.record("delete", "users", dict(user) | {"deletedDateTime": "2026-03-02T12:00:00Z"})
    assert tenant.read("user", anchor) is None
    assert tenant.find("user", anchor_of(1)) is None
    failure = tenant.export(update("user", 1, anchor, {"city": "Bonn"})).failure
    assert failure is not None
    assert failure.code == "cd-missing-object"


@pytest.mark.parametrize("object_type", ["user", "group", "contact", "device", "publicFolder"])
def test_nothing_is_found_by_nonsense(tenant, object_type: str) -> None:
    """Names that lead nowhere give None, however they are spelt."""
    for name in ("", "x", "User_", "User_../groups", "a' or true eq true", "%27", "User_" + "0" * 36, "\x00"):
        assert tenant.find(object_type, name) is None
        assert tenant.read(object_type, name) is None


def test_contacts_and_devices_are_read(tenant) -> None:
    """A contact has no anchor in Graph; a joined device has that of its objectGUID, by which it is found."""
    contact = tenant.read("contact", f"Contact_{CONTACT}")
    assert contact is not None
    assert contact.attributes["mail"] == "carl@partner.example"
    device = tenant.read("device", f"Device_{DEVICE}")
    assert device is not None
    assert device.attributes["sourceAnchor"] == DEVICE_ANCHOR
    assert tenant.find("device", DEVICE_ANCHOR) == device


def test_members_without_an_anchor_are_left_out(tenant) -> None:
    """Of a synchronised user, a cloud-only one, a contact and a device, the first and the last are references."""
    image = tenant.read("group", f"Group_{LIST}")
    assert image is not None
    assert set(image.attributes["member"]) == {Reference(dn_of("c3luY2Vk")), Reference(dn_of(DEVICE_ANCHOR))}


def test_writability_needs_no_request(lab) -> None:
    """The table answers without a network."""
    lab.path.unlink()
    assert in_process(lab).writability("user", "displayName") is Writability.WRITE


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"secret": lambda: "wrong"}, "7000215"),
        ({"client_id": "unknown"}, "700016"),
        ({"tenant_id": "elsewhere.example"}, "tenant_id"),
    ],
)
def test_a_wrong_sign_in_is_refused(lab, changes, number: str) -> None:
    """Each way to sign in wrongly is refused with its number or setting, and without the secret."""
    with pytest.raises(ConnectorRefused, match=number) as caught:
        in_process(lab, **changes).organization()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "kind", ["lost-answer", "truncate", "reset", "timeout", "502", "504", "expired-token", "429-bare"]
)
def test_no_fault_makes_a_second_object(lab, kind: str) -> None:
    """Whatever is lost on the way, a few runs later there is one user and one group for each anchor, and no other."""
    session = open_session()
    inprocess.mount(session, lab, faults=Faults([Fault(kind, 0.3)], seed=7))
    token = client_secret_token(
        session,
        authority=inprocess.AUTHORITY,
        tenant_id=TENANT_ID,
        client_id=CLIENT_ID,
        graph_root=inprocess.GRAPH_ROOT,
        secret=lambda: SECRET,
    )
    tenant = GraphTenant(GraphSession(session, inprocess.GRAPH_ROOT, token, sleep=lambda _: None))
    done: set[int] = set()
    for _ in range(40):
        for number in range(1, 6):
            if number not in done:
                upn = f"f{number}@contoso.com"
                member = ReferenceChange("member", True, (ReferenceTarget(dn_of(anchor_of(number))),))
                try:
                    user = tenant.export(
                        add("user", number, {"userPrincipalName": upn, "accountEnabled": True, "displayName": upn})
                    )
                    group = tenant.export(add("group", 100 + number, {"displayName": upn}, member))
                except (ConnectorError, Throttled):
                    continue
                assert user.failure is None
                assert group.failure is None
                if "member" in group.sent:
                    done.add(number)
    assert done == {1, 2, 3, 4, 5}
    with lab.reading() as directory:
        assert directory.count("users") == 3 + 5
        assert directory.count("groups") == 1 + 5
    tenant.close()
