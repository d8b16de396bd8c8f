"""What refusals mean: codes, the other object, and what to do."""

from __future__ import annotations

import pytest

from adsyncdiag.model.changes import ExportRequest
from adsyncdiag.model.objects import AttributeChange, ChangeKind

ANCHOR = "+KWG5q7DgkSPL9BMLrxRGQ=="
DN = "CN={2B}"
ID = "6e3b1c1e-0000-4000-8000-000000000001"
TWIN_ID = "6e3b1c1e-0000-4000-8000-0000000000ff"
UPN_TAKEN = "Another object with the same value for property userPrincipalName already exists."
PROXY_TAKEN = "Another object with the same value for property proxyAddresses already exists."


def twin(**values: object) -> dict[str, object]:
    """The other object."""
    return {
        "id": TWIN_ID,
        "displayName": "Ann Twin",
        "userPrincipalName": "ann@contoso.com",
        "onPremisesImmutableId": None,
        "mail": None,
        "proxyAddresses": [],
    } | values


def export(tenant, service, answer, kind: ChangeKind = ChangeKind.ADD):
    """Export Ann, let the service give *answer*, and return the failure."""
    wanted = {
        "displayName": "Ann",
        "alias": "ann",
        "userPrincipalName": "ann@contoso.com",
        "mail": "ann@contoso.com",
        "accountEnabled": True,
    }
    service.on("POST", "/users", answer)
    service.on("GET", f"/users/{ID}", (200, {"id": ID, "onPremisesImmutableId": ANCHOR}))
    service.on("PATCH", f"/users/{ID}", answer)
    changes = tuple(AttributeChange(name, None, value) for name, value in wanted.items())
    anchor = "" if kind is ChangeKind.ADD else f"User_{ID}"
    failure = tenant.export(ExportRequest(kind, "user", DN, ANCHOR, anchor, changes, (), wanted)).failure
    assert failure is not None
    return failure


def finds(service, filter_part: str, collection: str, found: dict[str, object]) -> None:
    """Let a filter of one collection find one object."""

    def answer(sent):
        return 200, {"value": [found] if filter_part in sent.query.get("$filter", "") else []}

    service.on("GET", collection, answer)


@pytest.mark.parametrize(
    ("kind", "holder", "code"),
    [
        (ChangeKind.ADD, {"onPremisesImmutableId": "other=="}, "InvalidSoftMatch"),
        (ChangeKind.ADD, {}, "attributevaluemustbeunique"),
        (ChangeKind.UPDATE, {"onPremisesImmutableId": "other=="}, "attributevaluemustbeunique"),
        (ChangeKind.UPDATE, {}, "attributevaluemustbeunique"),
    ],
)
def test_a_taken_sign_in_name_names_its_holder(tenant, service, refusal, kind, holder, code: str) -> None:
    """The other object is looked up by the value, and named with id and anchor, or as cloud-only."""
    finds(service, "userPrincipalName eq 'ann@contoso.com'", "/users", twin(**holder))
    failure = export(tenant, service, refusal(UPN_TAKEN, ("ObjectConflict", "userPrincipalName")), kind)
    assert failure.code == code
    assert "'Ann Twin'" in failure.reason
    assert TWIN_ID in failure.reason
    assert holder.get("onPremisesImmutableId", "cloud-only") in failure.reason
    assert "ann@contoso.com" in failure.recommendation
    assert failure.link == f"https://aka.ms/aadc-exporterror-{code.lower()}"
    assert "request-id req-1" in failure.details


def test_the_details_decide_and_the_text_is_the_fall_back(tenant, service, refusal) -> None:
    """Without details the property is read from the message."""
    finds(service, "userPrincipalName eq", "/users", twin(onPremisesImmutableId="other=="))
    assert export(tenant, service, refusal(UPN_TAKEN)).code == "InvalidSoftMatch"


def test_a_taken_address_is_found_among_proxies(tenant, service, refusal) -> None:
    """An address that is somebody's primary one is a soft match; as a secondary one it is merely taken."""
    primary = twin(onPremisesImmutableId="other==", proxyAddresses=["SMTP:ann@contoso.com"])
    finds(service, "proxyAddresses/any(p:p eq 'smtp:ann@contoso.com')", "/users", primary)
    answer = refusal(PROXY_TAKEN, ("ObjectConflict", "proxyAddresses"))
    assert export(tenant, service, answer).code == "InvalidSoftMatch"
    primary["proxyAddresses"] = ["SMTP:twin@contoso.com", "smtp:ann@contoso.com"]
    assert export(tenant, service, answer).code == "attributevaluemustbeunique"


def test_an_address_of_a_group_is_another_type(tenant, service, refusal) -> None:
    """A new user whose address a group holds is `objecttypemismatch`, and the group is named."""
    finds(
        service,
        "proxyAddresses/any",
        "/groups",
        {"id": TWIN_ID, "displayName": "Sales", "proxyAddresses": ["SMTP:ann@contoso.com"]},
    )
    failure = export(tenant, service, refusal(PROXY_TAKEN, ("ObjectConflict", "proxyAddresses")))
    assert failure.code == "objecttypemismatch"
    assert "group Sales" in failure.reason


