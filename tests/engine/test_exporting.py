"""From pending export to request, and from the answer back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from adsyncdiag.engine.exporting import record_result, refusal, request_for
from adsyncdiag.model.changes import ExportResult, Organization, ReferenceTarget
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import AttributeChange, ChangeKind, CsObject, Shadow
from adsyncdiag.model.trace import Failure
from adsyncdiag.model.values import Reference


@pytest.fixture
def pending(bench: Any) -> CsObject:
    """A group with a pending add of a name and two members, one of them known."""
    known = CsObject(bench.new_id(), bench.entra, bench.new_id(), Dn.parse("CN={01}"), "user", anchor="User_1")
    with bench.store.unit_of_work() as work:
        work.save_cs(known)
    changes = (
        AttributeChange("displayName", None, "Sales"),
        AttributeChange("member", None, (Reference("CN={01}"), Reference("CN={02}"))),
    )
    return CsObject(
        bench.new_id(), bench.entra, bench.new_id(), Dn.parse("CN={10}"), "group",
        intended={"sourceAnchor": "s==", "displayName": "Sales"}, export_kind=ChangeKind.ADD, export_changes=changes,
    )  # fmt: skip


def test_a_request_separates_references_and_names_their_cloud_anchors(bench: Any, pending: CsObject) -> None:
    """Known targets come with their anchor, others with their DN alone."""
    with bench.store.unit_of_work() as work:
        request = request_for(pending, work)
    assert [c.name for c in request.changes] == ["displayName"]
    assert request.source_anchor == "s=="
    assert request.references[0].add == (ReferenceTarget("CN={01}", "User_1"), ReferenceTarget("CN={02}", ""))
    assert request.references[0].multi_valued


def test_what_was_accepted_is_unconfirmed_and_the_rest_stays_pending(pending: CsObject, noon: datetime) -> None:
    """A reference that could not be written is tried again by the next export, as an update."""
    after = record_result(pending, ExportResult("Group_7", ("displayName",), unresolved=("member: x",)), noon)
    assert after.anchor == "Group_7"
    assert after.export_kind is ChangeKind.UPDATE
    assert [c.name for c in after.export_changes] == ["member"]
    assert [c.name for c in after.unconfirmed] == ["displayName"]


def test_a_refused_add_stays_an_add_with_its_error(pending: CsObject, noon: datetime) -> None:
    """Nothing is lost by a refusal; the error keeps its first occurrence and counts."""
    failure = Failure("InvalidSoftMatch", "another object has it", "remove it there")
    first = record_result(pending, ExportResult("", (), failure=failure), noon)
    again = record_result(first, ExportResult("", (), failure=failure), noon.replace(hour=13))
    assert again.export_kind is ChangeKind.ADD
    assert again.export_changes == pending.export_changes
    assert again.export_error is not None
    assert (again.export_error.first, again.export_error.last, again.export_error.retries) == (
        noon,
        noon.replace(hour=13),
        1,
    )
    assert record_result(again, ExportResult("Group_7", ("displayName", "member")), noon).export_error is None


def test_a_substituted_value_is_remembered_as_a_pair(pending: CsObject, noon: datetime) -> None:
    """The shadow lives until the attribute is sent again."""
    shadow = Shadow("sent", "stored")
    after = record_result(
        pending, ExportResult("Group_7", ("displayName", "member"), shadows={"displayName": shadow}), noon
    )
    assert after.shadows == {"displayName": shadow}
    resent = replace(after, export_changes=(AttributeChange("displayName", "sent", "new"),))
    assert record_result(resent, ExportResult("Group_7", ("displayName",)), noon).shadows == {}


def test_a_tenant_mastered_by_another_engine_is_protected(pending: CsObject) -> None:
    """Creating is refused unless the administrator asked for it in so many words."""
    elsewhere = Organization("t", "Contoso", ("contoso.com",), "contoso.onmicrosoft.com", True)
    refused = refusal(pending, elsewhere, beside_another_sync=False)
    assert refused is not None
    assert refused.code == "tenant-mastered-elsewhere"
    assert "creating this object is refused" in refused.reason
    assert "beside_another_sync" in refused.recommendation
    assert refusal(pending, elsewhere, beside_another_sync=True) is None
    assert refusal(pending, replace(elsewhere, on_premises_sync_enabled=False), beside_another_sync=False) is None
