"""Exports of users: exactly what is sent, for a create, a take-over and an update."""

from __future__ import annotations

import pytest
import requests

from adsyncdiag.connectors.entra.graph import GraphTenant
from adsyncdiag.connectors.entra.users import initial_password
from adsyncdiag.errors import ConnectorRefused, ConnectorUnreachable, Throttled
from adsyncdiag.model.changes import ExportRequest, ReferenceChange, ReferenceTarget
from adsyncdiag.model.objects import AttributeChange, ChangeKind, Shadow

ANCHOR = "+KWG5q7DgkSPL9BMLrxRGQ=="
DN = "CN={2B4B5747357137446B53504C39424D4C72785247513D3D}"
DN_OF_BOSS = "CN={" + b"boss==".hex().upper() + "}"
ID = "6e3b1c1e-0000-4000-8000-000000000001"
BOSS = "6e3b1c1e-0000-4000-8000-0000000000b0"
ANN = {
    "accountEnabled": True,
    "displayName": "Ann Lee",
    "alias": "ann",
    "userPrincipalName": "ann@contoso.com",
    "sourceAnchor": ANCHOR,
    "mail": "ann@contoso.com",
    "telephoneNumber": "+49 731 1",
    "extensionAttribute3": "blue",
}
IN_GRAPH = {
    "id": ID,
    "accountEnabled": True,
    "displayName": "Ann Lee",
    "mailNickname": "ann",
    "userPrincipalName": "ann@contoso.com",
    "onPremisesImmutableId": ANCHOR,
    "onPremisesSyncEnabled": None,
    "mail": "ann@contoso.com",
    "businessPhones": ["+49 731 1"],
    "onPremisesExtensionAttributes": {"extensionAttribute3": "blue", "extensionAttribute4": None},
}


def add(references: tuple[ReferenceChange, ...] = (), intended=None, **values: object) -> ExportRequest:
    """Ask for a new user with *values* over Ann's; None leaves one out."""
    wanted = {name: value for name, value in (ANN | values).items() if value is not None}
    changes = tuple(AttributeChange(name, None, value) for name, value in wanted.items())
    return ExportRequest(ChangeKind.ADD, "user", DN, ANCHOR, "", changes, references, wanted | (intended or {}))


def update(*changes: AttributeChange, references: tuple[ReferenceChange, ...] = ()) -> ExportRequest:
    """Ask for changes of Ann."""
    return ExportRequest(ChangeKind.UPDATE, "user", DN, ANCHOR, f"User_{ID}", changes, references, ANN)


def manager(
    *, add_to: ReferenceTarget | None = None, remove: ReferenceTarget | None = None
) -> tuple[ReferenceChange, ...]:
    """Set or remove the manager."""
    return (ReferenceChange("manager", False, (add_to,) if add_to else (), (remove,) if remove else ()),)


def created(service) -> None:
    """Let every POST create Ann."""
    service.on("POST", "/users", (201, {"id": ID, "userPrincipalName": "ann@contoso.com"}))


def test_a_new_user_is_looked_for_and_posted_whole(tenant, service) -> None:
    """A create asks for the anchor first, then sends every value, the anchor and a password to be changed."""
    created(service)
    result = tenant.export(add())
    looked = next(sent for sent in service.seen if sent.path == "/users" and sent.method == "GET")
    assert looked.query["$filter"] == f"onPremisesImmutableId eq '{ANCHOR}'"
    (post,) = service.writes
    password = post.body.pop("passwordProfile")
    assert post.body == {
        "accountEnabled": True,
        "displayName": "Ann Lee",
        "mailNickname": "ann",
        "userPrincipalName": "ann@contoso.com",
        "onPremisesImmutableId": ANCHOR,
        "mail": "ann@contoso.com",
        "businessPhones": ["+49 731 1"],
        "onPremisesExtensionAttributes": {"extensionAttribute3": "blue"},
    }
    assert len(password["password"]) == 40
    assert password["forceChangePasswordNextSignIn"] is True
    assert result.cloud_anchor == f"User_{ID}"
    assert set(result.sent) == set(ANN)
    assert (result.adopted, result.warnings, result.failure) == (False, (), None)


