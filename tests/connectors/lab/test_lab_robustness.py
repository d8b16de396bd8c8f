"""Whatever is sent, the lab answers with a status and Graph's envelope, and never falls over."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PIECES = st.sampled_from(
    ["displayName", "accountEnabled", "proxyAddresses", "nothing", "id", "onPremisesExtensionAttributes/extensionAttribute1",
     "eq", "ne", "in", "and", "or", "not", "(", ")", ",", ":", "'", "'x'", "''", "null", "true", "5", "5.5", "-1",
     "2026-01-01T00:00:00Z", "startsWith(", "endsWith(", "/any(", "p:p", "p", "$", "é", "\x00", " "]
)  # fmt: skip
PATHS = st.lists(
    st.sampled_from(
        ["users", "groups", "contacts", "devices", "directory", "deletedItems", "directoryObjects", "members", "manager",
         "$ref", "$count", "$metadata", "organization", "domains", "restore", "memberOf", "graph.user", "(uniqueName='x')",
         "('x')", "()", "(", "'", "%", "..", "a0000000-0000-4000-8000-000000000001", "d0000000-0000-4000-8000-000000000004",
         "x@contoso.com", "getByIds", "$batch", "\x7f", "é"]
    ),
    max_size=5,
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["displayName", "accountEnabled", "mail", "mailNickname", "userPrincipalName", "passwordProfile", "businessPhones",
     "onPremisesExtensionAttributes", "onPremisesImmutableId", "proxyAddresses", "usageLocation", "employeeHireDate",
     "mailEnabled", "securityEnabled", "groupTypes", "uniqueName", "members@odata.bind", "owners@odata.bind",
     "@odata.id", "@odata.type", "ids", "types", "requests", "id", "", "@", "x"]
)  # fmt: skip
FUZZ = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def answered(reply):
    """Check that a reply is one Graph could have sent."""
    assert 200 <= reply.status < 500
    if reply.status >= 400:
        assert set(reply.error) >= {"code", "message", "innerError"}


@FUZZ
@given(pieces=st.lists(PIECES, max_size=12), spaced=st.booleans(), advanced=st.booleans())
def test_any_filter_is_answered(client, pieces, spaced, advanced):
    """No text in $filter brings the parser down."""
    text = quote((" " if spaced else "").join(pieces))
    headers = {"consistencylevel": "eventual"} if advanced else {}
    answered(client.get(f"/users?$filter={text}{'&$count=true' if advanced else ''}", **headers))


@FUZZ
@given(options=st.dictionaries(st.sampled_from(["select", "expand", "top", "orderby", "skiptoken", "count", "search", "format"]), st.text(max_size=12)))  # fmt: skip
def test_any_query_option_is_answered(client, options):
    """No value of a query option brings the reader down."""
    answered(client.get("/users?" + "&".join(f"${name}={quote(value)}" for name, value in options.items())))


@FUZZ
@given(pieces=PATHS, method=st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"]), body=st.none() | VALUES)
def test_any_path_and_method_is_answered(client, pieces, method, body):
    """No path, method and body together bring the service down."""
    answered(client.call(method, quote("/" + "/".join(pieces)), body))


@FUZZ
@given(
    body=st.dictionaries(NAMES, VALUES, max_size=6),
    path=st.sampled_from(
        [("POST", "/users"), ("POST", "/groups"), ("POST", "/$batch"), ("POST", "/directoryObjects/getByIds"),
         ("PATCH", "/users/a0000000-0000-4000-8000-000000000001"), ("PATCH", "/groups/d0000000-0000-4000-8000-000000000004"),
         ("POST", "/groups/d0000000-0000-4000-8000-000000000004/members/$ref"),
         ("PUT", "/users/b0000000-0000-4000-8000-000000000002/manager/$ref")]
    ),
)  # fmt: skip
def test_any_body_is_answered(client, tenant, body, path):
    """No JSON value in any property brings a write down, and what was accepted can be read and folded."""
    answered(client.call(*path, json.dumps(body).encode()))
    users = "/users?$select=id,mail,businessPhones,onPremisesExtensionAttributes"
    reply = client.get(users)
    answered(reply)
    assert reply.status == 200
    tenant.fold()
    assert client.get(users).content == reply.content


@pytest.mark.parametrize("name", ["displayName", "mail", "userPrincipalName", "nothing", "@odata.id"])
def test_hostile_text_comes_back_as_data(client, ids, name):
    """Quotes, markup and line breaks in a value are data in the answer, never structure."""
    text = "\"'><script>\r\n{{7*7}}\\u0000"
    reply = client.patch(f"/users/{ids.ada}", {name: text})
    answered(reply)
    json.loads(reply.content or b"{}")
    assert reply.status == (204 if name in ("displayName", "@odata.id") else 400)
    if name == "displayName":
        assert client.get(f"/users/{ids.ada}").json[name] == text
