"""Groups: create, upsert by uniqueName, members, owners, memberOf, delete."""

import pytest

UPSERT = {"prefer": "create-if-missing"}


def test_an_upsert_creates_once_and_then_updates(client, new_group, ids):
    """PATCH by uniqueName with Prefer gives 201 with the group, repeated 204, and there is one group."""
    path = "/groups(uniqueName='676f6c66')"
    assert client.patch(path, new_group()).status == 404
    first = client.patch(path, new_group(), **UPSERT)
    assert (first.status, first.json["uniqueName"], first.json["displayName"]) == (201, "676f6c66", "Golf")
    again = client.patch(path, new_group(description="green"), **UPSERT)
    assert (again.status, again.content) == (204, b"")
    found = client.get(path).json
    assert (found["id"], found["description"]) == (first.json["id"], "green")
    assert client.get("/groups/(uniqueName='676f6c66')").json["id"] == first.json["id"]
    assert len(client.get("/groups?$filter=uniqueName eq '676f6c66'").json["value"]) == 1


def test_unique_name_is_unique_and_stays(client, new_group, ids):
    """A taken uniqueName is a conflict, one that is set cannot be changed, and a missing one can be set once."""
    reply = client.post("/groups", new_group(uniqueName="73746166"))
    assert reply.error["details"][0] == {
        "code": "ObjectConflict",
        "message": "Another object with the same value for property uniqueName already exists.",
        "target": "uniqueName",
    }
    reply = client.patch(f"/groups/{ids.staff}", {"uniqueName": "00"})
    assert reply.error["message"] == "Property 'uniqueName' is read-only and cannot be set."
    identifier = client.post("/groups", new_group()).json["id"]
    assert client.patch(f"/groups/{identifier}", {"uniqueName": "01"}).status == 204
    assert client.patch(f"/groups/{identifier}", {"uniqueName": "02"}).status == 400
    assert client.patch("/groups(uniqueName='x')", new_group(uniqueName="y"), **UPSERT).status == 400


@pytest.mark.parametrize("name", ["displayName", "mailEnabled", "mailNickname", "securityEnabled"])
def test_each_required_property_of_a_group_is_missed_by_name(client, new_group, name):
    """Create and upsert say which property is missing."""
    for reply in (
        client.post("/groups", new_group(**{name: None})),
        client.patch("/groups(uniqueName='7a')", new_group(**{name: None}), **UPSERT),
    ):
        assert reply.error["message"] == f"A value is required for property '{name}' of resource 'Group'."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mailEnabled": True}, "does not currently support writes of mail-enabled groups"),
        ({"securityEnabled": False}, "does not currently support writes of mail-enabled groups"),
        ({"mail": "golf@contoso.com"}, "Property 'mail' is read-only and cannot be set."),
        ({"proxyAddresses": ["smtp:golf@contoso.com"]}, "Property 'proxyAddresses' is read-only and cannot be set."),
        ({"onPremisesSyncEnabled": True}, "Property 'onPremisesSyncEnabled' is read-only and cannot be set."),
        ({"mailNickname": "go lf"}, "Invalid value specified for property 'mailNickname' of resource 'Group'."),
        ({"mailNickname": "g" * 65}, "Invalid value specified for property 'mailNickname' of resource 'Group'."),
        ({"displayName": "g" * 257}, "Invalid value specified for property 'displayName' of resource 'Group'."),
        ({"description": "g" * 1025}, "Invalid value specified for property 'description' of resource 'Group'."),
        ({"onPremisesImmutableId": "x"}, "Invalid property 'onPremisesImmutableId'."),
    ],
)
def test_groups_graph_does_not_make(client, new_group, changes, words):
    """Mail-enabled security groups, distribution lists and read-only properties are refused."""
    reply = client.post("/groups", new_group(**changes))
    assert reply.status == 400
    assert words in reply.error["message"]