def test_passwords_differ_and_have_all_kinds_of_characters() -> None:
    """No two users get the same initial password, and none fails a complexity rule."""
    passwords = {initial_password() for _ in range(50)}
    assert len(passwords) == 50
    for password in passwords:
        assert any(c.islower() for c in password)
        assert any(c.isupper() for c in password)
        assert any(c.isdigit() for c in password)
        assert not password.isalnum()


def test_an_unverified_suffix_becomes_the_initial_domain(tenant, service) -> None:
    """The service gets mailNickname@initial domain; the computed name is kept as a shadow, with a warning that names it."""
    created(service)
    result = tenant.export(add(userPrincipalName="ann@corp.local"))
    assert service.writes[0].body["userPrincipalName"] == "ann@contoso.onmicrosoft.com"
    assert result.shadows == {"userPrincipalName": Shadow("ann@corp.local", "ann@contoso.onmicrosoft.com")}
    assert "corp.local" in result.warnings[0]
    assert "userPrincipalName" in result.sent


@pytest.mark.parametrize(
    ("values", "intended", "nickname"),
    [
        ({}, {"proxyAddresses": ("smtp:b@contoso.com", "SMTP:a@contoso.com")}, "a"),
        ({"mail": "m@contoso.com"}, {"proxyAddresses": ("smtp:b@contoso.com",)}, "m"),
        ({"mail": None, "userPrincipalName": "u@contoso.com"}, {"proxyAddresses": ("smtp:b@contoso.com",)}, "u"),
        ({"mail": None, "userPrincipalName": None}, {"proxyAddresses": ("smtp:b@contoso.com",)}, "b"),
        ({"mail": None, "userPrincipalName": None, "displayName": "Änne (Ext) O'Neil"}, {}, "AnneExtONeil"),
        ({"mail": "@", "userPrincipalName": "@contoso.com", "displayName": "李"}, {}, ANCHOR.encode().hex()),
    ],
)
def test_the_nickname_falls_back_as_in_entra(tenant, service, values, intended, nickname: str) -> None:
    """Without an alias: primary SMTP, mail, userPrincipalName, another smtp; characters that are not legal are dropped."""
    created(service)
    tenant.export(add(alias=None, intended=intended, **values))
    assert service.writes[0].body["mailNickname"] == nickname


def test_an_anchor_that_is_there_turns_the_add_into_an_update(tenant, service) -> None:
    """A user with our anchor is adopted: only what differs is sent, and no password."""
    service.on("GET", "/users", (200, {"value": [IN_GRAPH | {"displayName": "Ann Old", "businessPhones": []}]}))
    service.on("PATCH", f"/users/{ID}", (204, None))
    result = tenant.export(add())
    (patch,) = service.writes
    assert patch.body == {"displayName": "Ann Lee", "businessPhones": ["+49 731 1"]}
    assert result.adopted
    assert result.cloud_anchor == f"User_{ID}"
    assert set(result.sent) == set(ANN)


def test_adopting_what_is_right_already_writes_nothing(tenant, service) -> None:
    """A repeated ADD is free of writes, the replaced sign-in name included."""
    there = IN_GRAPH | {"userPrincipalName": "ann@contoso.onmicrosoft.com"}
    service.on("GET", "/users", (200, {"value": [there]}))
    result = tenant.export(add(userPrincipalName="ann@corp.local"))
    assert service.writes == []
    assert result.shadows["userPrincipalName"].visible == "ann@contoso.onmicrosoft.com"
    assert "userPrincipalName" in result.sent


def test_anchors_that_differ_in_case_only_are_different(tenant, service) -> None:
    """The filter compares without case; a user whose anchor is spelt otherwise is not adopted."""
    created(service)
    service.on("GET", "/users", (200, {"value": [IN_GRAPH | {"onPremisesImmutableId": ANCHOR.swapcase()}]}))
    assert not tenant.export(add()).adopted
    assert tenant.find("user", ANCHOR) is None


@pytest.mark.parametrize("kind", ["add", "update"])
def test_an_object_of_another_engine_is_not_touched(tenant, service, kind: str) -> None:
    """An object with onPremisesSyncEnabled gives `graph-read-only` without any write."""
    mastered = IN_GRAPH | {"onPremisesSyncEnabled": True}
    service.on("GET", "/users", (200, {"value": [mastered]}))
    service.on("GET", f"/users/{ID}", (200, mastered))
    result = tenant.export(add() if kind == "add" else update(AttributeChange("city", None, "Ulm")))
    assert result.failure is not None
    assert result.failure.code == "graph-read-only"
    assert service.writes == []
    assert result.sent == ()


