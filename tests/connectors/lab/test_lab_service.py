"""Paths, methods, bodies, headers, the tenant's own resources, and $batch."""

import json

import pytest


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "words"),
    [
        ("GET", "/nothing", 400, "BadRequest", "Resource not found for the segment 'nothing'."),
        ("GET", "/users/{ada}/nothing", 400, "BadRequest", "Resource not found for the segment 'nothing'."),
        ("GET", "/users(name='x')", 400, "BadRequest", "Resource not found for the segment"),
        ("GET", "/users/99999999-0000-4000-8000-000000000000", 404, "Request_ResourceNotFound", "does not exist or one of"),
        ("GET", "/groups/{ada}", 404, "Request_ResourceNotFound", "does not exist or one of"),
        ("GET", "/contacts/{ada}", 404, "Request_ResourceNotFound", "does not exist or one of"),
        ("PUT", "/users/{ada}", 405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target."),
        ("DELETE", "/organization", 405, "Request_BadRequest", "Specified HTTP method is not allowed"),
        ("POST", "/contacts", 405, "Request_BadRequest", "Specified HTTP method is not allowed"),
        ("POST", "/devices", 403, "Authorization_RequestDenied", "Insufficient privileges"),
        ("PATCH", "/directory/onPremisesSynchronization/{tenant}", 403, "Authorization_RequestDenied", "Insufficient"),
        ("GET", "/me", 400, "BadRequest", "/me request is only valid with delegated authentication flow."),
    ],
)  # fmt: skip
def test_paths_and_methods_graph_has_not(client, ids, method, path, status, code, words):
    """Unknown segments are 400 as Graph has it, absent objects 404, wrong methods 405."""
    reply = client.call(method, path.format(ada=ids.ada, tenant=ids.tenant), {})
    assert (reply.status, reply.error["code"]) == (status, code)
    assert words in reply.error["message"]


def test_an_unknown_version_is_refused(client):
    """Only v1.0 and beta are versions."""
    reply = client.send("GET", "/v3.0/users")
    assert (reply.status, reply.error["message"]) == (400, "Invalid version: v3.0")
    assert client.send("GET", "/").status == 400


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", "application/json", "Empty Payload. JSON content expected."),
        (b"{", "application/json", "Unable to read JSON request payload."),
        (b"[1]", "application/json", "Unable to read JSON request payload."),
        (b'{"a": "\\ud800"}', "application/json", "Unable to read JSON request payload."),
        (b"\xff\xfe", "application/json", "Unable to read JSON request payload."),
        (b"a=1", "application/x-www-form-urlencoded", "Entity only allows writes with a JSON Content-Type header."),
    ],
)
def test_bodies_that_are_no_json_object(client, body, kind, words):
    """A missing, broken or foreign body gives 400 with the gateway's words."""
    reply = client.call("POST", "/users", body, content_type=kind)
    assert (reply.status, reply.error["code"]) == (400, "BadRequest")
    assert reply.error["message"].startswith(words)


def test_a_body_over_four_megabytes_is_refused(client):
    """The limit of a write is 4 MB."""
    body = json.dumps({"displayName": "x" * (4 * 1024 * 1024)}).encode()
    assert client.call("POST", "/users", body).status == 413


def test_answers_carry_the_identifiers_of_the_request(client):
    """Each answer has a request-id of its own and echoes client-request-id; errors repeat them inside."""
    own = "3f1e9c2a-0000-4000-8000-000000000000"
    good = client.get("/users", client_request_id=own)
    assert good.headers["client-request-id"] == own
    bad = client.get("/users/nobody@contoso.com", client_request_id=own)
    assert bad.error["innerError"]["request-id"] == bad.headers["request-id"] != good.headers["request-id"]
    assert bad.error["innerError"]["client-request-id"] == own
    assert bad.error["innerError"]["date"] == "2026-03-02T12:00:00"
    assert good.headers["Content-Type"].startswith("application/json;odata.metadata=minimal")


def test_a_header_that_is_echoed_cannot_break_out(client):
    """Line breaks in client-request-id do not make new headers."""
    reply = client.get("/users", client_request_id="x\r\nSet-Cookie: a=b")
    assert "\r" not in reply.headers["client-request-id"]
    assert "\n" not in reply.headers["client-request-id"]


def test_an_empty_answer_has_no_content_headers(client, ids):
    """204 has neither a body nor a Content-Type."""
    reply = client.patch(f"/users/{ids.ada}", {"city": "London"})
    assert (reply.status, reply.content) == (204, b"")
    assert not {"Content-Type", "Content-Length"} & set(reply.headers)