def test_a_microsoft_365_group_gets_an_address(client, new_group):
    """A Unified group has mail under the default domain, is public, and its nickname is taken."""
    body = new_group(groupTypes=["Unified"], mailEnabled=True, securityEnabled=False)
    reply = client.post("/groups", body)
    assert reply.status == 201
    assert (reply.json["mail"], reply.json["visibility"]) == ("golf@contoso.com", "Public")
    assert reply.json["proxyAddresses"] == ["SMTP:golf@contoso.com"]
    assert client.post("/groups", body).status == 400


def test_security_groups_may_share_name_and_nickname(client, new_group):
    """Neither displayName nor the nickname of a security group is unique."""
    assert client.post("/groups", new_group()).json["id"] != client.post("/groups", new_group()).json["id"]


def member_ids(client, group):
    """Return the ids of a group's members, in order."""
    return [item["id"] for item in client.get(f"/groups/{group}/members?$select=id").json["value"]]


def test_members_are_added_and_removed(client, ids):
    """POST and DELETE of references change the members; a second time, and for absent objects, they are refused."""
    path = f"/groups/{ids.staff}/members"
    reference = {"@odata.id": f"{ids.root}/v1.0/directoryObjects/{ids.ben}"}
    assert client.post(f"{path}/$ref", reference).status == 204
    assert member_ids(client, ids.staff) == [ids.ada, ids.ben, ids.contact]
    reply = client.post(f"{path}/$ref", reference)
    assert (reply.status, reply.error["message"]) == (
        400,
        "One or more added object references already exist for the following modified properties: 'members'.",
    )
    missing = "99999999-0000-4000-8000-000000000000"
    reply = client.post(f"{path}/$ref", {"@odata.id": f"{ids.root}/v1.0/directoryObjects/{missing}"})
    assert (reply.status, reply.error["code"]) == (404, "Request_ResourceNotFound")
    assert reply.error["message"].startswith(f"Resource '{missing}' does not exist")
    assert client.delete(f"{path}/{ids.ben}/$ref").status == 204
    assert client.delete(f"{path}/{ids.ben}/$ref").status == 404
    assert client.post(f"{path}/$ref", {"@odata.id": f"{ids.root}/v1.0/groups/{ids.staff}"}).status == 400


def test_members_show_their_type_and_selected_properties(client, ids):
    """A member list mixes types; each object says its type and has those of the selected properties its type knows."""
    reply = client.get(f"/groups/{ids.staff}/members?$select=id,onPremisesImmutableId,mail")
    assert reply.json["@odata.context"] == f"{ids.root}/v1.0/$metadata#directoryObjects(id,onPremisesImmutableId,mail)"
    assert reply.json["value"] == [
        {"@odata.type": "#microsoft.graph.user", "id": ids.ada, "onPremisesImmutableId": "AAAAAAAAAAAAAAAAAAAAAQ==",
         "mail": "ada@contoso.com"},
        {"@odata.type": "#microsoft.graph.orgContact", "id": ids.contact, "mail": "carl@partner.example"},
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["microsoft.graph.user", "graph.user"])
def test_a_cast_keeps_one_type_of_member(client, ids, name):
    """A type at the end of the path limits members and memberOf to it, and its properties can be filtered by."""
    path = f"/groups/{ids.staff}/members/{name}"
    reply = client.get(f"{path}?$select=id")
    assert reply.json == {"@odata.context": f"{ids.root}/v1.0/$metadata#users(id)", "value": [{"id": ids.ada}]}
    assert client.get(f"{path}?$filter=accountEnabled eq false").json["value"] == []
    assert client.get(f"/users/{ids.ada}/memberOf/graph.group?$select=id").json["value"] == [{"id": ids.staff}]
    assert client.get("/directory/deletedItems/graph.user").json["value"] == []