def test_a_lost_answer_adopts_what_was_created(tenant, service) -> None:
    """After a POST without an answer the anchor is looked for again; the user found is not posted a second time."""
    service.on("POST", "/users", requests.exceptions.ConnectionError(ConnectionResetError(104, "reset")))
    service.on("GET", "/users", (200, {"value": []}), (200, {"value": [IN_GRAPH]}))
    result = tenant.export(add())
    assert [str(sent) for sent in service.writes] == ["POST /users"]
    assert result.adopted
    assert result.failure is None


def test_a_lost_request_is_posted_again(tenant, service) -> None:
    """When nothing was created the POST is sent once more."""
    service.on("POST", "/users", (504, {}), (201, {"id": ID}))
    result = tenant.export(add())
    assert len(service.writes) == 2
    assert result.cloud_anchor == f"User_{ID}"
    assert not result.adopted


def test_a_lost_answer_behind_a_lagging_index_adopts_as_well(tenant, service, refusal) -> None:
    """When the filter does not show the new user yet, the second POST clashes with our own anchor, and that user is adopted."""
    clash = refusal(
        "Another object with the same value for property onPremisesImmutableId already exists.",
        ("ObjectConflict", "onPremisesImmutableId"),
    )
    service.on("POST", "/users", requests.exceptions.ReadTimeout("t"), clash)
    service.on("GET", "/users", (200, {"value": []}), (200, {"value": []}), (200, {"value": [IN_GRAPH]}))
    service.on("GET", f"/users/{ID}", (200, IN_GRAPH))
    result = tenant.export(add())
    assert result.adopted
    assert result.cloud_anchor == f"User_{ID}"
    assert result.failure is None


def test_a_network_that_stays_down_is_raised(tenant, service) -> None:
    """When the second POST is lost too, the error goes to the caller; the next run looks for the anchor first."""
    service.on("POST", "/users", requests.exceptions.ConnectionError(ConnectionResetError(104, "reset")))
    with pytest.raises(ConnectorUnreachable):
        tenant.export(add())
    assert len(service.writes) == 2


def test_throttling_is_raised(tenant, service) -> None:
    """A long Retry-After is no failure of the object."""
    service.on("POST", "/users", (429, {}, {"Retry-After": "300"}))
    with pytest.raises(Throttled):
        tenant.export(add())


def test_no_password_and_no_token_in_any_failure(tenant, service, refusal) -> None:
    """A refusal quotes the service, and nothing that we sent in secret."""
    service.on(
        "POST",
        "/users",
        refusal(
            "Invalid value specified for property 'mailNickname' of resource 'User'.", ("InvalidValue", "mailNickname")
        ),
    )
    failure = tenant.export(add()).failure
    assert failure is not None
    password = service.writes[0].body["passwordProfile"]["password"]
    assert password not in repr(failure)
    assert "secret-token" not in repr(failure)
    assert failure.code == "datavalidationfailed"
    assert "alias" in failure.reason
    assert "request-id req-1" in failure.details


def test_an_account_that_no_rule_enables_stays_closed(tenant, service) -> None:
    """Graph demands accountEnabled; without a computed value it is false, and said."""
    created(service)
    result = tenant.export(add(accountEnabled=None))
    assert service.writes[0].body["accountEnabled"] is False
    assert "accountEnabled" in result.warnings[0]
    assert "accountEnabled" not in result.sent


def test_a_user_without_an_anchor_is_not_created(tenant, service) -> None:
    """Without a source anchor nothing could be found again, so nothing is sent."""
    request = add()
    bare = ExportRequest(request.kind, "user", DN, "", "", request.changes, (), request.intended)
    result = tenant.export(bare)
    assert result.failure is not None
    assert service.seen == []


