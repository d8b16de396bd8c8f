"""Exports of groups: the upsert by uniqueName, members in batches and one by one."""

from __future__ import annotations

import pytest

from adsyncdiag.connectors.entra.graph import GraphTenant
from adsyncdiag.model.changes import ExportRequest, ReferenceChange, ReferenceTarget
from adsyncdiag.model.objects import AttributeChange, ChangeKind, Shadow

ANCHOR = "ab=="
NAME = "61623d3d"
DN = "CN={61623D3D}"
ID = "6e3b1c1e-0000-4000-8000-00000000000a"
KEY = f"/groups\\(uniqueName='{NAME}'\\)"
SALES = {
    "displayName": "Sales",
    "alias": "sales",
    "description": "all of them",
    "securityEnabled": True,
    "sourceAnchor": ANCHOR,
}
IN_GRAPH = {
    "id": ID,
    "displayName": "Sales",
    "mailNickname": "sales",
    "description": "all of them",
    "securityEnabled": True,
    "uniqueName": NAME,
}
MEMBERS = f"/groups/{ID}/members/\\$ref"
ALREADY = "One or more added object references already exist for the following modified properties: 'members'."


def user(number: int) -> ReferenceTarget:
    """Name a member by DN and cloud anchor."""
    return ReferenceTarget(f"CN={{{b'm'.hex()}{number:02X}}}", f"User_id-{number}")


def add(*members: ReferenceTarget, intended=None, **values: object) -> ExportRequest:
    """Ask for the group with *members*."""
    wanted = {name: value for name, value in (SALES | values).items() if value is not None}
    changes = tuple(AttributeChange(name, None, value) for name, value in wanted.items())
    references = (ReferenceChange("member", True, members),) if members else ()
    return ExportRequest(ChangeKind.ADD, "group", DN, ANCHOR, "", changes, references, wanted | (intended or {}))


def update(*changes: AttributeChange, come=(), go=()) -> ExportRequest:
    """Ask for changes of the group."""
    references = (ReferenceChange("member", True, tuple(come), tuple(go)),) if come or go else ()
    return ExportRequest(ChangeKind.UPDATE, "group", DN, ANCHOR, f"Group_{ID}", changes, references, SALES)


def created(service) -> None:
    """Let the upsert create the group."""
    service.on("PATCH", KEY, (201, IN_GRAPH))


def test_a_new_group_is_an_upsert_by_unique_name(tenant, service) -> None:
    """The group is created as a security group by the hexadecimal of its anchor; repeating it could do no harm."""
    created(service)
    result = tenant.export(add())
    (patch,) = service.writes
    assert patch.path == f"/groups(uniqueName='{NAME}')"
    assert patch.headers["Prefer"] == "create-if-missing"
    assert patch.body == {
        "displayName": "Sales",
        "mailNickname": "sales",
        "description": "all of them",
        "mailEnabled": False,
        "securityEnabled": True,
    }
    assert result.cloud_anchor == f"Group_{ID}"
    assert set(result.sent) == set(SALES)
    assert result.warnings == ()


def test_an_upsert_that_finds_the_group_is_read_back(tenant, service) -> None:
    """204 means that an earlier request did arrive: the id comes from the alternate key."""
    service.on("PATCH", KEY, (204, None))
    service.on("GET", KEY, (404, {}), (200, IN_GRAPH))
    assert tenant.export(add()).cloud_anchor == f"Group_{ID}"


def test_a_group_that_is_there_gets_the_differences(tenant, service) -> None:
    """A group with our uniqueName is adopted, and only what differs is sent."""
    service.on("GET", KEY, (200, IN_GRAPH | {"description": None}))
    service.on("PATCH", f"/groups/{ID}", (204, None))
    result = tenant.export(add())
    assert [sent.body for sent in service.writes] == [{"description": "all of them"}]
    assert result.adopted


def test_a_group_with_mail_becomes_a_security_group_with_a_warning(tenant, service) -> None:
    """Attributes of mail are named as not writable; a distribution list is created as a security group."""
    created(service)
    result = tenant.export(
        add(securityEnabled=False, intended={"mail": "sales@contoso.com", "proxyAddresses": ("SMTP:s@c",)})
    )
    assert service.writes[0].body["securityEnabled"] is True
    assert "mail and proxyAddresses" in result.warnings[0]
    assert result.shadows == {"securityEnabled": Shadow(sent=False, visible=True)}
    assert "securityEnabled" in result.sent


def test_members_go_in_twenties(tenant, service) -> None:
    """A new group's members are bound by PATCHes of at most twenty; a single one goes to $ref."""
    created(service)
    service.on("PATCH", f"/groups/{ID}", (204, None))
    service.on("POST", MEMBERS, (204, None))
    result = tenant.export(add(*(user(n) for n in range(41))))
    bound = [len(sent.body["members@odata.bind"]) for sent in service.writes if sent.path == f"/groups/{ID}"]
    assert bound == [20, 20]
    assert [sent.body for sent in service.writes if sent.method == "POST"] == [
        {"@odata.id": "https://graph.example/v1.0/directoryObjects/id-40"}
    ]
    assert "member" in result.sent


