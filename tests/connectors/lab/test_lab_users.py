"""Users: create, read, change, delete, restore, manager."""

import pytest


def test_creating_a_user_answers_like_graph(client, new_user, ids):
    """POST gives 201, the default properties, a Location, and a user that can be read at once by id and by name."""
    reply = client.post("/users", new_user(mail="dora@contoso.com", onPremisesImmutableId="ZG9yYQ=="))
    assert reply.status == 201
    assert reply.json["@odata.context"] == f"{ids.root}/v1.0/$metadata#users/$entity"
    assert "onPremisesImmutableId" not in reply.json
    identifier = reply.json["id"]
    assert reply.headers["Location"].endswith(f"/directoryObjects/{identifier}/Microsoft.DirectoryServices.User")
    selected = "id,onPremisesImmutableId,proxyAddresses,accountEnabled,userType,passwordProfile,createdDateTime"
    assert client.get(f"/users/dora@contoso.com?$select={selected}").json == {
        "@odata.context": f"{ids.root}/v1.0/$metadata#users({selected})/$entity",
        "id": identifier,
        "onPremisesImmutableId": "ZG9yYQ==",
        "proxyAddresses": ["SMTP:dora@contoso.com"],
        "accountEnabled": True,
        "userType": "Member",
        "passwordProfile": None,
        "createdDateTime": "2026-03-02T12:00:00Z",
    }


def test_a_password_is_stored_nowhere(client, new_user, tenant):
    """Neither file of the tenant has a password, not even after a change."""
    secret = "Never-Stored-1234"
    identifier = client.post("/users", new_user(passwordProfile={"password": secret})).json["id"]
    assert client.patch(f"/users/{identifier}", {"passwordProfile": {"password": secret + "5"}}).status == 204
    tenant.fold()
    for file in tenant.path.parent.iterdir():
        assert secret.encode() not in file.read_bytes()


@pytest.mark.parametrize("name", ["accountEnabled", "displayName", "mailNickname", "userPrincipalName"])
def test_each_required_property_is_missed_by_name(client, new_user, name):
    """Without a required property the answer says which one."""
    reply = client.post("/users", new_user(**{name: None}))
    assert (reply.status, reply.error["code"]) == (400, "Request_BadRequest")
    assert reply.error["message"] == f"A value is required for property '{name}' of resource 'User'."


def test_a_user_needs_a_password(client, new_user):
    """Without a password profile no user is created."""
    for profile in (None, {}, {"forceChangePasswordNextSignIn": True}):
        reply = client.post("/users", new_user(passwordProfile=profile))
        assert (reply.status, reply.error["message"]) == (400, "A password must be specified to create a new user.")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("userPrincipalName", "dóra@contoso.com"),
        ("userPrincipalName", "do ra@contoso.com"),
        ("userPrincipalName", "dora"),
        ("userPrincipalName", "dora.@contoso.com"),
        ("userPrincipalName", "d" * 65 + "@contoso.com"),
        ("mailNickname", "d" * 65),
        ("mailNickname", "do ra"),
        ("mailNickname", "dora@x"),
        ("mailNickname", "dóra"),
        ("displayName", ""),
        ("displayName", "d" * 257),
        ("department", "d" * 65),
        ("companyName", "d" * 65),
        ("givenName", "d" * 65),
        ("surname", "d" * 65),
        ("city", "d" * 129),
        ("jobTitle", "d" * 129),
        ("postalCode", "d" * 41),
        ("streetAddress", "d" * 1025),
        ("employeeId", "d" * 17),
        ("usageLocation", "GBR"),
        ("usageLocation", "1"),
        ("businessPhones", ["1", "2"]),
        ("mail", "not an address"),
        ("otherMails", ["a@b.example"] * 251),
        ("onPremisesImmutableId", "abc_def"),
        ("onPremisesImmutableId", "abc$"),
        ("onPremisesExtensionAttributes", {"extensionAttribute16": "x"}),
        ("onPremisesExtensionAttributes", {"extensionAttribute1": "x" * 1025}),
    ],
)
def test_unacceptable_values_are_refused_on_create_and_update(client, new_user, ids, name, value):
    """A value over its limit or of illegal characters gives 400 with the detail InvalidValue and the property's name."""
    for reply in (client.post("/users", new_user(**{name: value})), client.patch(f"/users/{ids.ada}", {name: value})):
        assert (reply.status, reply.error["code"]) == (400, "Request_BadRequest")
        assert reply.error["message"] == f"Invalid value specified for property '{name}' of resource 'User'."
        assert reply.error["details"][0]["code"] == "InvalidValue"
        assert reply.error["details"][0]["target"] == name