def test_an_update_sends_its_changes_only(tenant, service) -> None:
    """Changed and cleared properties are sent under Graph's names; everything else stays as it is."""
    service.on("GET", f"/users/{ID}", (200, IN_GRAPH))
    service.on("PATCH", f"/users/{ID}", (204, None))
    result = tenant.export(
        update(
            AttributeChange("title", "Clerk", "Chief"),
            AttributeChange("company", "Contoso", None),
            AttributeChange("telephoneNumber", "+49 731 1", None),
            AttributeChange("extensionAttribute3", "blue", None),
            AttributeChange("accountEnabled", True, False),
        )
    )
    assert [sent.body for sent in service.writes] == [
        {
            "jobTitle": "Chief",
            "companyName": None,
            "businessPhones": [],
            "onPremisesExtensionAttributes": {"extensionAttribute3": None},
            "accountEnabled": False,
        }
    ]
    assert result.sent == ("title", "company", "telephoneNumber", "extensionAttribute3", "accountEnabled")


def test_attributes_graph_cannot_write_are_never_sent(tenant, service) -> None:
    """Should one slip into a request, it is neither sent nor reported as sent."""
    service.on("GET", f"/users/{ID}", (200, IN_GRAPH))
    service.on("PATCH", f"/users/{ID}", (204, None))
    result = tenant.export(
        update(AttributeChange("proxyAddresses", None, ("SMTP:x@y",)), AttributeChange("city", None, "Ulm"))
    )
    assert service.writes[0].body == {"city": "Ulm"}
    assert result.sent == ("city",)


def test_an_update_of_what_is_gone_says_so(tenant, service) -> None:
    """A user who was deleted in the tenant fails with `cd-missing-object`, without a write."""
    result = tenant.export(update(AttributeChange("city", None, "Ulm")))
    assert result.failure is not None
    assert result.failure.code == "cd-missing-object"
    assert service.writes == []


def test_an_anchor_is_never_rewritten(tenant, service) -> None:
    """An object that carries another anchor is not ours to update, whatever the cloud anchor says."""
    service.on("GET", f"/users/{ID}", (200, IN_GRAPH | {"onPremisesImmutableId": "other=="}))
    result = tenant.export(update(AttributeChange("sourceAnchor", None, ANCHOR)))
    assert result.failure is not None
    assert result.failure.code == "InvalidHardMatch"
    assert "other==" in result.failure.reason
    assert service.writes == []


def test_a_lost_anchor_is_given_back(tenant, service) -> None:
    """A user whose anchor was cleared in the tenant gets it again."""
    service.on("GET", f"/users/{ID}", (200, IN_GRAPH | {"onPremisesImmutableId": None}))
    service.on("PATCH", f"/users/{ID}", (204, None))
    assert tenant.export(update(AttributeChange("sourceAnchor", None, ANCHOR))).sent == ("sourceAnchor",)
    assert service.writes[0].body == {"onPremisesImmutableId": ANCHOR}


def test_the_manager_is_set_after_the_create(tenant, service) -> None:
    """The manager goes by its id to $ref of the new user."""
    created(service)
    service.on("PUT", f"/users/{ID}/manager/\\$ref", (204, None))
    result = tenant.export(add(manager(add_to=ReferenceTarget(DN_OF_BOSS, f"User_{BOSS}"))))
    assert [str(sent) for sent in service.writes] == ["POST /users", f"PUT /users/{ID}/manager/$ref"]
    assert service.writes[1].body == {"@odata.id": f"https://graph.example/v1.0/directoryObjects/{BOSS}"}
    assert "manager" in result.sent


def test_a_manager_without_a_cloud_anchor_is_found_by_its_dn(tenant, service) -> None:
    """The DN's hexadecimal is the manager's source anchor, by which it is looked up."""
    created(service)
    service.on(
        "GET", "/users", (200, {"value": []}), (200, {"value": [{"id": BOSS, "onPremisesImmutableId": "boss=="}]})
    )
    service.on("PUT", f"/users/{ID}/manager/\\$ref", (204, None))
    result = tenant.export(add(manager(add_to=ReferenceTarget(DN_OF_BOSS))))
    assert "manager" in result.sent
    assert result.unresolved == ()