def test_an_object_that_the_service_names_is_read_by_its_id(tenant, service, refusal) -> None:
    """ConflictingObjects spares the search."""
    service.on("GET", f"/users/{TWIN_ID}", (200, twin(onPremisesImmutableId="other==", onPremisesSyncEnabled=True)))
    failure = export(
        tenant, service, refusal(PROXY_TAKEN, ("ObjectConflict", "proxyAddresses"), ("ConflictingObjects", TWIN_ID))
    )
    assert TWIN_ID in failure.reason
    assert "synchronised from on-premises" in failure.reason


def test_a_deleted_user_with_our_anchor_is_found(tenant, service, refusal) -> None:
    """A soft-deleted user keeps the anchor: the failure says to restore or to delete it for good."""
    service.on(
        "GET", "/directory/deletedItems/microsoft.graph.user", (200, {"value": [twin(onPremisesImmutableId=ANCHOR)]})
    )
    taken = "Another object with the same value for property onPremisesImmutableId already exists."
    failure = export(tenant, service, refusal(taken, ("ObjectConflict", "onPremisesImmutableId")))
    assert failure.code == "attributevaluemustbeunique"
    assert "deleted user" in failure.reason
    assert "Restore" in failure.recommendation


def test_a_holder_that_cannot_be_found_is_said(tenant, service, refusal) -> None:
    """When no look-up finds the other object, or may not look, the failure still has its code and advice."""
    service.on(
        "GET",
        "/users",
        lambda sent: (200, {"value": []}) if "Immutable" in sent.query["$filter"] else refusal("no", status=403),
    )
    failure = export(tenant, service, refusal("", code="Request_MultipleObjectsWithSameKeyValue", status=409))
    assert failure.code == "attributevaluemustbeunique"
    assert "could not be found" in failure.reason


@pytest.mark.parametrize(
    ("message", "details", "status", "verdict"),
    [
        (
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
            [],
            400,
            ("datavalidationfailed", "verified domain"),
        ),
        (
            "Property userPrincipalName is invalid.",
            [("InvalidValue", "userPrincipalName")],
            400,
            ("datavalidationfailed", "userPrincipalName"),
        ),
        (
            "Invalid value specified for property 'usageLocation' of resource 'User'.",
            [("InvalidValue", "usageLocation")],
            400,
            ("datavalidationfailed", "usageLocation"),
        ),
        ("One or more properties contains invalid values.", [], 400, ("datavalidationfailed", "value")),
        (
            "A value is required for property 'displayName' of resource 'User'.",
            [],
            400,
            ("datavalidationfailed", "displayName"),
        ),
        (
            "The provided value exceeds the maximum length.",
            [("ExceededAllowedLength", "jobTitle")],
            400,
            ("largeobject", "title"),
        ),
        ("", [], 413, ("largeobject", "Shorten")),
        (
            "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
            [],
            400,
            ("graph-read-only", "onPremisesSyncBehavior"),
        ),
        (
            "Unable to update the specified properties for objects that have originated within an external service.",
            [],
            400,
            ("graph-read-only", "mastered"),
        ),
        ("Insufficient privileges to complete the operation.", [], 403, ("permission-issue", "User.ReadWrite.All")),
        (
            "The specified password does not comply with password complexity requirements.",
            [],
            400,
            ("password-policy-violation", "again"),
        ),
    ],
)
def test_every_documented_refusal_has_its_code(tenant, service, refusal, message, details, status, verdict) -> None:
    """The refusals of cmdlets-and-graph.md 4.4 get the codes of 1.4 and a word of advice that names the thing."""
    failure = export(tenant, service, refusal(message, *details, status=status))
    code, word = verdict
    assert failure.code == code
    assert word in failure.reason + failure.recommendation
    assert "ann@contoso.com" in failure.reason
    assert failure.recommendation.endswith(".")


def test_an_unknown_refusal_keeps_graphs_own_code(tenant, service, refusal) -> None:
    """What is not known passes through verbatim, with the service's message."""
    failure = export(tenant, service, refusal("The moon is full.", code="Request_Moon"))
    assert failure.code == "Request_Moon"
    assert "The moon is full." in failure.reason


@pytest.mark.parametrize(
    "body", [None, b"<html>", {"error": "text"}, {"error": {"code": 7, "details": [None, {"code": []}]}}, []]
)
def test_an_error_body_may_be_anything(tenant, service, body) -> None:
    """A refusal without a readable body is still a failure with a code."""
    assert export(tenant, service, (400, body)).code == "http-400"


def test_hostile_text_of_the_service_stays_one_line(tenant, service, refusal) -> None:
    """Messages are quoted on one line and cut, whatever they hold."""
    failure = export(tenant, service, refusal("a\r\nb\x1b[2J" + "x" * 9000))
    assert "\n" not in failure.reason + failure.details
    assert len(failure.reason) < 700
    assert len(failure.details) < 1500