@pytest.mark.parametrize(
    ("name", "value"),
    [("displayName", "d" * 256), ("mailNickname", "d" * 64), ("employeeId", "d" * 16), ("usageLocation", "de"),
     ("userPrincipalName", "o'k.-_!#^~1@contoso.com"), ("businessPhones", ["+1"]), ("streetAddress", "d" * 1024)],
)  # fmt: skip
def test_values_at_their_limit_are_taken(client, new_user, name, value):
    """The longest and oddest legal values are accepted."""
    assert client.post("/users", new_user(**{name: value})).status == 201


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"shoeSize": 43}, 400, "Request_BadRequest", "Invalid property 'shoeSize'."),
        ({"proxyAddresses": ["SMTP:x@contoso.com"]}, 403, "Authorization_RequestDenied", "Insufficient privileges"),
        ({"onPremisesSyncEnabled": True}, 400, "Request_BadRequest", "Property 'onPremisesSyncEnabled' is read-only and cannot be set."),
        ({"onPremisesSamAccountName": "x"}, 400, "Request_BadRequest", "is read-only and cannot be set."),
        ({"displayName": 5}, 400, "BadRequest", "Cannot convert the literal '5' to the expected type 'Edm.String'."),
        ({"accountEnabled": "yes"}, 400, "BadRequest", "'Edm.Boolean'"),
        ({"businessPhones": "1"}, 400, "BadRequest", "businessPhones"),
        ({"businessPhones": None}, 400, "Request_BadRequest", "businessPhones"),
        ({"employeeHireDate": "yesterday"}, 400, "BadRequest", "Edm.DateTimeOffset"),
        ({"displayName": None}, 400, "Request_BadRequest", "Invalid value specified for property 'displayName'"),
        ({"usageLocation": None}, 400, "Request_BadRequest", "Invalid value specified for property 'usageLocation'"),
        ({"passwordProfile": {"password": "short"}}, 400, "Request_BadRequest", "password complexity requirements"),
        ({"passwordProfile": {"password": "alllowercaseletters"}}, 400, "Request_BadRequest", "password complexity"),
        ({"userPrincipalName": "ada@nowhere.example"}, 400, "Request_BadRequest", "The domain portion of the userPrincipalName"),
        ({"members@odata.bind": []}, 400, "Request_BadRequest", "Invalid property 'members'."),
    ],
)  # fmt: skip
def test_updates_are_refused_with_the_words_of_graph(client, ids, body, status, code, words):
    """Unknown, read-only, forbidden and mistyped properties each have their answer, and nothing is changed."""
    before = client.get(f"/users/{ids.ada}").json
    reply = client.patch(f"/users/{ids.ada}", body)
    assert (reply.status, reply.error["code"]) == (status, code)
    assert words in reply.error["message"]
    assert client.get(f"/users/{ids.ada}").json == before


def test_a_new_user_under_a_federated_domain_needs_an_immutable_id(client, new_user):
    """Graph's answer is the general one; with onPremisesImmutableId the user is created."""
    reply = client.post("/users", new_user(userPrincipalName="dora@fabrikam.com"))
    assert (reply.status, reply.error["message"]) == (400, "One or more properties contains invalid values.")
    user = new_user(userPrincipalName="dora@fabrikam.com", onPremisesImmutableId="ZA==")
    assert client.post("/users", user).status == 201


@pytest.mark.parametrize(
    ("changes", "target", "holder"),
    [
        ({"userPrincipalName": "ADA@contoso.com"}, "userPrincipalName", False),
        ({"onPremisesImmutableId": "AAAAAAAAAAAAAAAAAAAAAQ=="}, "onPremisesImmutableId", True),
        ({"mail": "ada@contoso.com"}, "proxyAddresses", True),
        ({"mail": "Countess@contoso.com"}, "proxyAddresses", True),
    ],
)
def test_what_is_unique_in_the_tenant_is_refused_twice(client, new_user, ids, changes, target, holder):
    """A taken value gives ObjectConflict with the property, and ConflictingObjects with the object that has it."""
    for reply in (client.post("/users", new_user(**changes)), client.patch(f"/users/{ids.ben}", changes)):
        assert (reply.status, reply.error["code"]) == (400, "Request_BadRequest")
        assert reply.error["message"] == f"Another object with the same value for property {target} already exists."
        details = {detail["code"]: detail["target"] for detail in reply.error["details"]}
        assert details == {"ObjectConflict": target} | ({"ConflictingObjects": f"User_{ids.ada}"} if holder else {})


def test_a_contact_holds_its_address_too(client, ids):
    """Addresses are unique over users, groups and contacts; the detail names the contact."""
    reply = client.patch(f"/users/{ids.ben}", {"mail": "carl@partner.example"})
    assert reply.error["details"][1]["target"] == f"OrgContact_{ids.contact}"