@pytest.mark.parametrize("known", [True, False])
def test_a_manager_who_is_not_there_stays_pending(tenant, service, refusal, known: bool) -> None:
    """The user is created all the same; the manager is unresolved and not among what was sent."""
    created(service)
    service.on("PUT", f"/users/{ID}/manager/\\$ref", refusal("Resource does not exist.", status=404))
    target = ReferenceTarget(DN_OF_BOSS, f"User_{BOSS}" if known else "")
    result = tenant.export(add(manager(add_to=target)))
    assert result.failure is None
    assert result.unresolved == (f"manager: {DN_OF_BOSS}",)
    assert "manager" not in result.sent
    assert result.cloud_anchor
    assert service.slept == []


def test_a_new_user_may_need_a_moment_to_be_known(tenant, service, refusal) -> None:
    """A 404 right after the create is waited out when the manager is there."""
    created(service)
    service.on("PUT", f"/users/{ID}/manager/\\$ref", refusal("Resource does not exist.", status=404), (204, None))
    service.on("GET", f"/directoryObjects/{BOSS}", (200, {"id": BOSS}))
    result = tenant.export(add(manager(add_to=ReferenceTarget(DN_OF_BOSS, f"User_{BOSS}"))))
    assert "manager" in result.sent
    assert service.slept == [1.0]


@pytest.mark.parametrize("status", [204, 404])
def test_removing_a_manager_twice_is_fine(tenant, service, refusal, status: int) -> None:
    """A manager who is gone already is what was asked for."""
    service.on("GET", f"/users/{ID}", (200, IN_GRAPH))
    service.on("DELETE", f"/users/{ID}/manager/\\$ref", (204, None) if status == 204 else refusal("gone", status=404))
    result = tenant.export(update(references=manager(remove=ReferenceTarget(DN_OF_BOSS, f"User_{BOSS}"))))
    assert result.sent == ("manager",)
    assert result.failure is None


def test_a_refused_manager_keeps_what_was_sent_before(tenant, service, refusal) -> None:
    """The create stands, the failure names the permission, and the manager stays pending."""
    created(service)
    service.on(
        "PUT",
        f"/users/{ID}/manager/\\$ref",
        refusal("Insufficient privileges to complete the operation.", status=403, code="Authorization_RequestDenied"),
    )
    result = tenant.export(add(manager(add_to=ReferenceTarget(DN_OF_BOSS, f"User_{BOSS}"))))
    assert result.failure is not None
    assert result.failure.code == "permission-issue"
    assert "User.ReadWrite.All" in result.failure.recommendation
    assert result.cloud_anchor == f"User_{ID}"
    assert "displayName" in result.sent
    assert "manager" not in result.sent


def test_values_that_json_cannot_carry_fail_the_object(tenant, service) -> None:
    """Half a surrogate pair from a directory is a failure of the value, not of the program."""
    result = tenant.export(add(displayName="Ann \ud800"))
    assert result.failure is not None
    assert result.failure.code == "datavalidationfailed"
    assert "displayName" in result.failure.reason
    assert service.writes == []


@pytest.mark.parametrize("object_type", ["contact", "device"])
def test_contacts_and_devices_cannot_be_created(tenant, service, object_type: str) -> None:
    """Graph has no way to make them: the failure says so, and nothing is asked of the service."""
    request = ExportRequest(ChangeKind.ADD, object_type, DN, ANCHOR, "", (), (), {"displayName": "X"})
    failure = tenant.export(request).failure
    assert failure is not None
    assert failure.code == "graph-cannot-create"
    assert service.seen == []
    again = ExportRequest(ChangeKind.UPDATE, object_type, DN, ANCHOR, "Contact_1", (), (), {})
    changed = tenant.export(again).failure
    assert changed is not None
    assert changed.code == "graph-read-only"


def test_deletions_are_not_exported(tenant) -> None:
    """A request of another kind is a defect of the caller."""
    with pytest.raises(ValueError, match="delete"):
        tenant.export(ExportRequest(ChangeKind.DELETE, "user", DN, ANCHOR, "User_1", ()))


def test_reading_without_the_right_is_refused_with_the_permission(tenant: GraphTenant, service, refusal) -> None:
    """A 403 on a look-up is about the application, not about the object."""
    service.on("GET", "/users", refusal("Insufficient privileges", status=403, code="Authorization_RequestDenied"))
    with pytest.raises(ConnectorRefused, match=r"User\.Read\.All"):
        tenant.export(add())
