"""$select, $filter, $expand, $top, $count, $orderby and paging."""

import pytest

from adsyncdiag.connectors.lab.properties import PROPERTIES

ADVANCED = {"consistencylevel": "eventual"}


def names(reply):
    """Return the display names of a listing, in order."""
    assert reply.status == 200, reply.content
    return [item["displayName"] for item in reply.json["value"]]


def test_without_select_only_the_default_properties_of_a_user_come_back(client, ids):
    """A user shows the eleven documented default properties; onPremisesImmutableId and others need $select."""
    found = client.get(f"/users/{ids.ada}").json
    assert set(found) == {
        "@odata.context", "businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone",
        "officeLocation", "preferredLanguage", "surname", "userPrincipalName",
    }  # fmt: skip
    assert found["@odata.context"] == f"{ids.root}/v1.0/$metadata#users/$entity"
    assert found["businessPhones"] == []
    assert found["surname"] is None


def test_select_gives_exactly_what_was_asked_for(client, ids):
    """$select takes names in any case, answers in Graph's spelling, and gives no id unless asked."""
    found = client.get(f"/users/{ids.ada}?$select=DisplayName, onPremisesImmutableId,proxyaddresses").json
    assert found == {
        "@odata.context": f"{ids.root}/v1.0/$metadata#users(displayName,onPremisesImmutableId,proxyAddresses)/$entity",
        "displayName": "Ada Byron",
        "onPremisesImmutableId": "AAAAAAAAAAAAAAAAAAAAAQ==",
        "proxyAddresses": ["SMTP:ada@contoso.com", "smtp:countess@contoso.com"],
    }


def test_a_user_is_found_by_its_name_in_any_case(client, ids):
    """The user principal name is a key beside the id, and an id in capitals is the same id."""
    for key in ("ADA@contoso.com", ids.ada.upper(), f"{ids.ada}"):
        assert client.get(f"/users/{key}?$select=id").json["id"] == ids.ada


def test_expand_brings_the_manager_with_the_selected_properties(client, ids):
    """$expand=manager($select=...) adds the manager, and leaves the key out where there is none."""
    found = client.get(f"/users/{ids.ada}?$select=id&$expand=manager($select=id,userPrincipalName)").json
    assert found["manager"] == {
        "@odata.type": "#microsoft.graph.user",
        "id": ids.ben,
        "userPrincipalName": "ben@contoso.com",
    }
    assert "manager" not in client.get(f"/users/{ids.ben}?$expand=manager").json
    listed = client.get("/users?$select=id&$expand=manager($select=id)").json["value"]
    assert [("manager" in user) for user in listed] == [True, False, False]


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("userPrincipalName eq 'ADA@CONTOSO.COM'", ["Ada Byron"]),
        ("onPremisesImmutableId eq 'AAAAAAAAAAAAAAAAAAAAAQ=='", ["Ada Byron"]),
        ("onPremisesImmutableId eq 'aAAAAAAAAAAAAAAAAAAAAQ=='", []),
        ("onPremisesImmutableId in ('AAAAAAAAAAAAAAAAAAAAAQ==','AAAAAAAAAAAAAAAAAAAAAw==')", ["Ada Byron", "Cleo"]),
        ("proxyAddresses/any(p:p eq 'smtp:COUNTESS@contoso.com')", ["Ada Byron"]),
        ("proxyAddresses/any(x:startsWith(x,'smtp:count'))", ["Ada Byron"]),
        ("proxyAddresses/any(p:p eq 'smtp:nobody@contoso.com')", []),
        ("displayName eq 'Ben O''Hara'", ["Ben O'Hara"]),
        ("startsWith(displayName,'a') or startswith(displayName,'c')", ["Ada Byron", "Cleo"]),
        ("accountEnabled eq false", ["Ben O'Hara"]),
        ("accountEnabled eq true and (department eq 'Engines' or givenName eq 'Nobody')", ["Ada Byron"]),
        ("id in ('{ben}')", ["Ben O'Hara"]),
        ("id eq '{ben}' or mail eq 'ada@contoso.com'", ["Ada Byron", "Ben O'Hara"]),
        ("displayName eq 'Cleo' and accountEnabled eq false", []),
        ("mail ge 'a'", ["Ada Byron"]),
    ],
)
def test_filters_that_need_nothing_special(client, ids, clause, found):
    """eq, in, startsWith, ge, and, or, any and doubled quotes work without the advanced query parameters."""
    assert names(client.get(f"/users?$filter={clause.format(ben=ids.ben)}")) == found


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("accountEnabled ne true", ["Ben O'Hara"]),
        ("not(startsWith(displayName,'A'))", ["Ben O'Hara", "Cleo"]),
        ("NOT department eq 'Engines' and displayName ne 'Cleo'", ["Ben O'Hara"]),
        ("endsWith(mail,'@CONTOSO.com')", ["Ada Byron"]),
        ("companyName eq 'Contoso'", ["Ada Byron"]),
        ("mail eq null", ["Ben O'Hara", "Cleo"]),
        ("onPremisesSyncEnabled eq null", ["Ada Byron", "Ben O'Hara"]),
    ],
)
def test_advanced_filters_need_header_and_count(client, clause, found):
    """ne, not, endsWith, null and some properties need ConsistencyLevel: eventual and $count=true, both."""
    assert names(client.get(f"/users?$filter={clause}&$count=true", **ADVANCED)) == found
    for path, headers in ((f"/users?$filter={clause}", ADVANCED), (f"/users?$filter={clause}&$count=true", {})):
        reply = client.get(path, **headers)
        assert (reply.status, reply.error["code"]) == (400, "Request_UnsupportedQuery")


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("$filter=nothing eq 'x'", "BadRequest", "Could not find a property named 'nothing' on type 'microsoft.graph.user'"),
        ("$filter=displayName eq", "BadRequest", "Invalid filter clause: Syntax error at position"),
        ("$filter=displayName 'x'", "BadRequest", "Syntax error"),
        ("$filter=displayName eq 'x", "BadRequest", "unterminated string literal"),
        ("$filter=displayName eq 'x')", "BadRequest", "Syntax error"),
        ("$filter=accountEnabled eq 'true'", "BadRequest", "incompatible types"),
        ("$filter=proxyAddresses eq 'x'", "BadRequest", "Collection(Edm.String)"),
        ("$filter=displayName/any(p:p eq 'x')", "BadRequest", "Any/All"),
        ("$filter=" + "(" * 200, "BadRequest", "node count limit"),
        ("$filter=streetAddress eq 'x'", "Request_UnsupportedQuery", "property 'streetAddress' of resource 'User'"),
        ("$filter=passwordProfile eq 'x'", "Request_UnsupportedQuery", "passwordProfile"),
        ("$select=nothing", "BadRequest", "Parsing OData Select and Expand failed: Could not find a property named 'nothing'"),
        ("$expand=messages", "BadRequest", "Parsing OData Select and Expand failed"),
        ("$top=1000", "Request_UnsupportedQuery", "Invalid page size specified: '1000'. Must be between 1 and 999 inclusive."),
        ("$top=0", "Request_UnsupportedQuery", "Invalid page size"),
        ("$top=x", "BadRequest", "$top"),
        ("$skip=5", "BadRequest", "$skip"),
        ("$skiptoken=rubbish", "Directory_ExpiredPageToken", "page token"),
        ("$orderby=department", "Request_UnsupportedQuery", "Sorting not supported"),
        ("$orderby=displayName&$filter=accountEnabled eq true", "Request_UnsupportedQuery", "Sorting not supported"),
        ("$search=\"displayName:a\"", "Request_UnsupportedQuery", "ConsistencyLevel: eventual"),
    ],
)  # fmt: skip
def test_wrong_queries_are_refused_with_their_reason(client, query, code, words):
    """A wrong query gives 400 with Graph's code and names what is wrong; nothing crashes."""
    reply = client.get(f"/users?{query}")
    assert (reply.status, reply.error["code"]) == (400, code)
    assert words in reply.error["message"]


