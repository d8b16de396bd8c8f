"""The token service and the check of tokens."""

import base64
import json

import pytest


def test_discovery_names_the_token_endpoint_on_the_same_host(client, ids):
    """The discovery document leads msal to the token endpoint of this tenant, by GUID or by domain name."""
    for name in (ids.tenant, "contoso.com", "CONTOSO.onmicrosoft.com"):
        found = client.send("GET", f"/{name}/v2.0/.well-known/openid-configuration").json
        assert found["token_endpoint"] == f"{ids.root}/{ids.tenant}/oauth2/v2.0/token"
        assert found["issuer"] == f"{ids.root}/{ids.tenant}/v2.0"


def test_a_token_shows_its_roles_as_a_real_one(client, ids):
    """A token has the form of a JSON Web Token whose claims tell application, tenant and permissions."""
    reply = client.ask_token()
    assert (reply.status, reply.json["token_type"], reply.json["expires_in"]) == (200, "Bearer", 3599)
    middle = reply.json["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=="))
    assert (claims["appid"], claims["tid"]) == (ids.client, ids.tenant)
    assert "User.ReadWrite.All" in claims["roles"]


def test_tokens_are_never_the_same(client):
    """Two tokens of one application in one second differ."""
    assert client.ask_token().json["access_token"] != client.ask_token().json["access_token"]


@pytest.mark.parametrize(
    ("changes", "status", "error", "number"),
    [
        ({"client_secret": "not-the-secret"}, 401, "invalid_client", 7000215),
        ({"client_secret": ""}, 401, "invalid_client", 7000216),
        ({"client_id": "11111111-1111-1111-1111-111111111111"}, 400, "unauthorized_client", 700016),
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"grant_type": None}, 400, "invalid_request", 900144),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"scope": None}, 400, "invalid_request", 900144),
        ({"scope": "https://graph.lab/User.Read"}, 400, "invalid_scope", 1002012),
        ({"scope": "nothing/.default"}, 400, "invalid_resource", 500011),
        ({"tenant": "nobody.example"}, 400, "invalid_tenant", 90002),
    ],
)
def test_the_token_service_refuses_as_entra_does(client, changes, status, error, number):
    """Each refusal has its HTTP status, its OAuth error and its AADSTS number, and no secret in its text."""
    reply = client.ask_token(**changes)
    assert (reply.status, reply.json["error"], reply.json["error_codes"]) == (status, error, [number])
    assert reply.json["error_description"].startswith(f"AADSTS{number}: ")
    assert "not-the-secret" not in reply.json["error_description"]


def test_a_secret_in_a_basic_header_is_taken(client, ids):
    """client_secret_basic works beside client_secret_post."""
    basic = base64.b64encode(f"{ids.client}:{ids.secret}".encode()).decode()
    body = b"grant_type=client_credentials&scope=https%3A%2F%2Fgraph.lab%2F.default"
    reply = client.send("POST", f"/{ids.tenant}/oauth2/v2.0/token", body, authorization=f"Basic {basic}")
    assert reply.status == 200


@pytest.mark.parametrize(
    ("authorization", "words"),
    [
        ("", "Access token is empty."),
        ("Basic abc", "Access token is empty."),
        ("Bearer rubbish", "JWT is not well formed"),
        ("Bearer a.b.c", "Invalid signature"),
    ],
)
def test_graph_refuses_a_request_without_a_good_token(client, authorization, words):
    """A missing, malformed or forged token gives 401 with the code and the challenge of Graph."""
    reply = client.send("GET", "/v1.0/users", authorization=authorization)
    assert (reply.status, reply.error["code"]) == (401, "InvalidAuthenticationToken")
    assert words in reply.error["message"]
    assert reply.headers["WWW-Authenticate"].startswith('Bearer realm=""')


def test_a_token_ends(client, clock):
    """A token works to its last second and not beyond."""
    assert client.get("/users").status == 200
    clock.forward(seconds=3598)
    assert client.get("/users").status == 200
    clock.forward(seconds=2)
    reply = client.get("/users")
    assert (reply.status, reply.error["code"]) == (401, "InvalidAuthenticationToken")
    assert "expired" in reply.error["message"]


@pytest.fixture
def client_with_roles(document, new_client, request):
    """Make a client whose application has the given permissions only."""

    def make(roles):
        document["applications"][0]["roles"] = roles
        return new_client(request.getfixturevalue("tenant"))

    return make


@pytest.mark.parametrize(
    ("roles", "method", "path", "status"),
    [
        (["User.Read.All"], "GET", "/users", 200),
        (["User.Read.All"], "GET", "/groups", 403),
        (["User.Read.All"], "DELETE", "/users/{ada}", 403),
        (["Group.Read.All"], "GET", "/groups/{staff}/members", 200),
        (["GroupMember.ReadWrite.All"], "DELETE", "/groups/{staff}/members/{ada}/$ref", 204),
        (["GroupMember.ReadWrite.All"], "DELETE", "/groups/{staff}", 403),
        ([], "GET", "/organization", 403),
        ([], "GET", "/$metadata", 200),
    ],
)
def test_an_application_may_do_what_its_permissions_say(client_with_roles, ids, roles, method, path, status):
    """Each area of Graph needs one of its application permissions; without it the answer is 403."""
    reply = client_with_roles(roles).call(method, path.format(ada=ids.ada, staff=ids.staff))
    assert reply.status == status
    if status == 403:
        assert reply.error["code"] == "Authorization_RequestDenied"
        assert reply.error["message"] == "Insufficient privileges to complete the operation."


def test_a_hashed_secret_is_enough(document, new_client, request, ids):
    """An application may be stored with the SHA-256 of its secret, and one without any secret cannot sign in."""
    import hashlib

    document["applications"] = [
        {"client_id": ids.client, "secret_sha256": hashlib.sha256(ids.secret.encode()).hexdigest()},
        {"client_id": "22222222-2222-2222-2222-222222222222"},
    ]
    client = new_client(request.getfixturevalue("tenant"))
    assert client.ask_token().status == 200
    assert client.ask_token(client_id="22222222-2222-2222-2222-222222222222", client_secret="x").status == 401


def test_applications_keep_their_secret_out_of_their_repr(tenant, ids):
    """Printing an application shows no secret."""
    assert ids.secret not in repr(tenant.applications())