def test_a_user_may_keep_its_own_values(client, ids):
    """Writing the values an object already has is no conflict."""
    body = {"userPrincipalName": "ada@contoso.com", "mail": "ada@contoso.com", "onPremisesSyncEnabled": None}
    assert client.patch(f"/users/{ids.ada}", body).status == 204


def test_mail_becomes_the_primary_address(client, ids):
    """Setting mail adds an SMTP: address and demotes the old one; clearing it takes the primary address away."""
    path = f"/users/{ids.ada}?$select=mail,proxyAddresses"
    client.patch(f"/users/{ids.ada}", {"mail": "lovelace@contoso.com"})
    assert client.get(path).json["proxyAddresses"] == [
        "SMTP:lovelace@contoso.com",
        "smtp:ada@contoso.com",
        "smtp:countess@contoso.com",
    ]
    client.patch(f"/users/{ids.ada}", {"mail": "COUNTESS@contoso.com"})
    assert client.get(path).json["proxyAddresses"] == [
        "SMTP:COUNTESS@contoso.com",
        "smtp:lovelace@contoso.com",
        "smtp:ada@contoso.com",
    ]
    client.patch(f"/users/{ids.ada}", {"mail": None})
    assert client.get(path).json["proxyAddresses"] == ["smtp:lovelace@contoso.com", "smtp:ada@contoso.com"]
    assert client.get(path).json["mail"] is None


def test_a_value_that_was_given_up_is_free_again(client, new_user, ids):
    """After a rename the old user principal name and immutable id can be taken by another user."""
    client.patch(f"/users/{ids.ada}", {"userPrincipalName": "a2@contoso.com", "onPremisesImmutableId": None})
    user = new_user(userPrincipalName="ada@contoso.com", onPremisesImmutableId="AAAAAAAAAAAAAAAAAAAAAQ==")
    assert client.post("/users", user).status == 201
    assert client.get(f"/users/{ids.ada}?$select=onPremisesImmutableId").json["onPremisesImmutableId"] is None


def test_an_object_mastered_on_premises_is_refused(client, ids):
    """Synchronised users and groups cannot be changed through Graph, except for what the cloud owns."""
    refused = [
        client.patch(f"/users/{ids.synced}", {"displayName": "X"}),
        client.patch(f"/users/{ids.synced}", {"usageLocation": "DE", "department": "X"}),
        client.patch(f"/groups/{ids.synced_group}", {"description": "X"}),
        client.call("PUT", f"/users/{ids.synced}/manager/$ref", {"@odata.id": f"{ids.root}/v1.0/users/{ids.ada}"}),
        client.post(f"/groups/{ids.synced_group}/members/$ref", {"@odata.id": f"{ids.root}/v1.0/users/{ids.ada}"}),
        client.delete(f"/groups/{ids.synced_group}/members/{ids.staff}/$ref"),
    ]
    for reply in refused:
        assert reply.status == 400
        assert reply.error["message"] == (
            "Unable to update the specified properties for on-premises mastered Directory Sync objects "
            "or objects currently undergoing migration."
        )
    assert client.patch(f"/users/{ids.synced}", {"usageLocation": "DE"}).status == 204


def test_extension_attributes_are_merged(client, ids):
    """Each extension attribute is written on its own, null clears one, and reading shows all fifteen."""
    path = f"/users/{ids.ada}?$select=onPremisesExtensionAttributes"
    client.patch(
        f"/users/{ids.ada}", {"onPremisesExtensionAttributes": {"extensionAttribute1": "a", "extensionAttribute2": "b"}}
    )
    client.patch(
        f"/users/{ids.ada}",
        {"onPremisesExtensionAttributes": {"extensionAttribute1": None, "extensionAttribute3": "c"}},
    )
    found = client.get(path).json["onPremisesExtensionAttributes"]
    assert len(found) == 15
    assert {name: value for name, value in found.items() if value} == {
        "extensionAttribute2": "b",
        "extensionAttribute3": "c",
    }


def test_beta_writes_on_premises_names_of_cloud_users_only(client, ids):
    """PATCH /beta takes onPremisesSamAccountName and its kind; v1.0 does not, and synchronised users are refused."""
    body = {"onPremisesSamAccountName": "ada", "onPremisesDistinguishedName": "CN=Ada,DC=contoso,DC=com"}
    assert client.patch(f"/users/{ids.ada}", body).status == 400
    assert client.patch(f"/beta/users/{ids.ada}", body).status == 204
    assert client.patch(f"/beta/users/{ids.synced}", body).status == 400
    assert client.get(f"/users/{ids.ada}?$select=onPremisesSamAccountName").json["onPremisesSamAccountName"] == "ada"