def test_every_page_is_reached_once_and_nothing_twice(client, new_user):
    """Following @odata.nextLink visits each object once, even when objects come and go between the pages."""
    for number in range(25):
        client.post("/users", new_user(userPrincipalName=f"u{number}@contoso.com", mailNickname=f"u{number}"))
    reply = client.get("/users?$select=id,userPrincipalName&$top=7&$filter=accountEnabled eq true")
    seen = []
    while True:
        seen += [user["userPrincipalName"] for user in reply.json["value"]]
        assert len(reply.json["value"]) <= 7
        link = reply.json.get("@odata.nextLink")
        if not link:
            break
        assert "$skiptoken=" in link
        assert "$top=7" in link
        client.delete(f"/users/{reply.json['value'][0]['id']}")
        reply = client.get(link)
    assert len(seen) == len(set(seen)) == 27


def test_the_last_full_page_has_no_next_link(client):
    """A page that happens to be full and is the last one ends the listing."""
    assert "@odata.nextLink" not in client.get("/users?$top=3").json
    assert "@odata.nextLink" in client.get("/users?$top=2").json


def test_count_is_given_only_with_the_header(client):
    """$count=true is ignored in silence without ConsistencyLevel; as a path it is refused."""
    assert "@odata.count" not in client.get("/users?$count=true").json
    assert client.get("/users?$count=true&$top=1", **ADVANCED).json["@odata.count"] == 3
    assert client.get("/users?$count=true&$filter=accountEnabled eq true", **ADVANCED).json["@odata.count"] == 2
    assert client.get("/users/$count", **ADVANCED).content == b"3"
    reply = client.get("/users/$count")
    assert (reply.status, reply.error["message"]) == (400, "$count is not currently supported.")


def test_orderby_sorts_across_pages(client):
    """$orderby=displayName desc sorts the whole collection, also over several pages."""
    reply = client.get("/users?$orderby=displayName desc&$top=2")
    assert names(reply) == ["Cleo", "Ben O'Hara"]
    assert names(client.get(reply.json["@odata.nextLink"])) == ["Ada Byron"]


def test_every_property_of_every_table_can_be_selected(client, ids):
    """Each property the tables know can be asked for and comes back, empty collections as [] and a password never."""
    for kind, key in (("users", ids.ada), ("groups", ids.staff), ("contacts", ids.contact), ("devices", ids.device)):
        found = client.get(f"/{kind}/{key}?$select={','.join(PROPERTIES[kind])}").json
        assert set(found) - {"@odata.context"} == set(PROPERTIES[kind])
        for name, definition in PROPERTIES[kind].items():
            assert not definition.collection or isinstance(found[name], list)