def test_the_organization_says_what_its_domains_are(client, ids):
    """The organization and its domains show the verified domains, the initial one and the federated one."""
    found = client.get("/organization?$select=id,displayName,onPremisesSyncEnabled,verifiedDomains").json["value"]
    assert (found[0]["id"], found[0]["onPremisesSyncEnabled"]) == (ids.tenant, None)
    assert [d["name"] for d in found[0]["verifiedDomains"] if d["isInitial"]] == ["contoso.onmicrosoft.com"]
    assert client.get(f"/organization/{ids.tenant}").json["displayName"] == "Contoso"
    domains = client.get("/domains").json["value"]
    assert [(d["id"], d["authenticationType"], d["isDefault"]) for d in domains] == [
        ("contoso.com", "Managed", True),
        ("fabrikam.com", "Federated", False),
        ("contoso.onmicrosoft.com", "Managed", False),
    ]
    assert client.get("/domains/fabrikam.com").json["isVerified"] is True
    assert client.get("/domains/nowhere.example").status == 404


def test_synchronisation_settings_are_the_file_over_the_defaults(document, new_client, request):
    """The synchronisation settings have all twenty features; what the file sets wins."""
    document["onPremisesSynchronization"] = {"features": {"blockSoftMatchEnabled": True}}
    client = new_client(request.getfixturevalue("tenant"))
    found = client.get("/directory/onPremisesSynchronization").json["value"][0]
    assert found["configuration"]["accidentalDeletionPrevention"]["alertThreshold"] == 500
    assert len(found["features"]) == 20
    assert found["features"]["blockSoftMatchEnabled"] is True
    assert found["features"]["passwordSyncEnabled"] is False


def test_other_collections_can_be_read(client, ids):
    """Contacts, devices, directoryObjects, getByIds, servicePrincipals and $metadata answer."""
    assert client.get("/contacts?$filter=mail eq 'carl@partner.example'").json["value"][0]["id"] == ids.contact
    assert client.get("/devices(deviceId='11')").json["trustType"] == "ServerAd"
    found = client.get(f"/directoryObjects/{ids.staff}").json
    assert (found["@odata.type"], found["displayName"]) == ("#microsoft.graph.group", "Staff")
    several = client.post("/directoryObjects/getByIds", {"ids": [ids.ada, ids.staff, ids.tenant], "types": ["user"]})
    assert [item["id"] for item in several.json["value"]] == [ids.ada]
    principal = client.get(f"/servicePrincipals?$filter=appId eq '{ids.client}'&$select=id,appId").json["value"]
    assert principal[0]["appId"] == ids.client
    assert client.get("/servicePrincipals?$filter=appId eq 'x'").json["value"] == []
    assert b'<EntityType Name="user"' in client.get("/$metadata").content


def test_a_batch_carries_out_its_requests_in_order(client, new_user, ids):
    """Each request of a batch has its own status, and one whose dependency failed gets 424."""
    json_type = {"Content-Type": "application/json"}
    reply = client.post(
        "/$batch",
        {
            "requests": [
                {"id": "1", "method": "POST", "url": "/users", "headers": json_type, "body": new_user()},
                {"id": "2", "method": "GET", "url": "/users/dora@contoso.com?$select=id", "dependsOn": ["1"]},
                {
                    "id": "3",
                    "method": "PATCH",
                    "url": f"/users/{ids.synced}",
                    "headers": json_type,
                    "body": {"city": "x"},
                },
                {"id": "4", "method": "GET", "url": "/users", "dependsOn": ["3"]},
                {
                    "id": "5",
                    "method": "PATCH",
                    "url": f"/users/{ids.ben}",
                    "headers": json_type,
                    "body": {"city": "Rome"},
                },
            ]
        },
    )
    answers = {item["id"]: item for item in reply.json["responses"]}
    assert {key: item["status"] for key, item in answers.items()} == {"1": 201, "2": 200, "3": 400, "4": 424, "5": 204}
    assert answers["2"]["body"]["id"] == answers["1"]["body"]["id"]
    assert "body" not in answers["5"]


@pytest.mark.parametrize(
    "requests",
    [
        None,
        "x",
        [{"id": str(n), "method": "GET", "url": "/users"} for n in range(21)],
        [{"id": "1", "method": "GET", "url": "/users"}] * 2,
        [{"method": "GET", "url": "/users"}],
        [{"id": "1", "method": "BREW", "url": "/users"}],
        [{"id": "1", "method": "POST", "url": "/users", "body": {}}],
    ],
)
def test_a_malformed_batch_is_refused_as_a_whole(client, requests):
    """More than twenty requests, ids missing or double, unknown methods and bodies without a type give 400."""
    reply = client.post("/$batch", {"requests": requests})
    assert (reply.status, reply.error["code"]) == (400, "BadRequest")