def test_a_refused_batch_is_tried_one_by_one(tenant, service, refusal) -> None:
    """Members who are there already count as added; one who is not in the tenant is unresolved, and the others arrive."""
    created(service)
    service.on("PATCH", f"/groups/{ID}", refusal(ALREADY))

    def answer(sent):
        number = sent.body["@odata.id"][-1]
        return {"0": refusal(ALREADY), "1": (204, None), "2": refusal("Resource 'id-2' does not exist.", status=404)}[
            number
        ]

    service.on("POST", MEMBERS, answer)
    result = tenant.export(add(user(0), user(1), user(2)))
    assert result.failure is None
    assert result.unresolved == (f"member: {user(2).dn}",)
    assert "member" not in result.sent
    assert "displayName" in result.sent


def test_members_come_and_go(tenant, service, refusal) -> None:
    """Removals are DELETEs of $ref; one that is gone already is fine, one that was never in the tenant too."""
    service.on("GET", f"/groups/{ID}", (200, IN_GRAPH))
    service.on("POST", MEMBERS, (204, None))
    service.on("DELETE", f"/groups/{ID}/members/.*", (204, None), refusal("gone", status=404))
    result = tenant.export(update(come=[user(1)], go=[user(2), user(3), ReferenceTarget("CN={7A7A}")]))
    assert [str(sent) for sent in service.writes] == [
        f"DELETE /groups/{ID}/members/id-2/$ref",
        f"DELETE /groups/{ID}/members/id-3/$ref",
        f"POST /groups/{ID}/members/$ref",
    ]
    assert result.sent == ("member",)
    assert result.unresolved == ()


def test_a_refusal_stops_the_members(tenant, service, refusal) -> None:
    """Without the right to write members the first refusal ends it: no hundred requests for the same answer."""
    service.on("GET", f"/groups/{ID}", (200, IN_GRAPH))
    denied = refusal(
        "Insufficient privileges to complete the operation.", status=403, code="Authorization_RequestDenied"
    )
    service.on("PATCH", f"/groups/{ID}", denied)
    service.on("POST", MEMBERS, denied)
    result = tenant.export(update(come=[user(n) for n in range(60)]))
    assert result.failure is not None
    assert result.failure.code == "permission-issue"
    assert len(service.writes) == 2


def test_many_members_of_a_known_group_are_compared_first(tenant, service) -> None:
    """More than twenty additions to an existing group leave out those who are members already."""
    service.on("GET", f"/groups/{ID}", (200, IN_GRAPH))
    service.on("GET", f"/groups/{ID}/members", (200, {"value": [{"id": f"id-{n}"} for n in range(24)]}))
    service.on("POST", MEMBERS, (204, None))
    tenant.export(update(come=[user(n) for n in range(25)]))
    assert [sent.body["@odata.id"][-5:] for sent in service.writes] == ["id-24"]


def test_a_group_as_member_is_found_by_its_unique_name(tenant, service) -> None:
    """A member without a cloud anchor is looked for among users, then groups."""
    service.on("GET", f"/groups/{ID}", (200, IN_GRAPH))
    service.on("GET", r"/groups\(uniqueName='7a7a'\)", (200, {"id": "nested", "uniqueName": "7a7a"}))
    service.on("POST", MEMBERS, (204, None))
    tenant.export(update(come=[ReferenceTarget("CN={7A7A}")]))
    assert service.writes[0].body["@odata.id"].endswith("/nested")


@pytest.mark.parametrize("settable", [True, False])
def test_a_group_is_adopted_by_name_only_on_demand(graph, service, refusal, settable: bool) -> None:
    """With adopt_groups a nameless twin is taken over, and given our uniqueName where the service allows it."""
    twin = IN_GRAPH | {"uniqueName": None}
    service.on("GET", "/groups", (200, {"value": [twin]}))
    readonly = refusal("Property 'uniqueName' is read-only and cannot be set.")
    service.on("PATCH", f"/groups/{ID}", (204, None) if settable else readonly)
    result = GraphTenant(graph, adopt_groups="displayName").export(add())
    assert [sent.body for sent in service.writes] == [{"uniqueName": NAME}]
    assert result.adopted
    assert "adopted by its displayName" in result.warnings[0]
    assert ("sourceAnchor" in result.shadows) is not settable
    created(service)
    assert not GraphTenant(graph).export(add()).adopted


@pytest.mark.parametrize(
    "somebody",
    [
        {"uniqueName": "theirs"},
        {"onPremisesSyncEnabled": True},
        {"groupTypes": ["DynamicMembership"]},
        {"mailEnabled": True},
        {"isAssignableToRole": True},
        {"displayName": "SALES"},
    ],
)
def test_a_group_of_somebody_is_never_adopted(graph, service, somebody) -> None:
    """Groups with another uniqueName, master, purpose or spelling are left alone."""
    service.on("GET", "/groups", (200, {"value": [IN_GRAPH | {"uniqueName": None} | somebody]}))
    created(service)
    assert not GraphTenant(graph, adopt_groups="displayName").export(add()).adopted


def test_two_groups_of_one_name_are_nobodys(graph, service) -> None:
    """When the name is not unique nothing is adopted and nothing created."""
    twin = IN_GRAPH | {"uniqueName": None}
    service.on("GET", "/groups", (200, {"value": [twin, twin | {"id": "2"}]}))
    result = GraphTenant(graph, adopt_groups="displayName").export(add())
    assert result.failure is not None
    assert result.failure.code == "InvalidSoftMatch"
    assert service.writes == []