def test_manager_is_set_replaced_and_removed(client, ids):
    """The manager is a reference: PUT replaces it, DELETE removes it, and where there is none the answer is 404."""
    path = f"/users/{ids.ada}/manager"
    assert client.get(path + "?$select=id").json["id"] == ids.ben
    assert (
        client.call("PUT", path + "/$ref", {"@odata.id": f"{ids.root}/v1.0/directoryObjects/{ids.synced}"}).status
        == 204
    )
    found = client.get(path + "?$select=id").json
    assert (found["id"], found["@odata.type"]) == (ids.synced, "#microsoft.graph.user")
    assert [user["id"] for user in client.get(f"/users/{ids.synced}/directReports").json["value"]] == [ids.ada]
    assert client.delete(path + "/$ref").status == 204
    for reply in (client.get(path), client.delete(path + "/$ref")):
        assert (reply.status, reply.error["code"]) == (404, "Request_ResourceNotFound")
        assert reply.error["message"].startswith("Resource 'manager' does not exist or one of its queried")


@pytest.mark.parametrize(
    ("reference", "status"),
    [
        ("{root}/v1.0/users/99999999-0000-4000-8000-000000000000", 404),
        ("{root}/v1.0/groups/{staff}", 404),
        ("https://graph.microsoft.com/v1.0/users/{ben}", 400),
        ("users/{ben}", 400),
        ("", 400),
        ("{root}/v1.0/users/ben@contoso.com", 204),
    ],
)
def test_a_reference_has_to_lead_to_an_object_of_this_service(client, ids, reference, status):
    """References to absent objects, to other hosts and to what cannot be a manager are refused."""
    body = {"@odata.id": reference.format(root=ids.root, staff=ids.staff, ben=ids.ben)}
    assert client.call("PUT", f"/users/{ids.ada}/manager/$ref", body).status == status


def test_a_deleted_user_can_be_restored_with_its_memberships(client, ids):
    """DELETE hides the user everywhere, keeps its immutable id in deletedItems, and restore brings everything back."""
    assert client.delete(f"/users/{ids.ada}").status == 204
    assert client.get(f"/users/{ids.ada}").status == 404
    assert client.get("/users/ada@contoso.com").status == 404
    assert ids.ada not in str(client.get(f"/groups/{ids.staff}/members").json)
    listed = client.get(
        "/directory/deletedItems/microsoft.graph.user?$select=id,userPrincipalName,onPremisesImmutableId,deletedDateTime"
        "&$filter=onPremisesImmutableId eq 'AAAAAAAAAAAAAAAAAAAAAQ=='"
    ).json["value"]
    assert listed == [
        {
            "id": ids.ada,
            "userPrincipalName": ids.ada.replace("-", "") + "ada@contoso.com",
            "onPremisesImmutableId": "AAAAAAAAAAAAAAAAAAAAAQ==",
            "deletedDateTime": "2026-03-02T12:00:00Z",
        }
    ]
    assert client.get(f"/directory/deletedItems/{ids.ada}").json["@odata.type"] == "#microsoft.graph.user"
    assert client.post(f"/directory/deletedItems/{ids.ada}/restore", None).status == 200
    assert client.get("/users/ada@contoso.com?$select=id,deletedDateTime").json["deletedDateTime"] is None
    assert ids.ada in str(client.get(f"/groups/{ids.staff}/members").json)
    assert client.get(f"/users/{ids.ada}/manager").status == 200


def test_a_restore_is_refused_when_the_name_was_taken(client, new_user, ids):
    """Restoring onto a taken user principal name is a conflict; the deleted user stays where it is."""
    client.delete(f"/users/{ids.ada}")
    client.post("/users", new_user(userPrincipalName="ada@contoso.com"))
    reply = client.post(f"/directory/deletedItems/{ids.ada}/restore", None)
    assert (reply.status, reply.error["details"][0]["code"]) == (400, "ObjectConflict")
    assert client.get(f"/directory/deletedItems/{ids.ada}").status == 200


def test_deleted_users_are_gone_after_thirty_days_or_when_purged(client, clock, ids):
    """Thirty days later, or after DELETE on the deleted item, nothing can be restored."""
    client.delete(f"/users/{ids.ada}")
    client.delete(f"/users/{ids.ben}")
    assert client.delete(f"/directory/deletedItems/{ids.ben}").status == 204
    assert client.get(f"/directory/deletedItems/{ids.ben}").status == 404
    clock.forward(days=31)
    client.token = ""
    assert client.get(f"/directory/deletedItems/{ids.ada}").status == 404
    assert client.get("/directory/deletedItems/microsoft.graph.user").json["value"] == []