def test_members_are_paged(client, new_user, new_group):
    """A large group comes in pages, each member once; the count is of all."""
    made = [
        client.post("/users", new_user(userPrincipalName=f"m{n}@contoso.com", mailNickname=f"m{n}")).json["id"]
        for n in range(23)
    ]
    group = client.post("/groups", new_group()).json["id"]
    for start in range(0, 23, 20):
        bind = [f"https://graph.lab/v1.0/users/{one}" for one in made[start : start + 20]]
        assert client.patch(f"/groups/{group}", {"members@odata.bind": bind}).status == 204
    reply = client.get(f"/groups/{group}/members?$select=id&$top=10&$count=true", consistencylevel="eventual")
    assert reply.json["@odata.count"] == 23
    seen = [item["id"] for item in reply.json["value"]]
    while "@odata.nextLink" in reply.json:
        reply = client.get(reply.json["@odata.nextLink"])
        seen += [item["id"] for item in reply.json["value"]]
    assert sorted(seen) == sorted(made)
    assert client.get(f"/groups/{group}/members/$count", consistencylevel="eventual").content == b"23"


@pytest.mark.parametrize(
    ("bind", "words"),
    [
        (["{ben}"] * 21, "exceeds the limit of 20"),
        (["{ben}", "{ada}"], "One or more added object references already exist"),
        (["{ben}", "{ben}"], "One or more added object references already exist"),
        (["{ben}", "99999999-0000-4000-8000-000000000000"], "The source resource object or one of the objects being referenced do not exist."),
    ],
)  # fmt: skip
def test_binding_members_is_all_or_nothing(client, ids, bind, words):
    """PATCH with members@odata.bind takes at most 20, and one wrong reference refuses all of them and the rest."""
    before = member_ids(client, ids.staff)
    urls = [f"{ids.root}/v1.0/directoryObjects/{one.format(ben=ids.ben, ada=ids.ada)}" for one in bind]
    reply = client.patch(f"/groups/{ids.staff}", {"members@odata.bind": urls, "description": "changed"})
    assert reply.status == 400
    assert words in reply.error["message"]
    assert member_ids(client, ids.staff) == before
    assert client.get(f"/groups/{ids.staff}").json["description"] is None


def test_a_group_is_created_with_members_and_owners(client, new_group, ids):
    """POST /groups binds members and owners in the same request."""
    body = new_group()
    body["members@odata.bind"] = [f"{ids.root}/v1.0/users/{ids.ben}"]
    body["owners@odata.bind"] = [f"{ids.root}/v1.0/users/ada@contoso.com"]
    group = client.post("/groups", body).json["id"]
    assert member_ids(client, group) == [ids.ben]
    assert [owner["id"] for owner in client.get(f"/groups/{group}/owners").json["value"]] == [ids.ada]


def test_member_of_is_direct_and_transitive(client, ids):
    """The list memberOf has the groups an object is in, transitiveMemberOf those around them too."""
    direct = client.get(f"/users/{ids.ada}/memberOf?$select=id").json["value"]
    assert direct == [{"@odata.type": "#microsoft.graph.group", "id": ids.staff}]
    around = client.get(f"/users/{ids.ada}/transitiveMemberOf?$select=id").json["value"]
    assert [group["id"] for group in around] == [ids.staff, ids.synced_group]
    assert client.get(f"/contacts/{ids.contact}/memberOf").json["value"][0]["id"] == ids.staff


def test_a_security_group_is_deleted_for_good_and_a_unified_one_is_kept(client, new_group, ids):
    """Deleting a security group takes its links with it; a Microsoft 365 group can be restored."""
    assert client.delete(f"/groups/{ids.staff}").status == 204
    assert client.get(f"/directory/deletedItems/{ids.staff}").status == 404
    assert client.get(f"/users/{ids.ada}/memberOf").json["value"] == []
    unified = new_group(groupTypes=["Unified"], mailEnabled=True, securityEnabled=False)
    identifier = client.post("/groups", unified).json["id"]
    client.delete(f"/groups/{identifier}")
    assert client.get("/directory/deletedItems/microsoft.graph.group").json["value"][0]["id"] == identifier
    assert client.post(f"/directory/deletedItems/{identifier}/restore", None).status == 200
    assert client.get(f"/groups/{identifier}").json["mail"] == "golf@contoso.com"
